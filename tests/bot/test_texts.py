"""Wording: complete in Vietnamese, and dates, numbers and names as Vietnamese writes them."""

from datetime import UTC, datetime

import pytest

from bot.catalogue import list_faults
from bot.texts import Moment, Texts, _, clean, fold, join, n_


def test_every_text_has_a_sound_vietnamese_translation() -> None:
    assert list_faults() == []


FOLDED = [
    ("Tổ dân phố số 12, phường Hòa Xuân", "to dan pho so 12 phuong hoa xuan"),
    ("ĐÀ NẴNG", "da nang"),
    ("Đại  Lộc!", "dai loc"),
    ("Hoà = Hòa", "hoa hoa"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_words_are_compared_without_case_and_diacritics(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_decomposed_letters_are_put_together_and_controls_dropped() -> None:
    assert clean("Hoa\u0300\x00 \x07") == "Hoà"


def test_times_are_said_in_vietnamese_and_in_local_time() -> None:
    vi = Texts.load()

    assert vi.render(_("at %(time)s", time=Moment(datetime(2026, 12, 2, 2, 30, tzinfo=UTC)))) == (
        "lúc 09:30 Thứ Tư 2/12"
    )


def test_numbers_are_written_the_vietnamese_way() -> None:
    words = _("About %(km)s km from your team.", km=1.2)

    assert "1,2 km" in Texts.load().render(words)
    assert "1.2 km" in Texts.untranslated().render(words)


def test_english_has_a_plural_and_vietnamese_none() -> None:
    words = n_("%(count)s request is waiting:", "%(count)s requests are waiting:", count=2)

    assert Texts.untranslated().render(words) == "2 requests are waiting:"
    assert Texts.load().render(words) == "Có 2 yêu cầu đang chờ:"


def test_texts_can_be_put_together_and_empty_ones_vanish() -> None:
    assert Texts.untranslated().render(join("a", "", _("Menu"), between=" ")) == "a Menu"


def test_what_a_person_wrote_is_never_taken_for_a_placeholder() -> None:
    words = join("100% %(name)s", _("Called: %(name)s", name="%s %(x)s"), between=" ")

    assert Texts.untranslated().render(words) == "100% %(name)s Called: %s %(x)s"

"""Guides as data: complete, plain, honest, and each fault named by file, field and reason."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.content.guide import MAX_COVER_WORDS, MAX_STEP_WORDS, Guide, count_words
from bot.content.library import Library, list_content_faults, list_reviews
from bot.content.reading import Reading
from bot.texts import LOCALES, Texts

TODAY = date(2026, 11, 24)
VI = LOCALES / "vi"


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load(VI)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A language with one guide, to be spoilt by a test."""
    for name in ("categories.toml", "rates.toml", "local.toml"):
        shutil.copy(VI / name, tmp_path / name)
    (tmp_path / "guides").mkdir()
    text = (VI / "guides" / "gia-han-bhyt.toml").read_text()
    (tmp_path / "guides" / "gia-han-bhyt.toml").write_text(
        text.replace('related = ["cap-lai-bhyt", "bhyt-dien-tu"]', "related = []")
    )
    return tmp_path


def faults_after(folder: Path, old: str, new: str) -> list[str]:
    file = folder / "guides" / "gia-han-bhyt.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return list(list_content_faults(folder, TODAY))


def test_our_guides_have_no_fault() -> None:
    assert list(list_content_faults(VI, TODAY)) == []


def test_there_is_a_guide_on_every_shelf(library: Library) -> None:
    assert len(library.guides) >= 75
    assert all(library.in_category(category) for category in library.categories)


def test_covers_and_steps_are_short_enough_for_a_small_screen(library: Library) -> None:
    texts = Texts.load()
    for guide in library.guides.values():
        reading = Reading(library, guide, datetime(2026, 11, 24, 3, tzinfo=UTC))
        facts = texts.render(reading.cover()).split("⚠")[0]
        # What a reference to rates.toml comes to may take a word or two more.
        assert count_words(facts) <= MAX_COVER_WORDS + 6, guide.id
        for step in guide.steps:
            assert count_words(f"{step.do} {step.see or ''}") <= MAX_STEP_WORDS


def test_every_guide_says_where_its_facts_are_from(library: Library) -> None:
    for guide in library.guides.values():
        assert guide.sources, guide.id
        assert guide.checked_on < guide.review_by


def test_nothing_that_nobody_could_confirm_carries_a_figure(library: Library) -> None:
    for guide in library.guides.values():
        for fee in guide.fees:
            assert fee.certainty != "unverified" or fee.amount is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('category = "bao-hiem"', 'category = "khac"', "category: 'khac' is none of"),
        ('id = "gia-han-bhyt"', 'id = "khac"', "id: 'khac' must be the file's name"),
        ("related = []", 'related = ["khong-co"]', "related: no guide 'khong-co'"),
        ("{luong-co-so * ty-le-bhyt}", "{luong}", "no figure is called 'luong'"),
        ("nộp 10 phút", "nộp 50.000 đồng", "an amount of money in a text"),
        ("Mở VNeID", "Xác thực NFC rồi mở VNeID", "'xác thực' needs an explanation"),
        (
            "Chụp hoặc lưu biên lai.",
            "Gửi mật khẩu cho cán bộ.",
            "seems to ask for a secret",
        ),
        ('certainty = "partly"', 'certainty = "unverified"', "must not state an amount"),
        ("review_by = 2027-05-23", "review_by = 2026-01-01", "review_by must be after"),
        ("[cover]", "[covers]", "covers"),
        (
            "[[steps]]",
            '[[steps]]\npicture = "vneid.png"',
            "steps[1].picture: there is no guides/pictures/vneid.png",
        ),
        ("checked_on = 2026-11-23", "checked_on = ", "Invalid"),
        (
            "Bấm “Thanh toán trực tuyến”",
            "Bấm " + "rất " * 60 + "“Thanh toán trực tuyến”",
            "a step has at most 60",
        ),
    ],
)
def test_each_fault_is_named_with_file_and_field(
    folder: Path, old: str, new: str, said: str
) -> None:
    found = faults_after(folder, old, new)

    assert any(f.startswith("guides/gia-han-bhyt.toml: ") and said in f for f in found), found


def test_a_word_of_the_trade_may_stand_when_it_is_explained(folder: Path) -> None:
    new = "Xác thực (cho máy xem mặt để biết đúng là mình) rồi mở VNeID"
    assert faults_after(folder, "Mở VNeID", new) == []


def test_reviews_that_are_due_or_near_are_listed(folder: Path) -> None:
    assert list(list_reviews(folder, date(2027, 4, 1))) == []
    assert list(list_reviews(folder, date(2027, 5, 1))) == [(date(2027, 5, 23), "gia-han-bhyt")]


# --- on a given day -----------------------------------------------------------------------


def read(library: Library, name: str, now: datetime) -> Reading:
    return Reading(library, library.guides[name], now)


def test_past_its_review_a_guide_says_so_and_points_to_an_officer(library: Library) -> None:
    now = datetime(2027, 5, 24, 3, tzinfo=UTC)

    cover = Texts.untranslated().render(read(library, "gia-han-bhyt", now).cover())

    assert "This was last checked on" in cover
    assert "ask an officer" in cover


def test_a_figure_that_has_run_out_is_not_said_and_the_reader_is_told(library: Library) -> None:
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    reading = read(library, "tro-cap-xa-hoi", now)

    assert "500.000" not in Texts.untranslated().render(reading.whole(None))
    assert "must be checked" in Texts.untranslated().render(reading.cover())


def test_a_fee_known_from_one_source_only_is_to_be_asked_again(library: Library) -> None:
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)

    fees = Texts.untranslated().render(read(library, "gia-han-bhyt", now).fees())

    assert "113.850 đồng (ask again before you pay)" in fees


def test_a_wards_own_facts_are_shown_where_it_is_said_where_to_go(folder: Path) -> None:
    (folder / "local.toml").write_text(
        '[20500]\noffice = "Trung tâm xã Đại Lộc"\nhours = "7 giờ 30"\nchecked_on = 2026-11-23\n'
    )
    library = Library.load(folder)
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    reading = Reading(library, library.guides["gia-han-bhyt"], now)
    render = Texts.untranslated().render

    assert "Trung tâm xã Đại Lộc\nOpen: 7 giờ 30" in render(reading.places("20500"))
    assert "Đại Lộc" not in render(reading.places("20194"))


def test_the_checked_form_of_a_guide_never_changes(library: Library) -> None:
    guide: Guide = library.guides["gia-han-bhyt"]

    with pytest.raises(ValueError, match="frozen"):
        guide.title = "khác"

"""Figures about announcements as they are said."""

from collections import Counter
from datetime import timedelta

import pytest

from bot.config import SenderSettings
from bot.dialogue import Choice
from bot.texts import Texts
from handlers.broadcast.readers import MORE, a_page
from handlers.broadcast.words import bar, figures, how_long, reach, time_needed
from storage.broadcast_ledger import AudienceCount, Totals

ENGLISH, VIETNAMESE = Texts.untranslated(), Texts.load()
SENDER = SenderSettings()


def test_the_time_needed_is_that_of_the_slowest_channel_at_four_fifths_of_its_rate() -> None:
    needed = time_needed({"telegram": 24_000, "web": 40_000}, SENDER)

    assert needed == timedelta(seconds=1000)


def test_how_many_and_how_long_are_said_the_vietnamese_way() -> None:
    said = VIETNAMESE.render(reach(AudienceCount({"telegram": 24_303}, 0, 0), SENDER))

    assert said == "24.303 người, khoảng 17 phút\nTelegram: 24.303"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "about a minute"), (16.2, "about 17 minutes"), (150, "about 2.5 hours")],
)
def test_time_is_rounded_up(minutes: float, said: str) -> None:
    assert ENGLISH.render(how_long(timedelta(minutes=minutes))) == said


@pytest.mark.parametrize(
    ("done", "of", "cells"),
    [(0, 10, 0), (5, 10, 5), (1254, 2194, 5), (2193, 2194, 9), (2194, 2194, 10), (0, 0, 10)],
)
def test_the_bar_is_full_only_when_nobody_is_left(done: int, of: int, cells: int) -> None:
    assert bar(done, of).count("▓") == cells


def test_figures_leave_out_what_is_nought() -> None:
    sums = Totals(Counter(sent=7, failed=1, skipped=3, pending=2), Counter(left=2, muted=1))

    assert ENGLISH.render(figures(sums)) == (
        "sent 7 · failed 1 · blocked or gone 2 · did not want it 1 · still to send 2"
    )


def test_a_channel_without_a_rate_is_taken_to_be_slow() -> None:
    assert SENDER.bulk_per_second("somewhere new") < SENDER.bulk_per_second("telegram")


def test_of_many_choices_four_are_shown_and_the_way_to_the_next_ones() -> None:
    choices = [Choice(name, name) for name in "abcdef"]

    pages = [[c.value for c in a_page(choices, page)] for page in range(3)]

    assert pages == [["a", "b", "c", "d", MORE], ["e", "f", MORE], ["a", "b", "c", "d", MORE]]


def test_five_choices_need_no_second_page() -> None:
    choices = [Choice(name, name) for name in "abcde"]

    assert a_page(choices, 0) == choices

"""The search is right as often as it has to be, also on messages that nobody looked at."""

from pathlib import Path

import pytest

from bot.search import GuideFinder
from tests.search.measuring import (
    EVERY,
    EVERYDAY,
    HELD_OUT,
    NONE,
    TUNED_ON,
    Report,
    measure,
    ours,
    read_messages,
)

FILES = (EVERYDAY, TUNED_ON, HELD_OUT)


@pytest.fixture(params=FILES, ids=lambda file: file.stem, scope="module")
def report(request: pytest.FixtureRequest, finder: GuideFinder) -> Report:
    file: Path = request.param
    return measure(ours(finder), read_messages(file))


def test_the_right_guide_is_first(report: Report) -> None:
    ours = report.kinds[EVERY]

    assert ours.share(ours.first) >= 0.90


def test_the_right_guide_is_among_four(report: Report) -> None:
    ours = report.kinds[EVERY]

    assert ours.share(ours.among) >= 0.97


def test_what_is_ours_is_not_refused(report: Report) -> None:
    ours = report.kinds[EVERY]

    assert ours.share(ours.refused) <= 0.03


def test_what_is_not_ours_is_recognised(report: Report) -> None:
    if NONE not in report.kinds:
        pytest.skip("all of these are ours")
    none = report.kinds[NONE]

    assert none.share(none.refused) >= 0.90

"""Danger is told from what only sounds like it."""

import tomllib
from pathlib import Path

import pytest

from bot.search import GuideFinder

LIST = tomllib.loads((Path(__file__).parent / "dangers.toml").read_text(encoding="utf-8"))
DANGERS = [(text, kind) for kind, texts in LIST["dangers"].items() for text in texts]
PEACE = LIST["peace"]["sayings"]


@pytest.mark.parametrize(("text", "kind"), DANGERS)
def test_danger_is_recognised(finder: GuideFinder, text: str, kind: str) -> None:
    assert finder.find_danger(text) == kind


@pytest.mark.parametrize("text", PEACE)
def test_what_only_sounds_like_danger_is_none(finder: GuideFinder, text: str) -> None:
    assert finder.find_danger(text) is None


def test_the_lists_are_long_enough_to_mean_something() -> None:
    assert len(DANGERS) >= 60
    assert len(PEACE) >= 60


def test_danger_comes_first_and_still_says_which_guide_helps(finder: GuideFinder) -> None:
    finding = finder.find("có người đang bảo tôi chuyển tiền gấp, tôi bị lừa rồi phải không")

    assert (finding.decision, finding.danger) == ("danger", "scam")
    assert finding.hits

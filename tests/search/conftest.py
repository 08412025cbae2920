"""The search as the bot has it."""

import pytest

from bot.app import load_guides
from bot.search import GuideFinder


@pytest.fixture(scope="session")
def finder() -> GuideFinder:
    _library, finder = load_guides()
    return finder

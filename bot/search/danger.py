"""Whether somebody is in danger now: that comes before everything else.

A kind of danger has signs, each some words that must stand in the message in this order and near
each other; and words that tell of something else ("pháo", "tivi", "hôm qua"), which take it back.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple, Self

from pydantic import TypeAdapter

from bot.content.rates import Content
from bot.search.normalise import Normaliser, Word

# Syllables that may stand between one part of a sign and the next.
REACH = 5

Words = tuple[Word, ...]


class _Kind(Content):
    signs: tuple[str, ...]
    unless: tuple[str, ...] = ()


class _Place(NamedTuple):
    """Where some words stand in a message; `marked` if their marks were typed."""

    start: int
    end: int
    marked: bool


# By the number of the wording.
Places = Mapping[int, Sequence[_Place]]


@dataclass(frozen=True, slots=True)
class _Sign:
    # In this order; each is one of some wordings, by number.
    parts: tuple[frozenset[int], ...]
    # "cháy xe" and "chạy xe" differ by their marks alone, so without marks it is no sign.
    only_marked: bool = False


class DangerWords:
    """The signs of all kinds of danger, the most urgent first."""

    def __init__(self, kinds: Mapping[str, _Kind], normaliser: Normaliser) -> None:
        self._normaliser = normaliser
        self._numbers: dict[Words, int] = {}
        self._kinds = {
            name: ([*map(self._sign, kind.signs)], [*map(self._sign, kind.unless)])
            for name, kind in kinds.items()
        }
        # What to look for at a place, by its first syllable.
        self._wordings: dict[str, list[tuple[int, Words]]] = {}
        for words, number in self._numbers.items():
            self._wordings.setdefault(words[0].folded, []).append((number, words))

    @classmethod
    def load(cls, file: Path, normaliser: Normaliser) -> Self:
        """The signs are read as messages are, so that dialect meets dialect."""
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(TypeAdapter(dict[str, _Kind]).validate_python(data), normaliser)

    def find(self, words: Sequence[Word]) -> str | None:
        """The kind of danger that the message tells of, None in peace."""
        places = self._places(words)
        for name, (signs, unless) in self._kinds.items():
            if _any_stands(signs, places) and not _any_stands(unless, places):
                return name
        return None

    def _places(self, text: Sequence[Word]) -> Places:
        found: dict[int, list[_Place]] = {}
        for start, first in enumerate(text):
            for number, words in self._wordings.get(first.folded, ()):
                place = _place(words, text, start)
                if place:
                    found.setdefault(number, []).append(place)
        return found

    def _sign(self, text: str) -> _Sign:
        """The grammar stands at the top of danger.toml."""
        parts = text.removeprefix("=").split("…")
        return _Sign(tuple(map(self._part, parts)), text.startswith("="))

    def _part(self, part: str) -> frozenset[int]:
        choices = (wording for choice in part.split("|") for wording in _each_wording(choice))
        found = {tuple(self._normaliser.words(wording)) for wording in choices}
        if () in found:
            raise ValueError(f"danger.toml: nothing is left of a choice in {part!r}")
        return frozenset(self._numbers.setdefault(words, len(self._numbers)) for words in found)


def _each_wording(choice: str) -> Iterator[str]:
    """ "đang/bốc cháy" is "đang cháy" and "bốc cháy"."""
    for words in product(*(place.split("/") for place in choice.split())):
        yield " ".join(words)


def _place(words: Words, text: Sequence[Word], start: int) -> _Place | None:
    """Marks that were typed must be the right ones; those left out may be any."""
    end = start + len(words)
    if end > len(text):
        return None
    marked = True
    for word, typed in zip(words, text[start:end], strict=True):
        if typed.marked != word.marked:
            if typed.folded != word.folded or typed.marked != typed.folded:
                return None
            marked = False
    return _Place(start, end, marked)


def _any_stands(signs: Sequence[_Sign], places: Places) -> bool:
    return any(_stands(sign, places) for sign in signs)


def _stands(sign: _Sign, places: Places) -> bool:
    """Whether the parts follow each other; only the ends that can be reached are kept."""
    if any(part.isdisjoint(places.keys()) for part in sign.parts):
        return False
    ends: set[int] | None = None
    for part in sign.parts:
        ends = {
            place.end
            for number in part
            for place in places.get(number, ())
            if (place.marked or not sign.only_marked) and _follows(place.start, ends)
        }
        if not ends:
            return False
    return True


def _follows(start: int, ends: set[int] | None) -> bool:
    return ends is None or any(end <= start <= end + REACH for end in ends)

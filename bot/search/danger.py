"""Whether somebody is in danger now: that comes before everything else.

A kind of danger has signs, each some words that must stand in the message in this order and near
each other; and words that tell of something else ("pháo", "tivi", "hôm qua"), which take it back.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter

from bot.content.rates import Content
from bot.search.normalise import Normaliser, Word

# Syllables that may stand between one part of a sign and the next.
REACH = 5

Words = tuple[Word, ...]


class _Kind(Content):
    signs: tuple[str, ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sign:
    # In this order; each is one of some wordings.
    parts: tuple[tuple[Words, ...], ...]
    # "cháy xe" and "chạy xe" differ by their marks alone, so without marks it is no sign.
    only_marked: bool = False


class DangerWords:
    """The signs of all kinds of danger, the most urgent first."""

    def __init__(self, kinds: Mapping[str, _Kind], normaliser: Normaliser) -> None:
        self._signs = {
            name: [_sign(text, normaliser) for text in kind.signs] for name, kind in kinds.items()
        }
        self._unless = {
            name: [_sign(text, normaliser) for text in kind.unless] for name, kind in kinds.items()
        }
        self._first = {
            words[0].folded
            for signs in self._signs.values()
            for sign in signs
            for words in sign.parts[0]
        }

    @classmethod
    def load(cls, file: Path, normaliser: Normaliser) -> Self:
        """The signs are read as messages are, so that dialect meets dialect."""
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(TypeAdapter(dict[str, _Kind]).validate_python(data), normaliser)

    def find(self, words: Sequence[Word]) -> str | None:
        """The kind of danger that the message tells of, None in peace."""
        text = tuple(words)
        if self._first.isdisjoint(word.folded for word in text):
            return None
        for name, signs in self._signs.items():
            if _any_stands_in(signs, text) and not _any_stands_in(self._unless[name], text):
                return name
        return None


def _sign(text: str, normaliser: Normaliser) -> _Sign:
    """The grammar stands at the top of danger.toml."""
    parts = text.removeprefix("=").split("…")
    wordings = tuple(
        tuple(
            tuple(normaliser.words(wording))
            for choice in part.split("|")
            for wording in _each_wording(choice)
        )
        for part in parts
    )
    if not all(words for part in wordings for words in part):
        raise ValueError(f"danger.toml: nothing is left of {text!r}")
    return _Sign(wordings, text.startswith("="))


def _each_wording(choice: str) -> Iterator[str]:
    """ "đang/bốc cháy" is "đang cháy" and "bốc cháy"."""
    for words in product(*(place.split("/") for place in choice.split())):
        yield " ".join(words)


def _any_stands_in(signs: Sequence[_Sign], text: Words) -> bool:
    return any(_stands_in(sign, text) for sign in signs)


def _stands_in(sign: _Sign, text: Words) -> bool:
    return any(
        _follows(sign, 1, text, end)
        for start in range(len(text))
        for end in _ends(sign, 0, text, start)
    )


def _follows(sign: _Sign, number: int, text: Words, after: int) -> bool:
    if number == len(sign.parts):
        return True
    return any(
        _follows(sign, number + 1, text, end)
        for start in range(after, min(after + REACH + 1, len(text)))
        for end in _ends(sign, number, text, start)
    )


def _ends(sign: _Sign, number: int, text: Words, start: int) -> list[int]:
    """Where the wordings of a part end that begin at this place."""
    return [
        start + len(words)
        for words in sign.parts[number]
        if len(words) <= len(text) - start
        and all(
            _is(word, typed, sign.only_marked)
            for word, typed in zip(words, text[start : start + len(words)], strict=True)
        )
    ]


def _is(word: Word, typed: Word, only_marked: bool) -> bool:
    """Marks that were typed must be the right ones; those left out may be any."""
    if typed.folded != word.folded:
        return False
    bare = typed.marked == typed.folded and not only_marked
    return bare or typed.marked == word.marked

"""Whether somebody is in danger now: that comes before everything else.

A kind of danger has signs, each a list of words that must all stand in the message, near each
other; and words that tell of something else ("pháo", "tivi", "hôm qua"), which take it back.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter

from bot.content.rates import Content
from bot.search.normalise import Word
from bot.texts import fold

# Syllables between the first and the last word of a sign.
REACH = 8

Words = tuple[Word, ...]


class _Kind(Content):
    signs: tuple[str, ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sign:
    kind: str
    # Parts in this order; each part is some words in a row.
    parts: tuple[Words, ...]
    # "cháy xe" and "chạy xe" differ by their marks alone, so without marks it is no sign.
    only_marked: bool
    folded: frozenset[str]


class DangerWords:
    """The signs of all kinds of danger, the most urgent first."""

    def __init__(self, kinds: Mapping[str, _Kind]) -> None:
        self._signs = [_sign(name, text) for name, kind in kinds.items() for text in kind.signs]
        self._unless = {
            name: [_words(text) for text in kind.unless] for name, kind in kinds.items()
        }

    @classmethod
    def load(cls, file: Path) -> Self:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(TypeAdapter(dict[str, _Kind]).validate_python(data))

    def find(self, words: Sequence[Word]) -> str | None:
        """The kind of danger that the message tells of, None in peace."""
        text, folded = tuple(words), {word.folded for word in words}
        for sign in self._signs:
            if not sign.folded <= folded:
                continue
            if _stands_in(sign, text) and not any(
                _position(words, text, 0) >= 0 for words in self._unless[sign.kind]
            ):
                return sign.kind
        return None


def _sign(kind: str, text: str) -> _Sign:
    """ "bị … đánh" has two parts, which may have other words between them."""
    parts = tuple(_words(part) for part in text.removeprefix("=").split("…"))
    folded = frozenset(word.folded for part in parts for word in part)
    return _Sign(kind, parts, text.startswith("="), folded)


def _words(text: str) -> Words:
    return tuple(Word(part, fold(part)) for part in text.lower().split())


def _stands_in(sign: _Sign, text: Words) -> bool:
    start, first = 0, sign.parts[0]
    while (found := _position(first, text, start, only_marked=sign.only_marked)) >= 0:
        if _follows(sign, text, found + len(first)):
            return True
        start = found + 1
    return False


def _follows(sign: _Sign, text: Words, after: int) -> bool:
    end = after + REACH
    for part in sign.parts[1:]:
        found = _position(part, text[:end], after, only_marked=sign.only_marked)
        if found < 0:
            return False
        after = found + len(part)
    return True


def _position(words: Words, text: Words, start: int, *, only_marked: bool = False) -> int:
    for index in range(start, len(text) - len(words) + 1):
        if all(
            _is(word, typed, only_marked) for word, typed in zip(words, text[index:], strict=False)
        ):
            return index
    return -1


def _is(word: Word, typed: Word, only_marked: bool) -> bool:
    """Marks that were typed must be the right ones; those left out may be any."""
    if typed.folded != word.folded:
        return False
    bare = typed.marked == typed.folded and not only_marked
    return bare or typed.marked == word.marked

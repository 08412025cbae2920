"""Reads a message as people type it: Telex, VNI, abbreviations, dialect, no diacritics.

What comes out are folded syllables. Tone marks are what typing loses first, so nothing rests on
them but the dialect: "mô" is "where" and must not be taken for "mở", "to open".
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from bot.texts import fold

# More than anybody says about one thing; the rest of a very long text is not looked at.
MAX_CHARS = 1200

_WORD = re.compile(r"[^\W_]+")
# Telex: doubled vowels, w after a, o, u, dd, and a tone letter after a vowel.
_TELEX_TONE = re.compile(r"(?<=[aeiouywdnhgcmpt])[sfrxj]$|(?<=[aeiouyw])[sfrxj](?=[a-z])")
_TELEX_DOUBLES = (("uow", "uo"), ("uwow", "uo"), ("aa", "a"), ("ee", "e"), ("oo", "o"),
                  ("dd", "d"), ("uw", "u"), ("ow", "o"), ("aw", "a"))  # fmt: skip
_VNI = re.compile(r"(?<=[a-z])[0-9]")


class Word(NamedTuple):
    """A syllable as it was typed, in lower case, and folded."""

    marked: str
    folded: str


def _words(text: str) -> list[Word]:
    return [Word(part, fold(part)) for part in text.lower().split()]


class Normaliser:
    """Turns a text into folded syllables of the language that the guides are written in."""

    def __init__(
        self,
        *,
        abbreviations: Mapping[str, str],
        dialect: Mapping[str, str],
        known: Iterable[str] = (),
    ) -> None:
        """`known`: folded syllables that guides use; what is one of them is left as it is."""
        self._short = {fold(key): _words(value) for key, value in abbreviations.items()}
        self._dialect = {key: _words(value) for key, value in dialect.items() if " " not in key}
        self._phrases = {
            tuple(fold(key).split()): _words(value) for key, value in dialect.items() if " " in key
        }
        self._known = frozenset(known)

    def knowing(self, known: Iterable[str]) -> "Normaliser":
        """The same, with a vocabulary."""
        other = Normaliser(abbreviations={}, dialect={}, known=known)
        other._short, other._dialect, other._phrases = self._short, self._dialect, self._phrases
        return other

    def syllables(self, text: str) -> list[str]:
        """Folded syllables, abbreviations written out, dialect and typing tricks undone."""
        return [word.folded for word in self.words(text)]

    def words(self, text: str) -> list[Word]:
        """The same, each with its marks as far as they were typed."""
        text = unicodedata.normalize("NFC", text[:MAX_CHARS].lower())
        found: list[Word] = []
        for word in _WORD.findall(text):
            found += self._read(word)
        return self._with_phrases(found)

    def _with_phrases(self, words: list[Word]) -> list[Word]:
        """Several words that mean the same as others, however they are typed."""
        found: list[Word] = []
        index = 0
        while index < len(words):
            for length in (3, 2):
                key = tuple(word.folded for word in words[index : index + length])
                if len(key) == length and key in self._phrases:
                    found += self._phrases[key]
                    index += length
                    break
            else:
                found.append(words[index])
                index += 1
        return found

    def _read(self, word: str) -> Sequence[Word]:
        if word in self._dialect:
            return self._dialect[word]
        folded = _folded(word)
        if folded in self._short:
            return self._short[folded]
        if folded in self._known or not folded.isascii():
            return [Word(word, folded)]
        decoded = self._decode(folded)
        return [Word(word if decoded == folded else decoded, decoded)]

    def _decode(self, word: str) -> str:
        """A word that guides don't know, perhaps typed with the keyboard's tricks still in it."""
        for candidate in (undo_vni(word), undo_telex(word)):
            if candidate != word and candidate in self._known:
                return candidate
        return word


@lru_cache(maxsize=20_000)
def _folded(word: str) -> str:
    return fold(word).replace(" ", "")


def undo_telex(word: str) -> str:
    """ "giaays" to "giay": folded letters without Telex's tones and marks."""
    plain = word
    for typed, meant in _TELEX_DOUBLES:
        plain = plain.replace(typed, meant)
    plain = plain.replace("w", "")
    return _TELEX_TONE.sub("", plain, count=1)


def undo_vni(word: str) -> str:
    """ "giay61" to "giay": VNI's digits stand for tones and marks."""
    return _VNI.sub("", word)

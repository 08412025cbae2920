"""Reads a message as people type it: Telex, VNI, abbreviations, dialect, no diacritics.

What comes out are syllables, each folded and with its marks as far as they were typed. Marks are
what typing loses first, so the folded form carries the search and the marks only help; but
dialect rests on them: "mô" is "where" and must not be taken for "mở", "to open".

Unknown syllables are not mended to the nearest known one: measured, that found no more than the
sounds in `features` do by themselves.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from bot.search.keyboard import is_syllable, undo_telex, undo_vni
from bot.search.spelling import split_joined
from bot.texts import fold

# More than anybody says about one thing; the rest of a very long text is not looked at.
MAX_CHARS = 1200
# Of a text without spaces, what can be one word.
MAX_LETTERS = 24
LONGEST_PHRASE = 6
# A short word with a tone key, as "max", is only taken for one beside others typed that way.
SURE_LETTERS = 4

_WORD = re.compile(r"[^\W_]+")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_NO_TONES = str.maketrans("", "", _TONES)
_STRETCHED = re.compile(r"([a-z])\1{2,}")
# "6t", "gp1022"; what guides call so themselves, "kt3", stays whole.
_MIXED = re.compile(r"([a-z]+(?=[0-9])|[0-9]+(?=[a-z]))([0-9]+|[a-z]+)")
# Years, amounts and phone numbers differ each time; "1022" and "5656" are names.
_LONG_NUMBER = re.compile(r"\d[\d.]{4,}|(?:19|20)\d\d")


class Word(NamedTuple):
    """A syllable as it was typed, its tone at the end, and folded."""

    marked: str
    folded: str

    def bare(self) -> "Word":
        """As somebody types it who leaves the marks out."""
        return Word(self.folded, self.folded)


@lru_cache(maxsize=20_000)
def word_of(typed: str) -> Word:
    """Of one syllable in lower case; "hòa" and "hoà" are the same word."""
    apart = unicodedata.normalize("NFD", typed)
    tones = "".join(letter for letter in apart if letter in _TONES)
    marked = unicodedata.normalize("NFC", apart.translate(_NO_TONES)) + tones
    return Word(marked, fold(typed).replace(" ", ""))


def words_of(text: str) -> tuple[Word, ...]:
    """Of a text that is written properly."""
    return tuple(word_of(part) for part in _WORD.findall(text.lower()))


class Normaliser:
    """Turns a text into syllables of the language that the guides are written in."""

    def __init__(
        self,
        abbreviations: Mapping[str, str],
        dialect: Mapping[str, str],
        known: Iterable[str] = (),
    ) -> None:
        """What is written for what; a key of several words is found however it is typed.

        `known` are folded syllables of the guides: only what becomes one of them is taken for a
        word typed with the keyboard switched off.
        """
        self._dialect = {
            word_of(key).marked: words_of(value) for key, value in dialect.items() if " " not in key
        }
        self._short = {
            fold(key): words_of(value) for key, value in abbreviations.items() if " " not in key
        }
        self._phrases = {
            tuple(fold(key).split()): (words_of(key), words_of(value))
            for key, value in (*abbreviations.items(), *dialect.items())
            if " " in key
        }
        self._starts = frozenset(key[0] for key in self._phrases)
        self.known = frozenset(known)

    def learn(self, texts: Iterable[str]) -> None:
        """Take the known syllables from texts, most of which are written properly."""
        found = {_folded(part) for text in texts for part in _WORD.findall(text.lower())}
        phrases = (value for _key, value in self._phrases.values())
        for value in (*self._dialect.values(), *self._short.values(), *phrases):
            found.update(word.folded for word in value)
        self.known = frozenset(word for word in found if not _is_keyed(word, found))

    def words(self, text: str) -> list[Word]:
        """Abbreviations written out, dialect and typing tricks undone."""
        text = unicodedata.normalize("NFC", text[:MAX_CHARS]).lower()
        typed = [part[:MAX_LETTERS] for part in _WORD.findall(_LONG_NUMBER.sub("0000", text))]
        keyed = [self._undo(part) for part in typed]
        surely = sum(meant is not None for meant in keyed) > 1
        meant = [
            word_of(undone if undone and (surely or len(part) >= SURE_LETTERS) else part)
            for part, undone in zip(typed, keyed, strict=True)
        ]
        # As typed, "ct 07" before "ct"; and once more for what dialect and abbreviations hid.
        return self._with_phrases(self._with_phrases(meant, self._read), _as_it_is)

    def _undo(self, part: str) -> str | None:
        """The word that a keyboard trick stands for, if it is one."""
        if is_syllable(part) or _folded(part) in self._short or _folded(part) in self.known:
            return None
        for meant in (undo_vni(part), undo_telex(part)):
            if meant != part and _folded(meant) in self.known:
                return meant
        return None

    def _read(self, word: Word) -> Sequence[Word]:
        if word.marked in self._dialect:
            return self._dialect[word.marked]
        if word.folded in self._short:
            return self._short[word.folded]
        if word.folded in self.known or is_syllable(word.folded):
            return (word,)
        plain = _STRETCHED.sub(r"\1", word.folded)
        mixed = _MIXED.fullmatch(plain)
        if mixed:
            return [part for half in mixed.groups() for part in self._read(Word(half, half))]
        return [Word(part, part) for part in split_joined(plain, self.known) or (plain,)]

    def _with_phrases(
        self, words: Sequence[Word], read: Callable[[Word], Sequence[Word]]
    ) -> list[Word]:
        """Several words that mean the same as others are replaced; the rest is read one by one."""
        found: list[Word] = []
        index = 0
        while index < len(words):
            length = self._phrase_at(words, index) if words[index].folded in self._starts else 0
            if length:
                key = tuple(word.folded for word in words[index : index + length])
                found += self._phrases[key][1]
            else:
                found += read(words[index])
            index += length or 1
        return found

    def _phrase_at(self, words: Sequence[Word], index: int) -> int:
        """How many words the longest phrase has that begins here, none being marked otherwise."""
        here = words[index : index + LONGEST_PHRASE]
        for size in range(len(here), 1, -1):
            phrase = self._phrases.get(tuple(word.folded for word in here[:size]))
            if phrase and all(
                typed.marked in (typed.folded, word.marked)
                for typed, word in zip(here, phrase[0], strict=False)
            ):
                return size
        return 0


def _as_it_is(word: Word) -> Sequence[Word]:
    return (word,)


def _folded(typed: str) -> str:
    return word_of(typed).folded


def _is_keyed(word: str, known: set[str]) -> bool:
    """Whether a word of the guides is itself a keyboard trick, there as an example of one."""
    if is_syllable(word):
        return False
    meanings = (undo_vni(word), undo_telex(word))
    return any(meant != word and _folded(meant) in known for meant in meanings)

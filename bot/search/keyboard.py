"""What Telex and VNI keyboards leave behind when they are not switched on: "giaays", "giay61"."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_VOWELS = "aăâeêioôơuưy"
_TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_TELEX_MARKS = (
    ("dd", "đ"), ("aa", "â"), ("ee", "ê"), ("oo", "ô"), ("uow", "ươ"), ("uwow", "ươ"),
    ("uwo", "ươ"), ("uaw", "ưa"), ("aw", "ă"), ("ow", "ơ"), ("uw", "ư"),
)  # fmt: skip
_VNI_MARKS = (
    ("d9", "đ"), ("uo7", "ươ"), ("u7o7", "ươ"), ("u7o", "ươ"), ("a6", "â"), ("e6", "ê"),
    ("o6", "ô"), ("a8", "ă"), ("o7", "ơ"), ("u7", "ư"),
)  # fmt: skip
_CODA = "ng|nh|ch|[cmnptiuy]"
# A mark may come at the end of the word, after the letters behind its vowel: "hoaw" is rare,
# "tron6g" and "thuoongr" are not.
_LATE_TELEX = re.compile(rf"(uo|[aou])({_CODA})w$")
_LATE_VNI = re.compile(rf"(uo|[aeou])({_CODA})([678])")
_LATE_D9 = re.compile(r"^d(.+)9$")
_LATE_DD = re.compile(r"^d([^d]+)d$")
_ONSET = r"(?:ngh|ng|nh|ch|tr|th|ph|kh|gh|gi|qu|[bcdghklmnprstvx])?"
_RHYME = (
    r"(?:uye|uya|uyu|uoi|uou|ieu|yeu|oai|oay|oeo|uay|ie|ye|ia|uo|ua|uu|ui|uy|ue|oa|oe|oi|"
    r"ai|ao|au|ay|eo|eu|iu|[aeiouy])"
)
_SYLLABLE = re.compile(rf"{_ONSET}{_RHYME}(?:ng|nh|ch|[cmnpt])?")


@lru_cache(maxsize=20_000)
def is_syllable(folded: str) -> bool:
    """Whether it could be Vietnamese without its marks; Telex leaves endings that never are."""
    return _SYLLABLE.fullmatch(folded) is not None


def undo_telex(word: str) -> str:
    """ "giaays" to "giấy"; a word without Telex in it comes back as it is."""
    word, tone = _take_tone(_LATE_DD.sub(r"dd\1", word), _TELEX_TONES)
    return _marked(_LATE_TELEX.sub(r"\1w\2", word), tone, _TELEX_MARKS)


def undo_vni(word: str) -> str:
    """ "giay61" to "giấy"; a word without VNI in it comes back as it is."""
    word, tone = _take_tone(_LATE_D9.sub(r"d9\1", word), _VNI_TONES)
    return _marked(_LATE_VNI.sub(r"\1\3\2", word), tone, _VNI_MARKS)


def _marked(word: str, tone: str, marks: Sequence[tuple[str, str]]) -> str:
    for typed, meant in marks:
        word = word.replace(typed, meant)
    return unicodedata.normalize("NFC", word + tone)


def _take_tone(word: str, tones: dict[str, str]) -> tuple[str, str]:
    """The word without its tone key, and the tone; the key stands anywhere after a vowel."""
    for place in range(len(word) - 1, 0, -1):
        if word[place] in tones and any(letter in _VOWELS for letter in word[:place]):
            return word[:place] + word[place + 1 :], tones[word[place]]
    return word, ""

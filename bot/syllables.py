"""Vietnamese syllables as typed: with diacritics, without, or as un-converted Telex or VNI keys."""

import re
import unicodedata
from dataclasses import dataclass

# Combining marks of the five tones, by the key that types them.
TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
VNI_TONES = dict(zip("12345", TELEX_TONES.values(), strict=True))
VOWELS = "aeiouyăâêôơư"
_TONE_MARKS = frozenset(TELEX_TONES.values())
_HORNS = {"a": "ă", "o": "ơ", "u": "ư"}
_ROOFS = {"a": "â", "e": "ê", "o": "ô"}
_SYLLABLE = re.compile(
    r"(ngh?|nh|ch|kh|ph|th|tr|gh|gi|qu|[bcdghklmnprstvx])?[aeiouy]{1,3}(ch|ng|nh|[cmnpt])?"
)


@dataclass(frozen=True, slots=True)
class Syllable:
    """`plain` has no marks at all; `letters` keeps ă â ê ô ơ ư đ but not the tone."""

    plain: str
    letters: str
    tone: str = ""

    @property
    def marked(self) -> bool:
        return bool(self.tone) or self.letters != self.plain


def syllable(word: str) -> Syllable:
    """A word as it is written; where in the word the tone stands makes no difference."""
    parts = unicodedata.normalize("NFD", word.lower())
    tone = "".join(c for c in parts if c in _TONE_MARKS)
    letters = "".join(c for c in parts if c not in _TONE_MARKS)
    return _build(unicodedata.normalize("NFC", letters), tone)


def decode(word: str) -> Syllable | None:
    """A syllable typed in Telex ("phuowngf") or VNI ("phu7o7ng2"); None if it is neither."""
    if not word.isascii() or not word.isalnum() or not word[0].isalpha():
        return None
    typed = _vni(word.lower()) if any(c.isdigit() for c in word) else _telex(word.lower())
    if typed is None or not typed.marked or not _SYLLABLE.fullmatch(typed.plain):
        return None
    return typed


def is_vni(word: str) -> bool:
    """Whether the word has digits as VNI puts them: after a vowel or a d."""
    return any(c.isdigit() for c in word) and decode(word) is not None


def _build(letters: str, tone: str) -> Syllable:
    bare = unicodedata.normalize("NFD", letters.replace("đ", "d"))
    return Syllable("".join(c for c in bare if not unicodedata.combining(c)), letters, tone)


def _telex(word: str) -> Syllable | None:
    letters, tone = "", ""
    for key in word:
        vowels = any(c in VOWELS for c in letters)
        if vowels and key in TELEX_TONES:
            tone = TELEX_TONES[key]
        elif key == "d" and letters.startswith("d"):
            letters = "đ" + letters[1:]
        elif key in _ROOFS and (letters.endswith(key) or (key in letters and len(word) > 4)):
            letters = _change_last(letters, key, _ROOFS[key])
        elif key == "w":
            letters = _horn(letters)
        elif key == "z" and vowels:
            tone = ""
        else:
            letters += key
    return _build(letters, tone)


def _vni(word: str) -> Syllable | None:
    letters, tone = "", ""
    for key in word:
        if key.isalpha():
            letters += key
        elif key != "9" and not any(c in VOWELS for c in letters):
            return None
        elif key in VNI_TONES:
            tone = VNI_TONES[key]
        elif key == "9":
            letters = letters.replace("d", "đ", 1)
        elif key == "6":
            last = next((c for c in reversed(letters) if c in _ROOFS), "")
            letters = _change_last(letters, last, _ROOFS[last]) if last else letters
        elif key in "78":
            letters = _horn(letters)
        else:
            return None
    return _build(letters, tone)


def _horn(letters: str) -> str:
    """What one w does: uo → ươ, ua → ưa (but qua → quă), else the last a, o or u."""
    if "uo" in letters:
        return letters.replace("uo", "ươ")
    if "ưo" in letters:
        return letters.replace("ưo", "ươ")
    if "ua" in letters and not letters.startswith("q"):
        return letters.replace("ua", "ưa")
    for letter, horned in _HORNS.items():
        if letter in letters:
            return _change_last(letters, letter, horned)
    return letters + "ư"


def _change_last(letters: str, old: str, new: str) -> str:
    at = letters.rindex(old)
    return letters[:at] + new + letters[at + 1 :]

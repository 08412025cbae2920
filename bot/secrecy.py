"""Finds what must never be stored or passed on: one-time codes, passwords, card and ID numbers."""

import itertools
import re
from dataclasses import dataclass
from enum import StrEnum

from bot.texts import fold

COVER = "•••"


class Secret(StrEnum):
    """What kind of secret a message seems to hold."""

    OTP = "otp"
    PASSWORD = "password"  # noqa: S105
    CARD = "card"
    ID = "id"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text in which every secret is covered, and the kinds that were found."""

    text: str
    found: frozenset[Secret]


# Digits with the spaces, dots or dashes that people put between groups.
_DIGITS = re.compile(r"(?<![\w/])\d(?:[ .-]?\d){3,18}(?![\w/])")
_OTP_WORDS = re.compile(
    r"\b(otp|passcode|ma (xac (thuc|nhan|minh)|so|6 so|bao mat|pin|kich hoat|dang nhap))\b"
)
_ID_WORDS = re.compile(r"\b(cccd|cmnd|cmt|can cuoc|chung minh|dinh danh|bhxh|bhyt|ho chieu)\b")
_PASSWORD = re.compile(
    r"(?i)(mật\s*khẩu|mat\s*khau|password|passcode|pass|mk|pin)"
    r"((?:\s+\w+){0,3}?\s*(?:là|la|:|=|is)\s*)(\S{4,})"
)
# A phone number of Việt Nam: ten digits from 0, or with +84; hotlines 1900 and 1800.
_PHONE = re.compile(r"^(?:0\d{9,10}|84\d{9}|1[89]00\d{4,6})$")
_CODE_ALONE = re.compile(r"^\d{6}$")


def mask(text: str) -> Masked:
    """Cover what looks like a secret. A phone number, a date or a house number is none."""
    found: set[Secret] = set()
    text = _PASSWORD.sub(lambda match: _cover_password(match, found), text)
    folded = fold(text)

    def cover(match: re.Match[str]) -> str:
        kind = _kind_of(re.sub(r"\D", "", match.group()), folded)
        if kind is None:
            return match.group()
        found.add(kind)
        return COVER

    return Masked(_DIGITS.sub(cover, text), frozenset(found))


def _cover_password(match: re.Match[str], found: set[Secret]) -> str:
    word = match.group(3)
    if word.isalpha() and fold(word) != word.lower():
        return match.group()  # an ordinary Vietnamese word: "mật khẩu là những chữ ..."
    if word.isalpha() and word.islower():
        return match.group()
    found.add(Secret.PASSWORD)
    return match.group(1) + match.group(2) + COVER


def _kind_of(digits: str, folded: str) -> Secret | None:
    """What a run of digits is, with the words around it; None = harmless."""
    if _PHONE.match(digits):
        return None
    if 13 <= len(digits) <= 19 and _luhn(digits):
        return Secret.CARD
    if len(digits) == 12:
        return Secret.ID
    if len(digits) in (9, 10, 13, 15) and _ID_WORDS.search(folded):
        return Secret.ID
    if 4 <= len(digits) <= 8 and _OTP_WORDS.search(folded):
        return Secret.OTP
    # Six digits and nothing else are what an SMS code looks like.
    if len(digits) == 6 and _CODE_ALONE.match(folded.replace(" ", "")):
        return Secret.OTP
    return None


def _luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_TELLING = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|\d(?:[ .-]?\d){3,}")
_NAMED = re.compile(r"\b(tên là|tên|tôi là|tui là|em là|cháu là|con là)((?:\s+\w+)+)")


def nameless(text: str) -> str:
    """A text without what could tell who wrote it: secrets, long numbers, addresses, names."""
    return _NAMED.sub(_cover_name, _TELLING.sub(COVER, mask(text).text))


def _cover_name(match: re.Match[str]) -> str:
    """Words with a capital right after "tên là" are a name."""
    words = match.group(2).split()
    name = len(list(itertools.takewhile(lambda word: word[0].isupper(), words)))
    if not name:
        return match.group()
    return " ".join([match.group(1), COVER, *words[name:]])

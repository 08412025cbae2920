"""Refuses an announcement that asks for what nobody may ask for, or leads to a look-alike page.

Sentence by sentence: what stands after "đừng" or tells of a cheat is a warning, and may be said.
The words themselves are data, in `locales/*/announcements.toml`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from bot.content.rates import Content
from bot.texts import Text, _, fold

# Words that may stand between telling somebody to give and what is to be given.
REACH = 9
MIN_ACCOUNT_DIGITS = 6

Phrase = tuple[str, ...]


class Fault(StrEnum):
    """Why a text is not sent."""

    CODE = "code"
    PASSWORD = "password"  # noqa: S105
    PAPER = "paper"
    MONEY = "money"
    LINK = "link"


_REASONS: dict[Fault, Text] = {
    Fault.CODE: _("It asks people for a one-time code or a PIN. Nobody may ask for that."),
    Fault.PASSWORD: _("It asks people for a password. Nobody may ask for that."),
    Fault.PAPER: _(
        "It asks people to send the number or a picture of their papers. "
        "Papers are shown when one meets in person."
    ),
    Fault.MONEY: _("It asks people to transfer money or names an account. Cheats do just that."),
}


class _Money(Content):
    always: tuple[str, ...]
    paying: tuple[str, ...]
    into: tuple[str, ...]
    numbered: tuple[str, ...]


class _Links(Content):
    shorteners: frozenset[str]
    endings: frozenset[str]
    official: tuple[str, ...]


class _Lists(Content):
    giving: tuple[str, ...]
    giving_after: tuple[str, ...]
    forbidding: tuple[str, ...]
    turning: tuple[str, ...]
    excepting: tuple[str, ...]
    secrets: dict[str, tuple[str, ...]]
    money: _Money
    links: _Links


@dataclass(frozen=True, slots=True)
class _Sentence:
    words: Sequence[str]
    # Whether a "never do this:" above the list covers it.
    warned: bool


class AnnouncementChecks:
    """What may not be sent to thousands, whoever writes it."""

    def __init__(self, lists: _Lists) -> None:
        self._lists = lists

    @classmethod
    def load(cls, file: Path) -> Self:
        """Raises pydantic's ValidationError when a list is missing or unknown."""
        return cls(_Lists.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))))

    def find_faults(self, text: str) -> list[Text]:
        """Why this text must not be sent, each reason once; empty when it may be."""
        found = {fault for sentence in self._sentences(text) for fault in self._asks(sentence)}
        reasons = [_REASONS[fault] for fault in Fault if fault in found]
        return reasons + [
            _("The link %(link)s looks like a trap: %(why)s", link=host, why=why)
            for host, why in self._bad_links(text)
        ]

    # --- what is asked for -------------------------------------------------------------------

    def _sentences(self, text: str) -> Iterator[_Sentence]:
        warned = False
        for line in re.split(r"\n+", _LINK.sub(" ", text)):
            listed = bool(re.match(r"\s*([-•+*–]|\d+[.)])", line))
            warned = warned and listed
            for part in re.split(r"(?<=[.!?…])\s+|[.!?…]$", line):
                yield _Sentence(_words(part), warned)
            if line.rstrip().endswith(":"):
                warned = bool(_find(_words(line), self._lists.forbidding))

    def _asks(self, sentence: _Sentence) -> Iterator[Fault]:
        words = sentence.words
        covered = self._covered(sentence)
        excepted = bool(_find(words, self._lists.excepting))
        for name, nouns in self._lists.secrets.items():
            for verb in self._verbs_at(words, _find(words, nouns)):
                if excepted or not covered[verb]:
                    yield Fault(name)
        for place in self._payments(words):
            if excepted or not covered[place]:
                yield Fault.MONEY

    def _covered(self, sentence: _Sentence) -> list[bool]:
        """For each word whether it belongs to a warning."""
        words = sentence.words
        begins = {start for start, _end in _find(words, self._lists.forbidding)}
        ends = {start for start, _end in _find(words, self._lists.turning)}
        covered, state = [], sentence.warned
        for place in range(len(words)):
            state = (state or place in begins) and place not in ends
            covered.append(state)
        return covered

    def _verbs_at(self, words: Sequence[str], nouns: Sequence[tuple[int, int]]) -> Iterator[int]:
        """Where somebody is told to give one of these."""
        before = _find(words, self._lists.giving)
        after = _find(words, self._lists.giving_after)
        for start, end in nouns:
            yield from (verb for verb, stop in before if 0 <= start - stop <= REACH)
            yield from (verb for verb, _stop in after if 0 <= verb - end <= REACH)

    def _payments(self, words: Sequence[str]) -> Iterator[int]:
        money = self._lists.money
        yield from (start for start, _end in _find(words, money.always))
        into = _find(words, money.into)
        for verb, end in _find(words, money.paying):
            if any(0 <= start - end <= REACH for start, _end in into):
                yield verb
        for start, end in _find(words, money.numbered):
            if any(_is_account(word) for word in words[end : end + 4]):
                yield start

    # --- links -------------------------------------------------------------------------------

    def _bad_links(self, text: str) -> Iterator[tuple[str, Text]]:
        seen = set()
        for match in _LINK.finditer(text):
            host = match.group("host").rstrip(".").lower()
            why = self._trap(host, match)
            if why is not None and host not in seen:
                seen.add(host)
                yield host, why

    def _trap(self, host: str, match: re.Match[str]) -> Text | None:
        if not _is_latin(host):
            return _("it is written with letters that only look like Latin ones.")
        ending = host.rpartition(".")[2]
        if not (match["scheme"] or match["path"] or ending in self._lists.links.endings):
            return None  # a full stop without a space after it
        if match["user"]:
            return _("what stands before “@” is not where it leads.")
        if not host.isascii() or "xn--" in host:
            return _("it is written with letters that only look like Latin ones.")
        if _is_ip(host):
            return _("it leads to a number instead of a name.")
        bare = host.removeprefix("www.")
        if bare in self._lists.links.shorteners:
            return _("it is shortened, so that nobody sees where it leads.")
        if not _is_official(host) and self._pretends(host):
            return _("it only looks like a page of the state; those end in .gov.vn.")
        return None

    def _pretends(self, host: str) -> bool:
        plain = _read_as(host)
        letters = re.sub(r"[^a-z]", "", plain)
        names = self._lists.links.official
        return "govvn" in letters or any(name in letters for name in names) or ".gov." in plain


# A scheme, or a name that ends in letters; e-mail addresses have no "/" and no scheme in front.
_LINK = re.compile(
    r"(?P<scheme>(?:https?|ftp)://)?(?P<user>(?<=://)[^\s/@]*@)?"
    r"(?P<host>(?:[\w-]+\.)+(?:[^\W\d_]{2,}|xn--[\w-]+|\d{1,3}))(?::\d+)?(?P<path>/\S*)?",
    re.IGNORECASE,
)
_LOOKALIKES = str.maketrans("0134578", "oleastb")


def _is_latin(host: str) -> bool:
    return all(unicodedata.name(c, "").startswith("LATIN") for c in host if c.isalpha())


def _read_as(host: str) -> str:
    """The name as a hurried reader takes it: "g0v" for "gov", "rn" for "m"."""
    return host.translate(_LOOKALIKES).replace("rn", "m").replace("vv", "w")


def _is_official(host: str) -> bool:
    return host.endswith(".gov.vn") or host == "gov.vn"


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_account(word: str) -> bool:
    return len(re.sub(r"\D", "", word)) >= MIN_ACCOUNT_DIGITS


def _words(text: str) -> list[str]:
    """Lower-case words with their marks; digits with the dots between them are one word."""
    return re.findall(r"\d[\d.]*\d|\w+", text.lower())


def _find(words: Sequence[str], phrases: Sequence[str]) -> list[tuple[int, int]]:
    """Where any of the phrases stands, as (first word, word after the last)."""
    found = []
    for phrase in phrases:
        wanted = phrase.split()
        for start in range(len(words) - len(wanted) + 1):
            if all(map(_same, words[start:], wanted)):
                found.append((start, start + len(wanted)))
    return sorted(found)


def _same(typed: str, wanted: str) -> bool:
    """Marks that were typed must be the right ones: "dùng" is not "đừng", but "dung" may be."""
    return typed in (wanted, fold(wanted))

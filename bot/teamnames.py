"""Finds the team that somebody means: "tdp 12", "thôn phú sơn", "tổ 59 cũ".

Current names come before former ones, except where "cũ" says otherwise; a number that is one
team's today and was another's before is asked about.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bot.gazetteer import syllables_of
from bot.syllables import decode
from bot.texts import clean, fold
from storage.teams import Team

MAX_CHOICES = 5
# Ways to write the kind of a team; alike within a line.
_KINDS = (
    ("to dan pho", "tdp", "to dp", "to so", "to"),
    ("thon",),
    ("khoi pho", "khu pho", "kp", "khoi"),
    ("ban", "noc", "xom", "ap", "lang", "buon"),
)
_KIND_OF = {word: line[0] for line in _KINDS for word in line}
_KIND = "|".join(sorted(_KIND_OF, key=len, reverse=True))
_NUMBERED = re.compile(rf"\b({_KIND})\s*(?:so\s*)?0*(\d+[a-z]?)\b")
_NAMED = re.compile(rf"\b({_KIND})\s+(?!so\b|\d)((?:[a-z]+\s?)+)")
_SURE_FROM = 80
_RIVAL_WITHIN = 10
_DROPPED = frozenset({"cu", "demo", "so"})


@dataclass(frozen=True, slots=True)
class TeamMatch:
    """`teams`: best first, at most five; `sure` means that the first is the only one."""

    teams: tuple[Team, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class _Label:
    """A team's name in parts: kind, number ("12", "" without one), other words glued."""

    kind: str
    number: str
    words: str


def match_teams(text: str, teams: Sequence[Team]) -> TeamMatch:
    """The teams that the text may name; none when it names no team of these."""
    wanted = list(_labels(_unkeyed(text)))
    former_only = bool(re.search(r"\bcu\b", fold(text)))
    scored = [
        (score, team)
        for team in teams
        if (score := max((_score(team, label, former_only) for label in wanted), default=0))
    ]
    scored.sort(key=lambda pair: -pair[0])
    # A former name elsewhere that fits as well is a rival: people keep typing old numbers.
    rivals = [team for score, team in scored if scored[0][0] - score <= _RIVAL_WITHIN]
    rivals = _by_marks(text, rivals)
    sure = len(rivals) == 1 and scored[0][0] >= _SURE_FROM
    ranked = [*rivals, *(team for _score, team in scored if team not in rivals)]
    return TeamMatch(tuple(ranked[:MAX_CHOICES]), sure)


def names_team(text: str) -> bool:
    """Whether the text says "tổ ...", "thôn ..." and so on."""
    folded = _unkeyed(text)
    return bool(_NUMBERED.search(folded) or _NAMED.search(folded))


def _by_marks(text: str, rivals: list[Team]) -> list[Team]:
    """Of names alike without diacritics those that are typed with theirs, if any is."""
    typed = _marks(text)
    if len(rivals) < 2 or not any(s.marked for s in syllables_of(text)):
        return rivals
    return [team for team in rivals if _marks(team.name) in typed] or rivals


def _marks(text: str) -> str:
    return " ".join(s.letters + s.tone for s in syllables_of(text))


def _unkeyed(text: str) -> str:
    """Folded, with un-converted Telex undone where the word is none without it."""
    words = []
    for word in fold(clean(text)).split():
        typed = decode(word) if word not in _KIND_OF and not word.isdigit() else None
        telex = typed is not None and not any(c.isdigit() for c in word)
        words.append(typed.plain if typed is not None and telex else word)
    return " ".join(words)


def _labels(folded: str) -> Iterator[_Label]:
    """What the text may name; a bare number is one too when there is nothing else."""
    bare = folded.replace(" cu", "").strip()
    if re.fullmatch(r"(so )?0*\d+[a-z]?", bare):
        yield _Label("", bare.removeprefix("so ").lstrip("0"), "")
        return
    found = False
    for match in _NUMBERED.finditer(folded):
        found = True
        yield _Label(_KIND_OF[match.group(1)], match.group(2), "")
    for match in _NAMED.finditer(folded):
        found = True
        yield _Label(_KIND_OF[match.group(1)], "", _glued(match.group(2)))
    if not found and bare and not any(c.isdigit() for c in bare):
        yield _Label("", "", _glued(bare))


def _glued(words: str) -> str:
    kept: list[str] = []
    for word in words.split():
        if word in _KIND_OF and kept:
            break  # "thôn phú sơn tổ ..."
        if word not in _DROPPED:
            kept.append(word)
    return "".join(kept)


def _own_label(name: str) -> _Label:
    folded = fold(name.replace("(demo)", ""))
    head = re.match(rf"({_KIND})\b\s*", folded)
    kind = _KIND_OF[head.group(1)] if head else ""
    rest = folded[head.end() :] if head else folded
    number = re.match(r"(?:so\s*)?0*(\d+[a-z]?)\b", rest)
    words = rest[number.end() :] if number else rest
    return _Label(kind, number.group(1) if number else "", words.replace(" ", ""))


def _score(team: Team, wanted: _Label, former_only: bool) -> int:
    """100: just this; 0: not this at all."""
    own = 0 if former_only else _likeness(_own_label(team.name), wanted)
    former = max((_likeness(_own_label(name), wanted) for name in team.former_names), default=0)
    if former_only and not former:
        return _likeness(_own_label(team.name), wanted) // 2
    return max(own, former - (0 if former_only else 5) if former else 0)


def _likeness(own: _Label, wanted: _Label) -> int:
    kind = own.kind == wanted.kind or not wanted.kind or not own.kind
    if wanted.number or own.number:
        if own.number != wanted.number or (wanted.words and own.words != wanted.words):
            return 0
        return 100 if kind else 60
    if not own.words or not wanted.words:
        return 0
    if own.words == wanted.words:
        return 100 if kind else 85
    if wanted.words.startswith(own.words) and len(own.words) > 4:
        return 85 if kind else 75  # "thôn phú sơn gần chợ"
    off = OSA.distance(own.words, wanted.words, score_cutoff=2)
    if off == 1 and len(own.words) > 4:
        return 80 if kind else 60
    return 40 if off == 2 and len(own.words) > 6 else 0

"""How often the right guide is found, by kind of message; and plain methods to compare with."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from bot.content.guide import Guide
from bot.search import GuideFinder
from bot.texts import fold

HERE = Path(__file__).parent
TUNED_ON = HERE / "tuned_on.jsonl"
EVERYDAY = HERE / "everyday.jsonl"
# Nobody reads these messages while the search is made better; only the figures are looked at.
HELD_OUT = HERE / "held_out.jsonl"
NONE = "none"
EVERY = "all"
AMONG = 4
# Plain methods have no rule for "none"; they get the limit that refuses so many that are ours.
REFUSED_BY_PLAIN = 0.03


class Message(NamedTuple):
    """What somebody wrote, and the guides that would be right; none when it is not ours."""

    text: str
    guides: frozenset[str]
    kind: str


class Answer(NamedTuple):
    """The guides found, best first, and whether the message was taken for none of ours."""

    guides: Sequence[str]
    refused: bool


Method = Callable[[Sequence[Message]], list[Answer]]


@dataclass(slots=True)
class Figures:
    """Counts over messages of one kind."""

    messages: int = 0
    first: int = 0
    among: int = 0
    refused: int = 0

    def add(self, message: Message, answer: Answer) -> None:
        self.messages += 1
        self.refused += answer.refused
        self.first += bool(message.guides.intersection(answer.guides[:1]))
        self.among += bool(message.guides.intersection(answer.guides[:AMONG]))

    def share(self, count: int) -> float:
        return count / self.messages if self.messages else 0.0


@dataclass(slots=True)
class Report:
    """Figures by kind; "all" is everything that is ours."""

    kinds: dict[str, Figures] = field(default_factory=lambda: defaultdict(Figures))

    def add(self, message: Message, answer: Answer) -> None:
        self.kinds[message.kind].add(message, answer)
        if message.guides:
            self.kinds[EVERY].add(message, answer)


def read_messages(file: Path) -> list[Message]:
    """One JSON object a line: text, slugs (["none"] when it is not ours), kind."""
    rows = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line)
    return [Message(r["text"], frozenset(r["slugs"]) - {NONE}, r["kind"]) for r in rows]


def measure(method: Method, messages: Sequence[Message]) -> Report:
    """Ask the method about every message."""
    report = Report()
    for message, answer in zip(messages, method(messages), strict=True):
        report.add(message, answer)
    return report


def ours(finder: GuideFinder) -> Method:
    """The search as it is. Danger is an answer too: it names the guide that helps."""

    def answer(message: Message) -> Answer:
        finding = finder.find(message.text)
        return Answer([hit.id for hit in finding.hits], finding.decision == "none")

    return lambda messages: [answer(message) for message in messages]


def fts5(guides: Iterable[Guide]) -> Method:
    """SQLite's full-text search by BM25 over everything that people say, folded."""
    db = sqlite3.connect(":memory:")
    db.execute("create virtual table said using fts5(guide unindexed, text)")
    db.executemany("insert into said values (?, ?)", _said(guides))
    query = "select guide, -bm25(said) from said where said match ? order by bm25(said) limit 200"

    def rank(text: str) -> list[tuple[str, float]]:
        words = " OR ".join(f'"{word}"' for word in fold(text).split()[:60])
        return list(db.execute(query, (words,))) if words else []

    return lambda messages: _limited([rank(message.text) for message in messages], messages)


def rapidfuzz(guides: Iterable[Guide]) -> Method:
    """The most alike phrasing by rapidfuzz's token_set_ratio, folded."""
    said = _said(guides)
    texts = [text for _guide, text in said]

    def rank(text: str) -> list[tuple[str, float]]:
        found = process.extract(fold(text), texts, scorer=fuzz.token_set_ratio, limit=200)
        return [(said[index][0], score) for _text, score, index in found]

    return lambda messages: _limited([rank(message.text) for message in messages], messages)


def _said(guides: Iterable[Guide]) -> list[tuple[str, str]]:
    return [
        (guide.id, fold(text))
        for guide in guides
        for text in (guide.title, *guide.search.aliases, *guide.search.phrasings)
    ]


def _limited(
    ranks: Sequence[Sequence[tuple[str, float]]], messages: Sequence[Message]
) -> list[Answer]:
    """Answers, refusing below the score that REFUSED_BY_PLAIN of what is ours lies below."""
    best = [rank[0][1] if rank else 0.0 for rank in ranks]
    known = [score for score, message in zip(best, messages, strict=True) if message.guides]
    limit = float(np.quantile(known, REFUSED_BY_PLAIN)) if known else 0.0
    return [
        Answer(list(dict.fromkeys(guide for guide, _score in rank)), score < limit)
        for rank, score in zip(ranks, best, strict=True)
    ]


def markdown(reports: Mapping[str, Report]) -> str:
    """A table of the reports, one below the other, in percent."""
    lines = ["| method | kind | messages | first | among 4 | taken for none |"]
    lines.append("|---|---|---:|---:|---:|---:|")
    for name, report in reports.items():
        for kind, found in sorted(
            report.kinds.items(), key=lambda item: (item[0] == EVERY, item[0])
        ):
            cells = [f"{100 * found.share(n):.1f}" for n in (found.first, found.among)]
            if kind == NONE:
                cells = ["", ""]
            refused = f"{100 * found.share(found.refused):.1f}"
            lines.append(
                f"| {name} | {kind} | {found.messages} | {' | '.join(cells)} | {refused} |"
            )
    return "\n".join(lines)

"""From a message to guides: open one, offer a choice, or say that it is none of ours."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np

from bot.config import ROOT
from bot.content.guide import Guide
from bot.content.library import Library
from bot.search.brain import Brain, key_of
from bot.search.danger import DangerWords
from bot.search.features import Floats
from bot.search.normalise import Normaliser, Word

Decision = Literal["open", "choose", "none", "danger"]

NOT_OURS = "-"
CHOICES = 4
# Sure enough to open it: so far ahead of the second. Of hard phrasings that are opened then,
# 90 of 100 are right, and more of everyday ones.
SURE_LEAD = 0.2
# What the evidence must come to: refuses none of the 280 answerable messages that were tuned on
# (the least comes to 6.0) and recognises all of their 50 that are not ours (the most: 3.5).
OURS_ABOVE = 4.2
# Fields of a guide that are worth learning from; the others are alike in all guides.
WRITTEN = ("cover.for_whom", "documents", "steps", "mistakes", "unsure")
_AMOUNT = re.compile(r"\{[^}]*\}")
LEARNED = ROOT / "var" / "search.npz"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Whether a message is about anything that we know; no single score can tell.

    Fitted by logistic regression on all phrasings and sayings, each judged by what was learned
    from the others. The best guide's score alone recognises 50 of 100 sayings that are not ours
    while it refuses 3 of 100 phrasings; with the score of "not ours" it is 81, with all of these
    93. Those phrasings are written to differ; of everyday messages none is near the limit.
    """

    best: float
    outside: float
    known_syllables: float
    known_pairs: float
    words: int

    def is_ours(self) -> bool:
        total = 4.6 * self.best - 3.9 * self.outside
        total += 2.8 * self.known_syllables + 2.2 * self.known_pairs
        # The longer, the more there is to go by; but greetings have two or three words too.
        total += 6.9 * min(self.words, 12) / 12 - 4.5 * min(self.words, 4) / 4
        return total > OURS_ABOVE


@dataclass(frozen=True, slots=True)
class Hit:
    """A guide that may be meant; `score` between 0 and 1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What to do about a message; up to four hits, best first, also when none is sure."""

    decision: Decision
    hits: tuple[Hit, ...]
    danger: str | None = None


class GuideFinder:
    """Finds guides in one process's memory; built once, never changed."""

    def __init__(self, brain: Brain, normaliser: Normaliser, dangers: DangerWords) -> None:
        self._brain = brain
        self._normaliser = normaliser
        self._dangers = dangers
        self._ours = np.array([name != NOT_OURS for name in brain.names])

    @classmethod
    def load(cls, library: Library, folder: Path, learned: Path | None = LEARNED) -> Self:
        """With what `search.toml`, `not_ours.toml` and `danger.toml` of a language say.

        Learning takes some seconds, so what was learned is kept in the file `learned`.
        """
        files = [
            (folder / name).read_text(encoding="utf-8") for name in ("search.toml", "not_ours.toml")
        ]
        words, sayings = (tomllib.loads(text) for text in files)
        normaliser = Normaliser(words["abbreviations"], words["dialect"])
        said = {guide.id: _said_of(guide) for guide in library.guides.values()}
        said[NOT_OURS] = sayings["sayings"]
        written = {guide.id: list(_written_in(guide)) for guide in library.guides.values()}
        brain = _recall_or_learn(said, written, normaliser, learned, files[0])
        return cls(brain, normaliser, DangerWords.load(folder / "danger.toml", normaliser))

    def find_danger(self, text: str) -> str | None:
        """The kind of danger that somebody is in now; cheap enough for every message."""
        return self._dangers.find(self._normaliser.words(text))

    def find(self, text: str) -> Finding:
        """What the message asks for."""
        words = self._normaliser.words(text)
        scores = self._brain.classifier.scores(self._brain.features.vector(words))
        best = np.argsort(-scores, kind="stable")
        best = best[self._ours[best]][:CHOICES]
        hits = tuple(Hit(self._brain.names[i], _share(float(scores[i]))) for i in best)
        danger = self._dangers.find(words)
        if danger is not None:
            return Finding("danger", hits, danger)
        return Finding(self._decide(words, scores, scores[best]), hits)

    def _decide(self, words: Sequence[Word], scores: Floats, best: Floats) -> Decision:
        outside = max(scores[~self._ours], default=-1.0)
        shares = self._brain.features.known_shares(words)
        if not words or not len(best):
            return "none"
        if not _Evidence(float(best[0]), float(outside), *shares, len(words)).is_ours():
            return "none"
        return "open" if len(best) < 2 or best[0] - best[1] >= SURE_LEAD else "choose"


def _share(score: float) -> float:
    return round(min(max((score + 1) / 2, 0.0), 1.0), 4)


def _recall_or_learn(
    said: Mapping[str, Sequence[str]],
    written: Mapping[str, Sequence[str]],
    normaliser: Normaliser,
    file: Path | None,
    words: str,
) -> Brain:
    texts = (f"{name}\n{text}" for part in (said, written) for name in part for text in part[name])
    key = key_of(words, *texts)
    brain = Brain.recall(file, key) if file else None
    if brain is None:
        brain = Brain.learn(said, written, normaliser)
        if file:
            brain.save(file, key)
    normaliser.known = brain.known
    return brain


def _said_of(guide: Guide) -> list[str]:
    return [guide.title, *guide.search.aliases, *guide.search.phrasings]


def _written_in(guide: Guide) -> Iterator[str]:
    """What else the guide says in words that people may use."""
    for field, text in guide.readable_texts():
        if field.startswith(WRITTEN):
            yield _AMOUNT.sub("", text)

"""From a message to guides: open one, offer a choice, or say that it is none of ours."""

import tomllib
from collections.abc import Mapping, Sequence
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
# Sure enough to open it: so far ahead of the second.
SURE_LEAD = 0.25
LEARNED = ROOT / "var" / "search.npz"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Whether a message is about anything that we know; no single score can tell.

    Fitted by logistic regression on all phrasings and sayings, each judged by what was learned
    from the others.
    """

    best: float
    outside: float
    known_syllables: float
    known_pairs: float
    words: int

    def is_ours(self) -> bool:
        total = 4.7 * self.best - 3.5 * self.outside
        total += 3.7 * self.known_syllables + 1.9 * self.known_pairs
        total += 6.2 * min(self.words, 12) / 12 - 3.7 * min(self.words, 4) / 4
        return total > NONE_BELOW


NONE_BELOW = 2.6


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
        texts = {guide.id: _texts_of(guide) for guide in library.guides.values()}
        texts[NOT_OURS] = sayings["sayings"]
        brain = _recall_or_learn(texts, normaliser, learned, files[0])
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
    texts: Mapping[str, Sequence[str]], normaliser: Normaliser, file: Path | None, words: str
) -> Brain:
    key = key_of(words, *(f"{name}\n{text}" for name in texts for text in texts[name]))
    brain = Brain.recall(file, key) if file else None
    if brain is None:
        brain = Brain.learn(texts, normaliser)
        if file:
            brain.save(file, key)
    normaliser.known = brain.known
    return brain


def _texts_of(guide: Guide) -> list[str]:
    return [guide.title, *guide.search.aliases, *guide.search.phrasings]

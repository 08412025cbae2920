"""From a message to guides: open one, offer a choice, or say that it is none of ours."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from bot.content.guide import Guide
from bot.content.library import Library
from bot.search.danger import DangerWords
from bot.search.index import PhrasingIndex, Scored
from bot.search.normalise import Normaliser

Decision = Literal["open", "choose", "none", "danger"]

NOT_OURS = "-"
CHOICES = 4
# Sure enough to open it: so far ahead of the second.
SURE_LEAD = 0.04


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Whether a message is about anything that we know; no single score can tell.

    Fitted by logistic regression on all phrasings and sayings, each left out of the index while
    it is judged, so that 3 of 100 phrasings are refused: see `python -m tests.bench --only search`
    for what it does to messages that were not in there.
    """

    best: float
    outside: float
    odds: float
    words: int

    def is_ours(self) -> bool:
        length = min(self.words, 12) / 12
        total = 11.0 * self.best - 6.1 * self.outside + 2.1 * self.odds + 4.9 * length
        return total > 6.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A guide that may be meant; `score` between 0 and 1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What to do about a message; with "choose" the first four hits, best first."""

    decision: Decision
    hits: tuple[Hit, ...]
    danger: str | None = None


class GuideFinder:
    """Finds guides in one process's memory; built once, never changed."""

    def __init__(
        self,
        guides: Mapping[str, Guide],
        *,
        normaliser: Normaliser,
        not_ours: Sequence[str],
        dangers: DangerWords,
    ) -> None:
        documents = {
            guide.id: [normaliser.syllables(text) for text in _texts_of(guide)]
            for guide in guides.values()
        }
        documents[NOT_OURS] = [normaliser.syllables(text) for text in not_ours]
        known = {s for texts in documents.values() for text in texts for s in text}
        self._normaliser = normaliser.knowing(known)
        self._index = PhrasingIndex(documents, NOT_OURS)
        self._dangers = dangers

    @classmethod
    def load(cls, library: Library, folder: Path) -> Self:
        """With what `search.toml`, `not_ours.toml` and `danger.toml` of a language say."""
        words = tomllib.loads((folder / "search.toml").read_text(encoding="utf-8"))
        normaliser = Normaliser(abbreviations=words["abbreviations"], dialect=words["dialect"])
        not_ours = tomllib.loads((folder / "not_ours.toml").read_text(encoding="utf-8"))
        return cls(
            library.guides,
            normaliser=normaliser,
            not_ours=not_ours["sayings"],
            dangers=DangerWords.load(folder / "danger.toml"),
        )

    def find_danger(self, text: str) -> str | None:
        """The kind of danger that somebody is in now; cheap enough for every message."""
        return self._dangers.find(self._normaliser.words(text))

    def find(self, text: str) -> Finding:
        """What the message asks for."""
        words = self._normaliser.words(text)
        syllables = [word.folded for word in words]
        ranked = self._index.rank(syllables)
        guides = [scored for scored in ranked if scored.name != NOT_OURS]
        hits = tuple(Hit(s.name, round(min(s.score, 1.0), 4)) for s in guides[:CHOICES])
        danger = self._dangers.find(words)
        if danger is not None:
            return Finding("danger", hits, danger)
        return Finding(self._decide(ranked, guides, syllables), hits)

    def _decide(
        self, ranked: Sequence[Scored], guides: Sequence[Scored], syllables: Sequence[str]
    ) -> Decision:
        if not guides:
            return "none"
        outside = next((scored.score for scored in ranked if scored.name == NOT_OURS), 0.0)
        evidence = _Evidence(guides[0].score, outside, self._index.odds(syllables), len(syllables))
        if not evidence.is_ours():
            return "none"
        lead = guides[0].score - (guides[1].score if len(guides) > 1 else 0.0)
        return "open" if lead >= SURE_LEAD else "choose"


def _texts_of(guide: Guide) -> list[str]:
    return [guide.title, *guide.search.aliases, *guide.search.phrasings]

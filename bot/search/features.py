"""What a message is judged by: its syllables, their pairs, their sounds, their marks.

Measured by cross-validation over the guides' phrasings with a linear SVM (right first / among
four, in percent; then the same with every third syllable misspelt by a program):

    syllables, single and in pairs                     74.2 / 91.8    54.2 / 76.6
    ... and sounds, single and in pairs                74.6 / 91.3    60.9 / 82.5
    ... and runs of three and four letters             75.3 / 91.6    61.5 / 82.3
    ... and marked syllables instead of letter runs    77.4 / 92.8    62.1 / 82.3
    ... and pairs of marked syllables                  76.1 / 92.1    61.6 / 82.5

So sounds do for misspelling what letter runs do, with half the features.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bot.search.normalise import Word
from bot.search.spelling import sound

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
# The numbers of a text's features with their weights.
Vector = tuple[Ints, Floats]


class Features:
    """Numbers features and weighs them by their rarity."""

    def __init__(self, names: Sequence[str], rarity: Floats) -> None:
        self.names = tuple(names)
        self.rarity = rarity
        self._ids = {name: number for number, name in enumerate(self.names)}

    @classmethod
    def of(cls, texts: Sequence[Sequence[Word]]) -> "Features":
        """All that occur in the texts."""
        seen = Counter(name for text in texts for name in set(_names(text)))
        counts = np.fromiter(seen.values(), np.float32, len(seen))
        return cls(tuple(seen), np.log((1 + len(texts)) / (1 + counts)) + 1)

    def vector(self, text: Sequence[Word]) -> Vector:
        """Of length one; empty when nothing in the text is known."""
        known = Counter(self._ids[name] for name in _names(text) if name in self._ids)
        ids = np.fromiter(known, np.int32, len(known))
        counts = np.fromiter(known.values(), np.float32, len(known))
        weights = (1 + np.log(counts)) * self.rarity[ids]
        length = np.sqrt(weights @ weights) or np.float32(1)
        return ids, weights / length

    def known_shares(self, text: Sequence[Word]) -> tuple[float, float]:
        """Of the text's syllables, and of its pairs of syllables, the known part."""
        folded = [word.folded for word in text]
        return self._share(folded), self._share([f"{a} {b}" for a, b in pairwise(folded)])

    def _share(self, names: Sequence[str]) -> float:
        return sum(name in self._ids for name in names) / max(1, len(names))


def _names(text: Sequence[Word]) -> Iterator[str]:
    folded = [word.folded for word in text]
    sounds = [f"~{sound(syllable)}" for syllable in folded]
    for row in (folded, sounds):
        yield from row
        yield from (f"{one} {other}" for one, other in pairwise(row))
    yield from (f"^{word.marked}" for word in text)

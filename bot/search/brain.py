"""Everything that the search has learned from the guides' texts, kept in a file between starts."""

import hashlib
import logging
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from bot.search.classifier import Classifier, learn
from bot.search.features import Features
from bot.search.normalise import Normaliser, Word

log = logging.getLogger(__name__)

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Brain:
    """What a message's features say about each class; `known` are the syllables of all texts."""

    names: tuple[str, ...]
    known: frozenset[str]
    features: Features
    classifier: Classifier

    @classmethod
    def learn(
        cls,
        said: Mapping[str, Sequence[str]],
        written: Mapping[str, Sequence[str]],
        normaliser: Normaliser,
    ) -> Self:
        """From what people say of each class, and what is written there; the normaliser learns too.

        What people say is learned as it stands and once more without its marks, since half of the
        messages come without; that costs those with marks half a point and gives
        the others ten.
        """
        normaliser.learn(text for texts in said.values() for text in texts)
        names = tuple(said)
        marked, labels = _read(names, said, normaliser)
        background, background_labels = _read(names, written, normaliser)
        documents = [*marked, *([word.bare() for word in words] for words in marked), *background]
        features = Features.of(documents)
        vectors = [features.vector(words) for words in documents]
        labels = [*labels, *labels, *background_labels]
        classifier = learn(vectors, labels, len(features.names), len(names))
        return cls(names, normaliser.known, features, classifier)

    @classmethod
    def recall(cls, file: Path, key: str) -> Self | None:
        """As it was saved, None when there is nothing or it was learned from other texts."""
        try:
            with np.load(file, allow_pickle=False) as saved:
                return cls._unpack(saved) if saved["key"].item() == key else None
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return None

    @classmethod
    def _unpack(cls, saved: Mapping[str, npt.NDArray[Any]]) -> Self:
        return cls(
            _unpacked(saved["names"]),
            frozenset(_unpacked(saved["known"])),
            Features(_unpacked(saved["features"]), saved["rarity"]),
            Classifier(saved["begin"], saved["classes"], saved["weights"], saved["bias"]),
        )

    def save(self, file: Path, key: str) -> None:
        """For the next start; where nothing can be written, that one learns again."""
        learned = self.classifier
        part = file.with_suffix(f".{os.getpid()}.npz")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(
                part,
                key=np.array(key),
                names=_packed(self.names),
                known=_packed(sorted(self.known)),
                features=_packed(self.features.names),
                rarity=self.features.rarity,
                begin=learned.begin,
                classes=learned.classes,
                weights=learned.weights,
                bias=learned.bias,
            )
            part.replace(file)
        except OSError as error:
            log.warning("what the search has learned can't be kept in %s: %s", file, error)


def key_of(*parts: str) -> str:
    """Changes with every text that is learned from, and with how it is learned."""
    digest = hashlib.sha256()
    for module in sorted(HERE.glob("*.py")):
        digest.update(module.read_bytes())
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def _read(
    names: Sequence[str], texts: Mapping[str, Sequence[str]], normaliser: Normaliser
) -> tuple[list[list[Word]], list[int]]:
    """The words of each text, and the number of its class."""
    pairs = [(label, text) for label, name in enumerate(names) for text in texts.get(name, ())]
    return [normaliser.words(text) for _label, text in pairs], [label for label, _text in pairs]


def _packed(words: Sequence[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(words).encode(), np.uint8)


def _unpacked(letters: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(letters.tobytes().decode().split("\n"))

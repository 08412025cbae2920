"""A linear classifier: for every class the weight that each feature has for it or against it.

It is a support vector machine, each class against all others, learned by dual coordinate descent
(Hsieh et al. 2008, the way of liblinear) in numpy, for all classes at once.

Compared with scikit-learn 1.9 by cross-validation over the guides' phrasings (right first / among
four, in percent; features of syllables and letter runs):

    nearest phrasing by TF-IDF, syllables              65.7 / 88.2
    ... and letter runs                                69.0 / 89.8
    complement naive Bayes, syllables                  68.2 / 88.8
    ridge regression                                   73.4 / 91.2
    logistic regression                                75.9 / 93.0
    linear support vectors                             75.7 / 92.5
    ... and nearest phrasing, added                    75.7 / 92.0

Logistic regression is as good, but takes scikit-learn 30 s to learn and the support vectors 3 s.
Here in numpy they take 4 s, once after a text changes, and spare every process the 90 MB that
loading scikit-learn costs. The figures are from when there were 3,200 phrasings. What plain
methods reach without learning, SQLite's FTS5 among them, `python -m tests.bench --only search`
measures beside this.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.search.features import Floats, Ints, Vector

ROUNDS = 4
# How much a mistake costs against the wish for small weights.
COST = np.float32(0.4)
SLACK = 1 / (2 * COST)
# Weights below decide nothing and are dropped.
LEAST_WEIGHT = 0.02
# Learning takes memory for every feature of every class; beyond this they are only averaged.
MOST_LEARNED = 300
SEED = 1


@dataclass(frozen=True, slots=True)
class Classifier:
    """Weights by feature: those of feature i stand from begin[i] to begin[i + 1]."""

    begin: Ints
    classes: npt.NDArray[np.int16]
    weights: Floats
    bias: Floats

    def scores(self, vector: Vector) -> Floats:
        """One for each class: about 1 for "this one", -1 for "not this one"."""
        ids, values = vector
        first = self.begin[ids]
        lengths = self.begin[ids + 1] - first
        places = np.repeat(first - np.cumsum(lengths) + lengths, lengths)
        places += np.arange(len(places), dtype=places.dtype)
        weights = self.weights[places] * np.repeat(values, lengths)
        total = np.bincount(self.classes[places], weights, len(self.bias))
        return total.astype(np.float32) + self.bias


def learn(
    vectors: Sequence[Vector], labels: Sequence[int], features: int, classes: int
) -> Classifier:
    """Always the same for the same texts."""
    if classes > MOST_LEARNED:
        return _average(vectors, labels, features, classes)
    weights = np.zeros((features, classes), np.float32)
    bias = np.zeros(classes, np.float32)
    pulls = np.zeros((len(vectors), classes), np.float32)
    shuffled = np.random.default_rng(SEED)
    for _round in range(ROUNDS):
        for index in shuffled.permutation(len(vectors)):
            _correct(weights, bias, pulls[index], vectors[index], labels[index])
    rows, columns = np.nonzero(np.abs(weights) > LEAST_WEIGHT)
    return _packed(rows, columns, weights[rows, columns], features, bias)


def _packed(
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    weights: Floats,
    features: int,
    bias: Floats,
) -> Classifier:
    begin = np.searchsorted(rows, np.arange(features + 1)).astype(np.int32)
    return Classifier(begin, columns.astype(np.int16), weights, bias)


def _correct(weights: Floats, bias: Floats, pull: Floats, vector: Vector, label: int) -> None:
    """Move the weights so far that this text is on the right side of every class."""
    ids, values = vector
    margins = -(values @ weights[ids] + bias)
    margins[label] = -margins[label]
    change = np.maximum(pull - (margins - 1 + pull * SLACK) / (2 + SLACK), 0) - pull
    moved = np.flatnonzero(change)
    if not len(moved):
        return
    pull[moved] += change[moved]
    signed = -change
    signed[label] = -signed[label]
    weights[ids[:, None], moved] += values[:, None] * signed[moved]
    bias[moved] += signed[moved]


def _average(
    vectors: Sequence[Vector], labels: Sequence[int], features: int, classes: int
) -> Classifier:
    """Every class is the mean of its texts: less exact, but of any size."""
    sizes = np.bincount(np.array(labels), minlength=classes)
    keys = np.concatenate([ids.astype(np.int64) for ids, _values in vectors]) * classes
    keys += np.repeat(np.array(labels), [len(ids) for ids, _values in vectors])
    values = np.concatenate([values for _ids, values in vectors])
    found, place = np.unique(keys, return_inverse=True)
    rows, columns = np.divmod(found, classes)
    sums = np.bincount(place, values).astype(np.float32)
    lengths = np.sqrt(np.bincount(columns, sums**2, classes)) + np.float32(1e-6)
    weights = (2 * sums / lengths[columns]).astype(np.float32)
    return _packed(rows, columns, weights, features, np.where(sizes, -1, -9).astype(np.float32))

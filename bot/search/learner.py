"""A linear classifier: for every guide the weight that each feature has for it or against it.

It is a support vector machine, one guide against all others, learned by dual coordinate descent
(Hsieh et al. 2008, the algorithm of liblinear) in numpy, for all guides at once.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.search.features import Floats, Ints, Vector

ROUNDS = 4
# How much a mistake costs against the wish for small weights.
COST = 0.6
# Weights below do not decide anything and are dropped.
LEAST_WEIGHT = 0.02
SEED = 1


class Classifier:
    """Scores of all classes for a text; about -1 for "not this", 1 for "this"."""

    def __init__(self, weights: npt.NDArray[np.float32], bias: Floats) -> None:
        """`weights`: a row for each feature, a column for each class."""
        rows, columns = np.nonzero(np.abs(weights) > LEAST_WEIGHT)
        self._bias = bias
        self._weights = weights[rows, columns]
        self._classes = columns.astype(np.int16)
        self._begin = np.searchsorted(rows, np.arange(len(weights) + 1)).astype(np.int32)

    def scores(self, vector: Vector) -> Floats:
        """One for each class."""
        ids, values = vector
        lengths = self._begin[ids + 1] - self._begin[ids]
        offsets = np.repeat(self._begin[ids] - np.cumsum(lengths) + lengths, lengths)
        places = offsets + np.arange(int(lengths.sum()))
        total = np.bincount(
            self._classes[places],
            self._weights[places] * np.repeat(values, lengths),
            len(self._bias),
        )
        return total.astype(np.float32) + self._bias


def learn(
    vectors: Sequence[Vector], labels: Sequence[int], features: int, classes: int
) -> Classifier:
    """Always the same for the same texts."""
    weights = np.zeros((features, classes), np.float32)
    bias = np.zeros(classes, np.float32)
    pulls = np.zeros((len(vectors), classes), np.float32)
    shuffled = np.random.default_rng(SEED)
    for _round in range(ROUNDS):
        for index in shuffled.permutation(len(vectors)):
            ids, values = vectors[index]
            _correct(weights, bias, pulls[index], ids, values, labels[index])
    return Classifier(weights, bias)


def _correct(
    weights: Floats, bias: Floats, pull: Floats, ids: Ints, values: Floats, label: int
) -> None:
    """Move the weights so far that this text is on the right side of every class."""
    slack = np.float32(1 / (2 * COST))
    margins = -(values @ weights[ids] + bias)
    margins[label] = -margins[label]
    wanted = np.maximum(pull - (margins - 1 + pull * slack) / (2 + slack), 0)
    change = wanted - pull
    moved = np.flatnonzero(change)
    if not len(moved):
        return
    pull[:] = wanted
    change = np.negative(change)
    change[label] = -change[label]
    weights[ids[:, None], moved] += values[:, None] * change[moved]
    bias[moved] += change[moved]

"""Matches of true and predicted objects, and scores over thresholds of the IoU.

Only pairs whose boxes overlap are compared, each inside the intersection of the two boxes. Objects
of different classes never match. A score that is swept over thresholds is

    mean over images of mean over t of r(TP_t, FP_t, FN_t)

At a threshold t, TP_t true objects are matched one to one with a predicted object of their class
whose IoU is above t, FN_t are not, and FP_t predicted ones are left over. With neither true nor
predicted objects r is 0/0: `empty` is the score of such an image.

Thresholds are compared in whole numbers:

    hit:  10^6 I > k U    (`strict`; else >=),    k = the threshold in millionths

A quotient of floats is unreliable at a threshold: `np.arange(0.5, 1, 0.05)` lies above k / 20 in
eight of ten places, and `np.linspace` does not give 18 / 20 exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.competition.truths.instances import Instances
from podium.errors import DataError

__all__ = ["SWEEP", "ObjectPairs", "each_image", "is_hit", "limits_of", "pairs_of", "swept_metric"]


@dataclass(frozen=True)
class ObjectPairs:
    """M pairs of a true and a predicted object of one class that share pixels.

    Attributes:
        true: int64 `(M,)`, numbers of the true objects, ascending.
        predicted: int64 `(M,)`, numbers of the predicted objects, ascending within one true object.
        both: int64 `(M,)`, pixels of the intersection, at least 1.
        either: int64 `(M,)`, pixels of the union.
    """

    true: NDArray[np.int64]
    predicted: NDArray[np.int64]
    both: NDArray[np.int64]
    either: NDArray[np.int64]


def each_image(
    name: str, truth: Sequence[Instances], prediction: Sequence[Instances]
) -> Iterator[tuple[Instances, Instances]]:
    """Give the true and the predicted objects of each image, one image at a time.

    Raises:
        DataError: what stands for an image is no `Instances`, or the two have different sizes; the
            image is named by its place.
    """
    for n in range(len(truth)):
        right, predicted = truth[n], prediction[n]
        for what, found in (("truth", right), ("prediction", predicted)):
            if not isinstance(found, Instances):
                raise DataError(
                    f"{name}: the {what} of image {n} is {type(found).__name__}, not its objects",
                    fix="give podium.competition.truths.instances.Instances, one an image",
                )
        if right.size != predicted.size:
            raise DataError(
                f"{name}: image {n}: sizes do not match: "
                f"truth {right.size}, prediction {predicted.size}",
                fix="bring both to the competition's frame",
            )
        yield right, predicted


def pairs_of(truth: Instances, prediction: Instances) -> ObjectPairs:
    """Return the pairs of one image."""
    from podium.competition.metrics._crossing import crossings

    true, predicted, both = crossings(truth, prediction)
    kept = both > 0
    true, predicted, both = true[kept], predicted[kept], both[kept]
    return ObjectPairs(
        true, predicted, both, truth.areas[true] + prediction.areas[predicted] - both
    )


def n_matches(pairs: ObjectPairs, hits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many of the hits `(M, T)` of each threshold need no object twice, `(T,)`.

    Hits above an IoU of 1/2 between objects that do not overlap are unique; others are matched so
    that as many as possible are kept.
    """
    some = hits.any(axis=1)
    if _are_unique(pairs.true[some]) and _are_unique(pairs.predicted[some]):
        return np.asarray(hits.sum(axis=0), dtype=np.int64)
    return np.array(
        [_most(pairs.true[one], pairs.predicted[one]) for one in hits.T], dtype=np.int64
    )


def _are_unique(numbers: NDArray[np.int64]) -> bool:
    return len(np.unique(numbers)) == len(numbers)


def _most(true: NDArray[np.int64], predicted: NDArray[np.int64]) -> int:
    if _are_unique(true) and _are_unique(predicted):
        return len(true)
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    shape = (int(true.max()) + 1, int(predicted.max()) + 1)
    graph = csr_array((np.ones(len(true), np.int8), (true, predicted)), shape=shape)
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


SWEEP = tuple(k / 100 for k in range(50, 100, 5))
"""0.50, 0.55 … 0.95, as most competitions of objects have them."""
PARTS = 1_000_000


def limits_of(name: str, thresholds: Sequence[float] | float) -> NDArray[np.int64]:
    """Return `thresholds` in millionths, int64 `(T,)`.

    Args:
        name: of the metric, for the error.
        thresholds: one or several in [0, 1), six decimals of each.

    Raises:
        DataError: there is none, or one is no such number.
    """
    given = np.atleast_1d(np.asarray(thresholds))
    is_number = given.dtype.kind in "if" and given.ndim == 1 and len(given) > 0
    if not is_number or not ((given >= 0) & (given < 1)).all():
        raise DataError(
            f"{name}: thresholds must be numbers in [0, 1), got {thresholds!r}",
            fix="write thresholds: [0.5, 0.55, 0.6], for example",
        )
    return np.asarray(np.rint(given.astype(np.float64) * PARTS).astype(np.int64))


def is_hit(
    both: NDArray[Any], either: NDArray[Any], limits: NDArray[np.int64], *, strict: bool
) -> NDArray[np.bool_]:
    """Return bool `(…, T)`: which limits the IoU of each pair passes.

    Args:
        both: `(…)`, pixels of the intersection; whole numbers.
        either: `(…)`, pixels of the union.
        limits: of `limits_of`.
        strict: whether an IoU that equals a threshold misses it.
    """
    above = np.asarray(both).astype(np.int64)[..., None] * PARTS
    below = np.asarray(either).astype(np.int64)[..., None] * limits
    return np.asarray(above > below if strict else above >= below)


EMPTY = ("one", "zero", "skip", "error")
Ratio = Callable[[NDArray[Any], NDArray[Any], NDArray[Any]], NDArray[np.float64]]


def swept_metric(name: str, ratio: Ratio) -> Metric:
    """Return the metric of objects that averages `ratio` of int64 TP, FP and FN, `(T,)` each.

    It is called for images with an object at least. The sums `(N, 2)` are the mean over the
    thresholds, and whether the image counts.
    """

    def sums(
        truth: Sequence[Instances],
        prediction: Sequence[Instances],
        *,
        thresholds: Sequence[float],
        strict: bool,
        empty: str,
    ) -> NDArray[np.float64]:
        limits = limits_of(name, thresholds)
        if empty not in EMPTY:
            raise DataError(f"{name}: empty must be one of {', '.join(EMPTY)}, got {empty!r}")
        rows = []
        for n, (right, predicted) in enumerate(each_image(name, truth, prediction)):
            if len(right) or len(predicted):
                rows.append((float(ratio(*_counts(right, predicted, limits, strict)).mean()), 1.0))
            elif empty == "error":
                what = f"image {n} has no objects, true or predicted"
                raise DataError(f"{name} is undefined: {what}", fix="set empty: one, zero or skip")
            else:
                rows.append({"one": (1.0, 1.0), "zero": (0.0, 1.0)}.get(empty, (0.0, 0.0)))
        return np.array(rows, dtype=np.float64)

    def value(sums: NDArray[Any], **_: Any) -> float:
        total, number = sums.sum(axis=0, dtype=np.float64)
        if number == 0:
            raise DataError(
                f"{name} is undefined: no image has an object, true or predicted",
                fix="set empty: one or zero",
            )
        return float(total / number)

    def score(truth: Sequence[Instances], prediction: Sequence[Instances], **given: Any) -> float:
        return value(sums(truth, prediction, **given))

    return Metric(
        name,
        needs="instances",
        greater_is_better=True,
        perfect=1.0,
        worst=0.0,
        kinds=frozenset({"instance"}),
        score=score,
        options=MappingProxyType({"thresholds": SWEEP, "strict": True, "empty": "one"}),
        sums=sums,
        value=value,
        task="segment",
    )


def _counts(
    truth: Instances, prediction: Instances, limits: NDArray[np.int64], strict: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return TP, FP and FN of one image, `(T,)` each."""
    pairs = pairs_of(truth, prediction)
    hits = is_hit(pairs.both, pairs.either, limits, strict=strict)  # (M, T)
    found = n_matches(pairs, hits)
    return found, len(prediction) - found, len(truth) - found

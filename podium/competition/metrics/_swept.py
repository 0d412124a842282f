"""A score of an image's objects, averaged over thresholds of the IoU, then over the images.

    mean over images of mean over t of r(TP_t, FP_t, FN_t)

At a threshold t, TP_t objects of the truth have a predicted object of their class of their own
whose IoU is above t, FN_t have none, and FP_t predicted ones are left over. With neither true nor
predicted objects r is 0/0: `empty` says what such an image counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.instances import Instances
from podium.competition.metrics._iou_thresholds import SWEEP, is_hit, limits_of
from podium.competition.metrics._matching import each_image, n_matches, pairs_of
from podium.competition.metrics._metric import Metric
from podium.errors import DataError

__all__ = ["swept_metric"]

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
        for n, (right, said) in enumerate(each_image(name, truth, prediction)):
            if len(right) or len(said):
                rows.append((float(ratio(*_counts(right, said, limits, strict)).mean()), 1.0))
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

"""Panoptic quality: how well objects are found and drawn, by class.

    mean over classes of  Σ IoU of the matches / (TP + FP / 2 + FN / 2)

Kirillov et al. 2019 (arXiv:1801.00868, eq. 1). A true and a predicted object of a class match where
their IoU is above 1/2; of objects that overlap, the pair of the larger IoU first. Matches of all
images are pooled by class. A class without true and predicted objects has no quality and is left
out of the mean; with no object at all the score is undefined. Unlabelled (void) regions are not
supported. `n_classes` is set where scores of parts are pooled.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._matching import ObjectPairs, each_image, pairs_of
from podium.competition.metrics._metric import Metric
from podium.competition.truths.instances import Instances
from podium.errors import DataError

__all__ = ["METRIC"]


def _sums(
    truth: Sequence[Instances], prediction: Sequence[Instances], *, n_classes: int | None
) -> NDArray[np.float64]:
    """Return `(N, 4C)`: of each class the IoUs of its matches added up, then all TP, FP and FN."""
    rows = []
    for right, predicted in each_image("panoptic_quality", truth, prediction):
        ious, classes = _matches(pairs_of(right, predicted), right)
        highest = max(right.classes.max(initial=0), predicted.classes.max(initial=0))
        size = n_classes or int(highest) + 1
        if highest >= size:
            raise DataError(
                f"panoptic_quality: class {highest} stands among {size} classes",
                fix="raise n_classes",
            )
        n_true, n_predicted, n_found = (
            np.bincount(one, minlength=size) for one in (right.classes, predicted.classes, classes)
        )
        quality = np.bincount(classes, weights=ious, minlength=size)
        fp, fn = n_predicted - n_found, n_true - n_found
        rows.append(np.stack([quality, n_found, fp, fn]))  # (4, C)
    n = max(row.shape[1] for row in rows)
    return np.stack([np.pad(row, ((0, 0), (0, n - row.shape[1]))).ravel() for row in rows])


def _matches(pairs: ObjectPairs, truth: Instances) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return IoU and class of each match of one image."""
    candidates = np.flatnonzero(2 * pairs.both > pairs.either)
    ious = pairs.both / pairs.either
    true, predicted, kept = set[int](), set[int](), []
    for one in candidates[np.argsort(-ious[candidates], kind="stable")].tolist():
        if int(pairs.true[one]) in true or int(pairs.predicted[one]) in predicted:
            continue
        true.add(int(pairs.true[one]))
        predicted.add(int(pairs.predicted[one]))
        kept.append(one)
    return ious[kept], truth.classes[pairs.true[kept]]


def _value(sums: NDArray[Any], **_: Any) -> float:
    quality, found, false, missed = sums.sum(axis=0, dtype=np.float64).reshape(4, -1)
    size = found + (false + missed) / 2
    if not size.any():
        raise DataError("panoptic_quality is undefined: there are no objects, true or predicted")
    return float((quality[size > 0] / size[size > 0]).mean())


def _score(
    truth: Sequence[Instances], prediction: Sequence[Instances], *, n_classes: int | None
) -> float:
    return _value(_sums(truth, prediction, n_classes=n_classes))


METRIC = Metric(
    "panoptic_quality",
    needs="instances",
    greater_is_better=True,
    perfect=1.0,
    worst=0.0,
    kinds=frozenset({"instance"}),
    score=_score,
    options=MappingProxyType({"n_classes": None}),
    sums=_sums,
    value=_value,
    task="segment",
)

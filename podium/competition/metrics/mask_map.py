"""Mean average precision of scored objects, by the IoU of their masks.

    mean over classes and thresholds t of AP: the area below precision over recall

The objects of a class are taken surest first over all images (equal scores: as the images stand,
then as the objects do). Each hits the free true object of its class and image with which its IoU is
largest, if that is at least t (`strict: true`: above t). Classes without a true object are left
out; with none at all the score is undefined.

With n objects in the truth, TP_k and k hits and objects among the k surest:

    recall r_k = TP_k / n,   precision p_k = TP_k / k,   p(r) = max of p_k over r_k >= r

    interpolation: all_points    ∫ p(r) dr         Pascal VOC since 2010 and Open Images
    interpolation: 101_points    mean of p(r) over r = 0, 0.01 … 1          COCO

| as in | options |
| --- | --- |
| Open Images 2019 instances | `thresholds: [0.5]` |
| Human Protein Atlas single cells, HuBMAP 2023 | `thresholds: [0.6]` |
| COCO (Lin et al. 2014, arXiv:1405.0312) | `interpolation: 101_points, max_objects: 100` |

`max_objects` keeps so many of a class in an image, the surest ones. The hierarchy of Open Images,
its objects that stand for a group, and COCO's crowds and ranges of size are left out. It is no mean
of images: scores of folds do not average, objects are pooled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._matching import SWEEP, each_image, is_hit, limits_of, pairs_of
from podium.competition.metrics._metric import Metric
from podium.competition.truths.instances import Instances
from podium.errors import DataError

__all__ = ["METRIC"]


INTERPOLATIONS = ("all_points", "101_points")
POINTS = np.linspace(0, 1, 101)
CELLS_AT_ONCE = 1_000_000  # draws × objects: some arrays of 8 MB each


def average_precision(
    hits: NDArray[np.bool_],
    copies: NDArray[np.int64],
    n_true: NDArray[np.int64],
    *,
    interpolation: str,
) -> NDArray[np.float64]:
    """Return the average precision of B samples of objects, `(B,)`; nan where n is 0.

    Args:
        hits: `(n,)`, which predicted objects hit a true one; surest first.
        copies: `(B, n)`, how often each stands in each sample. Copies of an object stand side by
            side, and a row of equal hits or misses changes no p(r) but by its end: so the result is
            that of the objects written out.
        n_true: `(B,)`, objects of the truth in each sample.
        interpolation: "all_points" or "101_points".
    """
    rows = max(1, CELLS_AT_ONCE // max(1, len(hits)))
    parts = [
        _some(hits, copies[at : at + rows], n_true[at : at + rows], interpolation)
        for at in range(0, len(copies), rows)
    ]
    return np.concatenate(parts)


def _some(
    hits: NDArray[np.bool_], copies: NDArray[np.int64], n_true: NDArray[np.int64], points: str
) -> NDArray[np.float64]:
    # Precision is largest behind a hit, so p(r) needs no other place.
    taken = np.cumsum(copies, axis=1)[:, hits]  # (B, hits)
    each = copies[:, hits]
    right = np.cumsum(each, axis=1)
    precision = right / np.maximum(taken, 1)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]  # p(r_k)
    n = np.where(n_true > 0, n_true, 1)
    if points == "all_points":
        area = (each * best).sum(axis=1) / n
    else:
        padded = np.pad(best, ((0, 0), (0, 1)))  # 0 beyond the last recall
        # Recall is a quotient of floats here, too, as pycocotools compares it with these points.
        found = [np.searchsorted(row, POINTS) for row in right / n[:, None]]
        area = np.array([row[at].mean() for row, at in zip(padded, found, strict=True)])
    return np.asarray(np.where(n_true > 0, area, np.nan), dtype=np.float64)


@dataclass(frozen=True)
class _Table:
    """Hits of the predicted objects of all images: all that a score of any resample needs.

    Attributes:
        classes: `(n,)` of the predicted objects, surest first.
        images: `(n,)`, in which image each is.
        hits: bool `(n, T)`.
        n_true: `(N, C)`, true objects of each image and class.
    """

    classes: NDArray[np.int64]
    images: NDArray[np.int64]
    hits: NDArray[np.bool_]
    n_true: NDArray[np.int64]


def _score(truth: Sequence[Instances], prediction: Sequence[Instances], **given: Any) -> float:
    found = _score_draws(truth, prediction, np.ones((1, len(truth)), dtype=np.int64), **given)
    if np.isnan(found[0]):
        raise DataError(
            "mask_map is undefined: no image has a true object",
            fix="score the pooled images of all folds",
        )
    return float(found[0])


def _score_draws(
    truth: Sequence[Instances],
    prediction: Sequence[Instances],
    counts: NDArray[Any],
    *,
    thresholds: Sequence[float],
    strict: bool,
    interpolation: str,
    max_objects: int | None,
) -> NDArray[np.float64]:
    """Return the scores of B resamples `(B,)`: objects are matched once, not B times.

    An image that is drawn twice has each of its objects twice, side by side; written out, objects
    of one image that are equally sure would take turns.
    """
    if interpolation not in INTERPOLATIONS:
        known = ", ".join(INTERPOLATIONS)
        raise DataError(f"mask_map: interpolation must be one of {known}, got {interpolation!r}")
    if max_objects is not None and max_objects < 1:
        raise DataError(f"mask_map: max_objects must be at least 1, got {max_objects}")
    limits = limits_of("mask_map", thresholds)
    table = _table_of(truth, prediction, limits, strict=strict, max_objects=max_objects)
    counts = np.asarray(counts).astype(np.int64)
    each = []
    for c in np.flatnonzero(table.n_true.sum(axis=0)).tolist():
        n_true = counts @ table.n_true[:, c]
        mine = table.classes == c
        copies = counts[:, table.images[mine]]
        each += [
            average_precision(hits, copies, n_true, interpolation=interpolation)
            for hits in table.hits[mine].T
        ]
    if not each:
        return np.full(len(counts), np.nan)
    values = np.stack(each)  # (classes with a true object × T, B)
    total, number = np.nansum(values, axis=0), (~np.isnan(values)).sum(axis=0)
    return np.asarray(np.where(number > 0, total / np.maximum(number, 1), np.nan))


def _table_of(
    truth: Sequence[Instances],
    prediction: Sequence[Instances],
    limits: NDArray[np.int64],
    *,
    strict: bool,
    max_objects: int | None,
) -> _Table:
    classes, scores, images, hits, true = [], [], [], [], []
    for n, (right, predicted) in enumerate(each_image("mask_map", truth, prediction)):
        kept = _surest(predicted, max_objects)
        chosen = predicted.take(kept)
        classes.append(chosen.classes)
        scores.append(chosen.scores)
        images.append(np.full(len(kept), n))
        hits.append(_hits(right, chosen, limits, strict=strict))
        true.append(right.classes)
    order = np.argsort(-np.concatenate(scores), kind="stable")
    n_classes = 1 + max(int(one.max(initial=0)) for one in true)
    return _Table(
        np.concatenate(classes)[order],
        np.concatenate(images)[order],
        np.concatenate(hits)[order],
        np.stack([np.bincount(one, minlength=n_classes) for one in true]),
    )


def _surest(objects: Instances, max_objects: int | None) -> NDArray[np.int64]:
    """Return the numbers of an image's objects, surest first, so many of each class."""
    order = np.argsort(-objects.scores, kind="stable")
    if max_objects is None:
        return np.asarray(order)
    seen: dict[int, int] = {}
    kept = []
    for number in order.tolist():
        kind = int(objects.classes[number])
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= max_objects:
            kept.append(number)
    return np.array(kept, dtype=np.int64)


def _hits(
    truth: Instances, prediction: Instances, limits: NDArray[np.int64], *, strict: bool
) -> NDArray[np.bool_]:
    """Return bool `(n, T)`: which objects of one image, surest first, hit a true one."""
    pairs = pairs_of(truth, prediction)
    passes = is_hit(pairs.both, pairs.either, limits, strict=strict)  # (M, T)
    ious = (pairs.both / pairs.either).tolist()
    mine = pairs.true.tolist()
    candidates: list[list[int]] = [[] for _ in range(len(prediction))]
    for one, number in enumerate(pairs.predicted.tolist()):
        candidates[number].append(one)
    hits = np.zeros((len(prediction), len(limits)), dtype=np.bool_)
    for t in range(len(limits)):
        passing = passes[:, t].tolist()
        taken = set[int]()
        for number, its in enumerate(candidates):
            free = [one for one in its if passing[one] and mine[one] not in taken]
            if free:
                # Of equal IoUs the last one, as pycocotools takes it.
                taken.add(mine[max(free, key=lambda one: (ious[one], one))])
                hits[number, t] = True
    return hits


METRIC = Metric(
    "mask_map",
    needs="instances",
    greater_is_better=True,
    perfect=1.0,
    worst=0.0,
    kinds=frozenset({"instance"}),
    score=_score,
    options=MappingProxyType(
        {
            "thresholds": SWEEP,
            "strict": False,
            "interpolation": "all_points",
            "max_objects": None,
        }
    ),
    score_draws=_score_draws,
    task="segment",
)

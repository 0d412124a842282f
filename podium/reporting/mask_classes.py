"""One score of each mask class, with bootstrap intervals from the sums of single images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import DataError
from podium.reporting.per_class import drawn_units

if TYPE_CHECKING:
    from podium.reporting.mask_lens import MaskLens

__all__ = ["MaskClasses", "mask_classes"]

_BY_CLASS = ("mean_dice", "mean_iou", "global_dice")  # what one class alone has a score of
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MaskClasses:
    """What there is to say of each of C mask classes.

    Attributes:
        metric: what `scores` are: the competition's metric, or else the Dice of all pixels.
        scores: `(C,)`; nan where undefined.
        intervals: `(C, 2)`, bounds of the middle 95 % of the draws; nan where undefined.
        true, said: `(C,)`: images with a true, a decided pixel of the class.
        recall, precision: `(C,)`, of all pixels; nan where there is nothing to divide by.
    """

    metric: str
    scores: Floats
    intervals: Floats
    true: NDArray[np.int64]
    said: NDArray[np.int64]
    recall: Floats
    precision: Floats


def mask_classes(lens: MaskLens, *, n: int = 500, seed: int = 0) -> MaskClasses:
    """Return the scores of each class, with a percentile bootstrap over images or whole groups.

    Args:
        lens: the images.
        n: number of draws.
        seed: of the draws.
    """
    spec = lens.competition.metric
    is_scored = lens.competition.scored_task == "segment" and spec.name in _BY_CLASS
    name = f"{spec.name} of the class" if is_scored else "Dice of all pixels"
    metric = metrics.get(spec.name if is_scored else "mean_dice")
    options: dict[str, Any] = spec.options if is_scored else {"over": "class", "empty": "skip"}
    options = {**options, "background": False}
    n_classes = lens.of_classes.shape[1]
    tables = [
        metrics.of_counts(metric, _only(lens, number), kind=lens.kind, **options)
        for number in range(n_classes)
    ]
    both, said, true = np.moveaxis(lens.of_classes[..., :3].sum(axis=0), 1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, precision = both / true, both / said
    return MaskClasses(
        metric=name,
        scores=np.array([_value(metric, one, options) for one in tables]),
        intervals=_intervals(metric, tables, options, lens.groups, n, seed),
        true=(lens.of_classes[..., 2] > 0).sum(axis=0),
        said=(lens.of_classes[..., 1] > 0).sum(axis=0),
        recall=recall,
        precision=precision,
    )


def _only(lens: MaskLens, number: int) -> NDArray[np.int64]:
    """Return the counts of a task that has this class only."""
    if lens.kind == "multilabel":
        return lens.counts[:, [number]]
    return lens.counts[:, [0, number + 1]]


def _intervals(
    metric: Metric,
    tables: list[NDArray[Any]],
    options: dict[str, Any],
    groups: NDArray[Any] | None,
    n: int,
    seed: int,
) -> Floats:
    sums = np.stack(tables, axis=1).astype(np.float64)  # (N, C, S)
    if groups is not None:
        codes = np.unique(groups.astype(str), return_inverse=True)[1]
        of_groups = np.zeros((int(codes.max()) + 1, *sums.shape[1:]))
        np.add.at(of_groups, codes, sums)
        sums = of_groups
    flat = sums.reshape(len(sums), -1)
    draws = drawn_units(np.ones(len(sums), np.int64), n, seed)
    totals = np.concatenate([block @ flat for block in draws]).reshape(n, *sums.shape[1:])
    drawn = np.array([[_value(metric, one[None], options) for one in draw] for draw in totals])
    bounds = np.full((len(tables), 2), np.nan)
    for number, values in enumerate(drawn.T):
        known = values[np.isfinite(values)]
        if 2 * len(known) > n:
            bounds[number] = np.quantile(known, [0.025, 0.975])
    return bounds


def _value(metric: Metric, sums: NDArray[Any], options: dict[str, Any]) -> float:
    try:
        return metrics.value(metric, sums, **options)
    except DataError:  # nothing of the class is there, and nothing is said
        return float("nan")

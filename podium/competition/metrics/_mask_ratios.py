"""A ratio of pixel counts (Dice, IoU, F-beta), averaged over pairs, images or classes.

With intersection I, predicted P and true T of one class, over known pixels:

    over="pair":  mean over images × classes of r(I, P, T)
    over="image": mean over images of the mean over that image's classes of r(I, P, T)
    over="class": mean over classes of r(Σ I, Σ P, Σ T), sums over all images
    over="all":   r(Σ I, Σ P, Σ T), sums over all images and classes

`background` says whether background (binary, multiclass) is one of the classes. Where P = T = 0 the
ratio is 0/0, and `empty` says what it counts: "one", "zero", "skip" (the pair or class is left out
of the mean) or "error". An image without a known pixel of a class says nothing about it and is left
out, whatever `empty` is. "image" differs from "pair" where pairs are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._mask_counts import foreground, mask_metric
from podium.competition.metrics._metric import Metric
from podium.errors import DataError

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = [
    "Ratio",
    "dice",
    "divided",
    "iou",
    "mean_ratio",
    "ratio_sums",
    "ratio_value",
    "ratio_values",
]

OVER = ("pair", "image", "class", "all")
EMPTY = ("one", "zero", "skip", "error")
Ratio = Callable[..., NDArray[np.float64]]
"""`(I, P, T, **options)`, arrays of one shape → the ratio of each, nan where it is 0/0."""


def dice(both: NDArray[Any], predicted: NDArray[Any], true: NDArray[Any]) -> NDArray[np.float64]:
    """Return 2 I / (P + T); nan where both are empty."""
    return divided(2 * both, predicted + true)


def iou(both: NDArray[Any], predicted: NDArray[Any], true: NDArray[Any]) -> NDArray[np.float64]:
    """Return I / (P + T - I); nan where both are empty."""
    return divided(both, predicted + true - both)


def divided(above: NDArray[Any], below: NDArray[Any]) -> NDArray[np.float64]:
    """Return above / below; nan where below is 0."""
    result = np.full(np.shape(below), np.nan)
    return np.asarray(np.divide(above, below, out=result, where=below > 0))


def mean_ratio(
    name: str,
    ratio: Ratio,
    *,
    over: Literal["pair", "image", "class", "all"],
    empty: Literal["one", "zero", "skip", "error"],
    options: Mapping[str, Any] | None = None,
) -> Metric:
    """Return the metric that averages `ratio`.

    Args:
        name: the file's name.
        ratio: what is averaged.
        over: the default of the option.
        empty: the default of the option.
        options: options of `ratio`, with their defaults.
    """
    return mask_metric(
        name,
        of_counts=partial(ratio_sums, name=name, ratio=ratio),
        value=partial(ratio_value, name=name, ratio=ratio),
        values=partial(ratio_values, ratio=ratio),
        options={"over": over, "empty": empty, "background": False, **(options or {})},
    )


def ratio_sums(
    counts: NDArray[np.int64],
    *,
    name: str,
    ratio: Ratio,
    kind: TaskKind,
    over: str,
    empty: str,
    background: bool,
    n_classes: int | None,
    unit: str = "image",
    **options: Any,
) -> NDArray[Any]:
    """Return float64 `(N, 2)`, sum and number of ratios, or the counts I, P and T of each class.

    Args:
        counts: `(N, K, 4)` as `mask_counts` gives them; of float64, too, where the parts are areas.
        name: of the metric, for errors.
        ratio: what is averaged.
        kind: of the task: which rows of the counts are classes.
        over: "class" gives `(N, 3C)`, "all" `(N, 3)`, of the dtype of the counts.
        empty: what 0/0 counts.
        background: whether it is a class.
        n_classes: not used: the counts say it.
        unit: what a row is called in an error.
        options: of `ratio`.
    """
    for option, given, known in (("over", over, OVER), ("empty", empty, EMPTY)):
        if given not in known:
            raise DataError(f"{name}: {option} must be one of {', '.join(known)}, got {given!r}")
    counts = foreground(counts, kind=kind, background=background)
    both, predicted, true, valid = np.moveaxis(counts, 2, 0)  # each (N, C)
    if over == "class":
        return np.hstack([both, predicted, true])
    if over == "all":
        return np.column_stack([one.sum(axis=1) for one in (both, predicted, true)])
    each = ratio(both, predicted, true, **options)
    undefined = np.isnan(each) & (valid > 0)
    if empty == "error" and undefined.any():
        image, column = np.argwhere(undefined)[0]
        what = f"{unit} {image} has {_nothing_of(int(column), counts.shape[1], background)}"
        raise DataError(f"{name} is undefined: {what}", fix="set empty: one, zero or skip")
    each[undefined] = {"one": 1.0, "zero": 0.0}.get(empty, np.nan)
    counted = ~np.isnan(each)
    total, number = np.where(counted, each, 0.0).sum(axis=1), counted.sum(axis=1)
    if over == "image":
        total, number = total / np.maximum(number, 1), number > 0
    return np.column_stack([total, number]).astype(np.float64)


def ratio_value(
    sums: NDArray[Any],
    *,
    name: str,
    ratio: Ratio,
    kind: TaskKind | None,
    over: str,
    empty: str,
    background: bool,
    n_classes: int | None,
    unit: str = "image",
    **options: Any,
) -> float:
    """Return the score of these sums; arguments are those of `ratio_sums`."""
    totals = sums.sum(axis=0, dtype=np.float64)
    if over not in ("class", "all"):
        total, number = totals
        if number == 0:
            raise DataError(
                f"{name} is undefined: every mask and every decision is empty",
                fix="set empty: one or zero",
            )
        return float(total / number)
    each = ratio(*totals.reshape(3, -1), **options)
    undefined = np.flatnonzero(np.isnan(each))
    if len(undefined) and (empty == "error" or (empty == "skip" and len(undefined) == len(each))):
        column = int(undefined[0])
        what = f"there is {_nothing_of(column, len(each), background and over == 'class')}"
        raise DataError(
            f"{name} is undefined: {what}",
            fix=f"score the pooled {unit}s of all folds, or set empty: skip",
        )
    if empty == "skip":
        return float(np.nanmean(each))
    return float(np.nan_to_num(each, nan=1.0 if empty == "one" else 0.0).mean())


def ratio_values(
    sums: NDArray[Any],
    *,
    ratio: Ratio,
    kind: TaskKind | None,
    over: str,
    empty: str,
    background: bool,
    n_classes: int | None,
    **options: Any,
) -> NDArray[np.float64]:
    """Return the score of each row of `sums` `(B, S)`, nan where it is undefined."""
    totals = sums.astype(np.float64, copy=False)
    if over not in ("class", "all"):
        return divided(totals[:, 0], totals[:, 1])
    each = ratio(*np.moveaxis(totals.reshape(len(totals), 3, -1), 1, 0), **options)  # (B, C)
    undefined = np.isnan(each)
    if empty == "skip":
        return divided(np.where(undefined, 0.0, each).sum(axis=1), (~undefined).sum(axis=1))
    counted = {"one": 1.0, "zero": 0.0}.get(empty, np.nan)
    return np.asarray(np.where(undefined, counted, each).mean(axis=1))


def _nothing_of(column: int, n_columns: int, background: bool) -> str:
    """Return what is missing: the classes count from 0, as `classes` in competition.yaml does."""
    if background and column == 0:
        who = "background"
    else:
        who = "foreground" if n_columns - background == 1 else f"class {column - background}"
    return f"no {who} in truth and decisions"

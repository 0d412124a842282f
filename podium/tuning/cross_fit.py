"""Cross-fitting: what was fitted on other folds is applied to each fold.

This is the one place where podium computes honesty. A score of `CrossFit.prediction` uses, for
every row, parameters that saw neither the row nor its group; `CrossFit.final`, fitted on all rows,
is what goes to the test set, and a score of it on the same rows is optimistic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, UsageError, some

__all__ = ["CrossFit", "check_groups", "cross_fit"]

P = TypeVar("P")
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class CrossFit(Generic[P]):
    """What `cross_fit` found.

    Attributes:
        prediction: `(N, …)`; each row by parameters of the other folds.
        by_fold: fold → the parameters that were applied to it.
        final: the parameters fitted on all rows.
    """

    prediction: NDArray[Any]
    by_fold: dict[int, P]
    final: P


def cross_fit(
    fit: Callable[[Rows], P],
    apply: Callable[[P, Rows], NDArray[Any]],
    *,
    folds: NDArray[np.int64],
    groups: Sequence[Any] | NDArray[Any] | None = None,
) -> CrossFit[P]:
    """Return parameters fitted without each fold, and what they say about it.

    Args:
        fit: from row numbers (ascending, int64) to parameters; it may look at no other row.
        apply: from parameters and row numbers to one prediction a row.
        folds: `(N,)`, the fold of each row, at least two different ones, none negative.
        groups: `(N,)`, None or nan for rows of no group; a group in two folds is refused.

    Raises:
        DataError: a group lies in two folds.
        UsageError: there is one fold only, or `apply` does not return one prediction a row.

    Example:
        >>> y = np.array([0.0, 0.0, 3.0, 3.0])
        >>> fitted = cross_fit(
        ...     lambda rows: y[rows].mean(),
        ...     lambda mean, rows: np.full(len(rows), mean),
        ...     folds=np.array([0, 0, 1, 1]),
        ... )
        >>> fitted.prediction.tolist(), float(fitted.final)
        ([3.0, 3.0, 0.0, 0.0], 1.5)
    """
    numbers = _checked_folds(folds)
    if groups is not None:
        check_groups(numbers, groups)
    by_fold: dict[int, P] = {}
    parts: list[tuple[Rows, NDArray[Any]]] = []
    for fold in np.unique(numbers):
        inside = np.flatnonzero(numbers == fold)
        by_fold[int(fold)] = fit(np.flatnonzero(numbers != fold))
        parts.append((inside, _one_a_row(apply(by_fold[int(fold)], inside), inside)))
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    prediction = np.concatenate([values for _, values in parts])[order]
    return CrossFit(prediction, by_fold, fit(np.arange(len(numbers))))


def check_groups(folds: NDArray[np.int64], groups: Sequence[Any] | NDArray[Any]) -> None:
    """Raise DataError when rows of one group lie in two folds.

    Args:
        folds: `(N,)`.
        groups: `(N,)`; None and nan are no group.
    """
    if len(groups) != len(folds):
        raise UsageError(f"{len(groups)} groups for {len(folds)} rows")
    home: dict[Any, int] = {}
    crossing: dict[Any, None] = {}
    for group, fold in zip(groups, folds.tolist(), strict=True):
        if group is None or group != group:  # nan
            continue
        if home.setdefault(group, fold) != fold:
            crossing[group] = None
    if crossing:
        raise DataError(
            f"{len(crossing)} groups lie in two folds, so scores would leak: {some(crossing)}",
            fix="make the folds by group: scheme group or stratified_group",
        )


def _checked_folds(folds: NDArray[np.int64]) -> Rows:
    numbers = np.asarray(folds)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise UsageError(f"folds must be integers (N,), got {numbers.dtype} {numbers.shape}")
    numbers = numbers.astype(np.int64)
    if (numbers < 0).any():
        raise UsageError(
            f"{int((numbers < 0).sum())} rows are in no fold",
            fix="leave out rows that nobody scored",
        )
    if len(np.unique(numbers)) < 2:
        raise UsageError("cross-fitting needs rows of at least two folds", fix="train another fold")
    return numbers


def _one_a_row(values: NDArray[Any], rows: Rows) -> NDArray[Any]:
    found = np.asarray(values)
    if found.ndim == 0 or len(found) != len(rows):
        raise UsageError(
            f"apply must return one prediction a row, got {found.shape} for {len(rows)}"
        )
    return found

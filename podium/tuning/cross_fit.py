"""Cross-fitting: what was fitted on other folds is applied to each fold.

This is the one place where podium computes honesty. A score of `CrossFit.prediction` uses, for
every row, parameters that saw neither the row nor its group; `CrossFit.final`, fitted on all rows,
is what goes to the test set, and a score of it on the same rows is optimistic.

The winner of a search is scored in the same way. The best of many trials owes some of its score to
luck on the very folds that made it the best (Cawley and Talbot 2010, JMLR 11, §5). `honest_choice`
lets the other folds choose the trial, and takes from the fold only the score of the trial chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.errors import DataError, UsageError, either, plural, some

__all__ = [
    "CrossFit",
    "check_groups",
    "cross_fit",
    "describe_gain_over_recipe",
    "honest_choice",
    "paired_gain",
]


P = TypeVar("P")
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class CrossFit(Generic[P]):
    """The result of `cross_fit`.

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
    final: P | None = None,
    is_fixed: bool = False,
) -> CrossFit[P]:
    """Return parameters fitted without each fold, and their predictions of that fold.

    Args:
        fit: from row numbers (ascending, int64) to parameters; it may use no other row.
        apply: from parameters and row numbers to one prediction a row.
        folds: `(N,)`, the fold of each row, at least two different ones, none negative.
        groups: `(N,)`, None or nan for rows of no group; a group in two folds is refused.
        final: what `fit` returned of all rows; None: it is called.
        is_fixed: whether `fit` returns the same whatever the rows: then one fold will do.

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
    numbers = _checked_folds(folds, least=1 if is_fixed else 2)
    if groups is not None:
        check_groups(numbers, groups)
    by_fold: dict[int, P] = {}
    parts: list[tuple[Rows, NDArray[Any]]] = []
    if len(numbers) and (numbers == numbers[0]).all():
        every = np.arange(len(numbers))
        final = fit(every) if final is None else final
        return CrossFit(_one_a_row(apply(final, every), every), {int(numbers[0]): final}, final)
    for fold in np.unique(numbers):
        inside = np.flatnonzero(numbers == fold)
        by_fold[int(fold)] = fit(np.flatnonzero(numbers != fold))
        parts.append((inside, _one_a_row(apply(by_fold[int(fold)], inside), inside)))
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    prediction = np.concatenate([values for _, values in parts])[order]
    if final is None:
        final = fit(np.arange(len(numbers)))
    return CrossFit(prediction, by_fold, final)


def check_groups(folds: NDArray[np.int64], groups: Sequence[Any] | NDArray[Any]) -> None:
    """Raise DataError when rows of one group lie in two folds.

    Args:
        folds: `(N,)`.
        groups: `(N,)`; None and nan are no group.
    """
    if len(groups) != len(folds):
        raise UsageError(f"{plural(len(groups), 'group')} for {plural(len(folds), 'row')}")
    home: dict[Any, int] = {}
    crossing: dict[Any, None] = {}
    for group, fold in zip(groups, folds.tolist(), strict=True):
        if group is None or group != group:  # nan
            continue
        if home.setdefault(group, fold) != fold:
            crossing[group] = None
    if crossing:
        raise DataError(
            f"{either(len(crossing), 'group lies', 'groups lie')} in two folds, so scores would "
            f"leak: {some(crossing)}",
            fix="make the folds by group: scheme group or stratified_group",
        )


def _checked_folds(folds: NDArray[np.int64], *, least: int) -> Rows:
    numbers = np.asarray(folds)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise UsageError(f"folds must be integers (N,), got {numbers.dtype} {numbers.shape}")
    numbers = numbers.astype(np.int64)
    if (numbers < 0).any():
        raise UsageError(
            f"{either(int((numbers < 0).sum()), 'row is', 'rows are')} in no fold",
            fix="leave out rows without a score",
        )
    if len(np.unique(numbers)) < least:
        raise UsageError("cross-fitting needs rows of at least two folds", fix="train another fold")
    return numbers


def _one_a_row(values: NDArray[Any], rows: Rows) -> NDArray[Any]:
    found = np.asarray(values)
    if found.ndim == 0 or len(found) != len(rows):
        raise UsageError(
            f"apply must return one prediction a row, got {found.shape} for {len(rows)}"
        )
    return found


def honest_choice(
    scores: ArrayLike, *, greater_is_better: bool = True
) -> tuple[float, NDArray[np.int64]]:
    """Return the honest score of choosing the best trial, and the trial that scored each fold.

    For fold k the trial with the best mean over the other folds is taken, the first of equal ones,
    and scored on fold k; the result is the mean of these scores. The trials themselves may have
    been proposed by a sampler that saw all folds, and a trial that was stopped after the first
    folds was stopped by them: what is honest is the choice, not the search.

    Args:
        scores: `(T, F)`, of T trials on F folds; nan where a trial was not scored, and such a trial
            is not chosen.
        greater_is_better: the direction of the scores.

    Returns:
        The mean, and the chosen trials' rows `(F,)`, int64.

    Raises:
        UsageError: fewer than two folds, or no trial has all of them.

    Example:
        >>> mean, picks = honest_choice([[0.9, 0.1, 0.5], [0.5, 0.6, 0.6]])
        >>> round(mean, 4), picks.tolist()
        (0.4, [1, 0, 1])
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2:
        raise UsageError(
            f"an honest choice needs scores (T, F) of two folds at least, got {table.shape}",
            fix="score every trial on another fold",
        )
    rows = np.flatnonzero(~np.isnan(table).any(axis=1))
    if not len(rows):
        raise UsageError("no trial was scored on all folds", fix="run more trials")
    whole = table[rows]  # (T', F)
    n_folds = whole.shape[1]
    # Summed anew, not the total less the fold: what rounding leaves must not decide between trials.
    others = [np.delete(whole, fold, axis=1).mean(axis=1) for fold in range(n_folds)]
    best = [int(np.argmax(one if greater_is_better else -one)) for one in others]
    return float(whole[best, range(n_folds)].mean()), rows[best].astype(np.int64)


def describe_gain_over_recipe(found: tuple[float, float] | None) -> str:
    """Return a sentence on a gain over a recipe as it stands: is it chance?

    Args:
        found: of `paired_gain`; None: nothing was better than the recipe.

    Example:
        >>> describe_gain_over_recipe((0.02, 0.03))
        'It gains 0.0200 over the recipe as it stands, no more than the standard error over folds, \
0.0300: it may be chance.'
    """
    if found is None:
        return "No trial is better than the recipe as it stands."
    gain, error = found
    if gain < 0:
        return f"On the mean fold the recipe as it stands is better than it, by {-gain:.4f}."
    text = f"It gains {gain:.4f} over the recipe as it stands"
    if error == float("inf"):
        return f"It gains {gain:.4f} on one fold, which has no standard error: it may be chance."
    if gain > error:
        return f"{text}, more than the standard error over folds, {error:.4f}."
    return f"{text}, no more than the standard error over folds, {error:.4f}: it may be chance."


def paired_gain(
    scores: ArrayLike, others: ArrayLike, *, greater_is_better: bool = True
) -> tuple[float, float]:
    """Return by how much `scores` beat `others` on the mean fold, and the standard error of that.

    The error is of the paired differences, so that a fold which is hard for both does not count. It
    is too small, if anything: the folds' networks were trained on rows that they share (Bengio and
    Grandvalet 2004, JMLR 5).

    Args:
        scores, others: `(F,)`, of two trials on the same folds.
        greater_is_better: the direction of the scores.

    Returns:
        The gain, above 0 where `scores` are better, and its error; infinite for one fold.

    Example:
        >>> gain, error = paired_gain([0.5, 0.7, 0.6], [0.4, 0.5, 0.6])
        >>> round(gain, 4), round(error, 4)
        (0.1, 0.0577)
    """
    sign = 1.0 if greater_is_better else -1.0
    gains = sign * (np.asarray(scores, dtype=np.float64) - np.asarray(others, dtype=np.float64))
    if len(gains) < 2:
        return float(gains.mean()), float("inf")
    return float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))

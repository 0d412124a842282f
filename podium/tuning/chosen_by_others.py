"""How good the winner of a search is, when each fold is judged by a choice that did not see it.

The best of many trials owes some of its score to luck on the very folds that made it the best
(Cawley and Talbot 2010, JMLR 11, §5). Here the other folds choose the trial, and the fold only
says how good it is there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.errors import UsageError

__all__ = ["honest_choice", "paired_gain"]


def honest_choice(
    scores: ArrayLike, *, greater_is_better: bool = True
) -> tuple[float, NDArray[np.int64]]:
    """Return the honest score of choosing the best trial, and which one each fold was judged by.

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


def paired_gain(
    scores: ArrayLike, others: ArrayLike, *, greater_is_better: bool = True
) -> tuple[float, float]:
    """Return by how much `scores` beat `others` on the mean fold, and the standard error of that.

    The error is of the paired differences, so that a fold which is hard for both does not count. It
    is too small, if anything: the folds' networks learnt from rows that they share (Bengio and
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

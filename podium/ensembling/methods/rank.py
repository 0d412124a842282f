"""Rank mean: of each member only the order of the rows counts, within each fold.

A row's value is (r - 0.5) / n, with r its mean rank (ties share theirs) among the n rows of its
fold, each column by itself; members weigh the same. Members of different calibration, and fold
models of different calibration, become comparable; what is lost is the confidence. A
threshold on ranks is a share of the rows, so that it carries its positive rate over to the test
set, whose rows are one fold.

It fits metrics that depend on the order of rows in each column alone (AUC), and thresholds a column
(binary, multilabel). Ranks of different columns are not comparable: the rarest class has as many
high ranks as the most frequent one, so nothing is decided by the likeliest class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import (
    BlendMethod,
    BlendObjective,
    Fitted,
    Members,
    before_thresholds,
)
from podium.errors import DataError

__all__ = ["METHOD", "ranks_within"]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    return Fitted.equal(len(members))


def _prepare(probs: NDArray[np.floating[Any]], folds: NDArray[np.int64]) -> NDArray[np.float32]:
    return ranks_within(probs, folds).astype(np.float32)


def ranks_within(values: NDArray[Any], parts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (r - 0.5) / n of each value, r its mean rank among the n of its part and column.

    Args:
        values: `(N,)` or `(N, C)`.
        parts: `(N,)`, such as folds.
    """
    from scipy.stats import rankdata

    ranks = np.empty(values.shape, dtype=np.float64)
    for part in np.unique(parts):
        inside = parts == part
        ranks[inside] = (rankdata(values[inside], axis=0) - 0.5) / np.count_nonzero(inside)
    return ranks


def _refuses(objective: BlendObjective) -> str:
    metric, kind = objective.metric, objective.kind
    if metric.needs_probs and (kind.is_prob or kind.is_rating):
        if _depends_on_order_only(before_thresholds(objective)):
            return ""
        return f"{metric.name} scores values, and ranks have an order only"
    if metric.scores_decisions and kind.is_thresholded:
        return ""
    if not kind.is_prob:
        return f"ranks are no values of {kind.named} task"
    return "ranks of different classes cannot be compared, and the likeliest class is needed"


def _depends_on_order_only(objective: BlendObjective) -> bool:
    """Return whether the metric scores a prediction and its powers, another one a column, alike.

    The metric is run on numbers drawn at random, so that this holds for a user's own. False where
    it cannot score them.
    """
    truth = np.asarray(objective.truth)
    n_outputs = 1
    if truth.ndim == 2:
        n_outputs = truth.shape[1]
    elif objective.kind.is_exclusive:
        n_outputs = int(truth.max()) + 1
    probs = np.random.default_rng(0).uniform(0.1, 0.9, (len(truth), n_outputs))
    powers = probs ** (2 + np.arange(n_outputs) % 3)
    try:
        return bool(np.isclose(objective.of_probs(probs), objective.of_probs(powers), rtol=1e-9))
    except DataError:
        return False


METHOD = BlendMethod(
    fit=_fit,
    prepare=_prepare,
    n_fitted=lambda n_members, n_outputs: 0,
    refuses=_refuses,
    gives_probs=False,
)

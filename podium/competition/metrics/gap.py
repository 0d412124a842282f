"""GAP, the global average precision or micro-AP: one class a row, all rows in one ranking.

    GAP = 1/M · Σ_j P(j) · 1[prediction j is right]

Predictions stand by confidence, the surest first; P(j) is the share of right ones among the first
j, and M the number of rows that show a known class (Landmark Recognition). A true class of -1 is a
row without one: a prediction for it is wrong, and takes its place. A predicted class of -1 is no
prediction. So confidence must mean the same in all rows.

Predictions of equal confidence share one place, the last of theirs: each that is right counts the
precision at the end of the tie, and the order of the rows changes nothing. It is no function of
sums of rows: folds are pooled by rows, never by their scores.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.errors import DataError

__all__ = ["METRIC"]


def _score(truth: NDArray[Any], pairs: NDArray[Any]) -> float:
    if (truth < 0).all():
        raise DataError(
            "gap is undefined: no row shows a known class", fix="score rows with a class, too"
        )
    return float(_score_draws(truth, pairs, np.ones((1, len(truth))))[0])


def _score_draws(
    truth: NDArray[Any], pairs: NDArray[Any], counts: NDArray[Any]
) -> NDArray[np.float64]:
    """Return the scores of B resamples `(B,)`: the rows are sorted once, not B times."""
    n_known = counts @ (truth >= 0).astype(np.float64)  # (B,)
    of_rows = np.flatnonzero(pairs[:, 0] >= 0)
    order = of_rows[np.argsort(-pairs[of_rows, 1].astype(np.float64), kind="stable")]
    above = np.zeros(len(counts))
    if len(order):
        confidence = pairs[order, 1]
        is_last = np.append(confidence[1:] != confidence[:-1], True)  # of its tie
        drawn = counts[:, order].astype(np.float64)
        right = np.cumsum(drawn * (pairs[order, 0] == truth[order]), axis=1)[:, is_last]
        predicted = np.cumsum(drawn, axis=1)[:, is_last]
        precision = right / np.maximum(predicted, 1)
        above = (np.diff(right, prepend=0.0, axis=1) * precision).sum(axis=1)
    return np.where(n_known > 0, above / np.maximum(n_known, 1), np.nan)


METRIC = Metric(
    "gap",
    needs="confident",
    greater_is_better=True,
    perfect=1.0,
    worst=0.0,
    kinds=frozenset({"multiclass"}),
    score=_score,
    score_draws=_score_draws,
)

CALLED = ("global average precision",)

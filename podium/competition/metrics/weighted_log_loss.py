"""Log loss with a weight for each column and one for positives (RSNA cervical spine 2022).

    ℓ_ij = -w_ij · ln(p_ij if t_ij = 1 else 1 - p_ij),   w_ij = weights_j · (positive if t_ij = 1)

Options: `weights`, one for each column in the order of `classes` (RSNA: 1 for each of the seven
levels, 7 for the patient); default: 1 each. `positive`: how much more a positive cell weighs.
`over: exam` is the mean over rows i of Σ_j ℓ_ij / Σ_j w_ij, as RSNA's grader did; `over: row` is
Σ ℓ / Σ w over all cells. `eps`: the probability of the truth is clipped to [eps, 1 - eps].
Probabilities of .5 give ln 2 with both. A cell whose label is unknown weighs nothing.

Where positives weigh more, the true probability p is not the best answer: over rows it is
positive · p / (positive · p + 1 - p), so that blends are calibrated by weighted likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._columns import numbers_of_columns
from podium.competition.metrics._metric import Metric, refuse_improper_probs
from podium.errors import DataError

__all__ = ["METRIC"]


def _sums(
    truth: NDArray[Any],
    probs: NDArray[Any],
    *,
    weights: Sequence[float] | None,
    positive: float,
    over: str,
    eps: float,
) -> NDArray[np.float64]:
    if over not in ("exam", "row"):
        raise DataError(f"weighted_log_loss: over must be exam or row, got {over!r}")
    if not 0 < eps < 0.5:
        raise DataError(f"weighted_log_loss: eps must be in (0, 0.5), got {eps}")
    if not positive > 0:
        raise DataError(f"weighted_log_loss: positive must be above 0, got {positive!r}")
    probs = probs.astype(np.float64).reshape(len(truth), -1)
    truth = truth.reshape(len(truth), -1)
    refuse_improper_probs("weighted_log_loss", truth, probs)
    weight = _weights(truth, weights, positive)
    # Clip what is right, not p: 1 - (1 - 1e-15) is 0.999e-15.
    loss = -np.log(np.clip(np.where(truth == 1, probs, 1 - probs), eps, 1 - eps))
    above, below = (weight * loss).sum(axis=1), weight.sum(axis=1)
    if over == "row":
        return np.column_stack([above, below])
    is_scored = below > 0
    return np.column_stack([above / np.where(is_scored, below, 1.0), is_scored])


def _weights(
    truth: NDArray[Any], weights: Sequence[float] | None, positive: float
) -> NDArray[np.float64]:
    of_cells = np.where(truth == 1, positive, np.where(truth == -1, 0.0, 1.0))
    return _of_columns(weights, truth.shape[1]) * of_cells


def _weights_of_cells(
    truth: NDArray[Any],
    *,
    weights: Sequence[float] | None,
    positive: float,
    over: str,
    eps: float,
) -> NDArray[np.float64]:
    """Return how much each cell `(N, C)` weighs in the loss."""
    found = _weights(truth.reshape(len(truth), -1), weights, positive)
    if over == "row":
        return found
    total = found.sum(axis=1, keepdims=True)
    return np.asarray(found / np.where(total > 0, total, 1.0))


def _of_columns(weights: Sequence[float] | None, n_columns: int) -> NDArray[np.float64]:
    found = numbers_of_columns("weighted_log_loss", "weights", weights, n_columns)
    if (found < 0).any() or not found.any():
        raise DataError(f"weighted_log_loss: weights must be >= 0 and not all 0, got {weights!r}")
    return found


METRIC = Metric.from_sums(
    "weighted_log_loss",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"multilabel", "binary"}),
    sums=_sums,
    options={"weights": None, "positive": 2.0, "over": "exam", "eps": 1e-15},
    is_proper=True,
    skips_missing=True,
    weights_of=_weights_of_cells,
)

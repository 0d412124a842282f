"""Log loss, as Kaggle's classic pages define it.

    loss = -1/N · Σ_i ln clip(p_i[t_i], eps, 1 - eps),   rows divided by their sum first

Binary and multilabel tasks take -ln p or -ln(1 - p) of each cell and the mean over all cells whose
label is known. It is computed in float64, whatever the dtype: float32 cannot hold 1 - 1e-15, and
sklearn's clipping at the dtype's own precision makes a sure and wrong row cost 15.9 in float32 and
36.0 in float64 where this definition gives 34.5.

Options: `eps`; `rescale: false` takes rows of several classes as they come.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric, known_cells, means_of_cells
from podium.errors import DataError

__all__ = ["METRIC"]


def _sums(
    truth: NDArray[Any], probs: NDArray[Any], *, eps: float, rescale: bool
) -> NDArray[np.float64]:
    if not 0 < eps < 0.5:
        raise DataError(f"log_loss: eps must be in (0, 0.5), got {eps}", fix="1e-15 is Kaggle's")
    probs = probs.astype(np.float64)
    if truth.ndim == 1 and probs.ndim == 2:
        each = -np.log(np.clip(_of_the_right_class(truth, probs, rescale), eps, 1 - eps))
    else:
        is_known = known_cells(truth)
        return means_of_cells(_binary_losses(truth, probs, eps, is_known), is_known)
    return np.column_stack([each, np.ones(len(each))])


def _of_the_right_class(
    truth: NDArray[Any], probs: NDArray[np.float64], rescale: bool
) -> NDArray[np.float64]:
    """Return the probability of each row's true class `(N,)`."""
    n_classes = probs.shape[1]
    unknown = np.flatnonzero((truth < 0) | (truth >= n_classes) | (truth != np.floor(truth)))
    if len(unknown):
        raise DataError(
            f"log_loss: row {unknown[0]} has the true class {truth[unknown[0]]}, "
            f"the probabilities have {n_classes} columns"
        )
    if (probs < 0).any() or (not rescale and (probs > 1).any()):
        row = int(np.flatnonzero(((probs < 0) | (probs > 1)).any(axis=1))[0])
        raise DataError(
            f"log_loss: row {row} has a probability outside [0, 1]", fix="pass probs, not logits"
        )
    right = probs[np.arange(len(truth)), truth.astype(np.int64)]
    if not rescale:
        return np.asarray(right)
    total = probs.sum(axis=1)
    if (total == 0).any():
        row = int(np.flatnonzero(total == 0)[0])
        raise DataError(f"log_loss: row {row} has the sum 0 and cannot be rescaled")
    return np.asarray(right / total)


def _binary_losses(
    truth: NDArray[Any],
    probs: NDArray[np.float64],
    eps: float,
    is_known: NDArray[np.bool_] | None,
) -> NDArray[np.float64]:
    if not np.isin(truth if is_known is None else truth[is_known], (0, 1)).all():
        raise DataError("log_loss: the truth of a binary or multilabel task must be 0 or 1")
    if ((probs < 0) | (probs > 1)).any():
        raise DataError("log_loss: a probability is outside [0, 1]", fix="pass probs, not logits")
    # Clip what is right, not p: 1 - (1 - 1e-15) is 0.999e-15.
    right = np.where(truth == 1, probs, 1 - probs)
    return np.asarray(-np.log(np.clip(right, eps, 1 - eps)))


METRIC = Metric.from_sums(
    "log_loss",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    is_proper=True,
    kinds=frozenset({"multiclass", "multilabel", "binary"}),
    sums=_sums,
    options={"eps": 1e-15, "rescale": True},
    skips_missing=True,
)

CALLED = (
    "logarithmic loss", "logloss", "multiclass log loss", "cross entropy", "对数损失", "對數損失",
    "交叉熵", "対数損失", "交差エントロピー", "로그 손실", "교차 엔트로피",
)  # fmt: skip

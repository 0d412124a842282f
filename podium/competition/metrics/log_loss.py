"""Log loss, as Kaggle's classic pages define it.

    loss = -1/N · Σ_i ln clip(p_i[t_i], eps, 1 - eps),   rows divided by their sum first

Binary and multilabel tasks take -ln p or -ln(1 - p) of each cell and the mean over all cells whose
label is known. It is computed in float64, whatever the dtype: float32 cannot hold 1 - 1e-15, and
sklearn's clipping at the dtype's own precision makes a sure and wrong row cost 15.9 in float32 and
36.0 in float64 where this definition gives 34.5.

Options: `eps`; `rescale: false` takes rows of several classes as they come; `class_weights`, a
number for each class of one label in the order of `classes` (in `competition.yaml` also by name),
weighs each row by its true class, w_i = class_weights[t_i], as scikit-learn's `sample_weight` does:

    loss = -Σ_i w_i · ln clip(p_i[t_i], eps, 1 - eps) / Σ_i w_i

The best answer is then not the true probability p_c, but w_c · p_c / Σ_k w_k · p_k, so that blends
are calibrated by weighted likelihood. RSNA 2024 (lumbar spine) has 1, 2 and 4 for grades, of each
of several outputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._columns import numbers_of_columns
from podium.competition.metrics._metric import Metric, known_cells, means_of_cells
from podium.errors import DataError, plural
from podium.tasks.protocols.kind import Kind

__all__ = ["METRIC"]


def _sums(
    truth: NDArray[Any],
    probs: NDArray[Any],
    *,
    eps: float,
    rescale: bool,
    class_weights: Sequence[float] | None,
) -> NDArray[np.float64]:
    if not 0 < eps < 0.5:
        raise DataError(f"log_loss: eps must be in (0, 0.5), got {eps}", fix="1e-15 is Kaggle's")
    probs = probs.astype(np.float64)
    if truth.ndim == 1 and probs.ndim == 2:
        each = -np.log(np.clip(_of_the_right_class(truth, probs, rescale), eps, 1 - eps))
    else:
        is_known = known_cells(truth)
        _refuse_class_weights(class_weights)
        return means_of_cells(_binary_losses(truth, probs, eps, is_known), is_known)
    if class_weights is None:
        return np.column_stack([each, np.ones(len(each))])
    weights = _class_weights(class_weights, probs.shape[1])[truth.astype(np.int64)]
    return np.column_stack([weights * each, weights])


def _value(sums: NDArray[Any], **_: Any) -> float:
    total, weight = sums.sum(axis=0)
    if not weight:
        raise DataError(
            "log_loss is undefined: every row is of a class that weighs 0",
            fix="score more rows, or give these classes a weight in class_weights",
        )
    return float(total / weight)


def _class_weights(given: Sequence[float], n_classes: int) -> NDArray[np.float64]:
    """Return the weights of the classes `(C,)`."""
    found = numbers_of_columns("log_loss", "class_weights", given, n_classes)
    if (found < 0).any() or not found.any():
        raise DataError(
            f"log_loss: class_weights must be of at least 0 and not all 0, got {list(given)}"
        )
    return found


def _refuse_class_weights(given: Sequence[float] | None) -> None:
    if given is not None:
        raise DataError(
            "log_loss: class_weights are of one label of several classes",
            fix="take weighted_log_loss, whose weights are of columns, and positive of what is yes",
        )


def _weights_of_rows(
    truth: NDArray[Any], *, class_weights: Sequence[float] | None, **_: Any
) -> NDArray[np.float64]:
    """Return how much each row `(N,)` weighs, or each cell `(N, C)`: 1 without class weights."""
    if class_weights is None:
        return np.ones(truth.shape)
    known = np.asarray(class_weights, dtype=np.float64)
    return np.where(truth < 0, 0.0, known[truth.astype(np.int64)])


def _refuse(kind: Kind, n_classes: int, options: Mapping[str, Any]) -> None:
    given = options["class_weights"]
    if given is not None and kind.is_exclusive:
        _class_weights(given, n_classes)
    elif given is not None:
        _refuse_class_weights(given)


def _of_the_right_class(
    truth: NDArray[Any], probs: NDArray[np.float64], rescale: bool
) -> NDArray[np.float64]:
    """Return the probability of each row's true class `(N,)`."""
    n_classes = probs.shape[1]
    unknown = np.flatnonzero((truth < 0) | (truth >= n_classes) | (truth != np.floor(truth)))
    if len(unknown):
        raise DataError(
            f"log_loss: row {unknown[0]} has the true class {truth[unknown[0]]}, "
            f"the probabilities have {plural(n_classes, 'column')}"
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
    value=_value,
    options={"eps": 1e-15, "rescale": True, "class_weights": None},
    skips_missing=True,
    weights_of=_weights_of_rows,
    refuse=_refuse,
)

CALLED = (
    "logarithmic loss", "logloss", "multiclass log loss", "cross entropy", "对数损失", "對數損失",
    "交叉熵", "対数損失", "交差エントロピー", "로그 손실", "교차 엔트로피",
)  # fmt: skip

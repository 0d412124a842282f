"""True and false positives of every class, one row a unit: what the F1 scores are made of.

    F1_c = 2 TP_c / (2 TP_c + FP_c + FN_c);   0/0, a class without truth and without prediction:
    `zero_division`

Which classes a macro or micro mean runs over is `labels`: "union" (every class seen in truth or
decisions: sklearn's default), "truth" (seen in the truth), or a list of class indices. A multilabel
task always takes all of its columns, or the listed ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError

__all__ = ["OPTIONS", "f1_sums", "f1_value"]

OPTIONS: dict[str, Any] = {"labels": "union", "n_classes": None, "zero_division": 0.0}
AVERAGES = ("binary", "macro", "micro", "samples")


def f1_sums(
    truth: NDArray[Any],
    decisions: NDArray[Any],
    *,
    average: str,
    labels: str | list[int],
    n_classes: int | None,
    zero_division: float,
) -> NDArray[Any]:
    """Return uint8 `(N, 4C)`: TP, FP, FN, whether the class counts; `(N, 2)` for "samples".

    Args:
        truth: int `(N,)` or 0/1 `(N, C)`.
        decisions: of the same shape.
        average: "binary" (class 1), "macro", "micro", or "samples" (multilabel: the mean of each
            row's F1).
        labels: the classes that count, see the module.
        n_classes: C of a single-label task; None: the largest class seen, plus one.
        zero_division: the F1 of a class, or a row, without truth and without prediction.
    """
    _refuse_options(truth, average, zero_division)
    is_true, is_said = (
        _indicators(truth, n_classes, decisions),
        _indicators(decisions, n_classes, truth),
    )
    if average == "samples":
        each = _f1((is_true & is_said).sum(1), (is_true ^ is_said).sum(1), zero_division)
        return np.column_stack([each, np.ones(len(each))])
    counted = _counted(is_true, is_said, labels, is_multilabel=truth.ndim == 2)
    blocks = [is_true & is_said, ~is_true & is_said, is_true & ~is_said, counted]
    return np.hstack(blocks).astype(np.uint8)


def _refuse_options(truth: NDArray[Any], average: str, zero_division: float) -> None:
    if average not in AVERAGES:
        raise DataError(f"f1: average must be one of {', '.join(AVERAGES)}, got {average!r}")
    if zero_division not in (0, 1):
        raise DataError(f"f1: zero_division must be 0 or 1, got {zero_division!r}")
    if average == "samples" and truth.ndim == 1:
        raise DataError("f1: average samples needs a multilabel task", fix="choose macro or micro")
    if average == "binary" and (truth.ndim == 2 or not np.isin(truth, (0, 1)).all()):
        raise DataError(
            "f1: average binary needs a truth of 0 and 1", fix="choose macro, micro or samples"
        )


def _indicators(
    labels: NDArray[Any], n_classes: int | None, other: NDArray[Any]
) -> NDArray[np.bool_]:
    """Return bool `(N, C)`: which classes each row has."""
    both = np.concatenate([labels, other])
    if labels.ndim == 2:
        if not np.isin(both, (0, 1)).all():
            raise DataError(
                "f1: a multilabel truth or decision is not 0 or 1", fix="threshold the probs"
            )
        return labels.astype(bool)
    if both.min() < 0 or (both != np.floor(both)).any():
        raise DataError(
            "f1: a class index is negative or not whole", fix="pass class indices, not probs"
        )
    c = int(both.max()) + 1 if n_classes is None else n_classes
    if both.max() >= c:
        raise DataError(
            f"f1: class {int(both.max())} stands among {c} classes", fix="raise n_classes"
        )
    return np.asarray(labels[:, None] == np.arange(c))  # (N, C)


def _counted(
    is_true: NDArray[np.bool_],
    is_said: NDArray[np.bool_],
    labels: str | list[int],
    *,
    is_multilabel: bool,
) -> NDArray[np.bool_]:
    """Return bool `(N, C)`: a class counts in a set of rows when it is marked in one of them."""
    if isinstance(labels, str):
        if labels not in ("union", "truth"):
            raise DataError(f"f1: labels must be union, truth or a list of classes, got {labels!r}")
        if is_multilabel:
            return np.ones_like(is_true)
        return is_true | is_said if labels == "union" else is_true
    n_classes = is_true.shape[1]
    wanted = np.asarray(labels, dtype=np.int64)
    if len(wanted) == 0 or wanted.min() < 0:
        raise DataError(f"f1: labels must be class indices, got {list(labels)}")
    if wanted.max() >= n_classes:
        raise DataError(
            f"f1: labels name class {wanted.max()} of {n_classes}", fix="give n_classes, too"
        )
    listed = np.zeros(n_classes, dtype=bool)
    listed[wanted] = True
    return np.broadcast_to(listed, is_true.shape)


def f1_value(
    sums: NDArray[Any],
    *,
    average: str,
    labels: str | list[int],
    n_classes: int | None,
    zero_division: float,
) -> float:
    """Return the score of the units whose `f1_sums` these are."""
    totals = sums.sum(axis=0, dtype=np.float64)
    if average == "samples":
        return float(totals[0] / totals[1])
    hit, false_alarm, missed, counted = totals.reshape(4, -1)
    if average == "binary":
        wrong = false_alarm + missed
        # One class seen and no n_classes given: class 1 has no truth and no prediction.
        return float(_f1(hit, wrong, zero_division)[1]) if len(hit) > 1 else float(zero_division)
    keep = counted > 0
    if not keep.any():
        raise DataError("f1 is undefined: no class counts in these rows", fix="set labels: union")
    hit, wrong = hit[keep], (false_alarm + missed)[keep]
    if average == "micro":
        hit, wrong = hit.sum(keepdims=True), wrong.sum(keepdims=True)
    return float(_f1(hit, wrong, zero_division).mean())


def _f1(hit: NDArray[Any], wrong: NDArray[Any], zero_division: float) -> NDArray[np.float64]:
    below = 2.0 * hit + wrong
    return np.where(below > 0, 2.0 * hit / np.where(below > 0, below, 1.0), float(zero_division))

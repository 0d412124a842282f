"""True and false positives of every class, one row a unit: what the F scores are made of.

    Fβ_c = (1 + β²) TP_c / ((1 + β²) TP_c + FP_c + β² FN_c);   0/0, a class without truth and
    without prediction: `zero_division`;   F1: β = 1

Which classes a macro or micro mean runs over is `labels`: "union" (every class seen in truth or
decisions: sklearn's default), "truth" (seen in the truth), or a list of class indices. A multilabel
task always takes all of its columns, or the listed ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.competition.metrics._ones import Ones, class_indices, metric_of_ones
from podium.errors import DataError

__all__ = ["OPTIONS", "f_metric"]

OPTIONS: dict[str, Any] = {"labels": "union", "n_classes": None, "zero_division": 0.0}
AVERAGES = ("binary", "macro", "micro", "samples")


def f_metric(name: str, options: Mapping[str, Any], **fixed: Any) -> Metric:
    """Return the metric `name`: F-beta with these `options`; `fixed` are those that nobody sets.

    Its sums are uint8 `(N, 4C)`: TP, FP, FN, whether the class counts; float `(N, 2)` for the
    average "samples".

    Args:
        name: the file's name.
        options: defaults of `average` ("binary": class 1; "macro"; "micro"; "samples": multilabel,
            the mean of each row's F), `beta` (how many times as much recall counts as precision),
            `labels` (the classes that count, see the module), `n_classes` (C of a single-label
            task; None: the largest class seen, plus one) and `zero_division` (the score of a class,
            or a row, without truth and without prediction), where they are options.
        fixed: the values of those that are none.
    """

    def find(truth: NDArray[Any], decisions: NDArray[Any], **given: Any) -> Ones | NDArray[Any]:
        try:
            return _find(truth, decisions, **given, **fixed)
        except DataError as error:
            raise DataError(f"{name}: {error.message}", fix=error.fix) from None

    def value(sums: NDArray[Any], **given: Any) -> float:
        return _value(name, sums, **given, **fixed)

    def values(sums: NDArray[Any], **given: Any) -> NDArray[np.float64]:
        return _values(sums, **given, **fixed)

    return metric_of_ones(
        name,
        kinds=frozenset({"multiclass", "multilabel", "binary", "ordinal"}),
        find=find,
        value=value,
        values=values,
        options=options,
    )


def _find(
    truth: NDArray[Any],
    decisions: NDArray[Any],
    *,
    average: str,
    labels: str | list[int],
    n_classes: int | None,
    zero_division: float,
    beta: float,
) -> Ones | NDArray[Any]:
    _refuse_options(truth, average, zero_division, beta)
    if truth.ndim == 1:
        right, said, c = class_indices(truth, decisions, n_classes)
        _listed(labels, c)
        rows = np.arange(len(right))
        is_hit = right == said
        hit, wrong = rows[is_hit], rows[~is_hit]
        of_truth, of_both = (rows, right), (np.r_[rows, wrong], np.r_[right, said[wrong]])
        counted = of_both if labels == "union" else of_truth
        blocks = [(hit, right[hit]), (wrong, said[wrong]), (wrong, right[wrong]), counted]
        return Ones.of_blocks(blocks, len(rows), c)
    # np.isin takes far longer, and curves ask this of every class.
    if not all(((one == 0) | (one == 1)).all() for one in (truth, decisions)):
        raise DataError("a multilabel truth or decision is not 0 or 1", fix="threshold the probs")
    is_true, is_said = truth.astype(bool), decisions.astype(bool)
    _listed(labels, truth.shape[1])
    if average == "samples":
        n_hit = (is_true & is_said).sum(1)
        each = _f(n_hit, is_said.sum(1) - n_hit, is_true.sum(1) - n_hit, zero_division, beta)
        return np.column_stack([each, np.ones(len(each))])
    table = [is_true & is_said, ~is_true & is_said, is_true & ~is_said, np.ones_like(is_true)]
    return np.hstack(table).astype(np.uint8)


def _refuse_options(truth: NDArray[Any], average: str, zero_division: float, beta: float) -> None:
    if not beta > 0:
        raise DataError(f"beta must be above 0, got {beta!r}", fix="1 weighs both alike")
    if average not in AVERAGES:
        raise DataError(f"average must be one of {', '.join(AVERAGES)}, got {average!r}")
    if zero_division not in (0, 1):
        raise DataError(f"zero_division must be 0 or 1, got {zero_division!r}")
    if average == "samples" and truth.ndim == 1:
        raise DataError("average samples needs a multilabel task", fix="choose macro or micro")
    if average == "binary" and (truth.ndim == 2 or not np.isin(truth, (0, 1)).all()):
        raise DataError(
            "average binary needs a truth of 0 and 1", fix="choose macro, micro or samples"
        )


def _listed(labels: str | list[int], n_classes: int) -> NDArray[np.bool_] | None:
    """Return which of C classes are listed `(C,)`; None where labels is no list."""
    if isinstance(labels, str):
        if labels not in ("union", "truth"):
            raise DataError(f"labels must be union, truth or a list of classes, got {labels!r}")
        return None
    wanted = np.asarray(labels, dtype=np.int64)
    if len(wanted) == 0 or wanted.min() < 0:
        raise DataError(f"labels must be class indices, got {list(labels)}")
    if wanted.max() >= n_classes:
        raise DataError(
            f"labels name class {wanted.max()} of {n_classes}", fix="give n_classes, too"
        )
    listed = np.zeros(n_classes, dtype=bool)
    listed[wanted] = True
    return listed


def _value(name: str, sums: NDArray[Any], **options: Any) -> float:
    (found,) = _values(sums.sum(axis=0, dtype=np.float64)[None], **options)
    if np.isnan(found):
        raise DataError(
            f"{name} is undefined: no class counts in these rows", fix="set labels: union"
        )
    return float(found)


def _values(
    sums: NDArray[Any],
    *,
    average: str,
    labels: str | list[int],
    n_classes: int | None,
    zero_division: float,
    beta: float,
) -> NDArray[np.float64]:
    """Return the score of each row of `sums` `(B, S)`, nan where no class counts."""
    totals = sums.astype(np.float64, copy=False)
    if average == "samples":
        return np.asarray(totals[:, 0] / totals[:, 1])
    hit, false_alarm, missed, counted = totals.reshape(len(totals), 4, -1).swapaxes(0, 1)
    if average == "binary":
        # One class seen and no n_classes given: class 1 has no truth and no prediction.
        if hit.shape[1] < 2:
            return np.full(len(totals), float(zero_division))
        return _f(hit[:, 1], false_alarm[:, 1], missed[:, 1], zero_division, beta)
    listed = _listed(labels, hit.shape[1])
    keep = counted > 0 if listed is None else np.broadcast_to(listed, hit.shape)
    hit, false_alarm, missed = (np.where(keep, one, 0.0) for one in (hit, false_alarm, missed))
    n_kept = keep.sum(axis=1)
    if average == "micro":
        hit, false_alarm, missed = (one.sum(axis=1) for one in (hit, false_alarm, missed))
        each = _f(hit, false_alarm, missed, zero_division, beta)
    else:
        each = np.where(keep, _f(hit, false_alarm, missed, zero_division, beta), 0.0).sum(axis=1)
        each /= np.maximum(n_kept, 1)
    return np.where(n_kept > 0, each, np.nan)


def _f(
    hit: NDArray[Any],
    false_alarm: NDArray[Any],
    missed: NDArray[Any],
    zero_division: float,
    beta: float,
) -> NDArray[np.float64]:
    above = (1 + beta**2) * hit
    below = above + false_alarm + beta**2 * missed
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), float(zero_division))

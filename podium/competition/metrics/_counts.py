"""True and false positives of every class, one row a unit, for the F scores and the Jaccard index.

    Fβ_c = (1 + β²) TP_c / ((1 + β²) TP_c + FP_c + β² FN_c);   0/0, a class without truth and
    without prediction: `zero_division`;   F1: β = 1;   J_c = TP_c / (TP_c + FP_c + FN_c)

`labels` selects the classes of a macro or micro mean: "union" (every class in truth or decisions:
sklearn's default), "truth" (every class in the truth), or a list of class indices. A multilabel
task always takes all of its columns, or the listed ones.

Sums of single labels are ones in few columns. A dense table of 100,000 rows and 15,000 classes
takes gigabytes; the positions of its ones take megabytes. So metrics that count classes score by
those (`SparseOnes`), and make the table only where a caller needs `sums`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric, known_cells, pooled
from podium.errors import DataError, either
from podium.tasks.protocols.kind import Kind

__all__ = [
    "OPTIONS",
    "SparseOnes",
    "class_indices",
    "f_metric",
    "margins_and_hits",
    "metric_of_ones",
]


OPTIONS: dict[str, Any] = {"labels": "union", "n_classes": None, "zero_division": 0.0}
OF_POSITIVE = "binary"
"""No average, but the score of class 1 alone."""
AVERAGES = (OF_POSITIVE, "macro", "micro", "weighted", "samples")


def f_metric(name: str, options: Mapping[str, Any], **fixed: Any) -> Metric:
    """Return the metric `name` with these `options`: F-beta, or the Jaccard index (`beta` None).

    `fixed` cannot be set by a user.

    Its sums are uint8 `(N, 4C)`: TP, FP, FN, whether the class counts; float `(N, 2)` for the
    average "samples". Of several labels a cell that is unknown is in none of them.

    Args:
        name: the file's name.
        options: defaults of `average` ("binary": class 1; "macro"; "micro"; "weighted": the mean
            over classes, each as often as the truth has it; "samples": multilabel, the mean of each
            row's score), `beta` (how many times as much recall counts as precision),
            `labels` (the classes that count, see the module), `n_classes` (C of a single-label
            task; None: the largest class in the data, plus one) and `zero_division` (the score of a
            class, or a row, without truth and without prediction), where they are options.
        fixed: the values of those that are not options.
    """

    def find(
        truth: NDArray[Any], decisions: NDArray[Any], **given: Any
    ) -> SparseOnes | NDArray[Any]:
        try:
            return _find(truth, decisions, **given, **fixed)
        except DataError as error:
            raise DataError(f"{name}: {error.message}", fix=error.fix) from None

    def values(sums: NDArray[Any], **given: Any) -> NDArray[np.float64]:
        return _values(sums, **given, **fixed)

    def refuse(kind: Kind, n_classes: int, given: Mapping[str, Any]) -> None:
        average = {**given, **fixed}["average"]
        if average not in AVERAGES:
            what = f"average must be one of {', '.join(AVERAGES)}, got {average!r}"
            raise DataError(f"{name}: {what}", fix="write one of them")
        is_rows = kind.is_by_class
        if average == "samples" and not is_rows:
            fix = "write average: macro, micro or weighted"
            raise DataError(f"{name}: average samples needs a multilabel task", fix=fix)
        has_more = n_classes > 2 and not kind.is_yes_no
        if average == OF_POSITIVE and (is_rows or has_more):
            several = (
                "several labels an image" if is_rows else f"{either(n_classes, 'class', 'classes')}"
            )
            raise DataError(
                f"{name}: average binary needs a truth of 0 and 1, and the task has {several}",
                fix="write average: macro, micro or weighted"
                f"{' or samples' if is_rows else ''}, as the host scores",
            )

    found = metric_of_ones(
        name,
        kinds=frozenset({"multiclass", "multilabel", "binary", "ordinal"}),
        find=find,
        value=pooled(
            name, values, undefined="no class counts in these rows", fix="set labels: union"
        ),
        values=values,
        options=options,
    )
    return replace(found, refuse=refuse, skips_missing=True)


def _find(
    truth: NDArray[Any],
    decisions: NDArray[Any],
    *,
    average: str,
    labels: str | list[int],
    n_classes: int | None,
    zero_division: float,
    beta: float | None,
) -> SparseOnes | NDArray[Any]:
    _refuse_options(truth, average, zero_division, beta)
    if truth.ndim == 1:
        right, predicted, c = class_indices(truth, decisions, n_classes)
        _listed(labels, c)
        rows = np.arange(len(right))
        is_hit = right == predicted
        hit, wrong = rows[is_hit], rows[~is_hit]
        of_truth, of_both = (rows, right), (np.r_[rows, wrong], np.r_[right, predicted[wrong]])
        counted = of_both if labels == "union" else of_truth
        blocks = [(hit, right[hit]), (wrong, predicted[wrong]), (wrong, right[wrong]), counted]
        return SparseOnes.of_blocks(blocks, len(rows), c)
    # np.isin takes far longer, and curves check this for every class.
    is_known = known_cells(truth)
    right = truth if is_known is None else np.where(is_known, truth, 0)
    if not all(((one == 0) | (one == 1)).all() for one in (right, decisions)):
        raise DataError("a multilabel truth or decision is not 0 or 1", fix="threshold the probs")
    is_true, is_predicted = right.astype(bool), decisions.astype(bool)
    is_counted = np.ones_like(is_true)
    if is_known is not None:
        is_predicted, is_counted = is_predicted & is_known, is_known
    _listed(labels, truth.shape[1])
    if average == "samples":
        n_hit = (is_true & is_predicted).sum(1)
        each = _f(n_hit, is_predicted.sum(1) - n_hit, is_true.sum(1) - n_hit, zero_division, beta)
        is_scored = is_counted.any(axis=1)
        return np.column_stack([np.where(is_scored, each, 0.0), is_scored])
    table = [
        is_true & is_predicted,
        ~is_true & is_predicted,
        is_true & ~is_predicted,
        is_counted,
    ]
    return np.hstack(table).astype(np.uint8)


def _refuse_options(
    truth: NDArray[Any], average: str, zero_division: float, beta: float | None
) -> None:
    if beta is not None and not beta > 0:
        raise DataError(f"beta must be above 0, got {beta!r}", fix="1 weighs both alike")
    if average not in AVERAGES:
        raise DataError(f"average must be one of {', '.join(AVERAGES)}, got {average!r}")
    if zero_division not in (0, 1):
        raise DataError(f"zero_division must be 0 or 1, got {zero_division!r}")
    if average == "samples" and truth.ndim == 1:
        raise DataError("average samples needs a multilabel task", fix="choose macro or micro")
    if average == OF_POSITIVE and (truth.ndim == 2 or not np.isin(truth, (0, 1)).all()):
        raise DataError(
            "average binary needs a truth of 0 and 1", fix="choose macro, micro or samples"
        )


def _listed(labels: str | list[int], n_classes: int) -> NDArray[np.bool_] | None:
    """Return which of C classes are listed `(C,)`; None where labels is no list."""
    if isinstance(labels, str):
        if labels not in ("union", "truth"):
            raise DataError(f"labels must be union, truth or a list of classes, got {labels!r}")
        return None
    expected = np.asarray(labels, dtype=np.int64)
    if len(expected) == 0 or expected.min() < 0:
        raise DataError(f"labels must be class indices, got {list(labels)}")
    if expected.max() >= n_classes:
        raise DataError(
            f"labels name class {expected.max()} of {n_classes}", fix="give n_classes, too"
        )
    listed = np.zeros(n_classes, dtype=bool)
    listed[expected] = True
    return listed


def _values(
    sums: NDArray[Any],
    *,
    average: str,
    labels: str | list[int],
    n_classes: int | None,
    zero_division: float,
    beta: float | None,
) -> NDArray[np.float64]:
    """Return the score of each row of `sums` `(B, S)`, nan where no class counts."""
    totals = sums.astype(np.float64, copy=False)
    if average == "samples":
        return np.asarray(totals[:, 0] / totals[:, 1])
    hit, false_alarm, missed, counted = totals.reshape(len(totals), 4, -1).swapaxes(0, 1)
    if average == OF_POSITIVE:
        # One class in the data and no n_classes: class 1 has no truth and no prediction.
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
    elif average == "weighted":
        n_true = hit + missed
        total = n_true.sum(axis=1)
        of_class = np.where(keep, _f(hit, false_alarm, missed, zero_division, beta), 0.0)
        each = (of_class * n_true).sum(axis=1) / np.where(total > 0, total, 1.0)
        each = np.where(total > 0, each, float(zero_division))
    else:
        each = np.where(keep, _f(hit, false_alarm, missed, zero_division, beta), 0.0).sum(axis=1)
        each /= np.maximum(n_kept, 1)
    return np.where(n_kept > 0, each, np.nan)


def _f(
    hit: NDArray[Any],
    false_alarm: NDArray[Any],
    missed: NDArray[Any],
    zero_division: float,
    beta: float | None,
) -> NDArray[np.float64]:
    of_missed = 1.0 if beta is None else beta**2
    above = hit if beta is None else (1 + of_missed) * hit
    below = above + false_alarm + of_missed * missed
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), float(zero_division))


@dataclass(frozen=True)
class SparseOnes:
    """A table `(N, S)` of 0 and 1 by the places of its ones.

    Attributes:
        rows, columns: `(ones,)` each; no place stands twice.
        shape: (N, S).
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    shape: tuple[int, int]

    @classmethod
    def of_blocks(
        cls, blocks: list[tuple[NDArray[np.int64], NDArray[np.int64]]], n_rows: int, width: int
    ) -> SparseOnes:
        """Return blocks of `width` columns beside each other, each given by (rows, columns)."""
        rows = np.concatenate([rows for rows, _ in blocks])
        columns = np.concatenate([at + i * width for i, (_, at) in enumerate(blocks)])
        return cls(rows, columns, (n_rows, len(blocks) * width))

    def table(self) -> NDArray[np.uint8]:
        """Return the whole table."""
        found = np.zeros(self.shape, dtype=np.uint8)
        found[self.rows, self.columns] = 1
        return found

    def totals(self, counts: NDArray[Any] | None = None) -> NDArray[np.float64]:
        """Return the sum of each column `(1, S)`; row i counts `counts[i]` times, or once."""
        weights = None if counts is None else counts[self.rows].astype(np.float64)
        found = np.bincount(self.columns, weights, minlength=self.shape[1])
        return found.astype(np.float64)[None]


def metric_of_ones(
    name: str,
    *,
    kinds: frozenset[str],
    find: Callable[..., SparseOnes | NDArray[Any]],
    value: Callable[..., float],
    values: Callable[..., NDArray[np.float64]] | None = None,
    options: Mapping[str, Any],
    worst: float = 0.0,
) -> Metric:
    """Return a metric of decisions, the higher the better, whose sums are mostly zeros.

    Args:
        name: the file's name.
        kinds: the kinds of task that it can score.
        find: `(truth, decisions, **options)` → the ones of the sums, or the sums.
        value, values: as in `Metric`.
        options: as in `Metric`.
        worst: as in `Metric`.
    """

    def score(truth: NDArray[Any], decisions: NDArray[Any], **given: Any) -> float:
        found = find(truth, decisions, **given)
        return value(found.totals() if isinstance(found, SparseOnes) else found, **given)

    def sums(truth: NDArray[Any], decisions: NDArray[Any], **given: Any) -> NDArray[Any]:
        found = find(truth, decisions, **given)
        return found.table() if isinstance(found, SparseOnes) else found

    def score_draws(
        truth: NDArray[Any], decisions: NDArray[Any], counts: NDArray[Any], **given: Any
    ) -> NDArray[np.float64]:
        found = find(truth, decisions, **given)
        if isinstance(found, SparseOnes):
            totals = (found.totals(one) for one in counts)
        else:
            totals = iter((counts.astype(np.float64) @ found)[:, None])
        return np.array([_defined(value, one, given) for one in totals])

    frozen = MappingProxyType(dict(options))
    return Metric(
        name,
        "decisions",
        True,
        kinds,
        score,
        frozen,
        sums,
        value,
        score_draws,
        values=values,
        perfect=1.0,
        worst=worst,
    )


def _defined(
    value: Callable[..., float], totals: NDArray[np.float64], options: dict[str, Any]
) -> float:
    try:
        return value(totals, **options)
    except DataError:
        return float("nan")


def margins_and_hits(
    name: str, truth: NDArray[Any], decisions: NDArray[Any], n_classes: int | None
) -> SparseOnes:
    """Return for each row its true class, its decided class, and the class if it is right.

    They are ones in three blocks of C columns, whose sums are T_c, D_c and the hits of each class.

    Raises:
        DataError: labels are no indices of C classes; it names the metric.
    """
    try:
        right, predicted, c = class_indices(truth, decisions, n_classes)
    except DataError as error:
        raise DataError(f"{name}: {error.message}", fix=error.fix) from None
    rows, hit = np.arange(len(right)), np.flatnonzero(right == predicted)
    return SparseOnes.of_blocks([(rows, right), (rows, predicted), (hit, right[hit])], len(rows), c)


def class_indices(
    truth: NDArray[Any], decisions: NDArray[Any], n_classes: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return truth and decisions `(N,)` as indices, and C: `n_classes`, or the largest index + 1.

    Raises:
        DataError: labels have several columns, or are no indices of C classes.
    """
    if truth.ndim == 2:
        raise DataError(f"it takes one label a row, got {truth.shape[1]} columns")
    both = np.concatenate([truth, decisions])
    if both.min() < 0 or (both != np.floor(both)).any():
        raise DataError(
            "a class index is negative or not whole", fix="pass class indices, not probs"
        )
    largest = int(both.max())
    c = largest + 1 if n_classes is None else n_classes
    if largest >= c:
        raise DataError(f"class {largest} stands among {c} classes", fix="raise n_classes")
    return truth.astype(np.int64), decisions.astype(np.int64), c

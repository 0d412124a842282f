"""Strata that folds are balanced by: classes, sets of labels, tenths of numbers, or masks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.errors import DataError, either, plural, some

__all__ = ["ONE_ROW", "Strata", "coverage_strata", "read_strata"]

NO_LABEL = "no label"
NO_CLASS = "none of the classes"  # a label of -1
N_BINS = 10  # strata of a number
N_LEVELS = 5  # strata of how much of an image is foreground, beside none of it

ONE_ROW = "classes of one row, so that the model that is scored on it never saw the class"
"""How the sentence begins on classes that no number of folds helps."""
_IN_ONE_FOLD = (
    "classes whose rows lie all in one fold, so that the model that is scored on them never saw "
    "the class"
)
_WITHOUT_ROW = "classes of which some fold has no row to be scored on"


@dataclass(frozen=True)
class Strata:
    """The labels of N rows as something to balance.

    Args:
        kind: kind of the labels: classes, labels (several a row), numbers, masks (coverage), or
            none.
        codes: stratum of each row `(N,)`; zeros for labels and none.
        names: of the strata or labels, S.
        n_levels: how many columns, from the first, are levels of coverage and not classes.
        bits: 0/1 `(N, S)`, where a row may have several; None: it has that of `codes` alone.
    """

    kind: Literal["classes", "labels", "numbers", "coverage", "none"]
    codes: NDArray[np.int64]
    names: tuple[str, ...]
    n_levels: int = 0
    bits: NDArray[np.float64] | None = None

    @classmethod
    def none(cls, n_rows: int) -> Strata:
        """Return strata without information on any row."""
        return cls("none", np.zeros(n_rows, dtype=np.int64), ())

    def take(self, rows: NDArray[np.int64]) -> Strata:
        """Return the strata of `rows`, in their order."""
        bits = None if self.bits is None else self.bits[rows]
        return replace(self, codes=self.codes[rows], bits=bits)

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """0/1 `(N, S)`: one column a stratum or label; for thousands of classes use `counts`."""
        if self.bits is not None:
            return self.bits
        return np.asarray(self.codes[:, None] == np.arange(len(self.names)), dtype=np.float64)

    def counts(self, parts: NDArray[np.int64], n_parts: int) -> NDArray[np.float64]:
        """Return how many rows of each stratum every part has, `(n_parts, S)`.

        Args:
            parts: of each row `(N,)`, from 0; rows with -1 are in none.
            n_parts: how many there are.
        """
        held = np.zeros((n_parts, len(self.names)))
        rows = np.flatnonzero(parts >= 0)
        if self.bits is not None:
            np.add.at(held, parts[rows], self.bits[rows])
        elif len(self.names):
            np.add.at(held, (parts[rows], self.codes[rows]), 1)
        return held

    def with_at_most(self, n_columns: int) -> Strata:
        """Return the strata with at most so many columns: the least frequent ones are one column.

        Thousands of classes of a few rows each cannot be even, one by one, in every fold; how many
        rows of such classes a fold has can.
        """
        if self.bits is not None or len(self.names) <= n_columns:
            return self
        sizes = np.bincount(self.codes, minlength=len(self.names))
        kept = np.sort(np.argsort(-sizes, kind="stable")[: n_columns - 1])
        column = np.full(len(self.names), len(kept), dtype=np.int64)
        column[kept] = np.arange(len(kept))
        names = (*(self.names[one] for one in kept), "rare classes")
        return replace(self, codes=column[self.codes], names=names)

    def rare(self, folds: NDArray[np.int64]) -> list[str]:
        """Return sentences on classes that some fold's validation or training rows lack."""
        if self.kind not in ("classes", "labels", "coverage"):
            return []
        # Rows without a label are no class: they are neither trained on nor scored.
        is_class = np.array([name != NO_LABEL for name in self.names], dtype=bool)
        is_class[: self.n_levels] = False
        held = self.counts(folds, int(folds.max()) + 1)  # (F, S)
        total = self.counts(np.zeros_like(folds), 1)[0]
        untrained = (held == total) & (total > 0) & is_class
        notes = []
        if untrained.any():
            for are_meant, what in ((total == 1, ONE_ROW), (total > 1, _IN_ONE_FOLD)):
                if (is_meant := untrained.any(axis=0) & are_meant).any():
                    notes.append(f"{what}: {self._named(is_meant)}")
        unscored = (held == 0).any(axis=0) & ~untrained.any(axis=0) & is_class
        if unscored.any():
            notes.append(f"{_WITHOUT_ROW}: {self._named(unscored)}")
        return notes

    def _named(self, is_meant: NDArray[np.bool_]) -> str:
        names = [self.names[s] for s in np.flatnonzero(is_meant)]
        few = some(names)
        return (
            f"{len(names):,} of {either(len(self.names), 'class', 'classes')}: {few}"
            if len(names) > 5
            else few
        )


def read_strata(
    samples: pd.DataFrame, labels: Any = None, *, classes: Sequence[str] = ()
) -> Strata:
    """Return the strata of `labels` (None: of the column `label`, if any).

    Rows without a label are a stratum of their own; a class that is unknown in a row is not there.

    Args:
        samples: one row a sample.
        labels: class indices or names `(N,)`, numbers `(N,)` or `(N, C)`, or 0/1 `(N, C)`.
        classes: names of the class indices or of the C labels, for messages.

    Raises:
        DataError: the labels have another length or shape than one row a sample.
    """
    if labels is None:
        if "label" not in samples.columns or samples["label"].isna().all():
            return Strata.none(len(samples))
        labels = samples["label"].to_numpy()
    values = np.asarray(labels)
    is_vector = [isinstance(value, np.ndarray | list | tuple) for value in values]
    if values.dtype == object and any(is_vector):
        has_label = np.array(is_vector)
        stacked = _stacked(values[has_label])
        if stacked.dtype.kind == "f":
            every = np.full((len(values), stacked.shape[1]), np.nan)
            every[has_label] = stacked
            return _from_values(_mean_ranks(every), classes)
        known = _from_table(np.where(stacked == -1, 0, stacked), classes)
        return known if has_label.all() else _with_missing(known, has_label)
    if len(values) != len(samples):
        raise DataError(f"{plural(len(values), 'label')} for {plural(len(samples), 'row')}")
    if values.ndim == 2 and values.dtype.kind == "f" and not np.isin(values, (0, 1)).all():
        return _from_values(_mean_ranks(values), classes)
    if values.ndim == 2:
        return _from_table(values, classes)
    if values.ndim != 1:
        raise DataError(f"labels must be (N,) or (N, C), got {values.shape}")
    return _from_values(values, classes)


def _stacked(values: NDArray[Any]) -> NDArray[Any]:
    lengths = {np.size(value) for value in values}
    if len(lengths) > 1:
        raise DataError(
            f"the rows have label vectors of different lengths: {some(sorted(lengths))}"
        )
    return np.stack([np.asarray(value) for value in values])


def _with_missing(known: Strata, has_label: NDArray[np.bool_]) -> Strata:
    """Return the strata of all rows from those of the rows that have a label."""
    table = np.zeros((len(has_label), known.table.shape[1] + 1))
    table[has_label, :-1] = known.table
    table[~has_label, -1] = 1
    codes = np.zeros(len(has_label), dtype=np.int64)
    return Strata("labels", codes, (*known.names, NO_LABEL), bits=table)


def _mean_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean rank `(N,)` in (0, 1] of a row's numbers among those of their columns.

    Columns of one trend are balanced together by it, others each a little. A number that is nan has
    no rank, and a row without any is nan.
    """
    ranks = pd.DataFrame(values).rank(pct=True).to_numpy()
    is_known = np.isfinite(ranks)
    total, count = np.where(is_known, ranks, 0.0).sum(axis=1), is_known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _from_table(values: NDArray[Any], classes: Sequence[str]) -> Strata:
    if not np.isin(values, (0, 1)).all():
        raise DataError("labels of shape (N, C) must be 0 or 1")
    names = tuple(classes) or tuple(f"label {c}" for c in range(values.shape[1]))
    codes = np.zeros(len(values), dtype=np.int64)
    return Strata("labels", codes, names, bits=values.astype(np.float64))


def _from_values(values: NDArray[Any], classes: Sequence[str]) -> Strata:
    missing = pd.isna(values)
    known = values[~missing]
    is_number = known.dtype.kind == "f" or (
        known.dtype == object and any(isinstance(value, float) for value in known)
    )
    texts = np.asarray(values, dtype=object)
    if is_number:
        texts = _tenths(values, missing).astype(object)
    ordered = sorted(set(texts[~missing]), key=lambda value: (str(type(value)), value))
    code_of = {value: code for code, value in enumerate(ordered)}
    codes = np.array([code_of.get(value, len(ordered)) for value in texts], dtype=np.int64)
    names = [_name(value, classes) for value in ordered]
    if missing.any():
        names.append(NO_LABEL)
    return Strata("numbers" if is_number else "classes", codes, tuple(names))


def _name(value: object, classes: Sequence[str]) -> str:
    if isinstance(value, int | np.integer) and 0 <= value < len(classes):
        return classes[int(value)]
    if isinstance(value, int | np.integer) and value == -1:
        return NO_CLASS
    return value if isinstance(value, str) else f"class {value}"


def _tenths(values: NDArray[Any], missing: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the tenth in which each number lies, by rank; equal numbers share one."""
    known = np.asarray(values[~missing], dtype=np.float64)
    bins = np.zeros(len(values), dtype=np.int64)
    edges = np.unique(np.quantile(known, np.linspace(0, 1, N_BINS + 1)[1:-1]))
    bins[~missing] = np.searchsorted(edges, known, side="right")
    return bins


def coverage_strata(
    coverage: NDArray[np.float64],
    has_class: NDArray[np.uint8],
    n_folds: int,
    *,
    classes: Sequence[str] = (),
) -> Strata:
    """Return strata from masks: of the share of foreground, and of the classes present.

    Rows without a mask are a stratum, and so are those with an empty one; the others are cut into
    quantiles of their coverage, of at least two rows a fold. With several classes, each is a column
    beside these, so that a row belongs to its level and to the classes that its mask has.

    Args:
        coverage: `(N,)`, share of foreground; nan where there is no mask.
        has_class: 0/1 `(N, K)`.
        n_folds: number of folds to be made.
        classes: names of the K classes.
    """
    level, names = _levels(coverage, n_folds)
    table = (level[:, None] == np.arange(len(names))).astype(np.float64)
    is_used = np.asarray(table.any(axis=0))
    table = table[:, is_used]
    names = [name for name, used in zip(names, is_used, strict=True) if used]
    n_levels = len(names)
    if has_class.shape[1] > 1:
        occurs = np.asarray(has_class.any(axis=0))
        table = np.column_stack([table, has_class[:, occurs]])
        given = classes or [f"class {c}" for c in range(has_class.shape[1])]
        names += [name for name, there in zip(given, occurs, strict=True) if there]
    return Strata("coverage", level, tuple(names), n_levels, table)


def _levels(coverage: NDArray[np.float64], n_folds: int) -> tuple[NDArray[np.int64], list[str]]:
    """Return the level of each row `(N,)`, and the names of the levels."""
    is_some = coverage > 0  # nan is not
    n_bins = int(np.clip(is_some.sum() // (2 * n_folds), 1, N_LEVELS))
    inner = np.linspace(0, 1, n_bins + 1)[1:-1]
    edges = np.unique(np.quantile(coverage[is_some], inner)) if is_some.any() else np.zeros(0)
    level = np.zeros(len(coverage), dtype=np.int64)
    level[coverage == 0] = 1
    level[is_some] = 2 + np.searchsorted(edges, coverage[is_some], side="right")
    shown = [f"{100 * edge:.3g} %" for edge in edges]
    bins = [f"{low} to {high}" for low, high in itertools.pairwise(shown)]
    ends = [f"under {shown[0]}", *bins, f"from {shown[-1]}"] if shown else ["foreground"]
    return level, ["no mask", "empty", *ends]

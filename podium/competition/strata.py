"""What folds are balanced by: classes, labels of a multilabel task, or tenths of a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.errors import DataError, some

__all__ = ["Strata", "read_strata"]

N_BINS = 10  # strata of a number


@dataclass(frozen=True)
class Strata:
    """The labels of N rows as something to balance.

    Args:
        kind: what the labels are: classes, labels (several a row), numbers, or none.
        codes: stratum of each row `(N,)`; zeros for labels and none.
        table: 0/1 `(N, S)`: one column a stratum or label.
        names: of the strata or labels.
    """

    kind: Literal["classes", "labels", "numbers", "none"]
    codes: NDArray[np.int64]
    table: NDArray[np.float64]
    names: tuple[str, ...]

    @classmethod
    def none(cls, n_rows: int) -> Strata:
        """Return strata that say nothing of any row."""
        return cls("none", np.zeros(n_rows, dtype=np.int64), np.zeros((n_rows, 0)), ())

    def rare(self, folds: NDArray[np.int64]) -> list[str]:
        """Return sentences on classes that some fold's validation or training rows lack."""
        if self.kind not in ("classes", "labels"):
            return []
        n_folds = int(folds.max()) + 1
        held = np.stack([self.table[folds == k].sum(axis=0) for k in range(n_folds)])  # (F, S)
        total = self.table.sum(axis=0)
        unlearnt = (held == total) & (total > 0)
        notes = []
        if unlearnt.any():
            names = self._named(unlearnt.any(axis=0))
            notes.append(
                f"no training row for some fold, because all rows lie in that fold: {names}"
            )
        unscored = (held == 0).any(axis=0) & ~unlearnt.any(axis=0)
        if unscored.any():
            notes.append(f"absent from the validation rows of some fold: {self._named(unscored)}")
        return notes

    def _named(self, is_meant: NDArray[np.bool_]) -> str:
        return some(self.names[s] for s in np.flatnonzero(is_meant))


def read_strata(
    samples: pd.DataFrame, labels: Any = None, *, classes: Sequence[str] = ()
) -> Strata:
    """Return what `labels` (None: the column `label`, if any) says of each row.

    Rows without a label are a stratum of their own.

    Args:
        samples: one row a sample.
        labels: class indices or names `(N,)`, numbers `(N,)`, or 0/1 `(N, C)`.
        classes: names of the class indices or of the C labels, for messages.

    Raises:
        DataError: the labels have another length or shape than one row a sample.
    """
    if labels is None:
        if "label" not in samples.columns or samples["label"].isna().all():
            return Strata.none(len(samples))
        labels = samples["label"].to_numpy()
    values = np.asarray(labels)
    if values.dtype == object and len(values) and isinstance(values[0], np.ndarray | list | tuple):
        values = _stacked(values)
    if len(values) != len(samples):
        raise DataError(f"{len(values)} labels for {len(samples)} rows")
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


def _from_table(values: NDArray[Any], classes: Sequence[str]) -> Strata:
    if not np.isin(values, (0, 1)).all():
        raise DataError("labels of shape (N, C) must be 0 or 1")
    names = tuple(classes) or tuple(f"label {c}" for c in range(values.shape[1]))
    return Strata("labels", np.zeros(len(values), dtype=np.int64), values.astype(np.float64), names)


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
        names.append("no label")
    table = (codes[:, None] == np.arange(len(names))).astype(np.float64)
    return Strata("numbers" if is_number else "classes", codes, table, tuple(names))


def _name(value: object, classes: Sequence[str]) -> str:
    if isinstance(value, int | np.integer) and 0 <= value < len(classes):
        return classes[int(value)]
    return value if isinstance(value, str) else f"class {value}"


def _tenths(values: NDArray[Any], missing: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the tenth in which each number lies, by rank; equal numbers share one."""
    known = np.asarray(values[~missing], dtype=np.float64)
    bins = np.zeros(len(values), dtype=np.int64)
    edges = np.unique(np.quantile(known, np.linspace(0, 1, N_BINS + 1)[1:-1]))
    bins[~missing] = np.searchsorted(edges, known, side="right")
    return bins

"""Sums that are ones in few columns: of single labels, which lie in one class of thousands.

A dense table of 100,000 rows and 15,000 classes is gigabytes; where its ones are is megabytes. So
metrics that count classes score by that, and make the table only for who asks for `sums`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.errors import DataError

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["Ones", "class_indices", "metric_of_ones"]


@dataclass(frozen=True)
class Ones:
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
    ) -> Ones:
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
    kinds: frozenset[TaskKind],
    find: Callable[..., Ones | NDArray[Any]],
    value: Callable[..., float],
    values: Callable[..., NDArray[np.float64]] | None = None,
    options: Mapping[str, Any],
) -> Metric:
    """Return a metric of decisions, the higher the better, whose sums are mostly zeros.

    Args:
        name: the file's name.
        kinds: the kinds of task that it can score.
        find: `(truth, decisions, **options)` → the ones of the sums, or the sums.
        value, values: as in `Metric`.
        options: as in `Metric`.
    """

    def score(truth: NDArray[Any], decisions: NDArray[Any], **given: Any) -> float:
        found = find(truth, decisions, **given)
        return value(found.totals() if isinstance(found, Ones) else found, **given)

    def sums(truth: NDArray[Any], decisions: NDArray[Any], **given: Any) -> NDArray[Any]:
        found = find(truth, decisions, **given)
        return found.table() if isinstance(found, Ones) else found

    def score_draws(
        truth: NDArray[Any], decisions: NDArray[Any], counts: NDArray[Any], **given: Any
    ) -> NDArray[np.float64]:
        found = find(truth, decisions, **given)
        if isinstance(found, Ones):
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
    )


def _defined(
    value: Callable[..., float], totals: NDArray[np.float64], options: dict[str, Any]
) -> float:
    try:
        return value(totals, **options)
    except DataError:
        return float("nan")


def class_indices(
    truth: NDArray[Any], decisions: NDArray[Any], n_classes: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return truth and decisions `(N,)` as indices, and C: `n_classes`, or the largest seen + 1.

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

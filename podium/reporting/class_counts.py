"""How often each class is there and how often it is said: in the train part, out of fold, in test.

What is said too often of one class is said too rarely of others. The interval of the surplus
d = said - true of a class is d ± 1.96 · sqrt(Σ_u d_u² - d² / U), with d_u the surplus in the unit u
of U (a row, or a group of rows): the standard error that a bootstrap of units has, without draws
(Efron & Tibshirani 1993, "An Introduction to the Bootstrap", §5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

__all__ = ["ClassCounts", "class_counts", "totals"]

_Z = 1.959963984540054  # 95 % of a normal distribution

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class ClassCounts:
    """Counts of each class, all arrays `(C,)`.

    Attributes:
        truth: out-of-fold rows that are of the class.
        said: out-of-fold rows that were said to be.
        error: half of the 95 % interval of said - truth.
    """

    truth: Counts
    said: Counts
    error: NDArray[np.float64]

    @property
    def surplus(self) -> Counts:
        """`(C,)`: rows said to be of the class beyond those that are; negative: too few."""
        return self.said - self.truth

    def extremes(self, n: int) -> tuple[list[int], list[int]]:
        """Return the `n` classes said too often, the most often first, and those too rarely."""
        order = np.argsort(-self.surplus, kind="stable")
        over = [int(i) for i in order[:n] if self.surplus[i] > 0]
        order = np.argsort(self.surplus, kind="stable")
        return over, [int(i) for i in order[:n] if self.surplus[i] < 0]


def class_counts(
    truth: NDArray[np.bool_] | scipy.sparse.csr_array,
    said: NDArray[np.bool_] | scipy.sparse.csr_array,
    *,
    groups: NDArray[Any] | None = None,
) -> ClassCounts:
    """Return the counts of each column.

    Args:
        truth: `(N, C)`, or what `per_class.one_hot` returns.
        said: the same.
        groups: `(N,)`, what is drawn together in a bootstrap; None: rows.
    """
    right, other = (scipy.sparse.csr_array(one, dtype=np.float64) for one in (truth, said))
    by_unit = scipy.sparse.csr_array(other - right)
    if groups is not None:
        codes = np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]
        members = scipy.sparse.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))))
        by_unit = members @ by_unit
    surplus = np.asarray(by_unit.sum(axis=0))
    squares = np.asarray(by_unit.multiply(by_unit).sum(axis=0))
    spread = np.maximum(squares - surplus**2 / by_unit.shape[0], 0)
    return ClassCounts(
        np.asarray(right.sum(axis=0)).astype(np.int64),
        np.asarray(other.sum(axis=0)).astype(np.int64),
        _Z * np.sqrt(spread),
    )


def totals(labels: NDArray[Any], n_classes: int) -> Counts:
    """Return `(C,)`: rows of each class, of labels `(N,)` or `(N, C)`."""
    if labels.ndim == 2:
        return np.asarray((labels == 1).sum(axis=0), dtype=np.int64)
    return np.bincount(np.asarray(labels, dtype=np.int64), minlength=n_classes)

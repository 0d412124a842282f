"""Recall, precision and F1 of each class, with bootstrap intervals, and the pairs most confused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

__all__ = [
    "SCORES",
    "ClassScores",
    "class_scores",
    "confused_pairs",
    "confusion_counts",
    "drawn_units",
    "one_hot",
]

SCORES = ("recall", "precision", "F1")
CELLS_AT_ONCE = 2_000_000  # draws × distinct units held at a time: 16 MB

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassScores:
    """Scores of each class.

    Attributes:
        values: `(C, 3)`: recall, precision, F1; nan where there is nothing to divide by.
        intervals: `(C, 3, 2)`: bounds of the middle 95 % of the draws.
        truth, said: `(C,)`: rows that are of the class, and that were said to be.
    """

    values: Floats
    intervals: Floats
    truth: NDArray[np.int64]
    said: NDArray[np.int64]


def one_hot(labels: NDArray[np.integer[Any]], n_classes: int) -> scipy.sparse.csr_array:
    """Return class indices `(N,)` as rows `(N, C)` with a one each."""
    n = len(labels)
    return scipy.sparse.csr_array(
        (np.ones(n), np.asarray(labels, dtype=np.int64), np.arange(n + 1)), shape=(n, n_classes)
    )


def class_scores(
    truth: NDArray[np.bool_] | scipy.sparse.csr_array,
    said: NDArray[np.bool_] | scipy.sparse.csr_array,
    *,
    groups: NDArray[Any] | None = None,
    n: int = 500,
    seed: int = 0,
) -> ClassScores:
    """Return the scores of each column, with a percentile bootstrap over rows or whole groups.

    Args:
        truth: `(N, C)`, or what `one_hot` returns.
        said: the same.
        groups: `(N,)`; None: rows are drawn.
        n: number of draws.
        seed: of the draws.
    """
    right, other = (scipy.sparse.csr_array(one, dtype=np.float64) for one in (truth, said))
    sums = scipy.sparse.csr_array(
        scipy.sparse.hstack([right.multiply(other), right, other], format="csr")
    )
    units, weights = _units(sums, groups)
    draws = [_ratios(block @ units) for block in drawn_units(weights, n, seed)]
    whole = np.asarray(sums.sum(axis=0))
    drawn = np.concatenate(draws)  # (n, C, 3)
    is_empty = np.isnan(drawn).all(axis=0)
    drawn[:, is_empty] = 0
    bounds = np.moveaxis(np.nanquantile(drawn, [0.025, 0.975], axis=0), 0, -1)
    bounds[is_empty] = np.nan
    _, truths, saids = np.split(whole.astype(np.int64), 3)
    return ClassScores(_ratios(whole[None])[0], bounds, truths, saids)


def confusion_counts(
    truth: NDArray[np.integer[Any]], said: NDArray[np.integer[Any]], n_classes: int
) -> NDArray[np.int64]:
    """Return `(C, C)`: how many rows of each true class (row) were said to be each (column)."""
    flat = np.bincount(np.asarray(truth) * n_classes + said, minlength=n_classes**2)
    return flat.reshape(n_classes, n_classes)


def confused_pairs(
    truth: NDArray[np.integer[Any]], said: NDArray[np.integer[Any]], *, n: int = 8
) -> list[tuple[int, int, int, float]]:
    """Return the `n` most frequent mistakes as (truth, said, rows, share of the true class).

    Of equally many rows, the larger share stands first. Memory grows with the mistakes, and not
    with the square of the classes.
    """
    right, other = (np.asarray(one, dtype=np.int64) for one in (truth, said))
    wrong = right != other
    if not wrong.any():
        return []
    pairs, rows = np.unique(np.stack([right, other])[:, wrong], axis=1, return_counts=True)
    shares = rows / np.bincount(right)[pairs[0]]
    order = np.lexsort((-shares, -rows))[:n]
    return [
        (int(t), int(s), int(rows[i]), float(shares[i])) for i in order for t, s in [pairs[:, i]]
    ]


def _units(
    sums: scipy.sparse.csr_array, groups: NDArray[Any] | None
) -> tuple[scipy.sparse.csr_array, NDArray[np.int64]]:
    """Return the sums of what is drawn, `(U, 3C)`, and how many units have them, `(U,)`."""
    if groups is not None:
        codes = np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]
        weights = np.ones(int(codes.max()) + 1, dtype=np.int64)
    else:
        # Rows of equal sums are one unit with a weight: the draws have the same distribution.
        keys = np.split(sums.indices, sums.indptr[1:-1])
        names: dict[bytes, int] = {}
        codes = np.array([names.setdefault(key.tobytes(), len(names)) for key in keys])
        weights = np.bincount(codes)
    by_unit = scipy.sparse.csr_array(
        (np.ones(len(codes)), (codes, np.arange(len(codes)))), shape=(len(weights), len(codes))
    )
    totals = by_unit @ sums
    if groups is None:
        totals = scipy.sparse.diags_array(1 / weights).tocsr() @ totals
    return totals, weights


def drawn_units(weights: NDArray[np.int64], n: int, seed: int) -> Iterator[Floats]:
    """Yield how often each unit was drawn, `(draws, U)`, a block of draws at a time."""
    rng, total = np.random.default_rng(seed), int(weights.sum())
    block = max(1, CELLS_AT_ONCE // len(weights))
    for start in range(0, n, block):
        yield rng.multinomial(total, weights / total, size=min(block, n - start)).astype(np.float64)


def _ratios(sums: Any) -> Floats:
    """Return `(M, C, 3)` of sums `(M, 3C)`: hits, truths, saids of each class."""
    hits, truths, saids = np.split(np.asarray(sums), 3, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = [hits / truths, hits / saids, 2 * hits / (truths + saids)]
    return np.stack(scores, axis=2)

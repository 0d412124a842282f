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
    "pairs_of_many",
]

SCORES = ("recall", "precision", "F1")
CELLS_AT_ONCE = 2_000_000  # draws × distinct units held at a time: 16 MB

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


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


def one_hot(labels: NDArray[np.integer[Any]], n_classes: int) -> Bools:
    """Return `(N, C)` bool of class indices `(N,)`."""
    return np.equal(np.asarray(labels)[:, None], np.arange(n_classes), dtype=bool)


def class_scores(
    truth: Bools,
    said: Bools,
    *,
    groups: NDArray[Any] | None = None,
    n: int = 500,
    seed: int = 0,
) -> ClassScores:
    """Return the scores of each column, with a percentile bootstrap over rows or whole groups.

    Args:
        truth: `(N, C)`.
        said: `(N, C)`.
        groups: `(N,)`; None: rows are drawn.
        n: number of draws.
        seed: of the draws.
    """
    parts = [scipy.sparse.csr_array(one, dtype=np.float64) for one in (truth & said, truth, said)]
    sums = scipy.sparse.csr_array(scipy.sparse.hstack(parts, format="csr"))
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


def pairs_of_many(
    truth: NDArray[np.integer[Any]], said: NDArray[np.integer[Any]], n_classes: int, *, n: int = 8
) -> list[tuple[int, int, int]]:
    """Return what `confused_pairs` does, without a table of thousands of classes by themselves."""
    wrong = np.asarray(truth) != said
    keys = np.asarray(truth)[wrong].astype(np.int64) * n_classes + np.asarray(said)[wrong]
    pairs, counts = np.unique(keys, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:n]
    return [(*divmod(int(pairs[i]), n_classes), int(counts[i])) for i in order]


def confused_pairs(counts: NDArray[np.int64], *, n: int = 8) -> list[tuple[int, int, int]]:
    """Return the `n` most frequent mistakes as (truth, said, rows)."""
    wrong = counts - np.diag(np.diag(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[:n]
    pairs = [(*divmod(int(i), len(counts)), int(wrong.ravel()[i])) for i in order]
    return [pair for pair in pairs if pair[2] > 0]


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

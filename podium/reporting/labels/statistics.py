"""Statistics of label predictions: scores and counts of each class, confusion, calibration.

Recall, precision and F1 of each class come with bootstrap intervals over rows or groups.

The surplus of a class is d = predicted - true. Its interval is d ± 1.96 · sqrt(Σ_u d_u² - d² / U),
with d_u the surplus in the unit u of U (a row, or a group of rows): the standard error that a
bootstrap of units has, without draws (Efron & Tibshirani 1993, "An Introduction to the Bootstrap",
§5).

Classes are ordered so that confused classes are adjacent. The similarity of two classes is their
confusion: s_ij = (p_ij + p_ji) / 2, where p_ij is the share of class i that was predicted as j.
The order is that of the leaves of the average-linkage tree of 1 - s, turned so that neighbours are
as similar as possible (Bar-Joseph et al. 2001, "Fast optimal leaf ordering for hierarchical
clustering"). The tree is cut into blocks where the modularity of the graph of s is largest (Newman
2004, Phys. Rev. E 69, 066133), and so is each part again by itself, because modularity overlooks
parts that are small compared with the whole. A block is a community in the weak sense: more of its
confusion stays inside than leaves it (Radicchi et al. 2004, PNAS 101, 2658). It is left whole
unless sub-blocks hold more than three quarters of its confusion.

Calibration compares the confidence in bins with the share of correct predictions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

__all__ = [
    "ClassCounts",
    "ClassScores",
    "ConfusionOrder",
    "bootstrap_draws",
    "class_counts",
    "class_scores",
    "confused_pairs",
    "confusion_counts",
    "count_by_class",
    "normalise_rows",
    "one_hot",
    "order_by_confusion",
    "reliability",
]


CELLS_AT_ONCE = 2_000_000  # draws × distinct units held at a time: 16 MB

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassScores:
    """Scores of each class.

    Attributes:
        values: `(C, 3)`: recall, precision, F1; nan where the denominator is 0.
        intervals: `(C, 3, 2)`: bounds of the middle 95 % of the draws.
        truth, predicted: `(C,)`: rows of the class, and rows predicted as the class.
    """

    values: Floats
    intervals: Floats
    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]


def one_hot(labels: NDArray[np.integer[Any]], n_classes: int) -> scipy.sparse.csr_array:
    """Return class indices `(N,)` as rows `(N, C)` with a one each."""
    n = len(labels)
    return scipy.sparse.csr_array(
        (np.ones(n), np.asarray(labels, dtype=np.int64), np.arange(n + 1)), shape=(n, n_classes)
    )


def class_scores(
    truth: NDArray[np.bool_] | scipy.sparse.csr_array,
    predicted: NDArray[np.bool_] | scipy.sparse.csr_array,
    *,
    groups: NDArray[Any] | None = None,
    n: int = 500,
    seed: int = 0,
) -> ClassScores:
    """Return the scores of each column, with a percentile bootstrap over rows or whole groups.

    Args:
        truth: `(N, C)`, or a result of `one_hot`.
        predicted: the same.
        groups: `(N,)`; None: rows are drawn.
        n: number of draws.
        seed: of the draws.
    """
    right, other = (scipy.sparse.csr_array(one, dtype=np.float64) for one in (truth, predicted))
    sums = scipy.sparse.csr_array(
        scipy.sparse.hstack([right.multiply(other), right, other], format="csr")
    )
    units, weights = _units(sums, groups)
    draws = [_ratios(block @ units) for block in bootstrap_draws(weights, n, seed)]
    whole = np.asarray(sums.sum(axis=0))
    drawn = np.concatenate(draws)  # (n, C, 3)
    is_empty = np.isnan(drawn).all(axis=0)
    drawn[:, is_empty] = 0
    bounds = np.moveaxis(np.nanquantile(drawn, [0.025, 0.975], axis=0), 0, -1)
    bounds[is_empty] = np.nan
    _, truths, saids = np.split(whole.astype(np.int64), 3)
    return ClassScores(_ratios(whole[None])[0], bounds, truths, saids)


def confusion_counts(
    truth: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]], n_classes: int
) -> NDArray[np.int64]:
    """Return `(C, C)`: number of rows by true class (row) and predicted class (column)."""
    flat = np.bincount(np.asarray(truth) * n_classes + predicted, minlength=n_classes**2)
    return flat.reshape(n_classes, n_classes)


def confused_pairs(
    truth: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]], *, n: int = 8
) -> list[tuple[int, int, int, float]]:
    """Return the `n` most frequent mistakes as (truth, predicted, rows, share of the true class).

    Of equally many rows, the larger share comes first. Memory grows with the mistakes, not with
    the square of the classes.
    """
    right, other = (np.asarray(one, dtype=np.int64) for one in (truth, predicted))
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


def bootstrap_draws(weights: NDArray[np.int64], n: int, seed: int) -> Iterator[Floats]:
    """Yield how often each unit was drawn, `(draws, U)`, a block of draws at a time."""
    rng, total = np.random.default_rng(seed), int(weights.sum())
    block = max(1, CELLS_AT_ONCE // len(weights))
    for start in range(0, n, block):
        yield rng.multinomial(total, weights / total, size=min(block, n - start)).astype(np.float64)


def _ratios(sums: Any) -> Floats:
    """Return `(M, C, 3)` of sums `(M, 3C)`: hits, truths, predictions of each class."""
    hits, truths, saids = np.split(np.asarray(sums), 3, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = [hits / truths, hits / saids, 2 * hits / (truths + saids)]
    return np.stack(scores, axis=2)


_Z = 1.959963984540054  # 95 % of a normal distribution

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class ClassCounts:
    """Counts of each class, all arrays `(C,)`.

    Attributes:
        truth: out-of-fold rows of the class.
        predicted: out-of-fold rows predicted as the class.
        error: half of the 95 % interval of predicted - true.
    """

    truth: Counts
    predicted: Counts
    error: NDArray[np.float64]

    @property
    def surplus(self) -> Counts:
        """`(C,)`: rows predicted as the class minus rows of the class."""
        return self.predicted - self.truth

    def extremes(self, n: int) -> tuple[list[int], list[int]]:
        """Return the `n` most overpredicted and the `n` most underpredicted classes."""
        order = np.argsort(-self.surplus, kind="stable")
        over = [int(i) for i in order[:n] if self.surplus[i] > 0]
        order = np.argsort(self.surplus, kind="stable")
        return over, [int(i) for i in order[:n] if self.surplus[i] < 0]


def class_counts(
    truth: NDArray[np.bool_] | scipy.sparse.csr_array,
    predicted: NDArray[np.bool_] | scipy.sparse.csr_array,
    *,
    groups: NDArray[Any] | None = None,
) -> ClassCounts:
    """Return the counts of each column.

    Args:
        truth: `(N, C)`, or a result of `one_hot`.
        predicted: the same.
        groups: `(N,)`, rows that are drawn together in a bootstrap; None: single rows.
    """
    right, other = (scipy.sparse.csr_array(one, dtype=np.float64) for one in (truth, predicted))
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


def count_by_class(labels: NDArray[Any], n_classes: int) -> Counts:
    """Return `(C,)`: rows of each class, of labels `(N,)` or `(N, C)`."""
    if labels.ndim == 2:
        return np.asarray((labels == 1).sum(axis=0), dtype=np.int64)
    return np.bincount(np.asarray(labels, dtype=np.int64), minlength=n_classes)


TURNED_UP_TO = 1000  # classes; the best turns of a tree cost the cube of them: a second here


@dataclass(frozen=True)
class ConfusionOrder:
    """Classes in an order in which confused classes are adjacent.

    Attributes:
        order: `(C,)`, a permutation of the classes.
        blocks: (start, stop) in `order`, two classes or more each, from the first one on.
    """

    order: NDArray[np.int64]
    blocks: tuple[tuple[int, int], ...]


def normalise_rows(counts: ArrayLike) -> Floats:
    """Return `(C, C)`: each row of `counts` as shares of its sum; zeros where it has none."""
    table = np.asarray(counts)
    return np.asarray(table / np.maximum(table.sum(axis=1, keepdims=True), 1), dtype=np.float64)


def order_by_confusion(counts: ArrayLike) -> ConfusionOrder:
    """Return the order and the blocks of a confusion matrix.

    Args:
        counts: `(C, C)`, number of rows by true and by predicted class.
    """
    alike = normalise_rows(counts)
    np.fill_diagonal(alike, 0)
    alike = (alike + alike.T) / 2
    n = len(alike)
    if n < 3 or not alike.any():
        return ConfusionOrder(np.arange(n), ())
    apart = 1 - alike
    np.fill_diagonal(apart, 0)
    flat = squareform(apart, checks=False)
    merges = linkage(flat, "average")
    turned = optimal_leaf_ordering(merges, flat) if n <= TURNED_UP_TO else merges
    order = leaves_list(turned).astype(np.int64)
    place = np.argsort(order)
    found = [place[one] for one in _Tree(alike, merges[:, :2].astype(int)).blocks()]
    return ConfusionOrder(order, tuple(sorted((int(p.min()), int(p.max()) + 1) for p in found)))


class _Tree:
    """A tree over C classes; node i < C is class i, node C + i is made by the merge i."""

    def __init__(self, alike: Floats, merges: NDArray[np.int64]) -> None:
        self._alike, self._merges = alike, merges
        self._strength = alike.sum(axis=1)
        self._leaves = [np.array([i]) for i in range(len(alike))]
        for one, other in merges:
            self._leaves.append(np.concatenate([self._leaves[one], self._leaves[other]]))

    def blocks(self) -> list[NDArray[np.int64]]:
        """Return the classes of each block."""
        return [self._leaves[one] for part in self._parts(self._root) for one in self._within(part)]

    @property
    def _root(self) -> int:
        return len(self._leaves) - 1

    def _within(self, node: int) -> list[int]:
        """Return the blocks in a part that the tree was cut into."""
        parts = self._parts(node)
        good = [one for one in parts if self._is_community(one)]
        if len(parts) > 1 and 4 * sum(map(self._held, good)) > 3 * self._held(node):
            return [one for part in good for one in self._within(part)]
        return [node] if self._is_community(node) else []

    def _held(self, node: int) -> float:
        return float(self._strength[self._leaves[node]].sum())

    def _is_community(self, node: int) -> bool:
        rows = self._leaves[node]
        is_proper = 1 < len(rows) < len(self._alike)
        return is_proper and 2 * float(self._alike[np.ix_(rows, rows)].sum()) > self._held(node)

    def _parts(self, node: int) -> list[int]:
        """Return the nodes that `node` falls into where modularity is largest."""
        rows, n = self._leaves[node], len(self._alike)
        between = self._alike[np.ix_(rows, rows)]
        if not between.any():
            return [node]
        between = between / between.sum()
        ends = between.sum(axis=1)  # what each part has of all confusion
        place = {int(row): i for i, row in enumerate(rows)}  # of a node in `between`
        best, gained, largest = set(place), 0.0, 0.0
        for merge in self._merges_under(node):
            one, other = (int(i) for i in self._merges[merge])
            a, b = place.pop(one), place.pop(other)
            gained += 2 * float(between[a, b] - ends[a] * ends[b])
            between[a] += between[b]
            between[:, a] += between[:, b]
            ends[a] += ends[b]
            place[n + merge] = a
            if gained > largest:
                best, largest = set(place), gained
        return sorted(best)

    def _merges_under(self, node: int) -> list[int]:
        """Return the merges that make `node`, in their order."""
        n, found, left = len(self._alike), [], [node]
        while left:
            at = left.pop()
            if at >= n:
                found.append(at - n)
                left.extend(int(i) for i in self._merges[at - n])
        return sorted(found)


ROWS_AT_ONCE = 2**20  # labels of many classes are many millions


@dataclass(frozen=True)
class Reliability:
    """Bins of confidence, all arrays `(B,)`.

    Attributes:
        low, high: the bin's bounds.
        count: rows in it.
        confidence: their mean confidence; nan for an empty bin.
        share: of them that are correct; nan for an empty bin.
        error: `(2, B)`: from `share` down and up to the bounds of Wilson's 95 % interval.
        ece: expected calibration error (Guo et al. 2017, arXiv:1706.04599, eq. 3).
    """

    low: Floats
    high: Floats
    count: NDArray[np.int64]
    confidence: Floats
    share: Floats
    error: Floats
    ece: float


def reliability(confidence: ArrayLike, is_right: ArrayLike, *, n_bins: int = 10) -> Reliability:
    """Return bins of equal width over [0, 1]; the upper bound belongs to a bin.

    Example:
        >>> reliability([0.9, 0.8], [True, False], n_bins=1).ece
        0.35
    """
    p, right = np.ravel(np.asarray(confidence)), np.ravel(np.asarray(is_right))
    count = np.zeros(n_bins, dtype=np.int64)
    confidence_sum, n_correct = np.zeros(n_bins), np.zeros(n_bins)
    for start in range(0, len(p), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        some = p[rows].astype(np.float64)
        at = np.clip(np.ceil(some * n_bins).astype(np.int64) - 1, 0, n_bins - 1)
        count += np.bincount(at, minlength=n_bins)
        confidence_sum += np.bincount(at, weights=some, minlength=n_bins)
        n_correct += np.bincount(at, weights=right[rows].astype(np.float64), minlength=n_bins)
    edges = np.linspace(0, 1, n_bins + 1)
    with np.errstate(invalid="ignore"):
        mean, share = confidence_sum / count, n_correct / count
        error = np.abs(_wilson(share, count) - share)
    gap = np.abs(np.nan_to_num(share - mean))
    ece = float((count * gap).sum() / max(count.sum(), 1))
    return Reliability(edges[:-1], edges[1:], count, mean, share, error, round(ece, 12))


def _wilson(share: Floats, count: NDArray[np.int64]) -> Floats:
    """Return the bounds `(2, B)` of Wilson's score interval (1927)."""
    n = np.maximum(count, 1)
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return np.stack([middle - half, middle + half])

"""Which classes are confused with one another: an order in which they stand together, and blocks.

Two classes are as alike as they are confused: s_ij = (p_ij + p_ji) / 2, where p_ij is the share of
class i that was said to be j. The order is that of the leaves of the average-linkage tree of 1 - s,
turned so that neighbours are as alike as can be (Bar-Joseph et al. 2001, "Fast optimal leaf
ordering for hierarchical clustering").

The tree is cut where the modularity of the graph of s is largest (Newman 2004, Phys. Rev. E 69,
066133), and so is each part again by itself, for modularity overlooks parts that are small beside
the whole. A block is a part that is a community in the weak sense: more of its confusion stays
inside than leaves it (Radicchi et al. 2004, PNAS 101, 2658). It is left whole unless parts of it
that are blocks themselves hold more than three quarters of its confusion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

__all__ = ["Confusable", "by_confusion", "shares_of"]

TURNED_UP_TO = 1000  # classes; the best turns of a tree cost the cube of them: a second here

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Confusable:
    """Classes in an order in which those that are confused stand together.

    Attributes:
        order: `(C,)`, a permutation of the classes.
        blocks: (start, stop) in `order`, two classes or more each, from the first one on.
    """

    order: NDArray[np.int64]
    blocks: tuple[tuple[int, int], ...]


def shares_of(counts: ArrayLike) -> Floats:
    """Return `(C, C)`: each row of `counts` as shares of its sum; zeros where it has none."""
    table = np.asarray(counts)
    return np.asarray(table / np.maximum(table.sum(axis=1, keepdims=True), 1), dtype=np.float64)


def by_confusion(counts: ArrayLike) -> Confusable:
    """Return the order and the blocks of a confusion matrix.

    Args:
        counts: `(C, C)`, how many rows of each true class were said to be each class.
    """
    alike = shares_of(counts)
    np.fill_diagonal(alike, 0)
    alike = (alike + alike.T) / 2
    n = len(alike)
    if n < 3 or not alike.any():
        return Confusable(np.arange(n), ())
    apart = 1 - alike
    np.fill_diagonal(apart, 0)
    flat = squareform(apart, checks=False)
    merges = linkage(flat, "average")
    turned = optimal_leaf_ordering(merges, flat) if n <= TURNED_UP_TO else merges
    order = leaves_list(turned).astype(np.int64)
    place = np.argsort(order)
    found = [place[one] for one in _Tree(alike, merges[:, :2].astype(int)).blocks()]
    return Confusable(order, tuple(sorted((int(p.min()), int(p.max()) + 1) for p in found)))


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

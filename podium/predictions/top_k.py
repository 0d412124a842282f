"""Probabilities of thousands of classes, of which each row keeps the k largest, and class rankings.

Of 20,000 rows and 15,501 classes all numbers are 1.2 GB a member; the 50 likeliest of each row are
8 MB, and every decision, ranking and metric of them needs no others. A class that a row does not
list counts as its share of what is left,

    u = (1 - Σ listed) / (C - k),

which keeps the sum of a row at 1. Its true probability lies, as u does, between 0 and
b = min(least listed, what is left), so no number is wrong by more than b. In a mean over members
(fold models, views, runs) a class that is listed by some is wrong by at most the weighted mean of
the b of the others.

Rankings keep equal probabilities in the order of the classes, so that a ranking is the same
wherever it is computed. Of C classes the number C means "none of them": it ranks as if its
probability were the threshold `unknown`, behind the classes that reach it (>=).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, UsageError, either

__all__ = [
    "AUTO_FROM",
    "DEFAULT_K",
    "TopK",
    "TopKMembers",
    "at_least",
    "at_most",
    "concatenate",
    "likeliest",
    "mean_top_k",
    "most_confident",
    "rank",
    "require_dense",
    "top_classes",
    "uniform_top_k",
]


DEFAULT_K = 50
AUTO_FROM = 1000
"""From so many classes on, the k likeliest are kept unless a recipe sets otherwise."""
CELLS_AT_ONCE = 2_000_000  # listed values that are averaged at a time

Rows = NDArray[np.int64] | NDArray[np.bool_] | slice


@dataclass(frozen=True)
class TopK:
    """Predictions of N rows for C classes, of which each row lists k; indexed by rows as an array.

    Attributes:
        classes: int32 `(N, k)`, the likeliest first, of equal ones the first class.
        probs: float32 `(N, k)`, their probabilities, descending.
        n_classes: C.
    """

    classes: NDArray[np.int32]
    probs: NDArray[np.float32]
    n_classes: int

    @classmethod
    def of(cls, probs: NDArray[np.floating[Any]], k: int) -> TopK:
        """Return the `k` likeliest classes of each row of `probs` `(N, C)`; all, if k reaches C."""
        classes, values = likeliest(probs, k)
        return cls(classes.astype(np.int32), values.astype(np.float32), probs.shape[1])

    def __post_init__(self) -> None:
        shape = self.classes.shape
        if len(shape) != 2 or self.probs.shape != shape or not 1 <= shape[1] <= self.n_classes:
            raise DataError(
                f"top-k probabilities are two arrays (N, k) with k up to {self.n_classes:,}, got "
                f"{shape} and {self.probs.shape}"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """(N, C), as of an array of all probabilities."""
        return len(self.classes), self.n_classes

    @property
    def ndim(self) -> int:
        return 2

    @property
    def k(self) -> int:
        """The number of classes that a row lists."""
        return int(self.classes.shape[1])

    def __len__(self) -> int:
        return len(self.classes)

    def __getitem__(self, rows: Rows) -> TopK:
        return TopK(self.classes[rows], self.probs[rows], self.n_classes)

    @property
    def left(self) -> NDArray[np.float64]:
        """`(N,)`: what the classes that a row does not list have together."""
        return np.asarray(np.maximum(1 - self.probs.sum(axis=1, dtype=np.float64), 0))

    @property
    def unlisted(self) -> NDArray[np.float64]:
        """`(N,)`: what each of them counts; 0 where all are listed."""
        n = self.n_classes - self.k
        return self.left / n if n else np.zeros(len(self))

    @property
    def bound(self) -> NDArray[np.float64]:
        """`(N,)`: what the number of a class that is not listed is wrong by at most."""
        if self.k == self.n_classes:
            return np.zeros(len(self))
        return np.minimum(self.probs[:, -1].astype(np.float64), self.left)

    def cut(self, k: int) -> TopK:
        """Return the rows with the `k` likeliest of the classes that they list."""
        return TopK(self.classes[:, :k], self.probs[:, :k], self.n_classes)

    def best(self, k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the min(k, C) likeliest classes of each row and their probabilities.

        Raises:
            UsageError: more are requested than are listed.
        """
        if min(k, self.n_classes) > self.k:
            raise UsageError(
                f"the {k} likeliest classes are requested, and {self.k} are kept of each row",
                fix=f"write predict: {{top_k: {k}}} or more, and run `podium predict` again",
            )
        return self.classes[:, :k].astype(np.int64), self.probs[:, :k]

    def dense(self) -> NDArray[np.float32]:
        """Return all numbers `(N, C)`: of few rows, or few classes."""
        found = np.repeat(self.unlisted[:, None], self.n_classes, axis=1).astype(np.float32)
        np.put_along_axis(found, self.classes.astype(np.int64), self.probs, axis=1)
        return found


def uniform_top_k(n: int, n_classes: int, k: int) -> TopK:
    """Return `n` uniform rows: each class has 1 / C."""
    k = min(k, n_classes)
    classes = np.tile(np.arange(k, dtype=np.int32), (n, 1))
    return TopK(classes, np.full((n, k), 1 / n_classes, dtype=np.float32), n_classes)


def require_dense(probs: NDArray[Any] | TopK, *, who: str) -> NDArray[Any]:
    """Return probabilities `(N, C)` as they are, for `who` needs all of them.

    Raises:
        UsageError: the k likeliest are kept of each row.
    """
    if isinstance(probs, TopK):
        raise UsageError(
            f"{who} needs the probabilities of all "
            f"{either(probs.n_classes, 'class', 'classes')}, and {probs.k} are "
            "kept of each row",
            fix="write predict: {top_k: all}, and run `podium predict` again",
        )
    return probs


def concatenate(blocks: Sequence[Any]) -> Any:
    """Return blocks of rows as one: arrays `(n, C)`, or `TopK`.

    Raises:
        DataError: they list different numbers of classes.
    """
    if not isinstance(blocks[0], TopK):
        return np.concatenate(blocks)
    _refuse_others(blocks)
    return TopK(
        np.concatenate([one.classes for one in blocks]),
        np.concatenate([one.probs for one in blocks]),
        blocks[0].n_classes,
    )


def mean_top_k(members: Sequence[TopK], weights: NDArray[np.float64]) -> TopK:
    """Return Σ_m w_m · p_m of the classes that any member lists, of which the likeliest stay.

    Args:
        members: M, of the same rows and classes.
        weights: `(M,)`; members with weight 0 are not read.

    Returns:
        As many classes of a row as every member lists.
    """
    members = _equally_long(members)
    read = [one for one, weight in zip(members, weights, strict=True) if weight]
    k = members[0].k
    counted = np.asarray([weight for weight in weights if weight], dtype=np.float64)
    if not read:
        nothing = members[0].cut(k)
        return TopK(nothing.classes, np.zeros_like(nothing.probs), nothing.n_classes)
    per_row = max(1, len(read) * k)
    block = max(1, CELLS_AT_ONCE // per_row)
    n = len(members[0])
    parts = [
        _mean([one[start : start + block] for one in read], counted, k)
        for start in range(0, max(n, 1), block)
    ]
    found: TopK = concatenate(parts)
    return found


def _mean(members: Sequence[TopK], weights: NDArray[np.float64], k: int) -> TopK:
    n, n_classes = members[0].shape
    k_each = members[0].k
    all_listed = np.concatenate(
        [w * one.probs.astype(np.float64) for one, w in zip(members, weights, strict=True)], axis=1
    )
    shares = np.stack(
        [w * one.unlisted for one, w in zip(members, weights, strict=True)], axis=1
    )  # (n, M)
    keys = np.concatenate([one.classes for one in members], axis=1).astype(np.int64)
    keys += np.arange(n)[:, None] * n_classes
    listed, place = np.unique(keys.ravel(), return_inverse=True)
    rows, classes = np.divmod(listed, n_classes)

    def summed(values: NDArray[np.float64]) -> NDArray[np.float64]:
        each = np.bincount(place, values.ravel(), minlength=len(listed))
        return np.asarray(each, dtype=np.float64)

    # Members that do not list the class count as their share of what they leave.
    by_all = np.bincount(place, minlength=len(listed)) == len(members)
    others = shares.sum(axis=1)[rows] - summed(np.repeat(shares, k_each, axis=1))
    values = summed(all_listed) + np.where(by_all, 0, np.maximum(others, 0))
    values = values.astype(np.float32)
    order = np.lexsort((classes, -values, rows))
    first = np.searchsorted(rows, np.arange(n))
    taken = order[first[:, None] + np.arange(k)]  # every row has at least k of its own
    return TopK(classes[taken].astype(np.int32), values[taken], n_classes)


def _equally_long(members: Sequence[TopK]) -> list[TopK]:
    """Return members that list equally many classes: as many as the one that lists fewest.

    Raises:
        DataError: they are of other classes, or some keep all probabilities.
    """
    if len({getattr(one, "n_classes", None) for one in members}) > 1:
        _refuse_others(members)
    least = min(one.k for one in members)
    return [one if one.k == least else one.cut(least) for one in members]


def _refuse_others(members: Sequence[Any]) -> None:
    each = [(one.n_classes, one.k) if isinstance(one, TopK) else None for one in members]
    forms = list(dict.fromkeys(each))
    if len(forms) > 1:
        raise DataError(
            "predictions keep different numbers of classes: "
            + ", ".join("all" if one is None else f"{one[1]} of {one[0]}" for one in forms),
            fix="predict with the same top_k: podium predict",
        )


class TopKMembers:
    """Predictions of M members for the same rows; indexed as an array `(M, N, C)` is.

    They list as many classes as the one that lists fewest.
    """

    def __init__(self, members: Sequence[TopK]) -> None:
        members = _equally_long(members)
        if len({len(one) for one in members}) > 1:
            raise DataError(f"members have different rows: {[len(one) for one in members]}")
        self._members = tuple(members)

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self._members), *self._members[0].shape

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[TopK]:
        return iter(self._members)

    def __getitem__(self, at: Any) -> Any:
        """Return a member (a number), or these rows of all of them (`[:, rows]`)."""
        if not isinstance(at, tuple):
            return self._members[at]
        _, rows = at
        return TopKMembers([one[rows] for one in self._members])


PARTITION_CELLS = 4_000_000  # of probabilities that are partitioned at a time: 16 MB
NO_CLASS = -1  # nothing is predicted


def rank(
    probs: NDArray[np.floating[Any]] | TopK, k: int, *, unknown: float | None = None
) -> NDArray[np.int64]:
    """Return the `k` likeliest classes of each row `(N, k)`, -1 where there is none any more.

    Args:
        probs: `(N, C)`.
        k: at least 1.
        unknown: where "none of the C classes" stands; None: nowhere.

    Example:
        >>> rank(np.array([[0.2, 0.5, 0.3]]), 2), rank(np.array([[0.2, 0.5, 0.3]]), 2, unknown=0.4)
        (array([[1, 2]]), array([[1, 3]]))
    """
    classes, values = top_classes(probs, k)
    if unknown is not None:
        classes = with_unknown(classes, values, probs.shape[1], unknown)[:, :k]
    return np.pad(classes, ((0, 0), (0, k - classes.shape[1])), constant_values=NO_CLASS)


def top_classes(
    probs: NDArray[np.floating[Any]] | TopK, k: int
) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
    """Return the result of `likeliest` for all probabilities or for the k largest that are kept."""
    return likeliest(probs, k) if isinstance(probs, np.ndarray) else probs.best(k)


def likeliest(
    probs: NDArray[np.floating[Any]], k: int
) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
    """Return the min(k, C) likeliest classes of each row and their probabilities, best first.

    One sorting of C numbers a row is not needed: those above the k-th largest are found, and of its
    equals the first ones.
    """
    n, c = probs.shape
    k = min(k, c)
    classes = np.empty((n, k), dtype=np.int64)
    values = np.empty((n, k), dtype=probs.dtype)
    block = max(1, PARTITION_CELLS // c)
    for start in range(0, n, block):
        rows = slice(start, start + block)
        classes[rows] = _chosen(probs[rows], k)
        values[rows] = np.take_along_axis(probs[rows], classes[rows], axis=1)
        order = np.argsort(-values[rows], axis=1, kind="stable")
        classes[rows] = np.take_along_axis(classes[rows], order, axis=1)
        values[rows] = np.take_along_axis(values[rows], order, axis=1)
    return classes, values


def _chosen(probs: NDArray[np.floating[Any]], k: int) -> NDArray[np.int64]:
    """Return which k classes are the likeliest `(N, k)`, in their own order."""
    c = probs.shape[1]
    least = np.partition(probs, c - k, axis=1)[:, c - k, None]  # the k-th largest
    is_above, is_tied = probs > least, probs == least
    n_left = k - is_above.sum(axis=1, keepdims=True)
    is_chosen = is_above | (is_tied & (np.cumsum(is_tied, axis=1, dtype=np.int32) <= n_left))
    return np.nonzero(is_chosen)[1].reshape(-1, k)


def with_unknown(
    classes: NDArray[np.int64], values: NDArray[Any], n_classes: int, unknown: float
) -> NDArray[np.int64]:
    """Return `classes` `(N, K)` with "none of the C classes" in its place, `(N, K + 1)`.

    Args:
        classes: what `likeliest` returned.
        values: their probabilities, compared with `unknown` in their own type.
        n_classes: C, the number that stands for it.
        unknown: the threshold.
    """
    place = (values >= values.dtype.type(unknown)).sum(axis=1)[:, None]
    at = np.arange(classes.shape[1] + 1)
    earlier = np.take_along_axis(classes, np.maximum(at - (at > place), 0) % classes.shape[1], 1)
    return np.where(at == place, n_classes, earlier)


def most_confident(
    probs: NDArray[np.floating[Any]] | TopK, *, unknown: float | None = None
) -> NDArray[np.float64]:
    """Return the likeliest class of each row and its probability `(N, 2)`; -1 and 0: none.

    Args:
        probs: `(N, C)`.
        unknown: no class is predicted where no probability reaches it; None: one always is.
    """
    classes, values = (one[:, 0] for one in top_classes(probs, 1))
    found = np.column_stack([classes, values]).astype(np.float64)
    if unknown is not None:
        found[values < values.dtype.type(unknown)] = (NO_CLASS, 0.0)
    return found


def at_least(
    decisions: NDArray[np.uint8], probs: NDArray[np.floating[Any]], n: int
) -> NDArray[np.uint8]:
    """Return decisions `(N, C)` in which each row has n classes or more.

    Where a row has fewer, the likeliest of the others are added; of equals the first ones.

    Args:
        decisions: `(N, C)`, 0 or 1.
        probs: `(N, C)`.
        n: at most C; 0 changes nothing.
    """
    found = decisions.copy()
    short = np.flatnonzero(decisions.sum(axis=1, dtype=np.int64) < n)
    order = np.argsort(-probs[short], axis=1, kind="stable")
    is_predicted = np.take_along_axis(decisions[short] > 0, order, axis=1)
    n_missing = n - is_predicted.sum(axis=1, keepdims=True)
    is_predicted |= np.cumsum(~is_predicted, axis=1) <= n_missing
    found[short] = _sorted_by_class(is_predicted, order)
    return found


def at_most(
    decisions: NDArray[np.uint8], probs: NDArray[np.floating[Any]], k: int
) -> NDArray[np.uint8]:
    """Return decisions `(N, C)` in which each row has the `k` likeliest of its classes only.

    Of equals the first ones stay. The arguments are those of `at_least`.
    """
    found = decisions.copy()
    long = np.flatnonzero(decisions.sum(axis=1, dtype=np.int64) > k)
    order = np.argsort(-probs[long], axis=1, kind="stable")
    is_predicted = np.take_along_axis(decisions[long] > 0, order, axis=1)
    is_predicted &= np.cumsum(is_predicted, axis=1) <= k
    found[long] = _sorted_by_class(is_predicted, order)
    return found


def _sorted_by_class(
    is_predicted: NDArray[np.bool_], order: NDArray[np.int64]
) -> NDArray[np.uint8]:
    found = np.empty(is_predicted.shape, dtype=np.uint8)
    np.put_along_axis(found, order, is_predicted.astype(np.uint8), axis=1)
    return found

"""Probabilities of thousands of classes: of each row the k largest, and what is left for the rest.

Of 20,000 rows and 15,501 classes all numbers are 1.2 GB a member; the 50 likeliest of each row are
8 MB, and every decision, ranking and metric of them needs no others. A class that a row does not
list counts as its share of what is left,

    u = (1 - Σ listed) / (C - k),

which keeps the sum of a row at 1. Its true probability lies, as u does, between 0 and
b = min(least listed, what is left), so no number is wrong by more than b. In a mean over members
(fold models, views, runs) a class that is listed by some is wrong by at most the weighted mean of
the b of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, UsageError
from podium.predictions.rankings import likeliest

__all__ = [
    "AUTO_FROM",
    "DEFAULT_K",
    "TopK",
    "TopKMembers",
    "all_of",
    "joined",
    "mean_top_k",
    "uniform",
]

DEFAULT_K = 50
AUTO_FROM = 1000
"""From so many classes on, the k likeliest are kept where a recipe does not say."""
CELLS_AT_ONCE = 2_000_000  # listed values that are averaged at a time

Rows = NDArray[np.int64] | NDArray[np.bool_] | slice


@dataclass(frozen=True)
class TopK:
    """What N rows say of C classes, of which each row lists k; it is indexed by rows as an array.

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
        """How many classes a row lists."""
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
            UsageError: more are asked for than are listed.
        """
        if min(k, self.n_classes) > self.k:
            raise UsageError(
                f"the {k} likeliest classes are asked for, and {self.k} are kept of each row",
                fix=f"write predict: {{top_k: {k}}} or more, and run `podium predict` again",
            )
        return self.classes[:, :k].astype(np.int64), self.probs[:, :k]

    def dense(self) -> NDArray[np.float32]:
        """Return all numbers `(N, C)`: of few rows, or few classes."""
        found = np.repeat(self.unlisted[:, None], self.n_classes, axis=1).astype(np.float32)
        np.put_along_axis(found, self.classes.astype(np.int64), self.probs, axis=1)
        return found


def uniform(n: int, n_classes: int, k: int) -> TopK:
    """Return `n` rows that say nothing: each class has 1 / C."""
    k = min(k, n_classes)
    classes = np.tile(np.arange(k, dtype=np.int32), (n, 1))
    return TopK(classes, np.full((n, k), 1 / n_classes, dtype=np.float32), n_classes)


def all_of(probs: NDArray[Any] | TopK, *, who: str) -> NDArray[Any]:
    """Return probabilities `(N, C)` as they are, for `who` needs all of them.

    Raises:
        UsageError: the k likeliest are kept of each row.
    """
    if isinstance(probs, TopK):
        raise UsageError(
            f"{who} needs the probabilities of all {probs.n_classes:,} classes, and {probs.k} are "
            "kept of each row",
            fix="write predict: {top_k: all}, and run `podium predict` again",
        )
    return probs


def joined(blocks: Sequence[Any]) -> Any:
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


def mean_top_k(members: Sequence[TopK], weights: NDArray[np.float64], k: int | None = None) -> TopK:
    """Return Σ_m w_m · p_m of the classes that any member lists, of which the `k` likeliest stay.

    Args:
        members: M, of the same rows and classes.
        weights: `(M,)`; members with weight 0 are not read.
        k: default, and at most: as many as every member lists.
    """
    members = _alike(members)
    read = [one for one, weight in zip(members, weights, strict=True) if weight]
    k = members[0].k if k is None else min(k, members[0].k)
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
    found: TopK = joined(parts)
    return found


def _mean(members: Sequence[TopK], weights: NDArray[np.float64], k: int) -> TopK:
    n, n_classes = members[0].shape
    k_each = members[0].k
    said = np.concatenate(
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
    values = summed(said) + np.where(by_all, 0, np.maximum(others, 0))
    values = values.astype(np.float32)
    order = np.lexsort((classes, -values, rows))
    first = np.searchsorted(rows, np.arange(n))
    taken = order[first[:, None] + np.arange(k)]  # every row has at least k of its own
    return TopK(classes[taken].astype(np.int32), values[taken], n_classes)


def _alike(members: Sequence[TopK]) -> list[TopK]:
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
    """What M members say of the same rows; it is indexed as an array `(M, N, C)` is.

    They list as many classes as the one that lists fewest.
    """

    def __init__(self, members: Sequence[TopK]) -> None:
        members = _alike(members)
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

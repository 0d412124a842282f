"""Rankings of classes: the likeliest ones of each row, and where what no class is stands in them.

Equal probabilities stand in the order of the classes, so that a ranking is one and the same
wherever it is made. Of C classes the number C says "none of them": it stands as if its probability
were the threshold `unknown`, behind the classes that reach it (>=).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from podium.predictions.top_k import TopK

__all__ = ["at_least", "at_most", "likeliest", "rank", "surest", "top_of", "with_unknown"]

CELLS_AT_ONCE = 4_000_000  # of probabilities that are partitioned at a time: 16 MB
NONE = -1  # nothing is said


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
    classes, values = top_of(probs, k)
    if unknown is not None:
        classes = with_unknown(classes, values, probs.shape[1], unknown)[:, :k]
    return np.pad(classes, ((0, 0), (0, k - classes.shape[1])), constant_values=NONE)


def top_of(
    probs: NDArray[np.floating[Any]] | TopK, k: int
) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
    """Return what `likeliest` does, of all probabilities or of the k largest that are kept."""
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
    block = max(1, CELLS_AT_ONCE // c)
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
        n_classes: C, the number that says so.
        unknown: the threshold.
    """
    place = (values >= values.dtype.type(unknown)).sum(axis=1)[:, None]
    at = np.arange(classes.shape[1] + 1)
    earlier = np.take_along_axis(classes, np.maximum(at - (at > place), 0) % classes.shape[1], 1)
    return np.where(at == place, n_classes, earlier)


def surest(
    probs: NDArray[np.floating[Any]] | TopK, *, unknown: float | None = None
) -> NDArray[np.float64]:
    """Return the likeliest class of each row and its probability `(N, 2)`; -1 and 0: none is said.

    Args:
        probs: `(N, C)`.
        unknown: nothing is said where no probability reaches it; None: a class always is.
    """
    classes, values = (one[:, 0] for one in top_of(probs, 1))
    found = np.column_stack([classes, values]).astype(np.float64)
    if unknown is not None:
        found[values < values.dtype.type(unknown)] = (NONE, 0.0)
    return found


def at_least(
    decisions: NDArray[np.uint8], probs: NDArray[np.floating[Any]], n: int
) -> NDArray[np.uint8]:
    """Return decisions `(N, C)` in which each row says n classes or more.

    Where a row says fewer, the likeliest of the others are said, too; of equals the first ones.

    Args:
        decisions: `(N, C)`, 0 or 1.
        probs: `(N, C)`.
        n: at most C; 0 changes nothing.
    """
    found = decisions.copy()
    short = np.flatnonzero(decisions.sum(axis=1, dtype=np.int64) < n)
    order = np.argsort(-probs[short], axis=1, kind="stable")
    is_said = np.take_along_axis(decisions[short] > 0, order, axis=1)
    n_missing = n - is_said.sum(axis=1, keepdims=True)
    is_said |= np.cumsum(~is_said, axis=1) <= n_missing
    found[short] = _in_order_of_classes(is_said, order)
    return found


def at_most(
    decisions: NDArray[np.uint8], probs: NDArray[np.floating[Any]], k: int
) -> NDArray[np.uint8]:
    """Return decisions `(N, C)` in which each row says the `k` likeliest of its classes only.

    Of equals the first ones are said. The arguments are those of `at_least`.
    """
    found = decisions.copy()
    long = np.flatnonzero(decisions.sum(axis=1, dtype=np.int64) > k)
    order = np.argsort(-probs[long], axis=1, kind="stable")
    is_said = np.take_along_axis(decisions[long] > 0, order, axis=1)
    is_said &= np.cumsum(is_said, axis=1) <= k
    found[long] = _in_order_of_classes(is_said, order)
    return found


def _in_order_of_classes(is_said: NDArray[np.bool_], order: NDArray[np.int64]) -> NDArray[np.uint8]:
    found = np.empty(is_said.shape, dtype=np.uint8)
    np.put_along_axis(found, order, is_said.astype(np.uint8), axis=1)
    return found

"""What is fitted without two parts of the rows: honest predictions from within the other parts.

The choice for a part may not use its rows. So the methods to choose from are compared by
predictions that were fitted without that part, and without the row that is predicted. A fit without
the parts i and j serves the choices for both: K parts take K(K - 1)/2 fits, at most ten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.rows import parts_of

__all__ = ["MOST_PARTS", "InnerFold", "few_parts", "inner_folds", "inner_predictions"]

MOST_PARTS = 5

P = TypeVar("P")
Rows = NDArray[np.int64]
InnerFold = tuple[Rows, Rows]
"""Rows to fit on, and rows to predict."""


def few_parts(parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the part to leave out of the choice for each row: of many parts several are one.

    Example:
        >>> few_parts(np.array([0, 1, 2, 3, 4, 5, 6])).tolist()
        [0, 1, 2, 3, 4, 0, 1]
    """
    return np.unique(parts, return_inverse=True)[1].astype(np.int64) % MOST_PARTS


def inner_folds(
    parts: NDArray[np.int64], units: NDArray[np.int64], seed: int
) -> dict[int, list[InnerFold]]:
    """Return for each part how the rows of the others are fitted on and predicted.

    The inner folds are the other parts. Where there is but one of these, it is cut by units.

    Args:
        parts: `(N,)`, two at least.
        units: `(N,)`, numbers of what is kept whole by a cut.
        seed: of the cut.
    """
    found: dict[int, list[InnerFold]] = {}
    for part in np.unique(parts).tolist():
        others = np.flatnonzero(parts != part)
        numbers = np.unique(units[others], return_inverse=True)[1].astype(np.int64)
        inner, _ = parts_of(parts[others], numbers, seed)
        found[part] = [
            (others[inner != one], others[inner == one]) for one in np.unique(inner).tolist()
        ]
    return found


def inner_predictions(
    fit: Callable[[Rows], P],
    apply: Callable[[P, Rows], NDArray[Any]],
    folds: dict[int, list[InnerFold]],
) -> dict[int, NDArray[Any]]:
    """Return for each part the predictions of the rows of the others, in the order of the rows.

    Args:
        fit: from row numbers, ascending, to parameters; called once for equal rows.
        apply: from parameters and row numbers to one prediction a row.
        folds: what `inner_folds` returned.
    """
    # Where it is used next decides what is kept: a fit without i and j is needed twice.
    fitted: dict[bytes, P] = {}
    found = {}
    for part, pairs in folds.items():
        made = []
        for inside, held in pairs:
            key = inside.tobytes()
            if key not in fitted:
                fitted[key] = fit(inside)
            made.append(apply(fitted[key], held))
        order = np.argsort(np.concatenate([held for _, held in pairs]))
        found[part] = np.concatenate(made)[order]
    return found

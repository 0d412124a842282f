"""Some of many: where a look at all of them takes too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["some_of", "some_rows"]

Many = TypeVar("Many", bound=Sequence[Any])


def some_of(many: Many, n: int) -> Many:
    """Return about `n` of `many`, evenly spaced, the first one among them; all where fewer are.

    There are fewer than 2 n.

    Example:
        >>> some_of([0, 1, 2, 3, 4, 5, 6], 3), some_of([0, 1], 3)
        ([0, 2, 4, 6], [0, 1])
    """
    return cast("Many", many[:: max(1, len(many) // n)])


def some_rows(n: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return `most` of the rows 0 … n - 1, drawn and in ascending order; all where fewer are."""
    return np.arange(n) if n <= most else np.sort(rng.choice(n, most, replace=False))

"""Classes of several outputs beside each other: blocks of columns, of each of which one is 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "OUTPUT_SIGN",
    "as_flags",
    "as_indices",
    "blocks",
    "by_output",
    "output_names",
    "output_sizes",
]

OUTPUT_SIGN = "="
"""What stands between an output and its class in the name of a column, as `colour=red`."""


def output_names(classes: Sequence[str]) -> list[str]:
    """Return the outputs of classes that are named `output=class`, in order.

    Example:
        >>> output_names(["colour=red", "colour=blue", "shape=round", "shape=a=b"])
        ['colour', 'shape']
    """
    return list(dict.fromkeys(one.partition(OUTPUT_SIGN)[0] for one in classes))


def by_output(classes: Sequence[str]) -> dict[str, list[str]]:
    """Return the classes of each output, without its name.

    Example:
        >>> by_output(["colour=red", "colour=blue", "shape=round"])
        {'colour': ['red', 'blue'], 'shape': ['round']}
    """
    found: dict[str, list[str]] = {}
    for one in classes:
        output, _, name = one.partition(OUTPUT_SIGN)
        found.setdefault(output, []).append(name)
    return found


def output_sizes(classes: Sequence[str]) -> tuple[int, ...]:
    """Return how many of the classes each output has.

    Example:
        >>> output_sizes(["colour=red", "colour=blue", "shape=round"])
        (2, 1)
    """
    named = [one.partition(OUTPUT_SIGN)[0] for one in classes]
    return tuple(named.count(name) for name in output_names(classes))


def blocks(sizes: Sequence[int]) -> Iterator[slice]:
    """Yield the columns of each output.

    Example:
        >>> list(blocks([2, 3]))
        [slice(0, 2, None), slice(2, 5, None)]
    """
    ends = list(accumulate(sizes))
    return (slice(end - size, end) for end, size in zip(ends, sizes, strict=True))


def as_indices(values: NDArray[Any], sizes: Sequence[int]) -> NDArray[np.int64]:
    """Return the greatest column of each block `(N, C)`, `(N, O)`; -1 where a block is unknown.

    Example:
        >>> as_indices(np.array([[0, 1, 1, 0, 0], [1, 0, -1, -1, -1]]), [2, 3]).tolist()
        [[1, 0], [0, -1]]
    """
    found = [
        np.where(values[:, one].max(axis=1) < 0, -1, values[:, one].argmax(axis=1))
        for one in blocks(sizes)
    ]
    return np.stack(found, axis=1).astype(np.int64)


def as_flags(indices: NDArray[Any], sizes: Sequence[int]) -> NDArray[Any]:
    """Return 0 and 1 of the classes `(N, C)`, -1 in the block of an output that is unknown.

    It is uint8 where all are known, else int64.

    Example:
        >>> as_flags(np.array([[1, 0], [0, -1]]), [2, 3]).tolist()
        [[0, 1, 1, 0, 0], [1, 0, -1, -1, -1]]
    """
    each = [
        np.where(indices[:, [at]] < 0, -1, indices[:, [at]] == np.arange(size))
        for at, size in enumerate(sizes)
    ]
    found = np.hstack(each)
    return found if (found < 0).any() else found.astype(np.uint8)

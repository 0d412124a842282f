"""Masks as arrays of numpy, `.npy`: `(H, W)` or `(H, W, 1)` of whole numbers or of booleans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.bands import refuse_too_large
from podium.competition.readers.npy import MAGIC, read_array
from podium.errors import DataError

__all__ = ["is_array", "values_of_array"]


def is_array(path: Path) -> bool:
    """Return whether a file is an array of numpy, by how it begins."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def values_of_array(path: Path) -> NDArray[np.integer[Any]]:
    """Return the values of an array `(H, W)`; false and true are 0 and 1, of 8 bits.

    Raises:
        DataError: it is cut off, a pickle, or no such array.
    """
    found = read_array(path)
    if found.ndim == 3 and found.shape[2] == 1:
        found = found[:, :, 0]
    if found.ndim != 2 or found.dtype.kind not in "bui":
        raise DataError(
            f"the mask is {found.dtype} {found.shape}, not whole numbers (height, width)",
            where=path,
            fix="save it as np.save(path, mask.astype('uint8'))",
        )
    refuse_too_large(found.shape, found.dtype.itemsize, path)
    values = np.array(found)
    return values.view(np.uint8) if values.dtype == bool else values

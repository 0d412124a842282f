"""Units of several images that look alike as a whole, and not in a picture or two.

Frames of two experiments, or views of two patients, are alike by nature: an empty glass, a spine
from the side. That tells nothing of their labels, which are those of the units. Two units are one
thing twice where the other one has most pictures of the smaller one, and more than one of several.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from podium.competition.checks.near_duplicates import clusters

__all__ = ["alike_units"]

MOST = 2 / 3
"""Of the pictures of the smaller unit the other one has more than this share."""
_COMMON = 500  # a picture of more units than these tells no two of them apart


def alike_units(
    unit_of: NDArray[np.int64], alike: Sequence[NDArray[np.int64]]
) -> list[NDArray[np.int64]]:
    """Return sets of images of units that are alike as a whole: those that have a twin there.

    Args:
        unit_of: `(N,)`, the unit of each image, 0 … U-1.
        alike: sets of images, by position, that show one picture each; they may overlap.

    Example:
        >>> unit_of = np.repeat([0, 1, 2], 3)
        >>> pictures = [np.array(rows) for rows in ([0, 3, 6], [1, 4], [2, 5])]
        >>> [rows.tolist() for rows in alike_units(unit_of, pictures)]
        [[0, 1, 2, 3, 4, 5]]
    """
    n_images, n_units = len(unit_of), int(unit_of.max(initial=-1)) + 1
    links = [np.column_stack([rows[:-1], rows[1:]]) for rows in alike]
    pictures = clusters(np.concatenate([np.empty((0, 2), dtype=np.int64), *links]), n_images)
    pictures = [rows for rows in pictures if 1 < len(np.unique(unit_of[rows])) <= _COMMON]
    if not pictures:
        return []
    rows = np.concatenate(pictures)
    picture = np.repeat(np.arange(len(pictures)), [len(one) for one in pictures])
    # Frames of one unit that are alike are one picture of it.
    shown = scipy.sparse.csr_array(
        (np.ones(len(rows)), (unit_of[rows], picture)), shape=(n_units, len(pictures))
    )
    repeated = np.asarray((shown - (shown > 0)).sum(axis=1)).astype(np.int64)
    n_images_of = np.bincount(unit_of, minlength=n_units)
    n_pictures = n_images_of - repeated
    has = (shown > 0).astype(np.float64)
    shared = (has @ has.T).tocoo()
    one, other = shared.coords
    is_whole = (one != other) & (n_pictures[one] <= n_pictures[other])
    is_whole &= shared.data > MOST * n_pictures[one]
    is_whole &= (shared.data > 1) | (n_images_of[one] == 1)
    pairs = np.column_stack([one, other])[is_whole].astype(np.int64)
    found = []
    for units in clusters(pairs, n_units):
        is_here = np.isin(unit_of[rows], units)
        of_units = np.unique(np.column_stack([unit_of[rows], picture])[is_here], axis=0)
        n_units_of = np.bincount(of_units[:, 1], minlength=len(pictures))
        found.append(np.sort(rows[is_here & (n_units_of[picture] > 1)]))
    return found

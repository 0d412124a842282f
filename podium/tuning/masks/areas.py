"""Counts of a multiclass mask without its small areas, for several least areas at once.

A component that is dropped takes its pixels from its class and gives them to the background. So the
components of a class are found once, the true values under each are counted, and the counts for any
least area are those of the whole mask, changed by the components below it. Components are those of
`mask_regions.min_area`: pixels that touch by a side or a corner.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import IGNORE, Mask
from podium.competition.metrics import mask_counts

__all__ = ["counts_by_area"]

BAND_PIXELS = 1 << 16  # whose true values are counted at a time

OTHER, BACKGROUND, HIT, UNKNOWN = range(4)  # what is true of a pixel


def counts_by_area(
    said: Mask, truth: Mask, areas: Sequence[int], *, n_outputs: int
) -> NDArray[np.int64]:
    """Return the counts `(len(areas), K, 4)` of `said` with no component below each of `areas`.

    Args:
        said: a decision `(H, W)`.
        truth: of the same form.
        areas: in pixels; 0 and 1 drop nothing.
        n_outputs: as `metrics.mask_counts` has it.

    Raises:
        DataError: as `metrics.mask_counts`.
    """
    whole = mask_counts(truth, said, kind="multiclass", n_outputs=n_outputs)
    counts = np.repeat(whole[None], len(areas), axis=0)
    if max(areas) <= 1:
        return counts
    for label in np.unique(said).tolist():
        if not label:
            continue
        sizes, under = _components((said == label).view(np.uint8), truth, label)
        for a, least in enumerate(areas):
            background, hit = under[sizes < least, BACKGROUND:].sum(axis=0)
            known = under[sizes < least].sum()
            counts[a, label, :2] -= hit, known
            counts[a, 0, :2] += background, known
    return counts


def _components(
    is_class: NDArray[np.uint8], truth: Mask, label: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pixels of each component `(n,)`, and `(n, 3)` how many are OTHER, BACKGROUND, HIT."""
    n, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(is_class), connectivity=8, ltype=cv2.CV_32S
    )
    meaning = np.full(256, OTHER, np.int32)
    meaning[[0, label, IGNORE]] = BACKGROUND, HIT, UNKNOWN
    under = np.zeros(4 * n, np.int64)
    rows = max(1, BAND_PIXELS // max(1, labels.shape[1]))
    for top in range(0, len(labels), rows):
        inside = is_class[top : top + rows].view(np.bool_)
        codes = labels[top : top + rows][inside] * 4 + meaning[truth[top : top + rows][inside]]
        under += np.bincount(codes, minlength=4 * n)
    return stats[1:, cv2.CC_STAT_AREA].astype(np.int64), under.reshape(n, 4)[1:, :UNKNOWN]

"""The likeliest class of the mean of picks and one more member, counted by image: compiled.

Each mean is rounded as it is where it is made whole: summed and divided in float64, compared as
float32. Of equal channels the first wins, as argmax has it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from podium.codecs._kernels import compiled

__all__ = ["count_classes"]


def _count_classes(
    total: Any, member: Any, n: float, truth: Any, image: Any, both: Any, said: Any
) -> None:
    """Add to `both` and `said` `(I, C)` how often each class was said, rightly and at all."""
    n_pixels, n_channels = total.shape
    for p in range(n_pixels):
        best, winner = np.float32((total[p, 0] + member[p, 0]) / n), 0
        for c in range(1, n_channels):
            value = np.float32((total[p, c] + member[p, c]) / n)
            if value > best:
                best, winner = value, c
        said[image[p], winner] += 1
        both[image[p], winner] += winner == truth[p]


count_classes = compiled(_count_classes)

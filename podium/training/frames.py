"""From what the network says about its input back to the grid in which masks are kept.

The fit of `input:` brought an image to the network's size: resized it, cut its centre, or padded
it. Here probabilities go the same way back, and on to the competition's frame, a band of rows at a
time, so that a large frame of many classes is never in memory whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from podium.training.augment import Fit

__all__ = ["Part", "bands_in_frame", "seen_part"]

BAND_BYTES = 16 * 2**20


@dataclass(frozen=True)
class Part:
    """Which rectangle of the network's input shows which rectangle of the image.

    Attributes:
        inside: (top, bottom, left, right), pixels of the input.
        of_image: the same, as shares of the image's sides, 0 to 1.
    """

    inside: tuple[int, int, int, int]
    of_image: tuple[float, float, float, float]


def seen_part(fit: Fit, image: tuple[int, int], size: tuple[int, int]) -> Part:
    """Return what `fit` shows of an image of (height, width) `image` in an input of `size`.

    Example:
        >>> seen_part("pad", (50, 100), (80, 80)).inside
        (20, 60, 0, 80)
    """
    (height, width), (high, wide) = image, size
    whole = (0.0, 1.0, 0.0, 1.0)
    if fit == "pad":
        scaled = _scaled(image, min(high / height, wide / width))
        top, left = (high - scaled[0]) // 2, (wide - scaled[1]) // 2
        return Part((top, top + scaled[0], left, left + scaled[1]), whole)
    if fit == "centre_crop":
        scaled = _scaled(image, max(high / height, wide / width))
        top, left = (scaled[0] - high) // 2, (scaled[1] - wide) // 2
        seen = (
            top / scaled[0],
            (top + high) / scaled[0],
            left / scaled[1],
            (left + wide) / scaled[1],
        )
        return Part((0, high, 0, wide), seen)
    return Part((0, high, 0, wide), whole)


def bands_in_frame(
    probs: Tensor, part: Part, frame: tuple[int, int]
) -> Iterator[NDArray[np.float32]]:
    """Yield `probs` `(C, h, w)` of the input as rows of the frame, `(rows, W, C)` float32.

    Resampling is bilinear, pixel centres on pixel centres (as `align_corners=False`); what the
    input did not show is nan.
    """
    height, width = frame
    top, bottom, left, right = part.inside
    shown = probs[:, top:bottom, left:right].float()
    first, last = round(part.of_image[0] * height), round(part.of_image[1] * height)
    west, east = round(part.of_image[2] * width), round(part.of_image[3] * width)
    per_band = max(1, BAND_BYTES // (4 * width * len(probs)))
    for start in range(0, height, per_band):
        stop = min(start + per_band, height)
        band = np.full((stop - start, width, len(probs)), np.nan, dtype=np.float32)
        inner = range(max(start, first), min(stop, last))
        if len(inner) and east > west:
            rows = _resized_rows(shown, inner, first, last - first, east - west)
            band[inner.start - start : inner.stop - start, west:east] = rows
        yield band


def _resized_rows(
    shown: Tensor, rows: range, first: int, height: int, width: int
) -> NDArray[np.float32]:
    """Return the rows `rows` (counted from `first`) of `shown` resized to (height, width)."""
    source = shown.shape[1]
    at = torch.arange(rows.start - first, rows.stop - first, device=shown.device)
    # The centre of an output row, in rows of the source; beyond the outermost centres stays there.
    where = ((at + 0.5) * (source / height) - 0.5).clamp(0, source - 1)
    above = where.floor().long()
    below = (above + 1).clamp(max=source - 1)
    share = (where - above).view(1, -1, 1)
    lines = shown[:, above] * (1 - share) + shown[:, below] * share  # (C, rows, w)
    if lines.shape[2] != width:
        lines = F.interpolate(lines, size=width, mode="linear", align_corners=False)
    return np.ascontiguousarray(lines.permute(1, 2, 0).cpu().numpy())


def _scaled(image: tuple[int, int], scale: float) -> tuple[int, int]:
    return max(1, round(image[0] * scale)), max(1, round(image[1] * scale))

"""The second look at candidates for near duplicates: the pixels of both, at full size.

A hash of 64 bits and a thumbnail call many small or plain images equal that are not: two shirts of
28 pixels, neighbouring frames of a video. Here both images are brought to the smaller one's size,
aligned by a small affine motion (Evangelidis and Psarakis 2008, "Parametric image alignment using
enhanced correlation coefficient maximization") and to one brightness and contrast. They are one
picture if then

- the frame is the same but for a narrow margin: a pan of a hundredth of a side is not,
- little is left of the difference, in the whole image and in the worst of its 64 parts, measured
  against the contrast of the image or, in plain ones, in grey levels,
- and the fine structure agrees.

Limits are chosen on seeds from 100 on of `benchmarks/near_duplicates.py`, which measures how many
pairs that are left are false.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.competition.images import read_bands
from podium.competition.readers import IMAGE, Reader
from podium.errors import DataError
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress

__all__ = ["confirm_pairs"]

LARGEST_PX = 512  # the larger side at which pixels are compared
_ALIGNED_PX = (96, 256)  # the larger sides at which the motion between two images is estimated
_AT_ONCE = 128  # pairs whose images are in memory together
_PARTS = 8  # a side

MOST_PAN = 0.008  # of a side, of the middle of the frame
MOST_MARGIN = 0.045  # of a side, of a corner of the frame
MOST_LEFT, MOST_LEFT_LEVELS = 0.12, 1.5  # of the image's contrast; or grey levels
MOST_IN_PART, MOST_IN_PART_LEVELS = 0.18, 4.0
PLAIN_LEFT = 0.06  # the fine structure is noise where so little is left
LEAST_STRUCTURE = 0.6  # correlation
GAINS = (0.5, 2.0)  # of contrast, the same in all colours


def confirm_pairs(
    files: Sequence[Sequence[Path | None]],
    pairs: NDArray[np.int64],
    *,
    reader: Reader = IMAGE,
    progress: Progress = SILENT,
) -> NDArray[np.int64]:
    """Return those of `pairs` `(P, 2)` that are one picture at full size, in their order.

    An image that cannot be read any more is of no pair. Memory does not grow with the pairs.

    Args:
        files: of each image, in the order of its channels; None: zeros.
        pairs: positions in `files`.
        reader: of each file.
        progress: gets a bar.
    """
    if len(pairs) == 0:
        return pairs
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))  # most of a chunk's pairs share images then
    is_same = np.zeros(len(pairs), dtype=bool)

    def read(row: int) -> NDArray[np.uint8] | None:
        try:
            return _shown(files[row], reader)
        except DataError:
            return None

    def is_one(images: dict[int, NDArray[np.uint8] | None], at: int) -> bool:
        one, other = (images[int(row)] for row in pairs[at])
        return one is not None and other is not None and is_one_picture(one, other)

    with (
        progress.bar("compare near duplicates", len(pairs)) as advance,
        ThreadPoolExecutor(n_cores()) as pool,
    ):
        for start in range(0, len(pairs), _AT_ONCE):
            chunk = order[start : start + _AT_ONCE]
            rows = np.unique(pairs[chunk]).tolist()
            images = dict(zip(rows, pool.map(read, rows), strict=True))
            is_same[chunk] = list(pool.map(lambda at, seen=images: is_one(seen, at), chunk))
            advance(len(chunk))
    return pairs[is_same]


def _shown(files: Sequence[Path | None], reader: Reader) -> NDArray[np.uint8]:
    """Return the image as people see it, `(h, w, 3)`, at most 512 pixels large.

    Raises:
        DataError: it cannot be read.
    """
    bands = read_bands(files, reader)
    pixels = replace(reader.pixels, channels=bands.shape[2])
    return _fitted(pixels.shown(bands.reduced(2 * LARGEST_PX)), LARGEST_PX)


def _fitted(image: NDArray[np.uint8], largest: int) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    scale = largest / max(height, width)
    if scale >= 1:
        return image
    return _resized(image, max(1, round(height * scale)), max(1, round(width * scale)))


def _resized(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(
        cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )


def is_one_picture(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Return whether two images `(h, w, 3)` show the same frame of the same thing.

    A copy in another size, brightness, contrast or JPEG quality, or cut by a narrow margin, is one;
    the next frame of a camera that moves, or another thing of the same shape, is not.
    """
    height, width = (min(a, b) for a, b in zip(one.shape[:2], other.shape[:2], strict=True))
    one, other = (_resized(image, height, width) for image in (one, other))
    everywhere = np.ones((height, width), dtype=np.uint8)
    if _agree(one, other, everywhere):
        return True
    motion = _motion(*(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (one, other)))
    if motion is None:
        return False
    moved = cv2.warpAffine(other, motion, (width, height), flags=_WARP)
    covered = cv2.warpAffine(
        everywhere, motion, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    return _agree(one, np.asarray(moved, dtype=np.uint8), np.asarray(covered, dtype=np.uint8))


_WARP = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


def _motion(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Return the affine motion `(2, 3)` from one frame to the other; None where it is not small."""
    height, width = one.shape
    motion = np.eye(3)
    for number, largest in enumerate(_ALIGNED_PX):
        if number and max(height, width) <= _ALIGNED_PX[number - 1]:
            break
        small, small_other = (_fitted(image, largest).astype(np.float32) for image in (one, other))
        size = np.diag([width / small.shape[1], height / small.shape[0], 1.0])
        start = (np.linalg.inv(size) @ motion @ size)[:2].astype(np.float32)
        try:
            _, found = cv2.findTransformECC(
                small, small_other, start, cv2.MOTION_AFFINE, _STOP, None, 3
            )
        except cv2.error:
            return None  # it does not converge: the two have little in common
        motion = size @ np.vstack([found, [0, 0, 1]]) @ np.linalg.inv(size)
        corners = np.array([[x, y, 1] for x in (0, width) for y in (0, height)], dtype=np.float64)
        moves = (corners @ motion[:2].T - corners[:, :2]) / (width, height)  # (4, 2), of a side
        if np.abs(moves.mean(axis=0)).max() > MOST_PAN or np.abs(moves).max() > MOST_MARGIN:
            return None
    return np.asarray(motion[:2], dtype=np.float64)


_STOP = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-3)


def _agree(one: NDArray[np.uint8], other: NDArray[np.uint8], covered: NDArray[np.uint8]) -> bool:
    """Return whether two images `(h, w, 3)` of one frame differ by little where it is covered."""
    a, b, there = one.astype(np.float32), other.astype(np.float32), covered.astype(bool)
    blur = max(0.7, min(there.shape) / 128)  # what JPEG adds is finer
    left, levels, in_part, in_part_levels = min(_left(a, b, there, blur), _left(b, a, there, blur))
    if left > MOST_LEFT and levels > MOST_LEFT_LEVELS:
        return False
    if in_part > MOST_IN_PART and in_part_levels > MOST_IN_PART_LEVELS:
        return False
    if left <= PLAIN_LEFT:
        return True
    bands = (_fine(image, blur)[there] for image in (a, b))
    return _correlation(*bands) >= LEAST_STRUCTURE


def _left(
    a: NDArray[np.float32], b: NDArray[np.float32], there: NDArray[np.bool_], blur: float
) -> tuple[float, float, float, float]:
    """Return what is left of `b` when `a` has its brightness, in all and in the worst part.

    Each as a share of the contrast and in grey levels. Contrast changes alike in all colours: a red
    shirt does not become a blue one. Values at an end of the range carry no brightness, and
    are clipped as a camera or an editor would.
    """
    known = there[:, :, None] & (a > 2) & (a < 253) & (b > 2) & (b < 253)
    if (known.sum(axis=(0, 1)) < 0.05 * there.sum()).any():
        known = np.repeat(there[:, :, None], 3, axis=2)
    n = known.sum(axis=(0, 1))
    mean_a, mean_b = (np.where(known, image, 0).sum(axis=(0, 1)) / n for image in (a, b))
    x, y = (np.where(known, i - m, 0) for i, m in ((a, mean_a), (b, mean_b)))
    gain = np.clip(float((x * y).sum()) / max(float((x * x).sum()), 1e-6), *GAINS)
    expected = np.clip(gain * (a - mean_a) + mean_b, 0, 255)
    rest = np.where(there[:, :, None], expected - b, 0).astype(np.float32)
    squares = (cv2.GaussianBlur(rest, (0, 0), blur) ** 2).mean(axis=2)
    parts = (_PARTS, _PARTS)
    share = cv2.resize(there.astype(np.float32), parts, interpolation=cv2.INTER_AREA)
    in_parts = cv2.resize(squares, parts, interpolation=cv2.INTER_AREA) / np.maximum(share, 0.3)
    contrast = max(float(b[there].std(axis=0).mean()), 1.0)
    levels, in_part = float(np.sqrt(squares[there].mean())), float(np.sqrt(in_parts.max()))
    return levels / contrast, levels, in_part / contrast, in_part


def _fine(image: NDArray[np.float32], blur: float) -> NDArray[np.float32]:
    """Return the structure that an eighth of the image does not show, without noise."""
    height, width = image.shape[:2]
    coarse = cv2.resize(image, (_PARTS, _PARTS), interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), blur) - coarse, dtype=np.float32)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    a, b = one - one.mean(), other - other.mean()
    return float((a * b).sum() / max(np.sqrt((a**2).sum() * (b**2).sum()), 1e-6))

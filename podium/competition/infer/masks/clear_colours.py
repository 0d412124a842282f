"""The few clear colours of masks that were saved as JPEG: all but noise at edges is near to one.

A mask of black and white, saved as JPEG, has grey levels near 0 and 255, and others where the two
meet; one of red on black has darker reds there. Where all that is even in every file lies near to
one of a few colours that are far from each other, each pixel is of the nearest of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import maximum_filter, minimum_filter

from podium.competition.infer.pictures import read_picture

__all__ = ["Colour", "find_clear_colours", "is_lossy", "is_of_colours", "with_clear_colours"]

_LOSSY = ("JPEG", "MPO", "WEBP")
Colour = tuple[int, int, int]
_NEAR = 40  # of a channel: farther, an even area is of another colour
_APART = 96
_AT_END = 8  # of 0 and 255, which JPEG misses by a few
_EVEN = 12  # in the highest channel, within a window
_MOST = 16
_FEWEST_PIXELS = 25
_OTHER = 64  # of a channel, between values of windows that differ by _OTHER / 2 at most
_FEWEST_OTHERS = 9
_MOST_OTHERS = 0.25  # of all pixels: those at edges
_MOST_BESIDE = 0.02  # of the pixels of one value around: even areas of a value beside the colours
_BLACK_AND_WHITE: tuple[Colour, ...] = ((0, 0, 0), (255, 255, 255))


def find_clear_colours(paths: Sequence[Path]) -> tuple[Colour, ...]:
    """Return the two or more colours that the masks have; () where they have no such colours.

    Args:
        paths: of pictures, some of them lossy.
    """
    counts: Counter[Colour] = Counter()
    for path in paths:
        pixels = _rgb_pixels(path)
        if pixels is None:
            return ()
        even = pixels[_spread(pixels, 3) <= _EVEN]
        found, n = np.unique(even, axis=0, return_counts=True)
        for (red, green, blue), count in zip(found.tolist(), n.tolist(), strict=True):
            counts[red, green, blue] += count
    colours = _peaks(counts)
    if set(colours) <= set(_BLACK_AND_WHITE):
        colours = _BLACK_AND_WHITE  # lines of white are too thin to be even
    if len(colours) < 2:
        return ()
    return colours if all(is_of_colours(path, colours) for path in paths) else ()


def _peaks(counts: Counter[Colour]) -> tuple[Colour, ...]:
    """Return the commonest colours that are apart; () where common ones are not."""
    enough = max(_FEWEST_PIXELS, counts.total() / 2_000)
    colours = np.array([one for one, _ in counts.most_common()], dtype=np.int64).reshape(-1, 3)
    numbers = np.array([n for _, n in counts.most_common()])
    peaks: list[NDArray[np.int64]] = []
    while len(numbers):
        far = np.abs(colours - colours[0]).max(axis=1) > _NEAR
        if numbers[~far].sum() >= enough:
            peaks.append(_at_ends(colours[0]))
        colours, numbers = colours[far], numbers[far]
        if len(peaks) > _MOST:
            return ()
    if any(np.abs(one - other).max() < _APART for one, other in combinations(peaks, 2)):
        return ()
    # Where two colours meet, pixels have what lies between: of a third colour they would be then.
    for one, other in combinations(peaks, 2):
        if any(_is_between(third, one, other) for third in peaks):
            return ()
    return tuple(sorted((int(red), int(green), int(blue)) for red, green, blue in peaks))


def _is_between(
    colour: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int64]
) -> bool:
    way = other - one
    share = float(np.dot(colour - one, way)) / float(np.dot(way, way))
    return 0 < share < 1 and bool(np.abs(one + share * way - colour).max() < _APART / 2)


def _at_ends(colour: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(colour <= _AT_END, 0, np.where(colour >= 255 - _AT_END, 255, colour))


def is_of_colours(path: Path, colours: Sequence[Colour]) -> bool:
    """Return whether all even areas of a picture are of these colours, and most pixels are."""
    pixels = _rgb_pixels(path)
    if pixels is None:
        return False
    nearest = _nearest_colours(pixels, colours)
    distance = np.abs(pixels.astype(np.int16) - nearest.astype(np.int16)).max(axis=-1)
    of_others = (distance > _OTHER) & (_spread(pixels, 3) <= _OTHER // 2)
    if np.count_nonzero(of_others) >= _FEWEST_OTHERS:
        return False  # at an edge pixels differ more
    if np.count_nonzero(distance > _NEAR) > _MOST_OTHERS * distance.size:
        return False
    if any(len({*colour}) > 1 for colour in colours):
        return True
    # Numbers of classes, as 0, 1 and 2, lie near to one grey, too; noise is seldom as even.
    same = _spread(pixels, 5) == 0
    beside = same & (distance > 1)
    return bool(np.count_nonzero(beside) <= _MOST_BESIDE * np.count_nonzero(same))


def is_lossy(image: Image.Image) -> bool:
    """Return whether the file of a picture is of a form that changes pixels."""
    return image.format in _LOSSY


def with_clear_colours(image: Image.Image, colours: Sequence[Colour]) -> Image.Image:
    """Return a picture with the nearest of the colours in each pixel; grey where all are grey."""
    nearest = _nearest_colours(np.asarray(image.convert("RGB")), colours)
    is_grey = all(len({*colour}) == 1 for colour in colours)
    return Image.fromarray(nearest[..., 0].copy() if is_grey else nearest)


def _nearest_colours(pixels: NDArray[np.uint8], colours: Sequence[Colour]) -> NDArray[np.uint8]:
    """Return the colour of each pixel `(H, W, 3)` that is nearest to it."""
    known = np.array(colours, dtype=np.int32)
    best = np.zeros(pixels.shape[:2], dtype=np.uint8)
    least = np.full(pixels.shape[:2], np.iinfo(np.int32).max, dtype=np.int32)
    plain = pixels.astype(np.int32)
    for number, colour in enumerate(known):
        distance = ((plain - colour) ** 2).sum(axis=-1)
        is_nearer = distance < least
        best[is_nearer], least[is_nearer] = number, distance[is_nearer]
    nearest: NDArray[np.uint8] = known.astype(np.uint8)[best]
    return nearest


def _rgb_pixels(path: Path) -> NDArray[np.uint8] | None:
    """Return the pixels `(H, W, 3)` of a picture of 8 bits; None where it is none."""

    def read(image: Image.Image) -> NDArray[np.uint8] | None:
        return np.asarray(image.convert("RGB")) if image.mode in _MODES else None

    return read_picture(path, read)


_MODES = ("1", "L", "RGB", "P")


def _spread(pixels: NDArray[np.uint8], window: int) -> NDArray[np.uint8]:
    """Return how far values around each pixel are apart, in the channel where that is most."""
    size = (window, window, 1)
    apart = maximum_filter(pixels, size) - minimum_filter(pixels, size)
    spread: NDArray[np.uint8] = apart.max(axis=-1)
    return spread

"""Windows over an image that is larger than a network's input, and their predictions merged.

The mean of overlapping windows equals the network's prediction of the whole image, up to rounding,
where two things hold. Windows start on multiples of the network's stride and end where the image
ends, so that its grid of features, and what it pads at the bottom and on the right, are the same.
And pixels nearer to a window's inner edge than the radius of the receptive field, which depend on
the edge's padding instead of the image, have weight zero: that is `margin`. At the image's own
border the whole image is padded, too, and nothing is left out. A network whose receptive field is
the whole image (attention, global pooling, group norm) has less context in a window, whatever the
margin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from podium.errors import RecipeError, RunError, UsageError

__all__ = [
    "Edges",
    "TileAccumulator",
    "TileWindow",
    "WeightKind",
    "merge_windows",
    "tile_weights",
    "windows",
]

WeightKind = Literal["gaussian", "flat"]
Edges = tuple[bool, bool, bool, bool]
Floats = NDArray[np.float32]

_PIECE_VALUES = 2**20
_SIGMAS_TO_EDGE = 4.0  # a Gaussian's weight at a window's edge is e^-8 of that in its middle


@dataclass(frozen=True)
class TileWindow:
    """A part of an image.

    Attributes:
        top: its first row.
        left: its first column.
        height: its rows, all inside the image.
        width: its columns.
        inner: whether its top, bottom, left and right edge lie inside the image.
    """

    top: int
    left: int
    height: int
    width: int
    inner: Edges

    def of(self, image: NDArray[Any]) -> NDArray[Any]:
        """Return this part of an image `(H, W, …)`, a view."""
        rows = slice(self.top, self.top + self.height)
        return image[rows, self.left : self.left + self.width]


def windows(
    height: int,
    width: int,
    tile: tuple[int, int],
    *,
    overlap: float = 0.25,
    stride: int = 1,
    margin: int = 0,
) -> list[TileWindow]:
    """Return windows that cover an image, in reading order.

    They start on multiples of `stride`, evenly spread. The last of a row or column ends with the
    image, and is up to `stride - 1` pixels smaller than `tile`: padded to a multiple of the stride,
    as the whole image would be, it is as large as the others. A side that `tile` holds is taken
    whole.

    Args:
        height: of the image.
        width: of the image.
        tile: (height, width) of a window, multiples of `stride`.
        overlap: share of a window that the next one covers, too; at least that.
        stride: of the network, `network.stride`.
        margin: pixels along inner edges that will have no weight; windows overlap by twice that.

    Raises:
        RecipeError: `tile` is no multiple of the stride, or leaves nothing between its margins.

    Example:
        >>> [(one.left, one.width) for one in windows(60, 100, (64, 64), stride=8)]
        [(0, 64), (40, 60)]
    """
    for side in tile:
        _check(side, overlap, stride, margin)
    rows = _spans(height, tile[0], overlap, stride, margin)
    columns = _spans(width, tile[1], overlap, stride, margin)
    return [
        TileWindow(top, left, high, wide, _inner(top, high, height) + _inner(left, wide, width))
        for top, high in rows
        for left, wide in columns
    ]


@lru_cache(maxsize=64)
def tile_weights(
    tile: tuple[int, int],
    kind: WeightKind = "gaussian",
    margin: int = 0,
    inner: Edges = (True, True, True, True),
) -> Floats:
    """Return how much each pixel of a window counts, `(h, w)`, read-only.

    Args:
        tile: (height, width) of the window.
        kind: "flat" counts all alike; "gaussian" falls from 1 in the middle, with a standard
            deviation of an eighth of the side, so that seams are smooth and edges count little.
        margin: pixels along inner edges that count nothing.
        inner: whether the top, bottom, left and right edge lie inside the image.

    Raises:
        RecipeError: there is no such kind.
    """
    if kind not in get_args(WeightKind):
        raise RecipeError(
            f"predict.weights: there are no {kind!r} weights", fix="choose gaussian or flat"
        )
    rows = _profile(tile[0], kind, margin, inner[:2])
    columns = _profile(tile[1], kind, margin, inner[2:])
    weights = np.outer(rows, columns).astype(np.float32)
    weights.flags.writeable = False
    return weights


def merge_windows(
    answers: Iterable[tuple[TileWindow, Floats]],
    height: int,
    width: int,
    *,
    weights: WeightKind = "gaussian",
    margin: int = 0,
) -> Iterator[Floats]:
    """Yield the rows of an image, `(rows, width, C)`, from top to bottom as soon as they are done.

    Memory is that of the highest window times the image's width, whatever the image's height.

    Args:
        answers: windows in reading order, each with its probabilities `(h, w, C)`.
        height: of the image.
        width: of the image.
        weights: how the pixels of a window count where windows overlap.
        margin: pixels along inner edges that count nothing.

    Returns:
        float32; nan where no window counts.

    Raises:
        RunError: a probability is not finite.
        UsageError: a window is not in reading order, or does not fit its probabilities.
    """
    bands: TileAccumulator | None = None
    for window, probs in answers:
        if bands is None:
            bands = TileAccumulator(height, width, probs.shape[-1], tile_height=window.height)
        yield from bands.above(window.top)
        shape = (window.height, window.width)
        bands.add(
            window.top, window.left, probs, tile_weights(shape, weights, margin, window.inner)
        )
    if bands is not None:
        yield from bands.above(height)


class TileAccumulator:
    """Weighted sums of windows, kept for the rows that a later window may still touch."""

    def __init__(self, height: int, width: int, channels: int, *, tile_height: int) -> None:
        self.height, self.width = height, width
        self._done = 0  # rows given away
        # Rings: image row r is kept in row r modulo their length.
        self._sums = np.zeros((tile_height, width, channels), np.float32)
        self._weights = np.zeros((tile_height, width, 1), np.float32)

    def add(self, top: int, left: int, probs: Floats, weights: Floats) -> None:
        """Add one window's probabilities `(h, w, C)`, weighted by `weights` `(h, w)`.

        Raises:
            RunError: a probability is not finite.
            UsageError: the window lies in rows that are given away, or reaches below those that
                can be kept before `above` has given the finished ones.
        """
        self._check(top, left, probs)
        bottom, columns = top + len(probs), slice(left, left + probs.shape[1])
        counts = weights[..., None]
        for row, ring in self._rings(top, bottom):
            part = slice(row - top, row - top + ring.stop - ring.start)
            self._sums[ring, columns] += counts[part] * probs[part]
            self._weights[ring, columns] += counts[part]

    def above(self, top: int) -> Iterator[Floats]:
        """Yield the means of the rows above `top` that were not yielded yet, `(rows, width, C)`."""
        per_piece = max(1, _PIECE_VALUES // self._sums[0].size)
        while self._done < top:
            stop = min(top, self._done + per_piece, self._done + len(self._sums))
            for row, ring in self._rings(self._done, stop):
                with np.errstate(invalid="ignore"):  # 0 / 0: nan where no window is
                    means = self._sums[ring] / self._weights[ring]
                self._sums[ring] = self._weights[ring] = 0
                self._done = row + len(means)
                yield means

    def _rings(self, top: int, bottom: int) -> Iterator[tuple[int, slice]]:
        """Yield the first row and the ring's rows of each part (one or two) of a row interval."""
        while top < bottom:
            at = top % len(self._sums)
            n_rows = min(bottom - top, len(self._sums) - at)
            yield top, slice(at, at + n_rows)
            top += n_rows

    def _check(self, top: int, left: int, probs: Floats) -> None:
        last_row = min(self.height, self._done + len(self._sums))
        is_inside = 0 <= left <= self.width - probs.shape[1] and top + len(probs) <= last_row
        if top < self._done or not is_inside or probs.shape[2:] != self._sums.shape[2:]:
            kept = (self.height, self.width, self._sums.shape[2])
            raise UsageError(
                f"a window {probs.shape} at row {top}, column {left} does not fit rows "
                f"{self._done} to {last_row} of {kept}",
                fix="give windows in reading order, and take the finished rows before each",
            )
        if not np.isfinite(probs).all():
            raise RunError(
                f"the network's output at row {top}, column {left} is not finite",
                fix="the training diverged or an image is broken: look at the fold's metrics.csv",
            )


def _check(side: int, overlap: float, stride: int, margin: int) -> None:
    if side < 1 or side % stride:
        above = max(1, -(-side // stride)) * stride
        raise RecipeError(
            f"a window of {side} pixels is no multiple of the network's stride, {stride}",
            where="input.size",
            fix=f"write {above}",
        )
    if not 0 <= overlap < 1:
        raise RecipeError(
            f"predict.overlap is a share in [0, 1), got {overlap}", fix="write overlap: 0.25"
        )
    if margin < 0 or side - 2 * margin < stride:
        raise RecipeError(
            f"predict.margin of {margin} leaves less than {stride} of a window's {side} pixels",
            fix="choose a smaller margin, or a larger input.size",
        )


def _spans(
    length: int, side: int, overlap: float, stride: int, margin: int
) -> list[tuple[int, int]]:
    """Return (start, length) of the windows along one side of an image."""
    cells, held = -(-length // stride), side // stride
    if cells <= held:
        return [(0, length)]
    # A share like 0.7 is a little more in binary; its step must not lose a cell by that.
    step = min(int(held * (1 - overlap) + 1e-9), (side - 2 * margin) // stride)
    n_steps = -(-(cells - held) // max(1, step))
    starts = [(cells - held) * i // n_steps * stride for i in range(n_steps + 1)]
    return [(start, min(side, length - start)) for start in starts]


def _inner(start: int, length: int, whole: int) -> tuple[bool, bool]:
    return start > 0, start + length < whole


def _profile(side: int, kind: WeightKind, margin: int, inner: tuple[bool, ...]) -> Floats:
    from_middle = np.arange(side) - (side - 1) / 2
    sigma = side / 2 / _SIGMAS_TO_EDGE
    weights = np.exp(-0.5 * (from_middle / sigma) ** 2) if kind == "gaussian" else np.ones(side)
    weights[: margin if inner[0] else 0] = 0
    weights[side - (margin if inner[1] else 0) :] = 0
    return weights.astype(np.float32)

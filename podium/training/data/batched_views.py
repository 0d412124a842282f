"""Views of a whole batch at once, each sample by numbers of its own.

What a view of a small image costs is not its pixels: seeding two generators takes 12 µs, and each
transform draws, checks and passes on by itself. A policy that returns `[BatchDrawn([...])]` has its
numbers drawn for all samples of a batch, and each transform runs over those that got it. The pixels
are those that albumentations makes of the same numbers:

    flips, shifts            of the batch, by the line and the column that each pixel comes from
    tables of values         of the batch: contrast, equalising, posterising, solarising, brightness
    rotation, shear          image by image, by OpenCV
    saturation, sharpening   image by image, by OpenCV

Of sample seed s the k-th number is the k-th of SplitMix64 from s (Steele, Lea and Flood 2014), and
a transform takes as many numbers whether it is applied or not. So a view is a function of image and
seed alone: batches, workers and devices change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import albumentations as A
import cv2
import numpy as np
from numpy.typing import NDArray

from podium.errors import RecipeError
from podium.training.data import _kernels

__all__ = ["BatchDrawn", "BatchedView", "splitmix64"]

Image = NDArray[np.uint8]
Rows = NDArray[np.int64]
Numbers = NDArray[np.floating[Any]]
Planes = dict[str, NDArray[Any]]


class BatchDrawn(A.Sequential):  # type: ignore[misc]  # albumentations has no types
    """Transforms that `BatchedView` runs; in other places they run as those of `A.Sequential`."""

    def __init__(self, transforms: Sequence[Any]) -> None:
        super().__init__(list(transforms), p=1.0)


_STEP, _FIRST_MIX, _SECOND_MIX = (
    np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


def splitmix64(seeds: Sequence[int], n: int) -> NDArray[np.uint64]:
    """Return the first `n` numbers of SplitMix64 from each seed of 64 bits, `(len(seeds), n)`."""
    mixed = np.array(seeds, dtype=np.uint64)[:, None] + np.arange(1, n + 1, dtype=np.uint64) * _STEP
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST_MIX
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND_MIX
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


@dataclass(frozen=True)
class _Batch:
    """What changes in place: images `(N, H, W, 3)`, and planes `(N, H, W)` that lie over them."""

    images: Image
    planes: Planes


@dataclass(frozen=True)
class _Step:
    """A transform: how many numbers in [0, 1) it takes of each sample, and what it does by them."""

    n: int
    run: Callable[[_Batch, Rows, Numbers], None]


class BatchedView:
    """Views of RGB images of 8 bits and of one size, by numbers that are drawn at once.

    Args:
        transforms: albumentations transforms in order; not changed.

    Raises:
        RecipeError: one of them has no function here.
    """

    def __init__(self, transforms: Sequence[Any]) -> None:
        self._steps = [_step_of(one) for one in transforms]
        self._n = sum(step.n for step in self._steps)

    def __call__(
        self, images: Iterable[Image], seeds: Sequence[int], planes: Planes | None = None
    ) -> Image:
        """Return the view of each image that belongs to its seed, `(N, H, W, 3)`.

        Args:
            images: `(H, W, 3)` each.
            seeds: one an image, of 64 bits.
            planes: `(N, H, W)` each, changed in place as the images move.
        """
        batch = _Batch(np.stack([*images]), planes or {})
        drawn, every = (
            (splitmix64(seeds, self._n) >> np.uint64(11)) * 2.0**-53,
            np.arange(len(seeds)),
        )
        start = 0
        for step in self._steps:
            step.run(batch, every, drawn[:, start : start + step.n])
            start += step.n
        return batch.images


def _step_of(one: Any) -> _Step:
    """Return what `one` does to a batch; a subclass of a transform does what nobody knows.

    Raises:
        RecipeError: it is none of those below.
    """
    make = _MAKERS.get(type(one))
    made = None if make is None else make(one)
    if made is None:
        raise RecipeError(
            f"{type(one).__name__} with these arguments is not drawn over a batch",
            where="input.train",
            fix="return the list of transforms without BatchDrawn",
        )
    return made


def _of(one: Any, n: int, run: Callable[[_Batch, Rows, Numbers], None]) -> _Step:
    """Return the step of `one`, which has a number for its probability where that is below 1."""
    if one.p >= 1:
        return _Step(n, run)

    def run_some(batch: _Batch, rows: Rows, drawn: Numbers) -> None:
        chosen = np.flatnonzero(drawn[:, 0] < one.p)
        if len(chosen):
            run(batch, rows[chosen], drawn[chosen, 1:])

    return _Step(1 + n, run_some)


def _between(span: Sequence[float], drawn: Numbers) -> Numbers:
    return np.asarray(span[0] + (span[1] - span[0]) * drawn)


def _whole(span: Sequence[float], drawn: Numbers) -> NDArray[np.int64]:
    """Return whole numbers, both ends included."""
    low, high = map(int, span)
    return (low + np.floor((high - low + 1) * drawn)).astype(np.int64)


def _nothing(one: A.NoOp) -> _Step:
    return _Step(0, lambda batch, rows, drawn: None)


def _some(one: A.SomeOf) -> _Step:
    """Return a choice of `one.n` steps, which run in their own order, each by own numbers."""
    steps = [_step_of(inner) for inner in one.transforms]
    n_choices, most = one.n if one.replace else len(steps), max(step.n for step in steps)

    def run(batch: _Batch, rows: Rows, drawn: Numbers) -> None:
        choices, own = drawn[:, :n_choices], drawn[:, n_choices:]
        if one.replace:
            chosen = (choices * len(steps)).astype(np.int64)
        else:
            chosen = choices.argsort(axis=1)[:, : one.n]
        chosen.sort(axis=1)
        for slot in range(one.n):
            order = chosen[:, slot].argsort(kind="stable")
            ends = np.searchsorted(chosen[order, slot], range(1, len(steps) + 1)).tolist()
            ordered, numbers = rows[order], own[order, slot * most : (slot + 1) * most]
            for step, first, last in zip(steps, [0, *ends], ends, strict=False):
                if first < last:
                    step.run(batch, ordered[first:last], numbers[first:last, : step.n])

    return _of(one, n_choices + one.n * most, run)


def _flip(axis: int, one: Any) -> _Step:
    def run(batch: _Batch, rows: Rows, drawn: Numbers) -> None:
        down, across = (
            np.arange(side)[None].repeat(len(rows), 0) for side in batch.images.shape[1:3]
        )
        turned = (down[:, ::-1], across) if axis == 1 else (down, across[:, ::-1])
        _gather(batch, rows, *turned, None, None)

    return _of(one, 0, run)


def _gather(
    batch: _Batch, rows: Rows, down: NDArray[Any], across: NDArray[Any], fill: Any, fill_plane: Any
) -> None:
    """Move pixels: each is from line `down` `(n, H)`, column `across` `(n, W)`; -1 is filled."""
    colour = np.broadcast_to(np.asarray(0 if fill is None else fill, dtype=np.uint8), 3)
    _kernels.gather_pixels(
        batch.images,
        rows,
        np.ascontiguousarray(down),
        np.ascontiguousarray(across),
        np.ascontiguousarray(colour),
    )
    for plane in batch.planes.values():
        for row, lines, columns in zip(rows, down, across, strict=True):
            is_filled = (lines < 0)[:, None] | (columns < 0)
            plane[row] = np.where(is_filled, fill_plane or 0, plane[row][lines[:, None], columns])


def _affine(one: A.Affine) -> _Step | None:
    is_known = not (one.fit_output or one.keep_ratio or one.balanced_scale)
    if not is_known or not all(isinstance(span, tuple) for span in one.scale.values()):
        return None
    spans = [one.shear["x"], one.shear["y"], *one.scale.values(), one.rotate]
    if all(tuple(span) == (still, still) for span, still in zip(spans, _STILL, strict=True)):
        return _of(one, 2, partial(_shift, one))
    return _of(one, 2 + len(spans), partial(_warp, one, spans))


_STILL = (0, 0, 1, 1, 0)  # two shears, two scales and a rotation that change nothing


def _moves(one: A.Affine, batch: _Batch, drawn: Numbers) -> list[NDArray[np.int64]]:
    """Return by how many pixels each image moves to the right, and how many down."""
    height, width = batch.images.shape[1:3]
    if one.translate_px is not None:
        spans = (one.translate_px["x"], one.translate_px["y"])
        return [_whole(span, drawn[:, n]) for n, span in enumerate(spans)]
    if one.translate_percent is None:
        return [np.zeros(len(drawn), dtype=np.int64)] * 2
    sides = ((one.translate_percent["x"], width), (one.translate_percent["y"], height))
    return [
        (_between(span, drawn[:, n]) * side).astype(np.int64)
        for n, (span, side) in enumerate(sides)
    ]


def _shift(one: A.Affine, batch: _Batch, rows: Rows, drawn: Numbers) -> None:
    (height, width), (x, y) = batch.images.shape[1:3], _moves(one, batch, drawn)
    down, across = (
        _bordered(side, one.border_mode)[side + np.arange(side)[None] - moved[:, None]]
        for side, moved in ((height, y), (width, x))
    )
    _gather(batch, rows, down, across, one.fill, one.fill_mask)


@lru_cache(maxsize=32)
def _bordered(side: int, border: int) -> NDArray[np.int64]:
    """Return which of `side` positions each from -side to 2·side - 1 takes; -1: none."""
    places = range(-side, 2 * side)
    return np.array([cv2.borderInterpolate(one, side, border) for one in places], dtype=np.int64)


def _warp(one: A.Affine, spans: Sequence[Any], batch: _Batch, rows: Rows, drawn: Numbers) -> None:
    height, width = batch.images.shape[1:3]
    moved = np.stack(_moves(one, batch, drawn), axis=1).tolist()
    lows, highs = np.array(spans, dtype=np.float64).T
    turned = (lows + (highs - lows) * drawn[:, 2:]).tolist()
    fill = one.fill if isinstance(one.fill, tuple | list) else (one.fill,) * 3
    for row, move, turn in zip(rows.tolist(), moved, turned, strict=True):
        matrix, border = _matrix(move, turn, height, width), one.border_mode
        batch.images[row] = cv2.warpAffine(
            batch.images[row], matrix, (width, height), None, one.interpolation, border, fill
        )
        for plane in batch.planes.values():
            how, filled = one.mask_interpolation, one.fill_mask or 0
            plane[row] = cv2.warpAffine(
                plane[row], matrix, (width, height), None, how, border, filled
            )


def _matrix(move: Sequence[int], turn: Sequence[float], height: int, width: int) -> Numbers:
    """Return the matrix `(2, 3)` around the centre of the image.

    It is the product of a move, a shear, a rotation and a scale; as in albumentations, the angles
    of a shear are turned around.
    """
    shear_x, shear_y, scale_x, scale_y, rotate = turn
    across, down = width / 2 - 0.5, height / 2 - 0.5
    right, under = math.tan(math.radians(-shear_x)), math.tan(math.radians(-shear_y))
    angle = math.radians(rotate % 360)
    cos, sin = math.cos(angle), math.sin(angle)
    a, b = (cos - right * sin) * scale_x, (sin + right * cos) * scale_y
    c, d = (under * cos - sin) * scale_x, (under * sin + cos) * scale_y
    x, y = across + move[0], down + move[1]
    return np.array([[a, b, x - a * across - b * down], [c, d, y - c * across - d * down]])


def _holes(one: A.CoarseDropout) -> _Step | None:
    is_share = one.hole_height_range[1] < 1 and one.hole_width_range[1] < 1
    if not is_share or not isinstance(one.fill, int | float):
        return None
    most = one.num_holes_range[1]

    def run(batch: _Batch, rows: Rows, drawn: Numbers) -> None:
        height, width = batch.images.shape[1:3]
        counts = _whole(one.num_holes_range, drawn[:, 0])
        tall, wide, top, left = np.split(drawn[:, 1:], 4, axis=1)
        talls = (height * _between(one.hole_height_range, tall)).astype(np.int64)
        wides = (width * _between(one.hole_width_range, wide)).astype(np.int64)
        tops, lefts = (
            ((height - talls + 1) * top).astype(int),
            ((width - wides + 1) * left).astype(int),
        )
        ends = np.stack([tops, tops + talls, lefts, lefts + wides], axis=2).tolist()
        for row, count, holes in zip(rows.tolist(), counts.tolist(), ends, strict=True):
            for first, last, begin, end in holes[:count]:
                batch.images[row, first:last, begin:end] = one.fill
                for plane in batch.planes.values() if one.fill_mask is not None else ():
                    plane[row, first:last, begin:end] = one.fill_mask

    return _of(one, 1 + 4 * most, run)


def _by_tables(one: Any, n: int, tables: Callable[[Numbers], NDArray[Any]]) -> _Step:
    """Return the step that looks values up in `tables(drawn)`, `(n, 256)`."""

    def run(batch: _Batch, rows: Rows, drawn: Numbers) -> None:
        _kernels.use_tables(batch.images, rows, tables(drawn).astype(np.uint8)[:, None])

    return _of(one, n, run)


_VALUES = np.arange(256, dtype=np.uint8)
_FLOATS = np.arange(256, dtype=np.float32)


def _posterize(one: A.Posterize) -> _Step | None:
    if not isinstance(one.num_bits, tuple):
        return None
    return _by_tables(
        one, 1, lambda drawn: _VALUES & (256 - (1 << (8 - _whole(one.num_bits, drawn))))
    )


def _solarize(one: A.Solarize) -> _Step:
    def tables(drawn: Numbers) -> NDArray[Any]:
        lowest = _between(one.threshold_range, drawn) * 255
        return np.where(lowest <= _VALUES, 255 - _VALUES, _VALUES)

    return _by_tables(one, 1, tables)


def _brighten(one: A.RandomBrightnessContrast) -> _Step | None:
    if not one.brightness_by_max or one.ensure_safe_range:
        return None

    def tables(drawn: Numbers) -> NDArray[Any]:
        factor = (1 + _between(one.contrast_limit, drawn[:, :1])).astype(np.float32)
        added = (_between(one.brightness_limit, drawn[:, 1:]) * 255).astype(np.float32)
        return np.asarray(np.clip(_FLOATS * factor + added, 0, 255))

    return _by_tables(one, 2, tables)


def _by_counts(one: Any, find: Callable[[Image, Rows, NDArray[np.uint8]], None]) -> _Step:
    """Return the step that looks values up in the tables that `find` makes of the images."""

    def run(batch: _Batch, rows: Rows, drawn: Numbers) -> None:
        tables = np.empty((len(rows), 3, 256), dtype=np.uint8)
        find(batch.images, rows, tables)
        _kernels.use_tables(batch.images, rows, tables)

    return _of(one, 0, run)


def _auto_contrast(one: A.AutoContrast) -> _Step | None:
    is_known = (one.cutoff, one.ignore, one.method) == (0, None, "cdf")
    return _by_counts(one, _kernels.contrast_tables) if is_known else None


def _equalize(one: A.Equalize) -> _Step | None:
    is_known = one.mode == "cv" and one.by_channels and one.mask is None
    return _by_counts(one, _kernels.equal_tables) if is_known else None


def _saturate(one: A.ColorJitter) -> _Step | None:
    if (one.brightness, one.contrast, one.hue) != ((1, 1), (1, 1), (0, 0)):
        return None

    def run(batch: _Batch, rows: Rows, drawn: Numbers) -> None:
        factors = _between(one.saturation, drawn[:, 0]).tolist()
        for row, factor in zip(rows.tolist(), factors, strict=True):
            image = batch.images[row]
            grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
            batch.images[row] = cv2.addWeighted(image, factor, grey, 1 - factor, 0)

    return _of(one, 1, run)


def _sharpen(one: A.Sharpen) -> _Step | None:
    if one.method != "kernel":
        return None

    def run(batch: _Batch, rows: Rows, drawn: Numbers) -> None:
        alphas, lights = (
            _between(span, drawn[:, n, None, None]).astype(np.float32)
            for n, span in enumerate((one.alpha, one.lightness))
        )
        effect = np.full((len(rows), 3, 3), -1, dtype=np.float32)
        effect[:, 1:2, 1:2] = 8 + lights
        kernels = (1 - alphas) * _CENTRE + alphas * effect
        for row, kernel in zip(rows.tolist(), kernels, strict=True):
            batch.images[row] = cv2.filter2D(batch.images[row], -1, kernel)

    return _of(one, 2, run)


_CENTRE = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], dtype=np.float32)

_MAKERS: dict[type, Callable[[Any], _Step | None]] = {
    A.NoOp: _nothing,
    A.SomeOf: _some,
    A.HorizontalFlip: partial(_flip, 0),
    A.VerticalFlip: partial(_flip, 1),
    A.Affine: _affine,
    A.CoarseDropout: _holes,
    A.AutoContrast: _auto_contrast,
    A.Equalize: _equalize,
    A.Posterize: _posterize,
    A.Solarize: _solarize,
    A.RandomBrightnessContrast: _brighten,
    A.ColorJitter: _saturate,
    A.Sharpen: _sharpen,
}

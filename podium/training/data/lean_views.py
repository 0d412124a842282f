"""Views of images alone, without what albumentations does around each transform.

Of an image of 28 px a transform takes 5 µs, and albumentations 50 more to draw, check and pass on:
the strong view of a small image takes as long as a small network does with it. `LeanView` runs the
same transforms in the same order on the same random numbers, and so gives the same pixels, to the
bit, for each seed:

    flips, shifts            as arrays
    rotation, shear          the matrix of the image alone, not that of boxes beside it
    colours                  the transform's own drawing and function, directly
    a hole                   as a slice
    some of several          the same choice, of steps as above
    everything else          the transform itself

Masks, and images that are not RGB of 8 bits, take albumentations' way (`augment.py`).
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import albumentations as A
import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["LeanView"]

Image = NDArray[np.uint8]

# Their parameters come from `get_params` and `get_params_dependent_on_data`, of the image alone.
_COLOURS = (
    A.AutoContrast,
    A.ColorJitter,
    A.Equalize,
    A.Posterize,
    A.RandomBrightnessContrast,
    A.Sharpen,
    A.Solarize,
    A.ToGray,
)


class _Draws:
    """The two generators that every transform of a view draws from."""

    def __init__(self) -> None:
        self.py = random.Random()
        self._seed, self._generator = 0, np.random.default_rng(0)
        self._is_seeded = True

    def start(self, seed: int) -> None:
        """Stand at the beginning of the numbers of `seed`."""
        self.py.seed(seed)
        self._seed, self._is_seeded = seed, False

    @property
    def generator(self) -> np.random.Generator:
        """The second generator; many views need only the first, and seeding takes 10 µs."""
        if not self._is_seeded:
            self._generator, self._is_seeded = np.random.default_rng(self._seed), True
        return self._generator

    def applies(self, p: float) -> bool:
        """Return whether a transform of probability `p` is applied."""
        return p >= 1.0 or (p > 0.0 and self.py.random() < p)


_Step = Callable[[_Draws, Image], Image]


class LeanView:
    """A view of RGB images of 8 bits: `view(image, seed)` is what `Compose(transforms)` makes.

    Args:
        transforms: albumentations transforms in order; they are copied.
    """

    def __init__(self, transforms: Sequence[Any]) -> None:
        self._draws = _Draws()
        self._steps = [_step_of(copy.deepcopy(one), self._draws) for one in transforms]

    def __call__(self, image: Image, seed: int) -> Image:
        """Return the view of `image` `(H, W, 3)` that belongs to `seed`."""
        draws = self._draws
        draws.start(seed)
        draws.py.random()  # Compose draws whether it runs at all
        for step in self._steps:
            image = step(draws, image)
        return image


def _step_of(transform: Any, draws: _Draws) -> _Step:
    """Return what `transform` does to an image; subclasses of a transform do what they do."""
    kind = type(transform)
    if kind is A.NoOp:
        return partial(_nothing, transform.p)
    if kind is A.HorizontalFlip:
        return partial(_flipped, transform.p, 1)
    if kind is A.VerticalFlip:
        return partial(_flipped, transform.p, 0)
    if kind is A.Affine and _has_plain_matrix(transform):
        return partial(_moved, transform)
    if kind is A.CoarseDropout and _has_plain_holes(transform):
        return partial(_with_holes, transform)
    if kind is A.SomeOf:
        return partial(_some, transform, [_step_of(one, draws) for one in transform.transforms])
    if kind in _COLOURS:
        transform.py_random = draws.py
        return partial(_coloured, transform)
    return partial(_whatever, transform)


def _nothing(p: float, draws: _Draws, image: Image) -> Image:
    draws.applies(p)
    return image


def _flipped(p: float, axis: int, draws: _Draws, image: Image) -> Image:
    return np.asarray(cv2.flip(image, axis)) if draws.applies(p) else image


def _has_plain_matrix(one: A.Affine) -> bool:
    scales = [*one.scale.values()]
    return not (one.fit_output or one.keep_ratio or one.balanced_scale) and all(
        isinstance(scale, tuple) for scale in scales
    )


def _moved(one: A.Affine, draws: _Draws, image: Image) -> Image:
    if not draws.applies(one.p):
        return image
    uniform, (height, width) = draws.py.uniform, image.shape[:2]
    x = y = 0
    if one.translate_px is not None:
        (left, right), (up, down) = one.translate_px["x"], one.translate_px["y"]
        x, y = draws.py.randint(int(left), int(right)), draws.py.randint(int(up), int(down))
    elif one.translate_percent is not None:
        shares = {axis: uniform(*span) for axis, span in one.translate_percent.items()}
        x, y = int(shares["x"] * width), int(shares["y"] * height)
    shear_x, shear_y = -uniform(*one.shear["x"]), -uniform(*one.shear["y"])
    scale = [uniform(*span) for span in one.scale.values()]
    rotate = uniform(*one.rotate)
    if shear_x == shear_y == rotate == 0 and scale == [1, 1]:
        return _shifted(one, image, x, y)
    matrix = _matrix((x, y), (shear_x, shear_y), scale, rotate, (height, width))
    if (np.abs(matrix - _IDENTITY) <= _ALIKE).all():
        return image
    made = cv2.warpAffine(
        image,
        matrix[:2],
        (width, height),
        flags=one.interpolation,
        borderMode=one.border_mode,
        borderValue=_by_channel(one.fill, image),
    )
    return np.ascontiguousarray(made)


_IDENTITY = np.eye(3)
_ALIKE = (
    1e-8 + 1e-5 * _IDENTITY
)  # as numpy's allclose, by which a matrix that moves nothing is left


def _matrix(
    move: tuple[int, int],
    shear: tuple[float, float],
    scale: Sequence[float],
    rotate: float,
    size: tuple[int, int],
) -> NDArray[np.float64]:
    """Return the matrix around the centre of (height, width) `size`, multiplied from the left.

    Factors that are the identity are left out, which changes no bit of the product.
    """
    across, down = size[1] / 2 - 0.5, size[0] / 2 - 0.5
    product = np.array([[1, 0, across + move[0]], [0, 1, down + move[1]], [0, 0, 1.0]])
    if shear[0] or shear[1]:
        by_x, by_y = np.tan(np.deg2rad(shear[0])), np.tan(np.deg2rad(shear[1]))
        product = product @ np.array([[1, by_x, 0], [by_y, 1, 0], [0, 0, 1.0]])
    if rotate:
        angle = np.deg2rad(rotate % 360)
        cos, sin = np.cos(angle), np.sin(angle)
        product = product @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1.0]])
    if scale[0] != 1 or scale[1] != 1:
        product = product @ np.array([[scale[0], 0, 0], [0, scale[1], 0], [0, 0, 1.0]])
    product = product @ np.array([[1, 0, -across], [0, 1, -down], [0, 0, 1.0]])
    product[2] = (0, 0, 1)
    return np.asarray(product)


def _by_channel(fill: Any, image: Image) -> Any:
    return fill if isinstance(fill, tuple | list) else (fill,) * image.shape[2]


def _shifted(one: A.Affine, image: Image, x: int, y: int) -> Image:
    """Return the image moved by whole pixels: no interpolation changes a value."""
    if x == y == 0:
        return image
    height, width = image.shape[:2]
    edges = max(y, 0), max(-y, 0), max(x, 0), max(-x, 0)
    framed = cv2.copyMakeBorder(image, *edges, one.border_mode, value=_by_channel(one.fill, image))
    top, left = edges[1], edges[3]
    return np.ascontiguousarray(framed[top : top + height, left : left + width])


def _has_plain_holes(one: A.CoarseDropout) -> bool:
    shares = one.hole_height_range[1] < 1 and one.hole_width_range[1] < 1
    return shares and isinstance(one.fill, int | float)


def _with_holes(one: A.CoarseDropout, draws: _Draws, image: Image) -> Image:
    if not draws.applies(one.p):
        return image
    (height, width), image = image.shape[:2], image.copy()
    n, generator = draws.py.randint(*one.num_holes_range), draws.generator
    if n != 1:
        return _with_several_holes(one, n, generator, image)
    # What arrays of one number draw, without the arrays.
    (low, high), (narrow, wide) = one.hole_height_range, one.hole_width_range
    tall = int(height * (low + (high - low) * generator.random()))
    across = int(width * (narrow + (wide - narrow) * generator.random()))
    top, left = (int(generator.integers(0, room + 1)) for room in (height - tall, width - across))
    generator.integers(0, _SEEDS)
    image[top : top + tall, left : left + across] = one.fill
    return image


_SEEDS = 2**32 - 1  # a hole draws a seed, too, for fills that are random


def _with_several_holes(
    one: A.CoarseDropout, n: int, generator: np.random.Generator, image: Image
) -> Image:
    height, width = image.shape[:2]
    (low, high), (narrow, wide) = one.hole_height_range, one.hole_width_range
    highs = (height * generator.uniform(low, high, n)).astype(int)
    wides = (width * generator.uniform(narrow, wide, n)).astype(int)
    tops = generator.integers(0, height - highs + 1, size=n)
    lefts = generator.integers(0, width - wides + 1, size=n)
    generator.integers(0, _SEEDS)
    for top, left, tall, across in zip(tops, lefts, highs, wides, strict=True):
        image[top : top + tall, left : left + across] = one.fill
    return image


def _some(one: A.SomeOf, steps: Sequence[_Step], draws: _Draws, image: Image) -> Image:
    if draws.py.random() < one.p:
        if one.replace:  # what `choice` does then, in half of the time
            chosen = draws.generator.integers(0, len(steps), size=one.n)
        else:
            chosen = draws.generator.choice(len(steps), size=one.n, replace=False)
        for number in sorted(chosen.tolist()):
            image = steps[number](draws, image)
    return image


def _coloured(one: Any, draws: _Draws, image: Image) -> Image:
    if not draws.applies(one.p):
        return image
    if isinstance(one, A.ColorJitter):
        one.random_generator = draws.generator
    found = {**one.get_params(), "shape": image.shape}
    found |= one.get_params_dependent_on_data(found, {"image": image})
    return np.ascontiguousarray(one.apply(np.ascontiguousarray(image), **found))


def _whatever(one: Any, draws: _Draws, image: Image) -> Image:
    one.set_random_state(draws.generator, draws.py)
    made: Image = one(image=image)["image"]
    return made

"""Augmentation, fitting to the input size, and normalisation: from a cached image to network input.

    view = build_train(recipe.input);   view(image, seed) -> uint8 (h, w, 3)
                                        view(image, seed, mask) -> the same image, and its mask

`fit` of `input:` brings an image to the network's size, and its mask exactly as the image:

    resize       bent to the size
    centre_crop  scaled until it covers the size, then cut around the centre
    pad          scaled until it fits into the size, then filled up on both sides
    tile         never scaled: what is too large is cut around the centre, what is too small filled

Images of 8 bits stay so, of any number of channels. All others (16 bits, floating point) are
brought to the input's size as they are kept, then to float32 in [0, 1], which transforms get.

A view is a pure function of the image and the seed. A mask follows every geometric change, pixel by
pixel (nearest neighbour). Where the image shows nothing of itself any more, a border that is not
mirrored or a hole that was cut, the mask is `IGNORE`: nothing can be learnt there.

Normalisation is x ← (x − mean) / std of pixels in [0, 1], a mean and a deviation a channel: the
backbone's own by default, those of red, green and blue repeated for more channels (as timm repeats
the weights); or the recipe's `input.mean` and `input.std`, given or measured on training images.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import ceil, sqrt
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, overload

import albumentations
import cv2
import numpy as np
from albumentations.augmentations.crops.transforms import BaseCrop
from numpy.typing import NDArray

from podium.competition.truths.masks import IGNORE, Mask
from podium.competition.truths.pixels import RGB8, Pixels
from podium.errors import RecipeError, plural
from podium.models.network import Network
from podium.training.data.batched_views import BatchDrawn, BatchedView
from podium.training.data.lean_views import LeanView
from podium.training.data.rows import SampleRows
from podium.training.data.sampling import ViewSpec
from podium.training.policies._load import (
    TRIALS,
    build_transforms,
    check_fitness,
    describe_transform,
    short_name,
    transforms_of,
    walk_transforms,
)
from podium.training.recipe import Input
from podium.workspace.extensions import is_user_object
from podium.workspace.progress import Progress

__all__ = [
    "Augmentation",
    "AugmentedImage",
    "Fit",
    "Image",
    "Normalisation",
    "StreamAugmentations",
    "build_eval",
    "build_train",
    "fit_image",
    "fit_mask",
    "measure_normalisation",
    "set_normalisation",
]


Size = tuple[int, int]
Value = TypeVar("Value", np.uint8, np.uint16, np.float32)
Fit = Literal["resize", "centre_crop", "pad", "tile"]

CV_LAYERS = 128  # that OpenCV resizes at once; masks have up to 254
CV_AVERAGED = 4  # that it averages over areas at once


def _scaled_size(shape: Size, size: Size, fit: Fit) -> Size:
    (height, width), (high, wide) = shape, size
    if fit == "resize":
        return size
    if fit == "tile":
        return shape
    choose = max if fit == "centre_crop" else min
    scale = choose(high / height, wide / width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def fit_image(image: NDArray[Value], size: Size, fit: Fit, *, black: float = 0) -> NDArray[Value]:
    """Return `image` `(H, W, C)` of uint8, uint16 or float32 brought to `size`, of the same dtype.

    Args:
        image: as it is kept.
        size: (height, width).
        fit: how.
        black: the value of pixels that are filled up.
    """
    scaled = _scaled_size((image.shape[0], image.shape[1]), size, fit)
    return _centred(_resized(image, scaled), size, black)


def fit_mask(mask: NDArray[Value], size: Size, fit: Fit) -> NDArray[Value]:
    """Return `mask` `(H, W)` or `(H, W, C)` as `fit_image` brings its image to `size`.

    Of each new pixel it takes the one value at its centre; where the image is filled up, it is
    `IGNORE`. Numbers of pixels, float32, go the same way.
    """
    scaled = _scaled_size((mask.shape[0], mask.shape[1]), size, fit)
    return _centred(_nearest(mask, scaled), size, IGNORE)


def _resized(image: NDArray[Value], size: Size) -> NDArray[Value]:
    height, width = size
    if image.shape[:2] == size:
        return image
    shrinks = height < image.shape[0] or width < image.shape[1]
    # Area averaging is the one that does not alias when it shrinks.
    how, at_once = (cv2.INTER_AREA, CV_AVERAGED) if shrinks else (cv2.INTER_LINEAR, CV_LAYERS)
    return _in_layers(image, size, how, at_once)


def _nearest(mask: NDArray[Value], size: Size) -> NDArray[Value]:
    if mask.shape[:2] == size:
        return mask
    return _in_layers(mask, size, cv2.INTER_NEAREST_EXACT, CV_LAYERS)


def _in_layers(array: NDArray[Value], size: Size, how: int, at_once: int) -> NDArray[Value]:
    """Return `array` `(H, W)` or `(H, W, C)` resized by OpenCV, `at_once` of its layers a call."""
    if array.ndim == 3 and array.shape[2] > at_once:
        starts = range(0, array.shape[2], at_once)
        parts = [
            _in_layers(array[..., start : start + at_once], size, how, at_once) for start in starts
        ]
        return np.concatenate(parts, axis=2)
    height, width = size
    resized = cv2.resize(array, (width, height), interpolation=how)
    return np.asarray(resized, dtype=array.dtype).reshape(height, width, *array.shape[2:])


def _centred(array: NDArray[Value], size: Size, fill: float) -> NDArray[Value]:
    """Return `array` cut or filled to `size`, alike on both sides."""
    (height, width), (high, wide) = array.shape[:2], size
    top, left = max(0, (height - high) // 2), max(0, (width - wide) // 2)
    array = array[top : top + high, left : left + wide]
    if array.shape[:2] == size:
        return array
    above, before = (high - array.shape[0]) // 2, (wide - array.shape[1]) // 2
    below, after = high - array.shape[0] - above, wide - array.shape[1] - before
    around: Any = [(above, below), (before, after), *[(0, 0)] * (array.ndim - 2)]
    return np.pad(array, around, constant_values=fill)


Image = NDArray[Any]  # uint8, uint16 or float32

# Transforms that choose their own window of the whole image; all others get an image that fits.
CROPS = (BaseCrop, albumentations.RandomResizedCrop)


@dataclass(frozen=True)
class AugmentedImage:
    """An image as a view shows it.

    Attributes:
        image: `(h, w, C)`, uint8, or float32 in [0, 1].
        mask: `(h, w)` or `(h, w, C)`, uint8; None where none was given.
        shown: `(h, w)` bool: whether the pixel shows the image, not a border that was filled or a
            hole that was cut.
        places: `(h, w)` int32: of which pixel of the image it is (row · width + column), -1 where
            it is of none; None where they are not needed.
    """

    image: Image
    mask: Mask | None
    shown: NDArray[np.bool_]
    places: NDArray[np.int32] | None = None


class Augmentation:
    """One augmentation: `view(image, seed)` is `(height, width, C)`, contiguous.

    Args:
        transforms: albumentations transforms in order; they get images as `pixels.network_form`.
        size: (height, width) of what comes out.
        fit: how an image that has another size is brought to it.
        pixels: of the images that come in; the views have the form `pixels.network_form`.
    """

    def __init__(
        self,
        transforms: list[Any],
        size: tuple[int, int],
        fit: Fit = "resize",
        pixels: Pixels = RGB8,
    ) -> None:
        self.transforms = transforms
        planes = {_PLANE: "mask"}
        self._compose = (
            albumentations.Compose(transforms, additional_targets=planes) if transforms else None
        )
        self._lean = LeanView(transforms) if transforms and pixels.is_rgb8 else None
        self._batched: BatchedView | None = None
        if pixels.is_rgb8 and len(transforms) == 1 and isinstance(transforms[0], BatchDrawn):
            self._lean, self._batched = None, BatchedView(transforms[0].transforms)
        self._crops_itself = any(isinstance(one, CROPS) for one in transforms)
        fills = [getattr(one, "fill_mask", IGNORE) for one in walk_transforms(transforms)]
        self._fills_are_ignored = all(fill == IGNORE for fill in fills)
        self.size, self.fit, self.pixels = size, fit, pixels
        self._is_brought_to_unit = pixels.network_form.dtype == "float32"
        # The fill value is black in the view.
        self._black = pixels.low if pixels.dtype == "float32" else max(0.0, pixels.low)

    @overload
    def __call__(self, image: Image, seed: int) -> Image: ...

    @overload
    def __call__(self, image: Image, seed: int, mask: Mask) -> tuple[Image, Mask]: ...

    def __call__(
        self, image: Image, seed: int, mask: Mask | None = None
    ) -> Image | tuple[Image, Mask]:
        """Return the view of `image` `(H, W, C)` that belongs to `seed` (64 bits).

        Args:
            image: of the form `pixels`.
            seed: of the view's random numbers.
            mask: `(H, W)` or `(H, W, C)`; it changes nothing of the image that comes back.

        Returns:
            The image, or the image and its mask `(h, w)` or `(h, w, C)`.

        Raises:
            RecipeError: the policy cannot take this image, or makes something else of it.
        """
        if mask is None:
            return self._moved(image, seed, {})[0]
        view, moved = self._moved(image, seed, {"mask": mask})
        return view, moved["mask"]

    def of_batch(self, images: Iterable[Image], seeds: Sequence[int]) -> Image:
        """Return what a call returns for each image and its seed, `(N, h, w, C)`."""
        if self._batched is None:
            return np.stack([self(*one) for one in zip(images, seeds, strict=True)])
        return self._batched([self._fitted(one, {}, self._black)[0] for one in images], seeds)

    def showing(self, image: Image, seed: int, mask: Mask | None = None) -> AugmentedImage:
        """Return what a call does, and which pixels show the image."""
        # A mask without `IGNORE` shows by itself, once it has moved, what was filled.
        if self._fills_are_ignored and (mask is None or not (mask == IGNORE).any()):
            blank = np.zeros(image.shape[:2], dtype=np.uint8) if mask is None else mask
            view, moved = self(image, seed, blank)
            is_filled = moved == IGNORE
            shown = ~(is_filled if is_filled.ndim == 2 else is_filled.all(axis=2))
            return AugmentedImage(view, None if mask is None else moved, shown)
        plane = np.full(image.shape[:2], _FIRST_NUMBER, dtype=np.float32)
        view, planes = self._moved(
            image, seed, {_PLANE: plane} if mask is None else {_PLANE: plane, "mask": mask}
        )
        return AugmentedImage(view, planes.get("mask"), planes[_PLANE] >= _FIRST_NUMBER)

    def following(self, image: Image, seed: int, mask: Mask | None = None) -> AugmentedImage:
        """Return what `showing` does, and where in `image` each pixel is from.

        Raises:
            RecipeError: as a call does; or the image is too large for its pixels to be counted.
        """
        view, planes = self._moved(image, seed, {_PLANE: _pixel_numbers(*image.shape[:2])})
        moved = planes[_PLANE]
        last = image.shape[0] * image.shape[1] - 1
        places = np.clip(moved.astype(np.int32) - _FIRST_NUMBER, -1, last)
        return AugmentedImage(
            view, None if mask is None else _mask_at_numbers(mask, moved), places >= 0, places
        )

    def _moved(
        self, image: Image, seed: int, planes: dict[str, NDArray[Any]]
    ) -> tuple[Image, dict[str, NDArray[Any]]]:
        """Return the view, and what lies over the image moved as the image is."""
        if not self._crops_itself:
            image, planes = self._fitted(image, planes, self._black)
        if self._is_brought_to_unit:
            image = self.pixels.unit(image)
        if self._batched is not None:
            tracked = {name: _trackable_mask(plane)[None].copy() for name, plane in planes.items()}
            image = self._batched([image], [seed], tracked)[0]
            planes = {name: _tracked_mask(tracked[name][0], planes[name]) for name in planes}
        elif self._lean is not None and not planes:
            image = _checked_view(partial(self._lean, image, seed), image)
        elif self._compose is not None:
            image, planes = _transformed(self._compose, image, planes, seed)
        if image.shape[:2] != self.size:
            image, planes = self._fitted(image, planes, 0)
        contiguous = {name: np.ascontiguousarray(plane) for name, plane in planes.items()}
        return np.ascontiguousarray(image), contiguous

    def _fitted(
        self, image: Image, planes: dict[str, NDArray[Any]], black: float
    ) -> tuple[Image, dict[str, NDArray[Any]]]:
        if image.shape[:2] == self.size:
            return image, planes
        fitted = {name: fit_mask(plane, self.size, self.fit) for name, plane in planes.items()}
        return fit_image(image, self.size, self.fit, black=black), fitted


def _transformed(
    compose: Any, image: Image, planes: dict[str, NDArray[Any]], seed: int
) -> tuple[Image, dict[str, NDArray[Any]]]:
    # Not set_random_seed: it gives all transforms the same stream, and takes 30 to 180 µs, not 10.
    compose.set_random_state(np.random.default_rng(seed), random.Random(seed))
    tracked = {name: _trackable_mask(plane) for name, plane in planes.items()}
    made: dict[str, Any] = {}

    def composed() -> Any:
        made.update(compose(image=image, **tracked))
        return made["image"]

    transformed = _checked_view(composed, image)
    return transformed, {name: _tracked_mask(made[name], plane) for name, plane in planes.items()}


def _checked_view(make: Callable[[], Any], image: Image) -> Image:
    """Return what `make` makes of `image`, which must be an image of the same form.

    Raises:
        RecipeError: it is none, or the transforms fail.
    """
    try:
        transformed = make()
    except RecipeError:
        raise
    except Exception as error:  # each transform has its own ways to fail
        height, width = image.shape[:2]
        raise RecipeError(
            f"the augmentation fails on an image of {height} x {width}, "
            f"{describe_transform(image)}: "
            f"{short_name(error)}",
            where="input.train",
        ) from error
    kept = isinstance(transformed, np.ndarray) and transformed.dtype == image.dtype
    if not kept or transformed.shape[2:] != image.shape[2:]:
        raise RecipeError(
            f"the augmentation makes something else of the image than {describe_transform(image)}",
            where="input.train",
            fix="leave out Normalize, ToFloat and ToTensorV2: podium does this itself",
        )
    if transformed.dtype == np.float32:
        # Bicubic windows overshoot; in 8 bits OpenCV cuts it off itself.
        transformed = np.clip(transformed, 0, 1)
    return np.asarray(transformed)


_PLANE = "plane"  # what moves as a mask does, beside the mask
_FIRST_NUMBER = (
    256  # numbers of pixels start above every value that a border or a hole is filled with
)
_MOST_NUMBERS = 2**24  # whole numbers that float32 represents exactly


def _trackable_mask(mask: NDArray[Any]) -> NDArray[Any]:
    """Return what travels through the transforms for `mask`: itself, or the numbers of its pixels.

    Of a border or hole, OpenCV fills only the first of several layers. Numbers are one layer,
    whatever the number of classes.
    """
    if mask.ndim == 2:
        return mask
    return mask[:, :, 0] if mask.shape[2] == 1 else _pixel_numbers(*mask.shape[:2])


def _tracked_mask(made: NDArray[Any], mask: NDArray[Any]) -> NDArray[Any]:
    if mask.ndim == 2:
        return np.asarray(made)
    return np.asarray(made)[:, :, None] if mask.shape[2] == 1 else _mask_at_numbers(mask, made)


def _pixel_numbers(height: int, width: int) -> NDArray[np.float32]:
    if height * width + _FIRST_NUMBER > _MOST_NUMBERS:
        raise RecipeError(
            f"the augmentation gets an image of {height} x {width}, too large for masks of layers",
            where="input.train",
            fix="write fit: tile, or a policy that does not crop by itself",
        )
    numbers = np.arange(_FIRST_NUMBER, _FIRST_NUMBER + height * width, dtype=np.float32)
    return numbers.reshape(height, width)


def _mask_at_numbers(mask: Mask, made: NDArray[Any]) -> Mask:
    """Return `mask` as the numbers of its pixels have moved: `made`, with what was filled."""
    number = made.astype(np.int64) - _FIRST_NUMBER
    is_filled = number < 0
    # Several times faster than indexing; what is out of range is what is filled.
    taken: Mask = np.take(mask.reshape(-1, *mask.shape[2:]), number, axis=0, mode="clip")
    if is_filled.any():
        filled = made[is_filled].astype(np.uint8)
        taken[is_filled] = filled if mask.ndim == 2 else filled[:, None]
    return taken


def build_train(spec: Input, root: Path | None = None, pixels: Pixels = RGB8) -> Augmentation:
    """Return the training view of `input:`, with its policy by name or its list of transforms.

    Args:
        spec: the recipe's `input:`.
        root: the workspace's folder, in which `module:object` is looked for first.
        pixels: of the images.

    Raises:
        RecipeError: unknown policy or transform, or one that refuses its arguments, or one that
            cannot take images of this form.
    """
    size = spec.height_width
    if not isinstance(spec.train, str):
        return _checked(Augmentation(build_transforms(spec.train), size, spec.fit, pixels))
    transforms = transforms_of(spec.train, size, pixels.network_form, root)
    for one in walk_transforms(transforms):
        # Black is what a border is filled with by default; as a mask it would be background.
        if getattr(one, "fill_mask", IGNORE) in (None, 0):
            one.fill_mask = IGNORE
    view = Augmentation(transforms, size, spec.fit, pixels)
    return _checked(view) if is_user_object(spec.train) and not pixels.is_rgb8 else view


def _checked(view: Augmentation) -> Augmentation:
    """Return a view of the user's own; what never works is refused now, and not in an epoch."""
    height, width = view.size
    pixels = view.pixels
    if not pixels.is_rgb8:
        check_fitness(view.transforms, pixels)
    grey = 128 if pixels.is_rgb8 else (pixels.low + pixels.high) / 2
    for seed in range(TRIALS):
        view(np.full((2 * height, 2 * width, pixels.channels), grey, dtype=pixels.dtype), seed)
    return view


class StreamAugmentations:
    """The views of a method's streams, each built once.

    Args:
        spec: the recipe's `input:`, whose policy is "train", and whose size and fit views have that
            name no other.
        root: the workspace's folder, in which `module:object` is looked for first.
        pixels: of the images.
    """

    def __init__(self, spec: Input, root: Path | None = None, pixels: Pixels = RGB8) -> None:
        self._spec, self._root, self._pixels = spec, root, pixels
        self._built: dict[tuple[str, tuple[int, int], Pixels], Augmentation] = {}

    def __call__(self, spec: ViewSpec) -> Augmentation:
        """Return the view of `spec`.

        Raises:
            RecipeError: unknown policy, or one that refuses its arguments.
        """
        # A view on top of another gets the output of that one.
        pixels = self._pixels if spec.of is None else self._pixels.network_form
        size = spec.size or self._spec.height_width
        key = (spec.policy, size, pixels)
        if key not in self._built:
            train = self._spec.train if spec.policy == "train" else spec.policy
            change = self._spec.model_copy(update={"train": train, "size": size})
            self._built[key] = build_train(change, self._root, pixels)
        return self._built[key]

    def check(self, specs: Sequence[ViewSpec]) -> None:
        """Build all views of a stream.

        Raises:
            RecipeError: as a call does; or two have one name, or one is `of` none that is earlier.
        """
        earlier: list[str] = []
        for spec in specs:
            if spec.name in earlier:
                raise RecipeError(f"two views of a stream are called {spec.name!r}")
            if spec.of is not None and spec.of not in earlier:
                raise RecipeError(
                    f"view {spec.name!r} is of {spec.of!r}, which is none of the views before it",
                    fix=f"one of {', '.join(earlier)}" if earlier else "leave `of` out",
                )
            self(spec)
            earlier.append(spec.name)


def build_eval(spec: Input, pixels: Pixels = RGB8) -> Augmentation:
    """Return the view for validation and prediction: only the fit, the same for every seed."""
    return Augmentation([], spec.height_width, spec.fit, pixels)


MOST_IMAGES = 1_000
MOST_PIXELS = 2**16  # of an image, from a grid over all of it
PATCHES = 4  # a side of the grid of patches, of an image that is read by window


class Normalisation(NamedTuple):
    """One number a channel each."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, network: Network) -> Normalisation:
        """Return what the images of `network` are normalised with."""
        return cls(network.mean, network.std)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Normalisation:
        """Return what `state` made of another one, as it lies in a checkpoint."""
        return cls(tuple(state["mean"]), tuple(state["std"]))

    @property
    def state(self) -> dict[str, list[float]]:
        return {"mean": list(self.mean), "std": list(self.std)}


def needs_measurement(spec: Input) -> bool:
    """Return whether `input:` has something measured on the training images."""
    return "data" in (spec.mean, spec.std)


def set_normalisation(network: Network, spec: Input, measure: Callable[[], Normalisation]) -> None:
    """Give `network` the mean and the standard deviation of `input:`, where it names any.

    Args:
        network: changed in place.
        spec: the recipe's `input:`; of images that are stacks of slices, it names numbers of the
            channels of one slice.
        measure: called where one of them is `data`.

    Raises:
        RecipeError: there are more or fewer numbers than channels.
    """
    n, of = network.in_chans // network.n_slices, "slices" if network.n_slices > 1 else "images"
    found = _of_slices(measure(), n) if needs_measurement(spec) else Normalisation.of(network)
    if spec.mean is not None:
        mean = found.mean if spec.mean == "data" else _channel_values(spec.mean, n, "mean", of)
        network.mean = mean * network.n_slices
    if spec.std is not None:
        std = found.std if spec.std == "data" else _channel_values(spec.std, n, "std", of)
        network.std = std * network.n_slices


def _of_slices(found: Normalisation, n: int) -> Normalisation:
    """Return mean and deviation of the `n` channels of a slice, over all slices of the images.

    A slice must be normalised alike at whatever place of the stack it is.
    """
    if len(found.mean) == n:
        return found
    means = np.array(found.mean).reshape(-1, n)
    squares = np.array(found.std).reshape(-1, n) ** 2 + means**2
    mean = means.mean(axis=0)
    std = np.sqrt(np.maximum(squares.mean(axis=0) - mean**2, 0))
    return Normalisation(tuple(mean.tolist()), tuple(std.tolist()))


def _channel_values(given: Any, n: int, key: str, of: str) -> tuple[float, ...]:
    if isinstance(given, int | float):
        return (float(given),) * n
    if len(given) != n:
        raise RecipeError(
            f"{plural(len(given), 'number')} for {of} of {n} {'channel' if n == 1 else 'channels'}",
            where=f"input.{key}",
            fix="write one number a channel, one for all of them, or data",
        )
    return tuple(map(float, given))


def measure_normalisation(rows: SampleRows, pixels: Pixels, progress: Progress) -> Normalisation:
    """Return mean and standard deviation of the channels of `rows`, of their pixels in [0, 1].

    Of at most 1,000 images, evenly from first to last, and of a large image a grid of pixels: the
    same for the same rows. A channel that is the same everywhere gets a deviation of 1.

    Args:
        rows: a fold's training samples.
        pixels: of their images.
        progress: gets a bar.
    """
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_IMAGES)).astype(int))
    n, total, squares = 0, np.zeros(pixels.channels), np.zeros(pixels.channels)
    with progress.bar("measuring the images", len(chosen)) as advance:
        for row in chosen.tolist():
            wide = pixels.unit(_sampled_pixels(rows, row)).astype(np.float64)
            n, total, squares = n + len(wide), total + wide.sum(0), squares + (wide**2).sum(0)
            advance(1)
    mean = total / n
    std = np.sqrt(np.maximum(squares / n - mean**2, 0))
    is_flat = std < np.finfo(np.float32).eps
    return Normalisation(tuple(mean.tolist()), tuple(np.where(is_flat, 1.0, std).tolist()))


def _sampled_pixels(rows: SampleRows, row: int) -> NDArray[Any]:
    """Return some pixels of the image of a row, `(n, C)`, as they are kept."""
    if rows.tiles is None:
        image = rows.pixels(row)
        step = ceil(sqrt(max(1, image.shape[0] * image.shape[1] / MOST_PIXELS)))
        return image[::step, ::step].reshape(-1, image.shape[2])
    # Every n-th row of a large file would read all of it.
    image = rows.window(row)
    side = max(1, int(sqrt(MOST_PIXELS)) // PATCHES)
    tops, lefts = (
        np.unique(np.linspace(0, max(0, length - side), PATCHES).astype(int)).tolist()
        for length in image.shape[:2]
    )
    patches = [image[top : top + side, left : left + side] for top, left in product(tops, lefts)]
    return np.concatenate([one.reshape(-1, image.shape[2]) for one in patches])

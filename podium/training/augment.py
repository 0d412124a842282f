"""From a cached image to what the network sees: augmentation and fitting to the input size.

    view = build_train(recipe.input);   view(image, seed) -> uint8 (h, w, 3)
                                        view(image, seed, mask) -> the same image, and its mask

Images of 8 bits stay so, of any number of channels. All others (16 bits, floating point) are
brought to the input's size as they are kept, then to float32 in [0, 1], which transforms get.

A view is a pure function of the image and the seed, whatever ran before it. A mask follows every
change of place, pixel by pixel (nearest neighbour). Where the image shows nothing of itself any
more, a border that is not mirrored or a hole that was cut, the mask says `IGNORE`: nothing can be
learnt there.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import IGNORE, Mask
from podium.competition.pixels import RGB8, Pixels
from podium.errors import RecipeError
from podium.training.batches import ViewSpec
from podium.training.fits import Fit, fit_image, fit_mask
from podium.training.recipe import Input

# Read at import: without it albumentations asks the network for its newest version.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import albumentations
from albumentations.augmentations.crops.transforms import BaseCrop

from podium.training.policies._fitness import TRIALS, described, refuse_unfit
from podium.training.policies._listed import every, listed, short
from podium.training.policies._load import transforms_of
from podium.workspace.extensions import is_foreign

__all__ = ["Fit", "Image", "Seen", "View", "Views", "build_eval", "build_train"]

Image = NDArray[Any]  # uint8, uint16 or float32

# Transforms that choose their own window of the whole image; all others get an image that fits.
CROPS = (BaseCrop, albumentations.RandomResizedCrop)


@dataclass(frozen=True)
class Seen:
    """What a view shows of an image.

    Attributes:
        image: `(h, w, C)`, uint8, or float32 in [0, 1].
        mask: `(h, w)` or `(h, w, C)`, uint8; None where none was given.
        shown: `(h, w)` bool: whether the pixel shows the image, not a border that was filled or a
            hole that was cut.
        places: `(h, w)` int32: of which pixel of the image it is (row · width + column), -1 where
            it is of none; None where nobody asks.
    """

    image: Image
    mask: Mask | None
    shown: NDArray[np.bool_]
    places: NDArray[np.int32] | None = None


class View:
    """One augmentation: `view(image, seed)` is `(height, width, C)`, contiguous.

    Args:
        transforms: albumentations transforms in order; they get images as `pixels.seen` has them.
        size: (height, width) of what comes out.
        fit: how an image that has another size is brought to it.
        pixels: of the images that come in; `pixels.seen` is what comes out.
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
        self._crops_itself = any(isinstance(one, CROPS) for one in transforms)
        fills = [getattr(one, "fill_mask", IGNORE) for one in every(transforms)]
        self._fills_are_ignored = all(fill == IGNORE for fill in fills)
        self.size, self.fit, self.pixels = size, fit, pixels
        self._is_brought_to_unit = pixels.seen.dtype == "float32"
        # What is filled up is black when it is seen.
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
            image: as `pixels` says.
            seed: what the view is drawn with.
            mask: `(H, W)` or `(H, W, C)`; it changes nothing of the image that comes back.

        Returns:
            The image, or the image and its mask `(h, w)` or `(h, w, C)`.

        Raises:
            RecipeError: the policy cannot take this image, or makes something else of it.
        """
        if mask is None:
            return self._moved(image, seed, {})[0]
        seen, moved = self._moved(image, seed, {"mask": mask})
        return seen, moved["mask"]

    def showing(self, image: Image, seed: int, mask: Mask | None = None) -> Seen:
        """Return what a call does, and which pixels show the image."""
        # A mask that knows everything says by itself, when it has moved, what was filled.
        if self._fills_are_ignored and (mask is None or not (mask == IGNORE).any()):
            known = np.zeros(image.shape[:2], dtype=np.uint8) if mask is None else mask
            seen, moved = self(image, seed, known)
            is_filled = moved == IGNORE
            shown = ~(is_filled if is_filled.ndim == 2 else is_filled.all(axis=2))
            return Seen(seen, None if mask is None else moved, shown)
        plane = np.full(image.shape[:2], _FIRST, dtype=np.float32)
        seen, planes = self._moved(
            image, seed, {_PLANE: plane} if mask is None else {_PLANE: plane, "mask": mask}
        )
        return Seen(seen, planes.get("mask"), planes[_PLANE] >= _FIRST)

    def following(self, image: Image, seed: int, mask: Mask | None = None) -> Seen:
        """Return what `showing` does, and where in `image` each pixel is from.

        Raises:
            RecipeError: as a call does; or the image is too large for its pixels to be counted.
        """
        seen, planes = self._moved(image, seed, {_PLANE: _numbers(*image.shape[:2])})
        moved = planes[_PLANE]
        last = image.shape[0] * image.shape[1] - 1
        places = np.clip(moved.astype(np.int32) - _FIRST, -1, last)
        return Seen(seen, None if mask is None else _taken(mask, moved), places >= 0, places)

    def _moved(
        self, image: Image, seed: int, planes: dict[str, NDArray[Any]]
    ) -> tuple[Image, dict[str, NDArray[Any]]]:
        """Return the view, and what lies over the image moved as the image is."""
        if not self._crops_itself:
            image, planes = self._fitted(image, planes, self._black)
        if self._is_brought_to_unit:
            image = self.pixels.unit(image)
        if self._compose is not None:
            image, planes = _transformed(self._compose, image, planes, seed)
        if image.shape[:2] != self.size:
            image, planes = self._fitted(image, planes, 0)
        contiguous = {name: np.ascontiguousarray(plane) for name, plane in planes.items()}
        return np.ascontiguousarray(image), contiguous

    def _fitted(
        self, image: Image, planes: dict[str, NDArray[Any]], black: float
    ) -> tuple[Image, dict[str, NDArray[Any]]]:
        fitted = {name: fit_mask(plane, self.size, self.fit) for name, plane in planes.items()}
        return fit_image(image, self.size, self.fit, black=black), fitted


def _transformed(
    compose: Any, image: Image, planes: dict[str, NDArray[Any]], seed: int
) -> tuple[Image, dict[str, NDArray[Any]]]:
    # Not set_random_seed: it gives all transforms the same stream, and takes 30 to 180 µs, not 10.
    compose.set_random_state(np.random.default_rng(seed), random.Random(seed))
    try:
        made = compose(image=image, **{name: _carrier(plane) for name, plane in planes.items()})
    except RecipeError:
        raise
    except Exception as error:  # each transform has its own ways to fail
        height, width = image.shape[:2]
        raise RecipeError(
            f"the augmentation fails on an image of {height} x {width}, {described(image)}: "
            f"{short(error)}",
            where="input.train",
        ) from error
    transformed = made["image"]
    kept = isinstance(transformed, np.ndarray) and transformed.dtype == image.dtype
    if not kept or transformed.shape[2:] != image.shape[2:]:
        raise RecipeError(
            f"the augmentation makes something else of the image than {described(image)}",
            where="input.train",
            fix="leave out Normalize, ToFloat and ToTensorV2: podium does this itself",
        )
    if transformed.dtype == np.float32:
        # Bicubic windows overshoot; in 8 bits OpenCV cuts it off itself.
        transformed = np.clip(transformed, 0, 1)
    return transformed, {name: _carried(made[name], plane) for name, plane in planes.items()}


_PLANE = "plane"  # what moves as a mask does, beside the mask
_FIRST = 256  # numbers of pixels start above every value that a border or a hole is filled with
_MOST = 2**24  # whole numbers that float32 tells apart


def _carrier(mask: NDArray[Any]) -> NDArray[Any]:
    """Return what travels through the transforms for `mask`: itself, or the numbers of its pixels.

    Of a border or hole, OpenCV fills only the first of several layers. Numbers are one layer,
    whatever the number of classes.
    """
    if mask.ndim == 2:
        return mask
    return mask[:, :, 0] if mask.shape[2] == 1 else _numbers(*mask.shape[:2])


def _carried(made: NDArray[Any], mask: NDArray[Any]) -> NDArray[Any]:
    if mask.ndim == 2:
        return np.asarray(made)
    return np.asarray(made)[:, :, None] if mask.shape[2] == 1 else _taken(mask, made)


def _numbers(height: int, width: int) -> NDArray[np.float32]:
    if height * width + _FIRST > _MOST:
        raise RecipeError(
            f"the augmentation gets an image of {height} x {width}, too large for masks of layers",
            where="input.train",
            fix="write fit: tile, or a policy that does not crop by itself",
        )
    numbers = np.arange(_FIRST, _FIRST + height * width, dtype=np.float32)
    return numbers.reshape(height, width)


def _taken(mask: Mask, made: NDArray[Any]) -> Mask:
    """Return `mask` as the numbers of its pixels have moved: `made`, with what was filled."""
    number = made.astype(np.int64) - _FIRST
    is_filled = number < 0
    # Several times faster than indexing; what is out of range is what is filled.
    taken: Mask = np.take(mask.reshape(-1, *mask.shape[2:]), number, axis=0, mode="clip")
    if is_filled.any():
        filled = made[is_filled].astype(np.uint8)
        taken[is_filled] = filled if mask.ndim == 2 else filled[:, None]
    return taken


def build_train(spec: Input, root: Path | None = None, pixels: Pixels = RGB8) -> View:
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
        return _tried(View(listed(spec.train), size, spec.fit, pixels))
    transforms = transforms_of(spec.train, size, pixels.seen, root)
    for one in every(transforms):
        # Black is what a border is filled with by default; as a mask it would be background.
        if getattr(one, "fill_mask", IGNORE) in (None, 0):
            one.fill_mask = IGNORE
    view = View(transforms, size, spec.fit, pixels)
    return _tried(view) if is_foreign(spec.train) and not pixels.is_rgb8 else view


def _tried(view: View) -> View:
    """Return a view of the user's own; what never works is refused now, and not in an epoch."""
    height, width = view.size
    pixels = view.pixels
    if not pixels.is_rgb8:
        refuse_unfit(view.transforms, pixels)
    grey = 128 if pixels.is_rgb8 else (pixels.low + pixels.high) / 2
    for seed in range(TRIALS):
        view(np.full((2 * height, 2 * width, pixels.channels), grey, dtype=pixels.dtype), seed)
    return view


class Views:
    """The views that methods ask for, each built once.

    Args:
        spec: the recipe's `input:`, whose policy is "train", and whose size and fit views have that
            name no other.
        root: the workspace's folder, in which `module:object` is looked for first.
        pixels: of the images.
    """

    def __init__(self, spec: Input, root: Path | None = None, pixels: Pixels = RGB8) -> None:
        self._spec, self._root, self._pixels = spec, root, pixels
        self._built: dict[tuple[str, tuple[int, int], Pixels], View] = {}

    def __call__(self, spec: ViewSpec) -> View:
        """Return the view of `spec`.

        Raises:
            RecipeError: unknown policy, or one that refuses its arguments.
        """
        # A view on top of another gets what that one has seen.
        pixels = self._pixels if spec.of is None else self._pixels.seen
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


def build_eval(spec: Input, pixels: Pixels = RGB8) -> View:
    """Return the view for validation and prediction: only the fit, the same for every seed."""
    return View([], spec.height_width, spec.fit, pixels)

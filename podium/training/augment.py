"""From a cached image to what the network sees: augmentation and fitting to the input size.

    view = build_train(recipe.input);   view(image, seed) -> uint8 (h, w, 3)

A view is a pure function of the image and the seed, whatever ran before it.
"""

from __future__ import annotations

import difflib
import os
import random
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.errors import RecipeError
from podium.training import policies
from podium.training.recipe import Input
from podium.workspace import extensions

# Read at import: without it albumentations asks the network for its newest version.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import albumentations
import cv2
from albumentations.augmentations.crops.transforms import BaseCrop

__all__ = ["View", "build_eval", "build_train"]

Image = NDArray[np.uint8]
Fit = Literal["resize", "centre_crop", "pad"]

TRIALS = 4

# Transforms that choose their own window of the whole image; all others get an image that fits.
CROPS = (BaseCrop, albumentations.RandomResizedCrop)


class View:
    """One augmentation: `view(image, seed)` is `(height, width, 3)` uint8, contiguous.

    Args:
        transforms: albumentations transforms in order.
        size: (height, width) of what comes out.
        fit: how an image that has another size is brought to it.
    """

    def __init__(self, transforms: list[Any], size: tuple[int, int], fit: Fit = "resize") -> None:
        self._compose = albumentations.Compose(transforms) if transforms else None
        self._crops_itself = any(isinstance(one, CROPS) for one in transforms)
        self.size, self.fit = size, fit

    def __call__(self, image: Image, seed: int) -> Image:
        """Return the view of `image` `(H, W, 3)` that belongs to `seed` (64 bits).

        Raises:
            RecipeError: the policy cannot take this image, or makes something else of it.
        """
        if not self._crops_itself:
            image = FITS[self.fit](image, self.size)
        if self._compose is not None:
            image = _transformed(self._compose, image, seed)
        if image.shape[:2] != self.size:
            image = FITS[self.fit](image, self.size)
        return np.ascontiguousarray(image)


def _transformed(compose: Any, image: Image, seed: int) -> Image:
    # Not set_random_seed: it gives all transforms the same stream, and takes 30 to 180 µs, not 10.
    compose.set_random_state(np.random.default_rng(seed), random.Random(seed))
    try:
        transformed = compose(image=image)["image"]
    except Exception as error:  # each transform has its own ways to fail
        height, width = image.shape[:2]
        raise RecipeError(
            f"the augmentation fails on an image of {height} x {width}: {_short(error)}",
            where="input.train",
        ) from error
    kept = isinstance(transformed, np.ndarray) and transformed.dtype == np.uint8
    if not kept or transformed.ndim != 3 or transformed.shape[2] != 3:
        raise RecipeError(
            "the augmentation makes something else of the image than 3 channels of 8 bits",
            where="input.train",
            fix="leave out Normalize, ToFloat and ToTensorV2: podium does this itself",
        )
    return np.asarray(transformed)


def _short(error: Exception) -> str:
    return " ".join(line.strip() for line in str(error).splitlines()[:3])


def build_train(spec: Input) -> View:
    """Return the training view of `input:`, with its policy by name or its list of transforms.

    Raises:
        RecipeError: unknown policy or transform, or one that refuses its arguments.
    """
    size = spec.height_width
    if isinstance(spec.train, str):
        policy = extensions.load(policies, spec.train, "POLICY", error=RecipeError)
        return View(list(policy(size)), size, spec.fit)
    view = View([_transform(item) for item in spec.train], size, spec.fit)
    height, width = size
    # What never works is refused now, and not in the first epoch.
    for seed in range(TRIALS):
        view(np.full((2 * height, 2 * width, 3), 128, dtype=np.uint8), seed)
    return view


def build_eval(spec: Input) -> View:
    """Return the view for validation and prediction: only the fit, the same for every seed."""
    return View([], spec.height_width, spec.fit)


def _transform(item: Any) -> Any:
    """Build `HorizontalFlip` or `{name: HorizontalFlip, p: 0.5}`, and what `transforms:` nests."""
    if isinstance(item, str):
        item = {"name": item}
    if not isinstance(item, Mapping) or not isinstance(item.get("name"), str):
        raise RecipeError(
            f"expected {{name: HorizontalFlip, p: 0.5}}, got {item!r}", where="input.train"
        )
    arguments = {key: _tuples(value) for key, value in item.items() if key != "name"}
    if "transforms" in item:
        arguments["transforms"] = [_transform(inner) for inner in item["transforms"]]
    return _construct(item["name"], arguments)


def _construct(name: str, arguments: dict[str, Any]) -> Any:
    build = getattr(albumentations, name, None) if name in _names() else None
    if build is None:
        near = difflib.get_close_matches(name, _names(), n=1)
        hint = f"write {near[0]}" if near else "see albumentations 2.0's list of transforms"
        raise RecipeError(
            f"albumentations has no transform {name!r}", where="input.train", fix=hint
        )
    with warnings.catch_warnings():
        # It only warns of an argument that it does not know, and goes on without.
        warnings.simplefilter("error")
        try:
            return build(**arguments)
        except (TypeError, ValueError, UserWarning) as error:
            raise RecipeError(
                f"{name} refuses its arguments: {_short(error)}", where="input.train"
            ) from error


def _names() -> list[str]:
    kinds = (albumentations.BasicTransform, albumentations.BaseCompose)
    return [
        name
        for name, value in vars(albumentations).items()
        if isinstance(value, type) and issubclass(value, kinds)
    ]


def _tuples(value: Any) -> Any:
    """Turn YAML's lists into the tuples that albumentations asks for."""
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def _resize(image: Image, size: tuple[int, int]) -> Image:
    height, width = size
    if image.shape[:2] == size:
        return image
    shrinks = height < image.shape[0] or width < image.shape[1]
    # Area averaging is the one that does not alias when it shrinks.
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), dtype=np.uint8)


def _scaled(image: Image, scale: float) -> Image:
    height, width = image.shape[:2]
    return _resize(image, (max(1, round(height * scale)), max(1, round(width * scale))))


def _centre_crop(image: Image, size: tuple[int, int]) -> Image:
    """Scale until `size` is just covered, then cut around the centre."""
    (height, width), (high, wide) = image.shape[:2], size
    image = _scaled(image, max(high / height, wide / width))
    top, left = (image.shape[0] - high) // 2, (image.shape[1] - wide) // 2
    return image[top : top + high, left : left + wide]


def _pad(image: Image, size: tuple[int, int]) -> Image:
    """Scale until the image just fits into `size`, then fill up with black on both sides."""
    (height, width), (high, wide) = image.shape[:2], size
    image = _scaled(image, min(high / height, wide / width))
    top, left = (high - image.shape[0]) // 2, (wide - image.shape[1]) // 2
    below, right = high - image.shape[0] - top, wide - image.shape[1] - left
    return np.pad(image, ((top, below), (left, right), (0, 0)))


FITS: dict[Fit, Callable[[Image, tuple[int, int]], Image]] = {
    "resize": _resize,
    "centre_crop": _centre_crop,
    "pad": _pad,
}

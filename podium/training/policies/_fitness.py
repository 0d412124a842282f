"""Whether a user's transforms can take images that are not RGB of 8 bits."""

from __future__ import annotations

import copy
import random
from typing import Any

import albumentations
import numpy as np
from numpy.typing import NDArray

from podium.competition.pixels import Pixels
from podium.errors import RecipeError
from podium.training.policies._listed import every, short

__all__ = ["TRIALS", "described", "refuse_unfit"]

TRIALS = 4
_SIDE = 32
_LEVELS = 255
_BEYOND = 1e-3  # of [0, 1], what rounding may add


def described(image: NDArray[Any]) -> str:
    """Return the form of an image that transforms get, in words."""
    n = image.shape[2]
    kind = "8 bits" if image.dtype == np.uint8 else "float32, 0 to 1"
    return f"{n} {'channel' if n == 1 else 'channels'} of {kind}"


def refuse_unfit(transforms: list[Any], pixels: Pixels) -> None:
    """Raise where a transform of colours cannot take images of this form, each tried alone.

    In a view it might come up in one sample of a thousand; and some work in 8 bits whatever they
    get, so that 16 bits would be thrown away unsaid.

    Raises:
        RecipeError: it fails; makes another form of image; or rounds to 8 bits.
    """
    drawn = np.random.default_rng(0).random((_SIDE, _SIDE, pixels.channels), dtype=np.float32)
    is_whole = pixels.seen.dtype == "uint8"
    image = (drawn * _LEVELS).astype(np.uint8) if is_whole else drawn
    for one in every(transforms):
        if isinstance(one, albumentations.ImageOnlyTransform):
            for seed in range(TRIALS):
                made = _alone(one, image, seed)
                if pixels.dtype != "uint8" and _is_rounded(made):
                    raise RecipeError(
                        f"{type(one).__name__} rounds to 8 bits, and the images have more",
                        where="input.train",
                        fix="leave it out; RandomBrightnessContrast, RandomGamma, GaussNoise and "
                        "blurs keep all bits",
                    )


def _alone(transform: Any, image: NDArray[Any], seed: int) -> NDArray[Any]:
    name = type(transform).__name__
    always = copy.deepcopy(transform)
    always.p = 1.0
    compose = albumentations.Compose([always])
    compose.set_random_state(np.random.default_rng(seed), random.Random(seed))
    try:
        made = compose(image=image)["image"]
    except Exception as error:  # each transform has its own ways to fail
        raise RecipeError(
            f"{name} does not take images of {described(image)}: {short(error)}",
            where="input.train",
            fix="leave it out; RandomBrightnessContrast, GaussNoise, blurs, flips and windows take "
            "any number of channels",
        ) from error
    is_alike = isinstance(made, np.ndarray) and made.dtype == image.dtype
    if not is_alike or made.shape != image.shape or not _is_in_range(made):
        raise RecipeError(
            f"{name} makes something else of the image than {described(image)}",
            where="input.train",
            fix="leave out Normalize, ToFloat and ToTensorV2: podium does this itself",
        )
    return np.asarray(made)


def _is_in_range(made: NDArray[Any]) -> bool:
    return made.dtype == np.uint8 or bool((made >= -_BEYOND).all() and (made <= 1 + _BEYOND).all())


def _is_rounded(made: NDArray[Any]) -> bool:
    """Return whether all values are one of 256."""
    levels = made.astype(np.float64) * _LEVELS
    return bool((np.abs(levels - np.rint(levels)) < _BEYOND).all())

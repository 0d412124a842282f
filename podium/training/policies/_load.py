"""Load a recipe's augmentation: a policy by name, or a list of albumentations transforms, checked.

Errors in a user's own policy or list are reported with the line of the recipe; transforms that
cannot take images that are not RGB of 8 bits are refused.
"""

from __future__ import annotations

import copy
import inspect
import random
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import albumentations
import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.masks import IGNORE
from podium.competition.truths.pixels import Pixels
from podium.errors import RecipeError, suggest
from podium.training import policies
from podium.workspace import extensions

__all__ = [
    "TRIALS",
    "build_transforms",
    "check_fitness",
    "describe_transform",
    "moving_transforms",
    "short_name",
    "transforms_of",
    "turning_transforms",
    "walk_transforms",
]


_TRANSFORMS = (albumentations.BasicTransform, albumentations.BaseCompose)
_CONTRACT = extensions.ExtensionContract(
    "a function from (height, width) to a list of transforms", callable
)


def transforms_of(
    name: str, size: tuple[int, int], pixels: Pixels, root: Path | None = None
) -> list[Any]:
    """Return the albumentations transforms of policy `name` for a (height, width) `size`.

    Args:
        name: a file of this folder, or `module:object`.
        size: of the network's input.
        pixels: of the images that the transforms get; passed to a policy that has an argument of
            this name.
        root: the workspace's folder, in which `module:object` is looked for first.

    Raises:
        RecipeError: there is no such policy; or the user's own, looked for below `root` first,
            fails or returns something else.
    """
    policy = extensions.load(
        policies, name, "POLICY", error=RecipeError, root=root, contract=_CONTRACT
    )
    try:
        given = {"pixels": pixels} if _takes_pixels(policy) else {}
        transforms = list(policy(size, **given))
    except Exception as error:
        if not extensions.is_user_object(name):
            raise
        raise RecipeError(
            f"the policy {name} fails: {type(error).__name__}: {error}",
            where=extensions.error_location(error, root) or "input.train",
            fix="mend it: it makes a list of albumentations transforms from (height, width)",
        ) from error
    others = [one for one in transforms if not isinstance(one, _TRANSFORMS)]
    if others:
        raise RecipeError(
            f"the policy {name} has an object of type {type(others[0]).__name__} in its list",
            where="input.train",
            fix="return a list of albumentations transforms",
        )
    return transforms


def _takes_pixels(policy: Callable[..., Any]) -> bool:
    try:
        return "pixels" in inspect.signature(policy).parameters
    except ValueError:  # functions written in C have no signature
        return False


def build_transforms(items: Iterable[Any]) -> list[Any]:
    """Return the transforms listed in `items`; where one fills something, masks are unknown there.

    Args:
        items: `HorizontalFlip` or `{name: HorizontalFlip, p: 0.5}`, with more of them in
            `transforms`.

    Raises:
        RecipeError: there is no such transform, or it refuses its arguments.
    """
    return [_transform(one) for one in items]


def walk_transforms(transforms: Iterable[Any]) -> Iterator[Any]:
    """Give transforms and those inside them."""
    for one in transforms:
        yield one
        yield from walk_transforms(getattr(one, "transforms", ()))


_FLIPS_AND_TURNS = (
    albumentations.CubicSymmetry,
    albumentations.D4,
    albumentations.HorizontalFlip,
    albumentations.RandomRotate90,
    albumentations.Rotate,
    albumentations.SafeRotate,
    albumentations.SquareSymmetry,
    albumentations.TimeReverse,
    albumentations.Transpose,
    albumentations.VerticalFlip,
)


def turning_transforms(transforms: Iterable[Any]) -> list[str]:
    """Return the names of the transforms that flip or turn images, or that may.

    Of a transform of geometry that is not albumentations' own, nobody knows.

    Example:
        >>> turning_transforms([albumentations.Transpose(), albumentations.RandomCrop(8, 8)])
        ['Transpose']
    """
    return [type(one).__name__ for one in walk_transforms(transforms) if _may_turn(one)]


def moving_transforms(transforms: Iterable[Any]) -> list[str]:
    """Return the names of the transforms that move what is in images, or that may.

    Example:
        >>> moving_transforms([albumentations.RandomCrop(8, 8), albumentations.ToGray()])
        ['RandomCrop']
    """
    moving, still = albumentations.DualTransform, albumentations.CoarseDropout
    every = walk_transforms(transforms)
    return [
        type(one).__name__
        for one in every
        if isinstance(one, moving) and not isinstance(one, still)
    ]


def _may_turn(one: Any) -> bool:
    if isinstance(one, albumentations.Affine):
        return any(_numbers(one.rotate)) or any(_numbers(one.shear))
    is_own = not type(one).__module__.startswith("albumentations.")
    return isinstance(one, _FLIPS_AND_TURNS) or (
        is_own and isinstance(one, albumentations.DualTransform)
    )


def _numbers(nested: Any) -> Iterator[float]:
    """Give the numbers of an argument: itself, or those of a tuple or mapping."""
    if isinstance(nested, Mapping):
        nested = tuple(nested.values())
    if not isinstance(nested, tuple):
        yield float(nested)
        return
    for one in nested:
        yield from _numbers(one)


def short_name(error: Exception) -> str:
    """Return a library's error in one line."""
    return " ".join(line.strip() for line in str(error).splitlines()[:3])


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
        hint = suggest(name, _names(), otherwise="see albumentations 2.0's list of transforms")
        raise RecipeError(
            f"albumentations has no transform {name!r}", where="input.train", fix=hint
        )
    if "fill_mask" in inspect.signature(build.__init__).parameters:
        arguments = {"fill_mask": IGNORE, **arguments}
    with warnings.catch_warnings():
        # It only warns of an unknown argument, and goes on without.
        warnings.simplefilter("error")
        try:
            return build(**arguments)
        except (TypeError, ValueError, UserWarning) as error:
            raise RecipeError(
                f"{name} refuses its arguments: {short_name(error)}", where="input.train"
            ) from error


def _names() -> list[str]:
    kinds = (albumentations.BasicTransform, albumentations.BaseCompose)
    return [
        name
        for name, value in vars(albumentations).items()
        if isinstance(value, type) and issubclass(value, kinds)
    ]


def _tuples(value: Any) -> Any:
    """Turn YAML's lists into the tuples that albumentations takes."""
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


TRIALS = 4
_SIDE = 32
_LEVELS = 255
_BEYOND = 1e-3  # of [0, 1], what rounding may add


def describe_transform(image: NDArray[Any]) -> str:
    """Return a description of the images that transforms get."""
    n = image.shape[2]
    kind = "8 bits" if image.dtype == np.uint8 else "float32, 0 to 1"
    return f"{n} {'channel' if n == 1 else 'channels'} of {kind}"


def check_fitness(transforms: list[Any], pixels: Pixels) -> None:
    """Raise where a transform of colours cannot take images of this form, each tried alone.

    In a view it might come up in one sample of a thousand; and some work in 8 bits whatever they
    get, so that 16 bits would be thrown away unsaid.

    Raises:
        RecipeError: it fails; makes another form of image; or rounds to 8 bits.
    """
    drawn = np.random.default_rng(0).random((_SIDE, _SIDE, pixels.channels), dtype=np.float32)
    is_whole = pixels.network_form.dtype == "uint8"
    image = (drawn * _LEVELS).astype(np.uint8) if is_whole else drawn
    for one in walk_transforms(transforms):
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
            f"{name} does not take images of {describe_transform(image)}: {short_name(error)}",
            where="input.train",
            fix="leave it out; RandomBrightnessContrast, GaussNoise, blurs, flips and windows take "
            "any number of channels",
        ) from error
    is_alike = isinstance(made, np.ndarray) and made.dtype == image.dtype
    if not is_alike or made.shape != image.shape or not _is_in_range(made):
        raise RecipeError(
            f"{name} makes something else of the image than {describe_transform(image)}",
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

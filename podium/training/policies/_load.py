"""From the name of a policy to its transforms; what goes wrong in a user's own is told."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import albumentations

from podium.competition.pixels import Pixels
from podium.errors import RecipeError
from podium.training import policies
from podium.workspace import extensions

__all__ = ["transforms_of"]

_TRANSFORMS = (albumentations.BasicTransform, albumentations.BaseCompose)
_WANTED = extensions.Wanted("a function from (height, width) to a list of transforms", callable)


def transforms_of(
    name: str, size: tuple[int, int], pixels: Pixels, root: Path | None = None
) -> list[Any]:
    """Return the albumentations transforms of policy `name` for a (height, width) `size`.

    Args:
        name: a file of this folder, or `module:object`.
        size: of the network's input.
        pixels: of the images that the transforms get; a policy that has an argument of this name
            is told.
        root: the workspace's folder, in which `module:object` is looked for first.

    Raises:
        RecipeError: there is no such policy; or the user's own, looked for below `root` first,
            fails or returns something else.
    """
    policy = extensions.load(policies, name, "POLICY", error=RecipeError, root=root, wanted=_WANTED)
    try:
        given = {"pixels": pixels} if _asks_for_pixels(policy) else {}
        transforms = list(policy(size, **given))
    except Exception as error:
        if not extensions.is_foreign(name):
            raise
        raise RecipeError(
            f"the policy {name} fails: {type(error).__name__}: {error}",
            where=extensions.place_of(error, root) or "input.train",
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


def _asks_for_pixels(policy: Callable[..., Any]) -> bool:
    try:
        return "pixels" in inspect.signature(policy).parameters
    except ValueError:  # of what is written in C nobody knows
        return False

"""From the list of transforms that a recipe writes to albumentations' own.

input: {train: [HorizontalFlip, {name: Rotate, limit: [-30, 30], p: 0.7}]}
"""

from __future__ import annotations

import difflib
import inspect
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import albumentations

from podium.competition.masks import IGNORE
from podium.errors import RecipeError

__all__ = ["every", "listed", "short"]


def listed(items: Iterable[Any]) -> list[Any]:
    """Return the transforms that `items` say; where one fills something, masks are unknown there.

    Args:
        items: `HorizontalFlip` or `{name: HorizontalFlip, p: 0.5}`, with more of them in
            `transforms`.

    Raises:
        RecipeError: there is no such transform, or it refuses its arguments.
    """
    return [_transform(one) for one in items]


def every(transforms: Iterable[Any]) -> Iterator[Any]:
    """Give transforms and those inside them."""
    for one in transforms:
        yield one
        yield from every(getattr(one, "transforms", ()))


def short(error: Exception) -> str:
    """Return what a library's error says, in one line."""
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
        near = difflib.get_close_matches(name, _names(), n=1)
        hint = f"write {near[0]}" if near else "see albumentations 2.0's list of transforms"
        raise RecipeError(
            f"albumentations has no transform {name!r}", where="input.train", fix=hint
        )
    if "fill_mask" in inspect.signature(build.__init__).parameters:
        arguments = {"fill_mask": IGNORE, **arguments}
    with warnings.catch_warnings():
        # It only warns of an argument that it does not know, and goes on without.
        warnings.simplefilter("error")
        try:
            return build(**arguments)
        except (TypeError, ValueError, UserWarning) as error:
            raise RecipeError(
                f"{name} refuses its arguments: {short(error)}", where="input.train"
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

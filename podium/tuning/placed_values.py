"""Values at places of a recipe: as its overrides, and as an earlier recipe has them."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from podium.training.recipe import Recipe
from podium.tuning.space import Choice, Range, Space
from podium.workspace.documents import steps_of

__all__ = ["overrides_of", "values_of"]

_NOTHING = object()

Tree = dict[str, Any]


def overrides_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return drawn values, by the name of their place, as a recipe's overrides.

    Example:
        >>> overrides_of({"optimizer.lr": 1e-05, "mix": {"mixup": 0.2}})
        ('optimizer.lr=1e-05', 'mix={"mixup": 0.2}')
    """
    # JSON is YAML; its escapes of characters beyond U+FFFF are not.
    return tuple(
        f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in values.items()
    )


def values_of(recipe: Recipe, space: Space) -> dict[str, Any] | None:
    """Return where `recipe`, with its defaults, stands in `space`, by name; None: outside.

    A choice is one whose recipe is the same, however little of it the choice writes. What is not
    written and has no default in the recipe itself, as an option that a method has by default,
    stands nowhere.
    """
    tree = recipe.model_dump(mode="json", by_alias=True)
    found: dict[str, Any] = {}
    for one in space.parameters:
        steps, domain = steps_of(one.name), one.domain
        if isinstance(domain, Choice):
            value = _chosen(tree, steps, domain)
        else:
            value = _within(_at(tree, steps), domain)
        if value is _NOTHING:
            return None
        found[one.name] = value
    return found


def _chosen(tree: Tree, steps: list[str | int], domain: Choice) -> Any:
    for value in domain.values:
        if _resolved(tree, steps, value) == tree:
            return value
    return _NOTHING


def _resolved(tree: Tree, steps: list[str | int], value: Any) -> Tree | None:
    """Return the recipe with `value` at a place; None where it has no such place."""
    changed = copy.deepcopy(tree)
    around = _at(changed, steps[:-1])
    try:
        around[steps[-1]] = value
        return Recipe.model_validate(changed).model_dump(mode="json", by_alias=True)
    except (TypeError, IndexError, ValidationError):
        return None


def _at(tree: Tree, steps: list[str | int]) -> Any:
    node: Any = tree
    for step in steps:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return node


def _within(value: Any, domain: Range) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _NOTHING
    if not domain.low <= value <= domain.high:
        return _NOTHING
    if domain.is_whole and not float(value).is_integer():
        return _NOTHING
    if domain.step is not None:
        n = (value - domain.low) / domain.step
        if not math.isclose(n, round(n), abs_tol=1e-6):  # tenths are no tenths in binary
            return _NOTHING
    return int(value) if domain.is_whole else float(value)

"""Modules that a user's own code builds: its errors are reported with their line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from podium.errors import PodiumError, RecipeError
from podium.workspace import extensions

__all__ = ["MODULE_BUILDER", "build_user_module", "call_user_code", "describe_object"]

MODULE_BUILDER = extensions.ExtensionContract("a function that builds an nn.Module", callable)


def build_user_module(build: Callable[[], Any], name: str, where: str) -> nn.Module:
    """Return the module that `build` makes.

    Args:
        build: calls the user's function.
        name: of it, as the recipe has it.
        where: the part of the recipe.

    Raises:
        RecipeError: it fails, does not take its options, or builds no module.
    """
    module = call_user_code(build, name, f"{where}.options")
    if not isinstance(module, nn.Module):
        raise RecipeError(
            f"{name} builds {describe_object(module)}, no nn.Module",
            where=where,
            fix="return a module",
        )
    return module


def call_user_code(call: Callable[[], Any], name: str, where: str) -> Any:
    """Return the result of `call`; whatever the user's code raises is a RecipeError."""
    try:
        return call()
    except PodiumError:
        raise
    except Exception as cause:
        place = extensions.user_code_location(cause)
        raise RecipeError(
            f"{name} fails: {type(cause).__name__}: {str(cause).strip()}",
            where=place or where,
            fix="mend that line" if place else f"mend {where} of the recipe, or the function",
        ) from cause


def describe_object(found: Any) -> str:
    """Return a description of an object."""
    if isinstance(found, Tensor):
        return f"a tensor {tuple(found.shape)}"
    return f"an object of type {type(found).__name__}"

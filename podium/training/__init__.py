"""Training: recipes, methods, the loop, runs, and prediction with trained networks.

The names below are found on first use: torch is loaded when there is something to compute.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from podium.training.predicting import predict
    from podium.training.recipe import Recipe, load_recipe
    from podium.training.run import Trained, train

__all__ = ["Recipe", "Trained", "load_recipe", "predict", "train"]

_HOMES = {
    "Recipe": "recipe",
    "Trained": "run",
    "load_recipe": "recipe",
    "predict": "predicting",
    "train": "run",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"podium.training.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

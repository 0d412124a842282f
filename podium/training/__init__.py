"""Training: recipes, methods, the loop, runs, and prediction with trained networks.

The names below are found on first use: torch is loaded when there is something to compute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.training.inference.prediction_sets import predict
    from podium.training.recipe import Recipe, load_recipe
    from podium.training.runs.train import Trained, train

__all__ = ["Recipe", "Trained", "load_recipe", "predict", "train"]

_HOMES = {
    "Recipe": "recipe",
    "Trained": "runs.train",
    "load_recipe": "recipe",
    "predict": "inference.prediction_sets",
    "train": "runs.train",
}

if not TYPE_CHECKING:  # a checker reports names that there are not
    __getattr__ = lazy_attributes(__name__, _HOMES)

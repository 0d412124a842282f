"""What a recipe costs here: measured at one size, scaled to others, counted for its epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import yaml

from podium.competition.spec import Competition
from podium.training.recipe import load_recipe
from podium.training.runs.timing import RecipeTiming, recipe_timing
from podium.workspace.atomic import temporary_folder, write_text
from podium.workspace.layout import Workspace

__all__ = ["MARGIN", "MeasureCost", "RecipeCost", "measure_cost"]

MARGIN = 1.15
"""for what is not measured: files, scores, the machine's other work"""
EPOCHS = 10
"""of a phase that is timed: more steps than are taken"""


@dataclass(frozen=True)
class RecipeCost:
    """Seconds of a recipe, measured at one size of its images.

    Attributes:
        timing: of its steps and predictions.
        size: pixels of a side.
    """

    timing: RecipeTiming
    size: int

    def at(self, size: int) -> RecipeCost:
        """Return the same at another size: in proportion to the pixels."""
        ratio = (size / self.size) ** 2
        phases = tuple(
            replace(one, step_s=ratio * one.step_s, scoring_s=ratio * one.scoring_s)
            for one in self.timing.phases
        )
        image_s = ratio * self.timing.image_s
        return RecipeCost(replace(self.timing, phases=phases, image_s=image_s), size)

    def with_folds(self, folds: int) -> RecipeCost:
        """Return the same for another number of folds."""
        return replace(self, timing=self.timing.with_folds(folds))

    def seconds(self, recipe: dict[str, Any], *, longer: float = 1.0) -> float:
        """Return the expected seconds of all folds of a recipe with such phases.

        Args:
            recipe: as in a file.
            longer: how many times the labelled images an epoch passes.
        """
        epochs = {one["name"]: one["epochs"] for one in recipe["phases"]}
        found = self.timing.with_epochs(epochs)
        phases = tuple(replace(one, step_s=longer * one.step_s) for one in found.phases)
        return MARGIN * replace(found, phases=phases).total_s


MeasureCost = Callable[[dict[str, Any]], RecipeCost]


def measure_cost(
    workspace: Workspace, competition: Competition, recipe: dict[str, Any]
) -> RecipeCost:
    """Return what `recipe` costs here, by some real steps of each of its phases.

    Raises:
        PodiumError: as training would.
    """
    phases = [{**one, "epochs": EPOCHS} for one in recipe["phases"]]
    with temporary_folder("podium-auto") as folder:
        file = folder / "timed.yaml"
        write_text(file, yaml.safe_dump({**recipe, "phases": phases}, sort_keys=False))
        loaded = load_recipe(file)
    timing = recipe_timing(workspace, competition, loaded)
    return RecipeCost(timing, max(loaded.input.height_width))

"""What a recipe costs here: a few real steps of each phase are timed, and the rest is counted.

Nothing of these steps is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from podium.competition.spec import Competition
from podium.workflows.tuning.rate_and_batch import plan_job_apart
from podium.workspace.atomic import write_text
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT

__all__ = ["ImageCounts", "MeasureCost", "RecipeCost", "expected_seconds", "measure_cost"]

STEPS = 3
STARTUP_S = 1.0
"""of a fold: its network is built, its weights are loaded and written"""
FORWARD = 0.4
"""of a training step, where no phase is frozen whose step is hardly more"""
MARGIN = 1.15


@dataclass(frozen=True)
class ImageCounts:
    """Numbers of images, of a fold on average: `train` and `valid`; and of all: `test`."""

    folds: int
    train: float
    valid: float
    test: int
    unlabelled: int


@dataclass(frozen=True)
class RecipeCost:
    """Seconds for one image of a recipe at its size.

    Attributes:
        phases: of a training step in each phase.
        predict: of a prediction.
        size: pixels of a side at which they were measured.
    """

    phases: tuple[float, ...]
    predict: float
    size: int

    def at(self, size: int) -> RecipeCost:
        """Return the same at another size: in proportion to the pixels."""
        ratio = (size / self.size) ** 2
        return RecipeCost(tuple(ratio * one for one in self.phases), ratio * self.predict, size)


MeasureCost = Callable[[dict[str, Any]], RecipeCost]


def measure_cost(
    workspace: Workspace, competition: Competition, recipe: dict[str, Any]
) -> RecipeCost:
    """Return what `recipe` costs an image, by a few steps of each of its phases.

    Raises:
        PodiumError: as training would.
    """
    from podium.training.fit.trial_steps import trial_steps  # loads torch

    with TemporaryDirectory(prefix="podium-auto-") as folder:
        file = Path(folder, "timed.yaml")
        write_text(file, yaml.safe_dump(recipe, sort_keys=False))
        job = plan_job_apart(workspace, competition, file, (), Path(folder), SILENT)
        images = job.recipe.batch_size * job.recipe.accumulate
        phases = []
        for phase, _ in enumerate(job.recipe.phases):
            ends = []
            for losses in islice(trial_steps(job, phase, STEPS + 1, progress=SILENT), STEPS + 1):
                float(losses["total"])  # waits for the device
                ends.append(time.perf_counter())
            phases.append(median(late - early for early, late in pairwise(ends)) / images)
        frozen = [
            seconds
            for seconds, phase in zip(phases, job.recipe.phases, strict=True)
            if "backbone" in phase.freeze
        ]
        forward = min([*frozen, FORWARD * max(phases)])
        return RecipeCost(tuple(phases), forward, max(job.recipe.input.height_width))


def expected_seconds(
    recipe: dict[str, Any], cost: RecipeCost, counts: ImageCounts, *, extra: int = 0
) -> float:
    """Return the seconds of training and predicting every fold of a recipe.

    Args:
        recipe: as in a file.
        cost: of an image at its size.
        counts: of images.
        extra: images that are trained on beside the labelled ones, as pseudo-labels are.
    """
    views = 1 + len(recipe.get("predict", {}).get("tta", []))
    seconds = STARTUP_S + views * (counts.valid + counts.test) * cost.predict
    for phase, of_image in zip(recipe["phases"], cost.phases, strict=True):
        steps = phase.get("steps_per_epoch")
        images = counts.train + extra if steps is None else steps * recipe["batch_size"]
        seconds += phase["epochs"] * (images * of_image + counts.valid * cost.predict)
    return MARGIN * counts.folds * seconds

"""How long a recipe trains on this machine, measured by a few of its real steps (no torch here).

`recipe_timing` builds the recipe's network, takes some steps of each phase on some of the
competition's images, and predicts some; the rest is counting. It takes about five seconds at most,
changes no random state, no run and no id, and is kept in the cache by recipe, data and machine:

    total = decoding + features + folds · (start + Σ_phases epochs · (steps · step_s + scoring_s)
                                + images · image_s)
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.cache import pack_folder
from podium.competition.folds import fold_rows
from podium.competition.folds.file import read_folds
from podium.competition.folds.leaks import rows_of_fold
from podium.competition.images import first_file, image_size
from podium.competition.samples import Split, load_extra, load_samples
from podium.competition.spec import Competition
from podium.errors import DAMAGED_CACHE
from podium.training import fit
from podium.training.recipe import Recipe
from podium.training.runs.ids import pixel_facts
from podium.training.runs.job import TrainingData, cached_side, n_drawn
from podium.training.runs.pretraining import is_label_free
from podium.workspace.atomic import write_json
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.machine import this_machine

__all__ = ["PhaseTiming", "RecipeTiming", "SampleCounts", "recipe_timing", "sample_counts"]

TIMING_FORMAT = 3
"""Raised when something else is measured, so that what was kept is measured again."""
BUDGET_S = 4.0
"""seconds of steps and predictions; building networks and reading some images come to it"""


@dataclass(frozen=True)
class PhaseTiming:
    """Expected seconds of a phase.

    Attributes:
        name: of the phase.
        epochs: of the recipe.
        steps: optimiser steps an epoch; 0 of a phase that is solved, which has one epoch.
        step_s: seconds of an optimiser step, with making its batches.
        scoring_s: seconds beside the steps of an epoch: predicting the fold's rows or a pool,
            solving.
    """

    name: str
    epochs: int
    steps: int
    step_s: float
    scoring_s: float = 0.0

    @property
    def epoch_s(self) -> float:
        """Seconds of an epoch."""
        return self.steps * self.step_s + self.scoring_s

    @property
    def total_s(self) -> float:
        """Seconds of the phase in one fold."""
        return self.epochs * self.epoch_s


@dataclass(frozen=True)
class RecipeTiming:
    """Expected seconds of training a recipe over its folds and predicting with it.

    Attributes:
        phases: in their order.
        folds: networks to train.
        start_s: seconds to build a network and to score it before its first step, a fold.
        image_s: seconds to predict an image, with all views.
        predicted: images that a fold's network predicts: its validation rows and the test set.
        decode_s: seconds to decode what the image cache does not have, once.
        features_s: seconds of the features that solved phases of all folds share, once.
    """

    phases: tuple[PhaseTiming, ...]
    folds: int
    start_s: float
    image_s: float
    predicted: int
    decode_s: float = 0.0
    features_s: float = 0.0

    @property
    def once_s(self) -> float:
        """Seconds of what is done once for all folds."""
        return self.decode_s + self.features_s

    @property
    def fixed_s(self) -> float:
        """Seconds that do not depend on the epochs, over all folds."""
        return self.once_s + self.folds * (self.start_s + self.predicted * self.image_s)

    @property
    def fold_s(self) -> float:
        """Seconds of one fold, without what is done once."""
        steps = sum(phase.total_s for phase in self.phases)
        return self.start_s + steps + self.predicted * self.image_s

    @property
    def total_s(self) -> float:
        """Seconds of everything."""
        return self.once_s + self.folds * self.fold_s

    def with_folds(self, folds: int) -> RecipeTiming:
        """Return the same for another number of folds."""
        return replace(self, folds=folds)

    def with_epochs(self, epochs: Mapping[str, int]) -> RecipeTiming:
        """Return the same for other epochs, by the phase's name."""
        changed = (replace(one, epochs=epochs.get(one.name, one.epochs)) for one in self.phases)
        return replace(self, phases=tuple(changed))

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> RecipeTiming:
        """Return what `dataclasses.asdict` made a mapping of."""
        phases = tuple(PhaseTiming(**one) for one in facts["phases"])
        return cls(**{**facts, "phases": phases})


@dataclass(frozen=True)
class SampleCounts:
    """Samples that a network of a recipe meets, on average over the folds.

    Attributes:
        folds: networks that are trained; 1 of a recipe that learns without labels.
        train: rows that a fold trains on.
        valid: rows that it validates.
        extra: rows of extra sources beside them.
        predicted: images that its network predicts after training.
        pools: images of each part that `unlabelled` names.
    """

    folds: int
    train: int
    valid: int
    extra: int
    predicted: int
    pools: dict[str, int]


def recipe_timing(
    workspace: Workspace,
    competition: Competition,
    recipe: Recipe,
    *,
    budget_s: float = BUDGET_S,
) -> RecipeTiming:
    """Return the seconds that `recipe` is expected to take on this machine, over all its folds.

    The first call measures; the next, also with other epochs, reads what was measured.

    Args:
        workspace: whose data and cache.
        competition: what is trained for.
        recipe: as resolved; its pretrained weights are not needed.
        budget_s: seconds of steps and predictions, about.

    Raises:
        PodiumError: the recipe cannot be trained on these data, as training would report.
    """
    samples = load_samples(competition, "train", workspace=workspace)
    counts = sample_counts(workspace, competition, recipe, samples)
    file = workspace.cache / "timing" / f"{_key(competition, recipe, samples, counts)}.json"
    found = _read(file)
    if found is None:
        data = TrainingData(samples, _folds(workspace, competition, samples)[0], "stratified")
        found = fit.timed_steps.measure_recipe(
            workspace, competition, recipe, data, counts, budget_s=budget_s
        )
        found = replace(found, decode_s=found.decode_s * _undecoded(workspace, competition, recipe))
        with suppress(OSError):  # a disk that cannot be written only costs the next call its time
            file.parent.mkdir(parents=True, exist_ok=True)
            write_json(file, asdict(found))
    return found.with_epochs({phase.name: phase.epochs for phase in recipe.phases})


def sample_counts(
    workspace: Workspace, competition: Competition, recipe: Recipe, samples: pd.DataFrame
) -> SampleCounts:
    """Return how many samples a network of `recipe` meets; where there is no `folds.csv`, about.

    Args:
        workspace, competition, recipe: as in `recipe_timing`.
        samples: the training samples.
    """
    label_free = is_label_free(recipe, workspace.root)
    _, each = _folds(workspace, competition, samples)
    n_test = len(load_samples(competition, "test"))
    pools: dict[str, int] = {
        name: len(samples)
        if name == "train"
        else n_drawn(len(load_samples(competition, name)), share)
        for name, share in recipe.unlabelled_shares.items()
    }
    extra = sum(len(load_extra(competition, name)) for name in recipe.extra)
    if label_free:
        return SampleCounts(1, len(samples), 0, 0, 0, pools)
    train, valid = np.mean([[len(part) for part in parts] for parts in each], axis=0)
    n_valid = round(float(valid))
    pools |= {"train": round(float(train))} if "train" in pools else {}
    return SampleCounts(len(each), round(float(train)), n_valid, extra, n_valid + n_test, pools)


Positions = NDArray[np.int64]


def _folds(
    workspace: Workspace, competition: Competition, samples: pd.DataFrame
) -> tuple[Positions, list[tuple[Positions, Positions]]]:
    """Return the fold of each row, and the rows of each; no file is made."""
    spec = competition.folds
    if workspace.folds_file.exists():
        folds = read_folds(workspace, competition, samples)
    elif spec.scheme == "holdout":
        folds = np.where(np.arange(len(samples)) < spec.fraction * len(samples), 0, -1)
    else:
        folds = np.arange(len(samples)) % max(spec.n, 1)
    numbers = [int(k) for k in np.unique(folds) if k >= 0]
    if workspace.folds_file.exists():
        return folds, [rows_of_fold(samples, folds, k, scheme=spec.scheme) for k in numbers]
    return folds, [fold_rows(folds, k, scheme=spec.scheme) for k in numbers]


_NO_COST: Any = {
    "seed": True,
    "loggers": True,
    "keep": True,
    "checkpoint": True,
    "devices": True,  # what one takes is measured
    "sharded": True,
    "model": {"pretrained": True, "weights": True, "from_run": True},
}


def _key(
    competition: Competition, recipe: Recipe, samples: pd.DataFrame, counts: SampleCounts
) -> str:
    """Return a digest of all that a measurement depends on: recipe, data and machine."""
    facts = recipe.model_dump(mode="json", exclude=_NO_COST)
    for phase in facts["phases"]:
        del phase["epochs"]
    first = competition.root / first_file(samples["images"].iloc[0])
    machine = this_machine()
    return short_digest(
        {
            "format": TIMING_FORMAT,
            "recipe": facts,
            "counts": asdict(counts),
            "tasks": {str(task): competition.outputs(task) for task in competition.tasks},
            "image": [*image_size(first, competition.reader), competition.data.reader],
            **pixel_facts(competition),
            "machine": [_processor(), machine.cores, machine.gpu],
            "threads": os.environ.get("OMP_NUM_THREADS"),
            "torch": metadata.version("torch"),
        }
    )


def _processor() -> str:
    """Return the name of the processor, as the system has it."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(line for line in lines if line.startswith("model name")).partition(":")[2]
    return platform.processor() or platform.machine()


def _read(file: Path) -> RecipeTiming | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return RecipeTiming.from_json(json.loads(file.read_text(encoding="utf-8")))
    return None


def _undecoded(workspace: Workspace, competition: Competition, recipe: Recipe) -> int:
    """Return how many images the cache may lack, by the length of its packs."""
    side = cached_side(recipe.input)
    folder = pack_folder(workspace, f"images/{competition.reader.identity}", side)
    there = 0
    for index in folder.glob("*.npy"):
        with suppress(*DAMAGED_CACHE):
            there += len(np.load(index, mmap_mode="r"))
    parts: set[Split] = {"train", "test", *recipe.unlabelled_shares}
    return max(sum(len(load_samples(competition, one)) for one in sorted(parts)) - there, 0)

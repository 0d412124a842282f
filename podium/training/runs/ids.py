"""Ids of runs and prediction sets: a hash of all that determines a result (no torch here).

A run's id hashes the recipe where it differs from the defaults, without what cannot change a
weight; the tasks that its network predicts, and the classes; every training sample's id, weight and
image content, and its label and mask where a task is about them, in their order; the folds; the
labels on request; the weight file; the source of modules outside podium; `TRAINING_FORMAT`; and
`again`. Of a run that learns from images alone it hashes the ids and the content of these, and none
of labels, weights, folds, tasks, classes and heads. The paths of files, the format of a submission
and the version of podium are not among them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.units import unit_facts
from podium.errors import RecipeError
from podium.models.weights.files import find_weights
from podium.training.data.extra import extra_facts
from podium.training.data.labels_on_request import label_facts
from podium.training.pseudo.selection import pseudo_facts
from podium.training.recipe import Recipe, naming_key
from podium.training.runs.content import content_digest, folds_digest
from podium.training.runs.job import balanced_task, predicted_tasks
from podium.training.runs.pretraining import is_label_free
from podium.workspace import extensions
from podium.workspace.ids import FileDigests, short_digest
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "TRAINING_FORMAT",
    "network_sources",
    "pixel_facts",
    "prediction_id",
    "run_id",
]

TRAINING_FORMAT = 2
"""Raise this by hand when podium trains differently, or when a recipe's default changes."""

PREDICTION_FORMAT = 2
"""Raise this by hand when podium predicts differently from the same weights."""

_WITHOUT_EFFECT: Any = {
    "predict": True,
    "loggers": True,
    "keep": True,
    "workers": True,
    "devices": True,  # the same batches and gradients, up to rounding
    "sharded": True,
    "model": {"checkpointing": True},
}


def run_id(
    workspace: Workspace,
    competition: Competition,
    recipe: Recipe,
    *,
    name: str,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    again: int = 0,
    outer_fold: int | None = None,
    progress: Progress = SILENT,
) -> tuple[str, dict[str, Any]]:
    """Return the run's id, `<name>-<8 hex>`, and the facts that it hashes.

    Args:
        workspace: where weight files and other runs are looked for.
        competition: whose tasks, classes and reader count.
        recipe: as resolved.
        name: the recipe's file name without its ending.
        samples: the training samples.
        folds: `(N,)`, their folds.
        again: 0, 1, …: a repetition of the same run under another id.
        outer_fold: the fold whose rows are not among `samples`; None: all are.
        progress: gets a bar while images are read for the first time.

    Raises:
        RecipeError: a weight file or a module outside podium is missing, or is no Python; or the
            run to start from is named as this one.
    """
    extensions.refresh(workspace.root)
    if is_label_free(recipe, workspace.root):
        found = _of_images(workspace, competition, recipe, samples, progress)
        return _named(workspace, competition, recipe, name, found, again, outer_fold)
    tasks = predicted_tasks(recipe, competition)
    inputs: dict[str, Any] = {
        "training_format": TRAINING_FORMAT,
        "recipe": _effective(recipe),
        "tasks": {task: competition.tasks[task] for task in tasks},
        "classes": list(competition.classes),
        "reader": competition.data.reader,
        "train": content_digest(workspace, competition, samples, answers=tasks, progress=progress),
        "folds": folds_digest(samples["id"], folds),
    }
    if recipe.checkpoint == "best":
        inputs["metric"] = competition.metric.model_dump(mode="json")  # it chooses the weights
        inputs |= unit_facts(competition)
        if competition.open_set is not None:
            inputs["open_set"] = competition.open_set
    if recipe.sampling == "balanced" and len(tasks) > 1:
        inputs["balanced"] = balanced_task(competition, tasks)
    inputs |= _extra_sources(workspace, competition, recipe, progress)
    return _named(workspace, competition, recipe, name, inputs, again, outer_fold)


def _of_images(
    workspace: Workspace,
    competition: Competition,
    recipe: Recipe,
    samples: pd.DataFrame,
    progress: Progress,
) -> dict[str, Any]:
    """Return what is hashed of a run that learns without labels and that of no other is."""
    # The network gets no heads, whatever the recipe has for them.
    model = recipe.model.model_copy(update={"heads": None})
    images = {
        split: content_digest(
            workspace,
            competition,
            samples if split == "train" else load_samples(competition, split),
            progress=progress,
        )
        for split in sorted(recipe.unlabelled_shares)
    }
    return {
        "training_format": TRAINING_FORMAT,
        "recipe": _effective(recipe.model_copy(update={"model": model})),
        "without_labels": True,
        "reader": competition.data.reader,
        "images": images,
    }


def _named(
    workspace: Workspace,
    competition: Competition,
    recipe: Recipe,
    name: str,
    inputs: dict[str, Any],
    again: int,
    outer_fold: int | None,
) -> tuple[str, dict[str, Any]]:
    """Return the id, and `inputs` with what is hashed of every run."""
    inputs["again"] = again
    if outer_fold is not None:
        inputs["outer_fold"] = outer_fold
    inputs |= pixel_facts(competition)
    start = _start(workspace, recipe, name)
    if start is not None:
        inputs["start"] = start
    sources = _foreign_sources(workspace, competition, recipe)
    if sources:
        inputs["sources"] = sources
    return f"{name}-{short_digest(inputs)}", inputs


def pixel_facts(competition: Competition) -> dict[str, Any]:
    """Return the facts on the form of images for a run's id; {} for RGB of 8 bits."""
    pixels = competition.pixels
    if pixels.is_rgb8:
        return {}
    return {"pixels": {**asdict(pixels), "low": float(pixels.low), "high": float(pixels.high)}}


def prediction_id(
    run: str,
    *,
    checkpoint: str,
    views: Sequence[str],
    mean: str = "mean",
    contents: dict[str, str],
    masks: Mapping[str, Any] | None = None,
    labels: Mapping[str, Any] | None = None,
) -> str:
    """Return the 8 hex digits of a prediction set.

    Args:
        run: the run's id.
        checkpoint: "last" or "best".
        views: canonical names.
        mean: of the views; the usual one leaves ids as they were before there were others.
        contents: split → digest of its samples, for the splits that the run's id does not cover.
        masks: how masks are predicted and kept (frame, dtype …); None where there are none.
        labels: what is kept of labels other than all probabilities (top_k …).
    """
    facts = {
        "prediction_format": PREDICTION_FORMAT,
        "run": run,
        "checkpoint": checkpoint,
        "views": list(views),
        "contents": contents,
    }
    facts |= {} if mean == "mean" else {"tta_mean": mean}
    facts |= {} if masks is None else {"masks": dict(masks)}
    return short_digest(facts | ({"labels": dict(labels)} if labels else {}))


def _effective(recipe: Recipe) -> dict[str, Any]:
    """Return what differs from the defaults, so that a key new to podium keeps the old ids."""
    facts = recipe.model_dump(
        mode="json", by_alias=True, exclude=_WITHOUT_EFFECT, exclude_defaults=True
    )
    for phase in facts["phases"]:
        phase.pop("probe", None)  # a probe changes no weight
    for use in facts.get("pseudo", []):
        del use["from"]  # a name or an id: what it has in it is hashed
    if not facts.get("model", True):
        del facts["model"]  # only what has no effect differs from the default
    return facts


def _extra_sources(
    workspace: Workspace, competition: Competition, recipe: Recipe, progress: Progress
) -> dict[str, Any]:
    """Return the sources beside the training samples, where the recipe names any."""
    found: dict[str, Any] = {}
    if any(phase.method.name != "supervised" for phase in recipe.phases):
        found["unlabelled"] = {
            split: content_digest(
                workspace, competition, load_samples(competition, split), progress=progress
            )
            for split in sorted(recipe.unlabelled_shares.keys() - {"train"})
        }
    found["pseudo"] = pseudo_facts(workspace, recipe)
    found["imported_labels"] = label_facts(workspace, competition, recipe, progress)
    found["extra"] = extra_facts(workspace, competition, recipe, progress)
    return {name: facts for name, facts in found.items() if facts}


def _start(workspace: Workspace, recipe: Recipe, name: str) -> str | None:
    if recipe.model.from_run is not None:
        with naming_key("model.from"):
            found = workspace.artefact(recipe.model.from_run, rooms=("runs",)).name
        if recipe.model.from_run == name != found:
            raise RecipeError(
                f"model.from: {name} means the newest run of that name, which will be this one, so "
                "that the same command would not go on with it",
                fix=f"write the whole id, as model.from={found}",
            )
        return f"run {found}"
    if recipe.model.weights is not None:
        file = find_weights(recipe.model.weights, workspace.root)
        return f"file {FileDigests(workspace).of(file)}"
    return None


def _foreign_sources(
    workspace: Workspace, competition: Competition, recipe: Recipe
) -> dict[str, str]:
    """Return module → sha256 of its file, for every `module:object` that makes the weights.

    That is what the recipe names, the reader, and the metric where it chooses the weights; with
    what these import from the workspace.
    """
    named = list(extensions.strings_in(recipe.model_dump(mode="json", exclude=_WITHOUT_EFFECT)))
    named.append(competition.reader.name)
    if recipe.checkpoint == "best":
        named += extensions.strings_in(competition.metric.model_dump(mode="json"))
    return extensions.sources(named, workspace.root, error=RecipeError)


def network_sources(
    workspace: Workspace, competition: Competition, recipe: Recipe
) -> dict[str, str]:
    """Return module → sha256 of its file, for the user's own code that makes a prediction.

    That is the network's and the reader's. A run's record has them among its `sources`, as they
    were when it was trained.

    Raises:
        RecipeError: a module is missing, or is no Python.
    """
    named = [*extensions.strings_in(recipe.model.model_dump(mode="json")), competition.reader.name]
    return extensions.sources(named, workspace.root, error=RecipeError)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()

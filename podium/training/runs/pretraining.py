"""Pretraining: runs that learn from images alone, and folds that start from another run's network.

Where no phase needs labels there is nothing that a fold could hide, so `podium train` trains one
network, fold "full", on the images that the recipe's `unlabelled` names. Other runs start from it,
with `model.from`, in folds of any kind. `start_weights` returns the network that a fold starts
from; `start_facts` and `n_shared_images` return which images that network was trained on. Torch is
imported only when a method's class is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from podium.errors import RecipeError, UsageError
from podium.models.weights.files import find_weights
from podium.training.data.sampling import LABELLED
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.fold_files import Checkpoint, Fold, FoldFiles
from podium.training.runs.job import Job, drawn_share, image_digests
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress
from podium.workspace.records import RECORD_FILE, Record, is_label_free_run, read_record

__all__ = [
    "StartWeights",
    "is_label_free",
    "n_shared_images",
    "refuse_labelled_weights",
    "refuse_labels",
    "require_scores",
    "start_facts",
    "start_weights",
]


@dataclass(frozen=True)
class StartWeights:
    """The network that a fold starts from.

    Attributes:
        record: of its run.
        files: of its fold.
        rule: which of the fold's networks.
    """

    record: Record
    files: FoldFiles
    rule: Checkpoint


def start_weights(job: Job, fold: Fold) -> StartWeights:
    """Return the network that `fold` starts from, as `model.from` was resolved when the run began.

    That is the same fold's, or the only one of a run that learnt without labels.

    Raises:
        RecipeError: the run had other folds, is not trained, or learnt from labels where ours does
            not.
    """
    # A name may mean a later run by now.
    name = str(job.inputs.get("start", job.recipe.model.from_run)).removeprefix("run ")
    run = job.workspace.artefact(name, rooms=("runs",))
    record = read_record(run)
    is_label_free = is_label_free_run(record)
    if job.is_label_free and not is_label_free:
        raise RecipeError(
            f"model.from: {record.id} learnt from labels, and this run does not: whose folds "
            "started from this one would have leaked labels of their validation rows",
            fix="start from a run that learnt without labels, or put both phases into one recipe",
        )
    if not is_label_free and record.inputs.get("folds") != job.inputs["folds"]:
        raise RecipeError(
            f"model.from: {record.id} had other folds: its fold {fold} may have seen our rows",
            fix="train it again on the present folds.csv",
        )
    files = FoldFiles(run, "full" if is_label_free else fold)
    if not files.is_done:
        raise RecipeError(
            f"model.from: {files.title} is not trained to its end, and what a training that was "
            "stopped keeps is for itself alone",
            fix="name a finished run, or finish that one: its own `podium train` goes on",
        )
    theirs = load_recipe(run / "recipe.yaml").model.lora
    if theirs not in (None, job.recipe.model.lora):
        raise RecipeError(
            f"model.from: {record.id} learnt by another model.lora, and what that has learnt would "
            "be lost",
            fix="write the model.lora of its recipe",
        )
    is_last = files.fold == "full"
    rule: Checkpoint = "last" if is_last else load_recipe(run / "recipe.yaml").checkpoint
    return StartWeights(record, files, rule)


def start_facts(job: Job, fold: Fold, progress: Progress) -> dict[str, Any]:
    """Return the facts on a start from images alone for a fold's record; {} for other starts.

    `without_labels` are the runs, `images` the names of their images in the recipe, and
    `validation_images` the number of the fold's validation rows whose image is among these, with
    the present data. If there are any, it is reported.
    """
    runs = list(_label_free_ancestors(job))
    if not runs:
        return {}
    recipes = [load_recipe(run / "recipe.yaml") for run in runs]
    names = list(dict.fromkeys(name for one in recipes for name in one.unlabelled_shares))
    parts = [(one, name) for one in recipes for name in one.unlabelled_shares]
    images = pd.concat(
        [drawn_share(job.samples(name), one, name) for one, name in parts], ignore_index=True
    )
    _, valid = job.data.rows(fold)
    n_shared = n_shared_images(job, images, job.data.samples.iloc[valid], progress)
    if n_shared:
        progress.say(
            f"{job.files(fold).title} starts from {runs[0].name}, which was trained on "
            f"{n_shared:,} of its {len(valid):,} validation images, without their labels"
        )
    return {
        "without_labels": [run.name for run in runs],
        "images": names,
        "validation_images": n_shared,
    }


def _label_free_ancestors(job: Job) -> Iterator[Path]:
    """Give the runs without labels that the weights come from, the nearest first."""
    start = str(job.inputs.get("start", ""))
    while start.startswith("run "):
        try:
            run = job.workspace.artefact(start.removeprefix("run "), rooms=("runs",))
        except UsageError:
            return  # it was removed
        record = read_record(run)
        if is_label_free_run(record):
            yield run
        start = str(record.inputs.get("start", ""))


def n_shared_images(
    job: Job, unlabelled: pd.DataFrame, valid: pd.DataFrame, progress: Progress
) -> int:
    """Return how many of the samples `valid` have an image among those of `unlabelled`."""
    if not len(valid):
        return 0
    images, rows_of_fold = (
        image_digests(job.workspace, job.competition, one, progress) for one in (unlabelled, valid)
    )
    there = set(images)
    return sum(digest in there for digest in rows_of_fold)


def is_label_free(recipe: Recipe, root: Path | None = None) -> bool:
    """Return whether no phase of `recipe` learns from labels.

    Args:
        recipe: as resolved.
        root: the workspace's folder, in which a method `module:object` is looked for first.

    Raises:
        RecipeError: there is no such method.
    """
    if any(phase.method.name == "supervised" for phase in recipe.phases):
        return False
    from podium.training.fit.phase_plans import method_of

    return all(LABELLED not in method_of(phase, root).needs for phase in recipe.phases)


def refuse_labels(recipe: Recipe) -> None:
    """Raise for an option about labels in a recipe whose phases learn without labels.

    Raises:
        RecipeError: names the key.
    """
    given = [
        ("pseudo", bool(recipe.pseudo)),
        ("extra", bool(recipe.extra)),
        ("class_weights", recipe.class_weights != "none"),
        ("label_smoothing", recipe.label_smoothing > 0),
        ("sampling", recipe.sampling != "shuffle"),
        *((f"phase {phase.name}: loss", phase.loss is not None) for phase in recipe.phases),
    ]
    for key, is_given in given:
        if is_given:
            raise RecipeError(
                "no phase learns from labels, so this would teach nothing",
                where=key,
                fix="leave it out, or add a phase that learns from labels",
            )


def refuse_labelled_weights(recipe: Recipe, workspace: Workspace) -> None:
    """Raise where a recipe without labels starts from a checkpoint of a run that had some.

    Such a run is refused as `model.from`, too.

    Raises:
        RecipeError: names the run; or there is no such file.
    """
    if recipe.model.weights is None:
        return
    file = find_weights(recipe.model.weights, workspace.root).resolve()
    runs = workspace.runs.resolve()
    if not file.is_relative_to(runs):
        return
    run = runs / file.relative_to(runs).parts[0]
    if (run / RECORD_FILE).is_file() and not is_label_free_run(read_record(run)):
        raise RecipeError(
            f"these weights are of {run.name}, which learnt from labels, and this run does not: "
            "whose folds started from this one would have leaked labels of their validation rows",
            where="model.weights",
            fix="start from a run that learnt without labels, or put both phases into one recipe",
        )


def require_scores(recipe: Recipe, root: Path | None = None) -> None:
    """Raise for a recipe that is to be tried, and learns nothing that could be scored.

    Raises:
        RecipeError: no phase learns from labels.
    """
    if is_label_free(recipe, root):
        raise RecipeError(
            "trials are scored, and no phase of this recipe learns from labels",
            where="phases",
            fix="add a phase that learns from labels, or try one that starts from this run",
        )

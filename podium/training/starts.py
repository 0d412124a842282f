"""Which network of another run a fold starts from, and what that has seen (no torch here)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from podium.errors import RecipeError, UsageError
from podium.training.fold_files import Checkpoint, Fold, FoldFiles
from podium.training.job import Job, image_digests
from podium.training.recipe import load_recipe
from podium.workspace.progress import Progress
from podium.workspace.records import Record, learnt_without_labels, read_record

__all__ = ["Source", "n_shared", "source_of", "start_facts"]


@dataclass(frozen=True)
class Source:
    """The network that a fold starts from.

    Attributes:
        record: of its run.
        files: of its fold.
        rule: which of the fold's networks.
        is_label_free: whether it has no heads that could be taken over.
    """

    record: Record
    files: FoldFiles
    rule: Checkpoint
    is_label_free: bool


def source_of(job: Job, fold: Fold) -> Source:
    """Return whose network `fold` starts from, as `model.from` was understood when the run began.

    That is the same fold's, or the only one of a run that learnt without labels.

    Raises:
        RecipeError: the run had other folds, is not trained, or learnt from labels where ours does
            not.
    """
    # A name may mean a later run by now.
    name = str(job.inputs.get("start", job.recipe.model.from_run)).removeprefix("run ")
    run = job.workspace.artefact(name, rooms=("runs",))
    record = read_record(run)
    is_label_free = learnt_without_labels(record)
    if job.is_label_free and not is_label_free:
        raise RecipeError(
            f"model.from: {record.id} learnt from labels, and this run does not: whose folds "
            "started from this one would know the labels of their validation rows",
            fix="start from a run that learnt without labels, or put both phases into one recipe",
        )
    if not is_label_free and record.inputs.get("folds") != job.inputs["folds"]:
        raise RecipeError(
            f"model.from: {record.id} had other folds, so its fold {fold} may know our rows",
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
    return Source(record, files, rule, is_label_free)


def start_facts(job: Job, fold: Fold, progress: Progress) -> dict[str, Any]:
    """Return what a fold's record says of a start from images alone; nothing of other starts.

    `without_labels` are the runs, `images` the names that they knew their images by, and
    `validation_images` how many of the fold's validation rows have their image among these, as
    data are now. Where there are some, it is said.
    """
    runs = list(_label_free_ancestors(job))
    if not runs:
        return {}
    recipes = [load_recipe(run / "recipe.yaml") for run in runs]
    names = list(dict.fromkeys(name for one in recipes for name in one.unlabelled))
    seen = pd.concat([job.samples(name) for name in names], ignore_index=True)
    _, valid = job.data.rows(fold)
    n_known = n_shared(job, seen, job.data.samples.iloc[valid], progress)
    if n_known:
        progress.say(
            f"{job.files(fold).title} starts from {runs[0].name}, which has seen {n_known:,} of "
            f"its {len(valid):,} validation images, without their labels"
        )
    return {
        "without_labels": [run.name for run in runs],
        "images": names,
        "validation_images": n_known,
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
        if learnt_without_labels(record):
            yield run
        start = str(record.inputs.get("start", ""))


def n_shared(job: Job, unlabelled: pd.DataFrame, valid: pd.DataFrame, progress: Progress) -> int:
    """Return how many of the samples `valid` have an image among those of `unlabelled`."""
    if not len(valid):
        return 0
    seen, judged = (
        image_digests(job.workspace, job.competition, one, progress) for one in (unlabelled, valid)
    )
    there = set(seen)
    return sum(digest in there for digest in judged)

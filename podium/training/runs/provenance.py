"""Provenance of runs: the labels in the weights that a fold starts from, and those it ends with.

A fold whose start weights learnt the label of a row that it validates would score its memory, so it
is refused before its first epoch. Weights that are published (a hub's, a package's, torchvision's)
are taken as free of the competition's labels; of other files without a block nobody knows, and the
scores of what starts from them are marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from podium.competition.spec import Competition
from podium.errors import RecipeError, RunError, plural
from podium.models import checkpoints
from podium.models.trained_on import TRAINED_ON, TrainedOn, row_digest
from podium.models.weights.files import find_weights, is_published
from podium.tasks.protocols.names import has_images
from podium.training.data.extra import extra_samples
from podium.training.pseudo.tables import open_pseudo
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Job, image_digests
from podium.training.runs.pretraining import start_weights
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import UNKNOWN_START

__all__ = [
    "has_unknown_start",
    "mark_other_files",
    "refuse_trained_oof",
    "refuse_trained_rows",
    "trained_on",
    "trained_on_before",
]


def refuse_trained_rows(
    job: Job, folds: Sequence[Fold], before: TrainedOn, progress: Progress
) -> None:
    """Raise where the weights that `folds` start from learnt labels of rows that these validate.

    Args:
        job: of the folds.
        folds: that start from the same weights.
        before: what these weights learnt.
        progress: gets a bar while images are read for the first time.

    Raises:
        RecipeError: names the weights, the fold, the number of rows and one of them.
    """
    if not before.images:
        return
    model = job.recipe.model
    digests = np.array(image_digests(job.workspace, job.competition, job.data.samples, progress))
    for fold in folds:
        if fold == "full":
            continue
        _, valid = job.data.rows(fold)
        shared = [row for row in valid if before.holds(digests[row])]
        if shared:
            raise RecipeError(
                f"{model.weights or model.from_run} learnt the labels of {len(shared):,} of the "
                f"{plural(len(valid), 'row')} that fold {fold} validates, "
                f"{job.data.samples['id'].iloc[shared[0]]} among them: the score would be of what "
                "it remembers",
                where="model.weights" if model.weights else "model.from",
                fix="write model.from with the run's id: each fold then starts from the network of "
                "its own fold; or start from weights without these labels",
            )


def mark_other_files(
    job: Job, fold: Fold, before: TrainedOn, progress: Progress = SILENT
) -> TrainedOn:
    """Return `before`, as unknown where it learnt rows that `fold` validates from other files.

    So it is where the weights come from the same data at another size or in another format: ids and
    labels agree, and no file does. That is likely and not sure, so scores are marked.

    Args:
        job, fold: of the training.
        before: what the weights learnt that the fold starts from.
        progress: gets a sentence that names the weights and the number of rows.
    """
    if not before.rows or fold == "full":
        return before
    own = _row_digests(job, job.data.samples)
    _, valid = job.data.rows(fold)
    learnt = sum(own[row] in before.rows for row in valid)
    if not learnt or not before.has_rows_of([one for one in own if one]):
        return before
    model = job.recipe.model
    progress.say(
        f"fold {fold} of {job.run.name}: {model.weights or model.from_run} learnt rows with the id "
        f"and the label of {learnt:,} of the {len(valid):,} that it validates, from other files: "
        "if these are the same data at another size or in another format, the score is of what it "
        "remembers; it is marked"
    )
    return replace(before, is_known=False)


def _row_digests(job: Job, samples: pd.DataFrame) -> list[bytes]:
    """Return the digest of each row's id and label; b"" where labels are not learnt or missing."""
    if not has_images(job.tasks):
        return [b""] * len(samples)
    labels = map(partial(_label, job.competition), samples["label"])
    return [
        b"" if label is None else row_digest(str(name), label)
        for name, label in zip(samples["id"], labels, strict=True)
    ]


def _label(competition: Competition, label: Any) -> str | None:
    """Return a label by the names of its classes, which another workspace has in another order."""
    if label is None or (isinstance(label, float) and np.isnan(label)):
        return None
    kind, classes = competition.kind, competition.classes
    if kind.is_continuous:
        return str(np.round(np.asarray(label, np.float64), 4).tolist())
    if isinstance(label, np.ndarray):
        return str(sorted(classes[i] for i in np.flatnonzero(label == 1)))
    return str(classes[int(label)] if 0 <= int(label) < len(classes) else int(label))


def refuse_trained_oof(
    job: Job, fold: Fold, rows: pd.DataFrame, learnt: TrainedOn, progress: Progress
) -> None:
    """Raise where a network learnt labels of rows that it would predict out of fold.

    So it is where the files of a fold were copied into the folder of another one: their digests
    are right, and they are in the wrong place.

    Args:
        job, fold: of the folder that the network was read from.
        rows: samples of the fold.
        learnt: as the network's own file has it.
        progress: gets a bar while images are read for the first time.

    Raises:
        RunError: names the fold, the number of rows and one of them.
    """
    if not learnt.images:  # nothing is held: no image need be read
        return
    digests = image_digests(job.workspace, job.competition, rows, progress)
    held = [row for row, one in enumerate(digests) if learnt.holds(one)]
    if not held:
        return
    # A picture may stand in train and in the fold where that is allowed, or it is of one value.
    train, _ = job.data.rows(fold)
    own = TrainedOn.of_digests(
        one
        for table in [job.data.samples.iloc[train], *extra_samples(job).values()]
        for one in image_digests(job.workspace, job.competition, table, progress)
    )
    wrong = [row for row in held if not own.holds(digests[row])]
    if wrong:
        raise RunError(
            f"this network learnt the labels of {len(wrong):,} of the {plural(len(rows), 'row')} "
            "of fold "
            f"{fold}, {rows['id'].iloc[wrong[0]]} among them: it is of another fold or run",
            where=job.weights(fold),
            fix="copy the fold's own folder back, or remove it and train it again",
        )


def trained_on_before(job: Job, fold: Fold) -> TrainedOn:
    """Return what the weights learnt that a fold starts from; nothing where these are random.

    Raises:
        RecipeError: there are no such weights.
    """
    model = job.recipe.model
    if model.from_run is not None:
        start = start_weights(job, fold)
        state = checkpoints.load(start.files.checkpoint(start.rule)).get(TRAINED_ON)
        return TrainedOn.from_facts(state) or TrainedOn(is_known=False)
    if model.weights is None:
        return TrainedOn()
    found = checkpoints.read_trained_on(find_weights(model.weights, job.workspace.root))
    return TrainedOn() if not found.is_known and is_published(model.weights) else found


def trained_on(job: Job, fold: Fold, before: TrainedOn, progress: Progress) -> TrainedOn:
    """Return what the network of a fold has learnt at its end, with `before`, its start weights'.

    Raises:
        RecipeError: there are no such extra samples.
    """
    if job.is_label_free:
        return before
    train, _ = job.data.rows(fold)
    tables = [job.data.samples.iloc[train], *extra_samples(job).values()]
    digests = [
        one
        for table in tables
        for one in image_digests(job.workspace, job.competition, table, progress)
    ]
    rows = filter(None, _row_digests(job, job.data.samples.iloc[train]))
    return before | _teachers(job) | TrainedOn.of_digests(digests, rows)


def has_unknown_start(job: Job, fold: Fold) -> bool:
    """Return whether nobody knows what the start of a fold learnt, or the teachers of its labels.

    Raises:
        RecipeError: as `trained_on_before`.
    """
    before = mark_other_files(job, fold, trained_on_before(job, fold))
    return not (before | _teachers(job)).is_known


def _teachers(job: Job) -> TrainedOn:
    taught = [open_pseudo(job.workspace, use.artefact).record for use in job.recipe.pseudo]
    return TrainedOn(is_known=not any(UNKNOWN_START in one.details for one in taught))

"""The labels that people gave on request (`podium label import`), as rows of a fold's training.

They are rows of every fold's training and are never validated. A label of an image that a fold
holds out, or of one that is equal to it by content, or of its group or its unit, stays out of that
fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.annotator_labels import annotated_samples
from podium.tasks.protocols.names import IMAGES, TaskName, has_images
from podium.training.data.rows import SampleRows, rows_of, with_strata_of_masks
from podium.training.recipe import Recipe
from podium.training.runs.content import content_digest
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Job, image_digests, predicted_tasks
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress

if TYPE_CHECKING:
    from podium.training.pseudo.selection import FoldPseudoLabels

__all__ = ["LabelRows", "label_facts", "label_rows"]


@dataclass(frozen=True)
class LabelRows:
    """The labels on request that a fold is trained on.

    Attributes:
        parts: their rows, in at most one part.
        ids: of the images.
        digests: their contents.
        left_out: number of labels that are not used, because their images belong to held-out rows.
    """

    parts: tuple[SampleRows, ...] = ()
    ids: frozenset[str] = field(default_factory=frozenset)
    digests: frozenset[str] = field(default_factory=frozenset)
    left_out: int = 0

    def without(self, samples: pd.DataFrame) -> pd.DataFrame:
        """Return the unlabelled `samples` without those whose label on request is used."""
        if not self.ids:
            return samples
        return samples[~samples["id"].isin(list(self.ids))].reset_index(drop=True)

    def within(self, samples: pd.DataFrame) -> pd.DataFrame:
        """Return the unlabelled `samples` whose label on request is used."""
        return samples[samples["id"].isin(list(self.ids))].reset_index(drop=True)

    def unanswered(self, taught: Sequence[FoldPseudoLabels]) -> list[FoldPseudoLabels]:
        """Return what pseudo-labels teach, without images of which a person gave the label."""
        if not self.digests:
            return list(taught)
        return [replace(one, kept=_kept(one, self.digests)) for one in taught]


def label_rows(job: Job, fold: Fold, progress: Progress) -> LabelRows:
    """Return the labels on request that `fold` is trained on; none where the recipe uses none.

    Raises:
        DataError: a labelled image changed, or its label is no class any more.
    """
    samples = _labelled_samples(job.workspace, job.competition, job.recipe, progress)
    if not len(samples):
        return LabelRows()
    digests = image_digests(job.workspace, job.competition, samples, progress)
    is_open = ~_leaks_held_out(job, fold, samples, digests, progress)
    left_out = int((~is_open).sum())
    if left_out:
        progress.say(
            f"{job.files(fold).title}: labels left out, because their images, groups or "
            f"units are those of rows that the fold holds out: {left_out:,}"
        )
    samples = samples[is_open].reset_index(drop=True)
    if not len(samples):
        return LabelRows(left_out=left_out)
    rows = rows_of(job, samples, progress)
    rows = with_strata_of_masks(rows, samples, job, progress)
    used = [digest for digest, is_in in zip(digests, is_open, strict=True) if is_in]
    return LabelRows((rows,), frozenset(samples["id"]), frozenset(used), left_out)


def label_facts(
    workspace: Workspace, competition: Competition, recipe: Recipe, progress: Progress
) -> dict[str, Any]:
    """Return the facts on labels on request for a run's id and record; {} for none."""
    samples = _labelled_samples(workspace, competition, recipe, progress)
    if not len(samples):
        return {}
    tasks: tuple[TaskName, ...] = (IMAGES,)
    content = content_digest(workspace, competition, samples, answers=tasks, progress=progress)
    return {"samples": len(samples), "content": content}


def _labelled_samples(
    workspace: Workspace, competition: Competition, recipe: Recipe, progress: Progress
) -> pd.DataFrame:
    is_asked = recipe.imported_labels and has_images(predicted_tasks(recipe, competition))
    return annotated_samples(workspace, competition, progress) if is_asked else pd.DataFrame()


def _leaks_held_out(
    job: Job, fold: Fold, samples: pd.DataFrame, digests: Sequence[str], progress: Progress
) -> NDArray[np.bool_]:
    """Return which `samples` are, or belong with, a row that `fold` holds out."""
    held = _held_out(job, fold)
    pictures = set(image_digests(job.workspace, job.competition, held, progress))
    leaks = np.array([one in pictures for one in digests], dtype=bool)
    for column in ("group", "unit"):
        named = {str(one) for one in held[column] if not pd.isna(one) and one != ""}
        same = samples[column].astype(str).isin(named) & samples[column].notna()
        if column == "unit":  # unnamed, it is the id, and two parts of the data may number alike
            same &= samples["unit"] != samples["id"]
        leaks |= same.to_numpy(dtype=bool)
    return leaks


def _held_out(job: Job, fold: Fold) -> pd.DataFrame:
    """Return the labelled rows that `fold` does not train on.

    They are its own; of folds in time also what comes later; and of a run that has an outer fold
    the rows of that, which are not among the run's samples.
    """
    samples = job.data.samples
    train, _ = job.data.rows(fold)
    learnt = samples["id"].iloc[train]
    if "outer_fold" in job.inputs:
        samples = load_samples(job.competition, "train", workspace=job.workspace)
    return samples[~samples["id"].isin(learnt)]


def _kept(taught: FoldPseudoLabels, answered: frozenset[str]) -> NDArray[np.int64]:
    digests = taught.labels.items.digests
    return np.array([row for row in taught.kept if digests[row] not in answered], dtype=np.int64)

"""What people labelled on request, as rows to learn from: in every fold's training, never judged.

An answer that tells of a row which a fold does not learn from stays out of that fold: an image
equal to it by content, or of its group, or its unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.label_answers import answered_samples
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, TaskName
from podium.training.fold_files import Fold
from podium.training.job import Job, answered_tasks, image_digests
from podium.training.recipe import Recipe
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress

if TYPE_CHECKING:
    from podium.training.pseudo_rows import Taught
    from podium.training.rows import Rows

__all__ = ["LabelRows", "label_facts", "label_rows"]


@dataclass(frozen=True)
class LabelRows:
    """The answers that a fold learns from.

    Attributes:
        parts: their rows, in at most one part.
        ids: of the images.
        digests: their contents.
        left_out: how many answers are not learnt from, because they tell of rows held out.
    """

    parts: tuple[Rows, ...] = ()
    ids: frozenset[str] = field(default_factory=frozenset)
    digests: frozenset[str] = field(default_factory=frozenset)
    left_out: int = 0

    def without(self, samples: pd.DataFrame) -> pd.DataFrame:
        """Return the unlabelled `samples` of which nobody gave the label that is learnt."""
        if not self.ids:
            return samples
        return samples[~samples["id"].isin(list(self.ids))].reset_index(drop=True)

    def within(self, samples: pd.DataFrame) -> pd.DataFrame:
        """Return the unlabelled `samples` of which somebody gave the label that is learnt."""
        return samples[samples["id"].isin(list(self.ids))].reset_index(drop=True)

    def unanswered(self, taught: Sequence[Taught]) -> list[Taught]:
        """Return what pseudo-labels teach, without images of which a person gave the label."""
        if not self.digests:
            return list(taught)
        return [replace(one, kept=_kept(one, self.digests)) for one in taught]


def label_rows(job: Job, fold: Fold, progress: Progress) -> LabelRows:
    """Return the answers that `fold` learns from; none where the recipe wants none.

    Raises:
        DataError: an answered image changed, or an answer is no class any more.
    """
    from podium.training.training_rows import rows_of, with_strata_of_masks

    samples = _answered(job.workspace, job.competition, job.recipe, progress)
    if not len(samples):
        return LabelRows()
    digests = image_digests(job.workspace, job.competition, samples, progress)
    is_open = ~_tells_of_held_out(job, fold, samples, digests, progress)
    left_out = int((~is_open).sum())
    if left_out:
        progress.say(
            f"{job.files(fold).title}: answers not learnt from, because their images, groups or "
            f"units are those of rows that the fold holds out: {left_out:,}"
        )
    samples = samples[is_open].reset_index(drop=True)
    if not len(samples):
        return LabelRows(left_out=left_out)
    rows = rows_of(job, samples, progress)
    rows = with_strata_of_masks(rows, samples, job, progress)
    learnt = [digest for digest, is_in in zip(digests, is_open, strict=True) if is_in]
    return LabelRows((rows,), frozenset(samples["id"]), frozenset(learnt), left_out)


def label_facts(
    workspace: Workspace, competition: Competition, recipe: Recipe, progress: Progress
) -> dict[str, Any]:
    """Return what a run's id and record say of the answers it learns from; {} for none."""
    from podium.training.identity import content_digest

    samples = _answered(workspace, competition, recipe, progress)
    if not len(samples):
        return {}
    said: tuple[TaskName, ...] = ("classify",)
    content = content_digest(workspace, competition, samples, answers=said, progress=progress)
    return {"samples": len(samples), "content": content}


def _answered(
    workspace: Workspace, competition: Competition, recipe: Recipe, progress: Progress
) -> pd.DataFrame:
    is_asked = recipe.imported_labels and "classify" in answered_tasks(recipe, competition)
    return answered_samples(workspace, competition, progress) if is_asked else pd.DataFrame()


def _tells_of_held_out(
    job: Job, fold: Fold, samples: pd.DataFrame, digests: Sequence[str], progress: Progress
) -> NDArray[np.bool_]:
    """Return which `samples` are known to be, or to belong with, a row that `fold` holds out."""
    held = _held_out(job, fold)
    pictures = set(image_digests(job.workspace, job.competition, held, progress))
    tells = np.array([one in pictures for one in digests], dtype=bool)
    for column in ("group", "unit"):
        named = {str(one) for one in held[column] if not pd.isna(one) and one != ""}
        same = samples[column].astype(str).isin(named) & samples[column].notna()
        if column == "unit":  # unnamed, it is the id, and two parts of the data may number alike
            same &= samples["unit"] != samples["id"]
        tells |= same.to_numpy(dtype=bool)
    return tells


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


def _kept(taught: Taught, answered: frozenset[str]) -> NDArray[np.int64]:
    digests = taught.labels.items.digests
    return np.array([row for row in taught.kept if digests[row] not in answered], dtype=np.int64)

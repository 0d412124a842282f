"""Pools: the samples that a fold's training may use, labelled and unlabelled.

The labelled pool holds the fold's training rows, extra images, pseudo-labels and labels on request;
the unlabelled pool holds the same and other images without their labels.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from podium.competition.samples import truth
from podium.errors import RecipeError, plural
from podium.tasks.protocols.names import IMAGES, has_images
from podium.training.data.extra import extra_rows
from podium.training.data.labels_on_request import LabelRows, label_rows
from podium.training.data.rows import SampleRows, concatenated, rows_of, with_tiles
from podium.training.data.sampling import LABELLED, UNLABELLED, Pool
from podium.training.method import PseudoLabelEvaluator
from podium.training.pseudo.selection import fold_pseudo_labels, pseudo_rows, validation_images
from podium.training.recipe import UnlabelledName
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Job
from podium.training.runs.pretraining import n_shared_images
from podium.workspace.progress import Progress

__all__ = ["FoldPools", "fold_pools", "image_pools"]


@dataclass(frozen=True)
class FoldPools:
    """The pools of one fold's training.

    Attributes:
        rows: by pool; UNLABELLED is there where a phase needs it, and LABELLED but for runs that
            learn from images alone.
        sources: `(N,)`: of each unlabelled sample, which part of the data it is of.
        truth: `(N,)` classes of the unlabelled samples, -1 where unknown: to measure
            pseudo-labels by, never to learn from; None where they are no classes.
        facts: number of samples of each kind, and of each artefact of pseudo-labels, for the
            record.
    """

    rows: dict[Pool, SampleRows]
    sources: list[str] = field(default_factory=list)
    truth: NDArray[np.int64] | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def evaluator(self) -> PseudoLabelEvaluator | None:
        """Evaluator of pseudo-labels; the fold's own labelled samples are not measured.

        None where no label of an unlabelled sample is known.
        """
        if self.truth is None:
            return None
        truth = np.where(np.asarray(self.sources) == "train", -1, self.truth)
        return PseudoLabelEvaluator(torch.from_numpy(truth)) if (truth >= 0).any() else None


def fold_pools(
    job: Job, fold: Fold, every: SampleRows, needs: Collection[Pool], progress: Progress
) -> FoldPools:
    """Return the pools of `fold`.

    The labels of the fold's validation rows are in none of them. Their images may be among the
    unlabelled ones, where the user put them there, and then are counted.

    Args:
        job: the run.
        fold: which.
        every: all training samples, as `training_rows` returns them.
        needs: the pools of the methods of the recipe's phases.
        progress: gets bars while images are decoded.

    Raises:
        RecipeError: a method needs unlabelled images, and there are none.
        DataError: a validation row of the fold would be learnt.
    """
    train, valid = job.data.rows(fold)
    own = every.subset(train)
    imported = label_rows(job, fold, progress)
    taught = imported.unanswered(fold_pseudo_labels(job, fold))
    extra, pseudo = extra_rows(job, fold, progress), pseudo_rows(taught, progress)
    labelled = concatenated([own, *imported.parts, *extra, *pseudo])
    facts: dict[str, Any] = {
        "labelled": len(own),
        "imported_labels": sum(map(len, imported.parts)),
        "imported_labels_left_out": imported.left_out,
        "extra": sum(map(len, extra)),
        "pseudo": sum(map(len, pseudo)),
        "pseudo_validation_images": validation_images(taught),
        "pseudo_artefacts": [one.facts() for one in taught],
    }
    facts = {name: fact for name, fact in facts.items() if fact}
    foreground = job.recipe.input.foreground
    rows: dict[Pool, SampleRows] = {
        LABELLED: with_tiles(labelled, job, progress, foreground=foreground)
    }
    if UNLABELLED not in needs:
        return FoldPools(rows, facts=facts)
    parts = _unlabelled(job, own, train, imported, progress)
    samples = pd.concat([part for _, _, part in parts], ignore_index=True)
    pool = concatenated([one for _, one, _ in parts])
    rows[UNLABELLED] = with_tiles(pool, job, progress)
    n_shared = n_shared_images(job, samples, job.data.samples.iloc[valid], progress)
    if n_shared:
        title = job.files(fold).title
        progress.say(
            f"{title}: {n_shared:,} of its {len(valid):,} validation images are among the "
            "unlabelled ones; training uses them without their labels"
        )
    return FoldPools(
        rows,
        [name for name, one, _ in parts for _ in range(len(one))],
        _truth(job, samples),
        {**facts, "unlabelled": len(pool), "validation_images": n_shared},
    )


def image_pools(job: Job, progress: Progress) -> FoldPools:
    """Return the one pool of a run that learns from images alone: all that `unlabelled` names.

    Labels on request change nothing.

    Raises:
        RecipeError: there is none.
    """
    parts: list[tuple[str, SampleRows]] = []
    for name in job.recipe.unlabelled_shares:
        samples = _unlabelled_samples(job, name, progress)
        if len(samples):
            rows = rows_of(job, samples, progress, answers=False)
            parts.append((name, without_labels(rows)))
    if not parts:
        raise _no_image(job)
    pool = concatenated([rows for _, rows in parts])
    images = {name: len(rows) for name, rows in parts}
    return FoldPools(
        {UNLABELLED: with_tiles(pool, job, progress)},
        [name for name, rows in parts for _ in range(len(rows))],
        facts={"unlabelled": len(pool), "images": images},
    )


def _unlabelled(
    job: Job, own: SampleRows, train: NDArray[np.int64], imported: LabelRows, progress: Progress
) -> list[tuple[str, SampleRows, pd.DataFrame]]:
    """Return the parts of the unlabelled pool: name, rows without labels, samples.

    Labelled samples are in it where the recipe names train, and so are labels on request: once,
    as an unlabelled image of the data, or, where those are not named, beside train.
    """
    parts: list[tuple[str, SampleRows, pd.DataFrame]] = []
    named = tuple(job.recipe.unlabelled_shares)
    for name in named:
        if name == "train":
            if len(own):
                parts.append((name, without_labels(own), job.data.samples.iloc[train]))
            if "unlabelled" not in named:
                for one in imported.parts:
                    answered = imported.within(job.samples("unlabelled"))
                    parts.append((name, without_labels(one), answered))
            continue
        samples = _unlabelled_samples(job, name, progress)
        if name == "unlabelled" and "train" not in named:
            samples = imported.without(samples)
        if len(samples):
            parts.append((name, rows_of(job, samples, progress, answers=False), samples))
    if not parts:
        raise _no_image(job)
    return parts


def _unlabelled_samples(job: Job, name: UnlabelledName, progress: Progress) -> pd.DataFrame:
    """Return the samples of a name in the recipe's `unlabelled:`; report where a share is drawn."""
    samples, share = job.unlabelled(name), job.recipe.unlabelled_shares[name]
    if share < 1:
        progress.say(
            f"{len(samples):,} of {plural(len(job.samples(name)), 'image')} of {name} are learnt "
            "from without labels: a share of "
            f"{share:g}, drawn by seed {job.recipe.seed}"
        )
    return samples


def _no_image(job: Job) -> RecipeError:
    searched = ", ".join(job.recipe.unlabelled_shares) or "an empty list"
    return RecipeError(
        f"there is no image to learn from without labels in {searched}",
        where="unlabelled",
        fix="name them in data.unlabelled of competition.yaml, or write unlabelled: [train]",
    )


def without_labels(rows: SampleRows) -> SampleRows:
    """Return the same images, without labels and masks."""
    return replace(
        rows,
        target={},
        weight=np.ones(len(rows), dtype=np.float32),
        strata=None,
        masks=None,
        answered={},
        empty=None,
        tiles=None,
    )


def _truth(job: Job, samples: pd.DataFrame) -> NDArray[np.int64] | None:
    if not (has_images(job.tasks) and job.kinds[IMAGES].is_one_class):
        return None
    known = samples["label"].notna().to_numpy()
    right = np.full(len(samples), -1, dtype=np.int64)
    if known.any():
        right[known] = truth(samples[known], job.competition)
    return right

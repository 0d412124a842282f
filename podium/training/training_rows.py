"""The samples of a run as rows: images, masks, answers, and what their sampling asks for."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.cache import Masks, open_images, open_masks
from podium.competition.checks.mask_facts import read_mask_facts
from podium.competition.samples import truth
from podium.competition.spec import Competition
from podium.errors import RecipeError
from podium.training.crops import Places, Tiles, find_places
from podium.training.job import Job, cached_side, image_paths
from podium.training.rows import Rows
from podium.training.targets import MaskForm
from podium.workspace.cores import n_cores
from podium.workspace.progress import Progress

__all__ = [
    "labels_of",
    "mask_form",
    "rows_of",
    "targets_of",
    "training_rows",
    "with_strata_of_masks",
    "with_tiles",
]


def training_rows(job: Job, progress: Progress) -> Rows:
    """Return all training samples, with the answers to the tasks that the network has heads for."""
    rows = rows_of(job, job.data.samples, progress)
    return with_strata_of_masks(rows, job.data.samples, job, progress)


def rows_of(job: Job, samples: pd.DataFrame, progress: Progress, *, answers: bool = True) -> Rows:
    """Return `samples` as rows.

    Args:
        job: whose competition and input size.
        samples: as `load_samples` returns them.
        progress: gets a bar while images and masks are decoded for the first time.
        answers: whether what they say counts; without, no label and no mask is looked at, and the
            rows have the form of masks and not one of them.
    """
    competition, side = job.competition, cached_side(job.recipe.input)
    paths = image_paths(samples)
    rows = Rows(
        images=open_images(job.workspace, competition, paths, shorter_side=side, progress=progress),
        at=np.arange(len(samples)),
        ids=list(samples["id"]),
        target={},
        weight=samples["weight"].to_numpy(dtype=np.float32),
    )
    if not answers:
        return replace(rows, form=mask_form(competition) if "segment" in job.tasks else None)
    if "classify" in job.tasks:
        rows = _with_labels(rows, samples, job)
    if "segment" in job.tasks:
        masks = open_masks(
            job.workspace, competition, samples, shorter_side=side, progress=progress
        )
        rows = _with_masks(rows, masks, samples, competition)
    return rows


def mask_form(competition: Competition) -> MaskForm:
    """Return what the masks of a competition look like."""
    return MaskForm(competition.mask_kind, competition.outputs("segment"))


def labels_of(job: Job) -> NDArray[Any] | None:
    """Return the labels of all samples as metrics want them; None where nothing answers them."""
    return truth(job.data.samples, job.competition) if "classify" in job.tasks else None


def _with_labels(rows: Rows, samples: pd.DataFrame, job: Job) -> Rows:
    competition = job.competition
    answers = truth(samples, competition)
    is_known = samples["label"].notna().to_numpy()
    if competition.open_set is not None:
        is_known = answers >= 0  # nothing is learnt of what is no class
    return replace(
        rows,
        target={"classify": targets_of(job, answers)},
        answered=_and(rows, "classify", is_known),
        strata=None if competition.kind == "regression" else answers,
    )


def targets_of(job: Job, answers: NDArray[Any]) -> NDArray[Any]:
    """Return what is learnt of labels `answers`, which are as metrics want them."""
    if job.link is not None:
        return job.link.targets(answers)
    return answers if job.competition.kind == "multiclass" else answers.astype(np.float32)


def _with_masks(rows: Rows, masks: Masks, samples: pd.DataFrame, competition: Competition) -> Rows:
    return replace(
        rows,
        masks=masks,
        form=mask_form(competition),
        answered=_and(rows, "segment", samples["mask"].notna().to_numpy()),
    )


def _and(rows: Rows, task: str, known: NDArray[np.bool_]) -> Mapping[str, NDArray[np.bool_]]:
    return {**rows.answered, task: known}


def with_strata_of_masks(rows: Rows, samples: pd.DataFrame, job: Job, progress: Progress) -> Rows:
    """Return the rows of `samples` with what their masks show, where the sampling asks for it."""
    recipe, competition = job.recipe, job.competition
    if "segment" not in job.tasks:
        if recipe.empty_share is not None:
            raise RecipeError("empty_share is about masks, and the network has no head for them")
        return rows
    if not job.balances_masks and recipe.empty_share is None:
        return rows
    facts = read_mask_facts(job.workspace, competition, samples, progress=progress)
    is_known = ~np.isnan(facts.coverage)
    return rows.with_shown(facts.has_class, is_known, balanced=job.balances_masks)


def with_tiles(rows: Rows, job: Job, progress: Progress, *, foreground: float = 0.0) -> Rows:
    """Return the rows seen in windows where the recipe says `fit: tile`, else as they are.

    Args:
        rows: as `training_rows` returns them, or some of them.
        job: whose recipe says the windows' size.
        progress: gets a bar while masks are looked at.
        foreground: share of the windows that look for a pixel of a mask class.
    """
    if job.recipe.input.fit != "tile":
        return rows
    return replace(
        rows,
        tiles=Tiles(
            job.recipe.input.height_width,
            [rows.size(row) for row in range(len(rows))],
            foreground,
            _places(rows, progress) if foreground > 0 else (),
        ),
    )


def _places(rows: Rows, progress: Progress) -> list[Places | None]:
    """Return where the classes of each row's mask lie; each mask is read once."""
    if rows.masks is None:
        raise RecipeError(
            "foreground is where masks are, and the network has no head for them",
            where="input.foreground",
        )

    def look(row: int) -> Places | None:
        mask = rows.whole_mask(row)
        return None if mask is None else find_places(mask, rows.ids[row])

    found: list[Places | None] = []
    with (
        progress.bar("looking for foreground", len(rows)) as advance,
        ThreadPoolExecutor(n_cores()) as pool,
    ):
        for places in pool.map(look, range(len(rows))):
            found.append(places)
            advance(1)
    return found

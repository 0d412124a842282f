"""Scores of plain decisions on a fold's masks: counts of pixels and sums, cached for later.

The counts of an image are enough for every metric of masks, so the masks are read once a fold. A
metric of objects or volumes has its own sums of each image or volume, or, where it has none, is
computed from the objects of all folds together.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.scores.sum_scorer import SumScorer
from podium.competition.truths.instances import Instances
from podium.competition.truths.masks import truth_masks
from podium.competition.truths.objects import truth_instances
from podium.competition.truths.volumes import volume_of, volumes_of
from podium.errors import DAMAGED_CACHE
from podium.predictions.decisions.masks import decide_mask, decide_masks, default_mask_steps
from podium.predictions.decisions.objects import decide_instances
from podium.predictions.store.masks import MaskFold, grey_values
from podium.predictions.store.writing import fold_folder
from podium.tasks.protocols.names import PIXELS
from podium.training.runs.job import Job
from podium.workspace import digests
from podium.workspace.atomic import replacing
from podium.workspace.ids import short_digest

__all__ = ["FoldCounts", "FoldObjects", "fold_counts", "fold_objects", "fold_sums"]

_FORMAT = 3
"""Raised when decisions or counts change."""


@dataclass(frozen=True)
class FoldCounts:
    """Counts of the images of one fold that have a mask.

    Attributes:
        ids: `(N,)`.
        counts: `(N, K, 4)`, as `metrics.mask_counts` has them.
    """

    ids: list[str]
    counts: NDArray[np.int64]


def fold_counts(job: Job, predictions: str, fold: int) -> FoldCounts:
    """Return the counts of the out-of-fold masks of `fold`, decided by argmax or a half.

    The run's id covers the true masks and the set's id the frame, but not the predictions: a run
    that is made again may have others.
    """
    kept = job.workspace.cache / "mask-counts" / f"{_key(job, predictions, fold)}.npz"
    found = _read(kept)
    if found is not None:
        return found
    counted = _count(job, job.run / "predictions" / predictions, fold)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with replacing(kept, digest=True) as temporary, temporary.open("wb") as file:
        np.savez(file, ids=np.array(counted.ids, dtype=str), counts=counted.counts)
    return counted


def _key(job: Job, predictions: str, fold: int) -> str:
    """Return what the counts or sums of a fold's masks are kept under."""
    content = digests.content_of(
        fold_folder(job.run / "predictions" / predictions, "oof", PIXELS, fold)
    )
    return f"{job.run.name}-{predictions}-{fold}-{content}-v{_FORMAT}"


def _count(job: Job, root: Path, fold: int) -> FoldCounts:
    kind, n_outputs = job.competition.mask_kind, job.competition.outputs(PIXELS)
    masks, samples = _fold_of(job, root, fold)
    truths = truth_masks(job.competition, samples)
    decided = decide_masks(masks, default_mask_steps(kind), kind)
    ids: list[str] = []
    counts: list[NDArray[Any]] = []
    for truth, (one, mask) in zip(truths, decided, strict=True):
        if truth is not None:
            ids.append(one)
            counts.append(metrics.mask_counts(truth, mask, kind=kind, n_outputs=n_outputs))
    # A fold of which no image has a mask is pooled with others as well.
    n_rows = 2 if kind.is_yes_no else n_outputs
    return FoldCounts(ids, np.array(counts, dtype=np.int64).reshape(-1, n_rows, 4))


def fold_sums(job: Job, predictions: str, fold: int) -> NDArray[Any]:
    """Return the metric's sums `(n, S)` of objects or volumes of `fold`, decided plainly.

    Of a metric of probabilities, those of the predicted probabilities.

    Rows are the images that have a mask, or the volumes of slices that have.

    Raises:
        DataError: as the metric; or slices of a volume have different sizes.
    """
    competition = job.competition
    scorer = SumScorer.of_competition(competition)
    facts = [metrics.facts_of(competition), str(competition.frame)]
    name = f"{_key(job, predictions, fold)}-{short_digest(facts)}.npy"
    kept = job.workspace.cache / "mask-sums" / name
    with suppress(*DAMAGED_CACHE):  # none yet, or damaged: it is made again
        if not digests.is_damaged(kept):
            return np.asarray(np.load(kept, allow_pickle=False))
    root = job.run / "predictions" / predictions
    if scorer.metric.scores_volumes:
        sums = _volume_sums(job, root, fold, scorer)
    elif scorer.metric.scores_probs:
        sums = _sums_of_probs(job, root, fold, scorer)
    else:
        sums = _object_sums(fold_objects(job, predictions, fold), scorer)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with replacing(kept, digest=True) as temporary, temporary.open("wb") as file:
        np.save(file, sums)
    return sums


@dataclass(frozen=True)
class FoldObjects:
    """True and decided objects of the images of one fold that have a mask, all in memory."""

    truths: list[Instances]
    predictions: list[Instances]


def fold_objects(job: Job, predictions: str, fold: int) -> FoldObjects:
    """Return the objects of the out-of-fold masks of `fold`, decided by a half."""
    masks, samples = _fold_of(job, job.run / "predictions" / predictions, fold)
    decided = decide_instances(masks, None, job.competition.mask_kind)
    found = FoldObjects([], [])
    for truth, (_, objects) in zip(truth_instances(job.competition, samples), decided, strict=True):
        if truth is not None:
            found.truths.append(truth)
            found.predictions.append(objects)
    return found


def _object_sums(objects: FoldObjects, scorer: SumScorer) -> NDArray[Any]:
    return scorer.measure(objects.truths, objects.predictions) if objects.truths else _stacked([])


def _sums_of_probs(job: Job, root: Path, fold: int, scorer: SumScorer) -> NDArray[Any]:
    masks, samples = _fold_of(job, root, fold)
    pairs = zip(truth_masks(job.competition, samples), grey_values(masks), strict=True)
    known = ((truth, values) for truth, (_, values) in pairs if truth is not None)
    sums = [scorer.measure([truth], [values])[0] for truth, values in known]
    return _stacked(sums)


def _volume_sums(job: Job, root: Path, fold: int, scorer: SumScorer) -> NDArray[Any]:
    masks, samples = _fold_of(job, root, fold)
    known = np.flatnonzero(samples["mask"].notna())
    slices = samples.iloc[known].reset_index(drop=True)
    truths, kind = truth_masks(job.competition, slices), job.competition.mask_kind
    sums = []
    for volume in volumes_of(slices):
        rows, depth = volume.rows.tolist(), len(volume.rows)
        truth = volume_of((truths[row] for row in rows), depth)
        predicted = volume_of(
            (decide_mask(masks, int(known[row]), None, kind) for row in rows), depth
        )
        sums.append(scorer.measure([truth], [predicted])[0])
    return _stacked(sums)


def _stacked(sums: list[NDArray[Any]]) -> NDArray[Any]:
    """Return the sums of units; a fold without any is pooled with others as well."""
    return np.stack(sums) if sums else np.zeros((0, 0))


def _fold_of(job: Job, root: Path, fold: int) -> tuple[MaskFold, pd.DataFrame]:
    """Return the masks of a fold, and the samples that they are of."""
    masks = MaskFold(fold_folder(root, "oof", PIXELS, fold))
    samples = job.data.samples.set_index("id", drop=False).loc[list(masks.ids)]
    return masks, samples.reset_index(drop=True)


def _read(path: Path) -> FoldCounts | None:
    if digests.is_damaged(path):
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return FoldCounts([str(one) for one in kept["ids"]], kept["counts"])
    except DAMAGED_CACHE:
        return None

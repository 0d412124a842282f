"""What the plain decisions on a fold's masks are worth: counts of pixels, kept for the next look.

The counts of an image answer every metric of masks, so the masks are read once a fold.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.masks import TruthMasks
from podium.predictions.decide_masks import decide_masks, default_mask_steps
from podium.predictions.mask_reading import MaskFold
from podium.predictions.store import fold_folder
from podium.training.job import Job
from podium.workspace.atomic import replacing

__all__ = ["FoldCounts", "fold_counts"]

_FORMAT = 2
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

    The run's id covers the true masks and the set's id the frame, so counts that were kept under
    both are right for ever.
    """
    name = f"{job.run.name}-{predictions}-{fold}-v{_FORMAT}.npz"
    kept = job.workspace.cache / "mask-counts" / name
    found = _read(kept)
    if found is not None:
        return found
    counted = _count(job, job.run / "predictions" / predictions, fold)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with replacing(kept) as temporary, temporary.open("wb") as file:
        np.savez(file, ids=np.array(counted.ids, dtype=str), counts=counted.counts)
    return counted


def _count(job: Job, root: Path, fold: int) -> FoldCounts:
    kind, n_outputs = job.competition.mask_kind, job.competition.outputs("segment")
    masks = MaskFold(fold_folder(root, "oof", "segment", fold))
    samples = job.data.samples.set_index("id", drop=False).loc[list(masks.ids)]
    truths = TruthMasks(job.competition, samples.reset_index(drop=True))
    decided = decide_masks(masks, default_mask_steps(kind), kind)
    ids: list[str] = []
    counts: list[NDArray[Any]] = []
    for truth, (one, mask) in zip(truths, decided, strict=True):
        if truth is not None:
            ids.append(one)
            counts.append(metrics.mask_counts(truth, mask, kind=kind, n_outputs=n_outputs))
    # A fold of which no image has a mask is pooled with others as well.
    n_rows = 2 if kind == "binary" else n_outputs
    return FoldCounts(ids, np.array(counts, dtype=np.int64).reshape(-1, n_rows, 4))


def _read(path: Path) -> FoldCounts | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return FoldCounts([str(one) for one in kept["ids"]], kept["counts"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None

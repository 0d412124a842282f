"""What imported out-of-fold rows score by plain decisions, as a run's do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import truth_masks
from podium.competition.open_set import seen_truth
from podium.competition.samples import truth
from podium.competition.spec import Competition, TaskName
from podium.competition.units import is_known, units_of
from podium.errors import DataError
from podium.predictions.decide_masks import decide_masks, default_mask_steps
from podium.predictions.reading import PredictionSet, positions
from podium.predictions.top_k import all_of
from podium.training.scoring import MaskScorer, Scorer

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["oof_score"]


def oof_score(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    root: Path,
    task: TaskName,
) -> dict[str, Any] | None:
    """Return metric, score and scored rows of the set at `root`; None where it is undefined.

    Masks are scored image by image, in the mean Dice where the metric is of objects or volumes.
    """
    try:
        if task == "classify":
            return _of_labels(competition, samples, folds, PredictionSet(root))
        return _of_masks(competition, samples, PredictionSet(root))
    except DataError:  # one class only, say: a score that is undefined stops no import
        return None


def _of_labels(
    competition: Competition,
    samples: pd.DataFrame,
    folds: NDArray[np.int64],
    said: PredictionSet,
) -> dict[str, Any]:
    oof, scorer = said.oof(), Scorer(competition)
    right = truth(samples, competition)
    if competition.open_set is not None:
        right = seen_truth(right, folds, scheme=competition.folds.scheme)
    at = positions([str(one) for one in samples["id"]], oof.ids)
    units = units_of(samples.iloc[at].reset_index(drop=True), competition)
    probs: Any = oof.probs
    right = right[at]
    if units is not None:
        probs = units.probs(all_of(probs, who="the mean of a unit"))
        right = units.truth(right)
    is_scored = competition.open_set is not None
    known = np.arange(len(right)) if is_scored else np.flatnonzero(is_known(right))
    score = scorer(probs[known], right[known], where=str(said.root))
    return {"metric": scorer.name, "oof": score, "scored_rows": len(known)}


def _of_masks(
    competition: Competition, samples: pd.DataFrame, said: PredictionSet
) -> dict[str, Any]:
    masks, scorer, kind = said.oof_masks(), MaskScorer(competition), competition.mask_kind
    there = samples.set_index("id", drop=False).loc[masks.ids].reset_index(drop=True)
    counts = []
    decided = decide_masks(masks, default_mask_steps(kind), kind)
    for right, (_, mask) in zip(truth_masks(competition, there), decided, strict=True):
        if right is not None:
            counts.append(scorer.counts(right, mask))
    if not counts:
        raise DataError("no image has a mask")
    return {
        "metric": scorer.name,
        "oof": float(scorer(np.stack(counts))),
        "scored_rows": len(counts),
    }

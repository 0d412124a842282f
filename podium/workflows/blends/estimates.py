"""The estimate for this test set of a run: its units are those whose score is its OOF score."""

from __future__ import annotations

import logging
import math
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.open_set import open_set_truth
from podium.competition.samples import load_samples, truth
from podium.competition.scores.bootstrap import unit_codes
from podium.competition.scores.on_test_like import OnTestLike
from podium.competition.scores.sum_scorer import is_of_counts
from podium.competition.spec import Competition
from podium.competition.units import has_label, units_of
from podium.ensembling.honest import OofUnits, units_from
from podium.ensembling.on_test_like import estimate_for_test, kept_estimate
from podium.errors import PodiumError
from podium.predictions.decisions.labels import metric_input
from podium.predictions.store.reading import PredictionSet
from podium.predictions.top_k import require_dense
from podium.tasks.protocols.names import IMAGES, is_of_images
from podium.training.inference.prediction_sets import load_job
from podium.training.runs.mask_scores import fold_counts
from podium.training.runs.scoring import FoldLabelScorer, FoldMaskScorer
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

__all__ = ["estimate_of_run", "units_of_run"]

_logger = logging.getLogger(__name__)


def estimate_of_run(
    workspace: Workspace, competition: Competition, folder: Path
) -> OnTestLike | None:
    """Return the estimate of the run in `folder` for the scored task; see `estimate_for_test`.

    None also where its units are volumes or sets of objects, of which a run keeps no single scores.
    """
    if not workspace.checked_drift.is_file():
        return None
    kept = kept_estimate(workspace, folder)
    if kept is not None:
        return kept
    try:
        found = units_of_run(workspace, competition, folder)
        if found is None:
            return None
        units, root = found
        return estimate_for_test(workspace, folder, units, [root])
    except PodiumError as error:
        _logger.info("no estimate of %s for this test set: %s", folder.name, error)
        return None


def units_of_run(
    workspace: Workspace, competition: Competition, folder: Path
) -> tuple[OofUnits, Path] | None:
    """Return the units whose score is the run's OOF score, and their prediction set.

    None where there are none: they are volumes or sets of objects.
    """
    oof = read_record(folder).scores.get("oof")
    if oof is None:
        return None
    samples = load_samples(competition, "train", workspace=workspace)
    for root in sorted(one.parent for one in folder.glob("predictions/*/oof")):
        if is_of_images(competition.scored_task):
            units = _label_units(competition, samples, PredictionSet(root))
        elif is_of_counts(metrics.of(competition)):
            units = _mask_units(workspace, competition, samples, folder, root.name)
        else:
            return None
        if units is not None and math.isclose(units.score(), oof, rel_tol=1e-6, abs_tol=1e-9):
            return units, root
    return None


def _label_units(
    competition: Competition, samples: pd.DataFrame, stored: PredictionSet
) -> OofUnits | None:
    """Return plainly decided labels, as the score of a run has them."""
    oof = stored.oof(IMAGES)
    row_of = {sample: row for row, sample in enumerate(samples["id"])}
    at = np.array([row_of[one] for one in oof.ids], dtype=np.int64)
    right = truth(samples, competition)
    if competition.open_set is not None:
        folds = np.full(len(samples), -1, dtype=np.int64)
        folds[at] = oof.folds
        right = open_set_truth(right, folds, scheme=competition.folds.scheme)
    answers, probs = right[at], oof.probs
    known = samples["label"].notna().to_numpy()[at]
    names, groups = np.array(oof.ids), samples["group"].to_numpy()[at]
    units = units_of(samples.iloc[at], competition)
    if units is not None:
        probs = units.probs(require_dense(probs, who="the mean of a unit"))
        answers, names, groups = units.truth(answers), np.array(units.names), groups[units.first]
        known = has_label(answers)
    rows = np.flatnonzero(known)
    scorer = FoldLabelScorer(competition)
    prediction = metric_input(probs[rows], None, competition.kind, scorer.metric, scorer.options)
    return units_from(
        names[rows].tolist(),
        unit_codes(groups[rows], len(rows)),
        scorer.metric,
        scorer.options,
        truth=answers[rows],
        prediction=prediction,
    )


def _mask_units(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    folder: Path,
    predictions: str,
) -> OofUnits | None:
    """Return the sums of plainly decided masks, from the counts that training kept."""
    job = load_job(workspace, competition, folder)
    scorer = FoldMaskScorer(competition)
    folds = PredictionSet(folder / "predictions" / predictions).folds(
        "oof", competition.scored_task
    )
    counted = [fold_counts(job, predictions, int(fold)) for fold in folds if fold != "full"]
    ids = [one for found in counted for one in found.ids]
    group_of = dict(zip(samples["id"], samples["group"], strict=True))
    groups: NDArray[np.int64] = unit_codes([group_of[one] for one in ids], len(ids))
    sums = scorer.sums(np.concatenate([found.counts for found in counted]))
    return units_from(ids, groups, scorer.metric, scorer.options, sums=sums)

"""The rows that a run's score is of, each with what the run predicts of it, decided plainly.

They are what a run is compared with others by (`podium/ensembling/chance.py`), and what its score
on the test set is expected from.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.open_set import open_set_truth
from podium.competition.samples import load_samples, truth
from podium.competition.scores.bootstrap import unit_codes
from podium.competition.scores.combination import combined_score
from podium.competition.scores.sum_scorer import is_of_counts
from podium.competition.sections.tasks import combination_of
from podium.competition.spec import Competition
from podium.competition.units import has_label, units_of
from podium.ensembling.combined import pooled_units
from podium.ensembling.honest import OofUnits, units_from
from podium.predictions.decisions.labels import metric_input
from podium.predictions.store.reading import PredictionSet
from podium.predictions.top_k import require_dense
from podium.tasks.protocols.names import IMAGES, TaskName, is_of_images
from podium.training.inference.prediction_sets import load_job
from podium.training.runs.mask_scores import fold_counts
from podium.training.runs.scoring import FoldLabelScorer, FoldMaskScorer
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

__all__ = ["answers_of_set", "units_of_run", "units_of_scored_tasks", "units_of_sum"]


def units_of_scored_tasks(
    workspace: Workspace, competition: Competition, folder: Path
) -> tuple[OofUnits, Path] | None:
    """Return the units whose score is that of the run, and their prediction set.

    They are of all scored tasks together, where rows have such a score, else of the leading one.
    """
    return units_of_sum(workspace, competition, folder) or units_of_run(
        workspace, competition, folder
    )


def units_of_run(
    workspace: Workspace, competition: Competition, folder: Path
) -> tuple[OofUnits, Path] | None:
    """Return the units whose score is the run's OOF score, and their prediction set.

    They are of the scored task, of several the leading one. None where there are none: they are
    volumes or sets of objects.
    """
    oof = read_record(folder).scores.get("oof")
    if oof is None:
        return None
    samples = load_samples(competition, "train", workspace=workspace)
    for root in _prediction_sets(folder):
        units = _units_of_task(workspace, competition, samples, root, competition.scored_task)
        if units is not None and _is_score(units, oof):
            return units, root
    return None


def units_of_sum(
    workspace: Workspace, competition: Competition, folder: Path
) -> tuple[OofUnits, Path] | None:
    """Return the units whose score is what the run's tasks make together, and their prediction set.

    None where one task is scored, and where a part has no units with sums.
    """
    combination, scores = combination_of(competition.metric), read_record(folder).scores
    oof = scores.get("combined", {}).get("oof")
    if combination is None or oof is None:
        return None
    tasks = [part.task for part in combination.parts_of_tasks if part.task is not None]
    of_tasks = [scores["tasks"][task]["oof"] for task in tasks]
    is_sum = combination.expression is None
    if is_sum and not math.isclose(combined_score(combination, of_tasks), oof):
        return None  # the weights are others since
    samples = load_samples(competition, "train", workspace=workspace)
    group_of = dict(zip(samples["id"].astype(str), samples["group"], strict=True))
    for root in _prediction_sets(folder):
        parts = []
        for task, of_task in zip(tasks, of_tasks, strict=True):
            units = _units_of_task(workspace, competition, samples, root, task)
            if units is not None and _is_score(units, of_task):
                parts.append(units)
        if len(parts) < len(tasks):
            continue
        found = pooled_units(combination, parts, group_of, root=competition.root)
        if found is not None and (is_sum or _is_score(found, oof)):
            return found, root
    return None


def _prediction_sets(run: Path) -> list[Path]:
    return sorted(one.parent for one in run.glob("predictions/*/oof"))


def _is_score(units: OofUnits, oof: float) -> bool:
    return math.isclose(units.score(), oof, rel_tol=1e-6, abs_tol=1e-9)


def _units_of_task(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    root: Path,
    task: TaskName,
) -> OofUnits | None:
    """Return what the run of the prediction set `root` predicts of `task`, plainly decided.

    None where its units are volumes or sets of objects.
    """
    if is_of_images(task):
        return _label_units(competition, samples, PredictionSet(root))
    if is_of_counts(metrics.of(competition)):
        return _mask_units(workspace, competition, samples, root.parent.parent, root.name)
    return None


def _label_units(
    competition: Competition, samples: pd.DataFrame, stored: PredictionSet
) -> OofUnits | None:
    """Return plainly decided labels, as the score of a run has them."""
    oof = stored.oof(IMAGES)
    answers, at = answers_of_set(competition, samples, stored)
    probs = oof.probs
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


def answers_of_set(
    competition: Competition, samples: pd.DataFrame, stored: PredictionSet
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the truth of the out-of-fold rows, and which samples they are.

    Of an open set the truth is "none of the classes" where a row is new to the model of its fold.
    """
    oof = stored.oof(IMAGES)
    row_of = {sample: row for row, sample in enumerate(samples["id"])}
    at = np.array([row_of[one] for one in oof.ids], dtype=np.int64)
    right = truth(samples, competition)
    if competition.open_set is not None:
        folds = np.full(len(samples), -1, dtype=np.int64)
        folds[at] = oof.folds
        right = open_set_truth(right, folds, scheme=competition.folds.scheme)
    return right[at], at


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

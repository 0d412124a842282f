"""The score to expect of the test set, and the estimate for it: kept beside a run or a blend.

A run's honest score is of single fold models, a blend's of its members' single fold models; what is
sent is the mean of all. `podium/competition/scores/expected.py` has how the one follows from the
other.

    runs/<id>/expected.json, blends/<id>/expected.json      safe to delete
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.open_set import open_set_truth
from podium.competition.samples import load_samples, truth
from podium.competition.scores.bootstrap import unit_codes
from podium.competition.scores.expected import (
    ExpectedScore,
    Gain,
    can_draw_truth,
    expected_interval,
    gain_of_mean,
    possible,
)
from podium.competition.scores.on_test_like import OnTestLike
from podium.competition.scores.sum_scorer import is_of_counts
from podium.competition.sections.tasks import combination_of
from podium.competition.spec import Competition
from podium.competition.units import has_label, units_of
from podium.ensembling.expected import kept_expected, write_expected
from podium.ensembling.honest import OofUnits, drawn_scores, read_units, units_from
from podium.ensembling.method import BlendMethod, Fitted, load_method
from podium.ensembling.on_test_like import estimate_for_test, kept_estimate
from podium.ensembling.record import read_parts
from podium.errors import PodiumError
from podium.predictions.decisions.labels import metric_input
from podium.predictions.store.positions import require_positions
from podium.predictions.store.reading import Fold, PredictionSet
from podium.predictions.top_k import TopK, require_dense
from podium.tasks.protocols.names import IMAGES, is_of_images
from podium.training.inference.prediction_sets import load_job
from podium.training.runs.mask_scores import fold_counts
from podium.training.runs.scoring import FoldLabelScorer, FoldMaskScorer
from podium.workspace.digests import DamagedError
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

__all__ = ["estimate_of_run", "expected_of_blend", "expected_of_run"]

MOST_ROWS = 5000  # of the test set, whose disagreement is looked at
_logger = logging.getLogger(__name__)

Floats = NDArray[np.floating[Any]]


def expected_of_run(
    workspace: Workspace, competition: Competition, folder: Path
) -> ExpectedScore | None:
    """Return the score to expect of the run in `folder` with the plain decision, and keep it there.

    None where its test predictions, or the scores of its single rows, are not there.
    """
    try:
        oof = read_record(folder).scores.get("oof")
        sets = [PredictionSet(one.parent) for one in sorted(folder.glob("predictions/*/oof"))]
        return _kept_or_made(
            competition, folder, oof, sets, lambda: _of_run(workspace, competition, folder)
        )
    except PodiumError as error:
        level = logging.WARNING if isinstance(error, DamagedError) else logging.INFO
        _logger.log(level, "nothing to expect of %s: %s", folder.name, error)
        return None


def _of_run(workspace: Workspace, competition: Competition, folder: Path) -> ExpectedScore | None:
    found = units_of_run(workspace, competition, folder)
    if found is None:
        return None
    units, root = found
    source = _Source(
        (PredictionSet(root),), load_method("mean"), Fitted.equal(1), (), units.score()
    )
    return _expected(workspace, competition, source, units)


def expected_of_blend(
    workspace: Workspace, competition: Competition, folder: Path
) -> ExpectedScore | None:
    """Return the score to expect of the blend in `folder`, and keep it there.

    None where several tasks are scored together, and else as `expected_of_run`.
    """
    if combination_of(competition.metric) is not None:
        return None
    try:
        blend, sets = next((one.blend, one.sets) for one in read_parts(folder).values())
        if blend.metric != metrics.of(competition).name:
            return None
        source = _Source(
            tuple(PredictionSet(one) for one in sets),
            blend.how,
            blend.fitted,
            blend.decision,
            blend.honest,
        )
        return _kept_or_made(
            competition,
            folder,
            blend.honest,
            source.sets,
            lambda: _expected(workspace, competition, source, read_units(folder)),
        )
    except PodiumError as error:
        level = logging.WARNING if isinstance(error, DamagedError) else logging.INFO
        _logger.log(level, "nothing to expect of %s: %s", folder.name, error)
        return None


def _kept_or_made(
    competition: Competition,
    folder: Path,
    honest: float | None,
    sets: Sequence[PredictionSet],
    make: Callable[[], ExpectedScore | None],
) -> ExpectedScore | None:
    """Return what was kept in `folder` for these sets and this score, else what `make` returns."""
    task, share = competition.scored_task, competition.kaggle.public_share
    folds = [[one.root.name, *map(str, one.folds("test", task))] for one in sets]
    if (
        honest is None
        or metrics.of(competition).scores_volumes
        or all(len(one) < 2 for one in folds)
    ):
        return None
    digest = short_digest([honest, folds, share])
    found = kept_expected(folder, digest)
    if found is None:
        found = make()
        if found is not None:
            write_expected(folder, digest, found)
    return found


@dataclass(frozen=True)
class _Source:
    """What is sent: prediction sets, combined and decided, and their honest score."""

    sets: tuple[PredictionSet, ...]
    method: BlendMethod
    fitted: Fitted
    decision: Sequence[dict[str, Any]]
    honest: float


@dataclass(frozen=True)
class _Sent:
    """Predictions of test rows: by each of K models `(K, N, C)`, their mean `(N, C)`, and shares.

    `n_rows` are those of the whole test set.
    """

    models: Floats
    mean: Floats
    shares: NDArray[np.float64]
    n_rows: int


def _expected(
    workspace: Workspace, competition: Competition, source: _Source, scored: OofUnits | None
) -> ExpectedScore | None:
    task, share = competition.scored_task, competition.kaggle.public_share
    folds = [one.folds("test", task) for one in source.sets]
    if scored is None or not all(folds):
        return None
    n_rows, n_models, gain = _gain(workspace, competition, source, folds, scored)
    n_public = None if share is None else max(1, round(share * n_rows))

    def bounds(n: int) -> tuple[float, float] | None:
        return expected_interval(
            scored.metric,
            scored.truth,
            scored.prediction,
            sums=scored.sums,
            groups=scored.groups,
            n_rows=n,
            gain=gain or Gain(),
            **scored.options,
        )

    return ExpectedScore(
        score=possible(scored.metric, source.honest + (0.0 if gain is None else gain.value)),
        interval=bounds(n_rows),
        gain=None if gain is None else gain.value,
        n_models=n_models,
        n_rows=n_rows,
        n_public=n_public,
        public_interval=None if n_public is None else bounds(n_public),
    )


def _gain(
    workspace: Workspace,
    competition: Competition,
    source: _Source,
    folds: Sequence[Sequence[Fold]],
    units: OofUnits,
) -> tuple[int, int, Gain | None]:
    """Return the rows of the test set, the models whose mean they get, and what that brings.

    The last is None where it cannot be told: of masks, directions, the likeliest of thousands of
    classes, and of test rows that are not like those of train.
    """
    task = competition.scored_task
    shared = [one for one in folds[0] if one != "full" and all(one in of for of in folds)]
    if not is_of_images(task):
        return len(source.sets[0].ids("test", task)), max(1, len(shared)), None
    sent = _sent(workspace, competition, source, shared)
    if isinstance(sent, int):
        return sent, max(1, len(shared)), None
    kind = competition.kind
    if not can_draw_truth(kind):
        return sent.n_rows, len(sent.models), None

    def decide(probs: Floats) -> Any:
        return metric_input(probs, source.decision or None, kind, units.metric, units.options)

    gain = gain_of_mean(
        units.metric,
        sent.models,
        kind,
        honest=source.honest,
        error=float(np.nan_to_num(np.nanstd(drawn_scores(units, n=100, seed=0)))),
        decide=decide,
        mean=sent.mean,
        shares=sent.shares,
        **units.options,
    )
    return sent.n_rows, len(sent.models), gain


def _sent(
    workspace: Workspace, competition: Competition, source: _Source, shared: Sequence[Fold]
) -> _Sent | int:
    """Return what the fold models predict of test rows, at most `MOST_ROWS`.

    Of thousands of classes, of which the likeliest are kept, the number of rows alone.
    """
    task = competition.scored_task
    ids = source.sets[0].ids("test", task)
    samples = units = None
    if competition.scores_units:
        samples = load_samples(competition, "test", workspace=workspace)
        at = require_positions(list(samples["id"]), ids, "the test samples", where=None)
        units = units_of(samples.iloc[at], competition)
    chosen = ids
    if units is None and len(ids) > MOST_ROWS:
        rng = np.random.default_rng(0)
        chosen = [ids[i] for i in np.sort(rng.choice(len(ids), MOST_ROWS, replace=False)).tolist()]

    def of_rows(one: PredictionSet, fold: Fold) -> Any:
        reader = one.fold("test", task, fold)
        probs = reader.take(require_positions(reader.ids, chosen, "this fold", where=reader.folder))
        return probs if units is None or isinstance(probs, TopK) else units.probs(probs)

    means: list[Floats] = []
    models: list[list[Floats]] = [[] for _ in shared]
    for one in source.sets:
        every = one.folds("test", task)
        of: list[Fold] = [fold for fold in every if fold != "full"] or list(every)
        probs = {fold: of_rows(one, fold) for fold in of}
        if any(isinstance(each, TopK) for each in probs.values()):
            return len(ids)
        every_fold = np.stack(list(probs.values()))
        means.append(every_fold.mean(axis=0, dtype=np.float64).astype(np.float32))
        for place, fold in zip(models, shared, strict=True):
            place.append(probs[fold])
    mean = _combined(source, means)
    every_model = [_combined(source, one) for one in models] or [mean]
    shares = np.ones(len(every_model))
    if shared:
        oof = source.sets[0].oof(task)
        shares = np.array([np.count_nonzero(oof.folds == fold) for fold in shared], float)
        shares = shares if shares.all() else np.ones(len(shared))
    n_rows = len(ids) if units is None else len(units)
    return _Sent(np.stack(every_model), mean, shares, n_rows)


def _combined(source: _Source, members: Sequence[Floats]) -> Floats:
    made: Floats = source.method.combined(source.method.prepared(members), source.fitted)
    return made


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

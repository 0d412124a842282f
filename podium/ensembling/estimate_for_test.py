"""The estimate for this test set of a run or a blend: `estimate_for_test`, the one that all show.

It rests on the drift that the last `podium check` found, and where a run predicts labels also on
its predictions: a train row that its own fold model did not see, and a test row that one fold model
predicted, are comparable, and a network's prediction of an image shows more of its difficulty than
colours do. It is kept beside the record (`kept_estimates`), for this drift and the scores in the
record.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.competition.checks.checked_drift import Drift, read_drift
from podium.competition.scores.density_ratio import density_ratio, probability_features
from podium.competition.scores.estimates import OnTestLike
from podium.competition.scores.on_test_like import score_on_test_like
from podium.ensembling.honest import OofUnits, read_units
from podium.ensembling.record import read_parts
from podium.errors import PodiumError
from podium.predictions.kept_scores import kept_estimate, read_estimate, write_estimate
from podium.predictions.store.reading import PredictionSet
from podium.predictions.top_k import TopK
from podium.tasks.protocols.names import IMAGES
from podium.workspace.layout import Workspace

__all__ = [
    "estimate_for_test",
    "estimate_of_blend",
    "weights_by_predictions",
]

_logger = logging.getLogger(__name__)


def estimate_for_test(
    workspace: Workspace, folder: Path, units: OofUnits | None, sets: Sequence[Path]
) -> OnTestLike | None:
    """Return the estimate of the run or blend in `folder`, and keep it there.

    None where the drift of the test set is not known, or where an image was added since.

    Args:
        workspace: its last check.
        folder: of the run or the blend.
        units: its out-of-fold predictions; None: they were not kept.
        sets: prediction sets, the most important first: the first one that predicts the labels of
            train and test has its network's predictions of the images.
    """
    try:
        drift = read_drift(workspace)
    except PodiumError as error:
        _logger.warning("no estimate for this test set: %s", error)
        return None
    if drift is None or units is None:
        return None
    kept = read_estimate(folder, drift.digest)
    if kept is not None and kept.metric == units.metric.name:
        return kept
    each = (weights_by_predictions(drift, one) for one in sets)
    of_rows = next((one for one in each if one is not None), None)
    weights = drift.weights_of(units.ids, of_rows)
    if weights is None:
        return None
    found = score_on_test_like(
        units.metric,
        weights,
        units.truth,
        units.prediction,
        sums=units.sums,
        groups=units.groups,
        **units.options,
    )
    write_estimate(folder, drift.digest, found)
    return found


def estimate_of_blend(workspace: Workspace, folder: Path) -> OnTestLike | None:
    """Return the estimate of the blend in `folder`; see `estimate_for_test`."""
    if not workspace.checked_drift.is_file():
        return None
    kept = kept_estimate(workspace, folder)
    if kept is not None:
        return kept
    try:
        scored = next(iter(read_parts(folder).values()))
        heaviest = np.argsort(-np.array(scored.blend.weights), kind="stable")
        sets = [scored.sets[at] for at in heaviest]
        return estimate_for_test(workspace, folder, read_units(folder), sets)
    except PodiumError as error:
        _logger.info("no estimate of %s for this test set: %s", folder.name, error)
        return None


def weights_by_predictions(drift: Drift, root: Path) -> NDArray[np.float64] | None:
    """Return the weights of the train rows of `drift` `(N,)` by images and predictions.

    None where the set does not predict the labels of all images of train and test by fold models,
    and where predictions hide what the last check found by images alone.

    Args:
        drift: of the last check.
        root: a prediction set.
    """
    try:
        stored = PredictionSet(root)
        probs = _oof_and_test(stored, drift)
        if probs is None:
            return None
        n = len(drift.train_ids)
        features = np.hstack([drift.features, probability_features(probs)])
        ratio = density_ratio(features[:n], features[n:], groups=drift.groups.tolist())
    except PodiumError as error:
        _logger.info("predictions are not compared: %s", error)
        return None
    # More numbers of few groups find less: weights of 1 would contradict the check.
    return None if drift.differs and not ratio.differs else ratio.weights


def _oof_and_test(stored: PredictionSet, drift: Drift) -> NDArray[np.float64] | None:
    """Return probabilities `(N + M, C)`, each row's of one fold model that did not learn it."""
    if not {"oof", "test"} <= {split for split in stored.splits if IMAGES in stored.tasks(split)}:
        return None
    oof = stored.oof(IMAGES)
    folds = [fold for fold in stored.folds("test", IMAGES) if fold != "full"]
    if isinstance(oof.probs, TopK) or not folds:
        return None
    found = np.full((len(drift.train_ids) + len(drift.test_ids), oof.probs.shape[1]), np.nan)
    found[: len(drift.train_ids)] = _placed(oof.ids, oof.probs, drift.train_ids)
    # As many test rows of each fold model as it has train rows, whatever their order.
    rng = np.random.default_rng(0)
    share = np.array([np.mean(oof.folds == fold) for fold in folds], dtype=np.float64)
    if share.sum() == 0:
        return None
    which = rng.choice(len(folds), len(drift.test_ids), p=share / share.sum())
    for number, fold in enumerate(folds):
        reader = stored.fold("test", IMAGES, fold)
        probs = reader.probs()
        if isinstance(probs, TopK):
            return None
        mine = np.flatnonzero(which == number)
        found[len(drift.train_ids) + mine] = _placed(reader.ids, probs, drift.test_ids[mine])
    return None if np.isnan(found).any() else found


def _placed(
    ids: Sequence[str], probs: NDArray[np.float32], expected: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Return the rows of `expected`, nan where there is none."""
    row_of = {one: row for row, one in enumerate(ids)}
    at = np.array([row_of.get(str(one), -1) for one in expected], dtype=np.int64)
    return np.where((at >= 0)[:, None], probs[at].astype(np.float64), np.nan)

"""The score to expect of the test set, and the estimate for it: kept beside a run or a blend.

A run's honest score is of single fold models, a blend's of its members' single fold models; what is
sent is the mean of all. `podium/competition/scores/expected.py` has how the one follows from the
other.

    runs/<id>/expected.json, blends/<id>/expected.json      safe to delete
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.folds.open_set import lacks_unseen
from podium.competition.samples import load_samples
from podium.competition.scores.combination import score_name
from podium.competition.scores.estimates import ExpectedScore, OnTestLike, public_rows
from podium.competition.scores.expected import (
    Gain,
    can_draw_truth,
    expected_interval,
    gain_of_mean,
    groups_of_rows,
    possible,
)
from podium.competition.scores.expected_masks import (
    DecidedPixels,
    gain_on_masks,
    probs_with_presence,
)
from podium.competition.scores.sum_scorer import is_of_counts
from podium.competition.sections.tasks import combination_of
from podium.competition.spec import Competition
from podium.competition.units import units_of
from podium.ensembling.estimate_for_test import estimate_for_test
from podium.ensembling.honest import OofUnits, drawn_scores, read_units
from podium.ensembling.masks.combining import values_at
from podium.ensembling.masks.gate import presence_of
from podium.ensembling.method import BlendMethod, Fitted, load_method
from podium.ensembling.predicting import mixed_masks
from podium.ensembling.record import BlendPart, read_parts
from podium.ensembling.run_units import answers_of_set, units_of_run, units_of_scored_tasks
from podium.errors import PodiumError
from podium.predictions.decisions.labels import metric_input
from podium.predictions.decisions.masks import decide_mask, mask_classes
from podium.predictions.kept_scores import kept_estimate, kept_expected, write_expected
from podium.predictions.store.masks import MaskProbs
from podium.predictions.store.positions import require_positions
from podium.predictions.store.reading import Fold, PredictionSet
from podium.predictions.top_k import TopK, require_dense
from podium.tasks.protocols.names import IMAGES, TaskName, is_of_images, of_images
from podium.workspace.digests import DamagedError
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

if TYPE_CHECKING:
    from podium.competition.truths.masks import Mask
    from podium.tasks.protocols.kind import Kind

__all__ = ["estimate_of_run", "expected_of_blend", "expected_of_run"]

MOST_ROWS = 5000  # of the test set, whose disagreement is looked at
MOST_IMAGES = 200  # of these, where masks are scored
_MOST_PIXELS = 4096  # of an image: as many where something is found, and where nothing is
_STRIP_PIXELS = 2**20
_logger = logging.getLogger(__name__)

Floats = NDArray[np.floating[Any]]


def expected_of_run(
    workspace: Workspace, competition: Competition, folder: Path
) -> ExpectedScore | None:
    """Return the score to expect of the run in `folder` with the plain decision, and keep it there.

    None where its test predictions, or the scores of its single rows, are not there, or where
    several tasks are scored together.
    """
    if combination_of(competition.metric) is not None:
        return None
    try:
        oof = read_record(folder).scores.get("oof")
        sets = [PredictionSet(one.parent) for one in sorted(folder.glob("predictions/*/oof"))]
        return _kept_or_made(
            competition, folder, oof, sets, lambda: _of_run(workspace, competition, folder)
        )
    except PodiumError as error:
        _log_why_not(folder, error)
        return None


def _log_why_not(folder: Path, error: PodiumError) -> None:
    level = logging.WARNING if isinstance(error, DamagedError) else logging.INFO
    _logger.log(level, "nothing to expect of %s: %s", folder.name, error)


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
        parts = read_parts(folder)
        scored = next(iter(parts.values()))
        blend = scored.blend
        if blend.metric != metrics.of(competition).name:
            return None
        sets, fitted = _weighed(scored)
        source = _Source(
            tuple(PredictionSet(one) for one in sets),
            blend.how,
            fitted,
            blend.decision,
            blend.honest,
            of_images(parts) if any("gate" in step for step in blend.decision) else None,
        )
        return _kept_or_made(
            competition,
            folder,
            blend.honest,
            source.sets,
            lambda: _expected(workspace, competition, source, read_units(folder)),
        )
    except PodiumError as error:
        _log_why_not(folder, error)
        return None


def _weighed(part: BlendPart) -> tuple[tuple[Path, ...], Fitted]:
    """Return the prediction sets that a part's score is expected of, and the fit of these.

    One of weight 0 changes nothing, however many test predictions it has. What a method found
    beside the weights is of all members: then all are taken.
    """
    fitted = part.blend.fitted
    if fitted.uncalibrated().params:
        return part.sets, fitted
    taken = [at for at, weight in enumerate(fitted.weights) if weight]
    weights = tuple(fitted.weights[at] for at in taken)
    return tuple(part.sets[at] for at in taken), replace(fitted, weights=weights)


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
    facts = [honest, folds, share]
    if competition.open_set is not None:
        facts.append(competition.open_set)
    digest = short_digest(facts)
    found = kept_expected(folder, digest)
    if found is None:
        found = make()
        if found is not None:
            write_expected(folder, digest, found)
    return found


@dataclass(frozen=True)
class _Source:
    """What is sent: prediction sets, combined and decided, and their honest score.

    `gate` is the classification that the decision on masks has its gate from; None: there is none.
    """

    sets: tuple[PredictionSet, ...]
    method: BlendMethod
    fitted: Fitted
    decision: Sequence[dict[str, Any]]
    honest: float
    gate: BlendPart | None = None


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
    if competition.open_set is not None:
        samples = load_samples(competition, "train", workspace=workspace)
        if lacks_unseen(answers_of_set(competition, samples, source.sets[0])[0]):
            return _unknown_score(competition, source)
    scored = scored.by_id()
    n_rows, n_models, gain = _gain(workspace, competition, source, folds, scored)
    n_public = public_rows(n_rows, share)

    def bounds(n: int) -> tuple[float, float] | None:
        """Return the ends; None where they are those of the scale, which tells nothing."""
        found = expected_interval(
            scored.metric,
            scored.truth,
            scored.prediction,
            sums=scored.sums,
            groups=scored.groups,
            n_rows=n,
            gain=gain or Gain(),
            **scored.options,
        )
        is_whole = found == (scored.metric.worst, scored.metric.perfect)
        return None if is_whole else found

    groups = np.arange(0) if scored.groups is None else scored.groups
    n_known, n_groups = len(groups), len(np.unique(groups))
    has_groups = n_groups < n_known
    return ExpectedScore(
        score=possible(scored.metric, source.honest + (0.0 if gain is None else gain.value)),
        interval=bounds(n_rows),
        gain=None if gain is None else gain.value,
        n_models=n_models,
        n_rows=n_rows,
        n_public=n_public,
        public_interval=None if n_public is None else bounds(n_public),
        n_groups=n_groups if has_groups else None,
        n_groups_drawn=groups_of_rows(n_rows, n_groups, n_known) if has_groups else None,
    )


def _unknown_score(competition: Competition, source: _Source) -> ExpectedScore:
    """Return that nothing tells the score, where no row that was scored is of no class."""
    task = competition.scored_task
    return ExpectedScore(
        score=None,
        interval=None,
        gain=None,
        n_models=len(source.sets[0].averaged_folds("test", task)),
        n_rows=len(source.sets[0].ids("test", task)),
        why_not=f"no scored row is {competition.open_set}, and the honest score is that of rows "
        "whose class is known",
    )


def _gain(
    workspace: Workspace,
    competition: Competition,
    source: _Source,
    folds: Sequence[Sequence[Fold]],
    units: OofUnits,
) -> tuple[int, int, Gain | None]:
    """Return the rows of the test set, the models whose mean they get, and what that brings.

    The last is None where it cannot be estimated: of objects, volumes, directions, the likeliest of
    thousands of classes, and of test rows that are not like those of train.
    """
    task = competition.scored_task
    shared = [one for one in folds[0] if one != "full" and all(one in of for of in folds)]
    n_models = max(1, len(shared) + all("full" in of for of in folds))
    error = float(np.nan_to_num(np.nanstd(drawn_scores(units, n=100, seed=0))))
    if not is_of_images(task):
        n_images = len(source.sets[0].ids("test", task))
        gain = _gain_of_masks(competition, source, shared, units, error)
        return n_images, n_models, gain
    sent = _sent(workspace, competition, source, shared)
    if isinstance(sent, int):
        return sent, n_models, None
    kind = competition.kind
    if not can_draw_truth(kind):
        return sent.n_rows, n_models, None

    def decide(probs: Floats) -> Any:
        return metric_input(probs, source.decision or None, kind, units.metric, units.options)

    gain = gain_of_mean(
        units.metric,
        sent.models,
        kind,
        honest=source.honest,
        error=error,
        decide=decide,
        mean=sent.mean,
        shares=sent.shares,
        **units.options,
    )
    return sent.n_rows, n_models, gain


def _gain_of_masks(
    competition: Competition,
    source: _Source,
    shared: Sequence[Fold],
    units: OofUnits,
    error: float,
) -> Gain | None:
    """Return what the mean of the models brings on at most `MOST_IMAGES` test images.

    None where pixels of decided masks do not determine the score.
    """
    task, kind = competition.scored_task, competition.mask_kind
    if not is_of_counts(units.metric):
        return None
    if len(shared) < 2:
        return Gain()
    ids, rng = source.sets[0].ids("test", task), np.random.default_rng(0)
    if len(ids) > MOST_IMAGES:
        ids = [ids[i] for i in np.sort(rng.choice(len(ids), MOST_IMAGES, replace=False)).tolist()]

    def combined(folds: Sequence[Fold] | None) -> tuple[MaskProbs, Any]:
        members = [one.mean_masks("test", task, folds=folds) for one in source.sets]
        mixed = mixed_masks(source.method, source.fitted, members, ids)
        return mixed, _presence(source, folds, ids, mask_classes(kind, mixed.channels))

    every = [*(combined([fold]) for fold in shared), combined(None)]
    mean, of_mean = every[-1]

    def images() -> Iterator[DecidedPixels]:
        for i in range(len(ids)):
            masks = []
            for probs, presence in every:
                given = None if presence is None else presence[i]
                mask = decide_mask(probs, i, source.decision or None, kind, presence=given)
                flat = mask.reshape(mask.shape[0] * mask.shape[1], -1)
                # Layers of a class each are kept as bits: there is one mask a model.
                masks.append(np.packbits(flat, axis=1) if kind.is_by_class else flat)
            found = _pixels(mean, i, masks, kind, rng)
            if of_mean is not None:
                found = replace(found, mean=probs_with_presence(found.mean, of_mean[i], kind))
            yield found

    options = {name: one for name, one in units.options.items() if name != "kind"}
    return gain_on_masks(
        units.metric,
        images(),
        kind,
        n_images=len(ids),
        honest=source.honest,
        error=error,
        shares=_shares(source, task, shared),
        **options,
    )


def _presence(
    source: _Source, folds: Sequence[Fold] | None, ids: Sequence[str], n_classes: int
) -> Floats | None:
    """Return the gate's input by some fold models, `(N, n_classes)`; None: there is no gate."""
    if source.gate is None:
        return None
    blend, members = source.gate.blend, []
    for root in source.gate.sets:
        one = PredictionSet(root)
        is_there = folds is None or set(folds) <= set(one.folds("test", IMAGES))
        have, probs = one.mean("test", IMAGES, folds=folds if is_there else None)
        at = require_positions(have, ids, "the classification part", where=None)
        members.append(require_dense(probs[at], who="a gate"))
    how = blend.how
    return presence_of(how.combined(how.prepared(members), blend.fitted), n_classes)


def _pixels(
    mean: MaskProbs, i: int, masks: Sequence[Mask], kind: Kind, rng: np.random.Generator
) -> DecidedPixels:
    """Return pixels of image `i`: some where a mask has something, some where none has.

    `masks` are `(H * W, 1)`, multilabel `(H * W, C / 8)` with a bit a class.
    """
    n_pixels = int(np.prod(mean.sizes[i]))
    chosen, weights = [], []
    is_found = np.zeros(n_pixels, np.bool_)
    for one in masks:
        is_found |= one.any(axis=1)
    for is_wanted in (is_found, ~is_found):
        n = int(np.count_nonzero(is_wanted))
        share = min(1.0, _MOST_PIXELS / n) if n else 1.0
        drawn = []
        for first in range(0, n_pixels, _STRIP_PIXELS):
            at = first + np.flatnonzero(is_wanted[first : first + _STRIP_PIXELS])
            drawn.append(at if share == 1 else at[rng.random(len(at)) < share])
        chosen += drawn
        n_drawn = sum(map(len, drawn))
        weights.append(np.full(n_drawn, n / max(1, n_drawn)))
    pixels = np.concatenate(chosen)
    order = np.argsort(pixels)
    pixels = pixels[order]
    probs = values_at(mean, i, pixels)
    bare = np.isnan(probs).any(axis=1)  # no view covers them: background
    probs[bare] = 0
    if kind.is_exclusive:
        probs[bare, 0] = 1
    each = np.stack([one[pixels] for one in masks])
    bits = np.unpackbits(each, axis=2, count=mean.channels) if kind.is_by_class else each[..., 0]
    return DecidedPixels(probs, bits, np.concatenate(weights)[order])


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
        probs = {fold: of_rows(one, fold) for fold in one.averaged_folds("test", task)}
        if any(isinstance(each, TopK) for each in probs.values()):
            return len(ids)
        every_fold = np.stack(list(probs.values()))
        means.append(every_fold.mean(axis=0, dtype=np.float64).astype(np.float32))
        for place, fold in zip(models, shared, strict=True):
            place.append(probs[fold])
    mean, each = _calibrated(source, means, models)
    shares = _shares(source, task, shared) if shared else np.ones(1)
    n_rows = len(ids) if units is None else len(units)
    return _Sent(each, mean, shares, n_rows)


def _calibrated(
    source: _Source, means: Sequence[Floats], models: Sequence[Sequence[Floats]]
) -> tuple[Floats, Floats]:
    """Return what is sent of the members' means, `(N, C)`, and what each model predicts.

    A single model's probabilities are calibrated as those out of fold, a mean's as means are.
    """
    plain = source.fitted.uncalibrated()

    def combined(members: Sequence[Floats]) -> Floats:
        made: Floats = source.method.combined(source.method.prepared(members), plain)
        return made

    mean = combined(means)
    each = np.stack([combined(one) for one in models] or [mean])
    calibration = source.fitted.calibration
    if calibration is None:
        return mean, each
    of_means = source.fitted.calibrated_for_means(each, mean).calibration or calibration
    return of_means.calibrated(mean), np.stack([calibration.calibrated(one) for one in each])


def _shares(source: _Source, task: TaskName, shared: Sequence[Fold]) -> NDArray[np.float64]:
    """Return how many out-of-fold rows each fold model predicted, `(K,)`; ones: unknown."""
    first = source.sets[0]
    folds = first.oof(task).folds if is_of_images(task) else first.oof_masks(task).folds
    found = np.array([np.count_nonzero(folds == fold) for fold in shared], float)
    return found if found.all() else np.ones(len(shared))


def estimate_of_run(
    workspace: Workspace, competition: Competition, folder: Path
) -> OnTestLike | None:
    """Return the estimate of the run in `folder`, by the metric of its scores; see below.

    Where several tasks are scored together it is of that score, and of the leading task alone where
    rows have none; see `estimate_for_test`. None also where units are volumes or sets of objects,
    of which a run keeps no single scores.
    """
    if not workspace.checked_drift.is_file():
        return None
    kept = kept_estimate(workspace, folder)
    is_of_one = combination_of(competition.metric) is None
    if kept is not None and (is_of_one or kept.metric == score_name(competition)):
        return kept
    try:
        found = units_of_scored_tasks(workspace, competition, folder)
        if found is None:
            return None
        units, root = found
        return estimate_for_test(workspace, folder, units, [root])
    except PodiumError as error:
        _logger.info("no estimate of %s for this test set: %s", folder.name, error)
        return None

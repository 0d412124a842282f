"""Blends of objects in a metric without sums of images, as mean average precision.

`honest` and `optimistic` mean what they do in `masks/blend.py`. Here every candidate is scored on
all sets of images that the fits need; the honest score is that of all images together, each mixed
and decided by what was fitted on the other folds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.instances import Instances
from podium.competition.metrics import Metric
from podium.ensembling.blend import Blend, member_notes, tuning_notes, weights_by_fold
from podium.ensembling.honest import best_alone, share_of_better
from podium.ensembling.masks.candidates import candidates_for
from podium.ensembling.masks.combining import MemberMixture, PixelFits, alike
from podium.ensembling.masks.rows import MaskRows
from podium.ensembling.rows import parts_of
from podium.errors import DataError
from podium.predictions.decisions.objects import instances_of
from podium.predictions.store.masks import MaskProbs
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.cross_fit import CrossFit, cross_fit
from podium.tuning.masks.objects import (
    ImageDraws,
    candidate_steps,
    choose_candidate,
    draws_of,
    score_candidates,
    scores_of_draws,
    sets_of_fits,
)
from podium.tuning.one_standard_error import DRAWS
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind
    from podium.tuning.masks.space import MaskSpace, StepSpace

__all__ = ["blend_of_objects"]


def blend_of_objects(
    rows: MaskRows,
    metric: Metric,
    kind: Kind,
    *,
    pixels: PixelFits,
    method: str = "mean",
    trials: int = 50,
    seed: int = 0,
    metric_options: Mapping[str, Any] | None = None,
    n_resamples: int = 1000,
    data: str = "",
    notes: Sequence[str] = (),
    grid: Sequence[dict[str, Any]] = (),
    workers: int | None = None,
    progress: Progress = SILENT,
    raw: bool = False,
) -> Blend:
    """Return the blend of the members' masks with its decision, honest and optimistic score.

    A metric that cannot score many sets of images at once (`Metric.score_draws`) is not tuned and
    gets no interval. Arguments are those of `fit_masks`.

    Args:
        pixels: fits the method.

    Raises:
        DataError: the metric scores no objects or is undefined on them, an image has another size
            than its prediction, or a group crosses folds.
        UsageError: the method refuses these members; a step of the grid cannot be meant, or is a
            gate.
    """
    options = dict(metric_options or {})
    metrics.fitting(metric, pixel_kind("instance"), options, task="segment")
    parts, part_notes = parts_of(rows.folds, rows.units(), seed)
    mixing = pixels.by(method)
    truths = [_known(truth) for truth in rows.truths]
    scoring = _Scoring(metric, kind, options, truths, workers, progress, raw)
    probs = mixing.masks(None)
    space = candidates_for(metric, kind, probs, n_outputs=probs.channels, trials=trials, grid=grid)
    found = _Decided.of(scoring, space, mixing, parts, seed)
    honest = metrics.score(metric, truths, found.decided_objects, **options)
    interval, interval_notes = _interval(
        scoring, found.decided_objects, rows.units(), n_resamples, seed
    )
    untuned = found.untuned()
    alone = scoring.members_alone(rows) if len(rows.members) > 1 else []
    rival: dict[str, Any] = {}
    if alone:
        best = best_alone(alone, metric.is_better)
        other = _Decided.of(scoring, space, pixels.alone(best), parts, seed)
        drawn = [
            _drawn(scoring, one.decided_objects, rows.units(), n_resamples, seed)
            for one in (found, other)
        ]
        rival = {
            "best_member": rows.names[best],
            "best_alone": metrics.score(metric, truths, other.decided_objects, **options),
            "beats_best": share_of_better(*drawn, greater_is_better=metric.greater_is_better),
        }
    final = found.fitted.final
    decision = found.choosing.steps(final) if final or grid else []
    return Blend(
        members=rows.names,
        method=method,
        method_source=mixing.how.source,
        root=pixels.root,
        weights=mixing.final.weights,
        params=dict(mixing.final.params),
        decision=tuple(decision),
        honest=honest,
        honest_interval=interval,
        optimistic=found.choosing.score_on_all(final),
        metric=metric.name,
        metric_source=metric.source,
        n_scored=len(rows.ids),
        notes=(
            *rows.notes,
            *part_notes,
            *interval_notes,
            *mixing.notes,
            *tuning_notes(metric, decision, honest, untuned),
            *(member_notes(metric, rows.names, alone, honest) if alone else ()),
            *space.notes,
            *notes,
        ),
        kind=kind,
        options=options,
        greater_is_better=metric.greater_is_better,
        by_fold=_by_fold(scoring, found.decided_objects, rows.folds),
        untuned=untuned,
        seed=seed,
        trials=trials,
        data=data,
        task="segment",
        grid=tuple(grid),
        raw=raw,
        fold_weights=weights_by_fold(mixing.by_part, mixing.final),
        **rival,
    )


@dataclass(frozen=True)
class _Decided:
    """The objects of every image, mixed and decided by fits on the other folds."""

    scoring: _Scoring
    mixing: MemberMixture
    parts: NDArray[np.int64]
    choosing: _Choosing
    fitted: CrossFit[int]
    decided_objects: list[Instances]

    @classmethod
    def of(
        cls,
        scoring: _Scoring,
        space: MaskSpace | StepSpace,
        mixing: MemberMixture,
        parts: NDArray[np.int64],
        seed: int,
    ) -> _Decided:
        rows = mixing.rows
        choosing = _Choosing.of(scoring, space, mixing, parts, rows.units(), seed)
        fitted = cross_fit(choosing.fit, choosing.apply, folds=parts, groups=rows.groups)
        steps = [choosing.steps(one) for one in fitted.prediction]
        decided_objects = _decided(mixing, parts, steps, scoring.kind, scoring.workers)
        return cls(scoring, mixing, parts, choosing, fitted, decided_objects)

    def untuned(self) -> float:
        """Return the honest score of the same mixes with the plain decision."""
        if len(alike(self.mixing.fits)) == 1:
            return self.choosing.score_on_all(0)
        plain = [self.choosing.steps(0)] * len(self.parts)
        scoring = self.scoring
        decided_objects = _decided(self.mixing, self.parts, plain, scoring.kind, scoring.workers)
        return metrics.score(scoring.metric, scoring.truths, decided_objects, **scoring.options)


@dataclass(frozen=True)
class _Scoring:
    """A metric of objects, and what is true of the images."""

    metric: Metric
    kind: Kind
    options: dict[str, Any]
    truths: Sequence[Instances]
    workers: int | None
    progress: Progress
    raw: bool

    def sets(self, decided_objects: Sequence[Instances], draws: ImageDraws) -> NDArray[np.float64]:
        """Return the scores of sets of images, `(B,)`, decided as `decided_objects`."""
        return scores_of_draws(self.metric, self.truths, decided_objects, draws, self.options)

    def candidates(
        self, probs: MaskProbs, space: MaskSpace | StepSpace, draws: ImageDraws
    ) -> NDArray[np.float64]:
        """Return the scores `(A, B)` of every candidate on sets of images."""
        return score_candidates(
            probs,
            self.truths,
            space,
            self.metric,
            self.kind,
            draws,
            options=self.options,
            workers=self.workers,
            progress=self.progress,
        )

    def members_alone(self, rows: MaskRows) -> list[float]:
        """Return the score of each member by itself, with the plain decision."""
        every = np.ones((1, len(self.truths)), np.int64)
        probs = rows.mixed([1.0] * len(rows.members))
        plain = candidates_for(self.metric, self.kind, probs, n_outputs=probs.channels, trials=1)
        return [
            float(self.candidates(rows.mixed(one), plain, every)[0, 0])
            for one in np.eye(len(rows.members)).tolist()
        ]


@dataclass(frozen=True)
class _Choosing:
    """The scores of all candidates on what each fit may see, the fit on all images last."""

    scoring: _Scoring
    space: MaskSpace | StepSpace
    parts: NDArray[np.int64]
    left_out: tuple[int | None, ...]
    values: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        scoring: _Scoring,
        space: MaskSpace | StepSpace,
        mixing: MemberMixture,
        parts: NDArray[np.int64],
        units: NDArray[np.int64],
        seed: int,
    ) -> _Choosing:
        left_out = (*np.unique(parts).tolist(), None)
        inside = [np.flatnonzero(parts != part) for part in left_out]
        draws = sets_of_fits(inside, units, n=DRAWS if len(space.candidates) > 1 else 0, seed=seed)
        fit_of_set = np.repeat(np.arange(len(left_out)), len(draws) // len(left_out))
        values = np.empty((len(space.candidates), len(draws)))
        for group in alike(mixing.fits):
            mine = np.isin(fit_of_set, [left_out.index(part) for part in group])
            values[:, mine] = scoring.candidates(mixing.masks(group[0]), space, draws[mine])
        return cls(scoring, space, parts, left_out, values)

    @property
    def _sets_of_a_fit(self) -> int:
        return int(self.values.shape[1]) // len(self.left_out)

    def fit(self, rows: NDArray[np.int64]) -> int:
        missing = set(self.parts.tolist()) - set(self.parts[rows].tolist())
        first = self.left_out.index(next(iter(missing), None)) * self._sets_of_a_fit
        of_fit = self.values[:, first : first + self._sets_of_a_fit]
        return choose_candidate(of_fit, self.scoring.metric, raw=self.scoring.raw)

    def apply(self, candidate: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.full(len(rows), candidate)

    def steps(self, candidate: int) -> list[dict[str, Any]]:
        return candidate_steps(self.space.candidates[candidate])

    def score_on_all(self, candidate: int) -> float:
        return float(self.values[candidate, (len(self.left_out) - 1) * self._sets_of_a_fit])


def _known(truth: Any) -> Instances:
    if truth is None:
        raise DataError("an image has no mask", fix="score images that have one")
    assert isinstance(truth, Instances)
    return truth


def _decided(
    mixing: MemberMixture,
    parts: NDArray[np.int64],
    each: Sequence[list[dict[str, Any]]],
    kind: Kind,
    workers: int | None,
) -> list[Instances]:
    """Return the objects of every image, mixed without its part and by steps of its own."""
    probs = {part: mixing.masks(part) for part in np.unique(parts).tolist()}

    def decided(i: int) -> Instances:
        return instances_of(probs[int(parts[i])], i, each[i], kind)

    with ThreadPoolExecutor(n_cores() if workers is None else workers) as pool:
        return list(pool.map(decided, range(len(each))))


def _by_fold(
    scoring: _Scoring, decided_objects: Sequence[Instances], folds: NDArray[np.int64]
) -> dict[str, float]:
    names = np.unique(folds)
    scores = scoring.sets(decided_objects, (names[:, None] == folds).astype(np.int64))
    return {
        str(name): float(score)
        for name, score in zip(names, scores, strict=True)
        if not np.isnan(score)
    }


def _interval(
    scoring: _Scoring,
    decided_objects: Sequence[Instances],
    units: NDArray[np.int64],
    n: int,
    seed: int,
) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    name = scoring.metric.name
    if scoring.metric.score_draws is None:
        return None, (f"no interval, and no tuning: {name} scores one set of images at a time",)
    drawn = _drawn(scoring, decided_objects, units, n, seed)
    defined = drawn[~np.isnan(drawn)]
    if 2 * len(defined) < len(drawn):
        return None, (f"no interval: {name} is undefined in most draws",)
    low, high = np.quantile(defined, [0.025, 0.975]).tolist()
    return (low, high), ()


def _drawn(
    scoring: _Scoring,
    decided_objects: Sequence[Instances],
    units: NDArray[np.int64],
    n: int,
    seed: int,
) -> NDArray[np.float64]:
    """Return the scores `(n,)` of resampled images; nan where the metric scores one set only."""
    if scoring.metric.score_draws is None:
        return np.full(n, np.nan)
    return scoring.sets(decided_objects, draws_of(units, np.ones_like(units), n=n, seed=seed))

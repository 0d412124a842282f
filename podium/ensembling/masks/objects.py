"""Blends of objects in a metric without sums of images, as mean average precision.

`honest` and `optimistic` mean what they do in `masks/blend.py`. Here every candidate is scored on
all sets of images that the fits need; the honest score is that of all images together, each mixed
and decided by what was fitted on the other folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.truths.instances import Instances
from podium.ensembling.blending import BlendOptions, DecidedFit
from podium.ensembling.honest import LONE_DRAW, BestMember, best_alone
from podium.ensembling.masks.candidates import candidates_for
from podium.ensembling.masks.combining import MemberMixture, PixelFits, alike
from podium.ensembling.masks.rows import MaskRows
from podium.ensembling.plain_decision import KeptPlain, worse_across_folds
from podium.ensembling.rows import is_lone, parts_of, refuse_lone_group
from podium.errors import DataError
from podium.predictions.decisions.objects import instances_of
from podium.predictions.store.masks import MaskProbs
from podium.tasks.protocols.find import pixel_kind
from podium.tasks.protocols.names import PIXELS
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
from podium.tuning.paying import DRAWS
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind
    from podium.tuning.masks.space import MaskSpace, StepSpace

__all__ = ["ObjectFits"]


@dataclass(frozen=True)
class ObjectFits:
    """Images whose objects are blended by one method or several, for a metric that ranks them all.

    A metric that cannot score many sets of images at once (`Metric.score_draws`) is not tuned and
    gets no interval.

    Attributes:
        rows, metric, kind: as `MaskFits` has them.
        pixels: fits the methods.
        how: what is common to all blends.
        data: digest of what is fitted on.
        workers, progress: as there.
    """

    rows: MaskRows
    metric: Metric
    kind: Kind
    pixels: PixelFits
    how: BlendOptions
    data: str = ""
    workers: int | None = None
    progress: Progress = SILENT

    def decided(self, method: str) -> DecidedFit:
        """Return what `method` finds on drawn pixels, and the candidate that scores best.

        Raises:
            DataError: the metric scores no objects or is undefined on them, an image has another
                size than its prediction, or a group crosses folds.
            UsageError: the method refuses these members; a step of the grid cannot be meant, or is
                a gate.
        """
        rows = self.rows
        refuse_lone_group(rows.folds, rows.units(), len(rows.names), method)
        scoring, mixing = self.scoring, self.pixels.by(method)
        found = self._decided(mixing)
        kept_plain, drawn = found.kept_plain, self._drawn(found.decided_objects)
        final = 0 if kept_plain else found.fitted.final
        return DecidedFit(
            source=mixing.how.source,
            final=mixing.final,
            by_part=mixing.by_part,
            decision=found.choosing.steps(final) if final or self.how.grid else [],
            kept_plain=kept_plain,
            honest=found.honest,
            untuned=found.untuned,
            interval=(None, (LONE_DRAW,))
            if is_lone(rows.folds, rows.units())
            else _interval(self.metric, drawn),
            optimistic=found.choosing.score_on_all(final),
            by_fold=_by_fold(scoring, found.decided_objects, self.rows.folds),
            n_scored=len(self.rows.ids),
            notes=mixing.notes,
            candidate_notes=self.space.notes,
            drawn=drawn,
            as_sent=self._drawn(found.plain_objects) if kept_plain else None,
        )

    @cached_property
    def scoring(self) -> _Scoring:
        """The metric, and what is true of the images."""
        options = self.how.metric_options
        metrics.fitting(self.metric, pixel_kind("instance"), options, task=PIXELS)
        truths = [_known(truth) for truth in self.rows.truths]
        return _Scoring(
            self.metric, self.kind, options, truths, self.workers, self.progress, self.how.raw
        )

    @cached_property
    def parts(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """The part of each image, and notes on them."""
        return parts_of(self.rows.folds, self.rows.units(), self.how.seed, plain=self.how.plain)

    @cached_property
    def space(self) -> MaskSpace | StepSpace:
        """The decisions that are tried."""
        probs = self.pixels.alone(0).masks(None)
        return candidates_for(
            self.metric,
            self.kind,
            probs,
            n_outputs=probs.channels,
            trials=1 if self.how.plain else self.how.trials,
            grid=self.how.grid,
        )

    @cached_property
    def alone(self) -> list[float]:
        """The score of each member by itself, plainly decided."""
        return self.scoring.members_alone(self.rows)

    @cached_property
    def best_member(self) -> BestMember | None:
        """The member that scores best alone, decided as it would be sent; None: there is one."""
        if len(self.rows.members) < 2:
            return None
        best = best_alone(self.alone, self.metric.is_better)
        found = self._decided(self.pixels.alone(best))
        sent = found.plain_objects if found.kept_plain else found.decided_objects
        return BestMember(self.rows.names[best], self.scoring.score(sent), self._drawn(sent))

    def _decided(self, mixing: MemberMixture) -> _Decided:
        return _Decided.of(self.scoring, self.space, mixing, self.parts[0], self.how.seed)

    def _drawn(self, decided_objects: list[Instances]) -> NDArray[np.float64]:
        """Return the scores `(n,)` of resampled images; nan where the metric scores one set."""
        units, n = self.rows.units(), self.how.n_resamples
        if self.metric.score_draws is None:
            return np.full(n, np.nan)
        draws = draws_of(units, np.ones_like(units), n=n, seed=self.how.seed)
        return self.scoring.sets(decided_objects, draws)


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
        fitted = cross_fit(
            choosing.fit,
            choosing.apply,
            folds=parts,
            groups=rows.groups,
            is_fixed=len(space.candidates) == 1,
        )
        steps = [choosing.steps(one) for one in fitted.prediction]
        decided_objects = _decide_each(mixing, parts, steps, scoring.kind, scoring.workers)
        return cls(scoring, mixing, parts, choosing, fitted, decided_objects)

    @cached_property
    def honest(self) -> float:
        """The honest score."""
        return self.scoring.score(self.decided_objects)

    @cached_property
    def untuned(self) -> float:
        """The honest score of the same mixes with the plain decision."""
        if len(alike(self.mixing.fits)) == 1:
            return self.choosing.score_on_all(0)
        return self.scoring.score(self.plain_objects)

    @cached_property
    def plain_objects(self) -> list[Instances]:
        """The objects of every image, plainly decided."""
        plain = [self.choosing.steps(0)] * len(self.parts)
        return _decide_each(self.mixing, self.parts, plain, self.scoring.kind, self.scoring.workers)

    @property
    def kept_plain(self) -> KeptPlain | None:
        """Why the plain decision is sent; None where the tuned one is."""
        if not self.fitted.final:
            return KeptPlain(
                "no decision gains more than its standard error on images that did not choose it"
            )
        return worse_across_folds(self.scoring.metric, self.honest, self.untuned)


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

    def score(self, decided_objects: Sequence[Instances]) -> float:
        """Return the score of all images, decided as `decided_objects`."""
        return metrics.score(self.metric, self.truths, decided_objects, **self.options)

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


def _decide_each(
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
) -> dict[int, float]:
    names = np.unique(folds)
    scores = scoring.sets(decided_objects, (names[:, None] == folds).astype(np.int64))
    return {
        name: float(score)
        for name, score in zip(names.tolist(), scores, strict=True)
        if not np.isnan(score)
    }


def _interval(
    metric: Metric, drawn: NDArray[np.float64]
) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    """Return the bounds of 95 % of drawn scores; None, and a note, where there are none."""
    name = metric.name
    if metric.score_draws is None:
        return None, (f"no interval, and no tuning: {name} scores one set of images at a time",)
    defined = drawn[~np.isnan(drawn)]
    if 2 * len(defined) < len(drawn):
        return None, (f"no interval: {name} is undefined in most draws",)
    low, high = np.quantile(defined, [0.025, 0.975]).tolist()
    return (low, high), ()

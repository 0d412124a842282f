"""Blends of objects in a metric without sums of images, as mean average precision.

What `honest` and `optimistic` are is said in `mask_blend.py`. Here every candidate is scored on all
sets of images that the fits ask for; the honest score is that of all images together, each decided
by the candidate that the other folds chose.
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
from podium.ensembling.blend import Blend, member_notes, tuning_notes
from podium.ensembling.mask_rows import MaskRows
from podium.ensembling.rows import parts_of
from podium.ensembling.weights import mean_weights
from podium.errors import DataError
from podium.predictions.decide_objects import instances_of
from podium.predictions.mask_probs import MaskProbs
from podium.tuning.cross_fit import cross_fit
from podium.tuning.mask_draws import (
    Draws,
    choose_candidate,
    draws_of,
    score_candidates,
    scores_of_draws,
    sets_of_fits,
    steps,
)
from podium.tuning.mask_space import MaskSpace, mask_space
from podium.tuning.worth import DRAWS
from podium.workspace.cores import n_cores
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["blend_of_objects"]


def blend_of_objects(
    rows: MaskRows,
    metric: Metric,
    kind: TaskKind,
    *,
    trials: int = 50,
    seed: int = 0,
    metric_options: Mapping[str, Any] | None = None,
    n_resamples: int = 1000,
    data: str = "",
    notes: Sequence[str] = (),
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Blend:
    """Return the mean of the members' masks with its decision, honest and optimistic score.

    A metric that cannot score many sets of images at once (`Metric.score_draws`) is not tuned and
    gets no interval. Arguments are those of `fit_masks`.

    Raises:
        DataError: the metric scores no objects or is undefined on them, an image has another size
            than its prediction, or a group crosses folds.
    """
    options = dict(metric_options or {})
    metrics.fitting(metric, "instance", options, task="segment")
    trials_done = trials if metric.score_draws is not None else 1
    parts, part_notes = parts_of(rows.folds, rows.units(), seed)
    weights = tuple(mean_weights(len(rows.members)).tolist())
    probs = rows.mixed(weights)
    truths = [_known(truth) for truth in rows.truths]
    scoring = _Scoring(metric, kind, options, truths, workers, progress)
    choosing = _Choosing.of(scoring, probs, parts, rows.units(), trials_done, seed)
    fitted = cross_fit(choosing.fit, choosing.apply, folds=parts, groups=rows.groups)
    said = _decided(probs, [choosing.steps(one) for one in fitted.prediction], kind, workers)
    honest = metrics.score(metric, truths, said, **options)
    interval, interval_notes = _interval(scoring, said, rows.units(), n_resamples, seed)
    untuned = choosing.score_on_all(0)
    alone = scoring.members_alone(rows) if len(rows.members) > 1 else []
    decision = choosing.steps(fitted.final) if fitted.final else []
    return Blend(
        members=rows.names,
        method="mean",
        weights=weights,
        decision=tuple(decision),
        honest=honest,
        honest_interval=interval,
        optimistic=choosing.score_on_all(fitted.final),
        metric=metric.name,
        metric_source=metric.source,
        n_scored=len(rows.ids),
        notes=(
            *rows.notes,
            *part_notes,
            *interval_notes,
            *tuning_notes(metric, decision, honest, untuned),
            *(member_notes(metric, rows.names, alone, honest) if alone else ()),
            *notes,
        ),
        kind=kind,
        options=options,
        greater_is_better=metric.greater_is_better,
        by_fold=_by_fold(scoring, said, rows.folds),
        untuned=untuned,
        seed=seed,
        trials=trials,
        data=data,
        task="segment",
    )


@dataclass(frozen=True)
class _Scoring:
    """A metric of objects, and what is true of the images."""

    metric: Metric
    kind: TaskKind
    options: dict[str, Any]
    truths: Sequence[Instances]
    workers: int | None
    progress: Progress

    def sets(self, said: Sequence[Instances], draws: Draws) -> NDArray[np.float64]:
        """Return the scores of sets of images, `(B,)`, decided as `said`."""
        return scores_of_draws(self.metric, self.truths, said, draws, self.options)

    def candidates(self, probs: MaskProbs, space: MaskSpace, draws: Draws) -> NDArray[np.float64]:
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
        plain = mask_space("instance", rows.mixed([1.0] * len(rows.members)).sizes, trials=1)
        return [
            float(self.candidates(rows.mixed(one), plain, every)[0, 0])
            for one in np.eye(len(rows.members)).tolist()
        ]


@dataclass(frozen=True)
class _Choosing:
    """The scores of all candidates on what each fit may see, the fit on all images last."""

    scoring: _Scoring
    space: MaskSpace
    parts: NDArray[np.int64]
    left_out: tuple[int | None, ...]
    values: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        scoring: _Scoring,
        probs: MaskProbs,
        parts: NDArray[np.int64],
        units: NDArray[np.int64],
        trials: int,
        seed: int,
    ) -> _Choosing:
        space = mask_space("instance", probs.sizes, trials=trials)
        left_out = (*np.unique(parts).tolist(), None)
        inside = [np.flatnonzero(parts != part) for part in left_out]
        draws = sets_of_fits(inside, units, n=DRAWS if trials > 1 else 0, seed=seed)
        return cls(scoring, space, parts, left_out, scoring.candidates(probs, space, draws))

    @property
    def _sets_of_a_fit(self) -> int:
        return int(self.values.shape[1]) // len(self.left_out)

    def fit(self, rows: NDArray[np.int64]) -> int:
        missing = set(self.parts.tolist()) - set(self.parts[rows].tolist())
        first = self.left_out.index(next(iter(missing), None)) * self._sets_of_a_fit
        of_fit = self.values[:, first : first + self._sets_of_a_fit]
        return choose_candidate(of_fit, self.scoring.metric)

    def apply(self, candidate: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.full(len(rows), candidate)

    def steps(self, candidate: int) -> list[dict[str, Any]]:
        return steps(self.space.candidates[candidate])

    def score_on_all(self, candidate: int) -> float:
        return float(self.values[candidate, (len(self.left_out) - 1) * self._sets_of_a_fit])


def _known(truth: Any) -> Instances:
    if truth is None:
        raise DataError("an image has no mask", fix="score images that have one")
    assert isinstance(truth, Instances)
    return truth


def _decided(
    probs: MaskProbs, each: Sequence[list[dict[str, Any]]], kind: TaskKind, workers: int | None
) -> list[Instances]:
    """Return the objects of every image, by steps of its own."""
    with ThreadPoolExecutor(n_cores() if workers is None else workers) as pool:
        return list(pool.map(lambda i: instances_of(probs, i, each[i], kind), range(len(each))))


def _by_fold(
    scoring: _Scoring, said: Sequence[Instances], folds: NDArray[np.int64]
) -> dict[str, float]:
    names = np.unique(folds)
    scores = scoring.sets(said, (names[:, None] == folds).astype(np.int64))
    return {
        str(name): float(score)
        for name, score in zip(names, scores, strict=True)
        if not np.isnan(score)
    }


def _interval(
    scoring: _Scoring, said: Sequence[Instances], units: NDArray[np.int64], n: int, seed: int
) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    name = scoring.metric.name
    if scoring.metric.score_draws is None:
        return None, (f"no interval, and no tuning: {name} scores one set of images at a time",)
    drawn = scoring.sets(said, draws_of(units, np.ones_like(units), n=n, seed=seed))
    known = drawn[~np.isnan(drawn)]
    if 2 * len(known) < len(drawn):
        return None, (f"no interval: {name} is undefined in most draws",)
    low, high = np.quantile(known, [0.025, 0.975]).tolist()
    return (low, high), ()

"""Blends of labels: what fits the members together with the decision, cross-fitted.

What the scores mean stands in `blend.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.ensembling.blend import Blend
from podium.ensembling.blending import BlendOptions, DecidedFit, blended
from podium.ensembling.honest import (
    BestMember,
    OofUnits,
    best_alone,
    honest_by_fold,
    honest_interval,
    units_from,
)
from podium.ensembling.method import BlendMethod, Fitted, Members, load_method
from podium.ensembling.nested import inner_folds, inner_predictions
from podium.ensembling.plain_decision import KeptPlain, notes_on_parts, why_plain
from podium.ensembling.rows import OofRows, gather, parts_of, refuse_lone_group
from podium.predictions.top_k import TopK, TopKMembers
from podium.tasks.protocols.find import image_kind
from podium.tuning.cross_fit import CrossFit, cross_fit
from podium.tuning.curves import group_codes
from podium.tuning.labels.calibration import TemperatureScaling, fit_calibration
from podium.tuning.labels.decision import choose_decision, notes_on_grid
from podium.tuning.labels.search import Search
from podium.tuning.paying import MIN_UNITS, Kept
from podium.tuning.scoring import LabelScorer, kind_of

if TYPE_CHECKING:
    from podium.predictions.store.reading import PredictionSet
    from podium.tasks.protocols.kind import Kind

__all__ = ["LabelFits", "blend"]


def blend(
    members: Members | Sequence[Members] | Sequence[PredictionSet],
    truth: NDArray[Any],
    metric: str | Metric,
    folds: NDArray[np.int64],
    *,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    ids: Sequence[str] | None = None,
    kind: str | None = None,
    method: str = "mean",
    names: Sequence[str] | None = None,
    trials: int = 50,
    seed: int = 0,
    metric_options: Mapping[str, Any] | None = None,
    n_resamples: int = 1000,
    storage: str | None = None,
    notes: Sequence[str] = (),
    n_classes: int | None = None,
) -> Blend:
    """Return the blend of `members` by `method`, with its honest and its optimistic score.

    Args:
        members: `(M, N, C)`, M arrays `(N, C)`, or prediction sets. Rows of arrays stand in the
            order of the truth; rows of sets are found by `ids`, and those that a set lacks are left
            out.
        truth: `(N,)` or `(N, C)`.
        metric: a metric's name, or the metric.
        folds: `(N,)`: the fold whose model predicted the row.
        groups: `(N,)`: a group may lie in one fold only; None or nan for rows of none.
        ids: `(N,)`, needed for sets.
        kind: of the task; None sees it from truth and C.
        method: a file of `ensembling/methods/`, or `module:object`.
        names: `(M,)`; default: the sets' runs, or numbers.
        trials: of the search for class weights, in each of the fits.
        seed: of the searches and of the interval.
        metric_options: options of the metric.
        n_resamples: draws for the interval.
        storage: URL of an Optuna database for the study of the final fit.
        notes: added to the blend's notes.
        n_classes: of an ordinal task; None takes the highest in `truth`.

    Raises:
        DataError: a value is not finite, sets were made with other folds, or a group crosses folds.
        UsageError: there is no such method, or arguments do not fit each other.
    """
    rows = gather(members, truth, folds, groups=groups, ids=ids, names=names)
    task = kind_of(rows.truth, rows.members.shape[2]) if kind is None else image_kind(kind)
    fits = LabelFits(
        rows,
        metrics.get(metric),
        task,
        trials=trials,
        seed=seed,
        metric_options=dict(metric_options or {}),
        n_resamples=n_resamples,
        storage=storage,
        notes=tuple(notes),
        n_classes=n_classes,
    )
    return fits.by(method)[0]


@dataclass(frozen=True)
class LabelFits(BlendOptions):
    """Rows that are blended by one method or several; what does not depend on it is made once.

    Attributes are the arguments of `blend`, beside those of `BlendOptions`.
    """

    rows: OofRows
    metric: Metric
    kind: Kind
    n_classes: int | None = None
    classes: tuple[str, ...] = ()  # the names of the columns, for notes; (): not known

    def by(self, method: str) -> tuple[Blend, OofUnits]:
        """Return the blend by `method` and its honest prediction of each row.

        Raises:
            UsageError: there is no such method, or it refuses these members.
        """
        made, units = blended(self, method, self)
        assert units is not None
        return made, units

    def decided(self, method: str) -> DecidedFit:
        """Return what `method` finds, fitted across the folds together with the decision."""
        rows, scorer = self.rows, self.scorer
        refuse_lone_group(rows.folds, rows.units(), len(rows.names), method)
        how = load_method(method, root=self.root)
        how.check(method, rows.members, scorer)
        fitter = self._fitter(how.prepared(rows.members, rows.folds), how)
        found = _CrossFitted.of(fitter, self.parts[0], rows.groups)
        prediction, final = found.prediction, found.final
        return DecidedFit(
            source=how.source,
            final=final.members,
            by_part={fold: one.members for fold, one in found.by_part.items()},
            decision=final.kept.decision,
            kept_plain=found.kept_plain,
            honest=scorer.score(prediction),
            untuned=found.untuned,
            interval=honest_interval(
                scorer,
                rows,
                truth=scorer.truth,
                prediction=prediction,
                n=self.n_resamples,
                seed=self.seed,
            ),
            optimistic=scorer.score(fitter.apply(final, np.arange(len(rows.truth)))),
            by_fold=honest_by_fold(
                lambda inside: scorer.take(inside).score(prediction[inside]), rows.folds
            ),
            n_scored=len(rows.truth),
            notes=(
                *final.members.notes,
                *notes_on_parts(final.kept, [one.kept for one in found.by_part.values()]),
                *self.grid_notes,
            ),
            units=self._units(prediction),
            as_sent=self._units(found.as_sent),
        )

    def within(self, method: str, parts: NDArray[np.int64]) -> dict[int, OofUnits]:
        """Return for each part what `method` honestly predicts of the other rows, not seeing it."""
        rows = self.rows
        how = load_method(method, root=self.root)
        prepared = how.prepared(rows.members, rows.folds)
        fitter = replace(self._fitter(prepared, how), storage=None)
        folds = inner_folds(parts, rows.units(), self.seed)
        found = inner_predictions(fitter.fit, fitter.apply, folds)
        return {
            part: self._units(prediction, np.flatnonzero(parts != part))
            for part, prediction in found.items()
        }

    @cached_property
    def data(self) -> str:
        """8 hex of the rows."""
        return self.rows.digest()

    @cached_property
    def scorer(self) -> LabelScorer:
        """The metric, bound to the truth of the rows."""
        return LabelScorer.of(
            self.metric,
            self.rows.truth,
            n_outputs=self.rows.members.shape[2],
            kind=self.kind,
            options=self.metric_options,
            n_classes=self.n_classes,
        )

    @cached_property
    def parts(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """`(N,)`, the folds to fit across, and notes on them."""
        return parts_of(self.rows.folds, self.rows.units(), self.seed, plain=self.plain)

    @cached_property
    def grid_notes(self) -> tuple[str, ...]:
        """Notes on the points of the grid that are not tried."""
        if not self.grid:
            return ()
        return notes_on_grid(self.scorer, self.grid, self.trials, self.rows.members.shape[2])

    @cached_property
    def alone(self) -> list[float]:
        """The score of each member by itself, `(M,)`, plainly decided: nothing is fitted."""
        return [self.scorer.of_probs(member) for member in self.rows.members]

    @cached_property
    def sent_alone(self) -> list[NDArray[Any]]:
        """The predictions of each member by itself, decided as it would be sent, `(M,)`.

        One that never reaches 0.5 may order the rows best: there tuning pays, and shows it.
        """
        if self.scorer.metric.scores_probs:
            return [self.scorer.prediction(member) for member in self.rows.members]
        fitters = [self._lone_fitter(m) for m in range(len(self.rows.members))]
        return [_sent_alone(one, self.parts[0], self.rows.groups) for one in fitters]

    @cached_property
    def best_member(self) -> BestMember | None:
        """The member that scores best alone, decided as it would be sent; None: there is one."""
        if len(self.rows.members) < 2:
            return None
        scores = [self.scorer.score(one) for one in self.sent_alone]
        best = best_alone(scores, self.scorer.metric.is_better)
        units = self._units(self.sent_alone[best])
        return BestMember.of(self.rows.names[best], units, n=self.n_resamples, seed=self.seed)

    def of_members(self, chosen: Sequence[int]) -> LabelFits:
        """Return the fits of these members alone, on the same rows."""
        members, names = self.rows.members, self.rows.names
        kept = [members[m] for m in chosen]
        few = TopKMembers(kept) if isinstance(members, TopKMembers) else np.stack(kept)
        rows = replace(self.rows, members=few, names=tuple(names[m] for m in chosen))
        return replace(self, rows=rows)

    def _lone_fitter(self, member: int) -> _Fitter:
        """Return the fitter of one member's decision, of which no study is kept."""
        lone = replace(self.of_members([member]), storage=None)
        return lone._fitter(lone.rows.members, load_method("mean"))

    def _fitter(self, members: Members, method: BlendMethod) -> _Fitter:
        return _Fitter(
            members,
            self.scorer,
            method,
            trials=self.trials,
            seed=self.seed,
            storage=self.storage,
            grid=self.grid,
            raw=self.raw,
            groups=None if self.rows.groups is None else self.rows.units(),
            plain=self.plain,
            classes=self.classes,
        )

    def _units(self, prediction: NDArray[Any], inside: NDArray[np.int64] | None = None) -> OofUnits:
        """Return the predictions of rows as units; rows without ids are numbered.

        Args:
            prediction: of the rows `inside`; None: of all.
        """
        rows, scorer = self.rows, self.scorer
        every = np.arange(len(rows.truth)) if inside is None else inside
        units = units_from(
            [str(row) if rows.ids is None else rows.ids[row] for row in every.tolist()],
            None if rows.groups is None else rows.units()[every],
            scorer.metric,
            dict(scorer.options),
            truth=scorer.truth[every],
            prediction=prediction,
        )
        assert units is not None
        return units


@dataclass(frozen=True)
class _Fitted:
    members: Fitted
    kept: Kept[list[dict[str, Any]]]


@dataclass(frozen=True)
class _Fitter:
    """Fits weights and decision on some rows, together, and applies them to others."""

    members: Members
    scorer: LabelScorer
    method: BlendMethod
    trials: int
    seed: int
    storage: str | None
    grid: tuple[dict[str, Any], ...] = ()
    raw: bool = False
    groups: NDArray[np.int64] | None = None
    plain: bool = False
    classes: tuple[str, ...] = ()

    def fit(self, rows: NDArray[np.int64]) -> _Fitted:
        inside, scorer = self.members[:, rows], self.scorer.take(rows)
        members = self.method.fitted(inside, scorer, seed=self.seed)
        how = Search(
            self.trials,
            self.seed,
            self.raw,
            None if self.groups is None else self.groups[rows],
            # Of all fits only the one that goes to the test set is kept.
            storage=self.storage if len(rows) == len(self.scorer.truth) else None,
            study_name="blend",
        )
        probs = self.method.combined(inside, members)
        if not self.plain and self.method.gives_probs:
            calibration = _calibration(probs, scorer, how.groups)
            if calibration is not None:
                members = members.calibrated_by(calibration, self.classes)
                probs = self.method.combined(inside, members)
        n_units = group_codes(self.groups, len(self.scorer.truth))[1]
        kept = choose_decision(
            probs, scorer, how, grid=self.grid, plain=self.plain, n_units_of_all=n_units
        )
        return _Fitted(members, kept)

    def apply(self, fitted: _Fitted, rows: NDArray[np.int64]) -> NDArray[Any]:
        probs = self.method.combined(self.members[:, rows], fitted.members)
        return self.scorer.prediction(probs, fitted.kept.decision)


def _calibration(
    probs: NDArray[Any] | TopK, scorer: LabelScorer, groups: NDArray[np.int64] | None
) -> TemperatureScaling | None:
    """Return the calibration of probabilities that a proper metric scores; None: of no others."""
    if isinstance(probs, TopK) or not (scorer.metric.is_proper and scorer.kind.is_prob):
        return None
    n_units = group_codes(groups, len(scorer.truth))[1]
    if n_units < MIN_UNITS:
        return None
    found = fit_calibration(
        probs, scorer.truth, scorer.kind, n_units=n_units, weights=scorer.weights()
    )
    before, after = scorer.of_probs(probs), scorer.of_probs(found.calibrated(probs))
    return found if scorer.metric.is_better(after, before) else found.plainly()


@dataclass(frozen=True)
class _CrossFitted:
    """Weights and decisions, cross-fitted, and what is sent.

    Attributes:
        prediction: of each row, by what was fitted without its part.
        by_part: the fit without each part.
        final: the fit on all rows, with the decision that is sent.
        untuned: the score of the same weights with the plain decision; None: nothing is decided.
        as_sent: of each row, by the weights fitted without its part, and the plain decision where
            that is what is sent; else `prediction`.
        kept_plain: why the plain decision is sent; None where it is not, or nothing is decided.
    """

    prediction: NDArray[Any]
    by_part: dict[int, _Fitted]
    final: _Fitted
    untuned: float | None
    as_sent: NDArray[Any]
    kept_plain: KeptPlain | None = None

    @classmethod
    def of(
        cls,
        fitter: _Fitter,
        parts: NDArray[np.int64],
        groups: NDArray[Any] | None,
        final: _Fitted | None = None,
    ) -> _CrossFitted:
        """Return what `fitter` finds across `parts`, and of all rows where `final` is None."""
        fitted = cross_fit(
            fitter.fit,
            fitter.apply,
            folds=parts,
            groups=groups,
            final=final,
            is_fixed=fitter.plain,
        )
        prediction, final, scorer = fitted.prediction, fitted.final, fitter.scorer
        if not scorer.is_tunable:
            return cls(prediction, fitted.by_fold, final, None, prediction)
        plainest = _decided_by(fitter, fitted, parts, [])
        untuned = scorer.score(plainest)
        first = final.kept.plain
        plain = _decided_by(fitter, fitted, parts, first) if fitter.grid else plainest
        kept_plain = why_plain(
            scorer.metric,
            final.kept,
            [one.kept for one in fitted.by_fold.values()],
            scorer.score(prediction),
            scorer.score(plain),
        )
        if kept_plain is None:
            return cls(prediction, fitted.by_fold, final, untuned, prediction)
        sent = replace(final, kept=final.kept.plainly())
        return cls(prediction, fitted.by_fold, sent, untuned, plain, kept_plain)


def _sent_alone(
    fitter: _Fitter, parts: NDArray[np.int64], groups: NDArray[Any] | None
) -> NDArray[Any]:
    """Return the `as_sent` of a member whose weight is not fitted.

    Where the fit on all rows keeps the plain decision, that is what is sent, and no part is fitted.
    """
    final = None
    if fitter.scorer.is_tunable:
        every = np.arange(len(parts))
        final = fitter.fit(every)
        if not final.kept.is_tuned:
            plain = final.kept.plain if fitter.grid else []
            return fitter.apply(replace(final, kept=replace(final.kept, decision=plain)), every)
    return _CrossFitted.of(fitter, parts, groups, final).as_sent


def _decided_by(
    fitter: _Fitter,
    fitted: CrossFit[_Fitted],
    parts: NDArray[np.int64],
    decision: list[dict[str, Any]],
) -> NDArray[Any]:
    """Return the predictions of the same weights with one decision throughout."""
    found: NDArray[Any] | None = None
    for part, one in fitted.by_fold.items():
        inside = np.flatnonzero(parts == part)
        given = replace(one, kept=replace(one.kept, decision=decision))
        combined = fitter.apply(given, inside)
        if found is None:
            found = np.empty((len(parts), *combined.shape[1:]), combined.dtype)
        found[inside] = combined
    assert found is not None
    return found

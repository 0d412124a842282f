"""Blends: members, weights and a decision, with the score to believe beside the score to doubt.

`honest` is cross-fitted: weights and decision for the rows of fold k come, together, from the rows
of the other folds. `optimistic` fits and scores on the same rows. What goes to the test set is
fitted on all of them. Cross-fitted is not nested: the members saw the other folds, and whoever
chooses among blends by `honest` has seen all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.ensembling import methods
from podium.ensembling.honest import honest_by_fold, honest_interval
from podium.ensembling.methods._method import Members, Method
from podium.ensembling.rows import Rows, gather, parts_of
from podium.ensembling.units import Units, units_from
from podium.errors import UsageError
from podium.tuning.cross_fit import CrossFit, cross_fit
from podium.tuning.decision import fit_decision
from podium.tuning.scoring import Scorer, kind_of
from podium.workspace import extensions

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind, TaskName
    from podium.competition.unit_spec import Aggregate
    from podium.predictions.reading import PredictionSet

__all__ = ["Blend", "blend", "load_method", "method_names"]


@dataclass(frozen=True)
class Blend:
    """Members and how they become one prediction of one task.

    Attributes:
        members: their names.
        method: the name of the method.
        weights: one a member.
        decision: steps of `decide`, fitted on all rows; empty where the metric scores
            probabilities, and where the plain decision is kept.
        honest: the cross-fitted score.
        honest_interval: bounds of 95 % of it, over rows or groups; None where it is undefined.
        optimistic: the score on the rows that everything was fitted on.
        metric: its name.
        n_scored: rows that every member predicted out of fold.
        notes: what a reader of the scores must know.
        kind: the kind of the task.
        options: the metric's options.
        greater_is_better: the metric's direction.
        by_fold: fold → its honest score, where it is defined.
        untuned: the honest score with the plain decision; None where nothing is decided.
        seed: of the searches.
        trials: of the search for class weights.
        data: 8 hex of the rows: members' values, truth, folds and groups.
        task: what is predicted.
        metric_source: digest of the metric's code, where it is the user's own.
        aggregate: how what members say of the images of a unit becomes one; None: images are
            scored.
    """

    members: tuple[str, ...]
    method: str
    weights: tuple[float, ...]
    decision: tuple[dict[str, Any], ...]
    honest: float
    honest_interval: tuple[float, float] | None
    optimistic: float
    metric: str
    n_scored: int
    notes: tuple[str, ...]
    kind: TaskKind
    options: dict[str, Any] = field(default_factory=dict)
    greater_is_better: bool = True
    by_fold: dict[str, float] = field(default_factory=dict)
    untuned: float | None = None
    seed: int = 0
    trials: int = 50
    data: str = ""
    task: TaskName = "classify"
    metric_source: str = ""
    aggregate: Aggregate | None = None

    @property
    def optimism(self) -> float:
        """How much better `optimistic` looks than `honest`."""
        gap = self.optimistic - self.honest
        return gap if self.greater_is_better else -gap


@dataclass(frozen=True)
class _Fitted:
    weights: NDArray[np.float64]
    decision: list[dict[str, Any]]


def method_names() -> list[str]:
    """Return the names of podium's blending methods; none is imported."""
    return extensions.names(methods)


def load_method(name: str) -> Method:
    """Return the blending method `name`, or `module:object`.

    Raises:
        UsageError: there is none.
    """
    found = extensions.load(methods, name, "METHOD")
    if not isinstance(found, Method):
        raise UsageError(f"{name} is a {type(found).__name__}, not a blending Method")
    return found


def blend(
    members: Members | Sequence[Members] | Sequence[PredictionSet],
    truth: NDArray[Any],
    metric: str | Metric,
    folds: NDArray[np.int64],
    *,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    ids: Sequence[str] | None = None,
    kind: TaskKind | None = None,
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
        method: a file of `ensembling/methods`, or `module:object`.
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
    return fit_rows(
        rows,
        metric,
        kind_of(rows.truth, rows.members.shape[2]) if kind is None else kind,
        method=method,
        trials=trials,
        seed=seed,
        metric_options=metric_options,
        n_resamples=n_resamples,
        storage=storage,
        notes=notes,
        n_classes=n_classes,
    )[0]


def fit_rows(
    rows: Rows,
    metric: str | Metric,
    kind: TaskKind,
    *,
    method: str = "mean",
    trials: int = 50,
    seed: int = 0,
    metric_options: Mapping[str, Any] | None = None,
    n_resamples: int = 1000,
    storage: str | None = None,
    notes: Sequence[str] = (),
    n_classes: int | None = None,
    aggregate: Aggregate | None = None,
) -> tuple[Blend, Units | None]:
    """Return what `blend` does, of rows that were gathered; and what it honestly says of each.

    The latter is None where rows have no ids. The other arguments are those of `blend`.

    Args:
        aggregate: how rows of images became these rows, of units.
    """
    scorer = Scorer.of(
        metric,
        rows.truth,
        n_outputs=rows.members.shape[2],
        kind=kind,
        options=metric_options,
        n_classes=n_classes,
    )
    fitter = _Fitter(rows.members, scorer, load_method(method), trials, seed, storage)
    parts, part_notes = parts_of(rows.folds, rows.units(), seed)
    fitted = cross_fit(fitter.fit, fitter.apply, folds=parts, groups=rows.groups)
    honest = scorer.score(fitted.prediction)
    untuned = _untuned(fitter, fitted, parts)
    interval, interval_notes = honest_interval(
        scorer,
        rows,
        truth=scorer.truth,
        prediction=fitted.prediction,
        n=n_resamples,
        seed=seed,
    )
    score_notes = (
        *tuning_notes(scorer.metric, fitted.final.decision, honest, untuned),
        *_member_notes(rows, scorer, honest),
    )
    units = units_from(
        rows.ids,
        None if rows.groups is None else rows.units(),
        scorer.metric,
        dict(scorer.options),
        truth=scorer.truth,
        prediction=fitted.prediction,
    )
    made = Blend(
        members=rows.names,
        method=method,
        weights=tuple(fitted.final.weights.tolist()),
        decision=tuple(fitted.final.decision),
        honest=honest,
        honest_interval=interval,
        optimistic=scorer.score(fitter.apply(fitted.final, np.arange(len(rows.truth)))),
        metric=scorer.metric.name,
        metric_source=scorer.metric.source,
        n_scored=len(rows.truth),
        notes=(*rows.notes, *part_notes, *interval_notes, *score_notes, *notes),
        kind=kind,
        options=dict(metric_options or {}),
        greater_is_better=scorer.metric.greater_is_better,
        by_fold=honest_by_fold(
            lambda inside: scorer.take(inside).score(fitted.prediction[inside]), rows.folds
        ),
        untuned=untuned,
        seed=seed,
        trials=trials,
        data=rows.digest(),
        aggregate=aggregate,
    )
    return made, units


@dataclass(frozen=True)
class _Fitter:
    """Fits weights and decision on some rows, together, and applies them to others."""

    members: Members
    scorer: Scorer
    method: Method
    trials: int
    seed: int
    storage: str | None

    def fit(self, rows: NDArray[np.int64]) -> _Fitted:
        inside, scorer = self.members[:, rows], self.scorer.take(rows)
        weights = (
            np.ones(1) if len(inside) == 1 else self.method.fit(inside, scorer, seed=self.seed)
        )
        decision = fit_decision(
            self.method.combine(inside, weights),
            scorer.truth,
            scorer.metric,
            scorer.kind,
            trials=self.trials,
            seed=self.seed,
            options=scorer.options,
            # Of all fits only the one that goes to the test set is worth keeping.
            storage=self.storage if len(rows) == len(self.scorer.truth) else None,
            study_name="blend",
            n_classes=scorer.n_classes,
        )
        return _Fitted(weights, decision)

    def apply(self, fitted: _Fitted, rows: NDArray[np.int64]) -> NDArray[Any]:
        probs = self.method.combine(self.members[:, rows], fitted.weights)
        return self.scorer.prediction(probs, fitted.decision)


def _untuned(fitter: _Fitter, fitted: CrossFit[_Fitted], parts: NDArray[np.int64]) -> float | None:
    """Return the honest score of the same weights with the plain decision."""
    if not fitter.scorer.is_tunable:
        return None
    plain: NDArray[Any] | None = None
    for part, one in fitted.by_fold.items():
        inside = np.flatnonzero(parts == part)
        said = fitter.apply(_Fitted(one.weights, []), inside)
        if plain is None:
            plain = np.empty((len(parts), *said.shape[1:]), said.dtype)
        plain[inside] = said
    return fitter.scorer.score(plain) if plain is not None else None


def tuning_notes(
    metric: Metric, decision: Sequence[Any], honest: float, untuned: float | None
) -> tuple[str, ...]:
    """Return notes on a decision that tuning did not find, or should not have found."""
    if untuned is not None and not decision:
        return ("tuning gained less than its standard error: the plain decision is kept",)
    if untuned is None or not metric.is_better(untuned, honest):
        return ()
    return (f"the plain decision scores better: honest {untuned:.4f}, tuned {honest:.4f}",)


def _member_notes(rows: Rows, scorer: Scorer, honest: float) -> tuple[str, ...]:
    """Return a note where a member alone beats the blend; nothing is fitted to score a member."""
    alone = [scorer.of_probs(member) for member in rows.members]
    return member_notes(scorer.metric, rows.names, alone, honest)


def member_notes(
    metric: Metric, names: Sequence[str], alone: Sequence[float], honest: float
) -> tuple[str, ...]:
    """Return a note where the best of several members, scored `alone`, beats the blend."""
    best, best_score = "", honest
    for name, score in zip(names, alone, strict=True):
        if len(names) > 1 and metric.is_better(score, best_score):
            best, best_score = name, score
    if not best:
        return ()
    how = " with the plain decision" if metric.needs == "decisions" else ""
    return (f"{best} alone{how} scores better: {best_score:.4f}",)

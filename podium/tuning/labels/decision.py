"""The decision on labels, tuned: thresholds, class weights or cut points, as steps of `decide`.

Of a grid that a user writes (`tuning/step_grid.py`) every candidate is scored, and the first one is
kept where the best gains no more than the standard error of its gain.

**Rules of rows** (multilabel): how many classes a row has, at least and at most. Where a metric
scores a row by all of its labels together (F-beta of samples, accuracy of rows), a row with no
label, or too many, loses more than a threshold of each class can mend. "Never empty" is the
plainest such rule (`at_least: 1`); the numbers of labels of the rows at hand bound what is tried.
With n ≤ k the two rules change different rows: those with fewer than n labels, and those with more
than k. So, of a mean over rows, the best n is best whatever k is, and each is searched by itself. A
rule is kept where it gains more than the standard error of its gain. Thresholds are not fitted
again with the rules: on simulated rows (n = 200 and 1,000) that gained 0.000 ± 0.001 on others.

**"None of the classes" in a ranking**: its place is tuned as if its probability were a threshold.
Of a row it matters only how many of its likeliest classes reach the threshold. So the metric's sums
of every row with the answer in each of its k + 1 places are all that is needed: as the threshold
passes a probability, the answer moves one place up in that row, and one count of moves over all
probabilities gives every point of the curve.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import DataError, UsageError
from podium.predictions.decisions.labels import Step, check_steps, default_steps, steps_output
from podium.predictions.top_k import TopK, rank, top_classes
from podium.tuning.curves import Curve, group_codes
from podium.tuning.labels.search import Search, tuning_of
from podium.tuning.labels.thresholds import (
    MAX_POINTS,
    BootstrapDraws,
    ThresholdSweep,
    spread,
)
from podium.tuning.one_standard_error import passes_one_standard_error
from podium.tuning.scoring import LabelScorer
from podium.tuning.step_grid import StepGrid

__all__ = [
    "fit_decision",
    "fit_unknown_threshold",
    "notes_on_grid",
    "scores_rows_jointly",
    "unknown_curve",
    "with_row_rules",
]


MOST_LABELS = 8  # of a row: larger numbers are not tried

Steps = list[dict[str, Any]]


def scores_rows_jointly(scorer: LabelScorer) -> bool:
    """Return whether a row's score depends on all its labels together, as rules of rows do.

    A mean over classes does not: there a label of one class has nothing to do with another's. Of a
    metric that is the user's own this is unknown: then it may.
    """
    if not scorer.kind.is_by_class or not scorer.needs_decisions:
        return False
    name, options = scorer.metric.name, scorer.metric.complete(scorer.options)
    if name not in metrics.names() or scorer.metric is not metrics.get(name):
        return True
    return options.get("average") == "samples" or options.get("over") == "row"


def with_row_rules(
    scorer: LabelScorer,
    probs: NDArray[Any],
    held: Sequence[Step],
    *,
    tuned: Sequence[Step],
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> Steps:
    """Return `held`, or thresholds with rules of rows that gain more than chance over it.

    The rules are tried with the thresholds of `held`, and then with those that were not held: they
    were tuned for rows without rules, or not at all, and either may be better with them.

    Args:
        scorer: the metric and the truth of the rows.
        probs: `(N, C)`.
        held: the decision without rules; empty: the plain one.
        tuned: the thresholds that were tuned.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        seed: of the draws for the standard error of a gain.

    Returns:
        steps of `decide`; where no rule gains enough `held`.
    """
    best = [dict(one) for one in held]
    if not scores_rows_jointly(scorer) or scorer.truth.shape[1] < 2:
        return best
    tried = _Tried(scorer, probs, groups, seed)
    plain = default_steps(scorer.kind)
    for thresholds in (best or plain, plain if best else tuned):
        start = [dict(one) for one in thresholds]
        found = tried.with_rules(start)
        if found != start and tried.is_kept(best, found):
            best = found
    return best


@dataclass(frozen=True)
class _Tried:
    """Rows on which rules are tried; attributes are the arguments of `with_row_rules`."""

    scorer: LabelScorer
    probs: NDArray[Any]
    groups: NDArray[Any] | None
    seed: int

    def is_kept(self, held: Steps, steps: Steps) -> bool:
        """Return whether steps gain more over those that are held than chance."""
        if self._goodness(steps) <= self._goodness(held):
            return False  # nothing needs to be drawn
        predictions = [self.scorer.prediction(self.probs, one) for one in (held, steps)]
        return passes_one_standard_error(
            self.scorer, *predictions, groups=self.groups, seed=self.seed
        )

    def with_rules(self, start: Steps) -> Steps:
        """Return `start` and after it the rules that gain more than chance."""
        truth = self.scorer.truth
        most = int(min(truth.shape[1] - 1, MOST_LABELS, max(1, (truth > 0).sum(axis=1).max())))
        with_least = self._best(start, "at_least", range(1, most + 1))
        least = with_least[-1].get("at_least", 1)
        # The plainest first, of equal scores it is kept: so few labels added, so many left.
        return self._best(with_least, "at_most", range(most, least - 1, -1))

    def _best(self, held: Steps, rule: str, numbers: Iterable[int]) -> Steps:
        """Return `held` with the number of `rule` that scores best, if it gains enough."""
        best = max(([*held, {rule: number}] for number in numbers), key=self._goodness)
        return best if self.is_kept(held, best) else held

    def _goodness(self, steps: Steps) -> float:
        score = self.scorer.of_probs(self.probs, steps)
        return score if self.scorer.metric.greater_is_better else -score


def fit_unknown_threshold(
    probs: NDArray[Any] | TopK,
    scorer: LabelScorer,
    *,
    raw: bool = False,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Return the step of `decide` that makes what the metric needs, a ranking or confident classes.

    Where "none of the classes" is right for some rows of a ranking (a truth of -1), it stands at
    the robust threshold (`Curve.robust`) if that gains more than the standard error of its gain
    over leaving it out.

    Args:
        probs: `(N, C)`.
        scorer: the metric and the truth of the rows.
        raw: take the best threshold itself.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        seed: of the draws that give a gain its standard error.
    """
    k = _places(scorer)
    plain = default_steps(scorer.kind, scorer.metric.needs, k=k)
    if not scorer.is_tunable:
        return plain
    curve, sweep = _swept(probs, scorer)
    if raw or sweep is None:
        unknown = curve.best()
    else:
        codes, _ = group_codes(groups, len(scorer.truth))
        # A row has a place for each class that it lists, and is drawn with all of them.
        draws = BootstrapDraws(
            len(sweep.places), np.repeat(codes, len(sweep.places) // len(codes)), seed=seed
        )
        unknown = curve.robust(sweep.errors(curve.scores, draws))
    tuned = [{"topk": {"k": k, "unknown": unknown}}]
    predictions = [scorer.prediction(probs, steps) for steps in (plain, tuned)]
    return (
        tuned
        if passes_one_standard_error(scorer, *predictions, groups=groups, seed=seed)
        else plain
    )


def unknown_curve(probs: NDArray[Any] | TopK, scorer: LabelScorer) -> Curve:
    """Return the score of every threshold of "none of the classes" that makes a difference.

    Args:
        probs: `(N, C)`, compared as float32, the type in which they are stored.
        scorer: of a metric that needs a ranking, and its truth: -1 where no class is right.
    """
    return _swept(probs, scorer)[0]


def _swept(probs: NDArray[Any] | TopK, scorer: LabelScorer) -> tuple[Curve, ThresholdSweep | None]:
    """Return the curve and the function of its standard errors; None if the metric has no sums."""
    values = probs if isinstance(probs, TopK) else np.asarray(probs, dtype=np.float32)
    k = _places(scorer)
    classes, best = top_classes(values, k)
    distinct, places = np.unique(best, return_inverse=True)
    above_all = np.nextafter(distinct[-1], np.float32(np.inf))
    thresholds = np.append(distinct, above_all).astype(np.float32)
    sums = _sums_at_places(classes, scorer, k, values.shape[1])
    if sums is None:
        if len(thresholds) > MAX_POINTS:
            thresholds = thresholds[spread(len(thresholds), MAX_POINTS)]
        scores = np.array([scorer.score(rank(values, k, unknown=float(t))) for t in thresholds])
        return Curve(thresholds, scores, scorer.metric.greater_is_better), None
    # Of a row whose j likeliest classes reach the threshold the answer stands at place j.
    n_rows, n_listed = classes.shape
    below = np.zeros((n_rows, n_listed, sums.shape[2]))
    below[:, 0] = sums[0]
    moves = (sums[1:] - sums[:-1]).transpose(1, 0, 2)
    sweep = ThresholdSweep(
        scorer,
        thresholds,
        places.reshape(-1).astype(np.int64),
        np.arange(best.size),
        below.reshape(best.size, -1),
        moves.reshape(best.size, -1),
    )
    return Curve(thresholds, sweep.scores(), scorer.metric.greater_is_better), sweep


def _places(scorer: LabelScorer) -> int:
    return int(scorer.metric.complete(scorer.options).get("k", 1))


def _sums_at_places(
    classes: NDArray[np.int64], scorer: LabelScorer, k: int, n_classes: int
) -> NDArray[np.float64] | None:
    """Return the sums of each row with the answer at each place `(places, N, S)`, if any."""
    if scorer.metric.sums is None or scorer.metric.value is None:
        return None
    at_place = []
    for place in range(classes.shape[1] + 1):
        ranking = np.insert(classes, place, n_classes, axis=1)[:, :k]
        at_place.append(metrics.sums(scorer.metric, scorer.truth, ranking, **scorer.options))
    return np.stack([np.asarray(one, dtype=np.float64) for one in at_place])


def fit_decision(
    probs: NDArray[Any] | TopK,
    truth: NDArray[Any],
    metric: str | Metric,
    kind: str,
    *,
    trials: int = 50,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
    storage: str | None = None,
    study_name: str = "class-weights",
    n_classes: int | None = None,
    grid: Sequence[Step | str] = (),
    raw: bool = False,
    groups: NDArray[Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the steps of `decide` that score best on these rows, robustly.

    Thresholds and cut points are centres of what is within chance of the best (`curves.py`). None
    where nothing is decided, or where the best steps gain less over the plain decision than
    the standard error of that gain: then the plain one is kept. Rankings have steps always.

    Args:
        probs: `(N, C)`; binary `(N,)` or `(N, 1)`; of thousands of classes `TopK`, whose rankings
            are tuned.
        truth: as the metric takes it.
        metric: any; one that scores probabilities needs no decision.
        kind: multiclass is decided by class weights, binary and multilabel by thresholds (and rules
            of rows where these are scored as a whole), ordinal by cut points: its part `tuning`; of
            a ranking it is tuned where "none of the classes" stands.
        trials: of the search for class weights.
        seed: of the search.
        options: options of the metric.
        storage: URL of an Optuna database that keeps the study; None keeps none.
        study_name: the study's name there.
        n_classes: of an ordinal task; None takes the highest in `truth`.
        grid: steps with values to try, see `fit_step_grid`; none: podium's own search.
        raw: take the thresholds and cut points that score best themselves.
        groups: `(N,)`: rows that are drawn together where a standard error is; None: each by
            itself.
    """
    scorer = LabelScorer.of(
        metric,
        truth,
        n_outputs=_n_outputs(probs),
        kind=kind,
        options=options,
        n_classes=n_classes,
    )
    if grid:
        return fit_step_grid(probs, scorer, grid, trials=trials, groups=groups, seed=seed)
    if scorer.metric.scores_ranking or scorer.metric.scores_confident:
        return fit_unknown_threshold(probs, scorer, raw=raw, groups=groups, seed=seed)
    # Weights of thousands of classes cannot be tuned, nor shown to beat the likeliest ones.
    if not scorer.is_tunable or isinstance(probs, TopK):
        return []
    how = Search(trials, seed, raw, groups, storage, study_name)
    steps = tuning_of(scorer.kind).fit(probs, scorer, how)
    plain, tuned = scorer.prediction(probs), scorer.prediction(probs, steps)
    held = (
        steps if passes_one_standard_error(scorer, plain, tuned, groups=groups, seed=seed) else []
    )
    return with_row_rules(scorer, probs, held, tuned=steps, groups=groups, seed=seed)


def fit_step_grid(
    probs: NDArray[Any] | TopK,
    scorer: LabelScorer,
    grid: Sequence[Step | str],
    *,
    trials: int = 50,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Return the steps of a user's grid that score best; the first ones where that may be luck.

    Args:
        probs: as `fit_decision` has them.
        scorer: the metric and the truth of the rows.
        grid: steps with values to try, as `StepGrid` has them.
        trials: how many candidates at most, plainest first.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        seed: of the draws for the standard error of a gain.

    Raises:
        UsageError: nothing is decided, or the steps cannot decide this task for this metric.
    """
    each = _candidates(scorer, grid, trials, _n_outputs(probs))
    first, best = each[0], max(each, key=lambda steps: _goodness(scorer, probs, steps))
    if best == first:
        return first
    predictions = [scorer.prediction(probs, steps) for steps in (first, best)]
    return (
        best if passes_one_standard_error(scorer, *predictions, groups=groups, seed=seed) else first
    )


def notes_on_grid(
    scorer: LabelScorer, grid: Sequence[Step | str], trials: int, n_outputs: int
) -> tuple[str, ...]:
    """Return a note where not all of a user's grid is tried; arguments are those of the fit.

    Raises:
        UsageError: as `fit_step_grid`.
    """
    n_tried = len(_candidates(scorer, grid, trials, n_outputs))
    return StepGrid.of(grid).notes(n_tried, trials)


def _candidates(
    scorer: LabelScorer, grid: Sequence[Step | str], trials: int, n_outputs: int
) -> list[list[dict[str, Any]]]:
    """Return the lists of steps that are tried."""
    needs = scorer.metric.needs
    if scorer.metric.scores_probs or scorer.kind.is_continuous:
        raise UsageError(
            f"{scorer.metric.name} of {scorer.kind.named} task scores what is not decided",
            fix="leave out --steps",
        )

    def check(steps: list[dict[str, Any]]) -> None:
        check_steps(steps, scorer.kind, n_outputs=n_outputs)
        if steps_output(steps) != needs:
            raise UsageError(
                f"decide: {scorer.metric.name} scores {needs}, and {next(iter(steps[0]))} makes "
                f"{steps_output(steps)}",
                fix="write topk for rankings, confident for classes with how sure they are",
            )

    found = StepGrid.of(grid).candidates(trials, check)
    return [one.steps for one in found.values()]


def _goodness(scorer: LabelScorer, probs: NDArray[Any] | TopK, steps: Sequence[Step]) -> float:
    """Return the score, greater for better; -inf where it is undefined."""
    try:
        score = scorer.of_probs(probs, steps)
    except DataError:
        return -np.inf
    return score if scorer.metric.greater_is_better else -score


def _n_outputs(probs: NDArray[Any] | TopK) -> int:
    return 1 if probs.ndim == 1 else int(probs.shape[1])

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

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import UsageError, either, plural
from podium.predictions.decisions.labels import Step, check_steps, default_steps, steps_output
from podium.predictions.top_k import TopK, rank, top_classes
from podium.tuning.curves import Curve, group_codes
from podium.tuning.labels.believed import believed_probs, likely_truths
from podium.tuning.labels.calibration import ROWS_OF_A_CLASS
from podium.tuning.labels.search import Search, tuning_of
from podium.tuning.labels.thresholds import (
    MAX_POINTS,
    BootstrapDraws,
    ThresholdSweep,
    spread,
)
from podium.tuning.paying import (
    ASKED,
    MIN_UNITS,
    Kept,
    Scored,
    inner_parts,
    keep_what_pays,
)
from podium.tuning.scoring import LabelScorer
from podium.tuning.step_grid import StepGrid

__all__ = [
    "choose_decision",
    "fit_unknown_threshold",
    "notes_on_grid",
    "scores_rows_jointly",
    "unknown_curve",
    "with_row_rules",
]


MOST_BELIEVED = 2_000  # rows: of more, what is observed is exact enough, and quicker
MOST_LABELS = 8  # of a row: larger numbers are not tried

Steps = list[dict[str, Any]]


def scores_rows_jointly(scorer: LabelScorer) -> bool:
    """Return whether a row's score depends on all its labels together, as rules of rows do.

    A mean over classes does not: there a label of one class has nothing to do with another's. Of a
    metric that is the user's own this is unknown: then it may.
    """
    if not scorer.kind.is_by_class or not scorer.needs_decisions:
        return False
    return _scores_jointly(scorer.metric, scorer.metric.complete(scorer.options))


def _scores_jointly(metric: Metric, options: Mapping[str, Any]) -> bool:
    if metric.terms:
        return any(_scores_jointly(one.metric, options[one.label]) for one in metric.terms)
    if not _is_of_podium(metric):
        return True
    return options.get("average") == "samples" or options.get("over") == "row"


def can_be_believed(scorer: LabelScorer) -> bool:
    """Return whether gains follow from probabilities: of few rows, and a metric of podium's.

    Not of a metric that scores rows as a whole: the labels of a row go together.
    """
    return (
        scorer.kind.is_prob
        and scorer.metric.values is not None
        and len(scorer.truth) <= MOST_BELIEVED
        and _is_of_podium(scorer.metric)
        and not scores_rows_jointly(scorer)
    )


def _is_of_podium(metric: Metric) -> bool:
    """Return whether a metric, or each term of a sum, is one of podium's own."""
    if metric.terms:
        return all(_is_of_podium(one.metric) for one in metric.terms)
    return metric.name in metrics.names() and metric is metrics.get(metric.name)


def with_row_rules(scorer: LabelScorer, probs: NDArray[Any], tuned: Sequence[Step]) -> list[Steps]:
    """Return decisions with the rules of rows that score best on these rows, be it by chance.

    The rules are tried with the thresholds that were tuned, and with the plain ones: thresholds
    were tuned for rows without rules, and either may be better with them.

    Args:
        scorer: the metric and the truth of the rows.
        probs: `(N, C)`.
        tuned: the thresholds that were tuned.

    Returns:
        Two lists of steps, by the tuned thresholds and by the plain ones; none where rows are not
        scored as a whole.
    """
    if not scores_rows_jointly(scorer) or scorer.truth.shape[1] < 2:
        return []
    return [_with_rules(scorer, probs, one) for one in (tuned, default_steps(scorer.kind))]


def _with_rules(scorer: LabelScorer, probs: NDArray[Any], thresholds: Sequence[Step]) -> Steps:
    """Return `thresholds` and after it the rules that score better."""
    truth = scorer.truth
    most = int(min(truth.shape[1] - 1, MOST_LABELS, max(1, (truth > 0).sum(axis=1).max())))

    def best(held: Steps, rule: str, numbers: Iterable[int]) -> Steps:
        # Without a rule, then the plainest: so few labels added, so many left.
        tried = [held, *([*held, {rule: number}] for number in numbers)]
        return max(tried, key=lambda steps: _goodness(scorer, probs, steps))

    with_least = best([dict(one) for one in thresholds], "at_least", range(1, most + 1))
    least = with_least[-1].get("at_least", 1)
    return best(with_least, "at_most", range(most, least - 1, -1))


def fit_unknown_threshold(
    probs: NDArray[Any] | TopK,
    scorer: LabelScorer,
    *,
    raw: bool = False,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Return the step of `decide` that makes a ranking, with the place of "none of the classes".

    Where that is right for some rows (a truth of -1), it stands at the robust threshold
    (`Curve.robust`); where it is right for none, nowhere.

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
    return [{"topk": {"k": k, "unknown": unknown}}]


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
    return scorer.metric.n_ranked(scorer.options)


def _sums_at_places(
    classes: NDArray[np.int64], scorer: LabelScorer, k: int, n_classes: int
) -> NDArray[np.float64] | None:
    """Return the sums of each row with the answer at each place `(places, N, S)`, if any."""
    if not scorer.metric.has_sums:
        return None
    at_place = []
    for place in range(classes.shape[1] + 1):
        ranking = np.insert(classes, place, n_classes, axis=1)[:, :k]
        at_place.append(metrics.sums(scorer.metric, scorer.truth, ranking, **scorer.options))
    return np.stack([np.asarray(one, dtype=np.float64) for one in at_place])


def choose_decision(
    probs: NDArray[Any] | TopK,
    scorer: LabelScorer,
    how: Search,
    *,
    grid: Sequence[Step | str] = (),
    plain: bool = False,
    n_units_of_all: int | None = None,
) -> Kept[Steps]:
    """Return the steps of `decide` that pay, and the evidence for them.

    The steps are [] where nothing is decided, or where the tuned ones gain less over the plain
    decision than the standard error of that gain in an inner cross-fit (`tuning/paying.py`).
    Rankings have steps always. A kind's part `tuning` gives what is tried; of a ranking it is where
    "none of the classes" stands.

    Args:
        probs: `(N, C)`; binary `(N,)` or `(N, 1)`; of thousands of classes `TopK`, whose rankings
            are tuned.
        scorer: any metric, and the truth of the rows; what scores probabilities needs no decision.
        how: the search; whether it believes probabilities is found here.
        grid: steps with values to try, as `StepGrid` has them; none: podium's own search.
        plain: keep the plain decision, and fit nothing.
        n_units_of_all: rows, or groups, of all folds, where these rows are those without one: then
            half as many as are needed will do. None: these are all.

    Raises:
        UsageError: the steps of the grid cannot decide this task for this metric.
    """
    trials, seed, raw, groups = how.trials, how.seed, how.raw, how.groups
    factor, decided = scorer.for_decisions()
    if decided is not scorer:  # the other terms are as they are, whatever is decided
        kept = choose_decision(
            probs, decided, how, grid=grid, plain=plain, n_units_of_all=n_units_of_all
        )
        return replace(kept, evidence=kept.evidence.scaled(abs(factor)))
    first = _plain_steps(scorer, probs, grid, trials)
    n_units = group_codes(groups, len(scorer.truth))[1]
    # Rows of a group err alike: then their probabilities tell less than they seem to.
    is_believed = n_units == len(scorer.truth) and not (raw or grid) and can_be_believed(scorer)
    how = replace(how, is_believed=is_believed)
    if plain or not _is_searched(scorer, probs, grid):
        return Kept.untuned(first, n_units, ASKED if plain else "there is nothing to tune")
    lacking = _lacking(scorer, n_units, _n_outputs(probs), n_units_of_all)
    if lacking:
        return Kept.untuned(first, n_units, lacking)
    fit: Callable[[NDArray[np.int64]], Sequence[Steps]]
    if grid:
        fit = _GridSearch.of(scorer, probs, grid, trials).fit
    else:
        fit = partial(_searched, scorer, probs, how)
    parts = inner_parts(len(scorer.truth), groups=groups, seed=seed)
    if raw or scores_rows_jointly(scorer) or scorer.metric.values is None:  # searched slowly
        parts = parts[:1]
    return keep_what_pays(
        fit,
        lambda steps, rows: scorer.prediction(probs[rows], steps),
        lambda prediction, rows: Scored(
            scorer.metric, scorer.options, prediction, scorer.truth[rows]
        ),
        first,
        parts=parts,
        groups=groups,
        seed=seed,
        expected=_ExpectedSums(scorer, probs, seed) if how.is_believed else None,
    )


@dataclass(frozen=True)
class _ExpectedSums:
    """From a prediction of all rows to the sums that are expected of it."""

    scorer: LabelScorer
    probs: NDArray[Any] | TopK
    seed: int

    @cached_property
    def truths(self) -> list[NDArray[np.int64]]:
        believed = believed_probs(np.asarray(self.probs), self.scorer.truth, self.scorer.kind)
        return likely_truths(believed, self.scorer.kind, seed=self.seed)

    def __call__(self, prediction: NDArray[Any]) -> NDArray[np.float64]:
        """Return the sums `(N, S)`, on average over the truths."""
        metric, options = self.scorer.metric, self.scorer.options
        each = [np.asarray(metrics.sums(metric, one, prediction, **options)) for one in self.truths]
        return np.asarray(np.mean(each, axis=0, dtype=np.float64))


def _plain_steps(
    scorer: LabelScorer, probs: NDArray[Any] | TopK, grid: Sequence[Step | str], trials: int
) -> Steps:
    """Return the decision that needs no evidence: of a grid its first one, else the plain one."""
    if grid:
        return _candidates(scorer, grid, trials, _n_outputs(probs))[0]
    if scorer.metric.scores_ranking or scorer.metric.scores_confident:
        return default_steps(scorer.kind, scorer.metric.needs, k=_places(scorer))
    return []


def _is_searched(
    scorer: LabelScorer, probs: NDArray[Any] | TopK, grid: Sequence[Step | str]
) -> bool:
    """Return whether there is anything to tune."""
    if grid:
        return True
    if scorer.metric.scores_ranking or not scorer.is_tunable:
        return scorer.is_tunable
    # Weights of thousands of classes cannot be tuned, nor shown to beat the likeliest ones.
    return not isinstance(probs, TopK)


def _lacking(
    scorer: LabelScorer, n_units: int, n_outputs: int, n_units_of_all: int | None = None
) -> str:
    """Return which rows, or groups, are too few to tune anything on; "" where there are enough.

    Were as many needed without each fold as of all, a decision of few rows would have the honest
    score of the plain one.
    """
    n_rows = len(scorer.truth)
    units = "rows" if n_units == n_rows else "groups"
    few = f"{n_units} {units}" + ("" if n_units == n_rows else f" ({plural(n_rows, 'row')})")
    n_enough = n_units if n_units_of_all is None else min(2 * n_units, n_units_of_all)
    if n_enough < MIN_UNITS:
        return f"{few} are too few to tune a decision: it needs {MIN_UNITS} {units}"
    if scorer.kind.is_class and scorer.needs_decisions:
        n_classes = scorer.n_classes or n_outputs
        if n_enough < ROWS_OF_A_CLASS * n_classes:
            return (
                f"{few} are too few to tune a decision: "
                f"{either(n_classes, 'class needs', 'classes need')} "
                f"{ROWS_OF_A_CLASS * n_classes:,} {units}, {ROWS_OF_A_CLASS} for each class"
            )
    return ""


def _searched(
    scorer: LabelScorer, probs: NDArray[Any] | TopK, how: Search, rows: NDArray[np.int64]
) -> list[Steps]:
    """Return the candidates of podium's own search on some rows."""
    inside, values = scorer.take(rows), probs[rows]
    is_final = len(rows) == len(scorer.truth)
    given = replace(
        how,
        groups=None if how.groups is None else how.groups[rows],
        # Of all fits only the one that goes to the test set is kept.
        storage=how.storage if is_final else None,
    )
    if scorer.metric.scores_ranking:
        return [
            fit_unknown_threshold(values, inside, raw=how.raw, groups=given.groups, seed=how.seed)
        ]
    assert not isinstance(values, TopK)
    found = tuning_of(scorer.kind).candidates(values, inside, given)
    return [*found, *(with_row_rules(inside, values, found[0]) if found else ())]


MOST_SUMS = 50_000_000  # numbers that the sums of all candidates of a grid may be


@dataclass(frozen=True)
class _GridSearch:
    """The candidates of a user's grid, and what each row adds to their scores.

    Attributes:
        scorer: the metric and the truth of the rows.
        candidates: A lists of steps.
        predictions: what the metric scores, of each.
        sums: `(A, N, S)`; None where the metric has none, or they are too many to hold.
    """

    scorer: LabelScorer
    candidates: list[Steps]
    predictions: list[NDArray[Any]]
    sums: NDArray[np.float32] | None

    @classmethod
    def of(
        cls,
        scorer: LabelScorer,
        probs: NDArray[Any] | TopK,
        grid: Sequence[Step | str],
        trials: int,
    ) -> _GridSearch:
        """Return the search over `grid`."""
        each = _candidates(scorer, grid, trials, _n_outputs(probs))
        predictions = [scorer.prediction(probs, steps) for steps in each]
        return cls(scorer, each, predictions, _sums_of_all(scorer, predictions))

    def fit(self, rows: NDArray[np.int64]) -> list[Steps]:
        """Return the candidate that scores best on some rows, the first of equal ones."""
        if self.sums is not None:
            totals = self.sums[:, rows].sum(axis=1, dtype=np.float64)
            scores = metrics.values(self.scorer.metric, totals, **self.scorer.options)
            goodness = np.round(self.scorer.metric.goodness(scores), 12).tolist()
        else:
            inside = self.scorer.take(rows)
            goodness = [_score(inside, one[rows]) for one in self.predictions]
        return [self.candidates[int(np.argmax(goodness))]]


def _sums_of_all(
    scorer: LabelScorer, predictions: Sequence[NDArray[Any]]
) -> NDArray[np.float32] | None:
    """Return the sums `(A, N, S)` of many decisions, if the metric is a function of them."""
    metric, given = scorer.metric, scorer.options
    if not metric.has_sums:
        return None
    found: list[NDArray[np.float32]] = []
    for one in predictions:
        sums = metrics.sums(metric, scorer.truth, one, **given)
        if sums is None or sums.size * len(predictions) > MOST_SUMS:
            return None
        if found and found[0].shape != sums.shape:  # columns for the classes that occur
            return None
        found.append(np.asarray(sums, dtype=np.float32))
    return np.stack(found)


def notes_on_grid(
    scorer: LabelScorer, grid: Sequence[Step | str], trials: int, n_outputs: int
) -> tuple[str, ...]:
    """Return a note where not all of a user's grid is tried; arguments are those of the fit.

    Raises:
        UsageError: as `fit_step_grid`.
    """
    _, scorer = scorer.for_decisions()
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
    return _score(scorer, scorer.prediction(probs, steps))


def _score(scorer: LabelScorer, prediction: NDArray[Any]) -> float:
    """Return the score of what the metric needs, greater for better; -inf where undefined."""
    return scorer.metric.goodness_of(lambda: scorer.score(prediction))


def _n_outputs(probs: NDArray[Any] | TopK) -> int:
    return 1 if probs.ndim == 1 else int(probs.shape[1])

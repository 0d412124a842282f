"""The decision of a task, tuned: thresholds, class weights or cut points, as steps of `decide`.

Of a grid that a user writes (`step_grid.py`) every candidate is scored, and the first one is kept
where the best gains no more than the standard error of its gain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.errors import DataError, UsageError
from podium.predictions.decide import Step, check_steps, makes
from podium.predictions.top_k import TopK
from podium.tuning.class_weights import fit_class_weights
from podium.tuning.cuts import fit_cuts
from podium.tuning.ranking import fit_ranking
from podium.tuning.row_rules import with_row_rules
from podium.tuning.scoring import Scorer
from podium.tuning.step_grid import StepGrid
from podium.tuning.thresholds import fit_thresholds
from podium.tuning.worth import is_worth_it

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["fit_decision", "fit_step_grid", "notes_on_grid"]


def fit_decision(
    probs: NDArray[Any] | TopK,
    truth: NDArray[Any],
    metric: str | Metric,
    kind: TaskKind,
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

    Thresholds and cut points are centres of what cannot be told from the best (`curve.py`). None
    where nothing is decided, or where the best steps gain less over the plain decision than
    the standard error of that gain: then the plain one is kept. Rankings have steps always.

    Args:
        probs: `(N, C)`; binary `(N,)` or `(N, 1)`; of thousands of classes `TopK`, whose rankings
            are tuned.
        truth: as the metric takes it.
        metric: any; one that scores probabilities needs no decision.
        kind: multiclass is decided by class weights, binary and multilabel by thresholds (and rules
            of rows where these are scored as a whole), ordinal by cut points; of a ranking it is
            tuned where "none of the classes" stands.
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
    scorer = Scorer.of(
        metric,
        truth,
        n_outputs=_n_outputs(probs),
        kind=kind,
        options=options,
        n_classes=n_classes,
    )
    if grid:
        return fit_step_grid(probs, scorer, grid, trials=trials, groups=groups, seed=seed)
    if scorer.metric.needs in ("ranking", "confident"):
        return fit_ranking(probs, scorer, raw=raw, groups=groups, seed=seed)
    # Weights of thousands of classes cannot be tuned, nor told from the likeliest ones.
    if not scorer.is_tunable or isinstance(probs, TopK):
        return []
    if scorer.kind == "multiclass":
        steps = _class_weights(probs, scorer, trials, seed, storage, study_name)
    else:
        steps = _cuts_or_thresholds(probs, scorer, raw, groups, seed)
    plain, tuned = scorer.prediction(probs), scorer.prediction(probs, steps)
    held = steps if is_worth_it(scorer, plain, tuned, groups=groups, seed=seed) else []
    return with_row_rules(scorer, probs, held, tuned=steps, groups=groups, seed=seed)


def fit_step_grid(
    probs: NDArray[Any] | TopK,
    scorer: Scorer,
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
    said = [scorer.prediction(probs, steps) for steps in (first, best)]
    return best if is_worth_it(scorer, *said, groups=groups, seed=seed) else first


def notes_on_grid(
    scorer: Scorer, grid: Sequence[Step | str], trials: int, n_outputs: int
) -> tuple[str, ...]:
    """Return a note where not all of a user's grid is tried; arguments are those of the fit.

    Raises:
        UsageError: as `fit_step_grid`.
    """
    n_tried = len(_candidates(scorer, grid, trials, n_outputs))
    return StepGrid.of(grid).notes(n_tried, trials)


def _candidates(
    scorer: Scorer, grid: Sequence[Step | str], trials: int, n_outputs: int
) -> list[list[dict[str, Any]]]:
    """Return the lists of steps that are tried."""
    needs = scorer.metric.needs
    if needs == "probs" or scorer.kind == "regression":
        raise UsageError(
            f"{scorer.metric.name} of a {scorer.kind} task scores what is not decided",
            fix="leave out --steps",
        )

    def check(steps: list[dict[str, Any]]) -> None:
        check_steps(steps, scorer.kind, n_outputs=n_outputs)
        if makes(steps) != needs:
            raise UsageError(
                f"decide: {scorer.metric.name} scores {needs}, and {next(iter(steps[0]))} makes "
                f"{makes(steps)}",
                fix="write topk for rankings, confident for classes with how sure they are",
            )

    found = StepGrid.of(grid).candidates(trials, check)
    return [one.steps for one in found.values()]


def _goodness(scorer: Scorer, probs: NDArray[Any] | TopK, steps: Sequence[Step]) -> float:
    """Return the score, greater for better; -inf where it is undefined."""
    try:
        score = scorer.of_probs(probs, steps)
    except DataError:
        return -np.inf
    return score if scorer.metric.greater_is_better else -score


def _class_weights(
    probs: NDArray[Any], scorer: Scorer, trials: int, seed: int, storage: str | None, name: str
) -> list[dict[str, Any]]:
    weights = fit_class_weights(
        probs,
        scorer.truth,
        scorer.metric,
        trials=trials,
        seed=seed,
        options=scorer.options,
        storage=storage,
        study_name=name,
    )
    return [{"class_weights": weights.tolist()}]


def _cuts_or_thresholds(
    probs: NDArray[Any], scorer: Scorer, raw: bool, groups: NDArray[Any] | None, seed: int
) -> list[dict[str, Any]]:
    if scorer.kind == "ordinal":
        assert scorer.n_classes is not None
        cuts = fit_cuts(
            probs,
            scorer.truth,
            scorer.metric,
            n_classes=scorer.n_classes,
            raw=raw,
            groups=groups,
            seed=seed,
            options=scorer.options,
        )
        return [{"cuts": cuts.tolist()}]
    found = fit_thresholds(
        probs,
        scorer.truth,
        scorer.metric,
        scorer.kind,
        raw=raw,
        groups=groups,
        seed=seed,
        options=scorer.options,
    ).tolist()
    return [{"threshold": found[0] if scorer.kind == "binary" else found}]


def _n_outputs(probs: NDArray[Any] | TopK) -> int:
    return 1 if probs.ndim == 1 else int(probs.shape[1])

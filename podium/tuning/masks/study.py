"""The grid of decisions on masks as an Optuna study that a dashboard or a notebook can open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from podium.competition.sum_scorer import SumScorer
from podium.tuning.masks.decision import GatedTable, MaskScorer
from podium.tuning.masks.goodness import goodness_of_all
from podium.tuning.masks.space import MaskSpace
from podium.tuning.masks.step_space import StepSpace
from podium.tuning.studies import open_storage
from podium.tuning.studies.quiet import quiet
from podium.tuning.studies.storages import keep_facts

if TYPE_CHECKING:
    import optuna

__all__ = ["keep_mask_study"]


def keep_mask_study(
    gated: GatedTable,
    scorer: MaskScorer | SumScorer,
    space: MaskSpace | StepSpace,
    storage: str,
    *,
    name: str,
    seed: int = 0,
) -> None:
    """Write the scores of all candidates on all images into the study `name`.

    A trial is a candidate with the gate that suits it best, which its attribute `gate` names. Where
    one pass gives the counts at all thresholds of binary or multilabel masks (`area_curve.py`), a
    trial is all else, filters and least area, with the best threshold as its attribute `threshold`.
    Trials are look-ups, so the study runs in memory and is then kept; one that is there already,
    and whole, is left as it is.

    Args:
        gated: counts of all candidates.
        scorer: the metric.
        space: the grid.
        storage: URL at which to keep the study, as `open_study` takes it.
        name: of the study.
        seed: of the order of the trials.
    """
    import optuna

    rows = np.arange(gated.table.n_images)
    axes = space.studied
    has_curve = "threshold" not in axes and "threshold" in space.axes

    def objective(trial: optuna.Trial) -> float:
        point = {axis: trial.suggest_categorical(axis, values) for axis, values in axes.items()}
        numbers = space.numbers_at(point)
        if not numbers:
            raise optuna.TrialPruned  # the budget of trials ends before this point of the grid
        picks = [(a, g) for a in numbers for g in range(len(gated.gates))]
        goodness = goodness_of_all(
            scorer, lambda some: gated.look_up_each([picks[i] for i in some], rows), len(picks)
        )
        best = int(np.argmax(goodness))
        if not np.isfinite(goodness[best]):
            raise optuna.TrialPruned
        a, g = picks[best]
        trial.set_user_attr("gate", gated.gates[g])
        if has_curve:
            named = {name: one for step in space.candidates[a].steps for name, one in step.items()}
            trial.set_user_attr("threshold", named["threshold"])
        found = float(goodness[best])
        return found if scorer.metric.greater_is_better else -found

    memory = optuna.storages.InMemoryStorage()
    with quiet():
        study = optuna.create_study(
            sampler=_sampler(space, axes, seed),
            direction="maximize" if scorer.metric.greater_is_better else "minimize",
            storage=memory,
            study_name=name,
        )
        keep_facts(study, {"kind": "thresholds", "metric": [scorer.metric.name]})
        n_trials = int(np.prod([len(one) for one in axes.values()]))
        if isinstance(space, StepSpace):
            tried = space.tried()
            n_trials = len(tried)
            for point in tried:
                study.enqueue_trial(point)
        study.optimize(objective, n_trials=n_trials)
    with open_storage(storage, make=True) as to:
        known = {one.study_name: one.n_trials for one in optuna.get_all_study_summaries(to)}
        if known.get(name) == len(study.trials):
            return
        if name in known:  # a killed process left a part of it
            optuna.delete_study(study_name=name, storage=to)
        optuna.copy_study(from_study_name=name, from_storage=memory, to_storage=to)


def _sampler(
    space: MaskSpace | StepSpace, axes: dict[str, list[Any]], seed: int
) -> optuna.samplers.BaseSampler:
    """Return who orders the points of podium's grid; of a user's, each is put in the queue."""
    import optuna

    if isinstance(space, StepSpace):  # which may have millions of points, few of them tried
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.GridSampler(axes, seed=seed)

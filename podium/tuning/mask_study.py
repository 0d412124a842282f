"""The grid of decisions on masks as an Optuna study that a dashboard or a notebook can open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podium.competition.sum_scorer import SumScorer
from podium.tuning.class_weights import quiet
from podium.tuning.mask_decision import GatedTable, MaskChoice, MaskScorer
from podium.tuning.mask_space import MaskSpace

if TYPE_CHECKING:
    import optuna

__all__ = ["keep_mask_study"]


def keep_mask_study(
    gated: GatedTable,
    scorer: MaskScorer | SumScorer,
    space: MaskSpace,
    storage: str,
    *,
    name: str,
    seed: int = 0,
) -> None:
    """Write the scores of all candidates on all images into the study `name`.

    A trial is a candidate with the gate that suits it best, which its attribute `gate` names.
    Trials are look-ups, so the study runs in memory and is then kept; one that is there already,
    and whole, is left as it is.

    Args:
        gated: counts of all candidates.
        scorer: the metric.
        space: the grid.
        storage: URL of an Optuna database.
        name: of the study.
        seed: of the order of the trials.
    """
    import optuna

    rows = np.arange(gated.table.n_images)
    numbers = {one: a for a, one in enumerate(space.candidates)}

    def objective(trial: optuna.Trial) -> float:
        point = {
            axis: trial.suggest_categorical(axis, values) for axis, values in space.axes.items()
        }
        a = numbers.get(space.at(point))
        if a is None:
            raise optuna.TrialPruned  # the budget of trials ends before this point of the grid
        choices = [MaskChoice(((a, g),)) for g in range(len(gated.gates))]
        goodness = [scorer.goodness(gated.look_up(one, rows)) for one in choices]
        best = int(np.argmax(goodness))
        if not np.isfinite(goodness[best]):
            raise optuna.TrialPruned
        trial.set_user_attr("gate", gated.gates[best])
        return goodness[best] if scorer.metric.greater_is_better else -goodness[best]

    memory = optuna.storages.InMemoryStorage()
    with quiet():
        study = optuna.create_study(
            sampler=optuna.samplers.GridSampler(space.axes, seed=seed),
            direction="maximize" if scorer.metric.greater_is_better else "minimize",
            storage=memory,
            study_name=name,
        )
        study.optimize(objective, n_trials=int(np.prod([len(one) for one in space.axes.values()])))
        known = {one.study_name: one.n_trials for one in optuna.get_all_study_summaries(storage)}
        if known.get(name) == len(study.trials):
            return
        if name in known:  # a killed process left a part of it
            optuna.delete_study(study_name=name, storage=storage)
        optuna.copy_study(from_study_name=name, from_storage=memory, to_storage=storage)

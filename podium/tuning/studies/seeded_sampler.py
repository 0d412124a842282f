"""A sampler whose draws follow from the seed and the trial alone, not from the process.

Optuna's samplers begin one stream of random numbers in each process: a search that goes on would
draw the first points again, workers with one seed would draw alike, and a search that was killed
would go on with other values than one that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np
import optuna

from podium.tuning.studies.storages import DONE_AGAIN

__all__ = ["SeededSampler"]


class SeededSampler(optuna.samplers.BaseSampler):  # type: ignore[misc] # Optuna is not typed for us
    """Draw each trial with a sampler of its own, seeded by the number of the draw.

    A trial that does again what a killed worker began has the draw of that one, and those after it
    go on from there. So a search that was killed and goes on with one worker draws what it would
    have drawn undisturbed.

    Args:
        made: from a seed in [0, 2**32) to a sampler, whose draws must follow from its seed and the
            trials before.
        seed: of the study.
        has_one_score: whether it cannot search for several scores.
        counts_trials: whether its draws follow from the number of the trial, too.
    """

    def __init__(
        self,
        made: Callable[[int], optuna.samplers.BaseSampler],
        *,
        seed: int,
        has_one_score: bool = False,
        counts_trials: bool = False,
    ) -> None:
        self.has_one_score = has_one_score
        self._made = made
        self._seed = seed
        self._counts_trials = counts_trials
        self._drawing: tuple[int, int, optuna.samplers.BaseSampler] | None = None

    def _of(
        self, study: optuna.Study, trial: optuna.trial.FrozenTrial
    ) -> optuna.samplers.BaseSampler:
        if self._drawing is None or self._drawing[0] != trial._trial_id:
            draw = _draw_number(study, trial)
            mixed = np.random.SeedSequence((self._seed, draw))
            made = self._made(int(mixed.generate_state(1)[0]))
            self._drawing = trial._trial_id, draw, made
        return self._drawing[2]

    def before_trial(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        self._of(study, trial).before_trial(study, trial)

    def infer_relative_search_space(
        self, study: optuna.Study, trial: optuna.trial.FrozenTrial
    ) -> dict[str, Any]:
        return dict(self._of(study, trial).infer_relative_search_space(study, trial))

    def sample_relative(
        self, study: optuna.Study, trial: optuna.trial.FrozenTrial, search_space: dict[str, Any]
    ) -> dict[str, Any]:
        made = self._of(study, trial)
        if self._counts_trials and self._drawing is not None:
            trial = copy(trial)
            trial.number = self._drawing[1]
        return dict(made.sample_relative(study, trial, search_space))

    def sample_independent(
        self, study: optuna.Study, trial: optuna.trial.FrozenTrial, name: str, distribution: Any
    ) -> Any:
        return self._of(study, trial).sample_independent(study, trial, name, distribution)

    def after_trial(
        self,
        study: optuna.Study,
        trial: optuna.trial.FrozenTrial,
        state: optuna.trial.TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self._of(study, trial).after_trial(study, trial, state, values)


def _draw_number(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> int:
    """Return the number of a trial among those that do no other trial again, or of the one it does.

    So whatever was killed on the way, draws are numbered as in a search that was not.
    """
    number = trial.system_attrs.get(DONE_AGAIN, trial.number)
    before = study.get_trials(deepcopy=False)[:number]
    return sum(DONE_AGAIN not in one.system_attrs for one in before)

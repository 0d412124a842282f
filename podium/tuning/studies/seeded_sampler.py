"""A sampler whose draws follow from the seed, and from the number of the first trial that it draws.

Optuna's samplers begin the same stream of random numbers in each process: a search that goes on
would draw the first points again, and workers with one seed would draw alike. No two of them have
the same first trial.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import optuna

__all__ = ["SeededSampler"]


class SeededSampler(optuna.samplers.BaseSampler):  # type: ignore[misc] # Optuna is not typed for us
    """Draw a study's trials with a sampler that is made at the first of them.

    Args:
        made: from a seed in [0, 2**32) to a sampler.
        seed: of the study.
        has_one_score: whether it cannot search for several scores.
    """

    def __init__(
        self,
        made: Callable[[int], optuna.samplers.BaseSampler],
        *,
        seed: int,
        has_one_score: bool = False,
    ) -> None:
        self.has_one_score = has_one_score
        self._made = made
        self._seed = seed
        self._sampler: optuna.samplers.BaseSampler | None = None

    def _of(self, trial: optuna.trial.FrozenTrial) -> optuna.samplers.BaseSampler:
        if self._sampler is None:
            mixed = np.random.SeedSequence((self._seed, trial.number))
            self._sampler = self._made(int(mixed.generate_state(1)[0]))
        return self._sampler

    def before_trial(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        self._of(trial).before_trial(study, trial)

    def infer_relative_search_space(
        self, study: optuna.Study, trial: optuna.trial.FrozenTrial
    ) -> dict[str, Any]:
        return dict(self._of(trial).infer_relative_search_space(study, trial))

    def sample_relative(
        self, study: optuna.Study, trial: optuna.trial.FrozenTrial, search_space: dict[str, Any]
    ) -> dict[str, Any]:
        return dict(self._of(trial).sample_relative(study, trial, search_space))

    def sample_independent(
        self, study: optuna.Study, trial: optuna.trial.FrozenTrial, name: str, distribution: Any
    ) -> Any:
        return self._of(trial).sample_independent(study, trial, name, distribution)

    def after_trial(
        self,
        study: optuna.Study,
        trial: optuna.trial.FrozenTrial,
        state: optuna.trial.TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self._of(trial).after_trial(study, trial, state, values)

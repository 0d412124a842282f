"""The relative weights of loss terms, searched with Optuna over short trainings.

The first term keeps its weight: only ratios matter, since an adaptive optimiser undoes a common
factor. The first trial is the recipe as it stands, so that the search can be compared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from podium.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import optuna

__all__ = ["LossSearch", "Trial", "search_loss_weights"]

WIDEST = 4.0
"""A weight may become so many times larger or smaller."""

Weights = dict[str, float]


@dataclass(frozen=True)
class Trial:
    """One training: the weights by term, and the score."""

    weights: Weights
    score: float


@dataclass(frozen=True)
class LossSearch:
    """What a search found.

    Attributes:
        trials: in the order in which they ran; the first is the recipe's own.
        greater_is_better: the direction of the score.
    """

    trials: tuple[Trial, ...]
    greater_is_better: bool

    @property
    def own(self) -> Trial:
        """The recipe as it stands."""
        return self.trials[0]

    @property
    def best(self) -> Trial:
        """The best trial; of equal ones the first."""
        sign = 1 if self.greater_is_better else -1
        return max(self.trials, key=lambda one: sign * one.score)


def search_loss_weights(
    own: Mapping[str, float],
    train: Callable[[Weights], float],
    *,
    trials: int,
    greater_is_better: bool,
    seed: int = 0,
    storage: str | None = None,
    study_name: str = "losses",
) -> LossSearch:
    """Return the trials of a search around the weights `own`, at most `trials` in all.

    Args:
        own: term → weight, as `segment.dice`; those of weight 0 stay switched off.
        train: from weights to a score on validation rows; called once a trial.
        trials: how many, with those that the study already has.
        greater_is_better: the direction of the score.
        seed: of the sampler.
        storage: URL of an Optuna database, where an interrupted search goes on; None keeps none.
        study_name: the study's name there.

    Raises:
        UsageError: fewer than two terms, or no trial.
    """
    searched = [term for term, weight in own.items() if weight > 0]
    if len(searched) < 2:
        raise UsageError(
            f"there are no weights to search: the recipe has {len(searched)} loss term",
            fix="write two terms or more, as loss: {segment: {ce: 1, dice: 1}}",
        )
    if trials < 1:
        raise UsageError(f"trials must be at least 1, got {trials}")

    def score(trial: optuna.Trial) -> float:
        weights = dict(own)
        for term in searched[1:]:
            factor = trial.suggest_float(f"factor {term}", 1 / WIDEST, WIDEST, log=True)
            weights[term] = round(own[term] * factor, 4)
        value = train(weights)
        trial.set_user_attr("weights", weights)
        return value

    with _study(storage, study_name, greater_is_better) as study:
        study.enqueue_trial({f"factor {term}": 1.0 for term in searched[1:]}, skip_if_exists=True)
        done = len(_finished(study))
        left = trials - done
        if left > 0:
            # A sampler starts its draws anew: a search that goes on must not draw the same again.
            study.sampler = _sampler(seed + done)
            study.optimize(score, n_trials=left)
        found = tuple(
            Trial(dict(one.user_attrs["weights"]), float(one.value)) for one in _finished(study)
        )
    return LossSearch(found, greater_is_better)


@contextmanager
def _study(storage: str | None, name: str, greater_is_better: bool) -> Iterator[optuna.Study]:
    import optuna

    before = optuna.logging.get_verbosity()
    # Not a line a trial, and no traceback of one that fails: its error is raised anyway.
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    database = None if storage is None else optuna.storages.RDBStorage(storage)
    try:
        yield optuna.create_study(
            direction="maximize" if greater_is_better else "minimize",
            storage=database,
            study_name=name,
            load_if_exists=True,
        )
    finally:
        optuna.logging.set_verbosity(before)
        if database is not None:
            database.remove_session()
            database.engine.dispose()  # else SQLite's connections stay open


def _sampler(seed: int) -> optuna.samplers.BaseSampler:
    import optuna

    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=5)


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    import optuna

    return list(study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)))

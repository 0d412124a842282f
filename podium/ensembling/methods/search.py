"""Search: weights for any metric, from the best of four starts on, by an Optuna study.

The starts are equal weights, the best member, hill climbing's weights and the simplex's. Each trial
steps away from the best weights so far, of equal ones the last, w' ∝ w_m · exp(spread · z_m) with
normal z, and gives one member drawn at random a share more, or lets go of it. TPE learns how long
such steps should be; their directions are drawn with the seed. Of equally good weights the first
are returned.

A study whose parameters are the weights themselves finds about as much among a few members, and in
200 trials little or nothing among thirty (`benchmarks/weight_search.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import (
    BlendMethod,
    BlendObjective,
    Fitted,
    Members,
    load_method,
    weighted_mean,
)
from podium.errors import DataError
from podium.tuning.studies.samplers import quiet_optuna

if TYPE_CHECKING:
    import optuna

__all__ = ["METHOD", "TRIALS", "starts"]

TRIALS = 200
RANDOM_TRIALS = 10  # before TPE learns from them

Weights = NDArray[np.float64]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    import optuna

    begin = starts(members, objective, seed)
    values = {name: _score(members, objective, weights) for name, weights in begin.items()}
    came_from = max(values, key=lambda name: values[name])  # of equal ones the first
    weights = at = begin[came_from]
    best, n_better = values[came_from], 0
    with quiet_optuna():
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_TRIALS)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        for number in range(TRIALS):
            trial = study.ask()
            tried = _step(trial, at, np.random.default_rng([seed, number]))
            value = _score(members, objective, tried)
            study.tell(trial, value)
            if value > best:
                weights, best, n_better = tried, value, n_better + 1
            if value == best:  # metrics of decisions are flat in places: the way leads over them
                at = tried
    note = f"search of {TRIALS} trials from {came_from}: {n_better} found better weights"
    return Fitted.of(weights, notes=(note,))


def starts(members: Members, objective: BlendObjective, seed: int) -> dict[str, Weights]:
    """Return weights to begin with, by where they come from."""
    n_members = len(members)
    alone = [_score(members, objective, one) for one in np.eye(n_members)]
    found = {
        "equal weights": np.full(n_members, 1 / n_members),
        "the best member": np.eye(n_members)[int(np.argmax(alone))],
    }
    for name, title in (("hill_climb", "hill climbing"), ("simplex", "the simplex")):
        method = load_method(name)
        try:
            if not method.refuses(objective):
                fitted = method.fitted(members, objective, seed=seed)
                found[title] = np.asarray(fitted.weights)
        except DataError:
            continue  # values that are no probabilities have no log loss
    return found


def _step(trial: optuna.Trial, weights: Weights, rng: np.random.Generator) -> Weights:
    """Return other weights, as far from `weights` as the trial suggests."""
    spread = trial.suggest_float("spread", 0.01, 1.0, log=True)
    added = trial.suggest_float("added", 0.001, 0.3, log=True)
    kept = trial.suggest_float("kept", 0.0, 1.0)
    tried = weights * np.exp(spread * rng.normal(size=len(weights)))
    member = int(rng.integers(len(weights)))
    if rng.random() < 0.5:
        tried[member] += added
    else:
        tried[member] *= rng.random() < kept
    total = tried.sum()
    return np.asarray(tried / total) if total else weights


def _score(members: Members, objective: BlendObjective, weights: Weights) -> float:
    """Return the score of these weights, of which a higher one is better."""
    value = objective.of_probs(weighted_mean(members, Fitted.of(weights)))
    return value if objective.metric.greater_is_better else -value


METHOD = BlendMethod(fit=_fit, takes_top_k=True)

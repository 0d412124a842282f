"""What a search for weights finds in 200 trials: podium's, and Optuna over the weights themselves.

    python benchmarks/weight_search.py [--draws 6]

Made-up members, of which some share errors, are weighed for a metric that is not smooth. All
searches start from the same four weights: equal, the best member, hill climbing's, the simplex's.
Printed is what they gain over the best of these on the fitted rows, in ten-thousandths, as a mean
over draws, and seconds. Over the weights (each in 0 … 1, then scaled to sum 1) TPE is
multivariate.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import optuna
from numpy.typing import NDArray

from podium.ensembling.method import Fitted, weighted_mean
from podium.ensembling.methods import search
from podium.tuning.scoring import LabelScorer
from podium.tuning.studies.samplers import quiet_optuna

METRICS = (("auc", "binary"), ("accuracy", "multiclass"), ("macro_f1", "multiclass"))
N_MEMBERS = (4, 10, 30)
N_ROWS = 2000
SHARES = np.array([0.4, 0.3, 0.15, 0.1, 0.05])  # of the classes

Vector = NDArray[np.float64]
Search = Callable[[NDArray[np.float32], LabelScorer, int], Vector]


def main(argv: Sequence[str] | None = None) -> None:
    """Print, for each metric and number of members, gain and seconds of each search."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=6)
    draws = parser.parse_args(argv).draws
    warnings.simplefilter("ignore")  # Optuna calls two of its options experimental
    ways: dict[str, Search] = {"podium": _podium, "TPE": _tpe, "CMA-ES": _cma}
    for metric, kind in METRICS:
        for n_members in N_MEMBERS:
            gains: dict[str, list[float]] = {name: [] for name in ways}
            seconds = dict.fromkeys(ways, 0.0)
            for seed in range(draws):
                members, scorer = drawn(metric, kind, n_members, seed=seed)
                begin = search.starts(members, scorer, seed)
                best = max(_score(members, scorer, one) for one in begin.values())
                for name, way in ways.items():
                    since = time.process_time()
                    found = _score(members, scorer, way(members, scorer, seed))
                    seconds[name] += time.process_time() - since
                    gains[name].append(max(0.0, found - best))
            told = ", ".join(
                f"{name} {1e4 * np.mean(gains[name]):5.1f} ({seconds[name] / draws:.1f} s)"
                for name in ways
            )
            print(f"{metric:9} {n_members:3} members: {told}")


def drawn(
    metric: str, kind: str, n_members: int, *, seed: int
) -> tuple[NDArray[np.float32], LabelScorer]:
    """Return members `(M, N, C)` and their objective."""
    rng = np.random.default_rng(seed)
    n_columns = 1 if kind == "binary" else len(SHARES)
    if kind == "binary":
        truth = (rng.random(N_ROWS) < 0.2).astype(np.int64)
        right = truth[:, None] - 0.5
    else:
        truth = rng.choice(len(SHARES), N_ROWS, p=SHARES)
        right = np.eye(len(SHARES))[truth]
    shared = 0.7 * rng.normal(size=(N_ROWS, n_columns))
    members = np.empty((n_members, N_ROWS, n_columns), dtype=np.float32)
    for member in members:
        noise = rng.normal(0, rng.uniform(1, 2), (N_ROWS, n_columns))
        logits = rng.uniform(0.6, 2.4) * right + shared + noise
        if kind == "binary":
            member[:] = 1 / (1 + np.exp(-rng.uniform(0.5, 3) * logits))
        else:
            probs = np.exp(logits)
            member[:] = probs / probs.sum(axis=1, keepdims=True)
    return members, LabelScorer.of(metric, truth, n_outputs=n_columns, kind=kind)  # type: ignore[arg-type]


def _podium(members: NDArray[np.float32], scorer: LabelScorer, seed: int) -> Vector:
    return np.asarray(search.METHOD.fitted(members, scorer, seed=seed).weights)


def _tpe(members: NDArray[np.float32], scorer: LabelScorer, seed: int) -> Vector:
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True)
    return _over_weights(members, scorer, seed, lambda start: sampler)


def _cma(members: NDArray[np.float32], scorer: LabelScorer, seed: int) -> Vector:
    return _over_weights(
        members,
        scorer,
        seed,
        lambda start: optuna.samplers.CmaEsSampler(
            x0=start, sigma0=0.03, seed=seed, n_startup_trials=1
        ),
    )


def _over_weights(
    members: NDArray[np.float32],
    scorer: LabelScorer,
    seed: int,
    sampler_of: Callable[[dict[str, float]], optuna.samplers.BaseSampler],
) -> Vector:
    """Return the best weights of a study whose parameters are they, from the same starts."""
    names = [f"member {m}" for m in range(len(members))]
    begin = list(search.starts(members, scorer, seed).values())
    best = max(begin, key=lambda one: _score(members, scorer, one))

    def given(weights: Vector) -> dict[str, float]:
        return dict(zip(names, (weights / weights.max()).tolist(), strict=True))

    def weights_of(params: dict[str, float]) -> Vector:
        shares = np.array([params[name] for name in names])
        total = shares.sum()
        return shares / total if total else np.full(len(names), 1 / len(names))

    def score(trial: optuna.Trial) -> float:
        params = {name: trial.suggest_float(name, 0, 1) for name in names}
        return _score(members, scorer, weights_of(params))

    with quiet_optuna():
        study = optuna.create_study(direction="maximize", sampler=sampler_of(given(best)))
        for start in begin:
            study.enqueue_trial(given(start))
        study.optimize(score, n_trials=len(begin) + search.TRIALS)
    return weights_of(study.best_params)


def _score(members: NDArray[np.float32], scorer: LabelScorer, weights: Vector) -> float:
    return scorer.of_probs(weighted_mean(members, Fitted.of(weights)))


if __name__ == "__main__":
    main()

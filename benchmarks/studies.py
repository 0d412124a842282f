"""What podium's studies cost a trial beside plain Optuna's, on the same storage and sampler.

    python benchmarks/studies.py [--trials 200]

A trial draws three parameters and costs nothing. Podium's part is the turn in which a worker counts
and takes a trial, and the facts that it keeps; plain Optuna runs `Study.optimize`. Both take turns,
five trials each on a study of their own, so that a busy moment meets both alike; printed are the
medians of milliseconds a trial over these rounds, and their ratio. Optuna's heartbeat is on in
SQLite for both.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import optuna

from podium.tuning.space import CategoricalValues, NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import RunningTrial, TrialOutcome, open_study, run_trials, sampler
from podium.tuning.studies.storages import HEARTBEAT_S

GOAL = 1.5
ROUND = 5
SPACE = SearchSpace(
    (
        SearchParameter("lr", NumberRange(1e-4, 1e-1, log=True)),
        SearchParameter("size", NumberRange(128, 384, step=32)),
        SearchParameter("mix", CategoricalValues(("none", "mixup", "cutmix"))),
    )
)


def main(argv: Sequence[str] | None = None) -> None:
    """Print milliseconds a trial and their ratio, for each storage and sampler."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200)
    trials = parser.parse_args(argv).trials
    warnings.simplefilter("ignore")  # Optuna calls its heartbeat experimental
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        for storage in ("memory", "sqlite"):
            for name in ("tpe", "random"):
                times = _times(storage, name, Path(folder), trials)
                plain, ours = (1e3 * statistics.median(each) for each in times)
                print(
                    f"{storage}, {name:6} plain Optuna {plain:6.2f} ms a trial, podium "
                    f"{ours:6.2f} ms: {ours / plain:.2f}x (goal {GOAL}x at most)"
                )


def _times(storage: str, name: str, folder: Path, trials: int) -> tuple[list[float], list[float]]:
    """Return seconds a trial of plain Optuna and of podium, one a round."""
    url = f"sqlite:///{folder / name}.db" if storage == "sqlite" else None
    own = {
        "tpe": lambda: optuna.samplers.TPESampler(seed=0, multivariate=True, constant_liar=True),
        "random": lambda: optuna.samplers.RandomSampler(seed=0),
    }[name]()
    database = url and optuna.storages.RDBStorage(url, heartbeat_interval=HEARTBEAT_S)
    study = optuna.create_study(storage=database, sampler=own, direction="maximize")
    plain, ours = [], []
    with open_study(url, "podium", sampler=sampler(name, seed=0)) as opened:
        for done in range(0, trials, ROUND):
            began = time.perf_counter()
            study.optimize(lambda trial: SPACE.drawn(trial)["lr"], n_trials=ROUND)
            between = time.perf_counter()
            run_trials(opened, SPACE, _objective, trials=done + ROUND)
            plain.append((between - began) / ROUND)
            ours.append((time.perf_counter() - between) / ROUND)
    return plain, ours


def _objective(running: RunningTrial) -> TrialOutcome:
    return TrialOutcome((running.values["lr"],))


if __name__ == "__main__":
    main()

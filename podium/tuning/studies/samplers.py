"""Who draws the next trial, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.errors import UsageError
from podium.tuning.studies._names import check_known

if TYPE_CHECKING:
    import optuna

__all__ = ["SAMPLERS", "sampler"]

SAMPLERS = ("tpe", "cmaes", "gp", "random", "nsga2")


def sampler(name: str, *, seed: int) -> optuna.samplers.BaseSampler:
    """Return a sampler for one study, whose stream of draws begins with `seed` and its first trial.

    So one worker's study is the same every time, a study that goes on draws nothing again, and
    workers of one seed draw differently.

    Args:
        name: "tpe" (tree of Parzen estimators, Bergstra et al. 2011), "cmaes" (Hansen 2016), for
            numbers only and one score; "gp" (a Gaussian process), which takes a second a trial;
            "random"; "nsga2" (Deb et al. 2002), for several scores.
        seed: from 0 on.

    Raises:
        UsageError: there is no such sampler, or the seed is negative.
    """
    check_known("sampler", name, SAMPLERS)
    if seed < 0:
        raise UsageError(f"the seed must be 0 or greater, got {seed}")
    import optuna

    from podium.tuning.studies._seeded import SeededSampler

    of = optuna.samplers
    made = {
        # With workers beside it, TPE counts their points as bad ones until they have ended.
        "tpe": lambda seed: of.TPESampler(seed=seed, multivariate=True, constant_liar=True),
        "cmaes": lambda seed: of.CmaEsSampler(seed=seed),
        "gp": lambda seed: of.GPSampler(seed=seed),
        "random": lambda seed: of.RandomSampler(seed=seed),
        "nsga2": lambda seed: of.NSGAIISampler(seed=seed),
    }[name]
    return SeededSampler(made, seed=seed, has_one_score=name == "cmaes")

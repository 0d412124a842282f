"""Optuna's samplers and pruners by name, and a context that keeps Optuna quiet.

A sampler draws the values of the next trial; a pruner stops a hopeless one. `quiet_optuna` keeps
Optuna from printing a line a trial, and from calling what podium uses experimental.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from podium.errors import UsageError, suggest

if TYPE_CHECKING:
    import optuna

__all__ = ["PRUNERS", "SAMPLERS", "pruner", "quiet_optuna", "sampler"]


def check_known(what: str, name: str, known: Sequence[str]) -> None:
    """Raise a UsageError that names the nearest of `known` where `name` is not one of them."""
    if name in known:
        return
    meant = suggest(name, known, "did you mean {!r}? ", otherwise="", any_case=True)
    raise UsageError(
        f"there is no {what} {name!r}", fix=f"{meant}There are {', '.join(known)}".strip()
    )


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Keep Optuna quiet while the body runs; its errors are raised as ever."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            warnings.filterwarnings("ignore", "Heartbeat of storage is supposed")
            yield
    finally:
        optuna.logging.set_verbosity(before)


SAMPLERS = ("tpe", "cmaes", "gp", "random", "nsga2")


def sampler(name: str, *, seed: int) -> optuna.samplers.BaseSampler:
    """Return a sampler for one study, whose draws follow from `seed`, the trial and those before.

    So one worker's study is the same every time, also where it was killed and goes on, and workers
    of one seed draw differently.

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

    from podium.tuning.studies.seeded_sampler import SeededSampler

    of = optuna.samplers
    made = {
        # With workers beside it, TPE counts their points as bad ones until they have ended.
        "tpe": lambda seed: of.TPESampler(seed=seed, multivariate=True, constant_liar=True),
        "cmaes": lambda seed: of.CmaEsSampler(seed=seed),
        "gp": lambda seed: of.GPSampler(seed=seed),
        "random": lambda seed: of.RandomSampler(seed=seed),
        "nsga2": lambda seed: of.NSGAIISampler(seed=seed),
    }[name]
    is_cmaes = name == "cmaes"
    return SeededSampler(made, seed=seed, has_one_score=is_cmaes, counts_trials=is_cmaes)


PRUNERS = ("median", "wilcoxon", "asha", "hyperband", "none")

FEW_STEPS = 9
"""Below it, halving keeps one trial in two instead of one in three: few folds have few rungs."""


def pruner(name: str, *, n_steps: int) -> optuna.pruners.BasePruner:
    """Return a pruner for trials that report a score after each of `n_steps` steps.

    Args:
        name: "median": worse than the median of five trials or more at the same step, from the
            first step on. "wilcoxon": worse than the best trial over the steps so far by a signed
            rank test, for steps that are alike, as folds are. "asha" (Li et al. 2018): not among
            the best half (third, with nine steps or more) at a rung, from the second step on.
            "hyperband" (Li et al. 2016): the same, with some trials that are pruned later. "none".
        n_steps: folds or epochs, from 1 on.

    Raises:
        UsageError: there is no such pruner, or no step.
    """
    check_known("pruner", name, PRUNERS)
    if n_steps < 1:
        raise UsageError(f"a trial has at least 1 step, got {n_steps}")
    import optuna

    reduction = 2 if n_steps < FEW_STEPS else 3
    match name:
        case "median":
            return optuna.pruners.MedianPruner(n_startup_trials=5)
        case "wilcoxon":
            with quiet_optuna():
                return optuna.pruners.WilcoxonPruner(p_threshold=_p_threshold(n_steps))
        case "asha":
            return optuna.pruners.SuccessiveHalvingPruner(
                min_resource=1, reduction_factor=reduction
            )
        case "hyperband":
            return optuna.pruners.HyperbandPruner(
                min_resource=1, max_resource=n_steps, reduction_factor=reduction
            )
    return optuna.pruners.NopPruner()


def _p_threshold(n_steps: int) -> float:
    """Return 0.1, or with four steps or fewer what being worse at all but the last reaches.

    The least p value of n steps is 2⁻ⁿ: of five folds, four that are worse reach 0.0625.
    """
    return max(0.1, 1.01 * 0.5 ** (n_steps - 1)) if n_steps > 1 else 0.1

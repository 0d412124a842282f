"""Who stops a hopeless trial, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.errors import UsageError
from podium.tuning.studies._names import check_known
from podium.tuning.studies.quiet import quiet

if TYPE_CHECKING:
    import optuna

__all__ = ["PRUNERS", "pruner"]

PRUNERS = ("median", "wilcoxon", "asha", "hyperband", "none")

FEW_STEPS = 9
"""Below it, halving keeps one trial in two instead of one in three: few folds have few rungs."""


def pruner(name: str, *, n_steps: int) -> optuna.pruners.BasePruner:
    """Return a pruner for trials that tell a score after each of `n_steps` steps.

    Args:
        name: "median": worse than the median of five trials or more at the same step, from the
            first step on. "wilcoxon": worse than the best trial over the steps so far by a signed
            rank test, for steps that are alike, as folds are. "asha" (Li et al. 2018): not among
            the best half (third, with nine steps or more) at a rung, from the second step on.
            "hyperband" (Li et al. 2016): the same, with some trials that are judged later. "none".
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
            with quiet():
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

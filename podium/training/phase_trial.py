"""Some steps of a phase from where a run would start it, to learn about rates: nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count

import torch
from torch import Tensor

from podium.errors import RecipeError
from podium.training.device import make_fabric, own_random_state, use_all_cores
from podium.training.fitting import memory_advice, start_of_phase
from podium.training.fold_files import Fold
from podium.training.job import Job
from podium.training.phase_run import PhasePlan, PhaseRun
from podium.training.streams import Normaliser
from podium.workspace.progress import Progress

__all__ = ["losses_at", "trial_steps"]


def losses_at(
    job: Job,
    rates: Sequence[float],
    *,
    phase: int = 0,
    is_over: Callable[[Sequence[float]], bool],
    progress: Progress,
) -> list[float]:
    """Return the loss of each step of a phase, the rate of step t being `rates[t]`.

    Every group of the optimiser keeps its share of the rate. The weights are thrown away.

    Args:
        job: with a folder that is not there.
        rates: `(T,)`.
        phase: 0-based, of the recipe's phases; it starts from the run's first weights.
        is_over: asked with the losses so far after each step, whether it is enough.
        progress: gets a bar.

    Raises:
        PodiumError: as training would.
    """
    losses: list[float] = []
    with own_random_state(), memory_advice(), progress.bar("steps", len(rates)) as advance:
        for step in trial_steps(job, phase, len(rates), rates=rates, progress=progress):
            losses.append(float(step["total"]) / job.recipe.accumulate)
            advance(1)
            if len(losses) == len(rates) or is_over(losses):
                break
    return losses


def trial_steps(
    job: Job,
    phase: int,
    n_steps: int,
    *,
    rates: Sequence[float] | None = None,
    progress: Progress,
) -> Iterator[dict[str, Tensor]]:
    """Do steps of a phase of fold 0, without end; give the losses of each, as `PhaseRun.steps`.

    Args:
        job: with a folder that is not there.
        phase: 0-based.
        n_steps: that will be asked for: methods plan by the end of a phase.
        rates: of each step; default: the recipe's.
        progress: of reading the images.

    Raises:
        PodiumError: as training would.
    """
    use_all_cores()
    fold: Fold = "full" if job.is_label_free else job.data.fold_numbers[0]
    network, plan = start_of_phase(job, fold, phase, progress=progress)
    fabric = make_fabric(job.recipe)
    network.to(fabric.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = PhaseRun(
        phase,
        _long_enough(plan, n_steps),
        job.recipe,
        network=network,
        average=None,
        normalise=Normaliser(network.mean, network.std, fabric.device),
        fabric=fabric,
        rate=None if rates is None else lambda index: float(rates[index]),
    )
    for epoch in count():
        for losses in run.steps(epoch, 0):
            if "total" not in losses:
                raise RecipeError(
                    f"phase {plan.spec.name} learns nothing in its first steps",
                    fix="try another phase: --phase NAME",
                )
            yield losses


def _long_enough(plan: PhasePlan, n_steps: int) -> PhasePlan:
    epochs = max(plan.spec.epochs, -(-n_steps // plan.per_epoch))
    return replace(plan, spec=plan.spec.model_copy(update={"epochs": epochs}), epochs=epochs)

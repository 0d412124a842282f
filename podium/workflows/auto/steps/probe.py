"""A first score: heads alone, on a frozen network.

Of labels they are solved for on features that are computed once. Heads of masks take a few epochs
at a small size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podium.workflows.auto.networks import NetworkAtHand
from podium.workflows.auto.proposal import (
    Proposal,
    Situation,
    base_recipe,
    fit_to_time,
    input_sizes,
    solved_heads,
    solved_seconds,
    usual_losses,
)

PLACE = 10
SHARE, SHARE_SOLVED = 0.15, 0.45
"""Of the time, at most. Where heads are solved for, a larger size is what gains most for its time:
on 400 images of 32 px the accuracy went from .77 at 64 px to .85 at 128 px in six more seconds."""
EPOCHS = 8
LEAST_OF_MASKS_S = 300
"""Of all steps: below, heads of masks on a frozen network take time from the network that wins."""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the largest size at which the heads take a small share of the time."""
    network = situation.pretrained
    if network is None:
        return
    phase = solved_heads(situation.facts)
    if phase is None and situation.budget_s < LEAST_OF_MASKS_S:
        return
    share = (SHARE if phase is None else SHARE_SOLVED) * situation.left_s
    sizes = input_sizes(situation.facts, network)
    cost = situation.measure(heads_recipe(situation, network, sizes[0]))
    for size in reversed(sizes):
        recipe, at = heads_recipe(situation, network, size), cost.at(size)
        if phase is None:
            recipe, seconds = fit_to_time(recipe, at, share, most=EPOCHS)
        else:
            recipe, seconds = {**recipe, "phases": [phase]}, solved_seconds(situation, at)
        is_enough = phase is not None or recipe["phases"][-1]["epochs"] >= EPOCHS // 2
        # Solved heads of the smallest size are worth all there is; of masks what comes next is.
        is_last = phase is not None and size == sizes[0] and seconds <= situation.left_s
        if (seconds <= share and is_enough) or is_last:
            why = f"heads on the frozen {network.name} at {size} px"
            yield Proposal("probe", why, recipe, seconds)
            return


def heads_recipe(situation: Situation, network: NetworkAtHand, size: int) -> dict[str, Any]:
    """Return the recipe of heads that take steps on a frozen network."""
    recipe, losses = base_recipe(situation, network, size), usual_losses(situation.facts)
    phase = {"name": "heads", "epochs": 1, "freeze": ["backbone"], "loss": losses}
    return {
        **recipe,
        "optimizer": {"name": "adamw", "lr": 5e-3, "weight_decay": 1e-4},
        "phases": [phase],
    }

"""A first score: heads alone, on a frozen network.

Of labels they are solved for on features that are computed once. Heads of masks take a few epochs
at a small size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
SHARE, SHARE_SOLVED = 0.15, 0.25
"""of the time, at most"""
EPOCHS = 8


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the largest size at which the heads take a small share of the time."""
    network = situation.networks[0]
    if not network.is_pretrained:
        return
    phase = solved_heads(situation.facts)
    share = (SHARE if phase is None else SHARE_SOLVED) * situation.left_s
    sizes = input_sizes(situation.facts, network)
    cost = situation.measure(_recipe(situation, sizes[0]))
    for size in reversed(sizes):
        recipe, at = _recipe(situation, size), cost.at(size)
        if phase is None:
            recipe, seconds = fit_to_time(recipe, at, share, most=EPOCHS)
        else:
            recipe, seconds = {**recipe, "phases": [phase]}, solved_seconds(situation, at)
        is_enough = phase is not None or recipe["phases"][-1]["epochs"] >= EPOCHS // 2
        if (seconds <= share and is_enough) or (size == sizes[0] and seconds <= situation.left_s):
            why = f"heads on the frozen {network.name} at {size} px"
            yield Proposal("probe", why, recipe, seconds)
            return


def _recipe(situation: Situation, size: int) -> dict[str, Any]:
    recipe, losses = (
        base_recipe(situation, situation.networks[0], size),
        usual_losses(situation.facts),
    )
    phase = {"name": "heads", "epochs": 1, "freeze": ["backbone"], "loss": losses}
    return {
        **recipe,
        "optimizer": {"name": "adamw", "lr": 5e-3, "weight_decay": 1e-4},
        "phases": [phase],
    }

"""A first score: heads alone, on a frozen network; small, and so early."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podium.training import methods
from podium.workflows.auto.proposal import (
    Proposal,
    Situation,
    base_recipe,
    fit_to_time,
    input_sizes,
    usual_losses,
)
from podium.workspace import extensions

PLACE = 10
SHARE, SHARE_SOLVED = 0.15, 0.2
"""of the time, at most"""
EPOCHS = 8
SOLVED = "linear_probe"
"""the method whose heads are solved on features that are computed once"""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the largest size at which a few epochs of the heads take a small share of the time."""
    network = situation.networks[0]
    if not network.is_pretrained:
        return
    is_solved = SOLVED in extensions.names(methods) and not situation.facts.has_masks
    share = (SHARE_SOLVED if is_solved else SHARE) * situation.left_s
    sizes = input_sizes(situation.facts, network)
    cost = situation.measure(_recipe(situation, sizes[0], is_solved=False))
    for size in reversed(sizes):
        recipe, seconds = _recipe(situation, size, is_solved=is_solved), 0.0
        if is_solved:
            seconds = cost.at(size).seconds(recipe)
        else:
            recipe, seconds = fit_to_time(recipe, cost.at(size), share, most=EPOCHS)
        enough = is_solved or recipe["phases"][-1]["epochs"] >= EPOCHS // 2
        if (seconds <= share and enough) or (size == sizes[0] and seconds <= situation.left_s):
            why = f"heads on frozen features of {network.name} at {size} px"
            yield Proposal("probe", why, recipe, seconds)
            return


def _recipe(situation: Situation, size: int, *, is_solved: bool) -> dict[str, Any]:
    recipe = base_recipe(situation, situation.networks[0], size)
    phase: dict[str, Any] = {"name": "heads", "epochs": 1, "freeze": ["backbone"]}
    if is_solved:
        phase["method"] = {"name": SOLVED}
    else:
        phase["loss"] = usual_losses(situation.facts)
    optimizer = {"name": "adamw", "lr": 5e-3, "weight_decay": 1e-4}
    return {**recipe, "optimizer": optimizer, "phases": [phase]}

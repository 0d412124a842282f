"""The whole network, trained from its weights: size and epochs as the time allows."""

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
    usual_losses,
)

PLACE = 30
SHARE = 0.5
"""of the time that is left"""
GOOD, LEAST, MOST = 10, 3, 40
"""epochs of the whole network: at which a larger size is taken; fewest; most"""
MOST_FROM_NOTHING = 100


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the best network of those at hand, with half of the time that is left."""
    found = fitted(situation, situation.networks[0], SHARE * situation.left_s, "fine-tune")
    if found is not None:
        yield found


def fitted(
    situation: Situation,
    network: NetworkAtHand,
    seconds: float,
    name: str,
    *,
    sizes: list[int] | None = None,
) -> Proposal | None:
    """Return the training of a network that fits best into `seconds`; None: none does.

    The largest size at which there is time for a good number of epochs, else the smallest.
    """
    candidates = input_sizes(situation.facts, network) if sizes is None else sizes
    cost = situation.measure(_recipe(situation, network, candidates[0]))
    most = MOST if network.is_pretrained else MOST_FROM_NOTHING
    for size in reversed(candidates):
        planned = _recipe(situation, network, size)
        recipe, expected = fit_to_time(planned, cost.at(size), seconds, most=most)
        epochs = recipe["phases"][-1]["epochs"]
        is_last = size == candidates[0]
        if expected <= seconds and (epochs >= GOOD or (is_last and epochs >= LEAST)):
            how = "trained whole" if network.is_pretrained else "trained from nothing"
            why = f"{network.name} at {size} px, {how}, {epochs} epochs"
            return Proposal(name, why, recipe, expected)
    return None


def _recipe(situation: Situation, network: NetworkAtHand, size: int) -> dict[str, Any]:
    recipe, losses = base_recipe(situation, network, size), usual_losses(situation.facts)
    whole: dict[str, Any] = {"name": "whole", "epochs": 1, "loss": losses}
    if not network.is_pretrained:
        optimizer = {"name": "adamw", "lr": 3e-3, "weight_decay": 5e-2, "warmup_epochs": 1}
        return {**recipe, "optimizer": optimizer, "phases": [whole]}
    head_rate = {"name": "adamw", "lr": 5e-3, "weight_decay": 1e-4}
    heads = {
        "name": "heads",
        "epochs": 2,
        "freeze": ["backbone"],
        "loss": losses,
        "optimizer": head_rate,
    }
    optimizer = {"name": "adamw", "lr": 1e-3, "weight_decay": 2e-2, "warmup_epochs": 0.5}
    return {**recipe, "optimizer": optimizer, "phases": [heads, whole]}

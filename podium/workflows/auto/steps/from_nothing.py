"""A small network from nothing, for numbers of small images, before the pretrained one.

What was learnt on photographs tells what is in an image, and little of how much of it, how large or
in which tone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from podium.workflows.auto.proposal import (
    NetworkAtHand,
    Proposal,
    Situation,
    fit_to_time,
    input_sizes,
    recipe_from_nothing,
)

PLACE = 5
SHARE, SHARE_BEHIND = 0.3, 0.95
"""of the time; of what heads on frozen features left of it, where it was too little before"""
NETWORK = NetworkAtHand(
    "a small network",
    {"backbone": "cnn", "pretrained": False, "options": {"widths": [16, 32, 64], "depth": 2}},
    is_pretrained=False,
)
LEAST_STEPS, LEAST, GOOD = 200, 10, 80
"""steps and epochs at least; epochs at most, or those of as many steps, if that is more"""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the training where labels are numbers, images small, and another network is at hand."""
    facts = situation.facts
    is_first = situation.pretrained is not None and situation.of_name("from-nothing") is None
    if not (facts.has_numbers and facts.is_small and is_first):
        return
    [size] = input_sizes(facts, NETWORK)
    share = SHARE if situation.of_name("probe") is None else SHARE_BEHIND
    recipe, seconds = recipe_from_nothing(situation, NETWORK, size), share * situation.left_s
    cost = situation.measure(recipe)
    least = math.ceil(LEAST_STEPS / max(cost.timing.phases[-1].steps, 1))
    recipe, expected = fit_to_time(recipe, cost, seconds, most=max(GOOD, least))
    epochs = recipe["phases"][-1]["epochs"]
    if expected <= seconds and epochs >= max(LEAST, least):
        why = f"{NETWORK.name} at {size} px, trained from nothing, {epochs} epochs"
        yield Proposal("from-nothing", why, recipe, expected)

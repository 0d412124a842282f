"""Where nothing else fits: a small network from nothing, in the folds and epochs that do.

Any training predicts an image better than the most frequent answer does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from podium.tasks.protocols.names import has_pixels
from podium.workflows.auto.proposal import (
    LONE_FOLD,
    NetworkAtHand,
    Proposal,
    RecipeCost,
    Situation,
    fit_to_time,
    recipe_from_nothing,
)
from podium.workflows.auto.steps.fine_tune import FEWER_FOLDS

PLACE = 80
IS_LAST_RESORT = True
"""it is timed even where timing others took its share of the time"""
SHARE = 0.95
"""of the time that is left"""
NETWORK = NetworkAtHand(
    "a small network",
    {"backbone": "cnn", "pretrained": False, "options": {"widths": [16, 32, 64, 128], "depth": 1}},
    is_pretrained=False,
)
SIZES = (32, 64, 128)
GOOD, GOOD_STEPS, MOST = 20, 200, 60
"""epochs and steps at which more folds or larger images come first; epochs at most, or three times
as many as are good"""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the training, where the steps before propose none that has time."""
    if any(not one.is_spare for one in situation.earlier):
        return
    cost, sizes = _measured(situation)
    folds = (None, *(one for one in FEWER_FOLDS if one < situation.n_folds))
    seconds = SHARE * situation.left_s
    for size, n in ((size, n) for size in reversed(sizes) for n in folds):
        scaled = cost.at(size) if n is None else cost.at(size).with_folds(n)
        steps = scaled.timing.phases[-1].steps
        good = max(GOOD, math.ceil(GOOD_STEPS / max(steps, 1)))
        within = LONE_FOLD * seconds if n == 1 else seconds
        recipe, expected = fit_to_time(
            _recipe(situation, size), scaled, within, most=max(MOST, 3 * good)
        )
        epochs = recipe["phases"][-1]["epochs"]
        is_last = size == sizes[0] and n == folds[-1]
        if expected > within or (epochs < good and not is_last):
            continue
        why = f"{NETWORK.name} at {size} px, trained from nothing, {epochs} epochs"
        why += "" if n is None else f", {n} fold{'s' * (n > 1)}"
        yield Proposal("small", why, recipe, expected, folds=n)
        return


def least_seconds(situation: Situation) -> float:
    """Return the seconds that must be left for a step of few good epochs in one fold."""
    cost, sizes = _measured(situation)
    scaled = cost.at(sizes[0]).with_folds(1)
    good = max(GOOD, math.ceil(GOOD_STEPS / max(scaled.timing.phases[-1].steps, 1)))
    phases = [{**one, "epochs": good} for one in _recipe(situation, sizes[0])["phases"]]
    return scaled.seconds({"phases": phases}) / (LONE_FOLD * SHARE)


def _measured(situation: Situation) -> tuple[RecipeCost, list[int]]:
    """Return the cost at the largest size, and the sizes up to that of the images."""
    own = 16 * -(-situation.facts.side // 16)
    sizes = [one for one in SIZES if one <= max(own, SIZES[0])]
    return situation.measure(_recipe(situation, sizes[-1])), sizes


def _recipe(situation: Situation, size: int) -> dict[str, Any]:
    recipe = recipe_from_nothing(situation, NETWORK, size)
    recipe.pop("predict", None)
    if has_pixels(situation.facts.tasks):
        heads = {**recipe["model"]["heads"], "segment": {"decoder": "unet"}}
        recipe["model"] = {**recipe["model"], "heads": heads}
    return recipe

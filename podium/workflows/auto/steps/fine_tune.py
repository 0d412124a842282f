"""The whole network, trained from its weights: size and epochs as the time allows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from podium.workflows.auto.proposal import (
    LONE_FOLD,
    NetworkAtHand,
    NotTimedError,
    Proposal,
    Situation,
    base_recipe,
    fit_to_time,
    input_sizes,
    recipe_from_nothing,
    solved_heads,
    usual_losses,
)

PLACE = 30
SHARE, SHARE_ALONE, SHARE_ALONE_OF_MASKS = 0.7, 0.8, 0.95
"""of the time that is left: beside a second network, and of the only one there is, which gains more
by a larger size than a blend gains by the same network at a smaller one. Heads of labels at another
size still fit into what remains."""
GOOD, LEAST, MOST = 10, 3, 40
"""epochs of the whole network: at which it is trained at a larger size; fewest; most"""
GOOD_PART = 6
"""the same of its last stage alone, which costs hardly more than its heads: on masks of 128 px the
last stage in 8 epochs came before the whole network at 64 px in the same time"""
LEAST_FROM_NOTHING, MOST_FROM_NOTHING = 30, 100
GOOD_STEPS = 200
"""of a network of masks, whose decoder has no weights yet: epochs of few images are short"""
LEAST_OF_PROBE = 0.5
"""of the size at which heads were solved for: at a smaller one the whole network gains less than it
loses by what it sees"""
FEWER_FOLDS = (2, 1)
"""Where all would have too few steps of masks: two networks that learnt come before five that did
not, and one that sees the images at their own size before two that see them smaller."""
SHORT = 300
"""Steps of the whole network behind solved heads up to which statistics of batch norm are frozen:
they go over to the new images in tens of steps, and take the features away that the heads know."""
SHORTEST, LOW_RATE = 40, 2e-4
"""steps up to which the rate is lower, too: at 1e-3 18 of them lost what the heads know"""
SHORT_OF_NUMBERS = 100
"""Steps of the network up to which numbers have further seeds of a small network from nothing in
its place. A number has no softmax that takes back what a step moves all weights of a head by: of
numbers the whole network learns as in a short training, however long it is."""
LONGER = 1.5
"""times the epochs at which the same network is trained once more, in time that was left"""
LAST_STAGE = "backbone[:-1]"


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the best network of those at hand, with most of the time that is left."""
    alone = SHARE_ALONE_OF_MASKS if situation.facts.has_masks else SHARE_ALONE
    share = alone if len(situation.networks) == 1 else SHARE
    found = fitted(situation, situation.networks[0], share * situation.left_s, "fine-tune")
    known = situation.of_name("fine-tune")
    if found is not None and (known is None or _gains(found, known, situation.n_folds)):
        yield found


def _gains(found: Proposal, known: Proposal, n_folds: int) -> bool:
    """Return whether another training of a network is worth more than further seeds of `known`.

    It sees larger images, or learns for much longer, and has no fewer folds.
    """
    (size, epochs), (before, epochs_before) = (
        (one.recipe["input"]["size"], one.recipe["phases"][-1]["epochs"]) for one in (found, known)
    )
    is_longer = size == before and epochs >= LONGER * epochs_before
    has_folds = (found.folds or n_folds) >= (known.folds or n_folds)
    return has_folds and (size > before or is_longer)


def fitted(
    situation: Situation,
    network: NetworkAtHand,
    seconds: float,
    name: str,
    *,
    sizes: list[int] | None = None,
) -> Proposal | None:
    """Return the training of a network that fits best into `seconds`; None: none does.

    The largest size at which there is time for a good number of epochs, of the whole network or of
    its last stage; else the smallest. It is measured at the smallest size, and once more at the one
    that this leads to: small images take more time for their pixels.
    """
    every = input_sizes(situation.facts, network) if sizes is None else sizes
    rough = fitted_roughly(situation, network, seconds, name, sizes=every, measured_at=every[0])
    if rough is None or rough.recipe["input"]["size"] == every[0]:
        return rough
    size = rough.recipe["input"]["size"]
    return fitted_roughly(situation, network, seconds, name, sizes=every, measured_at=size)


def fitted_roughly(
    situation: Situation,
    network: NetworkAtHand,
    seconds: float,
    name: str,
    *,
    sizes: list[int],
    measured_at: int,
) -> Proposal | None:
    """Return what `fitted` does, with seconds in proportion to those measured at one size."""
    facts = situation.facts
    probe = situation.of_name("probe")
    if network.is_pretrained and probe is not None and not facts.has_masks:
        seen = probe.recipe["input"]["size"]
        sizes = [one for one in sizes if one >= LEAST_OF_PROBE * seen]
    heads = solved_heads(facts) if network.is_pretrained else None
    is_number = heads is not None and facts.has_numbers
    parts = (None, LAST_STAGE) if network.is_pretrained and not is_number else (None,)
    ways = [(part, folds) for folds in (None, *_fewer_folds(situation)) for part in parts]
    for size, (part, folds) in ((size, way) for size in reversed(sizes) for way in ways):
        if folds == 1 and size > max(facts.side, sizes[0]):
            continue
        try:
            cost = situation.measure(_recipe(situation, network, measured_at, part)).at(size)
        except NotTimedError:
            continue
        cost = cost if folds is None else cost.with_folds(folds)
        steps = cost.timing.phases[-1].steps
        least, good, most = _epochs(situation, network, part, steps)
        good = good // 2 if folds == 1 else good
        within = LONE_FOLD * seconds if folds == 1 else seconds
        recipe, expected = fit_to_time(
            _recipe(situation, network, size, part), cost, within, most=most
        )
        epochs = recipe["phases"][-1]["epochs"]
        is_last = size == sizes[0] and folds == ways[-1][1]
        if expected > within or epochs < (least if is_last else good):
            continue
        if heads is not None:
            known = 0 if is_number else epochs * steps
            recipe = _from_solved(recipe, heads, math.inf if part else known)
        why = f"{network.name} at {size} px, {_how(network, part)}, {epochs} epochs"
        why += "" if folds is None else f", {folds} fold{'s' * (folds > 1)}"
        return Proposal(name, why, recipe, expected, folds=folds)
    return None


def _from_solved(recipe: dict[str, Any], heads: dict[str, Any], steps: float) -> dict[str, Any]:
    """Return a recipe that starts from solved heads, and keeps what they know in few `steps`."""
    last, optimizer = recipe["phases"][-1], recipe["optimizer"]
    if steps < SHORT:
        last = {**last, "freeze_statistics": True}
    if steps < SHORTEST:
        optimizer = {**optimizer, "lr": LOW_RATE}
    return {**recipe, "optimizer": optimizer, "phases": [heads, last]}


def _fewer_folds(situation: Situation) -> list[int]:
    """Return the numbers of folds that will do where there is no time for all.

    A blend has only the rows of all its members: what comes after the first network must not cost
    any of that one's.
    """
    first = situation.of_name("fine-tune")
    least = 1 if first is None else first.folds or situation.n_folds
    can_do = situation.facts.has_masks
    return [one for one in FEWER_FOLDS if can_do and least <= one < situation.n_folds]


def _epochs(
    situation: Situation, network: NetworkAtHand, part: str | None, steps: int
) -> tuple[int, int, int]:
    """Return the fewest epochs, those that are good enough for a larger size, and the most.

    Args:
        part: that is frozen.
        steps: of an epoch.
    """
    if not network.is_pretrained:
        return LEAST_FROM_NOTHING, LEAST_FROM_NOTHING, MOST_FROM_NOTHING
    good = GOOD if part is None else GOOD_PART
    if situation.of_name("from-nothing") is not None:
        least = math.ceil(SHORT_OF_NUMBERS / max(steps, 1))
        return max(LEAST, least), max(good, least), max(MOST, least)
    if not situation.facts.has_masks:
        return LEAST, good, MOST
    by_steps = math.ceil(GOOD_STEPS / max(steps, 1))
    return LEAST, max(good, by_steps), max(MOST, 4 * by_steps)


def _how(network: NetworkAtHand, part: str | None) -> str:
    if not network.is_pretrained:
        return "trained from nothing"
    return "trained whole" if part is None else "its last stage and heads trained"


def _recipe(
    situation: Situation, network: NetworkAtHand, size: int, frozen: str | None
) -> dict[str, Any]:
    if not network.is_pretrained:
        return recipe_from_nothing(situation, network, size)
    recipe, losses = base_recipe(situation, network, size), usual_losses(situation.facts)
    last: dict[str, Any] = {"name": "network", "epochs": 1, "loss": losses}
    heads = {
        "name": "heads",
        "epochs": 1,
        "freeze": ["backbone"],
        "loss": losses,
        "optimizer": {"name": "adamw", "lr": 5e-3, "weight_decay": 1e-4},
    }
    rate = 1e-3
    if frozen is not None:
        rate, last = 5e-3, {**last, "freeze": [frozen]}
    optimizer = {"name": "adamw", "lr": rate, "weight_decay": 2e-2, "warmup_epochs": 0.5}
    return {**recipe, "optimizer": optimizer, "phases": [heads, last]}

"""A first score: heads alone, on a frozen network.

Of labels they are solved for on features that are computed once. Heads of masks take a few epochs
at a small size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from podium.workflows.auto.proposal import (
    NetworkAtHand,
    Proposal,
    Situation,
    fit_to_time,
    head_sizes,
    heads_recipe,
    input_sizes,
    solved_heads,
    solved_seconds,
)
from podium.workflows.auto.steps.fine_tune import SHARE as SHARE_OF_FIRST
from podium.workflows.auto.steps.fine_tune import fitted_roughly

PLACE = 10
SHARE, SHARE_SOLVED, SHARE_ALONE = 0.15, 0.45, 1.0
"""Of the time, at most; heads that are solved for have all of it where what they leave is
enough for no network. A larger size is what gains most for its time: on 400 images of 32 px the
accuracy went from .77 at 64 px to .85 at 128 px in six more seconds, and by the mirrored view from
.772 to .777, by self-training to .791. So both are left out before the images are made smaller."""
EPOCHS = 8
LEAST_OF_MASKS_S = 300
"""Of all steps: below, heads of masks on a frozen network take time from the network that wins."""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the largest size at which the heads take their share of the time."""
    network = situation.pretrained
    if network is None or situation.of_name("probe") is not None:
        return
    if situation.facts.has_masks:
        if situation.budget_s >= LEAST_OF_MASKS_S:
            yield from _of_masks(situation, network)
        return
    found = solved(situation, network, SHARE_SOLVED * situation.left_s)
    if found is None or not _leaves_enough(situation, found):
        found = solved(situation, network, SHARE_ALONE * situation.left_s)
    if found is not None:
        yield found


def solved(situation: Situation, network: NetworkAtHand, seconds: float) -> Proposal | None:
    """Return heads that are solved for at the largest size that fits into `seconds`, or None."""
    smallest = head_sizes(situation.facts, network)[0]
    rough = _solved_roughly(situation, network, seconds, measured_at=smallest)
    if rough is None:
        return None
    # Small images take more time for their pixels: there may be time for larger ones.
    size = rough.recipe["input"]["size"]
    return _solved_roughly(situation, network, seconds, measured_at=size)


def _solved_roughly(
    situation: Situation, network: NetworkAtHand, seconds: float, *, measured_at: int
) -> Proposal | None:
    """Return what `solved` does, with seconds in proportion to those measured at one size."""
    facts, sizes = situation.facts, head_sizes(situation.facts, network)
    cost = situation.measure(heads_recipe(situation, network, measured_at))
    for size in reversed(sizes):
        for in_views in (True, False) if facts.may_turn else (False,):
            expected = solved_seconds(situation, cost.at(size), in_views=in_views)
            if expected > seconds:
                continue
            phase = solved_heads(facts, in_views=in_views)
            recipe = {**heads_recipe(situation, network, size), "phases": [phase]}
            if not in_views:
                recipe.pop("predict", None)
            why = f"heads on the frozen {network.name} at {size} px"
            return Proposal("probe", why, recipe, expected)
    return None


def _leaves_enough(situation: Situation, probe: Proposal) -> bool:
    """Return whether a network can be trained in the time that heads leave."""
    if situation.of_name("from-nothing") is not None:  # further seeds of it can
        return True
    left = situation.left_s - probe.expected_s
    after = replace(situation, left_s=left, earlier=(*situation.earlier, probe))
    for network in situation.networks[:2]:
        sizes, seconds = input_sizes(situation.facts, network), SHARE_OF_FIRST * left
        if fitted_roughly(after, network, seconds, "fine-tune", sizes=sizes, measured_at=sizes[0]):
            return True
    return False


def _of_masks(situation: Situation, network: NetworkAtHand) -> Iterator[Proposal]:
    sizes = input_sizes(situation.facts, network)
    cost = situation.measure(heads_recipe(situation, network, sizes[0]))
    for size in reversed(sizes):
        recipe, seconds = fit_to_time(
            heads_recipe(situation, network, size),
            cost.at(size),
            SHARE * situation.left_s,
            most=EPOCHS,
        )
        is_enough = recipe["phases"][-1]["epochs"] >= EPOCHS // 2
        if seconds <= SHARE * situation.left_s and is_enough:
            why = f"heads on the frozen {network.name} at {size} px"
            yield Proposal("probe", why, recipe, seconds)
            return

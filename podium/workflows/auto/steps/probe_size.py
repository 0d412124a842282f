"""The first heads at another size of the images, where fine-tuning left time for them."""

from __future__ import annotations

from collections.abc import Iterator

from podium.workflows.auto.proposal import (
    Proposal,
    Situation,
    head_sizes,
    heads_recipe,
    solved_seconds,
)

PLACE = 60
SMALLER, SMALLEST = 0.8, 0.5
"""of the first size: one that is nearer adds little to a blend, and a smaller one is worse"""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the probe at the largest other size for which there is time."""
    probe, network = situation.of_name("probe"), situation.pretrained
    if probe is None or network is None:
        return
    [phase] = probe.recipe["phases"]
    if "method" not in phase:  # heads of masks are not solved for
        return
    used, sizes = probe.recipe["input"]["size"], head_sizes(situation.facts, network)
    solved = [one for one in situation.earlier if one.name.startswith("probe")]
    known = [one.recipe["input"]["size"] for one in solved]
    cost = situation.measure(heads_recipe(situation, network, used))
    for size in reversed(sizes):
        in_views = "views" in phase["method"]
        seconds = solved_seconds(situation, cost.at(size), in_views=in_views)
        is_smaller = SMALLEST * max(known) <= size <= SMALLER * min(known)
        is_other = size > max(known) or is_smaller
        if is_other and seconds <= situation.left_s:
            recipe = {**probe.recipe, "input": {**probe.recipe["input"], "size": size}}
            yield Proposal("probe-size", f"the same heads at {size} px", recipe, seconds)
            return

"""The first heads at further sizes, for time that is left over, as where a network failed.

They have no time in the plan, and come behind further folds and seeds.
"""

from __future__ import annotations

from collections.abc import Iterator

from podium.workflows.auto.proposal import (
    Proposal,
    Situation,
    head_sizes,
    heads_recipe,
    solved_seconds,
)
from podium.workflows.auto.steps.probe_size import SMALLER, SMALLEST

PLACE = 95
MOST = 2
"""sizes: each further one adds less to a blend"""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield spare steps of the probe at sizes unlike those before, the largest first."""
    probe, network = situation.of_name("probe"), situation.pretrained
    if probe is None or network is None:
        return
    [phase] = probe.recipe["phases"]
    if "method" not in phase:  # heads of masks are not solved for
        return
    used = probe.recipe["input"]["size"]
    other = situation.of_name("probe-size")
    taken = [used, *([] if other is None else [other.recipe["input"]["size"]])]
    n, cost = 1, situation.measure(heads_recipe(situation, network, used))
    for size in reversed(head_sizes(situation.facts, network)):
        seconds = solved_seconds(situation, cost.at(size), in_views="views" in phase["method"])
        is_alike = any(SMALLER < size / one < 1 / SMALLER for one in taken)
        if size < SMALLEST * used or is_alike or seconds > situation.budget_s:
            continue
        taken.append(size)
        n += 1
        recipe = {**probe.recipe, "input": {**probe.recipe["input"], "size": size}}
        yield Proposal(
            f"probe-size-{n}",
            f"the same heads at {size} px",
            recipe,
            seconds,
            is_spare=True,
        )
        if n > MOST:
            return

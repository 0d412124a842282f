"""The first heads once more, which learn from unlabelled images, too, as they label them."""

from __future__ import annotations

from collections.abc import Iterator

from podium.errors import plural
from podium.workflows.auto.proposal import (
    Proposal,
    Situation,
    head_sizes,
    heads_recipe,
    solved_seconds,
)
from podium.workflows.suggestions.recipes import CompetitionFacts

PLACE = 20
ROUNDS = 5
SMALLEST = 0.5
"""of the first size, at least: heads at a smaller one are too much worse"""


def learns_from_pool(facts: CompetitionFacts) -> bool:
    """Return whether there are unlabelled images enough for labels that are classes."""
    return not facts.has_numbers and facts.n_unlabelled >= facts.n / 2


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the probe with rounds of self-training, where there are unlabelled images."""
    facts, probe, network = situation.facts, situation.of_name("probe"), situation.pretrained
    if probe is None or network is None or not learns_from_pool(facts):
        return
    if situation.of_name("self-training") is not None:
        return
    [phase] = probe.recipe["phases"]
    if "method" not in phase:  # heads of masks are not solved for
        return
    method = {**phase["method"], "rounds": ROUNDS}
    used, sizes = probe.recipe["input"]["size"], head_sizes(facts, network)
    cost = situation.measure(heads_recipe(situation, network, used))
    for size in reversed(sizes):
        seconds = solved_seconds(
            situation,
            cost.at(size),
            in_views="views" in phase["method"],
            rounds=ROUNDS,
            are_known=size == used,
        )
        if SMALLEST * used <= size <= used and seconds <= situation.left_s:
            recipe = {**probe.recipe, "input": {**probe.recipe["input"], "size": size}}
            yield Proposal(
                "self-training",
                f"heads at {size} px, learnt from "
                f"{plural(facts.n_unlabelled, 'unlabelled image')}, too",
                {**recipe, "phases": [{**phase, "method": method}]},
                seconds,
            )
            return

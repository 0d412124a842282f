"""The first heads once more, which learn from unlabelled images, too, as they label them."""

from __future__ import annotations

from collections.abc import Iterator

from podium.workflows.auto.proposal import Proposal, Situation, input_sizes, solved_seconds
from podium.workflows.auto.steps.probe import heads_recipe

PLACE = 20
ROUNDS = 5
SHARE = 0.7
"""of the time that is left, at most"""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the probe with rounds of self-training, where there are unlabelled images."""
    facts, probe, network = situation.facts, situation.of_name("probe"), situation.pretrained
    if probe is None or network is None or not facts.n_unlabelled or facts.has_numbers:
        return
    [phase] = probe.recipe["phases"]
    if "method" not in phase:  # heads of masks are not solved for
        return
    method = {**phase["method"], "rounds": ROUNDS}
    used, sizes = probe.recipe["input"]["size"], input_sizes(facts, network)
    cost = situation.measure(heads_recipe(situation, network, sizes[0]))
    for size in reversed(sizes):
        seconds = solved_seconds(
            situation,
            cost.at(size),
            in_views="views" in phase["method"],
            rounds=ROUNDS,
            are_known=size == used,
        )
        if size <= used and seconds <= SHARE * situation.left_s:
            recipe = {**probe.recipe, "input": {**probe.recipe["input"], "size": size}}
            yield Proposal(
                "self-training",
                f"heads at {size} px, learnt from {facts.n_unlabelled:,} unlabelled images, too",
                {**recipe, "phases": [{**phase, "method": method}]},
                seconds,
            )
            return

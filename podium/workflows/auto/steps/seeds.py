"""Further seeds of the trainings so far, the longest that fits each time, until nothing fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from podium.workflows.auto.proposal import Proposal, Situation

PLACE = 90
MOST = 8


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield recipes of earlier steps with seeds 1, 2, … until the time is spent."""
    # Heads that are solved for have nothing random in them.
    trained = [one for one in situation.earlier if "method" not in one.recipe["phases"][-1]]
    by_length = sorted(trained, key=lambda one: -one.expected_s)
    left, seeds = situation.left_s, dict.fromkeys((one.name for one in trained), 0)
    while sum(seeds.values()) < MOST:
        fits = [one for one in by_length if one.expected_s <= left and one.name != "probe"]
        if not fits:
            return
        # Of one recipe as many seeds as of another, where both fit: blends gain by what differs.
        chosen = min(fits, key=lambda one: seeds[one.name])
        seeds[chosen.name] += 1
        left -= chosen.expected_s
        seed = seeds[chosen.name]
        yield replace(
            chosen,
            name=f"{chosen.name}-seed-{seed}",
            why=f"{chosen.name} once more, from another seed",
            recipe={**chosen.recipe, "seed": seed},
        )

"""Further seeds of the trainings so far, the longest that fits each time, until nothing fits.

More of them than fit are spare: steps that take less time than expected leave it for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from podium.workflows.auto.proposal import Proposal, Situation

PLACE = 90
MOST = 8
"""seeds of a plan, the spare ones included"""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield recipes of earlier steps with seeds 1, 2, … that fit into the time, then spare ones."""
    # Heads that are solved for have nothing random in them.
    trained = [one for one in situation.earlier if "method" not in one.recipe["phases"][-1]]
    by_length = sorted(
        (one for one in trained if one.name != "probe"), key=lambda one: -one.expected_s
    )
    left, seeds = situation.left_s, dict.fromkeys((one.name for one in by_length), 0)
    while by_length and sum(seeds.values()) < MOST:
        fits = [one for one in by_length if one.expected_s <= left]
        # Of one recipe as many seeds as of another, where both fit: blends gain by what differs.
        chosen = min(fits or by_length, key=lambda one: seeds[one.name])
        seeds[chosen.name] += 1
        left -= chosen.expected_s if fits else 0.0
        seed = seeds[chosen.name]
        yield replace(
            chosen,
            name=f"{chosen.name}-seed-{seed}",
            why=f"{chosen.name} once more, from another seed",
            recipe={**chosen.recipe, "seed": seed},
            repeats=chosen.name,
            is_spare=not fits,
        )

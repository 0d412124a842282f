"""Further seeds of the longest training, as many as fit into what is left."""

from __future__ import annotations

from collections.abc import Iterator

from podium.workflows.auto.proposal import Proposal, Situation

PLACE = 90
MOST = 8


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the recipe that takes longest with seeds 1, 2, … until the time is spent."""
    trained = [one for one in situation.earlier if one.name != "probe"]
    if not trained:
        return
    longest = max(trained, key=lambda one: one.expected_s)
    left = situation.left_s
    for seed in range(1, MOST + 1):
        if longest.expected_s > left:
            return
        left -= longest.expected_s
        yield Proposal(
            f"{longest.name}-seed-{seed}",
            f"{longest.name} once more, from another seed",
            {**longest.recipe, "seed": seed},
            longest.expected_s,
            teacher=longest.teacher,
        )

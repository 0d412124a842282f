"""The first heads at another size of the images, where fine-tuning left time for them."""

from __future__ import annotations

from collections.abc import Iterator

from podium.workflows.auto.proposal import Proposal, Situation
from podium.workflows.auto.steps.probe import larger

PLACE = 60


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the probe at a larger size, else at a smaller one."""
    found = larger(situation)
    if found is not None:
        yield found

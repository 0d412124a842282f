"""Another network, or the same at another size: it errs elsewhere, and a blend gains by that."""

from __future__ import annotations

from collections.abc import Iterator

from podium.workflows.auto.proposal import Proposal, Situation, input_sizes
from podium.workflows.auto.steps.fine_tune import fitted

PLACE = 50
SHARE = 0.6
"""of the time that is left"""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield a training of the next network at hand, else of the first at a smaller size."""
    seconds = SHARE * situation.left_s
    if len(situation.networks) > 1:
        found = fitted(situation, situation.networks[1], seconds, "second-network")
    else:
        network = situation.networks[0]
        first = situation.of_name("fine-tune")
        used = None if first is None else first.recipe["input"]["size"]
        others = [one for one in input_sizes(situation.facts, network) if one != used]
        if not others or first is None:
            return
        found = fitted(situation, network, seconds, "second-size", sizes=others)
    if found is not None:
        yield found

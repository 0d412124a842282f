"""Another network, or the same at another size: it errs elsewhere, and a blend gains by that."""

from __future__ import annotations

from collections.abc import Iterator

from podium.workflows.auto.proposal import Proposal, Situation, input_sizes, trained_networks
from podium.workflows.auto.steps.fine_tune import fitted

PLACE = 50
SHARE = 0.6
"""of the time that is left"""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield a training of the next network at hand, else of the only one at another size, once."""
    seconds = SHARE * situation.left_s
    if len(situation.networks) > 1:
        trained = {one.recipe["model"]["backbone"] for one in trained_networks(situation)}
        others = [one for one in situation.networks[1:] if one.model["backbone"] not in trained]
        found = fitted(situation, others[0], seconds, "second-network") if others else None
    else:
        found = _at_another_size(situation, seconds)
    if found is not None:
        yield found


def _at_another_size(situation: Situation, seconds: float) -> Proposal | None:
    [network] = situation.networks
    first = situation.of_name("fine-tune")
    used = None if first is None else first.recipe["input"]["size"]
    others = [one for one in input_sizes(situation.facts, network) if one != used]
    if not others or first is None or situation.of_name("second-size") is not None:
        return None
    return fitted(situation, network, seconds, "second-size", sizes=others)

"""The first heads once more, which learn from unlabelled images, too, as they label them."""

from __future__ import annotations

from collections.abc import Iterator

from podium.workflows.auto.proposal import Proposal, Situation, solved_seconds

PLACE = 20
ROUNDS = 5
SHARE = 0.3
"""of the time that is left, at most"""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield the probe with rounds of self-training, where there are unlabelled images."""
    facts, probe = situation.facts, situation.of_name("probe")
    if probe is None or not facts.n_unlabelled or facts.has_numbers:
        return
    [phase] = probe.recipe["phases"]
    if "method" not in phase:  # heads of masks are not solved for
        return
    # The features of labelled images are there already: what is new are the unlabelled ones.
    seconds = solved_seconds(situation, situation.measured(probe.recipe), rounds=ROUNDS)
    if seconds > SHARE * situation.left_s:
        return
    method = {**phase["method"], "rounds": ROUNDS}
    yield Proposal(
        "self-training",
        f"the same heads, learnt from {facts.n_unlabelled:,} unlabelled images, too",
        {**probe.recipe, "phases": [{**phase, "method": method}]},
        seconds,
    )

"""Further folds and seeds of the trainings so far, the longest that fits each time.

Of a training that had time for some of the folds alone the next fold comes before another seed: it
is one more network for the test images, too, and more rows to fit a blend and its decision on. More
of them than fit are spare: steps that take less time than expected leave it for them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from podium.workflows.auto.proposal import Proposal, Situation, trained_networks

PLACE = 90
MOST = 8
"""Folds and seeds of a plan, the spare ones included; in all plans of a time, of one training."""


def propose(situation: Situation) -> Iterator[Proposal]:
    """Yield folds 2, 3, … or seeds 1, 2, … of earlier steps that fit, then spare ones.

    In time that was left the best network comes first, as long as it has not so many.
    """
    trained = trained_networks(situation)
    first = {one.name: one for one in trained if one.repeats is None}
    left, times = situation.left_s, dict.fromkeys(first, 0)
    for one in trained:
        if one.repeats in times:
            times[one.repeats] += 1
    for _ in range(MOST):
        found = [
            _once_more(one, times[one.name] + 1, situation.n_folds)
            for one in first.values()
            if times[one.name] < MOST
        ]
        there = sorted((one for one in found if one is not None), key=lambda one: -one.expected_s)
        if not there:
            return
        fits = [one for one in there if one.expected_s <= left]
        if situation.is_rest:
            chosen = max(fits or there, key=lambda one: _goodness(first[str(one.repeats)]))
        else:  # of one recipe as many as of another, where both fit: blends gain by what differs
            chosen = min(fits or there, key=lambda one: times[str(one.repeats)])
        times[str(chosen.repeats)] += 1
        left -= chosen.expected_s if fits else 0.0
        yield replace(chosen, is_spare=not fits)


def _goodness(first: Proposal) -> float:
    """Return how good a training is that is over; of others nothing is known."""
    return -math.inf if first.goodness is None else first.goodness


def _once_more(first: Proposal, number: int, n_folds: int) -> Proposal | None:
    """Return another fold of a training that has not all, or another seed; None: it has them all.

    Args:
        first: the training.
        number: of the fold or seed, from 1.
        n_folds: of a run.
    """
    if first.folds is None or first.folds >= n_folds:
        return replace(
            first,
            name=f"{first.name}-seed-{number}",
            why=f"{first.name} once more, from another seed",
            recipe={**first.recipe, "seed": number},
            repeats=first.name,
        )
    folds = first.folds + number
    if folds > n_folds:
        return None
    return replace(
        first,
        name=f"{first.name}-fold-{folds}",
        why=f"{first.name}, fold {folds} of {n_folds}",
        expected_s=first.expected_s / first.folds,
        folds=folds,
        repeats=first.name,
        extends=first.name,
    )

"""Bagged hill climbing: the mean weights of twenty climbs over random halves of the members.

Caruana et al. 2004, §2.3: a member that is best by luck takes every climb that it is in, and bags
that lack it let others show what they bring. The halves follow from the seed alone.
"""

from __future__ import annotations

from podium.ensembling.hill_climbing import climb
from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members, before_thresholds
from podium.ensembling.methods.hill_climb import PATIENCE, ROUNDS

__all__ = ["METHOD"]

BAGS = 20


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    goal = before_thresholds(objective)
    weights = climb(members, goal, rounds=ROUNDS, bags=BAGS, patience=PATIENCE, seed=seed)
    return Fitted.of(weights)


METHOD = BlendMethod(fit=_fit, takes_top_k=True)

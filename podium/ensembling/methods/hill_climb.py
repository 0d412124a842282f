"""Hill climbing with replacement (Caruana et al. 2004), as `ensembling/hill_climbing.py` has it.

Where a metric scores what thresholds or class weights decide it climbs by log loss, and by squared
error where cut points decide ratings: these are fitted to the weighted mean afterwards. By accuracy
of one class of several it climbs itself, as the likeliest one is right there.
"""

from __future__ import annotations

from podium.ensembling.hill_climbing import climb
from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members, before_decision

__all__ = ["METHOD"]

ROUNDS = 50
PATIENCE = 10  # rounds; rank metrics over many classes cost seconds a round


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    goal = before_decision(members, objective)
    return Fitted.of(climb(members, goal, rounds=ROUNDS, patience=PATIENCE, seed=seed))


METHOD = BlendMethod(fit=_fit, takes_top_k=True)

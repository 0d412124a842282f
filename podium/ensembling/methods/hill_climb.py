"""Hill climbing with replacement (Caruana et al. 2004), as `ensembling/hill_climbing.py` has it.

Where a metric scores what thresholds decide, of one yes or no or of several labels, it climbs by
log loss, by squared error where cut points decide ratings, and by the log loss of calibrated means
where class weights decide macro F1 or balanced accuracy: all of these are fitted to the weighted
mean afterwards.
"""

from __future__ import annotations

from podium.ensembling.climbing._calibrated import before_class_weights
from podium.ensembling.hill_climbing import climb
from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members, before_thresholds

__all__ = ["METHOD"]

ROUNDS = 50
PATIENCE = 10  # rounds; rank metrics over many classes cost seconds a round


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    goal = before_class_weights(members, before_thresholds(objective))
    return Fitted.of(climb(members, goal, rounds=ROUNDS, patience=PATIENCE, seed=seed))


METHOD = BlendMethod(fit=_fit, takes_top_k=True)

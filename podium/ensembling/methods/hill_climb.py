"""Hill climbing with replacement (Caruana et al. 2004), as `ensembling/hill_climbing.py` has it."""

from __future__ import annotations

from podium.ensembling.hill_climbing import climb
from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members

__all__ = ["METHOD"]

ROUNDS = 50
PATIENCE = 10  # rounds; rank metrics over many classes cost seconds a round


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    return Fitted.of(climb(members, objective, rounds=ROUNDS, patience=PATIENCE, seed=seed))


METHOD = BlendMethod(fit=_fit, takes_top_k=True)

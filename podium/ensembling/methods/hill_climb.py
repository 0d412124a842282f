"""Hill climbing with replacement (Caruana et al. 2004), as `ensembling/weights.py` has it."""

from __future__ import annotations

from podium.ensembling.method import Fitted, Members, Method, Objective
from podium.ensembling.weights import climb

__all__ = ["METHOD"]

ROUNDS = 50
PATIENCE = 10  # rounds; rank metrics over many classes cost seconds a round


def _fit(members: Members, objective: Objective, *, seed: int) -> Fitted:
    return Fitted.of(climb(members, objective, rounds=ROUNDS, patience=PATIENCE, seed=seed))


METHOD = Method(fit=_fit, takes_top_k=True)

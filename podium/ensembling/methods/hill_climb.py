"""Hill climbing with replacement (Caruana et al. 2004), as `ensembling/weights.py` has it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.methods._method import Members, Method
from podium.ensembling.weights import climb
from podium.tuning.scoring import Scorer

__all__ = ["METHOD"]

ROUNDS = 50
PATIENCE = 10  # rounds; rank metrics over many classes cost seconds a round


def _fit(members: Members, scorer: Scorer, *, seed: int) -> NDArray[np.float64]:
    return climb(members, scorer, rounds=ROUNDS, patience=PATIENCE, seed=seed)


METHOD = Method(fit=_fit)

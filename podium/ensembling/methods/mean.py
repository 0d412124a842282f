"""Mean: every member weighs the same. Nothing is fitted, so nothing can be over-fitted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.methods._method import Members, Method
from podium.ensembling.weights import mean_weights
from podium.tuning.scoring import Scorer

__all__ = ["METHOD"]


def _fit(members: Members, scorer: Scorer, *, seed: int) -> NDArray[np.float64]:
    return mean_weights(len(members))


METHOD = Method(fit=_fit)

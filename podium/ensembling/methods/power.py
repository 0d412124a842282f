"""Power mean (mean p^a)^(1/a), with the exponent of a short list that scores best.

a = 1 is the arithmetic mean; above it a confident member counts more, below it an unsure one;
-1 is the harmonic mean. Members weigh the same. Exponents are tried from the plain mean outwards,
and of those that score alike the first is taken. Probabilities count as at least 1e-7. Where
classes exclude each other, each row is scaled to sum 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members
from podium.ensembling.methods._means import (
    at_least_smallest,
    needs_probs,
    sum_to_one,
    weighted_sum,
)

__all__ = ["EXPONENTS", "METHOD"]

EXPONENTS = (1.0, 0.5, 2.0, -1.0, 4.0)


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    weights = Fitted.equal(len(members)).weights
    best: tuple[float, Fitted] | None = None
    for exponent in EXPONENTS:
        params = {"exponent": exponent, "sum_to_one": objective.kind.is_exclusive}
        tried = Fitted(weights, params)
        score = objective.of_probs(_combine(members, tried))
        if best is None or objective.metric.is_better(score, best[0]):
            best = score, tried
    assert best is not None  # there are exponents
    return best[1]


def _combine(members: Any, fitted: Fitted) -> NDArray[np.float32]:
    exponent = float(fitted.params["exponent"])
    probs = weighted_sum(members, fitted, lambda one: at_least_smallest(one) ** exponent)
    probs **= 1 / exponent
    return (sum_to_one(probs) if fitted.params["sum_to_one"] else probs).astype(np.float32)


METHOD = BlendMethod(
    fit=_fit, combine=_combine, n_fitted=lambda n_members, n_outputs: 1, refuses=needs_probs
)

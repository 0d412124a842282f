"""Mean of logits: members agree on evidence, not on probabilities; nothing is fitted.

Where each output is a probability by itself (binary, multilabel), the mean of log(p / (1 - p)) is
put through the sigmoid: 0.5 and 0.9999 make 0.99, where the arithmetic mean is 0.75. Where
classes exclude each other, logits are defined up to a constant a row, log p is one choice, and the
softmax of their mean is the geometric mean, scaled to sum 1. Probabilities are clipped at 1e-7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members
from podium.ensembling.methods._means import (
    at_least_smallest,
    log_odds,
    needs_probs,
    of_log_odds,
    sum_to_one,
    weighted_sum,
)

__all__ = ["METHOD"]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    link = "softmax" if objective.kind.is_exclusive else "sigmoid"
    return Fitted(Fitted.equal(len(members)).weights, {"link": link})


def _combine(members: Any, fitted: Fitted) -> NDArray[np.float32]:
    if fitted.params["link"] == "sigmoid":
        return of_log_odds(weighted_sum(members, fitted, log_odds), sum_to_one=False)
    logs = weighted_sum(members, fitted, lambda one: np.log(at_least_smallest(one)))
    # A mean of logarithms is at least log 1e-7: no overflow either way.
    return sum_to_one(np.exp(logs)).astype(np.float32)


METHOD = BlendMethod(
    fit=_fit, combine=_combine, n_fitted=lambda n_members, n_outputs: 0, refuses=needs_probs
)

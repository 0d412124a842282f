"""Per class: each class has weights of its own, the best of this class against all others.

    P_ic = Σ_m W_mc p_imc,   W_·c on the simplex, with the lowest log loss of column c

(of the Brier score: the lowest squared error). Where classes exclude each other, rows are divided
by their sums. A row of which every class is left to members that predict 0 has no sum: it takes the
mean by the members' shares, which are the means of their weights over the classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members
from podium.ensembling.simplex import fit_columns, lower_by, why_not_convex

__all__ = ["METHOD"]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    columns = fit_columns(members, objective)
    weights = np.stack([one.weights for one in columns], axis=1)  # (M, C)
    gap = max(one.gap for one in columns)
    note = (
        "each class has weights of its own: no others of these members have a lower "
        f"{columns[0].name} of that class{lower_by(gap)}"
    )
    params = {"by_class": weights.tolist(), "sum_to_one": objective.kind.is_exclusive}
    return Fitted.of(weights.mean(axis=1), params, (note,))


def _combine(members: Any, fitted: Fitted) -> NDArray[np.float32]:
    shape = np.shape(members[0])
    total, by_share = np.zeros(shape), np.zeros(shape)
    by_class = np.asarray(fitted.params["by_class"], dtype=np.float64)
    for member, weights, share in zip(members, by_class, fitted.weights, strict=True):
        if share:
            total += np.multiply(member, weights, dtype=np.float64)
            by_share += np.multiply(member, share, dtype=np.float64)
    if fitted.params["sum_to_one"]:
        sums = total.sum(axis=-1, keepdims=True)
        total = np.where(sums > 0, total / np.where(sums > 0, sums, 1), by_share)
    return total.astype(np.float32)


def _refuses(objective: BlendObjective) -> str:
    if objective.kind.is_single:
        return f"{objective.kind.named} task has one column: take simplex"
    if not objective.kind.is_prob:
        return f"{objective.kind.named} task has no classes: take simplex"
    return why_not_convex(objective)


METHOD = BlendMethod(
    fit=_fit,
    combine=_combine,
    n_fitted=lambda n_members, n_outputs: (n_members - 1) * n_outputs,
    refuses=_refuses,
)

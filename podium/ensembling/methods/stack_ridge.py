"""Stacking by ridge regression: y = b + Σ_m w_m · v_m, for values and for ratings.

Of several columns each is fitted by itself, on the rows that have a truth in it.

scikit-learn's Ridge with its standard penalty (L2, alpha = 1), on the members' values divided by
their common standard deviation, so that the unit of the target changes nothing. It finds the best
squared error, whatever the metric is; weights may be negative and need not sum to 1, and the
intercept mends what all members get wrong alike. Ordinal ratings are fitted as the numbers that
they are, and what a line makes of them is kept between the lowest and the highest class; their cut
points are tuned after.

Probabilities are refused: a sum with free weights leaves [0, 1], where stack_logistic and the
simplex do not. Shares of members are those of |w_m|, their absolute influence; the weights
themselves stand in the parameters. Breiman 1996, "Stacked regressions", Machine Learning 24.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members, influence
from podium.ensembling.targets import blending_of
from podium.tuning.scoring import LabelScorer

__all__ = ["METHOD"]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    from sklearn.linear_model import Ridge

    target = blending_of(objective.kind).columns(np.asarray(objective.truth))  # (N, C)
    coefficients, intercepts = np.empty((len(members), target.shape[1])), []
    for c in range(target.shape[1]):
        known = np.isfinite(target[:, c])
        if not known.any():
            coefficients[:, c] = 1 / len(members)
            intercepts.append(0.0)
            continue
        values = members[:, known, c].T.astype(np.float64)  # (N, M)
        unit = float(np.sqrt(values.var(axis=0).mean())) or 1.0
        found = Ridge().fit(values / unit, target[known, c])
        coefficients[:, c] = np.asarray(found.coef_) / unit
        intercepts.append(float(found.intercept_))
    params: dict[str, Any] = {"coefficients": coefficients.tolist(), "intercept": intercepts}
    if objective.kind.is_single:
        params = {"coefficients": coefficients[:, 0].tolist(), "intercept": intercepts[0]}
    return Fitted.of(influence(coefficients), params | _bounds(objective))


def _bounds(objective: BlendObjective) -> dict[str, Any]:
    """Return the highest rating that there is, as a parameter; of values nothing."""
    if not objective.kind.is_ordered:
        return {}
    n_classes = objective.n_classes if isinstance(objective, LabelScorer) else None
    return {"highest": int(np.max(objective.truth)) if n_classes is None else n_classes - 1}


def _combine(members: Any, fitted: Fitted) -> NDArray[np.float32]:
    total = np.empty(np.shape(members[0]), dtype=np.float64)
    total[...] = fitted.params["intercept"]
    for member, coefficient in zip(members, fitted.params["coefficients"], strict=True):
        total += np.multiply(member, coefficient, dtype=np.float64)
    if "highest" in fitted.params:
        np.clip(total, 0, fitted.params["highest"], out=total)
    return total.astype(np.float32)


def _refuses(objective: BlendObjective) -> str:
    if objective.kind.is_prob:
        return f"{objective.kind.named} task has probabilities; stack_logistic takes them"
    if objective.kind.is_by_level:
        return f"{objective.kind.named} task has no squared error to fit: that is of means"
    return ""


METHOD = BlendMethod(
    fit=_fit,
    combine=_combine,
    n_fitted=lambda n_members, n_outputs: (n_members + 1) * n_outputs,
    refuses=_refuses,
)

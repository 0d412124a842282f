"""Stacking by logistic regression: from members' log odds of a class to the class.

For each output c a logistic regression is fitted on the M log odds that the members give it:

    p_c = sigmoid(b_c + Σ_m w_mc · log(p_mc / (1 - p_mc)))

so that binary, multilabel and multiclass tasks are fitted in one way, one class against the rest;
where classes exclude each other, each row is scaled to sum 1. A class costs M + 1 numbers. (A
multinomial regression on the log odds of all classes costs M · C + 1 each, and over-fits folds of
ordinary size.) It is scikit-learn's, with its standard penalty (L2, C = 1). It finds the best log
loss, whatever the metric is. Log odds are those of probabilities clipped at 1e-7.

A row of which a class is unknown does not teach it. A class that no fitted row has, or every row,
cannot be fitted: its log odds are averaged. Shares of
members are those of Σ_c |w_mc|, their absolute influence; a weight itself may be negative, and
stands in the parameters. Wolpert 1992, "Stacked generalization", Neural Networks 5.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members, influence
from podium.ensembling.methods._means import log_odds, needs_probs, of_log_odds

__all__ = ["METHOD"]

MOST_STEPS = 1000  # of the solver; it takes some tens


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    n_members, _, n_outputs = members.shape
    coefficients = np.full((n_members, n_outputs), 1 / n_members)
    intercepts = np.zeros(n_outputs)
    untaught = []
    for c in range(n_outputs):
        is_one, known = _is_class(objective, c), _is_known(objective, c)
        if is_one[known].all() or not is_one.any():
            untaught.append(c)
            continue
        features = log_odds(members[:, known, c]).T
        coefficients[:, c], intercepts[c] = _regression(features, is_one[known])
    params = {
        "coefficients": coefficients.tolist(),
        "intercepts": intercepts.tolist(),
        "sum_to_one": objective.kind.is_exclusive,
    }
    notes = (f"no row teaches columns {untaught}: their log odds are averaged",) if untaught else ()
    return Fitted.of(influence(coefficients), params, notes)


def _is_class(objective: BlendObjective, c: int) -> NDArray[np.bool_]:
    """Return `(N,)`: whether output `c` is right; a row may have several right classes."""
    truth = np.asarray(objective.truth)
    if objective.kind.is_exclusive:
        return np.asarray((truth.reshape(len(truth), -1) == c).any(axis=1))
    return np.asarray(truth.reshape(len(truth), -1)[:, c] == 1)


def _is_known(objective: BlendObjective, c: int) -> NDArray[np.bool_]:
    """Return `(N,)`: whether it is known if output `c` is right."""
    truth = np.asarray(objective.truth)
    if not objective.kind.is_by_class:
        return np.ones(len(truth), dtype=bool)
    return np.asarray(truth[:, c] != -1)


def _regression(
    features: NDArray[np.float64], is_one: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(max_iter=MOST_STEPS).fit(features, is_one)
    return found.coef_[0], float(found.intercept_[0])


def _combine(members: Any, fitted: Fitted) -> NDArray[np.float32]:
    total = np.empty(np.shape(members[0]), dtype=np.float64)
    total[...] = fitted.params["intercepts"]
    for member, coefficients in zip(members, fitted.params["coefficients"], strict=True):
        odds = log_odds(member)
        odds *= coefficients
        total += odds
    return of_log_odds(total, sum_to_one=bool(fitted.params["sum_to_one"]))


def _refuses(objective: BlendObjective) -> str:
    why = needs_probs(objective)
    return why and f"{why}; stack_ridge takes it"


METHOD = BlendMethod(
    fit=_fit,
    combine=_combine,
    n_fitted=lambda n_members, n_outputs: (n_members + 1) * n_outputs,
    refuses=_refuses,
)

"""Simplex: the weights of the weighted mean with the lowest loss, from `ensembling/simplex.py`.

Of log loss, weighted or not, the Brier score and the squared error it is the global optimum, and
the blend's notes give its duality gap. For other metrics the weights are those of the proper loss
of the kind of task, and a note states that.
"""

from __future__ import annotations

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members
from podium.ensembling.simplex import fit_simplex, why_not_convex

__all__ = ["METHOD"]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    found = fit_simplex(members, objective)
    return Fitted.of(found.weights, notes=(found.note(objective.metric),))


METHOD = BlendMethod(fit=_fit, refuses=why_not_convex, takes_top_k=True)

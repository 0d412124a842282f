"""Mean: every member weighs the same. Nothing is fitted, so nothing can be over-fitted."""

from __future__ import annotations

from podium.ensembling.method import Fitted, Members, Method, Objective

__all__ = ["METHOD"]


def _fit(members: Members, objective: Objective, *, seed: int) -> Fitted:
    return Fitted.equal(len(members))


METHOD = Method(fit=_fit, n_fitted=lambda n_members, n_outputs: 0, takes_top_k=True)

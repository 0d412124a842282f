"""Mean: every member weighs the same. Nothing is fitted, so nothing can be over-fitted."""

from __future__ import annotations

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members

__all__ = ["METHOD"]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    return Fitted.equal(len(members))


METHOD = BlendMethod(fit=_fit, n_fitted=lambda n_members, n_outputs: 0, takes_top_k=True)

"""Best: the one member that scores best by itself; every other blend has to beat it.

Where decisions are scored, members are compared with the plain ones; where thresholds are fitted
afterwards, by log loss, and where cut points are, by squared error. Of members that score alike
the first is taken. In a blend's honest score the member of each fold is chosen by the other folds.
"""

from __future__ import annotations

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members, before_thresholds

__all__ = ["METHOD"]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    goal = before_thresholds(objective)
    best, best_score = 0, goal.of_probs(members[0])
    for m in range(1, len(members)):
        score = goal.of_probs(members[m])
        if goal.metric.is_better(score, best_score):
            best, best_score = m, score
    return Fitted(tuple(float(m == best) for m in range(len(members))))


METHOD = BlendMethod(fit=_fit, n_fitted=lambda n_members, n_outputs: 1, takes_top_k=True)

"""Majority vote: each member decides plainly, and the decision of most of them is taken.

A member votes for its likeliest class (the first of equal ones), and where each output is a yes or
no by itself (binary, multilabel) for yes from 0.5 on. Of classes with as many votes the one with
the larger mean probability wins; half of the votes are a yes where that mean is at least 0.5.

What is made of M members is (votes + mean p) / (M + 1): the mean is one more voter, which can
break ties and change nothing else, since a mean is 1 only where all voted so. The plain decision of
these shares is the vote, and a tuned threshold sets how many votes are enough.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members

__all__ = ["METHOD"]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    params = {"one_class": objective.kind.is_exclusive}
    return Fitted(Fitted.equal(len(members)).weights, params)


def _combine(members: Any, fitted: Fitted) -> NDArray[np.float32]:
    total = np.zeros(np.shape(members[0]), dtype=np.float64)
    for member in members:
        total += member
    total /= len(members)
    rows = np.arange(len(total))
    for member in members:
        if fitted.params["one_class"]:
            total[rows, np.argmax(member, axis=1)] += 1
        else:
            total += np.asarray(member, dtype=np.float32) >= np.float32(0.5)
    total /= len(members) + 1
    return total.astype(np.float32)


def _refuses(objective: BlendObjective) -> str:
    kind, metric = objective.kind, objective.metric
    if not kind.is_prob:
        return f"{kind.named} task has no classes to vote for"
    is_decided = metric.scores_decisions and not metric.needs_probs
    if is_decided or metric.scores_objects or metric.scores_volumes:
        return ""
    return f"{metric.name} scores how sure a prediction is, and votes are decisions"


METHOD = BlendMethod(
    fit=_fit,
    combine=_combine,
    n_fitted=lambda n_members, n_outputs: 0,
    refuses=_refuses,
    gives_probs=False,
)

"""Paying: the simplex over the members that pay, so that few rows fit few weights.

On few rows the best weights fit luck: a weak member gets a share that fresh rows do not bear out.
So the member that is missed least is left out, one after the other, as long as the loss, summed
over the n rows, is above that of the best weights of all members by no more than

    1 for each member left out  +  the standard error of the difference

The 1 is what a weight that means nothing gains on the rows that fit it, half of it, and as much as
it then costs on others (Akaike 1974, of log loss). The error is of the sum, over blocks of rows.
A probability counts as at least 1 / 2n: a single one of 0 would outweigh all the other rows.
Equal weights, of all members or of those that were left on the way, fit nothing but which ones have
one: they are taken where their loss, with 1 for each member without a weight, is below that of the
fitted weights of the members that are left, with 1 for each of these but one; those of some members
only where the metric is no worse by them, as a loss also falls where one that is too sure is mixed
with anything at all. So a weak member beside two good ones does not decide whether these two are
averaged. With many rows all of this is next to nothing, and the weights are those of `simplex`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members, weighted_mean
from podium.ensembling.simplex import fit_simplex, loss_at, why_not_convex
from podium.errors import plural
from podium.predictions.top_k import TopKMembers

__all__ = ["METHOD"]

BLOCKS = 20
"""of rows, by which the error of a difference is estimated"""
LEAST = 1e-6
"""A smaller weight is none."""

Weights = NDArray[np.float64]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    found = fit_simplex(members, objective)
    note = found.note(objective.metric)
    if isinstance(members, TopKMembers):  # of thousands of classes, which take thousands of rows
        return Fitted.of(found.weights, notes=(note,))
    values = np.asarray(members)
    n_members, _, n_columns = values.shape
    truth = np.asarray(objective.truth)
    known = np.arange(len(truth))
    if objective.kind.is_exclusive:  # a row whose class is none of the classes costs all the same
        known = np.flatnonzero(np.isin(truth, np.arange(n_columns)))
    n = len(known)
    weights, scale = found.weights, _scale(found.loss, is_log="log loss" in found.name)
    blocks = [known[first::BLOCKS] for first in range(min(BLOCKS, n))]

    def losses(of: Weights) -> Weights:
        """Return the loss of each block, summed over its rows, as log loss is."""
        summed = [
            len(rows) * loss_at(of, values[:, rows], objective.take(rows), least=1 / (2 * n))
            for rows in blocks
        ]
        return np.array(summed) / scale

    steps = list(_leaving_out(values, objective, weights, losses))
    n_used = np.count_nonzero(weights > LEAST)
    kept, weights, lost = steps[-1]
    cost, score_at, are_alike = lost.sum() + len(kept) - 1, _score_at(values, objective), False
    fitted = score_at(weights)
    for part in (np.arange(n_members), *(one for one, _, _ in steps)):
        equal = np.zeros(n_members)
        equal[part] = 1 / len(part)
        cost_of_part = losses(equal).sum() + n_members - len(part)
        is_all = len(part) == n_members
        if cost_of_part < cost and (is_all or score_at(equal) >= fitted):
            weights, cost, are_alike = equal, cost_of_part, True
    if are_alike:
        n_alike = np.count_nonzero(weights)
        of_them = "" if n_alike == n_members else f" of {n_alike} of {plural(n_members, 'member')}"
        note = f"equal weights{of_them}: those fitted on {plural(n, 'row')} pay no more"
    elif len(kept) < n_used:
        note = f"of {plural(n_members, 'member')} {len(kept)} pay on {plural(n, 'row')}; {note}"
    return Fitted.of(weights, notes=(note,))


def _leaving_out(
    members: NDArray[Any],
    objective: BlendObjective,
    optimum: Weights,
    losses: Callable[[Weights], Weights],
) -> Iterator[tuple[NDArray[np.int64], Weights, Weights]]:
    """Yield the members that are left, their weights and the losses, from the optimum on."""
    kept = np.flatnonzero(optimum > LEAST)
    n_used, at_optimum = len(kept), losses(optimum)
    yield kept, optimum, at_optimum
    while len(kept) > 1:
        tried = []
        for member in kept:
            others = kept[kept != member]
            without = np.zeros(len(members))
            without[others] = fit_simplex(members[others], objective).weights
            tried.append((others, without, losses(without)))
        kept, weights, lost = min(tried, key=lambda one: float(one[2].sum()))
        above = lost - at_optimum
        error = above.std(ddof=1) * len(above) ** 0.5 if len(above) > 1 else np.inf
        if above.sum() > n_used - len(kept) + error:
            return
        yield kept, weights, lost


def _score_at(members: NDArray[Any], objective: BlendObjective) -> Callable[[Weights], float]:
    """Return the function from weights to the score of their blend, the higher the better."""
    sign = 1 if objective.metric.greater_is_better else -1
    return lambda weights: sign * objective.of_probs(weighted_mean(members, Fitted.of(weights)))


def _scale(loss: float, *, is_log: bool) -> float:
    """Return what a loss is divided by to count as log loss does.

    A mean squared error s² is that of a normal error, whose log loss is the square over 2 s².
    """
    return 1.0 if is_log else max(2 * loss, 1e-300)


METHOD = BlendMethod(fit=_fit, refuses=why_not_convex, takes_top_k=True)

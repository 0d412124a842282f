"""Newton's method on the simplex {w >= 0, Σ w = 1}.

Each step minimises the quadratic model of the loss over the whole simplex, by an active-set method,
and goes there as far as the loss falls enough (Armijo). Where the loss is convex this ends at its
global minimum, for any weights with the gradient g it is no more than g·w - min g above it: the
duality gap of Frank and Wolfe (1956), as Jaggi (2013, "Revisiting Frank-Wolfe", ICML) has it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.simplex_losses import Loss

__all__ = ["minimise", "quadratic_minimum"]

STEPS = 200
TOLERANCE = 1e-11  # of the gap, against the scale of the loss; rounding is some 1e-15
ROUNDING = 1e-14  # of a loss, a sum of many cells
SHORTEST = 1e-10  # share of a step
RIDGE = 1e-10  # of the Hessian's diagonal: members that say the same are told apart by nothing

Vector = NDArray[np.float64]


def minimise(loss: Loss, start: Vector) -> Vector:
    """Return weights `(M,)` with a gap below `TOLERANCE`, or as small as rounding lets it be.

    Args:
        loss: what is minimised.
        start: `(M,)`, on the simplex, with a loss that is finite.
    """
    weights, image = start, loss.image(start)
    value = loss.value(image)
    before, least, is_flat = weights, np.inf, False
    for _ in range(STEPS):
        gradient = loss.gradient(image)
        level = gradient @ weights
        gap = level - gradient.min()
        if gap <= TOLERANCE * loss.scale:
            break
        # Where rounding hides a fall of the loss, a gap that closes still shows the way.
        if is_flat and gap >= least:
            return before
        before, least = weights, gap
        # Nothing is won by others, and the Hessian of few members costs little.
        members = np.flatnonzero((weights > 0) | (gradient < level))
        change = np.zeros(len(weights))
        change[members] = _step(loss.hessian(image, members), gradient[members], weights[members])
        image_change = loss.image(change)
        share = loss.longest(image, image_change)
        fall = float(gradient @ change)
        most = value + ROUNDING * abs(value)
        while (lower := loss.value(image + share * image_change)) > most + 1e-4 * share * fall:
            share /= 2
            if share < SHORTEST:
                return weights
        is_flat = lower >= value
        weights = _on_simplex(weights + share * change)
        image, value = image + share * image_change, lower
    return weights


def _step(hessian: Vector, gradient: Vector, weights: Vector) -> Vector:
    """Return the change of weights that brings them to the minimum of the model."""
    hessian = _regular(hessian)
    return quadratic_minimum(hessian, gradient - hessian @ weights, weights) - weights


def quadratic_minimum(hessian: Vector, linear: Vector, start: Vector) -> Vector:
    """Return the `v` on the simplex with the least ½ vᵀHv + linear·v, by a primal active set.

    Args:
        hessian: `(M, M)`, positive definite.
        linear: `(M,)`.
        start: `(M,)`, on the simplex; near the minimum it saves steps.
    """
    found, is_free = start.copy(), start > 0
    for _ in range(20 * len(start)):
        free = np.flatnonzero(is_free)
        wanted, level = _with_sum_one(hessian[np.ix_(free, free)], linear[free])
        here = found[free]
        if (wanted >= 0).all():
            found[free] = wanted
            rises = hessian @ found + linear - level
            rises[free] = 0
            joins = int(rises.argmin())
            if rises[joins] >= -1e-13 * max(abs(level), float(np.abs(linear).max())):
                break
            is_free[joins] = True
            continue
        falls = wanted < 0
        shares = here[falls] / (here[falls] - wanted[falls])
        found[free] = np.maximum(0, here + shares.min() * (wanted - here))
        blocked = free[falls][int(shares.argmin())]
        found[blocked] = 0
        is_free[blocked] = False
    return _on_simplex(found)


def _with_sum_one(hessian: Vector, linear: Vector) -> tuple[Vector, float]:
    """Return the `v` with sum 1 and the least ½ vᵀHv + linear·v, and the multiplier of the sum."""
    both = np.linalg.solve(hessian, np.column_stack([-linear, np.ones(len(linear))]))
    level = (1 - both[:, 0].sum()) / both[:, 1].sum()
    return both[:, 0] + level * both[:, 1], float(level)


def _regular(hessian: Vector) -> Vector:
    """Return the Hessian with a little more on its diagonal, so that it can be inverted."""
    diagonal = hessian.diagonal()
    least = 1e-12 * diagonal.max() or 1.0
    return np.asarray(hessian + np.diag(RIDGE * np.maximum(diagonal, least)))


def _on_simplex(weights: Vector) -> Vector:
    """Return weights that rounding took off the simplex, on it."""
    weights = np.maximum(weights, 0)
    return np.asarray(weights / weights.sum())

"""Losses of a weighted mean of members, with what Newton's method and a certificate ask of them.

Log loss, of cells r (true classes, or columns) with weights c_r and q_r = Σ_m w_m a_mr, where a_mr
is what member m gives to what is right:

    f(w) = -Σ_r c_r ln clip(q_r, eps, 1 - eps)

Clipping makes f flat where q < eps, so it is not convex there. The search goes down on the largest
convex function below each -ln max(q, eps), which leaves it for its tangent through (0, -ln eps):

    -ln e + 1 - q / e,   e = max(q, eps · exp 1)

It equals the metric for q = 0 and from eps · exp 1 on; above 1 - eps, where the metric is flat, it
is lower by eps at most. Rows that are divided by their sums s_r = Σ_m w_m s_mr add Σ_r c_r ln s_r.
This is concave: it lies above its chord Σ_m w_m Σ_r c_r ln s_mr, which bounds it from below.

A squared error is a quadratic function, wᵀQw with Q_ij = Σ_r c_r (a_ir - t_r)(a_jr - t_r), for the
weights sum to 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["LogLoss", "Loss", "SquaredError"]

BLOCK = 1 << 18  # values at a time: 2 MiB in float64 stay in the cache

Floats = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]
Members = NDArray[np.int64]


class Loss(Protocol):
    """A loss of weights `(M,)` through an image, linear in them, that a step along a line keeps."""

    @property
    def n_members(self) -> int: ...
    @property
    def scale(self) -> float:
        """What a gap is small against."""

    def image(self, weights: Vector) -> Vector:
        """Return the linear image of weights, or of a change of weights."""

    def value(self, image: Vector) -> float:
        """Return what is minimised; it is nowhere above `scored`, or by rounding only."""

    def scored(self, image: Vector) -> float:
        """Return the loss as the metric has it."""

    def gradient(self, image: Vector) -> Vector:
        """Return the gradient of `value` `(M,)`."""

    def hessian(self, image: Vector, members: Members) -> Vector:
        """Return that of `value`, or what lies above it, positive semidefinite, of k members."""

    def lower_bound(self, weights: Vector, image: Vector) -> float:
        """Return a number that the loss reaches nowhere on the simplex, or just reaches."""

    def longest(self, image: Vector, change: Vector) -> float:
        """Return how far along `change`, at most 1, the model at `image` can be trusted."""


@dataclass(frozen=True)
class SquaredError:
    """wᵀQw."""

    products: Vector  # (M, M)

    @classmethod
    def of(cls, members: Floats, target: NDArray[Any], weight: float) -> SquaredError:
        """Return `weight` · Σ (p - t)² of members `(M, N, C)` and the target `(N, C)`."""
        n_members, n, n_columns = members.shape
        products = np.zeros((n_members, n_members))
        for rows in _slices(n, n_members * n_columns):
            off = np.subtract(members[:, rows], target[rows], dtype=np.float64)
            off = off.reshape(n_members, -1)
            products += off @ off.T
        return cls(products * weight)

    @property
    def n_members(self) -> int:
        return len(self.products)

    @property
    def scale(self) -> float:
        return float(self.products.diagonal().mean())

    def image(self, weights: Vector) -> Vector:
        return weights

    def value(self, image: Vector) -> float:
        return float(image @ self.products @ image)

    def scored(self, image: Vector) -> float:
        return self.value(image)

    def gradient(self, image: Vector) -> Vector:
        return np.asarray(2 * self.products @ image)

    def hessian(self, image: Vector, members: Members) -> Vector:
        return 2 * self.products[np.ix_(members, members)]

    def lower_bound(self, weights: Vector, image: Vector) -> float:
        gradient = self.gradient(image)
        return float(self.value(image) - gradient @ weights + gradient.min())

    def longest(self, image: Vector, change: Vector) -> float:
        return 1.0


@dataclass(frozen=True)
class LogLoss:
    """Log loss of R cells. Images are `(R,)`, or `(2 R,)` where rows are divided by their sums.

    Attributes:
        values: `(M, R)`, in any float type, >= 0: what each member says of each cell.
        weights: `(R,)`, >= 0 with sum 1.
        eps: the metric clips there.
        is_wrong: `(R,)`, whether the cell's class is not there, so that 1 - p is right; None: all
            values are of what is right.
        sums: `(M, R)`, > 0: what the classes of a row sum to; None: rows are not divided.
    """

    values: Floats
    weights: Vector
    eps: float
    is_wrong: NDArray[np.bool_] | None = None
    sums: Floats | None = None

    @property
    def n_members(self) -> int:
        return len(self.values)

    @property
    def scale(self) -> float:
        return 1.0

    @property
    def n_cells(self) -> int:
        return len(self.weights)

    def image(self, weights: Vector) -> Vector:
        n = self.n_cells
        found = np.empty(n if self.sums is None else 2 * n)
        # What is left out has no part in a product: a row of zeros costs as much as any other.
        used = np.flatnonzero(weights)
        for cells in _slices(n, self.n_members):
            found[cells] = weights[used] @ self._right(cells, used)
            if self.sums is not None:
                sums = self.sums[used, cells].astype(np.float64)
                found[n + cells.start : n + cells.stop] = weights[used] @ sums
        return found

    def value(self, image: Vector) -> float:
        right, sums = self._parts(image)
        floored = np.maximum(right, self._floor)
        found = self.weights @ (1 - right / floored - np.log(floored))
        return float(found if sums is None else found + self.weights @ np.log(sums))

    def scored(self, image: Vector) -> float:
        right, sums = self._parts(image)
        probs = right if sums is None else right / sums
        return float(-(self.weights @ np.log(np.clip(probs, self.eps, 1 - self.eps))))

    def gradient(self, image: Vector) -> Vector:
        right, sums = self._parts(image)
        slope = -self._of_right(self.weights / np.maximum(right, self._floor))
        return slope if sums is None else slope + self._of_sums(self.weights / sums)

    def hessian(self, image: Vector, members: Members) -> Vector:
        right, _ = self._parts(image)
        # A line has no curvature; that of the sums is below 0.
        bent = np.sqrt(self.weights) / right.clip(self._floor) * (right >= self._floor)
        found = np.zeros((len(members), len(members)))
        for cells in _slices(self.n_cells, self.n_members):
            scaled = self._right(cells, members)
            scaled *= bent[cells]
            found += scaled @ scaled.T
        return found

    def lower_bound(self, weights: Vector, image: Vector) -> float:
        right, sums = self._parts(image)
        floored = np.maximum(right, self._floor)
        slope = -self._of_right(self.weights / floored)
        found = self.weights @ (1 - right / floored - np.log(floored)) - slope @ weights
        if sums is not None:
            slope = slope + self._of_sums(self.weights, np.log)
        return float(found + slope.min())

    def longest(self, image: Vector, change: Vector) -> float:
        right, _ = self._parts(image)
        step, _ = self._parts(change)
        # A parabola says nothing of a logarithm far below: no cell loses more than nine tenths.
        falls = (right + step < 0.1 * right) & (right > self._floor)
        if not falls.any():
            return 1.0
        return float(min(1.0, (0.9 * right[falls] / -step[falls]).min()))

    @property
    def _floor(self) -> Any:
        """Below it the search goes down a line; of each cell, where a sum lowers what is said."""
        floor = self.eps * np.e
        return floor if self.sums is None else floor * self.sums.max(axis=0)

    def _parts(self, image: Vector) -> tuple[Vector, Vector | None]:
        n = self.n_cells
        return (image, None) if self.sums is None else (image[:n], image[n:])

    def _right(self, cells: slice, members: Members | slice = slice(None)) -> Vector:
        """Return what members give to what is right, float64 `(k, R)`, as an array of its own."""
        found = self.values[members, cells].astype(np.float64)
        if self.is_wrong is None:
            return found
        found -= self.is_wrong[cells]
        return np.abs(found, out=found)

    def _of_right(self, factor: Vector) -> Vector:
        """Return Σ_r factor_r · a_mr for each member."""
        found = np.zeros(self.n_members)
        for cells in _slices(self.n_cells, self.n_members):
            found += self._right(cells) @ factor[cells]
        return found

    def _of_sums(self, factor: Vector, of: Any = None) -> Vector:
        """Return Σ_r factor_r · of(s_mr) for each member."""
        assert self.sums is not None
        found = np.zeros(self.n_members)
        for cells in _slices(self.n_cells, self.n_members):
            sums = self.sums[:, cells].astype(np.float64)
            found += (sums if of is None else of(sums)) @ factor[cells]
        return found


def _slices(n: int, width: int) -> Iterator[slice]:
    """Yield consecutive slices of `n` cells, of which each has `width` values."""
    step = max(1, BLOCK // max(1, width))
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))

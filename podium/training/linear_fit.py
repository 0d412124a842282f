"""The last layer of a head, solved on features that stay as they are.

    min_{W, b}  n · L(X Wᵀ + b, y)  +  1 / (2C) · ‖W‖²

L is the phase's own objective, a weighted mean over the n rows (their weights' sum), and C the
inverse of the strength of regularisation, as scikit-learn has it: with cross-entropy this is its
`LogisticRegression`, with the squared error ridge regression. Features are centred and divided by a
scale first, and the solution is written back for features as they are (`write_layer`):

    scale_j² = v_j + 0.1 · mean_k v_k,    v_j the variance of feature j over the rows

A feature that hardly varies among the rows to fit on, as most of a ReLU do in few images, is so not
blown up: divided by its own deviation it is 100 or 3,000 where another image has it at all, and a
number that is predicted is off by as much.

With fewer rows than features every solution lies in the space that the rows span, so it is looked
for there (`RowSpace`): the same numbers in a fraction of the time. L-BFGS starts at the solution
for the next stronger regularisation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController
from torch import Tensor, nn
from torch.func import functional_call

__all__ = [
    "COARSE",
    "FINE",
    "STRENGTHS",
    "LinearRows",
    "Regularisation",
    "RowSpace",
    "Weights",
    "choose_strength",
    "fit_layer",
    "layer_logits",
    "write_layer",
]

STRENGTHS = tuple(10.0 ** (half / 2) for half in range(-10, 5))
"""Values of C that are tried, from strong to weak regularisation."""
_LEAST_VARIANCE = 0.1
"""Added to the variance of each feature: this share of the mean one."""
_WORSE_IN_A_ROW = 3
"""Weaker regularisations that are tried after the best one."""
COARSE, FINE = 1e-4, 1e-6
"""Largest gradient of a mean loss at which a search ends; a hundredth of it is the least gain."""
_MOST_STEPS = 500

Weights = dict[str, Tensor]
Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From logits `(N, C)`, targets and weights `(N,)` of rows to the mean loss, a scalar."""


@dataclass(frozen=True)
class LinearRows:
    """Rows to fit a layer on.

    Attributes:
        features: `(N, r)` float64, in the coordinates of a `RowSpace`.
        target: `(N,)` or `(N, C)`, as the objective takes them.
        weight: `(N,)` float64.
    """

    features: Tensor
    target: Tensor
    weight: Tensor

    def __len__(self) -> int:
        return len(self.weight)

    def subset(self, at: NDArray[np.int64] | NDArray[np.bool_]) -> LinearRows:
        """Return the rows at these positions."""
        where = torch.from_numpy(at)
        return LinearRows(self.features[where], self.target[where], self.weight[where])


@dataclass(frozen=True)
class RowSpace:
    """Scaled features in coordinates of the space that some rows span.

    Attributes:
        mean, scale: `(D,)` float64: a feature is (x − mean) / scale; scale is 1 where all are
            constant.
        basis: `(D, r)` float64 with orthonormal columns; None: r = D, the features themselves.
    """

    mean: Tensor
    scale: Tensor
    basis: Tensor | None

    @classmethod
    def of(cls, features: Tensor, *, spanning: Sequence[Tensor] = ()) -> RowSpace:
        """Return the space of the rows `features` `(N, D)`, which scale the others, too.

        Args:
            features: float64; their mean and variance are used.
            spanning: further rows that are to lie in the space.
        """
        mean, variance = features.mean(dim=0), features.var(dim=0, correction=0)
        scale = (variance + _LEAST_VARIANCE * variance.mean()).sqrt()
        scale = torch.where(scale > 0, scale, 1.0)
        n, width = sum(map(len, (features, *spanning))), features.shape[1]
        if n >= width:
            return cls(mean, scale, None)
        rows = (torch.cat([features, *spanning]) - mean) / scale
        # Orthonormal columns that span the rows: Q of Xᵀ = QR.
        return cls(mean, scale, torch.linalg.qr(rows.T).Q)

    def coordinates(self, features: Tensor) -> Tensor:
        """Return features `(N, D)` in the coordinates of the space, `(N, r)`."""
        scaled = (features - self.mean) / self.scale
        return scaled if self.basis is None else scaled @ self.basis


def fit_layer(
    layer: nn.Module,
    rows: LinearRows,
    loss: Loss,
    *,
    strength: float,
    start: Mapping[str, Tensor] | None = None,
    tolerance: float = FINE,
) -> Weights:
    """Return the weights of `layer` that minimise the loss of `rows` and the size of the weights.

    Args:
        layer: from `(N, D)` to logits `(N, C)`; it is not changed. Its matrices are regularised and
            take r numbers in place of D; its vectors are not.
        rows: to fit on.
        loss: of the phase.
        strength: C.
        start: weights to begin with; default: zeros.
        tolerance: of the largest gradient.
    """
    from scipy.optimize import minimize

    n, width = float(rows.weight.sum()), rows.features.shape[1]
    shapes = {
        name: torch.Size((*one.shape[:-1], width)) if one.ndim > 1 else one.shape
        for name, one in layer.named_parameters()
    }
    sizes = [shape.numel() for shape in shapes.values()]

    def unpacked(flat: Tensor) -> Weights:
        parts = torch.split(flat, sizes)
        return {
            name: part.reshape(shape)
            for (name, shape), part in zip(shapes.items(), parts, strict=True)
        }

    def objective(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        flat = torch.from_numpy(numbers).requires_grad_(True)
        weights = unpacked(flat)
        size = torch.stack([one.square().sum() for one in weights.values() if one.ndim > 1]).sum()
        logits = layer_logits(layer, weights, rows.features)
        total = loss(logits, rows.target, rows.weight) + size / (2 * strength * n)
        total.backward()  # type: ignore[no-untyped-call]
        assert flat.grad is not None
        return float(total.detach()), flat.grad.numpy()

    begin = torch.zeros(sum(sizes), dtype=torch.float64)
    if start is not None:
        begin = torch.cat([start[name].reshape(-1) for name in shapes])
    # Losses are float32: a search that waited for smaller gains would follow their last bits.
    options = {"maxiter": _MOST_STEPS, "gtol": tolerance, "ftol": tolerance / 100}
    # Threads of scipy's BLAS, which wait busily, would take the cores from torch's.
    with torch.enable_grad(), _thread_pools().limit(limits=1, user_api="blas"):
        found: Any = minimize(
            objective, begin.numpy().copy(), jac=True, method="L-BFGS-B", options=options
        )
    return unpacked(torch.from_numpy(found.x))


@cache
def _thread_pools() -> ThreadpoolController:
    """Return the pools of the libraries that are loaded; to look for them takes milliseconds."""
    return ThreadpoolController()


@dataclass(frozen=True)
class Regularisation:
    """Strength of regularisation, and what logits are multiplied by afterwards.

    Strong regularisation ranks the classes of images best where labels are few, and makes all
    logits small: a factor that fits held-out rows brings them back to the size that the rows bear
    out.

    Attributes:
        strength: C.
        scale: the factor.
    """

    strength: float
    scale: float = 1.0


def choose_strength(
    layer: nn.Module,
    rows: LinearRows,
    loss: Loss,
    folds: NDArray[np.int64],
    *,
    scored: NDArray[np.bool_] | None = None,
    strengths: Sequence[float] = STRENGTHS,
    scaled: bool = True,
) -> Regularisation:
    """Return the C whose layers, each fitted without a fold, have the lowest loss on that fold.

    Args:
        layer, rows, loss: as in `fit_layer`.
        folds: `(N,)`: the fold of each row; -1: a row to fit on, always.
        scored: `(N,)`: rows that count in the loss of their fold; default: all.
        strengths: to choose of, from strong to weak; once some in a row are worse than the best,
            the rest is left out.
        scaled: whether the losses are those of the logits times the factor that fits them best; for
            logits of probabilities.
    """
    counted = np.ones(len(rows), dtype=bool) if scored is None else scored
    parts = [
        (rows.subset(folds != fold), rows.subset((folds == fold) & counted))
        for fold in np.unique(folds[folds >= 0])
    ]
    target, weight = (
        torch.cat([getattr(one, name) for _, one in parts]) for name in ("target", "weight")
    )
    starts: list[Weights | None] = [None] * len(parts)
    found: list[tuple[float, Regularisation]] = []
    best = 0
    for strength in strengths:
        logits = []
        for number, (fitted, held_out) in enumerate(parts):
            weights = fit_layer(
                layer, fitted, loss, strength=strength, start=starts[number], tolerance=COARSE
            )
            starts[number] = weights
            with torch.no_grad():
                logits.append(layer_logits(layer, weights, held_out.features))
        every = torch.cat(logits)
        scale = _best_scale(every, target, weight, loss) if scaled else 1.0
        with torch.no_grad():
            total = float(loss(scale * every, target, weight))
        found.append((total, Regularisation(strength, scale)))
        best = int(np.argmin([one for one, _ in found]))
        if len(found) - 1 - best >= _WORSE_IN_A_ROW:
            break
    return found[best][1]


def _best_scale(logits: Tensor, target: Tensor, weight: Tensor, loss: Loss) -> float:
    """Return the factor of `logits` with the lowest loss, between 1/100 and 100."""
    from scipy.optimize import minimize_scalar

    @torch.no_grad()
    def of(logarithm: float) -> float:
        return float(loss(math.exp(logarithm) * logits, target, weight))

    bound = math.log(100.0)
    found: Any = minimize_scalar(of, bounds=(-bound, bound), method="bounded")
    return math.exp(found.x)


def layer_logits(layer: nn.Module, weights: Mapping[str, Tensor], features: Tensor) -> Tensor:
    """Return the logits `(N, C)` of `layer` with these weights, in place of its own."""
    logits: Tensor = functional_call(layer, dict(weights), (features,))
    return logits


@torch.no_grad()
def write_layer(
    layer: nn.Module, weights: Mapping[str, Tensor], space: RowSpace, *, scale: float = 1.0
) -> None:
    """Write the solution of `fit_layer` into `layer`, for features as they are.

    Args:
        layer: changed in place.
        weights: the solution, in the coordinates of `space`.
        space: of the features that it was fitted on.
        scale: what its logits are multiplied by.
    """
    shift: Tensor | None = None
    for name, parameter in layer.named_parameters():
        if parameter.ndim > 1:
            matrix = weights[name] if space.basis is None else weights[name] @ space.basis.T
            matrix = matrix / space.scale
            shift = matrix @ space.mean
            parameter.copy_(scale * matrix)
    assert shift is not None
    for name, parameter in layer.named_parameters():
        if parameter.ndim == 1:
            parameter.copy_(scale * (weights[name] - shift))

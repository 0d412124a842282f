"""Whether a network still tells images apart: how evenly vectors spread, over how many dimensions.

    spread(z) = √d · mean_j std_i(u_ij),   u_i = z_i / |z_i|     i: N images, j: d features
    dimensions(z) = (Σ_k λ_k)² / Σ_k λ_k²,     λ: eigenvalues of the covariance of u

Chen & He 2021 (arXiv:2011.10566, §4.1) show the first without its factor: the deviation is about
1 / √d of Gaussian noise in d dimensions, and 0 of vectors that are all alike. Behind a batch norm,
which keeps their mean at 0, vectors that lie on a few lines may still look spread: the second, the
participation ratio, counts these lines. It is at most d, and at most N - 1.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["dimensions", "meters", "spread"]

LEAST = 1e-20  # rounding of vectors that are all alike stays below it


def meters(*vectors: Tensor) -> dict[str, Tensor]:
    """Return "spread" and "dimensions" of `(N, d)` vectors, for a method to record."""
    directions = [_directions(one) for one in vectors]
    return {
        "spread": _mean([_spread(one) for one in directions]),
        "dimensions": _mean([_dimensions(one) for one in directions]),
    }


def spread(*vectors: Tensor) -> Tensor:
    """Return how evenly the rows of `(N, d)` vectors are spread: a float32 scalar in [0, 1].

    1: every feature varies as much as any other; 0: all rows are alike. The deviation is of the
    rows as they are (biased), and no gradient flows. Of several tensors, as of two views, it is the
    mean of each one's.
    """
    return _mean([_spread(_directions(one)) for one in vectors])


def dimensions(*vectors: Tensor) -> Tensor:
    """Return over how many dimensions the rows of `(N, d)` vectors are spread: float32, 1 to d.

    1: all lie on one line; 0: all are alike. No gradient flows, and of several tensors it is the
    mean of each one's.
    """
    return _mean([_dimensions(_directions(one)) for one in vectors])


def _mean(each: list[Tensor]) -> Tensor:
    return sum(each[1:], each[0]) / len(each)


def _spread(directions: Tensor) -> Tensor:
    return directions.std(dim=0, correction=0).mean() * math.sqrt(directions.shape[1])


def _dimensions(directions: Tensor) -> Tensor:
    centred = directions - directions.mean(dim=0)
    # Both matrices of products have the eigenvalues; the smaller one is made.
    with torch.autocast(directions.device.type, enabled=False):
        products = centred @ centred.T if len(centred) < centred.shape[1] else centred.T @ centred
    squares = products.square().sum()
    return products.diagonal().sum().square() / squares.clamp(min=LEAST)


def _directions(vectors: Tensor) -> Tensor:
    # Squares of long vectors overflow in half precision.
    return F.normalize(vectors.detach().float(), dim=1)

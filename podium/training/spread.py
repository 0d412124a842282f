"""How evenly vectors point in all directions; towards 0, a network says the same of all images.

    spread(z) = √d · mean_j std_i(u_ij),   u_i = z_i / |z_i|     i: N images, j: d features

Chen & He 2021 (arXiv:2011.10566, §4.1) show it without the factor: the deviation is about 1 / √d
of Gaussian noise in d dimensions, and 0 of vectors that are all alike.
"""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor

__all__ = ["spread"]


def spread(*vectors: Tensor) -> Tensor:
    """Return how evenly the rows of `(N, d)` vectors are spread: a float32 scalar in [0, 1].

    1: every feature varies as much as any other; 0: all rows are alike. The deviation is of the
    rows as they are (biased), and no gradient flows. Of several tensors, as of two views, it is the
    mean of each one's.
    """
    each = [_spread(one) for one in vectors]
    return sum(each[1:], each[0]) / len(each)


def _spread(vectors: Tensor) -> Tensor:
    # Squares of long vectors overflow in half precision.
    directions = F.normalize(vectors.detach().float(), dim=1)
    return directions.std(dim=0, correction=0).mean() * math.sqrt(vectors.shape[1])

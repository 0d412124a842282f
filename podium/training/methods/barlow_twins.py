"""Barlow Twins: two views agree, feature by feature (Zbontar et al. 2021, 2103.03230).

    u_ni = (z_ni − mean_n z_ni) / √(var_n z_ni + 1e-5)             the variance is over N, not N − 1
    C_ij = mean_n u_ni u'_nj                                       z, z': the views of N images
    L = scale · [ Σ_i (1 − C_ii)² + λ Σ_i Σ_{j≠i} C_ij² ]

z = g(f(x)); f is the backbone with average pooling, g the projector: linear without bias, batch
norm, ReLU, the same again, linear without bias. Each view goes through by itself.

L grows with the number of features. solo-learn multiplies it by 0.1 (CIFAR) or 0.025 (ImageNet):
its rates go with that `scale`, the paper's with 1. Micro-batches of `accumulate` have a C each.
Heads are not run and not trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from podium.models.network import Network
from podium.training.method import Batch, Options, Step
from podium.training.self_supervised import (
    SelfSupervised,
    mlp,
    n_pooled,
    pooled,
    spread_metrics,
    stacked_views_of,
)

__all__ = ["METHOD", "redundancy"]


class BarlowTwinsOptions(Options):
    """The options of `method: {name: barlow_twins}`."""

    views: tuple[str, str] = ("byol", "byol_solarize")
    """policies of the two views; of images of some 32 pixels [simclr_small, simclr_small]"""
    hidden: Annotated[int, Field(ge=1)] = 8192
    """features between the three layers of the projector"""
    size: Annotated[int, Field(ge=1)] = 8192
    """features that are compared; the more the better, in the paper"""
    off_diagonal: Annotated[float, Field(ge=0)] = 0.0051
    """weight of the features' independence (λ)"""
    scale: Annotated[float, Field(gt=0)] = 1.0
    """factor on the loss"""


class BarlowTwins(SelfSupervised):
    """Learns a backbone from images alone."""

    Options = BarlowTwinsOptions
    compares = True
    options: BarlowTwinsOptions

    def own_modules(self, network: Network) -> nn.Module:
        hidden, size = self.options.hidden, self.options.size
        return mlp([n_pooled(network, self.setting.size), hidden, hidden, size])

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        first, second = (
            self._own(pooled(self.network.features(images))) for images in stacked_views_of(batches)
        )
        loss = redundancy(first, second, off_diagonal=self.options.off_diagonal)
        return {"total": self.options.scale * loss, **spread_metrics(first, second)}


def redundancy(first: Tensor, second: Tensor, *, off_diagonal: float) -> Tensor:
    """Return the loss of two views `(N, D)`, unscaled: a float32 scalar, at least 0."""
    # Under autocast products of matrices are in half precision, whatever goes in.
    with torch.autocast(first.device.type, enabled=False):
        one, other = _standardised(first.float()), _standardised(second.float())
        agree = (one * other).mean(dim=0)
        # The sum of all C_ij² from two N × N matrices: D × D would be far larger than the batch.
        every = ((one @ one.T) * (other @ other.T)).sum() / len(one) ** 2
        return (1 - agree).square().sum() + off_diagonal * (every - agree.square().sum())


def _standardised(vectors: Tensor) -> Tensor:
    return F.batch_norm(vectors, None, None, training=True, eps=1e-5)


METHOD = BarlowTwins

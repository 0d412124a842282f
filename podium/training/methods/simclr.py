"""SimCLR: each view finds the other of its image (Chen et al. 2020, 2002.05709, v2 2006.10029).

    s_ik = n(z_i) · n(z_k) / t,   n(z) = z / |z|,   z = g(f(x)),   i, k: the 2N views of N images
    l_i  = −log [ exp(s_ip) / Σ_{k≠i} exp(s_ik) ]                  p: the other view of i's image
    L    = mean_i l_i                                              over all 2N

f is the backbone with average pooling, g the projector: linear without bias, batch norm, ReLU, two
layers of it (three in v2), behind the last one batch norm that learns a scale alone and no ReLU.
Both views go through together, so that batch norm gets 2N images. google-research/simclr adds the
means over either half, which is 2 L; lightly's NTXentLoss is L. The factor changes nothing for
Adam, nor for LARS but in norms, biases and the share of the decay; a rate for SGD goes with one of
them.

Micro-batches of `accumulate` are not compared with each other. Heads are not run and not trained.
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

__all__ = ["METHOD", "contrast"]


class SimCLROptions(Options):
    """The options of `method: {name: simclr}`."""

    views: tuple[str, str] = ("simclr", "simclr")
    """policies of the two views; of images of some 32 pixels [simclr_small, simclr_small]"""
    hidden: Annotated[int, Field(ge=1)] = 2048
    """features between the layers of the projector; the paper's as many as the backbone's"""
    size: Annotated[int, Field(ge=1)] = 128
    """features that are compared"""
    layers: Annotated[int, Field(ge=1)] = 2
    """of the projector: 2 as in v1, 3 as in v2"""
    temperature: Annotated[float, Field(gt=0)] = 0.1
    """t; the paper's for ImageNet, with 0.5 for CIFAR-10"""


class SimCLR(SelfSupervised):
    """Learns a backbone from images alone."""

    Options = SimCLROptions
    compares = True
    options: SimCLROptions

    def own_modules(self, network: Network) -> nn.Module:
        options = self.options
        hidden = [options.hidden] * (options.layers - 1)
        widths = [n_pooled(network, self.setting.size), *hidden, options.size]
        return mlp(widths, last_norm="scaled")

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        both = torch.cat(stacked_views_of(batches))
        first, second = self._own(pooled(self.network.features(both))).chunk(2)
        total = contrast(first, second, self.options.temperature)
        return {"total": total, **spread_metrics(first, second)}


def contrast(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Return NT-Xent of two views `(N, D)`, averaged over the 2N: a float32 scalar, at least 0."""
    both = torch.cat([first, second])
    n = len(first)
    # Under autocast products of matrices are in half precision, whatever goes in.
    with torch.autocast(both.device.type, enabled=False):
        directions = F.normalize(both.float(), dim=1)
        similar = directions @ directions.T / temperature
        similar.fill_diagonal_(-torch.inf)
        others = torch.arange(2 * n, device=both.device).roll(n)
        return F.cross_entropy(similar, others)


METHOD = SimCLR

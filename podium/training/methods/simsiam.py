"""SimSiam: one view predicts the other, whose side learns nothing (Chen & He 2021, 2011.10566).

    D(p, z) = −n(p) · n(z),   n(x) = x / |x|,   z = g(f(v)),   p = q(z),   no gradient in z's side
    L = mean_i ½ [ D(p_i, z'_i) + D(p'_i, z_i) ]                       v, v': the views of image i

f is the backbone with average pooling, g the projector: linear without bias, batch norm and ReLU,
three layers of it (two for CIFAR-10), behind the last one batch norm with nothing to learn and no
ReLU. q, the predictor, is linear, batch norm, ReLU, linear with bias. Each view goes through by
itself. q's learning rate has no schedule: it has to follow what z becomes to the end.

The paper decays norms and biases, too: `optimizer: {decay_norms: true}`. Without the stop in z's
side all images become one: "spread" falls from epoch to epoch, and a loss near −1 in the first few
is another sign of it. Heads are not run and not trained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from podium.models.network import Network
from podium.training.method import Batch, Options, Step
from podium.training.self_supervised import (
    SelfSupervised,
    mlp,
    n_pooled,
    parameter_groups,
    pooled,
    spread_metrics,
    stacked_views_of,
)

__all__ = ["METHOD", "agreement"]


class SimSiamOptions(Options):
    """The options of `method: {name: simsiam}`."""

    views: tuple[str, str] = ("moco_v2", "moco_v2")
    """policies of the two views; of images of some 32 pixels [moco_v2_small, moco_v2_small]"""
    hidden: Annotated[int, Field(ge=1)] = 2048
    """features between the layers of the projector"""
    size: Annotated[int, Field(ge=1)] = 2048
    """features that are compared"""
    bottleneck: Annotated[int, Field(ge=1)] = 512
    """features between the two layers of the predictor; the paper's a quarter of `size`"""
    layers: Annotated[int, Field(ge=1)] = 3
    """of the projector; the paper's for ImageNet, with 2 for CIFAR-10"""


class _Modules(nn.Module):
    """Modules of SimSiam beside the network."""

    def __init__(self, n_features: int, options: SimSiamOptions) -> None:
        super().__init__()
        size, hidden = options.size, [options.hidden] * (options.layers - 1)
        self.projector = mlp([n_features, *hidden, size], last_norm="plain")
        self.predictor = mlp([size, options.bottleneck, size], last_bias=True)


class SimSiam(SelfSupervised):
    """Learns a backbone from images alone."""

    Options = SimSiamOptions
    compares = True
    options: SimSiamOptions
    _own: _Modules

    def own_modules(self, network: Network) -> nn.Module:
        return _Modules(n_pooled(network, self.setting.size), self.options)

    def parameter_groups(self) -> Iterable[dict[str, Any]]:
        yield from parameter_groups(self._own.projector)
        yield from parameter_groups(self._own.predictor, is_constant=True)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        first, second = (self._projected(images) for images in stacked_views_of(batches))
        there = agreement(self._own.predictor(first), second)
        back = agreement(self._own.predictor(second), first)
        return {"total": -(there + back).mean() / 2, **spread_metrics(first, second)}

    def _projected(self, images: Tensor) -> Tensor:
        projected: Tensor = self._own.projector(pooled(self.network.features(images)))
        return projected  # (N, size)


def agreement(prediction: Tensor, aim: Tensor) -> Tensor:
    """Return the cosines `(N,)` of `(N, D)` vectors, float32; no gradient flows through `aim`."""
    return F.cosine_similarity(prediction.float(), aim.detach().float(), dim=1)


METHOD = SimSiam

"""BYOL: one view predicts a slow copy's projection of the other (Grill et al. 2020, 2006.07733).

    ℓ(a, b) = |n(q(g(f(a)))) − n(g'(f'(b)))|²,   n(x) = x / |x|, no gradient in g' and f'   (eq. 2)
    L = mean_i [ ℓ(v_i, v'_i) + ℓ(v'_i, v_i) ]                     both directions, not halved
    after step k of K:   θ' ← τ θ' + (1 − τ) θ,   τ = 1 − (1 − τ₀) (1 + cos(π k / K)) / 2

f is the backbone with average pooling, g the projector, q the predictor: linear, batch norm, ReLU,
linear without bias. The target g'(f') trains as g(f) does: its batch norm normalises by the batch,
and keeps running statistics of its own (deepmind-research/byol: `is_training=True` for both). Each
view goes through by itself. Heads are not run and not trained.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Annotated

import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from podium.models.network import Network
from podium.training.fit.averaging import target_decay, update_average
from podium.training.method import Batch, Options, Step
from podium.training.self_supervised import (
    SelfSupervised,
    mlp,
    n_pooled,
    pooled,
    spread_metrics,
    stacked_views_of,
)

__all__ = ["METHOD", "cosine_distance"]


class BYOLOptions(Options):
    """The options of `method: {name: byol}`."""

    views: tuple[str, str] = ("byol", "byol_solarize")
    """policies of the two views"""
    hidden: Annotated[int, Field(ge=1)] = 4096
    """features between the two layers of projector and predictor"""
    size: Annotated[int, Field(ge=1)] = 256
    """features that are compared"""
    decay: Annotated[float, Field(ge=0, le=1)] = 0.996
    """of the target at the first step (τ₀), from where it rises to 1; the paper's for 1000 epochs,
    with 0.99 for 100 to 300"""


class _Modules(nn.Module):
    """Modules of BYOL beside the network that learns; the target takes no gradient."""

    def __init__(self, network: Network, n_features: int, options: BYOLOptions) -> None:
        super().__init__()
        hidden, size = options.hidden, options.size
        self.projector = mlp([n_features, hidden, size], hidden_bias=True)
        self.predictor = mlp([size, hidden, size], hidden_bias=True)
        self.target = network.with_heads(()).requires_grad_(False)
        self.target_projector = copy.deepcopy(self.projector).requires_grad_(False)
        # The network may come from an evaluation, and the target's batch norm must not stay there.
        self.train()


class BYOL(SelfSupervised):
    """Learns a backbone from images alone."""

    Options = BYOLOptions
    compares = True
    options: BYOLOptions
    _own: _Modules

    def own_modules(self, network: Network) -> nn.Module:
        return _Modules(network, n_pooled(network, self.setting.size), self.options)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        first, second = stacked_views_of(batches)
        of_first = self._prediction(first)
        there = cosine_distance(of_first, self._aim(second))
        of_second = self._prediction(second)
        back = cosine_distance(of_second, self._aim(first))
        return {"total": (there + back).mean(), **spread_metrics(of_first, of_second)}

    def after_step(self, step: Step) -> None:
        decay, own = target_decay(step.index, step.total, self.options.decay), self._own
        # A target in training mode keeps the statistics of its own batches.
        update_average(own.target.backbone, self.network.backbone, decay=decay, buffers="own")
        update_average(own.target_projector, own.projector, decay=decay, buffers="own")

    def _prediction(self, images: Tensor) -> Tensor:
        projected = self._own.projector(pooled(self.network.features(images)))
        predicted: Tensor = self._own.predictor(projected)
        return predicted  # (N, size)

    def _aim(self, images: Tensor) -> Tensor:
        aim: Tensor = self._own.target_projector(pooled(self._own.target.features(images)))
        return aim  # (N, size)


def cosine_distance(prediction: Tensor, aim: Tensor) -> Tensor:
    """Return the squared distance `(N,)` of the directions of `(N, D)` vectors, in [0, 4].

    It equals 2 − 2 cos, and no gradient flows through `aim`.
    """
    # Squares of long vectors overflow in half precision.
    difference = F.normalize(prediction.float(), dim=1) - F.normalize(aim.detach().float(), dim=1)
    return difference.square().sum(dim=1)


METHOD = BYOL

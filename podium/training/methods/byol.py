"""BYOL: one view predicts what a slow copy says of the other (Grill et al. 2020, 2006.07733).

    ℓ(a, b) = |n(q(g(f(a)))) − n(g'(f'(b)))|²,   n(x) = x / |x|, no gradient in g' and f'   (eq. 2)
    L = mean_i [ ℓ(v_i, v'_i) + ℓ(v'_i, v_i) ]                     both directions, not halved
    after step k of K:   θ' ← τ θ' + (1 − τ) θ,   τ = 1 − (1 − τ₀) (1 + cos(π k / K)) / 2

f is the backbone with average pooling, g the projector, q the predictor: linear, batch norm, ReLU,
linear without bias. The target g'(f') trains as g(f) does: its batch norm normalises by the batch,
and keeps running statistics of its own (deepmind-research/byol: `is_training=True` for both). Each
view goes through by itself. Heads are not asked and do not move.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.models.network import Network
from podium.training.averaging import follow
from podium.training.embedding import n_pooled, parameter_groups, pooled
from podium.training.method import (
    UNLABELLED,
    Batch,
    Method,
    Options,
    Setting,
    Sizes,
    Step,
    Stream,
    ViewSpec,
)

__all__ = ["METHOD", "distance", "target_decay"]

VIEWS = ("first", "second")


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
    """What BYOL has beside the network that learns; the target takes no gradient."""

    def __init__(self, network: Network, n_features: int, options: BYOLOptions) -> None:
        super().__init__()
        self.projector = _mlp(n_features, options.hidden, options.size)
        self.predictor = _mlp(options.size, options.hidden, options.size)
        self.target = _without_heads(network).requires_grad_(False)
        self.target_projector = copy.deepcopy(self.projector).requires_grad_(False)
        # The network may come from an evaluation, and the target's batch norm must not stay there.
        self.train()


class BYOL(Method):
    """Learns a backbone from images alone."""

    Options = BYOLOptions
    needs = (UNLABELLED,)
    options: BYOLOptions
    network: Network

    def __init__(self, options: BYOLOptions, setting: Setting) -> None:
        super().__init__(options, setting)
        if setting.batch_size < 2:
            raise _too_few("batch_size is 1", "batch_size", "write batch_size: 64, or more")
        views = tuple(map(ViewSpec, VIEWS, options.views))
        self._stream = Stream(UNLABELLED, setting.batch_size, pools=(UNLABELLED,), views=views)

    def build(self, network: Any, sizes: Sizes) -> nn.Module:
        super().build(network, sizes)
        if sizes.unlabelled < 2:
            fix = "write unlabelled: [unlabelled, train, test], or take another method"
            raise _too_few("there is one unlabelled image", "unlabelled", fix)
        self._own = _Modules(network, n_pooled(network, self.setting.size), self.options)
        return self._own

    def parameter_groups(self) -> Iterable[dict[str, Any]]:
        return parameter_groups(self._own)

    def streams(self, step: Step) -> tuple[Stream, ...]:
        return (self._stream,)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        first, second = (batches[UNLABELLED].views[name] for name in VIEWS)
        there = distance(self._prediction(first), self._aim(second))
        back = distance(self._prediction(second), self._aim(first))
        return {"total": (there + back).mean()}

    def after_step(self, step: Step) -> None:
        decay, own = target_decay(step.index, step.total, self.options.decay), self._own
        # A target in training mode keeps batch statistics of what it saw itself.
        follow(own.target.backbone, self.network.backbone, decay=decay, buffers="own")
        follow(own.target_projector, own.projector, decay=decay, buffers="own")

    def _prediction(self, images: Tensor) -> Tensor:
        projected = self._own.projector(pooled(self.network.features(images)))
        predicted: Tensor = self._own.predictor(projected)
        return predicted  # (N, size)

    def _aim(self, images: Tensor) -> Tensor:
        aim: Tensor = self._own.target_projector(pooled(self._own.target.features(images)))
        return aim  # (N, size)


def _too_few(what: str, where: str, fix: str) -> RecipeError:
    what = f"byol's batch norm needs two samples at least, and {what}"
    return RecipeError(what, where=where, fix=fix)


def distance(prediction: Tensor, aim: Tensor) -> Tensor:
    """Return the squared distance `(N,)` of the directions of `(N, D)` vectors, in [0, 4].

    It equals 2 − 2 cos, and no gradient flows through `aim`.
    """
    # Squares of long vectors overflow in half precision.
    difference = F.normalize(prediction.float(), dim=1) - F.normalize(aim.detach().float(), dim=1)
    return difference.square().sum(dim=1)


def target_decay(index: int, total: int, base: float) -> float:
    """Return the target's decay after step `index` of `total`: `base` at first, then towards 1."""
    return 1 - (1 - base) * (1 + math.cos(math.pi * index / total)) / 2


def _without_heads(network: Network) -> Network:
    copied = copy.deepcopy(network)
    copied.heads = nn.ModuleDict()
    copied.freeze_only(())
    return copied


def _mlp(n_features: int, hidden: int, size: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(n_features, hidden),
        nn.BatchNorm1d(hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, size, bias=False),
    )


METHOD = BYOL

"""DINO: predict, of every crop, a slow copy's output for the large ones (Caron et al. 2021).

    P_t(x) = softmax((g_t(x) − c) / τ_t),   P_s(x) = softmax(g_s(x) / τ_s)          (2104.14294)
    L = mean over pairs (x, y), x ≠ y, of −Σ_k P_t(x)_k log P_s(y)_k      x large crops, y all crops
    after each step:   c ← m c + (1 − m) mean g_t(x)          x the large crops of the step's images
                       θ_t ← d θ_t + (1 − d) θ_s,   d = 1 − (1 − d₀) (1 + cos(π k / K)) / 2

g is the backbone with average pooling and a head: three layers with GELU, the direction of their
output, and its cosine with each of K unit vectors that are learnt, but not in the first epoch.
τ_t rises in a straight line over the first epochs. The centre c keeps one output from winning
everywhere, the low τ_t keeps all from being equal. Heads of the recipe are not run and not trained.

The teacher is the network that predicts, and what a later run starts from; the next phase of this
one goes on from the student. As in the authors' code it is never in evaluation mode while it
teaches: its batch norm normalises by the batch of large crops, and keeps statistics of its own, as
running ones lag behind weights that move in every step. It has no drop path there; dropout and drop
path are off here. The large crops go through as one batch, the small ones as another. Of a vision
transformer the authors read the class token; here it is the mean of the patches, as in all methods.
The authors clip each tensor's gradient by itself; `clip_norm` is of all of them together.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from podium.errors import RecipeError
from podium.models.network import Network
from podium.training.fit.averaging import target_decay, update_average
from podium.training.method import UNLABELLED, Batch, Options, PhaseSetting, Step, ViewSpec
from podium.training.self_supervised import (
    SelfSupervised,
    n_pooled,
    parameter_groups,
    pooled,
    spread_metrics,
)

__all__ = ["METHOD", "cross_entropy", "teacher_temperature"]

LARGE = ("large0", "large1")
SMALL_SHARE = 3 / 7  # 96 px beside 224
SMALL_MULTIPLE = 16  # px: patches of a vision transformer are whole

Side = Annotated[int, Field(ge=1)]
Temperature = Annotated[float, Field(gt=0)]


class DINOOptions(Options):
    """The options of `method: {name: dino}`."""

    views: tuple[str, str] = ("global_crop", "global_crop")
    """policies of the two large crops"""
    local_view: str = "local_crop"
    """policy of the small ones"""
    local_views: Annotated[int, Field(ge=0)] = 8
    """small crops of each image"""
    local_size: Side | tuple[Side, Side] | None = None
    """their size, px: a side, or [height, width]; default: 3/7 of the input's, to the nearest
    multiple of 16"""
    hidden: Annotated[int, Field(ge=1)] = 2048
    """features of the head's two hidden layers"""
    bottleneck: Annotated[int, Field(ge=1)] = 256
    """features of the direction that it gives"""
    size: Annotated[int, Field(ge=2)] = 65536
    """outputs (K), whose distributions are compared; a few thousand do for small data"""
    student_temperature: Temperature = 0.1
    """of the network that learns (τ_s)"""
    teacher_temperature: tuple[Temperature, Temperature] = (0.04, 0.07)
    """of its slow copy (τ_t), in the first epoch and after the rise"""
    warmup_epochs: Annotated[int, Field(ge=0)] = 30
    """epochs over which the teacher's temperature rises"""
    centre_decay: Annotated[float, Field(ge=0, le=1)] = 0.9
    """share of the old centre that stays after a step (m)"""
    decay: Annotated[float, Field(ge=0, le=1)] = 0.996
    """of the teacher at the first step (d₀), from where it rises to 1; higher for small batches"""
    frozen_epochs: Annotated[int, Field(ge=0)] = 1
    """first epochs in which the head's last layer does not learn"""


class DINOHead(nn.Module):
    """From `(N, n_features)` to a direction `(N, bottleneck)`, and that to outputs `(N, size)`."""

    def __init__(self, n_features: int, options: DINOOptions) -> None:
        super().__init__()
        self.project = nn.Sequential(
            nn.Linear(n_features, options.hidden),
            nn.GELU(),
            nn.Linear(options.hidden, options.hidden),
            nn.GELU(),
            nn.Linear(options.hidden, options.bottleneck),
        )
        self.project.apply(_start)
        self.last = nn.Linear(options.bottleneck, options.size, bias=False)

    def direction(self, features: Tensor) -> Tensor:
        """Return unit vectors."""
        return F.normalize(self.project(features), dim=1)

    def forward(self, directions: Tensor) -> Tensor:
        """Return the cosines of unit vectors with the last layer's rows: float32 in [-1, 1]."""
        # Under autocast products of matrices are in half precision, whatever goes in, and a
        # temperature of 0.04 makes errors of 0.004 a tenth.
        with torch.autocast(directions.device.type, enabled=False):
            return F.linear(directions.float(), F.normalize(self.last.weight.float(), dim=1))


class _Modules(nn.Module):
    """Modules of DINO beside the network that learns; the teacher takes no gradient."""

    centre: Tensor

    def __init__(self, network: Network, n_features: int, options: DINOOptions) -> None:
        super().__init__()
        self.head = DINOHead(n_features, options)
        self.teacher = copy.deepcopy(network).requires_grad_(False)
        self.teacher_head = copy.deepcopy(self.head).requires_grad_(False)
        self.register_buffer("centre", torch.zeros(options.size))
        # What is frozen stays in evaluation mode; of the rest batch norm alone trains.
        self.teacher.train()
        for module in self.teacher.modules():
            module.training = module.training and isinstance(module, _BatchNorm)


class DINO(SelfSupervised):
    """Learns a backbone from images alone."""

    Options = DINOOptions
    options: DINOOptions
    _own: _Modules

    def __init__(self, options: DINOOptions, setting: PhaseSetting) -> None:
        self._small_size = _small_size(options.local_size, setting.size)
        super().__init__(options, setting)
        self._teacher_means: list[Tensor] = []  # by the teacher, in the micro-batches of this step

    def views(self) -> list[ViewSpec]:
        options = self.options
        small = (f"small{number}" for number in range(options.local_views))
        return [
            *map(ViewSpec, LARGE, options.views),
            *(ViewSpec(name, options.local_view, size=self._small_size) for name in small),
        ]

    def own_modules(self, network: Network) -> nn.Module:
        n_features = n_pooled(network, self.setting.size)
        if self.options.local_views:
            _refuse_one_size(network, self._small_size)
        return _Modules(network, n_features, self.options)

    def parameter_groups(self) -> Iterable[dict[str, Any]]:
        return parameter_groups(self._own.head)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        views, own, options = batches[UNLABELLED].views, self._own, self.options
        large = torch.cat([views[name] for name in LARGE])
        small = [image for name, image in views.items() if name not in LARGE]
        target = self._target(large, step)
        features = [pooled(self.network.features(large))]
        if small:
            features.append(pooled(self.network.features(torch.cat(small))))
        directions = own.head.direction(torch.cat(features))
        logits = own.head(directions) / options.student_temperature
        of_views = logits.log_softmax(dim=1).view(len(views), -1, options.size)
        of_large = directions[: len(large)].chunk(len(LARGE))
        return {"total": cross_entropy(target, of_views), **spread_metrics(*of_large)}

    def before_step(self, step: Step) -> None:
        if step.epoch < self.options.frozen_epochs:
            for parameter in self._own.head.last.parameters():
                parameter.grad = None

    @torch.no_grad()
    def after_step(self, step: Step) -> None:
        decay, own = target_decay(step.index, step.total, self.options.decay), self._own
        own.centre.lerp_(
            torch.stack(self._teacher_means).mean(dim=0), 1 - self.options.centre_decay
        )
        update_average(own.teacher.backbone, self.network.backbone, decay=decay, buffers="own")
        update_average(own.teacher_head, own.head, decay=decay, buffers="own")

    def evaluation_network(self) -> nn.Module:
        return self._own.teacher

    @torch.no_grad()
    def _target(self, large: Tensor, step: Step) -> Tensor:
        """Return the teacher's probabilities for the large views, `(2, N, K)`."""
        own, options = self._own, self.options
        features = pooled(own.teacher.features(large))
        logits = own.teacher_head(own.teacher_head.direction(features))
        if step.micro == 0:
            self._teacher_means = []
        self._teacher_means.append(logits.mean(dim=0))
        temperature = teacher_temperature(
            step.epoch, *options.teacher_temperature, options.warmup_epochs
        )
        target: Tensor = ((logits - own.centre) / temperature).softmax(dim=1)
        return target.view(len(LARGE), -1, options.size)


def cross_entropy(target: Tensor, log_probs: Tensor) -> Tensor:
    """Return the mean cross-entropy of all pairs of different views, over the batch.

    Args:
        target: probabilities `(T, N, K)` of the first T views.
        log_probs: log-probabilities `(V, N, K)` of all V views, V >= 2.
    """
    with torch.autocast(log_probs.device.type, enabled=False):
        each = -target.flatten(1) @ log_probs.flatten(1).T / target.shape[1]  # (T, V)
    # A pair of the same view is left out.
    return (each.sum() - each.diagonal().sum()) / (each.numel() - min(each.shape))


def teacher_temperature(epoch: int, first: float, last: float, warmup_epochs: int) -> float:
    """Return τ_t in a 0-based epoch: `first`, …, `last` in `warmup_epochs`, then `last`."""
    if epoch >= warmup_epochs:
        return last
    return first + (last - first) * epoch / max(1, warmup_epochs - 1)


def _small_size(given: int | tuple[int, int] | None, size: tuple[int, int]) -> tuple[int, int]:
    if isinstance(given, int):
        return given, given
    if given is not None:
        return given
    height, width = (
        SMALL_MULTIPLE * max(1, round(SMALL_SHARE * side / SMALL_MULTIPLE)) for side in size
    )
    return height, width


def _refuse_one_size(network: Network, size: tuple[int, int]) -> None:
    """Raise where the backbone does not take images of the small size."""
    try:
        n_pooled(network, size)
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RecipeError(
            f"the backbone does not take small crops of {size[0]} x {size[1]}: {reason}",
            where="method.local_size",
            fix="let it take any size, of a vit model.options: {dynamic_img_size: true}; or "
            "write another local_size, multiples of its patch; or local_views: 0",
        ) from error


def _start(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)


METHOD = DINO

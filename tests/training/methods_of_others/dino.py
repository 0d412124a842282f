"""DINO (Caron et al. 2021, arXiv:2104.14294), as far as the protocol of methods has to carry it.

    L = mean over t ≠ v of H(softmax((g_t − c) / t_T), softmax(s_v / t_S))     t global, v any view
    c ← m c + (1 − m) mean g                                                   after it was used
    θ_T ← d θ_T + (1 − d) θ_S,   d from d_0 to 1 by a cosine                    after each step

t_T rises over the first epochs. The last layer's weight has the length 1 a row, and does not learn
in the first epoch. The teacher sees the global views only, in training mode.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import albumentations as A
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from podium.training.method import (
    UNLABELLED,
    Batch,
    Method,
    Options,
    PoolSizes,
    Step,
    Stream,
    ViewSpec,
)

__all__ = ["LOCAL", "METHOD", "dino_loss", "ema_decay", "teacher_temperature"]

GLOBALS = ("global0", "global1")


def LOCAL(size: tuple[int, int]) -> list[Any]:  # noqa: N802 — a policy's name
    """Return a small crop."""
    return [A.RandomResizedCrop(size, scale=(0.05, 0.4)), A.HorizontalFlip()]


def dino_loss(teacher: Tensor, student: Tensor) -> Tensor:
    """Return the mean cross-entropy of all pairs of different views.

    Args:
        teacher: probabilities `(T, N, D)` of the first T views.
        student: log-probabilities `(V, N, D)` of all views.
    """
    each = -torch.einsum("tnd,vnd->tv", teacher, student) / teacher.shape[1]
    differs = 1 - torch.eye(*each.shape, device=each.device)
    return (each * differs).sum() / differs.sum()


def teacher_temperature(options: DinoOptions, epoch: int) -> float:
    """Return t_T in an epoch: a straight rise over `warmup_epochs`, then constant."""
    first, last = options.teacher_temperature
    done = min(1.0, epoch / options.warmup_epochs) if options.warmup_epochs else 1.0
    return first + (last - first) * done


def ema_decay(options: DinoOptions, step: Step) -> float:
    """Return d after a step."""
    return 1 - (1 - options.decay) * (1 + math.cos(math.pi * step.index / step.total)) / 2


class DinoOptions(Options):
    """The paper's figures, but for the sizes."""

    policies: tuple[str, str] = ("global_crop", "local_crop")
    """of the large views and the small ones"""
    locals: int = 3
    local_size: int = 16
    width: int = 8
    outputs: int = 12
    student_temperature: float = 0.1
    teacher_temperature: tuple[float, float] = (0.04, 0.07)
    warmup_epochs: int = 2
    centre_decay: float = 0.9
    decay: float = 0.996
    frozen_epochs: int = 1


class DinoHead(nn.Module):
    """A projection to the length 1, and its nearness to each of the last layer's rows."""

    def __init__(self, n_features: int, width: int, outputs: int) -> None:
        super().__init__()
        self.project = nn.Sequential(
            nn.Linear(n_features, n_features), nn.GELU(), nn.Linear(n_features, width)
        )
        self.last = nn.Parameter(torch.randn(outputs, width))

    def forward(self, features: Tensor, *, is_frozen: bool = False) -> Tensor:
        rows = self.last.detach() if is_frozen else self.last
        return F.normalize(self.project(features), dim=1) @ F.normalize(rows, dim=1).T


class Dino(Method):
    """Teacher and student agree about an image's crops."""

    Options = DinoOptions
    needs = (UNLABELLED,)

    def build(self, network: nn.Module, sizes: PoolSizes) -> nn.Module:
        self.network, self.sizes = network, sizes
        options = self.options
        with torch.no_grad():
            network.eval()
            empty = next(network.parameters()).new_zeros(1, 3, *self.setting.size)
            n_features = network.features(empty).deepest.shape[1]
            network.train()
        self.head = DinoHead(n_features, options.width, options.outputs)
        self.teacher = copy.deepcopy(network).requires_grad_(False)
        self.teacher_head = copy.deepcopy(self.head).requires_grad_(False)
        self.own = nn.ModuleDict(
            {"head": self.head, "teacher": self.teacher, "teacher_head": self.teacher_head}
        )
        self.own.register_buffer("centre", torch.zeros(options.outputs))
        return self.own

    def parameter_groups(self) -> Iterable[dict[str, Any]]:
        return [{"params": self.head.parameters()}]

    def streams(self, step: Step) -> tuple[Stream, ...]:
        (large, small), side = self.options.policies, self.options.local_size
        views = (
            *(ViewSpec(name, large) for name in GLOBALS),
            *(ViewSpec(f"local{i}", small, size=(side, side)) for i in range(self.options.locals)),
        )
        return (self.setting.unlabelled(1, views),)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        views, n = batches[UNLABELLED].views, len(batches[UNLABELLED].index)
        large = torch.cat([views[name] for name in GLOBALS])
        small = torch.cat([one for name, one in views.items() if name not in GLOBALS])
        with torch.no_grad():
            taught = self.teacher_head(_embedded(self.teacher, large)).float()
            sharpened = (taught - self.own.centre) / teacher_temperature(self.options, step.epoch)
            wanted = sharpened.softmax(dim=1).reshape(len(GLOBALS), n, -1)
            self.own.centre.lerp_(taught.mean(dim=0), 1 - self.options.centre_decay)
        embedded = torch.cat([_embedded(self.network, one) for one in (large, small)])
        is_frozen = step.epoch < self.options.frozen_epochs
        predicted = (
            self.head(embedded, is_frozen=is_frozen).float() / self.options.student_temperature
        )
        total = dino_loss(wanted, predicted.log_softmax(dim=1).reshape(len(views), n, -1))
        return {"total": total, "centre": self.own.centre.norm()}

    @torch.no_grad()
    def after_step(self, step: Step) -> None:
        mine = chain(self.teacher.parameters(), self.teacher_head.parameters())
        theirs = chain(self.network.parameters(), self.head.parameters())
        torch._foreach_lerp_(list(mine), list(theirs), 1 - ema_decay(self.options, step))

    def evaluation_network(self) -> nn.Module:
        return self.teacher


def _embedded(network: nn.Module, images: Tensor) -> Tensor:
    pooled: Tensor = network.features(images).deepest.mean(dim=(2, 3))
    return pooled


METHOD = Dino

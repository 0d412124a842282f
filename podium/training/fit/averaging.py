"""The moving average (EMA) of a network, for prediction, teachers and targets.

    θ' ← d · θ' + (1 − d) · θ

Of most of them d = min(decay, (1 + t) / (10 + t)) after t updates: with 0.999 all along, a run of a
thousand steps would still be 37 % initial weights.

Of the averaged network that is evaluated the parameters are averaged and the buffers copied:
averaging the statistics of batch norm a second time makes them lag behind, and
`num_batches_tracked` is an integer.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn

__all__ = ["AveragedNetwork", "target_decay", "update_average", "warmup_decay"]


def warmup_decay(decay: float, updates: int) -> float:
    """Return the decay after so many `updates`: 0.1 before any, and rising up to `decay`."""
    return min(decay, (1 + updates) / (10 + updates))


def target_decay(index: int, total: int, base: float) -> float:
    """Return the target's decay after step `index` of `total`: `base` at first, then towards 1."""
    return 1 - (1 - base) * (1 + math.cos(math.pi * index / total)) / 2


@torch.no_grad()
def update_average(
    averaged: nn.Module,
    student: nn.Module,
    *,
    decay: float,
    buffers: Literal["copy", "own", "average"] = "copy",
) -> None:
    """Move the parameters of `averaged` to `decay` times their own and the rest of the student's.

    A parameter that is equal in both keeps its bits.

    Args:
        averaged: a copy of `student`, or of another module with the same parameters in their order.
        student: the network whose weights are averaged.
        decay: share of the old values that stays, in [0, 1].
        buffers: "copy" takes the student's (a copy that only evaluates has had no batch of its
            own); "own" leaves them (a copy in training mode keeps statistics of its own batches);
            "average" moves them as the parameters, and takes the student's integers.
    """
    mine: list[Tensor] = list(averaged.parameters())
    theirs: list[Tensor] = list(student.parameters())
    copied: list[tuple[Tensor, Tensor]] = []
    if buffers != "own":
        copied = list(zip(averaged.buffers(), student.buffers(), strict=True))
    if buffers == "average":
        moved = [pair for pair in copied if pair[0].is_floating_point()]
        copied = [pair for pair in copied if not pair[0].is_floating_point()]
        mine += [own for own, _ in moved]
        theirs += [its for _, its in moved]
    torch._foreach_lerp_(mine, theirs, 1 - decay)
    if copied:
        torch._foreach_copy_([own for own, _ in copied], [its for _, its in copied])
    _forget_tables(averaged)


def _forget_tables(network: nn.Module) -> None:
    """Let attention make its tables of positions anew, of the weights as they are now.

    In evaluation mode timm's LevIT, TinyViT, EfficientFormer and EfficientViT keep them from one
    image to the next, until their mode is set again: a teacher's is not.
    """
    for module in network.modules():
        if module.__dict__.get("attention_bias_cache"):
            module.__dict__["attention_bias_cache"] = {}


class AveragedNetwork:
    """Follows `student` by moving average; `network` is the copy, always in eval mode."""

    def __init__(self, student: nn.Module, *, decay: float) -> None:
        self.network = copy.deepcopy(student).requires_grad_(False).eval()
        self._decay = decay
        self._updates = 0
        self._student = student

    def update(self) -> None:
        """Move the copy towards the student."""
        decay = warmup_decay(self._decay, self._updates)
        self._updates += 1
        update_average(self.network, self._student, decay=decay)

    def restart(self) -> None:
        """Become a copy of the student as it is now."""
        self.network.load_state_dict(self._student.state_dict())
        self._updates = 0

    def state_dict(self) -> dict[str, Any]:
        return {"network": self.network.state_dict(), "updates": self._updates}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        tensors: Mapping[str, Tensor] = state["network"]
        self.network.load_state_dict(tensors)
        self._updates = int(state["updates"])

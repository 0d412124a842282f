"""The averaged copy of a network that is evaluated in the place of the one that is trained.

    θ' ← d_t · θ' + (1 − d_t) · θ,   d_t = min(decay, (1 + t) / (10 + t))

Parameters are averaged, buffers are copied: averaging the statistics of batch norm a second time
    makes them
lag behind, and `num_batches_tracked` is an integer. Without the ramp d_t, a run of a thousand steps
at 0.999 would still be 37 % initial weights.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["AveragedNetwork"]


class AveragedNetwork:
    """Follows `student` by moving average; `network` is the copy, always in eval mode."""

    def __init__(self, student: nn.Module, *, decay: float) -> None:
        self.network = copy.deepcopy(student).requires_grad_(False).eval()
        self._decay = decay
        self._updates = 0
        self._student = student

    @torch.no_grad()
    def update(self) -> None:
        """Move the copy towards the student."""
        decay = min(self._decay, (1 + self._updates) / (10 + self._updates))
        self._updates += 1
        mine: list[Tensor] = list(self.network.parameters())
        theirs: list[Tensor] = list(self._student.parameters())
        torch._foreach_lerp_(mine, theirs, 1 - decay)
        buffers = list(self.network.buffers())
        if buffers:
            torch._foreach_copy_(buffers, list(self._student.buffers()))

    def state_dict(self) -> dict[str, Any]:
        return {"network": self.network.state_dict(), "updates": self._updates}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        tensors: Mapping[str, Tensor] = state["network"]
        self.network.load_state_dict(tensors)
        self._updates = int(state["updates"])

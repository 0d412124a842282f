"""Masks as the targets of a loss: small on the way to the device, complete on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from podium.competition.masks import IGNORE, Mask
from podium.competition.spec import TaskKind

__all__ = ["MaskForm"]


@dataclass(frozen=True)
class MaskForm:
    """What the masks of a task look like.

    Args:
        kind: binary, multiclass or multilabel.
        n_outputs: channels of the network's answer.
    """

    kind: TaskKind
    n_outputs: int

    def unknown(self, size: tuple[int, int]) -> Mask:
        """Return the mask of (height, width) `size` of a sample that has none."""
        layers = (self.n_outputs,) if self.kind == "multilabel" else ()
        return np.full((*size, *layers), IGNORE, dtype=np.uint8)

    def targets(self, masks: Tensor, device: torch.device) -> Tensor:
        """Return uint8 masks `(N, H, W)` or `(N, H, W, C)` as targets on `device`.

        Returns:
            multiclass: int64 `(N, H, W)`, 0 for background, -1 where nobody knows. Else float32
            `(N, C, H, W)` with C = 1 for a binary task, nan where nobody knows.
        """
        if device.type == "cuda":
            masks = masks.pin_memory()
        moved = masks.to(device, non_blocking=True)
        is_unknown = moved == IGNORE
        if self.kind == "multiclass":
            return moved.long().masked_fill_(is_unknown, -1)
        answers = moved.float().masked_fill_(is_unknown, math.nan)
        return answers.unsqueeze(1) if self.kind == "binary" else answers.permute(0, 3, 1, 2)

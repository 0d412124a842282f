"""Hard answers out of probabilities: what they say, how sure they are, and which of them count.

    multiclass           answer = argmax_c p_c    confidence = max_c p_c
    binary, multilabel   answer = 1[p ≥ 1/2]      confidence = max(p, 1 − p), of each output alone

An answer counts where its confidence ≥ threshold. Labels and the pixels of masks are alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from podium.competition.spec import TaskKind
from podium.training.evaluation import activate

__all__ = ["Hard", "harden", "probabilities"]


@dataclass(frozen=True)
class Hard:
    """Hard answers; without gradient.

    Attributes:
        answer: whether it counts or not; multiclass: int64 `(N, …)`; else float32 `(N, C, …)` of 0
            and 1.
        confidence: float32 in the shape of `answer`; nan where nothing is known.
        kept: bool in the shape of `answer`: whether the answer counts.
        asked: bool in the shape of `answer`: whether there is anything to be said at all.
        missing: what losses take for no answer: -1, or nan.
    """

    answer: Tensor
    confidence: Tensor
    kept: Tensor
    asked: Tensor
    missing: float

    @property
    def target(self) -> Tensor:
        """The answers as losses want them: missing where they do not count."""
        return self.answer.masked_fill(~self.kept, self.missing)

    @property
    def share(self) -> Tensor:
        """The share of the answers that count, among all that could; 0 where none could."""
        n = self.asked.sum()
        return self.kept.sum() / n.clamp(min=1)


def probabilities(logits: Tensor, kind: TaskKind) -> Tensor:
    """Return what `logits` `(N, C, …)` say, in float32 and without gradient.

    In half precision the confidences near 1 are as far apart as thresholds are: bfloat16 knows
    nothing between 0.949 and 0.953.
    """
    return activate(logits.detach(), kind)


def harden(
    probs: Tensor,
    kind: TaskKind,
    *,
    threshold: float | Tensor,
    shown: Tensor | None = None,
) -> Hard:
    """Return the hard answers of `probs`.

    Args:
        probs: `(N, C, …)` in [0, 1], float32; nan where nothing is known.
        kind: of the task: multiclass, binary or multilabel.
        threshold: lowest confidence that counts, in [0, 1]; a tensor of one number where it is
            computed on the device.
        shown: `(N, …)` bool: which pixels show the image; None: all do.
    """
    probs = probs.detach()
    if kind == "multiclass":
        confidence, answer = probs.max(dim=1)  # (N, …)
        missing = -1.0
    else:
        # 1 − p, not the probability of the other classes: each output is a question of its own.
        confidence, answer = torch.maximum(probs, 1 - probs), (probs >= 0.5).float()
        missing = math.nan
        shown = None if shown is None else shown.unsqueeze(1)
    asked = confidence.isfinite()
    if shown is not None:
        asked = asked & shown
    kept = asked & (confidence >= threshold)
    return Hard(answer, confidence, kept, asked, missing)

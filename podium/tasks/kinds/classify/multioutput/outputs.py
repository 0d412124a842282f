"""Outputs of one class of each of several: a softmax an output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from podium.tasks.kinds.classify._rows.outputs_of_numbers import stored
from podium.tasks.kinds.classify._rows.outputs_of_probs import without_missing
from podium.tasks.kinds.classify.multilabel.outputs import target
from podium.tasks.protocols.outputs import blocks
from podium.training.outputs import ExplainedOutput, explained_classes, logit_of

__all__ = ["of_sizes", "stored", "target", "without_missing"]


def of_sizes(sizes: Sequence[int]) -> dict[str, Any]:
    """Return what the outputs mean where they have so many classes each."""

    def activate(logits: Tensor) -> Tensor:
        """Return the probabilities, which sum to 1 in each output."""
        split = torch.split(logits, list(sizes), dim=1)
        return torch.cat([one.softmax(dim=1) for one in split], dim=1)

    def explained(
        values: Tensor, names: Sequence[str], truth: Any
    ) -> tuple[str, list[ExplainedOutput]]:
        """Return the likeliest class of each output; that of the least sure one is explained."""
        each = [float(one) for one in values]
        likely = [one.start + int(np.argmax(each[one])) for one in blocks(sizes)]
        unsure = int(np.argmin([each[one] for one in likely]))
        right = None
        if truth is not None:
            block = list(blocks(sizes))[unsure]
            there = np.flatnonzero(np.asarray(truth)[block] == 1)
            right = block.start + int(there[0]) if len(there) else None
        text = ", ".join(names[one] for one in likely)
        return text, explained_classes(each, names, likely[unsure], right, logit_of)

    return {"activate": activate, "explained": explained}

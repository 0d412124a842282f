"""The most probable class of each output: there is no step to tune."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import UsageError
from podium.predictions.decisions.kinds import LabelDecisions
from podium.tasks.protocols.outputs import as_flags, as_indices


def of_sizes(sizes: Sequence[int]) -> dict[str, Any]:
    """Return the decisions of outputs with so many classes each."""

    def likeliest(probs: NDArray[np.float32]) -> NDArray[np.uint8]:
        if probs.shape[1] != sum(sizes):
            raise UsageError(
                f"decide: outputs of {', '.join(map(str, sizes)) or 'unknown'} classes have "
                f"{sum(sizes)} probabilities, got {probs.shape[1]}",
                fix="name the kind with the classes of each output, as multioutput[3,2]",
            )
        return np.asarray(as_flags(as_indices(probs, sizes), sizes), dtype=np.uint8)

    return {"DECISIONS": LabelDecisions(undecided=likeliest)}


DECISIONS = LabelDecisions()

"""Which classes of an image's label are explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from torch import Tensor

from podium.tasks.protocols.names import IMAGES
from podium.training.outputs import ExplainedOutput

__all__ = ["explained_classes", "logit_of"]


def explained_classes(
    each: Sequence[float],
    names: Sequence[str],
    likely: int,
    right: int | None,
    logit: Callable[[int], Callable[[dict[str, Tensor]], Tensor]],
) -> list[ExplainedOutput]:
    """Return the predicted and the true class, which may be one.

    Args:
        each: probability of each class.
        names: of the classes.
        likely: the predicted one.
        right: the true one; None where there is none.
        logit: from a class to its y of Grad-CAM.
    """
    chosen: list[tuple[int, Literal["said", "truth", "both"]]]
    chosen = [(likely, "both" if likely == right else "said")]
    if right is not None and right != likely:
        chosen.append((right, "truth"))
    return [ExplainedOutput(IMAGES, of, names[i], each[i], logit(i)) for i, of in chosen]


def logit_of(i: int) -> Callable[[dict[str, Tensor]], Tensor]:
    """Return the y of class `i` where each class has a logit."""
    return lambda outputs: outputs[IMAGES][0, i]

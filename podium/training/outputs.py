"""What a network's outputs mean for a kind of task: values, targets, missing answers.

Each kind has a module `outputs`, of which the protocols here are the functions; `label_outputs_of`
and `mask_outputs_of` return it. Ratings have none: their link names the kind that is learnt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, cast

from numpy.typing import NDArray

from podium.tasks.protocols.find import find_part
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, TaskName

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "ExplainedOutput",
    "LabelOutputs",
    "MaskOutputs",
    "Outputs",
    "explained_classes",
    "explained_number",
    "label_outputs_of",
    "logit_of",
    "mask_outputs_of",
    "outputs_of",
]


class ExplainedOutput(NamedTuple):
    """An output that Grad-CAM explains.

    Attributes:
        task: of the output.
        of: whether it is what was predicted, the truth, or both.
        name: of the class; empty where there is none.
        value: the number itself, a probability, or the share of the pixels that are of the class.
        of_logits: from the logits by task to the y of Grad-CAM, a scalar.
    """

    task: TaskName
    of: Literal["predicted", "truth", "both"]
    name: str
    value: float
    of_logits: Callable[[dict[str, Tensor]], Tensor]


class Outputs(Protocol):
    """What a network's outputs mean, of images `(N, C)` or of pixels `(N, C, H, W)`."""

    def activate(self, logits: Tensor) -> Tensor:
        """Return the values of float32 logits, in their shape: probabilities, or numbers."""
        ...

    def without_missing(self, target: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Return the target with a valid value where it is missing, and a bool: where it is there.

        The second is `(N, 1, …)`, or in the shape of the logits.
        """
        ...


class LabelOutputs(Outputs, Protocol):
    """What a network's outputs of images mean."""

    def target(self, truth: NDArray[Any]) -> NDArray[Any]:
        """Return the loss's targets, `(N,)` or `(N, C)`, of the truth as metrics take it.

        A missing answer is -1 where the targets are whole numbers, else nan or -1.
        """
        ...

    def stored(self, values: Tensor) -> Tensor:
        """Return the predictions `(N, C)`, float32, that a mean of values over views makes."""
        ...

    def explained(
        self, values: Tensor, names: Sequence[str], truth: Any
    ) -> tuple[str, list[ExplainedOutput]]:
        """Return the prediction for an image as text, and the outputs to explain.

        Args:
            values: `(C,)`, activated.
            names: of the classes; none where answers are numbers.
            truth: as `load_samples` has it; None where it is unknown.
        """
        ...


class MaskOutputs(Outputs, Protocol):
    """What a network's outputs of pixels mean."""

    def target(self, masks: Tensor) -> Tensor:
        """Return the loss's targets of uint8 masks `(N, H, W)` or `(N, H, W, C)`, on their device.

        Unknown pixels are -1 where the targets are whole numbers, else nan.
        """
        ...

    def decided(self, logits: Tensor) -> Tensor:
        """Return the masks that logits mean plainly: the likeliest class, or one half."""
        ...


def outputs_of(kind: Kind) -> Outputs:
    """Return what a network's outputs of `kind` mean."""
    return cast(Outputs, find_part(kind, "outputs"))


def label_outputs_of(kind: Kind) -> LabelOutputs:
    """Return what a network's outputs of `kind`, one of images, mean."""
    return cast(LabelOutputs, find_part(kind, "outputs"))


def mask_outputs_of(kind: Kind) -> MaskOutputs:
    """Return what a network's outputs of `kind`, one of pixels, mean."""
    return cast(MaskOutputs, find_part(kind, "outputs"))


def explained_number(value: float) -> tuple[str, list[ExplainedOutput]]:
    """Return a number that is predicted for an image as text, and that all outputs explain it."""
    score = ExplainedOutput(
        IMAGES, "predicted", "", value, lambda outputs: outputs[IMAGES][0].sum()
    )
    return f"{value:.4g}", [score]


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
    chosen: list[tuple[int, Literal["predicted", "truth", "both"]]]
    chosen = [(likely, "both" if likely == right else "predicted")]
    if right is not None and right != likely:
        chosen.append((right, "truth"))
    return [ExplainedOutput(IMAGES, of, names[i], each[i], logit(i)) for i, of in chosen]


def logit_of(i: int) -> Callable[[dict[str, Tensor]], Tensor]:
    """Return the y of class `i` where each class has a logit."""
    return lambda outputs: outputs[IMAGES][0, i]

"""Distribution alignment: answers about unlabelled samples, moved to the classes that there are.

    ū ← m ū + (1 − m) · mean_i q_i                          of the unlabelled samples of a batch
    l̄ ← m l̄ + (1 − m) · mean_b softmax(z(x_b))              of the labelled ones
    q̃_i = Norm(q_i · r / ū),   r = 1/C (uniform) or l̄ (labelled),   Norm(v) = v / Σ v

ReMixMatch (Berthelot et al. 2020, 1911.09785, §3.1) divides by the mean of what was said lately,
AdaMatch (Berthelot et al. 2021, 2106.04732, §3.2) multiplies by what is said of labelled samples.
Both means start at 1/C, and see the batch before they are asked. A row that has nothing in common
with l̄ stays as it is.

Where a recipe mixes labelled images (`mix:`), l̄ is of the mixed ones, which AdaMatch does not have:
the labels of a mixed batch have the mean of its own, and only a mean is asked here.
"""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from podium.training.method import Setting
from podium.training.weak_strong import refuse_other_labels

__all__ = ["Align", "Alignment", "alignment_of", "refuse_alignment"]

Align = Annotated[
    Literal["none", "uniform", "labelled"],
    Field(
        description="how frequent the classes of pseudo-labels are made: left as they are, all the "
        "same, or as among labelled samples; multiclass labels only"
    ),
]


class Alignment(nn.Module):
    """Aligns the probabilities of a multiclass task.

    Args:
        n_classes: of the task.
        to: "uniform": as if all classes were as frequent; "labelled": as in labelled samples.
        decay: of the running means (m), in [0, 1].

    Attributes:
        unlabelled: `(C,)` float32, the running mean of what is said of unlabelled samples (ū).
        labelled: `(C,)` float32, of labelled ones (l̄); stays at 1/C for "uniform".
    """

    unlabelled: Tensor
    labelled: Tensor

    def __init__(
        self, n_classes: int, *, to: Literal["uniform", "labelled"], decay: float = 0.999
    ) -> None:
        super().__init__()
        self._to, self._decay = to, decay
        self.register_buffer("unlabelled", torch.full((n_classes,), 1 / n_classes))
        self.register_buffer("labelled", torch.full((n_classes,), 1 / n_classes))

    @torch.no_grad()
    def forward(self, unlabelled: Tensor, labelled: Tensor | None = None) -> Tensor:
        """Move the means towards a batch, and return its aligned probabilities.

        Args:
            unlabelled: `(N, C)` float32 probabilities.
            labelled: `(B, C)` float32 probabilities of the labelled samples; "labelled" needs them.

        Returns:
            `(N, C)` float32 in rows of 1, without gradient.
        """
        self.unlabelled.lerp_(unlabelled.mean(dim=0), 1 - self._decay)
        if self._to == "labelled":
            assert labelled is not None
            self.labelled.lerp_(labelled.mean(dim=0), 1 - self._decay)
        # A class that nobody ever says has a mean of 0, and 0 / 0 would be in every row.
        moved = unlabelled * self.labelled / self.unlabelled.clamp(min=1e-6)
        sums = moved.sum(dim=1, keepdim=True)
        return torch.where(sums > 0, moved / sums, unlabelled)


def alignment_of(setting: Setting, align: Align, *, decay: float) -> Alignment | None:
    """Return what aligns the labels of a phase; None for "none"."""
    if align == "none":
        return None
    return Alignment(setting.outputs["classify"], to=align, decay=decay)


def refuse_alignment(setting: Setting, align: Align) -> None:
    """Raise RecipeError where the labels of a phase cannot be aligned as `align` says."""
    if align != "none":
        refuse_other_labels(setting, "align")

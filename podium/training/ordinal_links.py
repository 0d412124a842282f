"""Links of ordinal tasks: how a network outputs a rating (no torch here).

The prediction of an ordinal task that is stored, blended and decided is one number an image, the
expected rating in [0, C - 1]. A recipe chooses how a network outputs it,
`model.heads.classify.link`; in training the task is then one of another kind, with its losses:

- `cumulative`, the default: C - 1 logits of P(y > k), k = 0 … C - 2, over one shared score with a
  bias each (proportional odds, McCullagh 1980; CORAL, Cao, Mirjalili and Raschka 2020,
  arXiv:1901.07884). Learnt as C - 1 yes-or-no answers, y > k. Rating: Σ_k P(y > k).
- `classes`: a softmax over C. Learnt as a multiclass task. Rating: Σ_c c · p_c.
- `regression`: one number. Learnt as a regression on the rating. Rating: the number, in bounds.

The two sums are the same expectation: E y = Σ_k P(y > k) for y in 0 … C - 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import RecipeError
from podium.models.spec import ClassifyHead, Heads, LinkName, ModelSpec, SegmentHead
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, of_images

if TYPE_CHECKING:
    from torch import Tensor

    from podium.competition.spec import Competition

__all__ = ["DEFAULT_LINK", "Link", "link_of", "with_link"]

DEFAULT_LINK: LinkName = "cumulative"
_KINDS: Mapping[LinkName, str] = {
    "classes": "multiclass",
    "regression": "regression",
    "cumulative": "multilabel",
}


@dataclass(frozen=True)
class Link:
    """Link of ratings 0 … `n_classes` - 1 with a network's outputs."""

    name: LinkName
    n_classes: int

    @property
    def kind(self) -> Kind:
        """The kind of task that it is in training."""
        return image_kind(_KINDS[self.name])

    @property
    def n_outputs(self) -> int:
        """Number of the network's outputs for an image."""
        return {
            "classes": self.n_classes,
            "regression": 1,
            "cumulative": self.n_classes - 1,
        }[self.name]

    def targets(self, ratings: NDArray[np.int64]) -> NDArray[Any]:
        """Return the loss's targets for `ratings` `(N,)`, -1 where missing.

        Returns:
            classes: int64 `(N,)`, -1 where missing; regression: float32 `(N,)`, cumulative: float32
            `(N, C - 1)` of whether the rating is above k; nan where missing.
        """
        if self.name == "classes":
            return ratings.astype(np.int64)
        is_missing = ratings < 0
        if self.kind.is_continuous:
            return np.where(is_missing, np.nan, ratings).astype(np.float32)
        above = ratings[:, None] > np.arange(self.n_classes - 1)
        return np.where(is_missing[:, None], np.nan, above).astype(np.float32)

    def ratings(self, probs: Tensor) -> Tensor:
        """Return the ratings `(N, 1)`, float32, that probabilities `(N, K)` of this kind mean.

        Args:
            probs: after softmax or sigmoid; of a regression the number itself.
        """
        values = probs.float()
        if self.name == "classes":
            values = (values * values.new_tensor(range(self.n_classes))).sum(dim=1, keepdim=True)
        elif self.name == "cumulative":
            values = values.sum(dim=1, keepdim=True)
        return values.clamp(0, self.n_classes - 1)

    def weigh(self, target: Tensor, class_weights: Tensor) -> Tensor:
        """Return the class weight of each row `(N, 1)`, by its target in the form of this link.

        Between classes, as MixUp makes targets, the weight lies between those of the classes.

        Args:
            target: regression `(N, 1)`, cumulative `(N, C - 1)`; nothing is missing.
            class_weights: `(C,)`.
        """
        steps = class_weights.diff()  # from the weight of class k to that of class k + 1
        if self.kind.is_continuous:
            # How far the rating is above each class, at most 1: 2.3 is 1, 1, 0.3, 0.
            target = (target - target.new_tensor(range(self.n_classes - 1))).clamp(0, 1)
        return class_weights[0] + (target * steps).sum(dim=1, keepdim=True)


def link_of(spec: ModelSpec, competition: Competition) -> Link | None:
    """Return the link of the network of `spec`; None where the labels are no ratings.

    Raises:
        RecipeError: the recipe names a link, and the task is not ordinal.
    """
    head = None if spec.heads is None else spec.heads.classify
    chosen = None if head is None else head.link
    kind = of_images(competition.tasks)
    if kind is not None and kind.is_ordered:
        return Link(chosen or DEFAULT_LINK, len(competition.classes))
    if chosen is not None:
        raise RecipeError(
            "link sets how a rating is learnt, and "
            + (f"the labels are {kind}" if kind else "there are no labels"),
            where="model.heads.classify.link",
            fix="leave link out, or write tasks: {classify: ordinal} in competition.yaml",
        )
    return None


def with_link(spec: ModelSpec, link: Link | None) -> ModelSpec:
    """Return `spec` with `link` in its head of labels; as it is where that is None."""
    if link is None:
        return spec
    heads = spec.heads or Heads(classify=ClassifyHead(), segment=SegmentHead())
    if heads.classify is None:
        return spec
    head = heads.classify.model_copy(update={"link": link.name})
    return spec.model_copy(update={"heads": heads.model_copy(update={IMAGES: head})})

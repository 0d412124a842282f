"""UniMatch (Yang et al. 2023, arXiv:2208.09910), as far as the protocol of methods has to carry it.

    L_s = Σ 1[conf ≥ τ and shown] CE(f(s), y) / Σ shown      s strong, y of the weak view, CutMixed
    L_fp = the same of the weak view, decoded from features of which channels are dropped
    L = 1/2 [L_x + 1/4 L_s1 + 1/4 L_s2 + 1/2 L_fp]

What is pasted comes from a second stream of unlabelled samples; its pseudo-masks come from the
network in evaluation mode. Image, pseudo-mask, confidence and what is shown are pasted with the
same box. `complementary` decodes the strong views as V2 does (arXiv:2410.10777): what one view's
features lose is what the other's keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from podium.errors import RecipeError
from podium.training.method import (
    LABELLED,
    UNLABELLED,
    Batch,
    Method,
    Options,
    Setting,
    Step,
    Stream,
    ViewSpec,
)
from podium.training.mixing import draw_boxes, paste_boxes

__all__ = ["METHOD", "Pseudo", "complementary_masks", "pseudo_loss"]

PARTNER = "partner"
STRONG = ("strong", "strong2")


@dataclass(frozen=True)
class Pseudo:
    """What the network says about the pixels of some images.

    Attributes:
        masks: `(N, H, W)`, int64 classes.
        confidence: `(N, H, W)`, in [0, 1].
        shown: `(N, H, W)`, bool: whether there is an image.
    """

    masks: Tensor
    confidence: Tensor
    shown: Tensor

    @classmethod
    def of(cls, logits: Tensor, shown: Tensor) -> Pseudo:
        """Return the likeliest classes of logits `(N, C, H, W)`; no gradient flows."""
        confidence, masks = logits.detach().float().softmax(dim=1).max(dim=1)
        return cls(masks, confidence, shown)

    def followed(self, batch: Batch, view: str) -> Pseudo:
        """Return the same as it lies in `view`."""
        return Pseudo(
            batch.follow(self.masks, view, missing=0),
            batch.follow(self.confidence, view, missing=0),
            batch.shown[view],
        )

    def pasted(self, other: Pseudo, boxes: NDArray[np.int64]) -> Pseudo:
        """Return the same with the box of each image taken from `other`."""
        return Pseudo(
            paste_boxes(self.masks, other.masks, boxes),
            paste_boxes(self.confidence, other.confidence, boxes),
            paste_boxes(self.shown, other.shown, boxes),
        )


def pseudo_loss(logits: Tensor, wanted: Pseudo, *, threshold: float) -> Tensor:
    """Return the cross-entropy of confident pixels, over the number of all that are shown."""
    each = F.cross_entropy(logits.float(), wanted.masks, reduction="none")
    kept = wanted.shown & (wanted.confidence >= threshold)
    return (each * kept).sum() / wanted.shown.sum().clamp(min=1)


def complementary_masks(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Return what to multiply `maps` `(N, F, h, w)` of two views by, `(N, F, 1, 1)` each.

    Half of the samples keep all; of the others one view loses what the other keeps, twice as large.
    """
    n, channels = maps.shape[:2]
    one = 2 * torch.randint(2, (n, channels, 1, 1), device=maps.device).float()
    is_kept = torch.randperm(n, device=maps.device).reshape(n, 1, 1, 1) < n // 2
    one = one.masked_fill(is_kept, 1)
    return one, 2 - one


class UniMatchOptions(Options):
    """The paper's figures for VOC."""

    ratio: int = 1
    threshold: float = 0.95
    drop: float = 0.5
    chance: float = 0.5
    complementary: bool = False
    strong: str = "photometric"


class UniMatch(Method):
    """Pseudo-masks of a weak view, learnt on two strong ones and on disturbed features."""

    Options = UniMatchOptions
    needs = (LABELLED, UNLABELLED)

    def __init__(self, options: Any, setting: Setting) -> None:
        super().__init__(options, setting)
        if setting.kinds.get("segment") != "multiclass":
            raise RecipeError("unimatch needs masks of one class a pixel")

    def streams(self, step: Step) -> tuple[Stream, ...]:
        strong = (ViewSpec(name, self.options.strong, of="weak") for name in STRONG)
        own = self.setting.unlabelled(self.options.ratio, (ViewSpec("weak", "weak"), *strong))
        return (self.setting.labelled, own, replace(own, name=PARTNER))

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        labelled, own, partner = batches[LABELLED], batches[UNLABELLED], batches[PARTNER]
        theirs = Pseudo.of(self._calm(partner.views["weak"]), partner.shown["weak"])
        n, m = len(labelled.index), len(own.index)
        features = self.network.features(torch.cat([labelled.images, own.views["weak"]]))
        logits = self._decoded(
            features.map(lambda one: torch.cat([one, F.dropout2d(one[n:], self.options.drop)]))
        )
        ours, weak, disturbed = logits.split([n, m, m])
        pseudo = Pseudo.of(weak, own.shown["weak"])
        images, wanted = [], []
        for name in STRONG:
            mine, other = own.views[name], partner.views[name]
            rng = step.rng("box", name)
            boxes = draw_boxes(m, tuple(mine.shape[-2:]), rng, probability=self.options.chance)
            images.append(paste_boxes(mine, other, boxes))
            followed = theirs.followed(partner, name)
            wanted.append(pseudo.followed(own, name).pasted(followed, boxes))
        strong = self._strong(images)
        given = {"threshold": self.options.threshold}
        by_view = [pseudo_loss(*pair, **given) for pair in zip(strong, wanted, strict=True)]
        loss_strong = (by_view[0] + by_view[1]) / 4
        loss_features = pseudo_loss(disturbed, pseudo, **given) / 2
        losses = self.setting.objective({"segment": ours}, labelled.targets, labelled.weight)
        total = (losses["total"] + loss_strong + loss_features) / 2
        return {**losses, "strong": loss_strong, "features": loss_features, "total": total}

    def _calm(self, images: Tensor) -> Tensor:
        """Return logits in evaluation mode, without gradient."""
        self.network.eval()
        with torch.no_grad():
            logits: Tensor = self.network(images, ["segment"])["segment"]
        self.network.train()
        return logits

    def _strong(self, images: list[Tensor]) -> tuple[Tensor, ...]:
        features = self.network.features(torch.cat(images))
        if self.options.complementary:
            features = features.map(_complementary)
        return self._decoded(features).chunk(2)

    def _decoded(self, features: Any) -> Tensor:
        logits: Tensor = self.network.decode(features, ["segment"])["segment"]
        return logits


def _complementary(maps: Tensor) -> Tensor:
    return maps * torch.cat(complementary_masks(maps.chunk(2)[0]))


METHOD = UniMatch

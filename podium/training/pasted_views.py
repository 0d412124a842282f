"""Two strong views of one weak view, with boxes of other images: what UniMatch and its V2 share.

    said = Said.of(logits of the weak view, …)        what is taken to be there, and where it counts
    said = said.lying_in(batch, view)                 the same as it lies in a strong view
    said = said.pasted(that of the others, boxes)     image, answer, what counts: with the same box
    loss, kept = said.learnt_by(logits of the view)

    L_s = Σ 1[shown and confidence ≥ τ] · CE(z(strong), answer) / Σ 1[shown]

Of labels, an image with a box of another has two: it counts neither among the sure ones nor among
all, so that labels learn from those strong views that got no box.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.competition.spec import TaskKind
from podium.errors import RecipeError
from podium.training.batches import Batch, Stream, ViewSpec
from podium.training.hardening import harden, probabilities
from podium.training.method import Setting, Step
from podium.training.mixing import draw_boxes, paste_boxes
from podium.training.weak_strong import (
    STRONG,
    WEAK,
    Logits,
    Pseudo,
    ViewOptions,
    consistency,
    threshold_of,
)

__all__ = [
    "VIEWS",
    "Said",
    "boxes_of",
    "halved",
    "judged_of",
    "refuse_never_whole",
    "said_of",
    "two_strong",
]

VIEWS = (STRONG, "strong2")

Boxes = NDArray[np.int64]


@dataclass(frozen=True)
class Said:
    """What one task's weak view is taken to say, without gradient.

    Attributes:
        kind: of the task.
        answer: multiclass: int64 classes `(N, …)`; else float32 `(N, C, …)` of 0 and 1.
        kept: bool in the shape of `answer`: whether it is sure enough.
        counts: bool, `(N, H, W)` of masks, the pixels that are shown; `(N,)` of labels.
    """

    kind: TaskKind
    answer: Tensor
    kept: Tensor
    counts: Tensor

    @classmethod
    def of(cls, logits: Tensor, kind: TaskKind, *, threshold: float, counts: Tensor) -> Said:
        """Return what `logits` `(N, C, …)` say, sure from `threshold` on."""
        hard = harden(probabilities(logits, kind), kind, threshold=threshold)
        return cls(kind, hard.answer, hard.kept, counts)

    def lying_in(self, batch: Batch, view: str) -> Said:
        """Return the same as it lies in `view`, where both show it; labels are as they are."""
        if self.counts.ndim == 1:
            return self
        return replace(
            self,
            answer=batch.follow(self.answer, view, missing=0),
            kept=batch.follow(self.kept, view, missing=False),
            counts=batch.follow(self.counts, view, missing=False) & batch.shown[view],
        )

    def pasted(self, other: Said, boxes: Boxes) -> Said:
        """Return the same with the box of each sample taken from `other`; labels count without."""
        if self.counts.ndim == 1:
            is_whole = torch.from_numpy(~boxes.any(axis=1))
            is_whole = is_whole.to(self.counts.device, non_blocking=True)
            return replace(self, counts=self.counts & is_whole)
        return replace(
            self,
            answer=paste_boxes(self.answer, other.answer, boxes),
            kept=paste_boxes(self.kept, other.kept, boxes),
            counts=paste_boxes(self.counts, other.counts, boxes),
        )

    def flipped(self) -> Said:
        """Return the same of the samples in reversed order."""
        return replace(
            self,
            answer=self.answer.flip(0),
            kept=self.kept.flip(0),
            counts=self.counts.flip(0),
        )

    def learnt_by(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Return the cross-entropy of the sure answers over all that count, and their share."""
        return consistency(logits, Pseudo(self.answer, self.kept), self.kind, shown=self.counts)


def said_of(
    logits: Logits,
    batch: Batch,
    setting: Setting,
    *,
    threshold: float,
    mask_threshold: float | None,
) -> dict[str, Said]:
    """Return what the weak view of `batch` is taken to say, by task."""
    whole = torch.ones_like(batch.index, dtype=torch.bool)
    return {
        task: Said.of(
            logits[task],
            setting.kinds[task],
            threshold=threshold_of(task, threshold, mask_threshold),
            counts=batch.shown[WEAK] if task == "segment" else whole,
        )
        for task in setting.objective.tasks
    }


def judged_of(said: Mapping[str, Said], batch: Batch, setting: Setting) -> dict[str, Tensor]:
    """Return how many of the labels that `batch` is taken to have are right, as far as known."""
    labels = said.get("classify")
    return {} if labels is None else setting.judged(batch, labels.answer, labels.kept)


def two_strong(setting: Setting, options: ViewOptions) -> Stream:
    """Return the stream of unlabelled samples with one weak view and, of masks on top, `VIEWS`."""
    of = WEAK if "segment" in setting.objective.tasks else None
    views = (ViewSpec(name, options.strong, of=of) for name in VIEWS)
    return setting.unlabelled(options.ratio, (ViewSpec(WEAK, options.weak), *views))


def boxes_of(batch: Batch, step: Step, setting: Setting, probability: float) -> dict[str, Boxes]:
    """Return the boxes `(N, 4)` of each of `VIEWS`, its own; none where no masks are learnt."""
    probability = probability if "segment" in setting.objective.tasks else 0
    n, _, height, width = batch.views[STRONG].shape
    return {
        view: draw_boxes(n, (height, width), step.rng("cutmix", view), probability=probability)
        for view in VIEWS
    }


def halved(
    labelled: Mapping[str, Tensor],
    unlabelled: Mapping[str, Tensor],
    kept: Mapping[str, Tensor],
    *,
    weight: float,
) -> dict[str, Tensor]:
    """Return the losses of a step; "total" is ½ (labelled + weight · unlabelled).

    Args:
        labelled: what the objective returned.
        unlabelled: by task.
        kept: share of the answers that are sure, by task.
        weight: of the unlabelled losses (λ).
    """
    losses = dict(labelled)
    if len(unlabelled) > 1:
        for task, loss in unlabelled.items():
            losses |= {f"{task}/unlabelled": loss, f"{task}/kept": kept[task]}
    losses["labelled"] = losses["total"]
    losses["unlabelled"] = torch.stack(list(unlabelled.values())).sum()
    losses["kept"] = torch.stack(list(kept.values())).mean()
    losses["total"] = (losses["labelled"] + weight * losses["unlabelled"]) / 2
    return losses


def refuse_never_whole(setting: Setting, cutmix: float) -> None:
    """Raise RecipeError where every strong view gets a box, so that no label is learnt from one."""
    if cutmix == 1 and {"classify", "segment"} <= set(setting.objective.tasks):
        raise RecipeError(
            "with a box of another image in every strong view no label is learnt from one",
            where="method.cutmix",
            fix="write cutmix: 0.5, or loss: {segment: …}",
        )

"""UniMatch: strong images and disturbed features learn pseudo-masks (Yang et al. 2023, 2208.09910).

    L_s  = Σ 1[shown and confidence ≥ τ] · CE(z(strong), label of the weak view) / Σ 1[shown]
    L_fp = the same of the weak view, decoded from maps of which channels are dropped
    L    = ½ [objective(labelled) + λ (¼ L_s1 + ¼ L_s2 + ½ L_fp)]

Both strong views are drawn on top of the one weak view. Half of them get a box of another image,
each view its own: image, pseudo-mask, what is sure and what is shown are pasted together. That
other image comes from a second stream of unlabelled samples.

The weak view's labels are predicted by the student in training mode, in one forward with the
labelled images; those of the second stream in evaluation mode, which moves no statistics.

Binary and multilabel masks are the same with two classes for each output. A phase that learns
labels, too, learns them by the same formula with `threshold`, from strong views without a box. One
that learns labels alone has no boxes at all.

UniMatch V2 shares these views of weak predictions:

    weak = WeakPredictions.of(logits of the weak view, …)     pseudo-labels, and where they count
    weak = weak.lying_in(batch, view)                         the same as it lies in a strong view
    weak = weak.pasted(that of the others, boxes)             image, label, what counts: same box
    loss, kept = weak.consistency_loss(logits of the view)

    L_s = Σ 1[shown and confidence ≥ τ] · CE(z(strong), label) / Σ 1[shown]

Of labels, an image with a box of another has two: it counts neither among the confident ones nor
among all, so that labels learn from those strong views that got no box.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from podium.errors import RecipeError
from podium.models.network import Network
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, has_images, has_pixels, is_of_pixels
from podium.training.data.mixing import draw_boxes, paste_boxes
from podium.training.data.sampling import Batch, Stream, ViewSpec
from podium.training.inference.images import evaluation_mode
from podium.training.method import LABELLED, UNLABELLED, Method, PhaseSetting, Step
from podium.training.semi_supervised import (
    STRONG,
    WEAK,
    Logits,
    PseudoTargets,
    Ratio,
    Strong,
    ThresholdOptions,
    consistency,
    hard_labels,
    joint_logits,
    probabilities,
    refuse_values,
    threshold_of,
)

__all__ = ["METHOD", "VIEWS", "TwoStrong", "TwoStrongOptions"]


VIEWS = (STRONG, "strong2")

Boxes = NDArray[np.int64]


@dataclass(frozen=True)
class WeakPredictions:
    """Pseudo-labels of one task from the weak view, without gradient.

    Attributes:
        kind: of the task.
        answer: multiclass: int64 classes `(N, …)`; else float32 `(N, C, …)` of 0 and 1.
        kept: bool in the shape of `answer`: whether it is confident enough.
        counts: bool, `(N, H, W)` of masks, the pixels that are shown; `(N,)` of labels.
    """

    kind: Kind
    answer: Tensor
    kept: Tensor
    counts: Tensor

    @classmethod
    def of(cls, logits: Tensor, kind: Kind, *, threshold: float, counts: Tensor) -> WeakPredictions:
        """Return the hard labels of `logits` `(N, C, …)`, kept from confidence `threshold` on."""
        hard = hard_labels(probabilities(logits, kind), kind, threshold=threshold)
        return cls(kind, hard.answer, hard.kept, counts)

    def lying_in(self, batch: Batch, view: str) -> WeakPredictions:
        """Return the same as it lies in `view`, where both show it; labels are as they are."""
        if self.counts.ndim == 1:
            return self
        return replace(
            self,
            answer=batch.follow(self.answer, view, missing=0),
            kept=batch.follow(self.kept, view, missing=False),
            counts=batch.follow(self.counts, view, missing=False) & batch.shown[view],
        )

    def pasted(self, other: WeakPredictions, boxes: Boxes) -> WeakPredictions:
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

    def flipped(self) -> WeakPredictions:
        """Return the same of the samples in reversed order."""
        return replace(
            self,
            answer=self.answer.flip(0),
            kept=self.kept.flip(0),
            counts=self.counts.flip(0),
        )

    def consistency_loss(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Return the cross-entropy to the kept labels over all that count, and the kept share."""
        return consistency(
            logits, PseudoTargets(self.answer, self.kept), self.kind, shown=self.counts
        )


class TwoStrongOptions(ThresholdOptions):
    """Options of a method with two strong views; the paper's figures for Pascal VOC."""

    ratio: Ratio = 1
    strong: Strong = "photometric"
    cutmix: Annotated[float, Field(ge=0, le=1)] = 0.5
    """share of the strong views that get a box of another image, with its pseudo-mask"""


class TwoStrong(Method):
    """Learns the weak view's pseudo-labels from two strong views, of masks on top of it.

    Attributes:
        unlabelled: the stream of the samples with one weak view and `VIEWS`.

    Raises:
        RecipeError: every strong view gets a box, so that no label is learnt from one.
    """

    needs = (UNLABELLED, LABELLED)
    options: TwoStrongOptions
    network: Network

    def __init__(self, options: TwoStrongOptions, setting: PhaseSetting, name: str) -> None:
        super().__init__(options, setting)
        refuse_values(setting, name)
        tasks = setting.objective.tasks
        if options.cutmix == 1 and has_images(tasks) and has_pixels(tasks):
            raise RecipeError(
                "with a box of another image in every strong view no label is learnt from one",
                where="method.cutmix",
                fix="write cutmix: 0.5, or loss: {segment: …}",
            )
        of = WEAK if has_pixels(tasks) else None
        views = (ViewSpec(name, options.strong, of=of) for name in VIEWS)
        self.unlabelled = setting.unlabelled(options.ratio, (ViewSpec(WEAK, options.weak), *views))

    def predictions(self, logits: Logits, batch: Batch) -> dict[str, WeakPredictions]:
        """Return the pseudo-labels of the weak view of `batch`, by task."""
        whole, options = torch.ones_like(batch.index, dtype=torch.bool), self.options
        return {
            task: WeakPredictions.of(
                logits[task],
                self.setting.kinds[task],
                threshold=threshold_of(task, options.threshold, options.mask_threshold),
                counts=batch.shown[WEAK] if is_of_pixels(task) else whole,
            )
            for task in self.setting.objective.tasks
        }

    def boxes(self, batch: Batch, step: Step) -> dict[str, Boxes]:
        """Return the boxes `(N, 4)` of each of `VIEWS`, its own; none where no masks are learnt."""
        probability = self.options.cutmix if has_pixels(self.setting.objective.tasks) else 0
        n, _, height, width = batch.views[STRONG].shape
        return {
            view: draw_boxes(n, (height, width), step.rng("cutmix", view), probability=probability)
            for view in VIEWS
        }

    def halved_losses(
        self,
        labelled: Mapping[str, Tensor],
        batch: Batch,
        weak: Mapping[str, WeakPredictions],
        unlabelled: Mapping[str, Tensor],
        kept: Mapping[str, Tensor],
    ) -> dict[str, Tensor]:
        """Return the losses of a step; "total" is ½ (labelled + weight · unlabelled).

        Args:
            labelled: what the objective returned.
            batch: of the unlabelled samples.
            weak: their pseudo-labels by task.
            unlabelled: their loss by task.
            kept: share of the pseudo-labels that are confident, by task.
        """
        losses = dict(labelled)
        if labels := weak.get(IMAGES):
            losses |= self.setting.precision_sums(batch, labels.answer, labels.kept)
        if len(unlabelled) > 1:
            for task, loss in unlabelled.items():
                losses |= {f"{task}/unlabelled": loss, f"{task}/kept": kept[task]}
        losses["labelled"] = losses["total"]
        losses["unlabelled"] = torch.stack(list(unlabelled.values())).sum()
        losses["kept"] = torch.stack(list(kept.values())).mean()
        losses["total"] = (losses["labelled"] + self.options.weight * losses["unlabelled"]) / 2
        return losses


PARTNER = "partner"


class UniMatchOptions(TwoStrongOptions):
    """The options of `method: {name: unimatch}`."""

    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """share of the channels of every map of the weak view that are dropped"""


class UniMatch(TwoStrong):
    """Learns the weak view's pseudo-labels from two strong views, and from dropped features."""

    Options = UniMatchOptions
    options: UniMatchOptions

    def __init__(self, options: UniMatchOptions, setting: PhaseSetting) -> None:
        super().__init__(options, setting, "unimatch")
        self._streams = setting.labelled, self.unlabelled, replace(self.unlabelled, name=PARTNER)

    def streams(self, step: Step) -> tuple[Stream, ...]:
        return self._streams

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        labelled, own, partner = batches[LABELLED], batches[UNLABELLED], batches[PARTNER]
        images, targets = self.setting.mixed(labelled, step)
        # Before the student trains on the others, as in the authors' code.
        theirs = self.predictions(self._calm(partner.views[WEAK]), partner)
        labelled_logits, weak, disturbed = self._disturbed(images, own.views[WEAK], step)
        ours = self.predictions(weak, own)
        boxes = self.boxes(own, step)
        strong = joint_logits(
            self.network,
            [paste_boxes(own.views[one], partner.views[one], boxes[one]) for one in VIEWS],
            self.setting.objective.tasks,
        )
        unlabelled, kept = {}, {}
        for task, pseudo in ours.items():
            of_features, kept[task] = pseudo.consistency_loss(disturbed[task])
            of_views = []
            for view, logits in zip(VIEWS, strong, strict=True):
                other = theirs[task].lying_in(partner, view)
                pasted = pseudo.lying_in(own, view).pasted(other, boxes[view])
                of_views.append(pasted.consistency_loss(logits[task])[0])
            unlabelled[task] = (of_views[0] + of_views[1]) / 4 + of_features / 2
        losses = self.setting.objective(labelled_logits, targets, labelled.weight)
        return self.halved_losses(losses, own, ours, unlabelled, kept)

    def _calm(self, images: Tensor) -> Logits:
        """Return the student's logits in evaluation mode, without gradient."""
        with evaluation_mode(self.network), torch.no_grad():
            logits: Logits = self.network(images, self.setting.objective.tasks)
        return logits

    def _disturbed(
        self, labelled: Tensor, weak: Tensor, step: Step
    ) -> tuple[dict[str, Tensor], ...]:
        """Return the logits of labelled images, of weak views, and of these with dropped maps."""
        n, m = len(labelled), len(weak)
        rng = step.rng("dropout")
        features = self.network.features(torch.cat([labelled, weak])).map(
            lambda maps: torch.cat([maps, dropped(maps[n:], self.options.dropout, rng)])
        )
        logits = self.network.decode(features, self.setting.objective.tasks)
        parts = {task: torch.split(one, [n, m, m]) for task, one in logits.items()}
        return tuple({task: of[i] for task, of in parts.items()} for i in range(3))


def dropped(maps: Tensor, share: float, rng: np.random.Generator) -> Tensor:
    """Return `maps` `(N, F, h, w)` without a share of each sample's channels, the rest enlarged.

    Args:
        maps: of one level.
        share: of the channels, each dropped with this probability, in [0, 1).
        rng: of the step, so that a resumed run drops the same.
    """
    kept = rng.random(maps.shape[:2]) >= share
    factors = kept.astype(np.float32) / np.float32(1 - share)
    return maps * torch.from_numpy(factors)[..., None, None].to(maps, non_blocking=True)


METHOD = UniMatch

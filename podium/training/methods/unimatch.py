"""UniMatch: strong images and disturbed features learn pseudo-masks (Yang et al. 2023, 2208.09910).

    L_s  = Σ 1[shown and confidence ≥ τ] · CE(z(strong), answer of the weak view) / Σ 1[shown]
    L_fp = the same of the weak view, decoded from maps of which channels are dropped
    L    = ½ [objective(labelled) + λ (¼ L_s1 + ¼ L_s2 + ½ L_fp)]

Both strong views are drawn on top of the one weak view. Half of them get a box of another image,
each view its own: image, pseudo-mask, what is sure and what is shown are pasted together. That
other image comes from a second stream of unlabelled samples.

The weak view's answers are the student's in training mode: it is seen together with the labelled
images. Those of the second stream are the student's in evaluation mode, and move no statistics.

Binary and multilabel masks are the same with two classes for each output. A phase that learns
labels, too, learns them by the same formula with `threshold`, from strong views without a box. One
that learns labels alone has no boxes at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from podium.models.network import Network
from podium.training.evaluation import evaluating
from podium.training.method import (
    LABELLED,
    UNLABELLED,
    Batch,
    Method,
    Options,
    Pool,
    Setting,
    Step,
    Stream,
)
from podium.training.mixing import paste_boxes
from podium.training.pasted_views import (
    VIEWS,
    Said,
    boxes_of,
    halved,
    judged_of,
    refuse_never_whole,
    said_of,
    two_strong,
)
from podium.training.weak_strong import (
    WEAK,
    Logits,
    MaskThreshold,
    Ratio,
    Strong,
    Threshold,
    UnlabelledWeight,
    Weak,
    refuse_values,
    together,
)

__all__ = ["METHOD", "dropped"]

PARTNER = "partner"


class UniMatchOptions(Options):
    """The options of `method: {name: unimatch}`; the paper's figures for Pascal VOC."""

    ratio: Ratio = 1
    threshold: Threshold = 0.95
    mask_threshold: MaskThreshold = None
    weight: UnlabelledWeight = 1.0
    weak: Weak = "weak"
    strong: Strong = "photometric"
    cutmix: Annotated[float, Field(ge=0, le=1)] = 0.5
    """share of the strong views that get a box of another image, with its pseudo-mask"""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """share of the channels of every map of the weak view that are dropped"""


class UniMatch(Method):
    """Learns what a weak view says from two strong ones, and from features with holes."""

    Options = UniMatchOptions
    needs = (LABELLED, UNLABELLED)
    options: UniMatchOptions
    network: Network

    def __init__(self, options: UniMatchOptions, setting: Setting) -> None:
        super().__init__(options, setting)
        refuse_values(setting, "unimatch")
        refuse_never_whole(setting, options.cutmix)
        own = two_strong(setting, options)
        self._streams = (setting.labelled, own, replace(own, name=PARTNER))

    def epoch_steps(self, passes: Mapping[Pool, int]) -> int:
        return self.steps_of_pass(passes[UNLABELLED], self.options.ratio * self.setting.batch_size)

    def streams(self, step: Step) -> tuple[Stream, ...]:
        return self._streams

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        labelled, own, partner = batches[LABELLED], batches[UNLABELLED], batches[PARTNER]
        images, targets = self.setting.mixed(labelled, step)
        # Before the student trains on the others, as in the authors' code.
        theirs = self._said(self._calm(partner.views[WEAK]), partner)
        learnt, weak, disturbed = self._disturbed(images, own.views[WEAK], step)
        ours = self._said(weak, own)
        boxes = boxes_of(own, step, self.setting, self.options.cutmix)
        strong = together(
            self.network,
            [paste_boxes(own.views[one], partner.views[one], boxes[one]) for one in VIEWS],
            self.setting.objective.tasks,
        )
        unlabelled, kept = {}, {}
        for task, said in ours.items():
            of_features, kept[task] = said.learnt_by(disturbed[task])
            of_views = []
            for view, logits in zip(VIEWS, strong, strict=True):
                other = theirs[task].lying_in(partner, view)
                wanted = said.lying_in(own, view).pasted(other, boxes[view])
                of_views.append(wanted.learnt_by(logits[task])[0])
            unlabelled[task] = (of_views[0] + of_views[1]) / 4 + of_features / 2
        losses = self.setting.objective(learnt, targets, labelled.weight)
        losses |= judged_of(ours, own, self.setting)
        return halved(losses, unlabelled, kept, weight=self.options.weight)

    def _said(self, logits: Logits, batch: Batch) -> dict[str, Said]:
        return said_of(
            logits,
            batch,
            self.setting,
            threshold=self.options.threshold,
            mask_threshold=self.options.mask_threshold,
        )

    def _calm(self, images: Tensor) -> Logits:
        """Return the student's logits in evaluation mode, without gradient."""
        with evaluating(self.network), torch.no_grad():
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

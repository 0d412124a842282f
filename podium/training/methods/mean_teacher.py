"""Mean Teacher: a slow copy's predictions are the targets of another view (Tarvainen 2017).

    p_i = softmax(z(strong_i)),   q_i = softmax(z'(weak_i)), no gradient
    L_u = 1/(U C) · Σ_i Σ_c (p_ic − q_ic)²
    L   = objective(labelled) + λ · w(t) · L_u
    w(t) = exp(−5 (1 − min(t / T, 1))²)            t: steps so far, T: `warmup_share` of all steps
    after step k:  θ' ← d θ' + (1 − d) θ,   d = min(decay, (1 + k) / (10 + k))

No prediction is hardened and none is dropped, so a regression and multilabel learn as classes do: q
is σ(z') of a binary or multilabel task, and z' itself of a regression. Of masks U counts the pixels
that both views show; the strong view is drawn on top of the weak one.

The teacher z' trains as the student does, as in the paper: with dropout, and with a batch norm that
normalises by the batch and keeps running statistics of its own. It is the teacher that predicts.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from podium.tasks.protocols.names import is_of_pixels
from podium.training.fit.averaging import update_average, warmup_decay
from podium.training.inference.images import activate
from podium.training.losses._loss import safely
from podium.training.method import LABELLED, UNLABELLED, Batch, PhaseSetting, PoolSizes, Step
from podium.training.semi_supervised import (
    STRONG,
    WEAK,
    CutMix,
    ViewOptions,
    WeakStrong,
    joint_logits,
    paste_previous,
    shown_in_both,
)

__all__ = ["METHOD", "share_of_weight", "squared_error"]


class MeanTeacherOptions(ViewOptions):
    """The options of `method: {name: mean_teacher}`."""

    weight: Annotated[float, Field(ge=0)] = 50.0
    """of the unlabelled loss (λ), once it has risen; the paper has up to 100"""
    warmup_share: Annotated[float, Field(ge=0, le=1)] = 0.4
    """share of the phase's steps in which the weight rises (T)"""
    decay: Annotated[float, Field(ge=0, le=1)] = 0.999
    """of the teacher"""
    cutmix: CutMix = 0.0


class MeanTeacher(WeakStrong):
    """Learns from labelled samples, and from the predictions of the mean of its own weights."""

    Options = MeanTeacherOptions
    options: MeanTeacherOptions
    copies_network = True

    def __init__(self, options: MeanTeacherOptions, setting: PhaseSetting) -> None:
        super().__init__(options, setting, cutmix=options.cutmix)

    def build(self, network: nn.Module, sizes: PoolSizes) -> nn.Module:
        super().build(network, sizes)
        self._teacher = copy.deepcopy(network).requires_grad_(False).train()
        return self._teacher

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        labelled, unlabelled, setting = batches[LABELLED], batches[UNLABELLED], self.setting
        tasks = setting.objective.tasks
        images, targets = setting.mixed(labelled, step)
        boxes = self.boxes(unlabelled, step)
        strong = paste_previous(unlabelled.views[STRONG], boxes)
        with torch.no_grad():
            [taught] = joint_logits(self._teacher, (unlabelled.views[WEAK],), tasks)
        labelled_logits, strong_logits = joint_logits(self.network, (images, strong), tasks)
        losses = setting.objective(labelled_logits, targets, labelled.weight)
        found = []
        for task in tasks:
            kind = setting.kinds[task]
            outputs, target, shown = (
                activate(strong_logits[task], kind),
                activate(taught[task], kind),
                None,
            )
            if is_of_pixels(task):
                shown = paste_previous(shown_in_both(unlabelled), boxes)
                target = paste_previous(unlabelled.follow(target, STRONG, missing=0), boxes)
            found.append(squared_error(outputs, target, shown=shown))
            if len(tasks) > 1:
                losses[f"{task}/unlabelled"] = found[-1]
        losses["labelled"], losses["unlabelled"] = losses["total"], torch.stack(found).sum()
        risen = share_of_weight(step.index, self.options.warmup_share * step.total)
        weight = self.options.weight * risen
        losses["total"] = losses["labelled"] + weight * losses["unlabelled"]
        return losses

    def after_step(self, step: Step) -> None:
        decay = warmup_decay(self.options.decay, step.index)
        update_average(self._teacher, self.network, decay=decay, buffers="own")

    def evaluation_network(self) -> nn.Module:
        return self._teacher


def share_of_weight(index: int, length: float) -> float:
    """Return w at step `index`: e⁻⁵ at first, 1 from `length` steps on."""
    return 1.0 if index >= length else math.exp(-5 * (1 - index / length) ** 2)


def squared_error(outputs: Tensor, target: Tensor, *, shown: Tensor | None = None) -> Tensor:
    """Return the mean squared difference over samples and outputs; no gradient flows to `target`.

    Args:
        outputs, target: `(N, C)` or `(N, C, H, W)`, float32.
        shown: `(N, H, W)` bool, the pixels that count; None: all.
    """
    each = (outputs - target.detach()).square()
    if shown is None:
        return each.mean()
    return (each * shown.unsqueeze(1)).sum() / safely(shown.sum() * each.shape[1])


METHOD = MeanTeacher

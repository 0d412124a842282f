"""SoftMatch: every pseudo-label counts, by its confidence (Chen et al. 2023, 2301.10921).

    q̃  = aligned q (`DistributionAlignment`)              q_i = softmax(z(weak_i)), no gradient
    μ  ← m μ + (1 − m) · mean_i max_c q̃_ic
    σ² ← m σ² + (1 − m) · var_i max_c q̃_ic                 unbiased: divided by U − 1
    w_i = exp( −min(max_c q̃_ic − μ, 0)² · n² / (2 σ²) )                              (eq. 8)
    L_u = 1/U · Σ_i w_i · CE(z(strong_i), argmax_c q_ic)
    L   = objective(labelled) + λ · L_u

Above the mean every pseudo-label weighs 1. μ starts at 1/C and σ² at 1, so that in the beginning
all count, and both include the batch before its weights are made. Alignment, in the paper to
classes that are equally frequent, makes the weight alone: the pseudo-label is that of q.

A binary task, and each output of a multilabel one, is a task of its own with two classes: it has μ
and σ² of its own. Of masks the samples are the pixels that the weak view shows. Neither is aligned:
in none of them are all classes usually equally frequent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import is_of_images, is_of_pixels
from podium.training.losses._loss import safely
from podium.training.method import Batch, PhaseSetting, PoolSizes, Step
from podium.training.semi_supervised import (
    WEAK,
    Align,
    Forward,
    PseudoTargets,
    RunningDecay,
    StepLogits,
    UnlabelledWeight,
    ViewOptions,
    WeakStrong,
    build_alignment,
    by_question,
    check_alignment,
    hard_labels,
    learns_classes,
    probabilities,
    refuse_values,
    threshold_shape,
)

__all__ = ["METHOD", "ConfidenceGaussian"]

_SMALLEST = 1e-12  # variance; a batch may be of one mind


class SoftMatchOptions(ViewOptions):
    """The options of `method: {name: softmatch}`."""

    weight: UnlabelledWeight = 1.0
    n_sigma: Annotated[float, Field(gt=0)] = 2.0
    """how fast the weight falls below the mean confidence (n)"""
    decay: RunningDecay = 0.999
    align: Align | None = None
    """how frequent the classes are made for the weights, never for the pseudo-labels: as they are,
    all the same, or as among labelled samples; default: uniform of multiclass labels, else none"""
    forward: Forward = "joint"


class ConfidenceGaussian(nn.Module):
    """Running mean and variance of the confidence of predictions.

    Args:
        n_questions: of a task: 1 (multiclass), or one for each output.
        n_answers: classes of each.

    Attributes:
        mean: `(questions,)` float32 (μ).
        variance: `(questions,)` float32 (σ²).
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, n_questions: int, n_answers: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.full((n_questions,), 1 / n_answers))
        self.register_buffer("variance", torch.ones(n_questions))

    @torch.no_grad()
    def follow(self, confidence: Tensor, given: Tensor, *, decay: float) -> None:
        """Move towards a batch; fewer than two predictions have no variance.

        Args:
            confidence: `(N, questions, …)` float32.
            given: `(N, 1, …)` bool: which count.
            decay: share of the old values that stays.
        """
        over = [d for d in range(confidence.ndim) if d != 1]
        n = given.sum()
        mean = (confidence * given).sum(over) / safely(n)
        off = (confidence - _beside(mean, confidence)).square() * given
        variance = off.sum(over) / safely(n - 1)
        for kept, new in ((self.mean, mean), (self.variance, variance)):
            kept.copy_(torch.where(n > 1, kept.lerp(new, 1 - decay), kept))

    def weights(self, confidence: Tensor, n_sigma: float) -> Tensor:
        """Return the weight of each pseudo-label, in [0, 1], in the shape of `confidence`."""
        below = (confidence - _beside(self.mean, confidence)).clamp(max=0)
        variance = _beside(self.variance, confidence).clamp(min=_SMALLEST)
        return (-below.square() * n_sigma**2 / (2 * variance)).exp()


class SoftMatch(WeakStrong):
    """Learns from labelled samples, and from its own predictions weighted by their confidence."""

    Options = SoftMatchOptions
    options: SoftMatchOptions

    def __init__(self, options: SoftMatchOptions, setting: PhaseSetting) -> None:
        refuse_values(setting, "softmatch")
        super().__init__(options, setting, forward=options.forward)
        self._align: Align = "uniform" if learns_classes(setting) else "none"
        if options.align is not None:
            check_alignment(setting, options.align)
            self._align = options.align

    def build(self, network: nn.Module, sizes: PoolSizes) -> nn.Module:
        super().build(network, sizes)
        kinds, outputs = self.setting.kinds, self.setting.outputs
        self._spread = {
            task: ConfidenceGaussian(*threshold_shape(kinds[task], outputs[task]))
            for task in self.setting.objective.tasks
        }
        own: dict[str, nn.Module] = dict(self._spread)
        self._alignment = build_alignment(self.setting, self._align, decay=self.options.decay)
        if self._alignment is not None:
            own["alignment"] = self._alignment
        return nn.ModuleDict(own)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        outputs = self.run(batches, step)
        pseudo = {task: self._weighted(task, kind, outputs) for task, kind in outputs.tasks.items()}
        return outputs.losses(pseudo, weight=self.options.weight)

    def _weighted(self, task: str, kind: Kind, outputs: StepLogits) -> PseudoTargets:
        probs = probabilities(outputs.weak[task], kind)
        hard = hard_labels(probs, kind, threshold=0)
        sure = hard.confidence
        if is_of_images(task) and self._alignment is not None:
            known = probabilities(outputs.labelled_logits[task], kind)
            sure = self._alignment(probs, known).amax(dim=1)
        confidence = by_question(sure, kind)
        given = torch.ones_like(confidence[:, :1], dtype=torch.bool)
        if is_of_pixels(task):
            given = outputs.unlabelled.shown[WEAK].unsqueeze(1)
        spread = self._spread[task]
        spread.follow(confidence, given, decay=self.options.decay)
        weight = spread.weights(confidence, self.options.n_sigma)
        return PseudoTargets(hard.answer, weight.reshape(sure.shape))


def _beside(values: Tensor, confidence: Tensor) -> Tensor:
    """Return `values` `(questions,)` as they stand beside `(N, questions, …)`."""
    return values.reshape(-1, *[1] * (confidence.ndim - 2))


METHOD = SoftMatch

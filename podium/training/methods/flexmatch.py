"""FlexMatch: low thresholds for classes not learnt yet (Zhang et al. 2021, 2110.08263).

    s_i = the last label of sample i with q_ic ≥ τ, −1 before there is one           i: whole pool
    σ(c) = #{i: s_i = c}
    β(c) = σ(c) / max( max_c σ(c), #{i: s_i = −1} )
    τ(c) = τ · β(c) / (2 − β(c))
    L_u  = 1/U · Σ_i 1[max_c q_ic ≥ τ(argmax_c q_ic)] · CE(z(strong_i), argmax_c q_ic)
    L    = objective(labelled) + λ · L_u

q is the softmax of the weak view's logits, without gradient, and U counts all unlabelled samples of
the batch. A sample's stored label depends on the fixed τ, whether it counts on τ(c). A step first
computes τ(c) and then stores labels: in the first one all thresholds are 0, and every pseudo-label
counts, as in the paper. Without `warmup`, #{i: s_i = −1} is left out of β.

A binary task, and each output of a multilabel one, is a task of its own with two classes, no and
yes: it has stored labels, counts and thresholds of its own. Where no is usual, yes has a low
threshold, and so every yes counts; a no has to be confident.

With `align`, q is the aligned prediction (`DistributionAlignment`): for the stored label, for the
threshold, and for the pseudo-label.

No labels are stored of the pixels of masks, which are too many. Where a phase learns both labels
and masks, masks are learnt as FixMatch does, with the fixed threshold `mask_threshold`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.tasks.protocols.names import IMAGES, PIXELS, has_images, has_pixels
from podium.training.method import Batch, PhaseSetting, PoolSizes, Step
from podium.training.semi_supervised import (
    Align,
    Forward,
    PseudoTargets,
    RunningDecay,
    StepLogits,
    ThresholdOptions,
    WeakStrong,
    above_thresholds,
    build_alignment,
    by_question,
    check_alignment,
    hard_labels,
    probabilities,
    refuse_values,
    threshold_of,
    threshold_shape,
)

__all__ = ["METHOD", "LatestPseudoLabels"]

UNKNOWN = -1


class FlexMatchOptions(ThresholdOptions):
    """The options of `method: {name: flexmatch}`."""

    warmup: bool = True
    """whether thresholds stay low while most of the pool is unknown"""
    align: Align = "none"
    align_decay: RunningDecay = 0.999
    forward: Forward = "joint"


class LatestPseudoLabels(nn.Module):
    """The last confident label of every sample of a pool, and the number of samples of each class.

    Reading and writing take as long for a large pool as for a small one.

    Args:
        n_samples: of the pool.
        n_questions: labels of each sample.
        n_answers: classes of each label.

    Attributes:
        answers: `(n_samples · n_questions + 1,)`, int16 if that is enough: the labels, -1 for
            none. The last one is of no sample and always -1: what is not to be written goes there.
        counts: `(n_questions, 1 + n_answers)` int64: number of samples without a label, and with
            each class.
    """

    answers: Tensor
    counts: Tensor

    def __init__(self, n_samples: int, n_questions: int, n_answers: int) -> None:
        super().__init__()
        dtype = torch.int16 if n_answers <= torch.iinfo(torch.int16).max else torch.int32
        n = n_samples * n_questions
        self.register_buffer("answers", torch.full((n + 1,), UNKNOWN, dtype=dtype))
        counts = torch.zeros(n_questions, 1 + n_answers, dtype=torch.int64)
        counts[:, 0] = n_samples
        self.register_buffer("counts", counts)

    def thresholds(self, threshold: float, *, warmup: bool) -> Tensor:
        """Return the threshold of each class, float32 `(n_questions, n_answers)`.

        Args:
            threshold: of the class that is learnt best.
            warmup: whether samples without a label yet are counted, too.
        """
        unknown, known = self.counts[:, :1], self.counts[:, 1:]
        most = known.amax(dim=1, keepdim=True)
        if warmup:
            most = torch.maximum(most, unknown)
        share = known / most.clamp(min=1)
        return threshold * share / (2 - share)

    @torch.no_grad()
    def write(self, index: Tensor, answer: Tensor, sure: Tensor) -> None:
        """Store the labels that are confident; of several of one sample the last.

        Args:
            index: `(N,)` int64: samples of the pool, any of them more than once.
            answer: `(N, n_questions)`, integers.
            sure: `(N, n_questions)` bool.
        """
        n_questions, nowhere = len(self.counts), len(self.answers) - 1
        places = index.unsqueeze(1) * n_questions + torch.arange(n_questions, device=index.device)
        places, order = places.where(sure, nowhere).flatten().sort(stable=True)
        # Two writes to one place would leave either, and be counted twice: only the last is one.
        is_last = torch.ones_like(places, dtype=torch.bool)
        is_last[:-1] = places[1:] != places[:-1]
        places = places.where(is_last, nowhere)
        new = answer.flatten()[order].where(places < nowhere, UNKNOWN).to(self.answers.dtype)
        old = self.answers[places]
        self.answers[places] = new
        # Of what goes nowhere old and new are the same, which takes nothing from any count.
        of = (places % n_questions) * self.counts.shape[1] + 1
        counts, one = self.counts.view(-1), torch.ones_like(places)
        counts.scatter_add_(0, of + old, -one)
        counts.scatter_add_(0, of + new, one)


class FlexMatch(WeakStrong):
    """Learns from labelled samples, and from its own predictions that are sure for their class."""

    Options = FlexMatchOptions
    options: FlexMatchOptions

    def __init__(self, options: FlexMatchOptions, setting: PhaseSetting) -> None:
        refuse_values(setting, "flexmatch")
        if not has_images(setting.objective.tasks):
            raise RecipeError(
                "flexmatch stores a label of every image, and of masks it would be one "
                "about every pixel",
                where="method.name",
                fix="write method: {name: freematch}, or add classify to the phase's loss",
            )
        super().__init__(options, setting, forward=options.forward)
        check_alignment(setting, options.align)

    def build(self, network: nn.Module, sizes: PoolSizes) -> nn.Module:
        super().build(network, sizes)
        setting, options = self.setting, self.options
        kind, n_outputs = setting.kinds[IMAGES], setting.outputs[IMAGES]
        self._memory = LatestPseudoLabels(sizes.unlabelled, *threshold_shape(kind, n_outputs))
        own: dict[str, nn.Module] = {"memory": self._memory}
        self._alignment = build_alignment(setting, options.align, decay=options.align_decay)
        if self._alignment is not None:
            own["alignment"] = self._alignment
        return nn.ModuleDict(own)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        outputs, options = self.run(batches, step), self.options
        thresholds = self._memory.thresholds(options.threshold, warmup=options.warmup)
        pseudo = {IMAGES: self._labels(outputs, thresholds)}
        if has_pixels(outputs.tasks):
            kind = outputs.tasks[PIXELS]
            threshold = threshold_of(PIXELS, options.threshold, options.mask_threshold)
            probs = probabilities(outputs.weak[PIXELS], kind)
            pseudo[PIXELS] = PseudoTargets.sure(probs, kind, threshold=threshold)
        losses = outputs.losses(pseudo, weight=options.weight)
        return {**losses, f"{IMAGES}/threshold": thresholds.mean()}

    def _labels(self, outputs: StepLogits, thresholds: Tensor) -> PseudoTargets:
        """Return the pseudo-labels by `thresholds`, and remember those that are sure."""
        kind = outputs.tasks[IMAGES]
        probs = probabilities(outputs.weak[IMAGES], kind)
        if self._alignment is not None:
            probs = self._alignment(probs, probabilities(outputs.labelled_logits[IMAGES], kind))
        hard = hard_labels(probs, kind, threshold=self.options.threshold)
        answer, sure = (by_question(one, kind) for one in (hard.answer.long(), hard.kept))
        self._memory.write(outputs.unlabelled.index, answer, sure)
        return above_thresholds(hard, thresholds, kind)


METHOD = FlexMatch

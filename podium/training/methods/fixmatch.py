"""FixMatch: pseudo-labels of a weak view, learnt on a strong one (Sohn et al. 2020, 2001.07685).

    q_i = softmax(z(weak_i)), no gradient            kept_i = max_c q_ic ≥ τ
    L_u = 1/U · Σ_i kept_i · CE(z(strong_i), argmax_c q_ic)                          (eq. 4)
    L   = objective(labelled) + λ · L_u

U counts all unlabelled samples of the batch, kept or not: the loss is small while little is sure.
The pseudo-labels are the student's own; the averaged network of `ema_decay` only predicts. A binary
task, and each class of a multilabel one, is the same with two classes: q = (1 − σ(z), σ(z)).

Of masks every pixel is such a sample (Yang et al. 2023, 2208.09910, §3.1); `cutmix` pastes boxes of
other images with what is said of them. With both heads, each has its own L_u, and may have its own
τ.

`align` moves the q of multiclass labels to the classes that there are before they are asked, as
AdaMatch does (see `alignment.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from podium.training.alignment import Align, alignment_of, refuse_alignment
from podium.training.hardening import probabilities
from podium.training.method import (
    LABELLED,
    UNLABELLED,
    Batch,
    Method,
    Options,
    Pool,
    Setting,
    Sizes,
    Step,
    Stream,
)
from podium.training.weak_strong import (
    CutMix,
    Forward,
    MaskThreshold,
    Pseudo,
    Ratio,
    RunningDecay,
    Strong,
    Threshold,
    UnlabelledWeight,
    Weak,
    WeakStrong,
    refuse_values,
    threshold_of,
)

__all__ = ["METHOD"]


class FixMatchOptions(Options):
    """The options of `method: {name: fixmatch}`."""

    ratio: Ratio = 7
    threshold: Threshold = 0.95
    mask_threshold: MaskThreshold = None
    weight: UnlabelledWeight = 1.0
    weak: Weak = "weak"
    strong: Strong = "strong"
    forward: Forward = "joint"
    cutmix: CutMix = 0.0
    align: Align = "none"
    align_decay: RunningDecay = 0.999


class FixMatch(Method):
    """Learns from labelled samples, and from its own sure answers about the others."""

    Options = FixMatchOptions
    needs = (LABELLED, UNLABELLED)
    options: FixMatchOptions

    def __init__(self, options: FixMatchOptions, setting: Setting) -> None:
        super().__init__(options, setting)
        refuse_values(setting, "fixmatch")
        self._views = WeakStrong(setting, options, forward=options.forward, cutmix=options.cutmix)
        refuse_alignment(setting, options.align)

    def build(self, network: nn.Module, sizes: Sizes) -> nn.Module:
        super().build(network, sizes)
        options = self.options
        self._alignment = alignment_of(self.setting, options.align, decay=options.align_decay)
        return nn.Module() if self._alignment is None else self._alignment

    def epoch_steps(self, passes: Mapping[Pool, int]) -> int:
        return self.steps_of_pass(*self._views.epoch_length(passes))

    def streams(self, step: Step) -> tuple[Stream, ...]:
        return self._views.streams

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        seen = self._views.see(self.network, batches, step)
        pseudo = {}
        for task, kind in seen.tasks.items():
            threshold = threshold_of(task, self.options.threshold, self.options.mask_threshold)
            probs = probabilities(seen.weak[task], kind)
            if task == "classify" and self._alignment is not None:
                probs = self._alignment(probs, probabilities(seen.learnt[task], kind))
            pseudo[task] = Pseudo.sure(probs, kind, threshold=threshold)
        return seen.losses(pseudo, weight=self.options.weight)


METHOD = FixMatch

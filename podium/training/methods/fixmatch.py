"""FixMatch: pseudo-labels of a weak view, learnt on a strong one (Sohn et al. 2020, 2001.07685).

    q_i = softmax(z(weak_i)), no gradient            kept_i = max_c q_ic ≥ τ
    L_u = 1/U · Σ_i kept_i · CE(z(strong_i), argmax_c q_ic)                          (eq. 4)
    L   = objective(labelled) + λ · L_u

U counts all unlabelled samples of the batch, kept or not: the loss is small while little is sure.
The pseudo-labels are the student's own; the averaged network of `ema_decay` only predicts. A binary
task, and each class of a multilabel one, is the same with two classes: q = (1 − σ(z), σ(z)).

Of masks every pixel is such a sample (Yang et al. 2023, 2208.09910, §3.1); `cutmix` pastes boxes of
other images with their pseudo-labels. With both heads, each has its own L_u, and may have its own
τ.

Two options are AdaMatch's (Berthelot et al. 2021, 2106.04732, §3.2), of multiclass labels only.
`align` moves q to the frequencies of the classes before the threshold (`DistributionAlignment`),
and with `relative_threshold` a pseudo-label has to be as confident as the predictions for the B
labelled images of the batch, in their training views, times τ:

    kept_i = max_c q_ic ≥ τ · 1/B · Σ_b max_c softmax(z(x_b))_c
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from podium.errors import RecipeError
from podium.tasks.protocols.names import is_of_images
from podium.training.method import Batch, PhaseSetting, PoolSizes, Step
from podium.training.semi_supervised import (
    Align,
    CutMix,
    Forward,
    PseudoTargets,
    RunningDecay,
    StepLogits,
    ThresholdOptions,
    WeakStrong,
    build_alignment,
    check_alignment,
    probabilities,
    refuse_other_labels,
    refuse_values,
    threshold_of,
)

__all__ = ["METHOD"]


class FixMatchOptions(ThresholdOptions):
    """The options of `method: {name: fixmatch}`."""

    forward: Forward = "joint"
    cutmix: CutMix = 0.0
    relative_threshold: bool = False
    """whether τ is a share of the mean confidence in the batch's labelled images, for networks that
    are sure of little; multiclass labels only"""
    align: Align = "none"
    align_decay: RunningDecay = 0.999


class FixMatch(WeakStrong):
    """Learns from labelled samples, and from its own confident predictions for the others."""

    Options = FixMatchOptions
    options: FixMatchOptions

    def __init__(self, options: FixMatchOptions, setting: PhaseSetting) -> None:
        refuse_values(setting, "fixmatch")
        super().__init__(options, setting, forward=options.forward, cutmix=options.cutmix)
        check_alignment(setting, options.align)
        if options.relative_threshold:
            _refuse_relative(setting)

    def build(self, network: nn.Module, sizes: PoolSizes) -> nn.Module:
        super().build(network, sizes)
        options = self.options
        self._alignment = build_alignment(self.setting, options.align, decay=options.align_decay)
        return nn.Module() if self._alignment is None else self._alignment

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        outputs = self.run(batches, step)
        pseudo, found = {}, {}
        for task, kind in outputs.tasks.items():
            threshold = self._threshold(task, outputs)
            pseudo[task] = PseudoTargets.sure(self._probs(task, outputs), kind, threshold=threshold)
            if isinstance(threshold, Tensor):
                found[f"{task}/threshold"] = threshold
        return outputs.losses(pseudo, weight=self.options.weight) | found

    def _probs(self, task: str, outputs: StepLogits) -> Tensor:
        """Return the probabilities of the weak views; of labels, as they are aligned."""
        kind = outputs.tasks[task]
        probs = probabilities(outputs.weak[task], kind)
        if is_of_images(task) and self._alignment is not None:
            probs = self._alignment(probs, probabilities(outputs.labelled_logits[task], kind))
        return probs

    def _threshold(self, task: str, outputs: StepLogits) -> float | Tensor:
        threshold = threshold_of(task, self.options.threshold, self.options.mask_threshold)
        if is_of_images(task) and self.options.relative_threshold:
            known = probabilities(outputs.labelled_logits[task], outputs.tasks[task])
            return threshold * known.amax(dim=1).mean()
        return threshold


def _refuse_relative(setting: PhaseSetting) -> None:
    """Raise RecipeError where the confidence in labelled images is not there, or means little."""
    refuse_other_labels(setting, "relative_threshold")
    if setting.mix.probability > 0 and (setting.mix.mixup > 0 or setting.mix.cutmix > 0):
        raise RecipeError(
            "a relative threshold is the network's confidence in labelled images, and of mixed "
            "ones it has to be low",
            where="method.relative_threshold",
            fix="write mix: {} in the phase, or leave relative_threshold out",
        )


METHOD = FixMatch

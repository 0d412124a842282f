"""FreeMatch: thresholds from the running confidence of each class (Wang et al. 2023, 2205.07246).

    τ  ← m τ + (1 − m) · 1/U Σ_i max_c q_ic
    p̃  ← m p̃ + (1 − m) · 1/U Σ_i q_i
    h̃  ← m h̃ + (1 − m) · hist_i(argmax_c q_ic) / U
    τ(c) = τ · p̃(c) / max_c p̃(c)
    kept_i = max_c q_ic ≥ τ(argmax_c q_ic)
    L_u = 1/U · Σ_i kept_i · CE(z(strong_i), argmax_c q_ic)
    L_f = Σ_c a_c log b_c,  a = Norm(p̃ / h̃),  b = Norm(p̄ / h̄)
    L   = objective(labelled) + λ · L_u + λ_f · L_f

q is the softmax of the weak view's logits, without gradient, and U counts all unlabelled samples of
the batch. τ, p̃ and h̃ start at 1/C and include the batch before its thresholds are made. With
`clip` τ is clipped after it has moved, and moves on from there. p̄ is the mean softmax of the strong
views of the kept samples, h̄ the shares of their argmax; only p̄ has a gradient. L_f is minimised:
the cross-entropy of b to a grows, and the predictions for a batch move away from the running mean.
1/0 is 0, and a class that no kept strong view predicts has no term: its b is 0 whatever the weights
do. Where nothing is kept, L_f is 0.

A binary task, and each output of a multilabel one, is a task of its own with two classes, no and
yes, q = (1 − σ(z), σ(z)): it has its own τ, p̃ and h̃, and L_f is the mean of the outputs'. Where
no is usual, yes has a low threshold, and so every yes counts; a no needs the usual confidence.

Of masks the samples are the pixels that the weak view shows. Labels and masks have statistics and
thresholds of their own. Masks have no L_f: the pixels of a batch are those of a few images, mostly
of one class by nature, and to be pushed off that is to be pushed off the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, has_images, is_of_pixels
from podium.training.losses._loss import safely
from podium.training.method import Batch, PhaseSetting, PoolSizes, Step
from podium.training.semi_supervised import (
    WEAK,
    Forward,
    HardLabels,
    RunningDecay,
    UnlabelledWeight,
    ViewOptions,
    WeakStrong,
    above_thresholds,
    by_question,
    hard_labels,
    probabilities,
    refuse_values,
    threshold_shape,
)

__all__ = ["METHOD", "AdaptiveThresholds", "fairness"]

Share = Annotated[float, Field(ge=0, le=1)]


class FreeMatchOptions(ViewOptions):
    """The options of `method: {name: freematch}`."""

    weight: UnlabelledWeight = 1.0
    fairness_weight: Annotated[float, Field(ge=0)] = 0.001
    """of the term for diversity (λ_f); labels only"""
    decay: RunningDecay = 0.999
    quantile: Share | None = None
    """τ follows this quantile of the confidences, such as 0.8; left out: their mean"""
    clip: tuple[Share, Share] | None = None
    """lowest and highest τ, before it is lowered for a class; the mean goes on from the clipped
    value. The paper has [0.9, 0.95] for SVHN"""
    forward: Forward = "joint"

    @model_validator(mode="after")
    def _clip_is_a_range(self) -> Self:
        if self.clip is not None and self.clip[0] > self.clip[1]:
            raise ValueError("clip: the lowest threshold is above the highest")
        return self


class AdaptiveThresholds(nn.Module):
    """Running means of a task's confidence, probabilities and predicted classes.

    Args:
        kind: of the task.
        n_outputs: of the task.

    Attributes:
        level: `(questions,)` float32: the confidence (τ).
        mean_probs: `(questions, answers)` float32: the mean probabilities (p̃).
        chosen: `(questions, answers)` float32: the shares of the likeliest classes (h̃).
    """

    level: Tensor
    mean_probs: Tensor
    chosen: Tensor

    def __init__(self, kind: Kind, n_outputs: int) -> None:
        super().__init__()
        self._kind = kind
        shape = threshold_shape(kind, n_outputs)
        self.register_buffer("level", torch.full(shape[:1], 1 / shape[1]))
        self.register_buffer("mean_probs", torch.full(shape, 1 / shape[1]))
        self.register_buffer("chosen", torch.full(shape, 1 / shape[1]))

    @torch.no_grad()
    def follow(
        self,
        probs: Tensor,
        hard: HardLabels,
        *,
        decay: float,
        quantile: float | None = None,
        clip: tuple[float, float] | None = None,
        shown: Tensor | None = None,
    ) -> None:
        """Move the means towards a batch; one that shows nothing leaves them.

        Args:
            probs: `(N, C, …)` float32.
            hard: the hard labels of `probs`; which of them are kept does not matter.
            decay: share of the old means that stays.
            quantile: of the confidences, in the place of their mean.
            clip: lowest and highest τ; the mean goes on from there.
            shown: `(N, …)` bool, the pixels of masks that count; None: all.
        """
        if shown is None:
            shown = torch.ones_like(probs[:, 0], dtype=torch.bool)
        given = shown.unsqueeze(1)  # (N, 1, …)
        sums_of = [d for d in range(probs.ndim) if d != 1]
        n = given.sum()
        n_given = safely(n)
        mean_probs = (probs * given).sum(sums_of) / n_given
        if self._kind.is_exclusive:
            counts = torch.zeros_like(mean_probs, dtype=torch.int64)
            counts.scatter_add_(0, hard.answer.flatten(), shown.flatten().long())
            mean_probs, chosen = mean_probs.unsqueeze(0), (counts / n_given).unsqueeze(0)
        else:
            yes = (hard.answer * given).sum(sums_of) / n_given
            mean_probs, chosen = (
                torch.stack([1 - mean_probs, mean_probs], 1),
                torch.stack([1 - yes, yes], 1),
            )
        sure = by_question(hard.confidence, self._kind)
        if quantile is None:
            level = (sure * given).sum(sums_of) / n_given
        else:
            level = _quantile(sure, given, quantile)
        for mean, new in (
            (self.level, level),
            (self.mean_probs, mean_probs),
            (self.chosen, chosen),
        ):
            moved = mean.lerp(new, 1 - decay)
            if clip is not None and mean is self.level:
                moved = moved.clamp(*clip)
            mean.copy_(torch.where(n > 0, moved, mean))

    def thresholds(self) -> Tensor:
        """Return the threshold of each class `(questions, answers)`."""
        return self.level.unsqueeze(1) * self.mean_probs / self.mean_probs.amax(dim=1, keepdim=True)


class FreeMatch(WeakStrong):
    """Learns from labelled samples, and from its own predictions of at least usual confidence."""

    Options = FreeMatchOptions
    options: FreeMatchOptions

    def __init__(self, options: FreeMatchOptions, setting: PhaseSetting) -> None:
        refuse_values(setting, "freematch")
        super().__init__(options, setting, forward=options.forward)

    def build(self, network: nn.Module, sizes: PoolSizes) -> nn.Module:
        super().build(network, sizes)
        kinds, outputs = self.setting.kinds, self.setting.outputs
        self._confidence = {
            task: AdaptiveThresholds(kinds[task], outputs[task])
            for task in self.setting.objective.tasks
        }
        return nn.ModuleDict(self._confidence)

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        outputs, options = self.run(batches, step), self.options
        pseudo, found = {}, {}
        for task, kind in outputs.tasks.items():
            probs = probabilities(outputs.weak[task], kind)
            shown = outputs.unlabelled.shown[WEAK] if is_of_pixels(task) else None
            hard, usual = hard_labels(probs, kind, threshold=0), self._confidence[task]
            usual.follow(
                probs,
                hard,
                decay=options.decay,
                quantile=options.quantile,
                clip=options.clip,
                shown=shown,
            )
            thresholds = usual.thresholds()
            pseudo[task] = above_thresholds(hard, thresholds, kind)
            found[f"{task}/threshold"] = thresholds.mean()
        losses = outputs.losses(pseudo, weight=options.weight) | found
        if has_images(outputs.tasks):
            kind, usual = outputs.tasks[IMAGES], self._confidence[IMAGES]
            kept, logits = pseudo[IMAGES].weight, outputs.strong[IMAGES]
            losses["fairness"] = fairness(logits, kept, usual.mean_probs, usual.chosen, kind)
            losses["total"] = losses["total"] + options.fairness_weight * losses["fairness"]
        return losses


def fairness(
    logits: Tensor, kept: Tensor, mean_probs: Tensor, chosen: Tensor, kind: Kind
) -> Tensor:
    """Return Σ a log b, the mean over the outputs; to be minimised.

    Args:
        logits: of the strong views of labels, `(N, C)`; takes the gradient.
        kept: which pseudo-labels count, bool: `(N,)` of a multiclass task, else `(N, C)`.
        mean_probs: p̃ `(questions, answers)`.
        chosen: h̃, in the shape of `mean_probs`.
        kind: of the task.
    """
    logits, kept = logits.float(), by_question(kept, kind)
    if kind.is_exclusive:
        probs = logits.softmax(dim=1).unsqueeze(1)
    else:
        probs = torch.stack([(-logits).sigmoid(), logits.sigmoid()], dim=2)
    # (N, questions, answers); sums under a mask, as a selection would wait for the device.
    mean = (probs * kept.unsqueeze(2)).sum(dim=0)
    likeliest = probs.argmax(dim=2, keepdim=True) == torch.arange(
        mean_probs.shape[1], device=mean_probs.device
    )
    counts = (likeliest & kept.unsqueeze(2)).sum(dim=0)
    # The numbers of what is kept, by which both are divided, cancel in b.
    a = _normed(mean_probs.detach() / chosen.where(chosen > 0, torch.inf))
    b = _normed(mean / counts.where(counts > 0, torch.inf))
    return (a * b.where(counts > 0, 1).log()).sum(dim=1).mean()


def _normed(values: Tensor) -> Tensor:
    """Return `(questions, answers)` in rows of 1; rows of 0 stay."""
    return values / safely(values.sum(dim=1, keepdim=True))


def _quantile(values: Tensor, given: Tensor, share: float) -> Tensor:
    """Return the quantile of each column of `values` `(N, Q, …)` where `given` `(N, 1, …)`: `(Q,)`.

    torch.quantile takes no more than 16 million values, and masks have more pixels.
    """
    rows = values.masked_fill(~given, torch.inf).movedim(1, 0).flatten(1).sort(dim=1).values
    last = (given.sum() - 1).clamp(min=0)
    place = share * last
    low = place.floor().long().clamp(max=last)
    high = (low + 1).clamp(max=last)
    below, above = (rows.index_select(1, one.reshape(1)).squeeze(1) for one in (low, high))
    return below.lerp(above, (place - low).to(below.dtype))


METHOD = FreeMatch

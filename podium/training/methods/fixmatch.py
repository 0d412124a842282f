"""FixMatch: pseudo-labels of a weak view, learnt on a strong one (Sohn et al. 2020, 2001.07685).

    q_i = softmax(z(weak_i)), no gradient            kept_i = max_c q_ic ≥ τ
    L_u = 1/U · Σ_i kept_i · CE(z(strong_i), argmax_c q_ic)                          (eq. 4)
    L   = objective(labelled) + λ · L_u

U counts all unlabelled samples of the batch, kept or not: the loss is small while little is sure.
The pseudo-labels are the student's own; the averaged network of `ema_decay` only predicts. A binary
task, and each class of a multilabel one, is the same with two classes: q = (1 − σ(z), σ(z)).

Of masks every pixel is such a sample (Yang et al. 2023, 2208.09910, §3.1). The strong view is then
drawn on top of the weak one, so that the pseudo-mask follows its geometry, and U counts the pixels
that both views show, so neither filled borders nor holes. With both heads, each has its own L_u.

In joint form one forward sees labelled, weak and strong images, and batch norm their mixture, as in
the paper. In split form the weak ones go before, without gradient: faster, other statistics.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from podium.competition.spec import TaskKind
from podium.errors import RecipeError
from podium.training.hardening import harden, probabilities
from podium.training.losses._loss import safely
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
    ViewSpec,
)

__all__ = ["METHOD", "consistency", "pseudo_label"]

WEAK, STRONG = "weak", "strong"

Logits = Mapping[str, Tensor]


class FixMatchOptions(Options):
    """The options of `method: {name: fixmatch}`."""

    ratio: Annotated[int, Field(ge=1)] = 7
    """unlabelled samples for each labelled one (μ)"""
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.95
    """confidence from which a pseudo-label counts (τ)"""
    weight: Annotated[float, Field(ge=0)] = 1.0
    """of the unlabelled loss (λ)"""
    weak: str = "weak"
    """policy of the view that pseudo-labels are of"""
    strong: str = "strong"
    """policy of the view that learns them; of masks, on top of the weak one"""
    forward: Literal["joint", "split"] = "joint"
    """split: weak views apart and without gradient; faster, but batch norm sees other mixtures"""


class FixMatch(Method):
    """Learns from labelled samples, and from its own sure answers about the others."""

    Options = FixMatchOptions
    needs = (LABELLED, UNLABELLED)
    options: FixMatchOptions

    def __init__(self, options: FixMatchOptions, setting: Setting) -> None:
        super().__init__(options, setting)
        _refuse_values(setting)
        # A label belongs to the image, whatever is seen of it; a mask belongs to the pixels.
        of = WEAK if "segment" in setting.objective.tasks else None
        views = (ViewSpec(WEAK, options.weak), ViewSpec(STRONG, options.strong, of=of))
        self._streams = (setting.labelled, setting.unlabelled(options.ratio, views))

    def epoch_steps(self, passes: Mapping[Pool, int]) -> int:
        return self.steps_of_pass(passes[UNLABELLED], self.options.ratio * self.setting.batch_size)

    def streams(self, step: Step) -> tuple[Stream, ...]:
        return self._streams

    def losses(self, batches: Mapping[str, Batch], step: Step) -> dict[str, Tensor]:
        labelled, unlabelled, setting = batches[LABELLED], batches[UNLABELLED], self.setting
        images, targets = setting.mixed(labelled, step)
        forward = self._joint if self.options.forward == "joint" else self._split
        logits, weak, strong = forward(images, unlabelled.views[WEAK], unlabelled.views[STRONG])
        losses = setting.objective(logits, targets, labelled.weight)
        losses["labelled"] = losses["total"]
        losses |= self._unlabelled(weak, strong, unlabelled)
        losses["total"] = losses["labelled"] + self.options.weight * losses["unlabelled"]
        return losses

    def _joint(self, *images: Tensor) -> list[Logits]:
        """Return the logits of each of `images`, which batch norm sees as one batch."""
        logits = self.network(torch.cat(images), self.setting.objective.tasks)
        parts = {task: one.split([len(each) for each in images]) for task, one in logits.items()}
        return [{task: of[i] for task, of in parts.items()} for i in range(len(images))]

    def _split(self, images: Tensor, weak: Tensor, strong: Tensor) -> list[Logits]:
        with torch.no_grad():
            [sure] = self._joint(weak)
        learnt, seen = self._joint(images, strong)
        return [learnt, sure, seen]

    def _unlabelled(self, weak: Logits, strong: Logits, batch: Batch) -> dict[str, Tensor]:
        """Return the unlabelled loss, the share kept, and both by task where there are two."""
        found = {
            task: self._of_task(task, weak[task], strong[task], batch)
            for task in sorted(self.setting.objective.tasks)
        }
        named: dict[str, Tensor] = {}
        if len(found) > 1:
            for task, (loss, kept) in found.items():
                named |= {f"{task}/unlabelled": loss, f"{task}/kept": kept}
        losses, shares = (torch.stack(one) for one in zip(*found.values(), strict=True))
        return {**named, "unlabelled": losses.sum(), "kept": shares.mean()}

    def _of_task(
        self, task: str, weak: Tensor, strong: Tensor, batch: Batch
    ) -> tuple[Tensor, Tensor]:
        kind = self.setting.kinds[task]
        label, kept = pseudo_label(weak, kind, self.options.threshold)
        if task != "segment":
            return consistency(strong, label, kept, kind)
        # Where the strong view shows nothing of the weak one, no label counts: any would do.
        shown = batch.follow(batch.shown[WEAK], STRONG, missing=False) & batch.shown[STRONG]
        label, kept = (batch.follow(one, STRONG, missing=0) for one in (label, kept))
        return consistency(strong, label, kept, kind, shown=shown)


def pseudo_label(logits: Tensor, kind: TaskKind, threshold: float) -> tuple[Tensor, Tensor]:
    """Return what `logits` are taken to say, without gradient, and where they are sure of it.

    Args:
        logits: `(N, C)` of labels, `(N, C, H, W)` of masks, in any precision.
        kind: "multiclass": the axis C is one answer; else every number is an answer by itself.
        threshold: least confidence of an answer that is kept, in [0, 1].

    Returns:
        Labels and a bool mask, both without the axis C for a multiclass task, else as the logits;
        the labels are int64 classes, or float32 zeros and ones.
    """
    hard = harden(probabilities(logits, kind), kind, threshold=threshold)
    return hard.answer, hard.kept


def consistency(
    logits: Tensor, label: Tensor, kept: Tensor, kind: TaskKind, *, shown: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the cross-entropy of the kept pseudo-labels over all answers, and the share kept.

    Args:
        logits: of the strong view, `(N, C)` or `(N, C, H, W)`.
        label, kept: as `pseudo_label` returns them, in the geometry of `logits`.
        kind: kind of the task.
        shown: `(N, H, W)` bool, the pixels that count; None counts every answer.
    """
    if kind == "multiclass":
        each = F.cross_entropy(logits.float(), label, reduction="none")
    else:
        each = F.binary_cross_entropy_with_logits(logits.float(), label, reduction="none")
    if shown is None:
        return (each * kept).mean(), kept.float().mean()
    counted = (shown if kind == "multiclass" else shown.unsqueeze(1)).expand_as(each)
    kept, n = kept & counted, safely(counted.sum())
    # Divided by all that is shown, not by what is kept: little weight while little is sure.
    return (each * kept).sum() / n, kept.sum() / n


def _refuse_values(setting: Setting) -> None:
    """Raise for a task whose answers have no confidence."""
    for task in sorted(setting.objective.tasks):
        if setting.kinds[task] == "regression":
            raise RecipeError(
                f"fixmatch learns what it is sure of, and {task} is a regression, which has no "
                "confidence",
                where="method.name",
                fix="write method: {name: supervised}",
            )


METHOD = FixMatch

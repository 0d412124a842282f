"""Semi-supervised learning by weak and strong views: shared parts of FixMatch and its relatives.

    outputs = self.run(batches, step)                 logits of labelled, weak and strong images
    pseudo = {task: PseudoTargets(answer, weight) …}  the pseudo-labels of the weak ones
    return outputs.losses(pseudo, weight=λ)           in the `losses` of a `WeakStrong` method

    L_u = 1/U · Σ_i weight_i · CE(z(strong_i), answer_i)       U: all answers, whatever they weigh

Methods differ in `PseudoTargets`: in which pseudo-labels count, and how much. Of masks every pixel
is a sample of its own: the strong view is drawn on top of the weak one, so that a pseudo-mask
follows its geometry, and U counts the pixels that both views show.

In joint form one forward takes labelled, weak and strong images, and batch norm their mixture, as
in the papers. In split form the weak ones go before, without gradient: faster, other statistics.

Hard labels of probabilities; labels and the pixels of masks are alike:

    multiclass           answer = argmax_c p_c    confidence = max_c p_c
    binary, multilabel   answer = 1[p ≥ 1/2]      confidence = max(p, 1 − p), of each output alone

A pseudo-label counts where its confidence ≥ threshold. Thresholds that differ between classes are
`(questions, answers)`: a multiclass task is one question with C answers, a binary or multilabel one
is two answers, no and yes, of each of its C outputs.

Distribution alignment moves predictions for unlabelled samples towards the frequencies of classes:

    ū ← m ū + (1 − m) · mean_i q_i                          of the unlabelled samples of a batch
    l̄ ← m l̄ + (1 − m) · mean_b softmax(z(x_b))              of the labelled ones
    q̃_i = Norm(q_i · r / ū),   r = 1/C (uniform) or l̄ (labelled),   Norm(v) = v / Σ v

ReMixMatch (Berthelot et al. 2020, 1911.09785, §3.1) divides by the mean of late predictions,
AdaMatch (Berthelot et al. 2021, 2106.04732, §3.2) multiplies by the mean of labelled samples. Both
means start at 1/C, and include the batch before they are used. A row that has nothing in common
with l̄ stays as it is. Where a recipe mixes labelled images (`mix:`), l̄ is of the mixed ones, which
AdaMatch does not have: the labels of a mixed batch have the mean of its own, and only a mean is
needed here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from podium.errors import RecipeError
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, has_images, has_pixels, is_of_pixels
from podium.training.data.mixing import draw_boxes, paste_boxes
from podium.training.inference.images import activate
from podium.training.losses._loss import safely
from podium.training.method import (
    LABELLED,
    UNLABELLED,
    Batch,
    Method,
    Options,
    PhaseSetting,
    Step,
    Stream,
    ViewSpec,
)

__all__ = [
    "STRONG",
    "WEAK",
    "Align",
    "CutMix",
    "DistributionAlignment",
    "Forward",
    "HardLabels",
    "Logits",
    "MaskThreshold",
    "PseudoTargets",
    "Ratio",
    "RunningDecay",
    "StepLogits",
    "Strong",
    "Threshold",
    "ThresholdOptions",
    "UnlabelledWeight",
    "ViewOptions",
    "WeakStrong",
    "above_thresholds",
    "build_alignment",
    "by_question",
    "check_alignment",
    "consistency",
    "hard_labels",
    "joint_logits",
    "learns_classes",
    "paste_previous",
    "probabilities",
    "refuse_other_labels",
    "refuse_values",
    "shown_in_both",
    "threshold_of",
    "threshold_shape",
]


@dataclass(frozen=True)
class HardLabels:
    """Hard labels; without gradient.

    Attributes:
        answer: whether it counts or not; multiclass: int64 `(N, …)`; else float32 `(N, C, …)` of 0
            and 1.
        confidence: float32 in the shape of `answer`; nan where the probabilities are unknown.
        kept: bool in the shape of `answer`: whether the label counts.
        eligible: bool in the shape of `answer`: whether it could count: known and shown.
        missing: value of a missing target in losses: -1, or nan.
    """

    answer: Tensor
    confidence: Tensor
    kept: Tensor
    eligible: Tensor
    missing: float

    @property
    def target(self) -> Tensor:
        """The labels as targets of losses: missing where they do not count."""
        return self.answer.masked_fill(~self.kept, self.missing)

    @property
    def share(self) -> Tensor:
        """The share of the labels that count, among all that could; 0 where none could."""
        n = self.eligible.sum()
        return self.kept.sum() / n.clamp(min=1)


def probabilities(logits: Tensor, kind: Kind) -> Tensor:
    """Return the probabilities of `logits` `(N, C, …)`, in float32 and without gradient.

    In half precision the confidences near 1 are as far apart as thresholds are: bfloat16 has no
    number between 0.949 and 0.953.
    """
    return activate(logits.detach(), kind)


def hard_labels(
    probs: Tensor,
    kind: Kind,
    *,
    threshold: float | Tensor,
    shown: Tensor | None = None,
) -> HardLabels:
    """Return the hard labels of `probs`.

    Args:
        probs: `(N, C, …)` in [0, 1], float32; nan where unknown.
        kind: of the task: multiclass, binary or multilabel.
        threshold: lowest confidence that counts, in [0, 1]; a tensor of one number where it is
            computed on the device.
        shown: `(N, …)` bool: which pixels show the image; None: all do.
    """
    probs = probs.detach()
    if kind.is_exclusive:
        confidence, answer = probs.max(dim=1)  # (N, …)
        missing = -1.0
    else:
        # 1 − p, not the probability of the other classes: each output is a question of its own.
        confidence, answer = torch.maximum(probs, 1 - probs), (probs >= 0.5).float()
        missing = math.nan
        shown = None if shown is None else shown.unsqueeze(1)
    eligible = confidence.isfinite()
    if shown is not None:
        eligible = eligible & shown
    kept = eligible & (confidence >= threshold)
    return HardLabels(answer, confidence, kept, eligible, missing)


WEAK, STRONG = "weak", "strong"

Boxes = NDArray[np.int64]
Logits = Mapping[str, Tensor]

Ratio = Annotated[int, Field(ge=1, description="unlabelled samples for each labelled one (μ)")]
Threshold = Annotated[
    float, Field(ge=0, le=1, description="confidence from which a pseudo-label counts (τ)")
]
MaskThreshold = Annotated[
    Threshold | None, Field(description="of the pixels of masks; default: as of labels")
]
UnlabelledWeight = Annotated[float, Field(ge=0, description="of the unlabelled loss (λ)")]
RunningDecay = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="of the running means (m); 0.99 for runs under 5,000 steps, which 0.999 would "
        "hardly move",
    ),
]
Strong = Annotated[
    str,
    Field(description="policy of the view that learns them; of masks, on top of the weak one"),
]
CutMix = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="masks only: share of the strong views that get a box of another image, with "
        "its pseudo-mask",
    ),
]
Forward = Annotated[
    Literal["joint", "split"],
    Field(
        description="split: weak views apart and without gradient; faster, but batch norm sees "
        "other mixtures"
    ),
]


@dataclass(frozen=True)
class PseudoTargets:
    """Pseudo-labels of weak views, without gradient.

    Attributes:
        answer: multiclass: int64 classes `(N, …)`; else float32 `(N, C, …)` of 0 and 1.
        weight: in the shape of `answer`, bool or float32: how much each counts.
    """

    answer: Tensor
    weight: Tensor

    @classmethod
    def sure(cls, probs: Tensor, kind: Kind, *, threshold: float | Tensor) -> Self:
        """Return the hard labels of `probs` `(N, C, …)`: from `threshold` on they count."""
        hard = hard_labels(probs, kind, threshold=threshold)
        return cls(hard.answer, hard.kept)


class ViewOptions(Options):
    """Options of a method that shows unlabelled images weakly and strongly."""

    ratio: Ratio = 7
    weak: str = "weak"
    """policy of the view that pseudo-labels are of"""
    strong: Strong = "strong"


class ThresholdOptions(ViewOptions):
    """Options of a method whose pseudo-labels count from a fixed confidence on."""

    threshold: Threshold = 0.95
    mask_threshold: MaskThreshold = None
    weight: UnlabelledWeight = 1.0


class WeakStrong(Method):
    """Shows labelled images once, and unlabelled ones weakly and strongly augmented.

    Args:
        options: of the recipe.
        setting: of the phase.
        forward: "joint" or "split".
        cutmix: share of the strong views that get a box of the image before them in the batch,
            drawn as UniMatch's (`mixing.draw_boxes`).

    Raises:
        RecipeError: `cutmix` where labels are learnt: an image of two has two.
    """

    needs = (UNLABELLED, LABELLED)
    divides_batches = True

    def __init__(
        self,
        options: ViewOptions,
        setting: PhaseSetting,
        *,
        forward: Literal["joint", "split"] = "joint",
        cutmix: float = 0.0,
    ) -> None:
        super().__init__(options, setting)
        if cutmix and has_images(setting.objective.tasks):
            raise RecipeError(
                "an image with a box of another has two labels, and the phase learns labels",
                where="method.cutmix",
                fix="leave cutmix out, or write loss: {segment: …}",
            )
        self._forward, self._cutmix = forward, cutmix
        # A label belongs to the image, whatever part a view shows; a mask belongs to the pixels.
        of = WEAK if has_pixels(setting.objective.tasks) else None
        views = (ViewSpec(WEAK, options.weak), ViewSpec(STRONG, options.strong, of=of))
        unlabelled = setting.unlabelled(options.ratio, views)
        self._streams = (setting.labelled, unlabelled)

    def streams(self, step: Step) -> tuple[Stream, ...]:
        return self._streams

    def run(self, batches: Mapping[str, Batch], step: Step) -> StepLogits:
        """Return the network's logits for a step's batches; only labelled images are mixed."""
        network, tasks = self.network, self.setting.objective.tasks
        labelled, unlabelled = batches[LABELLED], batches[UNLABELLED]
        images, targets = self.setting.mixed(labelled, step)
        boxes = self.boxes(unlabelled, step)
        weak, strong = unlabelled.views[WEAK], paste_previous(unlabelled.views[STRONG], boxes)
        if self._forward == "joint":
            labelled_logits, weakly, strongly = joint_logits(network, (images, weak, strong), tasks)
        else:
            with torch.no_grad():
                [weakly] = joint_logits(network, (weak,), tasks)
            labelled_logits, strongly = joint_logits(network, (images, strong), tasks)
        return StepLogits(
            labelled_logits, weakly, strongly, targets, labelled, unlabelled, self.setting, boxes
        )

    def boxes(self, batch: Batch, step: Step) -> Boxes | None:
        """Return the box of each strong view `(N, 4)` that is pasted; None for none at all."""
        if not self._cutmix:
            return None
        n, _, height, width = batch.views[STRONG].shape
        return draw_boxes(n, (height, width), step.rng("cutmix"), probability=self._cutmix)


@dataclass(frozen=True)
class StepLogits:
    """Logits of a step by task, and the targets of its images.

    Attributes:
        labelled_logits: of the labelled images.
        weak, strong: of the two views of the unlabelled ones.
        targets: of the labelled images, mixed as they were.
        labelled, unlabelled: the batches.
        setting: of the phase.
        boxes: pasted into the strong views.
    """

    labelled_logits: Logits
    weak: Logits
    strong: Logits
    targets: dict[str, Tensor]
    labelled: Batch
    unlabelled: Batch
    setting: PhaseSetting
    boxes: Boxes | None = None

    @property
    def tasks(self) -> dict[str, Kind]:
        """The tasks that are learnt and their kinds, in alphabetical order."""
        return {task: self.setting.kinds[task] for task in self.setting.objective.tasks}

    def losses(self, pseudo: Mapping[str, PseudoTargets], *, weight: float) -> dict[str, Tensor]:
        """Return the losses of a step: "labelled", "unlabelled", "kept", "total" and more.

        "classify/confidence" is the mean of the highest probability of each unlabelled image;
        masks have none, as it would cost another softmax of all pixels.

        Args:
            pseudo: of every task, in the geometry of the weak view.
            weight: of the unlabelled loss.
        """
        losses = self.setting.objective(self.labelled_logits, self.targets, self.labelled.weight)
        found = {task: self.consistency(task, one) for task, one in pseudo.items()}
        if has_images(pseudo):
            kind, labels = self.tasks[IMAGES], pseudo[IMAGES]
            hard = hard_labels(probabilities(self.weak[IMAGES], kind), kind, threshold=0)
            losses[f"{IMAGES}/confidence"] = hard.confidence.mean()
            losses |= self.setting.precision_sums(self.unlabelled, labels.answer, labels.weight)
        if len(found) > 1:
            for task, (loss, kept) in found.items():
                losses |= {f"{task}/unlabelled": loss, f"{task}/kept": kept}
        each, shares = (torch.stack(one) for one in zip(*found.values(), strict=True))
        losses["labelled"] = losses["total"]
        losses["unlabelled"], losses["kept"] = each.sum(), shares.mean()
        losses["total"] = losses["labelled"] + weight * losses["unlabelled"]
        return losses

    def consistency(self, task: str, pseudo: PseudoTargets) -> tuple[Tensor, Tensor]:
        """Return the unlabelled loss of one task, and the share of its labels that counts."""
        kind, batch, shown = self.tasks[task], self.unlabelled, None
        if is_of_pixels(task):
            shown = paste_previous(shown_in_both(batch), self.boxes)
            answer, counts = (
                paste_previous(batch.follow(one, STRONG, missing=0), self.boxes)
                for one in (pseudo.answer, pseudo.weight)
            )
            pseudo = PseudoTargets(answer, counts)
        return consistency(self.strong[task], pseudo, kind, shown=shown)


def shown_in_both(batch: Batch) -> Tensor:
    """Return which pixels of the strong view the weak one shows, too: `(N, h, w)` bool.

    Where it shows nothing of them, no pseudo-mask counts: any would do.
    """
    return batch.follow(batch.shown[WEAK], STRONG, missing=False) & batch.shown[STRONG]


def paste_previous(pixels: Tensor, boxes: Boxes | None) -> Tensor:
    """Return `pixels` `(N, …, H, W)` with each one's box of the sample before it in the batch."""
    return pixels if boxes is None else paste_boxes(pixels, pixels.roll(1, 0), boxes)


def joint_logits(
    network: nn.Module, images: Sequence[Tensor], tasks: Sequence[str]
) -> list[dict[str, Tensor]]:
    """Return the logits by task of each of `images`, which batch norm sees as one batch."""
    logits = network(torch.cat(list(images)), tasks)
    parts = {task: one.split([len(each) for each in images]) for task, one in logits.items()}
    return [{task: of[i] for task, of in parts.items()} for i in range(len(images))]


def consistency(
    logits: Tensor, pseudo: PseudoTargets, kind: Kind, *, shown: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the weighted cross-entropy to pseudo-labels over all of them, and their mean weight.

    Args:
        logits: of the strong view, `(N, C)` or `(N, C, H, W)`.
        pseudo: in the geometry of `logits`.
        kind: kind of the task.
        shown: `(N, H, W)` bool, the pixels that count; None counts every pseudo-label.
    """
    if kind.is_exclusive:
        each = F.cross_entropy(logits.float(), pseudo.answer, reduction="none")
    else:
        each = F.binary_cross_entropy_with_logits(logits.float(), pseudo.answer, reduction="none")
    if shown is None:
        return (each * pseudo.weight).mean(), pseudo.weight.float().mean()
    counted = (shown if kind.is_exclusive else shown.unsqueeze(1)).expand_as(each)
    weight, n = pseudo.weight * counted, safely(counted.sum())
    # Divided by all that is shown, not by what is kept: little weight while little is sure.
    return (each * weight).sum() / n, weight.sum() / n


def threshold_of(task: str, of_labels: float, of_masks: float | None) -> float:
    """Return the threshold of a task: that of labels, unless masks have their own."""
    return of_masks if is_of_pixels(task) and of_masks is not None else of_labels


def refuse_values(setting: PhaseSetting, method: str) -> None:
    """Raise RecipeError for a task whose predictions have no confidence."""
    for task in sorted(setting.objective.tasks):
        if not setting.kinds[task].is_prob:
            raise RecipeError(
                f"{method} learns what it is sure of, and {task} is a regression, which has no "
                "confidence",
                where="method.name",
                fix="write method: {name: supervised}",
            )


def learns_classes(setting: PhaseSetting) -> bool:
    """Return whether a phase learns labels whose classes exclude each other."""
    return has_images(setting.objective.tasks) and setting.kinds[IMAGES].is_exclusive


def refuse_other_labels(setting: PhaseSetting, option: str) -> None:
    """Raise RecipeError for an option of multiclass labels where a phase learns none."""
    if not learns_classes(setting):
        raise RecipeError(
            f"{option} is for labels of a multiclass task, and the phase learns none",
            where=f"method.{option}",
            fix=f"leave {option} out",
        )


def threshold_shape(kind: Kind, n_outputs: int) -> tuple[int, int]:
    """Return the numbers of questions of a task and of answers of each."""
    return (1, n_outputs) if kind.is_exclusive else (n_outputs, 2)


def by_question(labels: Tensor, kind: Kind) -> Tensor:
    """Return what there is of each label, in the shape of `answer`, as `(N, questions, …)`."""
    return labels.unsqueeze(1) if kind.is_exclusive else labels


def above_thresholds(hard: HardLabels, thresholds: Tensor, kind: Kind) -> PseudoTargets:
    """Return the labels, of which those count whose confidence reaches their class's threshold.

    Args:
        hard: of labels or of masks; its own threshold does not matter.
        thresholds: float32 `(questions, answers)`.
        kind: of the task.
    """
    if kind.is_exclusive:
        least = thresholds[0][hard.answer]
    else:
        no, yes = (one.reshape(-1, *[1] * (hard.answer.ndim - 2)) for one in thresholds.unbind(1))
        least = torch.where(hard.answer > 0, yes, no)
    return PseudoTargets(hard.answer, hard.confidence >= least)


Align = Annotated[
    Literal["none", "uniform", "labelled"],
    Field(
        description="how frequent the classes of pseudo-labels are made: left as they are, all the "
        "same, or as among labelled samples; multiclass labels only"
    ),
]


class DistributionAlignment(nn.Module):
    """Aligns the probabilities of a multiclass task.

    Args:
        n_classes: of the task.
        to: "uniform": as if all classes were as frequent; "labelled": as in labelled samples.
        decay: of the running means (m), in [0, 1].

    Attributes:
        unlabelled: `(C,)` float32, the running mean prediction for unlabelled samples (ū).
        labelled: `(C,)` float32, of labelled ones (l̄); stays at 1/C for "uniform".
    """

    unlabelled: Tensor
    labelled: Tensor

    def __init__(
        self, n_classes: int, *, to: Literal["uniform", "labelled"], decay: float = 0.999
    ) -> None:
        super().__init__()
        self._to, self._decay = to, decay
        self.register_buffer("unlabelled", torch.full((n_classes,), 1 / n_classes))
        self.register_buffer("labelled", torch.full((n_classes,), 1 / n_classes))

    @torch.no_grad()
    def forward(self, unlabelled: Tensor, labelled: Tensor | None = None) -> Tensor:
        """Move the means towards a batch, and return its aligned probabilities.

        Args:
            unlabelled: `(N, C)` float32 probabilities.
            labelled: `(B, C)` float32 probabilities of the labelled samples; "labelled" needs them.

        Returns:
            `(N, C)` float32 in rows of 1, without gradient.
        """
        self.unlabelled.lerp_(unlabelled.mean(dim=0), 1 - self._decay)
        if self._to == "labelled":
            assert labelled is not None
            self.labelled.lerp_(labelled.mean(dim=0), 1 - self._decay)
        # A class that is never predicted has a mean of 0, and 0 / 0 would be in every row.
        moved = unlabelled * self.labelled / self.unlabelled.clamp(min=1e-6)
        sums = moved.sum(dim=1, keepdim=True)
        return torch.where(sums > 0, moved / sums, unlabelled)


def build_alignment(
    setting: PhaseSetting, align: Align, *, decay: float
) -> DistributionAlignment | None:
    """Return what aligns the labels of a phase; None for "none"."""
    if align == "none":
        return None
    return DistributionAlignment(setting.outputs[IMAGES], to=align, decay=decay)


def check_alignment(setting: PhaseSetting, align: Align) -> None:
    """Raise RecipeError where the labels of a phase cannot be aligned by `align`."""
    if align != "none":
        refuse_other_labels(setting, "align")

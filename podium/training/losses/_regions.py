"""Soft areas of a mask and its overlap with the truth, and the mean over classes of region losses.

    I_g = sum_i w_i p_i y_i        P_g = sum_i w_i p_i        T_g = sum_i w_i y_i

p are softmax or sigmoid probabilities, y the truth, w the sample's weight, 0 where the truth is
unknown. g is a class of the whole batch, or with `per_image` of one image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from podium.training.losses._loss import LossContext, safely
from podium.training.outputs import outputs_of

__all__ = ["SEGMENT_KINDS", "Classes", "Groups", "Overlaps", "groups", "mean", "overlaps", "truth"]

SEGMENT_KINDS = frozenset({"binary", "multiclass", "multilabel"})

Classes = Literal["present", "all"]
"""The classes that count: those that are present in the truth of the group, or all of them.

A class that is absent and does not count costs nothing if predicted; the pixelwise loss beside
a region loss sees to that. "all" suits images of which many are empty, with `per_image` and
`smooth` > 0: an empty image that is predicted empty then costs nothing, and any other something.
"""


@dataclass(frozen=True)
class Groups:
    """The groups of a region loss, each `(G, C)`: G images, or 1 for the whole batch.

    Args:
        counted: the weight of each group and class in the mean; 0 for those that do not count.
        pixels: `(N, 1, H, W)` or `(N, C, H, W)`, the weight of each pixel in its group.
    """

    counted: Tensor
    pixels: Tensor


@dataclass(frozen=True)
class Overlaps:
    """Soft areas, each `(G, C)`."""

    intersection: Tensor
    predicted: Tensor
    true: Tensor


def truth(logits: Tensor, target: Tensor) -> Tensor:
    """Return `target` in the shape of `logits`: bool for classes, as it is for numbers."""
    if target.ndim == logits.ndim:
        return target
    classes = torch.arange(logits.shape[1], device=logits.device).reshape(-1, 1, 1)
    return target.unsqueeze(1) == classes  # (N, C, H, W), one byte a value


def groups(
    true: Tensor, given: LossContext, *, per_image: bool, classes: Classes, background: bool
) -> Groups:
    """Return the groups of a truth `(N, C, H, W)`, and the weight of each.

    Args:
        true: as `truth` returns it.
        given: the context from the objective; its class weights weigh the classes in the mean.
        per_image: every image is a group of its own, and counts by its sample's weight.
        classes: see `Classes`.
        background: count the first channel of a multiclass task, too.
    """
    n, c = true.shape[:2]
    weight = given.weight
    if weight is None:
        weight = torch.ones((n, 1, 1, 1), device=true.device).expand(-1, -1, *true.shape[2:])
    if per_image:
        # Within an image all known pixels count alike: the weight is that of the image's loss.
        pixels, counted = (weight > 0).float(), weight.amax(dim=(2, 3))
    else:
        pixels, counted = weight, (weight.amax(dim=(0, 2, 3)) > 0).float().unsqueeze(0)
    counted = counted.expand(-1, c)
    if classes == "present":
        area = _areas(true, pixels, per_image=per_image)
        counted = counted * (area > 0)
    if given.kind.is_exclusive and not background:
        counted = counted * (torch.arange(c, device=true.device) > 0)
    if given.class_weights is not None:
        counted = counted * given.class_weights
    return Groups(counted=counted, pixels=pixels)


def overlaps(
    logits: Tensor,
    target: Tensor,
    given: LossContext,
    *,
    per_image: bool,
    classes: Classes,
    background: bool,
) -> tuple[Overlaps, Groups]:
    """Return the soft areas `(G, C)` of masks, and how each counts.

    Args:
        logits: `(N, C, H, W)`.
        target: classes `(N, H, W)`, or numbers `(N, C, H, W)`.
        given, per_image, classes, background: as for `groups`.
    """
    probs = outputs_of(given.kind).activate(logits)
    true = truth(logits, target)
    of = groups(true, given, per_image=per_image, classes=classes, background=background)
    return Overlaps(
        intersection=_areas(probs * true, of.pixels, per_image=per_image),
        predicted=_areas(probs, of.pixels, per_image=per_image),
        true=_areas(true, of.pixels, per_image=per_image),
    ), of


def mean(each: Tensor, counted: Tensor) -> Tensor:
    """Return the mean of `each` `(G, C)`, all finite, under `counted`; 0 if all of that are 0."""
    return (each * counted).sum() / safely(counted.sum())


def _areas(values: Tensor, pixels: Tensor, *, per_image: bool) -> Tensor:
    area = (values * pixels).sum(dim=(2, 3) if per_image else (0, 2, 3))
    return area if per_image else area.unsqueeze(0)  # (N, C) or (1, C)

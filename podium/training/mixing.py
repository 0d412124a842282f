"""MixUp and CutMix on a batch.

    MixUp (Zhang et al. 2018, arXiv:1710.09412):  x = l x_i + (1 - l) x_j,  l ~ Beta(a, a)
    CutMix (Yun et al. 2019, arXiv:1905.04899):   x = x_i with a box of x_j pasted in; l = area left
    both:                                          y = l y_i + (1 - l) y_j

The partner j is another sample of the same batch, by a permutation. CutMix pastes the mask as it
pastes the image. A mean of two masks would be neither, so MixUp is not for phases that learn masks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from podium.competition.spec import TaskKind
from podium.errors import RecipeError
from podium.training.recipe import Mix

__all__ = ["Mixture", "apply", "draw", "mix", "mix_batch", "paste", "soft_targets"]

CUTMIX = "use cutmix, as mix: {cutmix: 1.0}"


@dataclass(frozen=True)
class Mixture:
    """What is done to one batch.

    Args:
        partner: `(N,)` position of the sample that each one is mixed with.
        share: what is left of the sample itself, in [0, 1].
        box: (top, bottom, left, right) of the pasted window for CutMix, None for MixUp.
    """

    partner: NDArray[np.int64]
    share: float
    box: tuple[int, int, int, int] | None


def mix_batch(
    images: Tensor,
    targets: Mapping[str, Tensor],
    spec: Mix,
    rng: np.random.Generator,
    *,
    kinds: Mapping[str, TaskKind],
    outputs: Mapping[str, int],
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return images and targets of all tasks, mixed; as they are where `spec` names no mixing.

    Args:
        images: `(N, C, H, W)`, float.
        targets: by task, as in a `Batch`; labels come back soft. Masks are `(N, …, H, W)`.
        spec: Beta parameters and probability.
        rng: derived from (seed, phase, step), so that a resumed run draws the same.
        kinds: kind of each task.
        outputs: numbers that the network gives, by task.
    """
    mixed = dict(targets)
    if spec.mixup == 0 and spec.cutmix == 0:
        return images, mixed
    mixture = draw(len(images), (images.shape[2], images.shape[3]), spec, rng)
    if "classify" in kinds and "classify" in mixed:
        soft = soft_targets(
            mixed["classify"], kind=kinds["classify"], n_outputs=outputs["classify"]
        )
        mixed["classify"] = soft if mixture is None else _blended(mixture, soft)
    if mixture is None:
        return images, mixed
    if "segment" in mixed:
        mixed["segment"] = paste(mixture, mixed["segment"])
    return _mixed_images(mixture, images), mixed


def mix(
    images: Tensor, targets: Tensor, spec: Mix, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Return the mixed batch, or the batch itself where `spec` or the draw says so.

    Args:
        images: `(N, C, H, W)`, float.
        targets: `(N, K)`, float, as `soft_targets` returns them; nan (missing) stays missing.
        spec: Beta parameters and probability.
        rng: derived from (seed, phase, step), so that a resumed run draws the same.
    """
    mixture = draw(len(images), (images.shape[2], images.shape[3]), spec, rng)
    return (images, targets) if mixture is None else apply(mixture, images, targets)


def draw(n: int, size: tuple[int, int], spec: Mix, rng: np.random.Generator) -> Mixture | None:
    """Return how to mix a batch of `n` images of `size` (H, W); None: not at all.

    Where both are switched on, each is used for half of the batches.
    """
    if (spec.mixup <= 0 and spec.cutmix <= 0) or rng.random() >= spec.probability:
        return None
    cuts = spec.cutmix > 0 and (spec.mixup <= 0 or rng.random() < 0.5)
    alpha = spec.cutmix if cuts else spec.mixup
    share = float(rng.beta(alpha, alpha))
    partner = rng.permutation(n)
    if not cuts:
        return Mixture(partner, share, None)
    box = _box(size, share, rng)
    # The window is cut off at the border: the labels follow the area that was really pasted.
    pasted = (box[1] - box[0]) * (box[3] - box[2]) / (size[0] * size[1])
    return Mixture(partner, 1 - pasted, box)


def _box(
    size: tuple[int, int], share: float, rng: np.random.Generator
) -> tuple[int, int, int, int]:
    side = math.sqrt(1 - share)
    edges = []
    for length in size:
        half = round(length * side) / 2
        centre = int(rng.integers(length))
        edges += [max(0, math.ceil(centre - half)), min(length, math.ceil(centre + half))]
    return edges[0], edges[1], edges[2], edges[3]


def apply(mixture: Mixture, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return `images` `(N, C, H, W)` and `targets` `(N, K)` mixed, as copies."""
    return _mixed_images(mixture, images), _blended(mixture, targets)


def paste(mixture: Mixture, pixels: Tensor) -> Tensor:
    """Return `pixels` `(N, …, H, W)` with the box of each one's partner pasted in, as a copy.

    Raises:
        RecipeError: the mixture is MixUp's.
    """
    if mixture.box is None:
        raise RecipeError("MixUp has no meaning for class masks", fix=CUTMIX)
    top, bottom, left, right = mixture.box
    pasted = pixels.clone()
    pasted[..., top:bottom, left:right] = pixels[
        _partner(mixture, pixels), ..., top:bottom, left:right
    ]
    return pasted


def _mixed_images(mixture: Mixture, images: Tensor) -> Tensor:
    if mixture.box is not None:
        return paste(mixture, images)
    return _blended(mixture, images)


def _blended(mixture: Mixture, values: Tensor) -> Tensor:
    return values * mixture.share + values[_partner(mixture, values)] * (1 - mixture.share)


def _partner(mixture: Mixture, values: Tensor) -> Tensor:
    return torch.from_numpy(mixture.partner).to(values.device)


def soft_targets(target: Tensor, *, kind: TaskKind, n_outputs: int) -> Tensor:
    """Return `target` as float `(N, n_outputs)` with nan where it is missing.

    Args:
        target: `(N,)` classes with -1 for missing (multiclass), or numbers `(N,)` or `(N, C)`.
        kind: kind of task.
        n_outputs: classes, or 1 for a binary task and a regression.
    """
    if kind == "multiclass" and target.ndim == 1:
        missing = target < 0
        soft = F.one_hot(target.long().clamp(min=0), n_outputs).float()
        return soft.masked_fill(missing.unsqueeze(1), math.nan)
    soft = target.float().reshape(-1, n_outputs)
    return soft if kind == "regression" else soft.masked_fill(soft < 0, math.nan)

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

from podium.errors import RecipeError
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, has_images, has_pixels
from podium.training.recipe import Mix

__all__ = [
    "Mixture",
    "apply",
    "draw_boxes",
    "draw_mixture",
    "mix",
    "mix_batch",
    "paste",
    "paste_boxes",
    "soft_targets",
]

CUTMIX = "use cutmix, as mix: {cutmix: 1.0}"


@dataclass(frozen=True)
class Mixture:
    """Partners, shares and the box with which one batch is mixed.

    Args:
        partner: `(N,)` position of the sample that each one is mixed with.
        share: share of the sample itself, in [0, 1].
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
    kinds: Mapping[str, Kind],
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
    mixture = draw_mixture(len(images), (images.shape[2], images.shape[3]), spec, rng)
    if has_images(kinds) and has_images(mixed):
        soft = soft_targets(mixed[IMAGES], kind=kinds[IMAGES], n_outputs=outputs[IMAGES])
        mixed[IMAGES] = soft if mixture is None else _blended(mixture, soft)
    if mixture is None:
        return images, mixed
    if has_pixels(mixed):
        mixed[PIXELS] = paste(mixture, mixed[PIXELS])
    return _mixed_images(mixture, images), mixed


def mix(
    images: Tensor, targets: Tensor, spec: Mix, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Return the mixed batch, or the batch itself where `spec` or the draw is off.

    Args:
        images: `(N, C, H, W)`, float.
        targets: `(N, K)`, float, as `soft_targets` returns them; nan (missing) stays missing.
        spec: Beta parameters and probability.
        rng: derived from (seed, phase, step), so that a resumed run draws the same.
    """
    mixture = draw_mixture(len(images), (images.shape[2], images.shape[3]), spec, rng)
    return (images, targets) if mixture is None else apply(mixture, images, targets)


def draw_mixture(
    n: int, size: tuple[int, int], spec: Mix, rng: np.random.Generator
) -> Mixture | None:
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


def draw_boxes(
    n: int,
    size: tuple[int, int],
    rng: np.random.Generator,
    *,
    area: tuple[float, float] = (0.02, 0.4),
    ratio: tuple[float, float] = (0.3, 1 / 0.3),
    probability: float = 0.5,
) -> NDArray[np.int64]:
    """Return a box for each of `n` images, `(n, 4)`: top, bottom, left, right; all 0 for none.

    The defaults are those of UniMatch (Yang et al. 2023, arXiv:2208.09910), whose CutMix of
    unlabelled images draws boxes by area and shape and not, as CutMix does, by Beta.

    Args:
        n: how many.
        size: (height, width) of the images.
        rng: derived from (seed, phase, step), so that a resumed run draws the same.
        area: from which to which share of the image.
        ratio: height over width, from and to; left where a box of this area would not fit.
        probability: share of the images that have a box.
    """
    limits = np.array(size)
    pixels = rng.uniform(*area, n) * limits.prod()
    shape = rng.uniform(*ratio, n).clip(pixels / limits[1] ** 2, limits[0] ** 2 / pixels)
    sides = np.stack([np.sqrt(pixels * shape), np.sqrt(pixels / shape)], axis=1)  # (n, 2)
    sides = np.rint(sides).astype(np.int64).clip(1, limits)
    starts = rng.integers(limits - sides + 1)
    boxes = np.stack([starts, starts + sides], axis=2).reshape(n, 4)
    return np.where(rng.random((n, 1)) < probability, boxes, 0)


def paste_boxes(pixels: Tensor, other: Tensor, boxes: NDArray[np.int64]) -> Tensor:
    """Return `pixels` with the box of each sample taken from `other`.

    Images, pseudo-masks, confidences and what is shown stay together where all are pasted with the
    same boxes.

    Args:
        pixels, other: `(N, …, H, W)`, of one shape and dtype.
        boxes: `(N, 4)`, as `draw_boxes` returns them.
    """
    limits = torch.from_numpy(boxes).to(pixels.device, non_blocking=True)
    limits = limits.reshape(len(boxes), 4, *[1] * (pixels.ndim - 1))
    top, bottom, left, right = limits.unbind(1)  # (N, 1, …, 1)
    rows = torch.arange(pixels.shape[-2], device=pixels.device).unsqueeze(1)
    columns = torch.arange(pixels.shape[-1], device=pixels.device)
    inside = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
    return other.where(inside, pixels)


def _mixed_images(mixture: Mixture, images: Tensor) -> Tensor:
    if mixture.box is not None:
        return paste(mixture, images)
    return _blended(mixture, images)


def _blended(mixture: Mixture, values: Tensor) -> Tensor:
    return values * mixture.share + values[_partner(mixture, values)] * (1 - mixture.share)


def _partner(mixture: Mixture, values: Tensor) -> Tensor:
    return torch.from_numpy(mixture.partner).to(values.device)


def soft_targets(target: Tensor, *, kind: str, n_outputs: int) -> Tensor:
    """Return `target` as float `(N, n_outputs)` with nan where it is missing.

    Args:
        target: `(N,)` classes with -1 for missing (multiclass), or numbers `(N,)` or `(N, C)`.
        kind: kind of task.
        n_outputs: classes, or 1 for a binary task and a regression.
    """
    kind = kind if isinstance(kind, Kind) else image_kind(kind)
    if kind.is_exclusive and target.ndim == 1:
        missing = target < 0
        soft = F.one_hot(target.long().clamp(min=0), n_outputs).float()
        return soft.masked_fill(missing.unsqueeze(1), math.nan)
    # Of quantiles each output has the one number of its row.
    soft = target.float().reshape(len(target), -1).expand(-1, n_outputs)
    return soft if kind.is_continuous else soft.masked_fill(soft < 0, math.nan)

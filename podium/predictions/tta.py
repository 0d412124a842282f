"""Test-time augmentation: views of a batch, and the mean of a network's probabilities over them.

For classification a view needs no inverse: the label of an image is the label of its mirror image.
The mask of a view is brought back to the image's grid first. The mean is taken over probabilities;
a mean over logits would let one sure view outvote the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from podium.predictions.views import IDENTITY, NAMES, canonical_views, scale_of

__all__ = [
    "NAMES",
    "average",
    "average_masks",
    "average_named",
    "canonical_views",
    "inverse",
    "view",
]

Transform = Callable[[Tensor], Tensor]
Inverse = Callable[[Tensor, tuple[int, int]], Tensor]


def view(name: str) -> Transform:
    """Return the function from a batch `(N, C, H, W)` to its view `name`.

    Flips and turns keep every pixel's value; quarter turns are counter-clockwise and, as the
    transposes, swap H and W. `scale:S` resizes both sides by S, bilinear and antialiased, to one
    pixel or more.

    Raises:
        RecipeError: there is no such view.
    """
    canonical = _canonical(name)
    factor = scale_of(canonical)
    return _EXACT[canonical] if factor is None else _scaled(factor)


def inverse(name: str) -> Inverse:
    """Return the function that brings the masks of a view back to the grid of its images.

    It takes probabilities `(N, C, h, w)` of the view and the (H, W) of the images, and returns
    `(N, C, H, W)`. After a flip or a turn every pixel is back to the bit. `scale:S` is resized,
    bilinear and antialiased: values stay in [0, 1] and sum to what they summed to, but detail of
    few pixels is blurred. A probability that rises evenly from 0 to 1 over 16 pixels comes back
    within 0.025 for S from 0.75 to 4, within 0.05 for S from 0.5.

    Raises:
        RecipeError: there is no such view.
    """
    canonical = _canonical(name)
    if scale_of(canonical) is not None:
        return _resized
    back = _EXACT[_INVERSES.get(canonical, canonical)]
    return lambda probs, _: back(probs)


def average(predict: Transform, images: Tensor, names: Sequence[str]) -> Tensor:
    """Return the mean of `predict` over the identity and the views `names`.

    Args:
        predict: from images `(N, in_chans, H, W)` to probabilities `(N, C)` (not logits).
        images: the batch, on the network's device; it stays there.
        names: views beside the identity.

    Returns:
        `(N, C)`, float32.

    Raises:
        RecipeError: a view is unknown or stands twice.
    """
    return average_named(lambda seen: {"": predict(seen)}, images, names)[""]


def average_masks(predict: Transform, images: Tensor, names: Sequence[str]) -> Tensor:
    """Return the mean of `predict` over the identity and the views `names`, in the images' grid.

    Args:
        predict: from images `(N, in_chans, h, w)`, of any size, to probabilities `(N, C, h, w)`.
        images: the batch, `(N, in_chans, H, W)`, on the network's device; it stays there.
        names: views beside the identity.

    Returns:
        `(N, C, H, W)`, float32.

    Raises:
        RecipeError: a view is unknown or stands twice.
    """
    return average_named(lambda seen: {"": predict(seen)}, images, names, masks=("",))[""]


def average_named(
    predict: Callable[[Tensor], Mapping[str, Tensor]],
    images: Tensor,
    names: Sequence[str],
    *,
    masks: Collection[str] = (),
) -> dict[str, Tensor]:
    """Return the means of all that `predict` says in one pass, over the identity and `names`.

    Args:
        predict: from images `(N, in_chans, h, w)` to probabilities by name, `(N, C)`, or
            `(N, C, h, w)` for the names in `masks`.
        images: the batch, `(N, in_chans, H, W)`, on the network's device; it stays there.
        names: views beside the identity.
        masks: names whose probabilities are brought back to the images' grid, `(N, C, H, W)`.

    Raises:
        RecipeError: a view is unknown or stands twice.
    """
    views = canonical_views(names)
    size = (images.shape[-2], images.shape[-1])
    total: dict[str, Tensor] = {}
    for name in views:
        for key, said in predict(view(name)(images)).items():
            probs = said.float()
            if key in masks and name != IDENTITY:
                probs = inverse(name)(probs, size)
            total[key] = total[key] + probs if key in total else probs
    return {key: summed / len(views) for key, summed in total.items()}


def _canonical(name: str) -> str:
    return IDENTITY if name == IDENTITY else canonical_views([name])[-1]


def _resized(probs: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(probs, size, mode="bilinear", antialias=True)


def _scaled(factor: float) -> Transform:
    def resize(images: Tensor) -> Tensor:
        height, width = (max(1, round(side * factor)) for side in images.shape[-2:])
        return _resized(images, (height, width))

    return resize


_EXACT: dict[str, Transform] = {
    IDENTITY: lambda images: images,
    "hflip": lambda images: images.flip(-1),
    "vflip": lambda images: images.flip(-2),
    "rot90": lambda images: torch.rot90(images, 1, (-2, -1)),
    "rot180": lambda images: torch.rot90(images, 2, (-2, -1)),
    "rot270": lambda images: torch.rot90(images, 3, (-2, -1)),
    "transpose": lambda images: images.transpose(-2, -1),
    "antitranspose": lambda images: torch.rot90(images, 2, (-2, -1)).transpose(-2, -1),
}

# The others undo themselves.
_INVERSES = {"rot90": "rot270", "rot270": "rot90"}

"""Test-time augmentation: views of a batch, and the mean of a network's probabilities over them.

For classification a view needs no inverse: the label of an image is the label of its mirror image.
The mean is taken over probabilities; a mean over logits would let one sure view outvote the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from podium.predictions.views import IDENTITY, NAMES, canonical_views, scale_of

__all__ = ["NAMES", "average", "canonical_views", "view"]

Transform = Callable[[Tensor], Tensor]


def view(name: str) -> Transform:
    """Return the function from a batch `(N, C, H, W)` to its view `name`.

    Flips and turns keep every pixel's value; quarter turns are counter-clockwise and, as the
    transposes, swap H and W. `scale:S` resizes both sides by S, bilinear and antialiased, to one
    pixel or more.

    Raises:
        RecipeError: there is no such view.
    """
    canonical = IDENTITY if name == IDENTITY else canonical_views([name])[-1]
    factor = scale_of(canonical)
    return _EXACT[canonical] if factor is None else _scaled(factor)


def average(predict: Transform, images: Tensor, names: Sequence[str]) -> Tensor:
    """Return the mean of `predict` over the identity and the views `names`.

    Args:
        predict: from images `(N, 3, H, W)` to probabilities `(N, C)` (not logits).
        images: the batch, on the network's device; it stays there.
        names: views beside the identity.

    Returns:
        `(N, C)`, float32.

    Raises:
        RecipeError: a view is unknown or stands twice.
    """
    views = canonical_views(names)
    total = predict(images).float()
    for name in views[1:]:
        total = total + predict(view(name)(images)).float()
    return total / len(views)


def _scaled(factor: float) -> Transform:
    def resize(images: Tensor) -> Tensor:
        height, width = (max(1, round(side * factor)) for side in images.shape[-2:])
        return F.interpolate(images, (height, width), mode="bilinear", antialias=True)

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

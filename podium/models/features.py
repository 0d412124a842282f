"""What the heads of a network read: the backbone's maps of a batch, finest first, deepest last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch.nn.functional as F
from torch import Tensor

__all__ = ["FeatureShape", "Features", "pad_to_stride", "padded_size"]


@dataclass(frozen=True)
class FeatureShape:
    """What a head is told about the maps before it has seen any.

    Args:
        channels: of each map, finest first, deepest last.
        strides: pixels of the image beside each pixel of the map.
        pyramid: positions of the maps that a decoder reads. The deepest map is left out where the
            backbone puts layers for classification alone behind its last stage.
        tokens: positions of what goes with the maps of the pyramid where a decoder asks for it: the
            T class and register tokens of each, as a map `(N, F, T, 1)`.
    """

    channels: tuple[int, ...]
    strides: tuple[int, ...]
    pyramid: tuple[int, ...]
    tokens: tuple[int, ...] = ()

    @property
    def n_features(self) -> int:
        """Channels of the deepest map."""
        return self.channels[-1]


@dataclass(frozen=True)
class Features:
    """The maps of one batch.

    Args:
        maps: `(N, F, h, w)` each, finest first; the last one is what classification reads.
        size: (H, W) of the images as they came.
        padded: (H', W') that the backbone saw: `size`, or more at the bottom and on the right.
    """

    maps: tuple[Tensor, ...]
    size: tuple[int, int]
    padded: tuple[int, int]

    @property
    def deepest(self) -> Tensor:
        """The last map `(N, F, h, w)`."""
        return self.maps[-1]

    def map(self, function: Callable[[Tensor], Tensor]) -> Features:
        """Return the features with `function` applied to every map, as a method disturbs them."""
        return replace(self, maps=tuple(function(one) for one in self.maps))


def padded_size(size: tuple[int, int], stride: int) -> tuple[int, int]:
    """Return the smallest (H', W') that are multiples of `stride` and hold `size`."""
    height, width = size
    return -(-height // stride) * stride, -(-width // stride) * stride


def pad_to_stride(images: Tensor, stride: int) -> Tensor:
    """Return `images` `(N, in_chans, H, W)`, repeating the last row and column up to the stride.

    Only the last pixels decide what is added, so that a tile which ends where its image ends is
    padded as the whole image is (docs/decisions/0006-segmentation-networks.md).
    """
    height, width = images.shape[-2:]
    bottom, right = padded_size((height, width), stride)
    if (bottom, right) == (height, width):
        return images
    return F.pad(images, (0, right - width, 0, bottom - height), mode="replicate")

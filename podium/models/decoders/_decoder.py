"""What decoders have in common: which level of the pyramid comes from which of the maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from torch import nn

__all__ = ["Decoder", "Decoding"]


class Decoding(NamedTuple):
    """A decoder that is built.

    Args:
        module: from the list of maps to one map `(N, channels, h, w)`.
        channels: of that map.
        kernel_size: of the convolution that makes logits of it.
    """

    module: nn.Module
    channels: int
    kernel_size: int = 1


@dataclass(frozen=True)
class Decoder:
    """What a file of `decoders/` exports.

    Args:
        build: from the backbone's `FeatureShape` and the recipe's options to a `Decoding`.
        reads: whether it wants a map of every stride, or the deepest one alone.
    """

    build: Callable[..., Decoding]
    reads: Literal["pyramid", "deepest"] = "pyramid"

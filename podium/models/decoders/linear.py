"""No decoder: the head's 1x1 convolution reads the deepest map.

FCN-32s without its skips (Shelhamer et al. 2017, arXiv:1605.06211).
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from podium.models.decoders._decoder import Decoder, Decoding
from podium.models.features import FeatureShape

__all__ = ["DECODER"]


class _Deepest(nn.Module):
    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        return maps[-1]


def build(shape: FeatureShape) -> Decoding:
    """Return a decoder that hands on the deepest map."""
    return Decoding(_Deepest(), shape.channels[shape.pyramid[-1]])


DECODER = Decoder(build, reads="deepest")

"""SegFormer's decoder: a linear layer for each level (Xie et al. 2021, arXiv:2105.15203), smp's.

Options: depth, segmentation_channels.
"""

from __future__ import annotations

from segmentation_models_pytorch.decoders.segformer.decoder import SegformerDecoder

from podium.models.decoders._decoder import (
    Decoder,
    Decoding,
    encoder_channels,
    find_levels,
    on_levels,
)
from podium.models.features import FeatureShape

__all__ = ["DECODER"]


def build(shape: FeatureShape, *, depth: int = 5, segmentation_channels: int = 256) -> Decoding:
    """Return the decoder; its result has the size of the second level."""
    levels = find_levels(shape, depth=depth, least=3)
    decoder = SegformerDecoder(
        encoder_channels(levels),
        encoder_depth=len(levels),
        segmentation_channels=segmentation_channels,
    )
    return on_levels(decoder, shape, levels, channels=segmentation_channels)


DECODER = Decoder(build)

"""UPerNet: PSPNet's averages under a pyramid (Xiao et al. 2018, arXiv:1807.10221), smp's.

Options: depth, decoder_channels, use_norm.
"""

from __future__ import annotations

from typing import Any

from segmentation_models_pytorch.decoders.upernet.decoder import UPerNetDecoder

from podium.models.decoders._decoder import (
    Decoder,
    Decoding,
    encoder_channels,
    find_levels,
    on_levels,
)
from podium.models.features import FeatureShape

__all__ = ["DECODER"]


def build(
    shape: FeatureShape, *, depth: int = 5, decoder_channels: int = 256, **options: Any
) -> Decoding:
    """Return the decoder; its result has the size of the second level."""
    levels = find_levels(shape, depth=depth, least=3)
    decoder = UPerNetDecoder(
        encoder_channels(levels),
        encoder_depth=len(levels),
        decoder_channels=decoder_channels,
        **options,
    )
    return on_levels(decoder, shape, levels, channels=decoder_channels)


DECODER = Decoder(build)

"""PAN: pyramid attention (Li et al. 2018, arXiv:1805.10180), smp's.

The deepest map is halved three times and needs 8 rows and columns: `model.options:
{output_stride: 16}` gives it more, where the backbone takes that.

Options: depth (3 to 5), decoder_channels, interpolation_mode.
"""

from __future__ import annotations

from typing import Any

from segmentation_models_pytorch.decoders.pan.decoder import PANDecoder

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
    shape: FeatureShape, *, depth: int = 5, decoder_channels: int = 32, **options: Any
) -> Decoding:
    """Return the decoder; its result has the size of the second level."""
    levels = find_levels(shape, depth=depth, least=3)
    decoder = PANDecoder(
        encoder_channels(levels),
        encoder_depth=len(levels),
        decoder_channels=decoder_channels,
        **options,
    )
    return on_levels(decoder, shape, levels, channels=decoder_channels, kernel_size=3)


DECODER = Decoder(build)

"""U-Net (Ronneberger et al. 2015, arXiv:1505.04597), smp's.

Options: depth, decoder_channels (one a level, deepest first), use_norm, attention_type (scse),
add_center_block, interpolation_mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder

from podium.models.decoders._decoder import (
    Decoder,
    Decoding,
    encoder_channels,
    find_levels,
    on_levels,
)
from podium.models.features import FeatureShape

__all__ = ["DECODER"]

CHANNELS = (256, 128, 64, 32, 16)


def build(
    shape: FeatureShape,
    *,
    depth: int = 5,
    decoder_channels: Sequence[int] | None = None,
    **options: Any,
) -> Decoding:
    """Return the decoder; its result has the size of the image."""
    levels = find_levels(shape, depth=depth)
    channels = tuple(decoder_channels or CHANNELS[-len(levels) :])
    decoder = UnetDecoder(
        encoder_channels(levels), decoder_channels=channels, n_blocks=len(levels), **options
    )
    return on_levels(decoder, shape, levels, channels=channels[-1], kernel_size=3)


DECODER = Decoder(build)

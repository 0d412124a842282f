"""LinkNet (Chaurasia & Culurciello 2017, arXiv:1707.03718), smp's: small and fast.

Options: depth, prefinal_channels, use_norm.
"""

from __future__ import annotations

from typing import Any

from segmentation_models_pytorch.decoders.linknet.decoder import LinknetDecoder

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
    shape: FeatureShape, *, depth: int = 5, prefinal_channels: int = 32, **options: Any
) -> Decoding:
    """Return the decoder; its result has the size of the image."""
    levels = find_levels(shape, depth=depth, is_doubling=True)
    decoder = LinknetDecoder(
        encoder_channels(levels),
        prefinal_channels=prefinal_channels,
        n_blocks=len(levels),
        **options,
    )
    return on_levels(decoder, shape, levels, channels=prefinal_channels)


DECODER = Decoder(build)

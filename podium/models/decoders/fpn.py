"""FPN: a pyramid of features, added up (Kirillov et al. 2017, "Panoptic feature pyramids"), smp's.

Options: depth, pyramid_channels, segmentation_channels, dropout, merge_policy (add, cat),
interpolation_mode.
"""

from __future__ import annotations

from typing import Any

from segmentation_models_pytorch.decoders.fpn.decoder import FPNDecoder

from podium.models.decoders._decoder import (
    Decoder,
    Decoding,
    encoder_channels,
    find_levels,
    on_levels,
)
from podium.models.features import FeatureShape

__all__ = ["DECODER"]


def build(shape: FeatureShape, *, depth: int = 5, **options: Any) -> Decoding:
    """Return the decoder; its result has the size of the fourth level from below."""
    levels = find_levels(shape, depth=depth, least=4, is_doubling=True, is_full=True)
    decoder = FPNDecoder(encoder_channels(levels), encoder_depth=len(levels), **options)
    return on_levels(decoder, shape, levels, channels=decoder.out_channels)


DECODER = Decoder(build)

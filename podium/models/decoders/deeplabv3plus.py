"""DeepLabV3+: DeepLabV3 with a skip at stride 4 (Chen et al. 2018, arXiv:1802.02611), smp's.

It is meant for a deepest map of stride 8 or 16: write `model.options: {output_stride: 16}` where
the backbone takes that. Without, it works on stride 32.

Options: depth (3 to 5), decoder_channels, atrous_rates (default: 12, 24, 36 at stride 8, half of
that at 16, …), aspp_separable, aspp_dropout.
"""

from __future__ import annotations

from collections.abc import Sequence

from segmentation_models_pytorch.decoders.deeplabv3.decoder import DeepLabV3PlusDecoder
from torch import nn

from podium.models.decoders._decoder import (
    Decoder,
    Decoding,
    encoder_channels,
    find_levels,
    on_levels,
)
from podium.models.decoders._decoder import atrous_rates as fitting_rates
from podium.models.features import FeatureShape

__all__ = ["DECODER"]


def build(
    shape: FeatureShape,
    *,
    depth: int = 5,
    decoder_channels: int = 256,
    atrous_rates: Sequence[int] | None = None,
    aspp_separable: bool = True,
    aspp_dropout: float = 0.5,
) -> Decoding:
    """Return the decoder; its result has the size of the second level."""
    levels = find_levels(shape, depth=depth, least=3)
    decoder = DeepLabV3PlusDecoder(
        encoder_channels(levels),
        encoder_depth=len(levels),
        out_channels=decoder_channels,
        atrous_rates=fitting_rates(atrous_rates, levels[-1]),
        output_stride=16,
        aspp_separable=aspp_separable,
        aspp_dropout=aspp_dropout,
    )
    # smp scales up by 2 or 4 only, whatever the strides are.
    times = 2 ** (levels[-1].octave - levels[1].octave)
    decoder.up = nn.Upsample(scale_factor=times, mode="bilinear", align_corners=True)
    return on_levels(decoder, shape, levels, channels=decoder_channels)


DECODER = Decoder(build)

"""DeepLabV3: convolutions that look far (Chen et al. 2017, arXiv:1706.05587), smp's.

It reads the deepest map alone, and is meant for one of stride 8 or 16: write `model.options:
{output_stride: 16}` where the backbone takes that, else `depth: 4`.

Options: depth, decoder_channels, atrous_rates (default: 12, 24, 36 at stride 8, half of that at 16,
…), aspp_separable, aspp_dropout.
"""

from __future__ import annotations

from collections.abc import Sequence

from segmentation_models_pytorch.decoders.deeplabv3.decoder import DeepLabV3Decoder

from podium.models.decoders._decoder import Decoder, Decoding, deepest_level, on_levels
from podium.models.decoders._decoder import atrous_rates as fitting_rates
from podium.models.features import FeatureShape

__all__ = ["DECODER"]


def build(
    shape: FeatureShape,
    *,
    depth: int = 5,
    decoder_channels: int = 256,
    atrous_rates: Sequence[int] | None = None,
    aspp_separable: bool = False,
    aspp_dropout: float = 0.5,
) -> Decoding:
    """Return the decoder; its result has the size of the map that it reads."""
    level = deepest_level(shape, depth)
    decoder = DeepLabV3Decoder(
        level.channels,
        decoder_channels,
        atrous_rates=fitting_rates(atrous_rates, level),
        aspp_separable=aspp_separable,
        aspp_dropout=aspp_dropout,
    )
    return on_levels(decoder, shape, [level], channels=decoder_channels)


DECODER = Decoder(
    build,
    renames=(
        ("classifier.0.", "decoder.smp.aspp."),
        ("classifier.1.", "decoder.smp.conv."),
        ("classifier.2.", "decoder.smp.bn."),
        ("classifier.4.", "convolution."),
    ),
)

"""PSPNet: averages over parts of the map (Zhao et al. 2017, arXiv:1612.01105), smp's.

It reads one map. As in smp that is the third level, of stride 8; of a network with one stride, the
last block. `depth: 5` with `model.options: {output_stride: 8}` is the network of the paper.

Options: depth, use_norm, out_channels, dropout.
"""

from __future__ import annotations

from typing import Any

from segmentation_models_pytorch.decoders.pspnet.decoder import PSPDecoder

from podium.models.decoders._decoder import Decoder, Decoding, deepest_level, on_levels
from podium.models.features import FeatureShape

__all__ = ["DECODER"]


def build(
    shape: FeatureShape, *, depth: int = 3, out_channels: int = 512, **options: Any
) -> Decoding:
    """Return the decoder; its result has the size of the map that it reads."""
    level = deepest_level(shape, depth)
    decoder = PSPDecoder([level.channels], out_channels=out_channels, **options)
    return on_levels(decoder, shape, [level], channels=out_channels, kernel_size=3)


DECODER = Decoder(build)

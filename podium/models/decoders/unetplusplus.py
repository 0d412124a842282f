"""UNet++ (Zhou et al. 2018, arXiv:1807.10165), smp's.

Options: depth, decoder_channels (one a level, deepest first), use_norm, attention_type (scse),
center, interpolation_mode.
"""

from __future__ import annotations

from segmentation_models_pytorch.decoders.unetplusplus.decoder import UnetPlusPlusDecoder

from podium.models.decoders._decoder import u_shaped

__all__ = ["DECODER"]

DECODER = u_shaped(UnetPlusPlusDecoder, least=2, is_doubling=True)

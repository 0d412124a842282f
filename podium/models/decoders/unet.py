"""U-Net (Ronneberger et al. 2015, arXiv:1505.04597), smp's.

Options: depth, decoder_channels (one a level, deepest first), use_norm, attention_type (scse),
add_center_block, interpolation_mode.
"""

from __future__ import annotations

from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder

from podium.models.decoders._decoder import u_shaped

__all__ = ["DECODER"]

DECODER = u_shaped(UnetDecoder)

"""MA-Net: attention over positions and between levels (Fan et al. 2020, IEEE Access 8), smp's.

Options: depth, decoder_channels (one a level, deepest first), reduction, use_norm, pab_channels,
interpolation_mode. The attention of the deepest map takes memory with the fourth power of its side.
"""

from __future__ import annotations

from segmentation_models_pytorch.decoders.manet.decoder import MAnetDecoder

from podium.models.decoders._decoder import u_shaped

__all__ = ["DECODER"]

DECODER = u_shaped(MAnetDecoder, is_doubling=True)

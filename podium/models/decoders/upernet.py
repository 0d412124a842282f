"""UPerNet: PSPNet's averages under a pyramid (Xiao et al. 2018, arXiv:1807.10221), smp's.

Options: depth, decoder_channels, use_norm.
"""

from __future__ import annotations

from segmentation_models_pytorch.decoders.upernet.decoder import UPerNetDecoder

from podium.models.decoders._decoder import pyramidal

__all__ = ["DECODER"]

DECODER = pyramidal(UPerNetDecoder, default=256, least=3)

"""PAN: pyramid attention (Li et al. 2018, arXiv:1805.10180), smp's.

The deepest map is halved three times and needs 8 rows and columns: `model.options:
{output_stride: 16}` gives it more, where the backbone takes that.

Options: depth (3 to 5), decoder_channels, interpolation_mode.
"""

from __future__ import annotations

from segmentation_models_pytorch.decoders.pan.decoder import PANDecoder

from podium.models.decoders._decoder import pyramidal

__all__ = ["DECODER"]

DECODER = pyramidal(PANDecoder, default=32, kernel_size=3, least=3)

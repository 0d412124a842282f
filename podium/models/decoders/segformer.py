"""SegFormer's decoder: a linear layer for each level (Xie et al. 2021, arXiv:2105.15203), smp's.

Options: depth, segmentation_channels.
"""

from __future__ import annotations

from segmentation_models_pytorch.decoders.segformer.decoder import SegformerDecoder

from podium.models.decoders._decoder import pyramidal

__all__ = ["DECODER"]

DECODER = pyramidal(SegformerDecoder, option="segmentation_channels", default=256, least=3)

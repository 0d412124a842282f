"""LinkNet (Chaurasia & Culurciello 2017, arXiv:1707.03718), smp's: small and fast.

Options: depth, prefinal_channels, use_norm.
"""

from __future__ import annotations

from segmentation_models_pytorch.decoders.linknet.decoder import LinknetDecoder

from podium.models.decoders._decoder import pyramidal

__all__ = ["DECODER"]

DECODER = pyramidal(
    LinknetDecoder,
    option="prefinal_channels",
    default=32,
    depth_option="n_blocks",
    is_doubling=True,
)

"""What U-Net, UNet++ and MA-Net have in common: from level to level back up to the image's size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from podium.models.decoders._decoder import (
    Decoder,
    Decoding,
    encoder_channels,
    find_levels,
    on_levels,
)
from podium.models.features import FeatureShape

__all__ = ["u_shaped"]

CHANNELS = (256, 128, 64, 32, 16)


def u_shaped(smp_class: Callable[..., Any], **level_rules: Any) -> Decoder:
    """Return a decoder that is smp's `smp_class`; its result has the size of the image.

    Args:
        smp_class: a decoder with `decoder_channels`, one a level.
        level_rules: what it asks of the levels, as `find_levels` takes it.
    """

    def build(
        shape: FeatureShape,
        *,
        depth: int = 5,
        decoder_channels: Sequence[int] | None = None,
        **options: Any,
    ) -> Decoding:
        levels = find_levels(shape, depth=depth, **level_rules)
        channels = tuple(decoder_channels or CHANNELS[-len(levels) :])
        decoder = smp_class(
            encoder_channels(levels), decoder_channels=channels, n_blocks=len(levels), **options
        )
        return on_levels(decoder, shape, levels, channels=channels[-1], kernel_size=3)

    return Decoder(build)

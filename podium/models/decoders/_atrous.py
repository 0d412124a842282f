"""What DeepLabV3 and DeepLabV3+ have in common: how far apart their convolutions look."""

from __future__ import annotations

from collections.abc import Sequence

from podium.models.decoders._decoder import Level

__all__ = ["atrous_rates"]

RATES_AT_STRIDE_8 = (12, 24, 36)


def atrous_rates(given: Sequence[int] | None, deepest: Level) -> tuple[int, ...]:
    """Return `given`, or rates that span as many pixels of the image as those of the paper.

    stride 8: 12, 24, 36;  stride 16: 6, 12, 18   (Chen et al. 2017, sections 4.1 and 4.2)
    """
    if given is not None:
        return tuple(given)
    stride = 2**deepest.octave
    return tuple(max(1, rate * 8 // stride) for rate in RATES_AT_STRIDE_8)

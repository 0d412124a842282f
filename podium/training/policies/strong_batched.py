"""The strong view, RandAugment and Cutout, drawn for a whole batch: a quarter of the time at 28 px.

The same transforms as `strong`, with the same magnitudes, by other random numbers.
"""

from __future__ import annotations

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.data.batched_views import BatchDrawn
from podium.training.policies.strong import strong

__all__ = ["POLICY"]


def strong_batched(size: tuple[int, int], pixels: Pixels = RGB8) -> list[BatchDrawn]:
    """Return the transforms of `strong`."""
    return [BatchDrawn(strong(size, pixels))]


POLICY = strong_batched

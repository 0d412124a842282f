"""The weak view, a flip and a shift, drawn for a whole batch.

The same transforms as `weak` by other random numbers.
"""

from __future__ import annotations

from podium.training.data.batched_views import BatchDrawn
from podium.training.policies.weak import weak

__all__ = ["POLICY"]


def weak_batched(size: tuple[int, int]) -> list[BatchDrawn]:
    """Return the transforms of `weak`."""
    return [BatchDrawn(weak(size))]


POLICY = weak_batched

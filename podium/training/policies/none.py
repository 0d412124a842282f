"""No augmentation."""

from __future__ import annotations

import albumentations as A

__all__ = ["POLICY"]


def POLICY(size: tuple[int, int]) -> list[A.BasicTransform]:  # noqa: N802 — every policy's name
    """Return no transform at all: the image is only brought to the input's size."""
    return []

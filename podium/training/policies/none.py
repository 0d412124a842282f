"""No augmentation."""

from __future__ import annotations

import albumentations as A

__all__ = ["POLICY"]


def no_augmentation(size: tuple[int, int]) -> list[A.BasicTransform]:
    """Return no transform at all: the image is only fitted to the input's size."""
    return []


POLICY = no_augmentation

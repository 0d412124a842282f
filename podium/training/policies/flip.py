"""A horizontal flip of every other image, and nothing else."""

from __future__ import annotations

import albumentations as A

__all__ = ["POLICY"]


def flip(size: tuple[int, int]) -> list[A.BasicTransform]:
    """Return a horizontal flip."""
    return [A.HorizontalFlip(p=0.5)]


POLICY = flip

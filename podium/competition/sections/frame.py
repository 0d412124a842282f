"""The frame of masks: the size in which they are predicted, scored and written."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from podium.competition.sections.data import SpecSection

__all__ = ["Frame", "PatchFrame", "fixed_size", "frame_size", "n_patches", "plain_frame"]

Size = tuple[int, int]


class PatchFrame(SpecSection):
    """Masks of patches: a square of `patch` pixels is one pixel of the mask.

    A patch is foreground where more than the share `above` of its labelled pixels is. Those at the
    right and lower edge may be smaller. In the road segmentation of the EPFL and the ETH a patch
    has 16 pixels, and is road where more than a quarter of it is.
    """

    patch: Annotated[int, Field(ge=2)] = Field(description="height and width of a patch, in pixels")
    above: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.5, description="a patch is of a class where more than this share of it is"
    )

    def size(self, image: Size) -> Size:
        """Return (height, width) of the mask of an image of (height, width): how many patches."""
        return n_patches(image, self.patch)

    def sums(self, pixels: NDArray[Any]) -> NDArray[np.float64]:
        """Return the sum of each patch's pixels `(H, W, …)`, `(H′, W′, …)`."""
        down, along = (np.arange(0, side, self.patch) for side in pixels.shape[:2])
        rows = np.add.reduceat(pixels, down, axis=0, dtype=np.float64)
        found: NDArray[np.float64] = np.add.reduceat(rows, along, axis=1)
        return found


def n_patches(image: Size, side: int) -> Size:
    """Return how many patches of `side` pixels an image of (height, width) has down and along.

    Example:
        >>> n_patches((608, 400), 16)
        (38, 25)
    """
    height, width = image
    return -(-height // side), -(-width // side)


Frame = Literal["native"] | tuple[PositiveInt, PositiveInt] | PatchFrame
"""native: of each image's own size; [height, width] of all; or patches."""


def fixed_size(frame: Frame) -> Size | None:
    """Return the (height, width) of every mask; None where it depends on the image's."""
    return frame if isinstance(frame, tuple) else None


def frame_size(frame: Frame, image: Size) -> Size:
    """Return (height, width) of the mask of an image of (height, width)."""
    if isinstance(frame, tuple):
        return frame
    return frame.size(image) if isinstance(frame, PatchFrame) else image


def plain_frame(frame: Frame) -> Any:
    """Return a frame as YAML and JSON hold it."""
    if isinstance(frame, PatchFrame):
        return frame.model_dump()
    return list(frame) if isinstance(frame, tuple) else frame

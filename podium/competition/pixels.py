"""What the pixels of a competition's images are: channels, type, and the range they lie in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["RGB8", "Dtype", "Pixels"]

Dtype = Literal["uint8", "uint16", "float32"]


@dataclass(frozen=True)
class Pixels:
    """The form of every image of a competition, `(H, W, channels)` of `dtype`.

    Args:
        channels: how many numbers a pixel has.
        dtype: of a number.
        low: the value that a network sees as 0.
        high: the value that a network sees as 1, before mean and standard deviation.
    """

    channels: int = 3
    dtype: Dtype = "uint8"
    low: float = 0.0
    high: float = 255.0

    @property
    def is_rgb8(self) -> bool:
        """Whether these are the pictures that every viewer shows."""
        return self == RGB8

    @property
    def n_bytes(self) -> int:
        """How many bytes a pixel takes."""
        return self.channels * np.dtype(self.dtype).itemsize

    @property
    def seen(self) -> Pixels:
        """The form in which augmentation and networks get these images.

        Whole 8 bits stay as they are; all else is float32, 0 to 1, so that nothing is rounded.
        """
        if (self.dtype, self.low, self.high) == ("uint8", 0.0, 255.0):
            return self
        return Pixels(self.channels, "float32", 0.0, 1.0)

    def as_seen(self, image: NDArray[Any]) -> NDArray[Any]:
        """Return `image` in the form `seen`: itself where that is its own, else `unit` of it."""
        return np.asarray(image) if self.seen.dtype == "uint8" else self.unit(image)

    def unit(self, image: NDArray[Any]) -> NDArray[np.float32]:
        """Return `image` as float32, `low` as 0 and `high` as 1; what lies outside is cut off."""
        scaled = (image.astype(np.float32) - self.low) / (self.high - self.low)
        return np.asarray(np.clip(scaled, 0, 1, out=scaled))

    def shown(self, image: NDArray[Any]) -> NDArray[np.uint8]:
        """Return `image` `(H, W, channels)` as people see it, `(H, W, 3)` uint8.

        One or two channels are shown as grey (the first), more as red, green and blue (the first
        three).
        """
        if self.is_rgb8:
            return np.asarray(image)
        chosen = image[:, :, :3] if self.channels >= 3 else image[:, :, :1]
        grey_or_rgb = np.round(self.unit(chosen) * 255).astype(np.uint8)
        return np.asarray(np.broadcast_to(grey_or_rgb, (*image.shape[:2], 3)).copy())


RGB8 = Pixels()

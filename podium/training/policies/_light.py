"""Brightness and contrast for images of any number of channels, where ColorJitter takes three."""

from __future__ import annotations

from typing import Any

import albumentations as A
import numpy as np
from numpy.typing import NDArray

__all__ = ["Light"]


class Light(A.ImageOnlyTransform):  # type: ignore[misc]
    """The brightness and the contrast of albumentations' ColorJitter, all channels together.

        x ← b · (c · x + (1 − c) · mean)    b ~ U(1 − brightness, 1 + brightness)
                                            c ~ U(1 − contrast, 1 + contrast)

    Which of the two comes first makes no difference; what lies outside is cut off at the end.

    Args:
        brightness: in [0, 1].
        contrast: in [0, 1].
        p: share of the images that are changed.
    """

    def __init__(self, brightness: float, contrast: float, p: float = 0.5) -> None:
        super().__init__(p=p)
        self.brightness, self.contrast = brightness, contrast

    def get_params(self) -> dict[str, Any]:
        draw = self.py_random.uniform
        return {
            "brighter": draw(1 - self.brightness, 1 + self.brightness),
            "stronger": draw(1 - self.contrast, 1 + self.contrast),
        }

    def apply(self, img: NDArray[Any], brighter: float, stronger: float, **_: Any) -> NDArray[Any]:
        """Return `img` `(H, W, C)`, uint8 or float32 in [0, 1], in other light."""
        is_whole = img.dtype == np.uint8
        most = 255 if is_whole else 1
        offset = brighter * (1 - stronger) * float(img.mean())
        changed = img.astype(np.float32) * np.float32(brighter * stronger) + np.float32(offset)
        np.clip(changed, 0, most, out=changed)
        return np.rint(changed).astype(np.uint8) if is_whole else changed

"""Parts of self-supervised policies: a random window, and changes of colour and brightness.

`BrightnessContrast` takes images of any number of channels, where ColorJitter takes three.
"""

from __future__ import annotations

from typing import Any

import albumentations as A
import cv2
import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.pixels import Pixels

__all__ = ["blur", "colours", "jitter", "window"]


class BrightnessContrast(A.ImageOnlyTransform):  # type: ignore[misc]
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


Size = tuple[int, int]

SIGMA = (0.1, 2.0)  # pixels, as all the papers have it


def window(size: Size, scale: tuple[float, float]) -> list[A.BasicTransform]:
    """Return a window with a share of the image's area in `scale`, its sides 3:4 to 4:3; a flip.

    Bicubic where it grows, as in the papers; where it shrinks pixels are averaged.
    """
    crop = A.RandomResizedCrop(
        size, scale=scale, interpolation=cv2.INTER_CUBIC, area_for_downscale="image"
    )
    return [crop, A.HorizontalFlip(p=0.5)]


def colours(
    brightness: float, contrast: float, saturation: float, hue: float, pixels: Pixels
) -> list[A.BasicTransform]:
    """Return a colour jitter of these strengths for 4 of 5 images, and grey for 1 of 5.

    Images that are not of red, green and blue have no hue and are never made grey: their
    brightness and contrast change.
    """
    jittered = jitter(brightness, contrast, saturation, hue, pixels)
    return [jittered, A.ToGray(p=0.2)] if pixels.channels == 3 else [jittered]


def jitter(
    brightness: float, contrast: float, saturation: float, hue: float, pixels: Pixels
) -> A.BasicTransform:
    """Return a colour jitter of these strengths for 4 of 5 images.

    Of images that are not of red, green and blue it changes brightness and contrast alone.
    """
    if pixels.channels != 3:
        return BrightnessContrast(brightness, contrast, p=0.8)
    return A.ColorJitter(
        brightness=brightness, contrast=contrast, saturation=saturation, hue=hue, p=0.8
    )


def blur(size: Size, *, p: float, side: int) -> A.BasicTransform:
    """Return a Gaussian blur for a share `p` of the images.

    Args:
        size: (height, width) of the view.
        p: share.
        side: of the views in the paper; the blur is in proportion to it, so that an image of 32
            pixels is as good as not blurred.
    """
    shrunk = min(size) / side
    return A.GaussianBlur(sigma_limit=(SIGMA[0] * shrunk, SIGMA[1] * shrunk), p=p)

"""Pictures of a data folder, of which some are damaged: what cannot be read is no evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PIL import Image

__all__ = ["picture_size", "read_picture"]

_Read = TypeVar("_Read")


def read_picture(path: Path, read: Callable[[Image.Image], _Read]) -> _Read | None:
    """Return what `read` makes of a picture; None where it cannot be read."""
    try:
        with Image.open(path) as image:
            return read(image)
    except Exception:  # Pillow raises what it likes
        return None


def picture_size(path: Path) -> tuple[int, int] | None:
    """Return the (height, width) in the header of a picture; None where it cannot be read."""
    return read_picture(path, lambda image: (image.height, image.width))

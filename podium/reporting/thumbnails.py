"""Images as small pictures inside a page."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from podium.competition.images import read_image

__all__ = ["LARGEST_PX", "thumbnail"]

LARGEST_PX = 256  # the larger side, in pixels


def thumbnail(path: Path) -> str:
    """Return the image as a data URI, its larger side at most 256 pixels; never enlarged.

    Raises:
        DataError: the image cannot be read.
    """
    image = Image.fromarray(read_image(path))
    image.thumbnail((LARGEST_PX, LARGEST_PX), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    image.save(stream, format="WEBP", quality=82, method=4)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode("ascii")

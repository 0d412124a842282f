"""Members against the truth of pixels: to a blend a pixel is a row, as an image is."""

from podium.tasks.kinds.classify._rows.blending import columns, errors

__all__ = ["columns", "errors"]

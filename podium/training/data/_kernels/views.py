"""The loops of batched views.

Images are `(N, H, W, 3)` of 8 bits, changed in place at `rows`; a table has the new value of each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from podium.codecs._kernels import compiled

__all__ = ["contrast_tables", "equal_tables", "gather_pixels", "use_tables"]


def _gather_pixels(images: Any, rows: Any, down: Any, across: Any, fill: Any) -> None:
    """Take the pixel of line `down` `(n, H)` and column `across` `(n, W)`; -1 is `fill` `(3,)`."""
    height, width = images.shape[1:3]
    old = np.empty((height, width, 3), np.uint8)
    for n in range(len(rows)):
        image = images[rows[n]]
        old[:] = image
        for y in range(height):
            from_y = down[n, y]
            for x in range(width):
                from_x = across[n, x]
                if from_y < 0 or from_x < 0:
                    for c in range(3):
                        image[y, x, c] = fill[c]
                else:
                    for c in range(3):
                        image[y, x, c] = old[from_y, from_x, c]


def _use_tables(images: Any, rows: Any, tables: Any) -> None:
    """Look up each value in `tables` `(n, 1, 256)`, or `(n, 3, 256)` with one a channel."""
    height, width = images.shape[1:3]
    is_one = tables.shape[1] == 1
    for n in range(len(rows)):
        image, table = images[rows[n]], tables[n]
        for y in range(height):
            for x in range(width):
                for c in range(3):
                    image[y, x, c] = table[0 if is_one else c, image[y, x, c]]


def _count(image: Any, counts: Any) -> None:
    """Count the values of each channel into `counts` `(3, 256)`."""
    counts[:] = 0
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for c in range(3):
                counts[c, image[y, x, c]] += 1


_counted = compiled(_count)


def _contrast_tables(images: Any, rows: Any, tables: Any) -> None:
    """Write what `AutoContrast` makes of each value: the share of the pixels that are darker.

    Values of 255 are not counted, as albumentations has it; numbers are of 32 bits, as there.
    """
    counts = np.empty((3, 256), np.int64)
    for n in range(len(rows)):
        _counted(images[rows[n]], counts)
        for c in range(3):
            counts[c, 255] = 0
            first, total = 0, 0
            for value in range(256):
                total += counts[c, value]
                if first == 0:
                    first = total
            below, span = 0, np.float32(total - first)
            for value in range(256):
                below += counts[c, value]
                if total == first:  # one value, or none
                    tables[n, c, value] = value
                elif below <= first:
                    tables[n, c, value] = 0
                else:
                    share = np.float32(np.float32(below - first) * np.float32(255)) / span
                    tables[n, c, value] = min(255, int(np.rint(share)))


def _equal_tables(images: Any, rows: Any, tables: Any) -> None:
    """Write what OpenCV's `equalizeHist` makes of each value."""
    counts = np.empty((3, 256), np.int64)
    for n in range(len(rows)):
        _counted(images[rows[n]], counts)
        for c in range(3):
            total, first = images.shape[1] * images.shape[2], 0
            while counts[c, first] == 0:
                first += 1
            if counts[c, first] == total:
                for value in range(256):
                    tables[n, c, value] = value
                continue
            scale, below = np.float32(255) / np.float32(total - counts[c, first]), 0
            for value in range(256):
                if value > first:
                    below += counts[c, value]
                tables[n, c, value] = min(255, int(np.rint(np.float32(below) * scale)))


gather_pixels, use_tables = compiled(_gather_pixels), compiled(_use_tables)
contrast_tables, equal_tables = compiled(_contrast_tables), compiled(_equal_tables)

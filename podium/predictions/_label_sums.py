"""Boxes, areas and sums of all objects of a map in one look at its pixels, compiled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs._kernels import compiled

__all__ = ["boxes_of", "mean_values"]

Labels = NDArray[np.int32]
Bands = Iterable[tuple[slice, NDArray[np.float32]]]


def boxes_of(labels: Labels) -> NDArray[np.int64]:
    """Return (top, left, bottom, right) of each number of a map `(H, W)`, `(n + 1, 4)`.

    Row 0 is of no object. Of a number that no pixel has, bottom and right are 0.
    """
    boxes = np.zeros((int(labels.max(initial=0)) + 1, 4), np.int64)
    boxes[:, :2] = labels.shape
    _compiled_boxes(labels, boxes)
    return boxes


def mean_values(labels: list[Labels], bands: Bands) -> list[NDArray[np.float64]]:
    """Return for each of C maps `(H, W)` the mean value of each number, `(n + 1,)`.

    Args:
        labels: whole numbers from 0.
        bands: rows, and their values `(h, W, C)`; a value that is nan counts 0.
    """
    n = [int(one.max(initial=0)) + 1 for one in labels]
    totals, pixels = [np.zeros(one) for one in n], [np.zeros(one, np.int64) for one in n]
    for rows, band in bands:
        for c, one in enumerate(labels):
            # Added up band by band, as rounding depends on the order.
            of_band = np.zeros(n[c])
            _compiled_sums(one[rows], band, c, of_band, pixels[c])
            totals[c] += of_band
    return [total / np.maximum(count, 1) for total, count in zip(totals, pixels, strict=True)]


def _boxes(labels: Any, boxes: Any) -> None:
    for row in range(labels.shape[0]):
        for column in range(labels.shape[1]):
            number = labels[row, column]
            if number == 0:
                continue
            boxes[number, 0] = min(boxes[number, 0], row)
            boxes[number, 1] = min(boxes[number, 1], column)
            boxes[number, 2] = max(boxes[number, 2], row + 1)
            boxes[number, 3] = max(boxes[number, 3], column + 1)


def _sums(labels: Any, values: Any, channel: Any, totals: Any, pixels: Any) -> None:
    for row in range(labels.shape[0]):
        for column in range(labels.shape[1]):
            number = labels[row, column]
            if number == 0:
                continue
            value = values[row, column, channel]
            pixels[number] += 1
            if not np.isnan(value):
                totals[number] += value


_compiled_boxes = compiled(_boxes)
_compiled_sums = compiled(_sums)

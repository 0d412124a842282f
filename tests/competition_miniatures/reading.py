"""What a submission's rows say, in plain numpy: nothing here is podium's.

The header and the order of the ids must be those of the sample submission.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from plain_runs import drawn

from competition_miniatures.made import Made

__all__ = ["class_masks", "image_masks", "lines", "object_masks", "values"]

Mask = NDArray[np.bool_]


def values(file: Path, sample: Path) -> dict[str, str]:
    """Return the second cell of each row, by the first."""
    return dict(tuple(row) for row in _rows_as_in(file, sample, keys=1))


def image_masks(
    file: Path, sample: Path, made: Made, *, empty: str = "", order: str = "F"
) -> dict[str, Mask]:
    """Return the mask `(H, W)` of each row's image."""
    return {
        name: drawn(text, made.truth[name].shape, empty=empty, order=order)
        for name, text in values(file, sample).items()
    }


def class_masks(
    file: Path, sample: Path, made: Made, *, keys: int = 1, order: str = "F"
) -> dict[str, Mask]:
    """Return the masks `(C, H, W)` of each image, of rows `id_class,runs` or `id,class,runs`."""
    predicted = {name: np.zeros_like(mask) for name, mask in made.truth.items()}
    n_rows = 0
    for row in _rows_as_in(file, sample, keys=keys):
        name, label = row[0].rpartition("_")[::2] if keys == 1 else row[:2]
        layer = made.classes.index(label)
        predicted[name][layer] = drawn(row[-1], predicted[name].shape[1:], order=order)
        n_rows += 1
    assert n_rows == len(made.truth) * len(made.classes)
    return predicted


def object_masks(file: Path, made: Made) -> dict[str, list[Mask]]:
    """Return the objects of each image, of which none share a pixel; a blank row says none."""
    header, *rows = lines(file)
    assert header == ["ImageId", "EncodedPixels"]
    assert list(dict.fromkeys(name for name, _ in rows)) == list(made.truth)
    predicted: dict[str, list[Mask]] = {name: [] for name in made.truth}
    for name, text in rows:
        if text:
            predicted[name].append(drawn(text, made.truth[name].shape[1:]))
    for name, objects in predicted.items():
        assert np.sum(objects, axis=0, dtype=int).max(initial=0) <= 1, "objects share a pixel"
        assert objects or sum(one == name for one, _ in rows) == 1
    return predicted


def _rows_as_in(file: Path, sample: Path, *, keys: int) -> list[list[str]]:
    (header, *rows), (sample_header, *sample_rows) = lines(file), lines(sample)
    assert header == sample_header
    assert [row[:keys] for row in rows] == [row[:keys] for row in sample_rows]
    return rows


def lines(file: Path) -> list[list[str]]:
    """Return the cells of each line, the header's first."""
    with file.open(newline="", encoding="utf-8") as opened:
        return list(csv.reader(opened))

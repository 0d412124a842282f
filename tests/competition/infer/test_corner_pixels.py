"""Outlines with corners at the edge of the image or outside, drawn as hosts draw them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

HEIGHT, WIDTH, N = 12, 16, 12
Corners = Sequence[tuple[float, float]]
LAST = [(10.0, 5.0), (15.0, 3.0), (15.0, 8.0), (10.0, 8.0)]
BOX = [(10.0, 3.0), (15.0, 3.0), (15.0, 8.0), (10.0, 8.0)]
EDGE = [(10.0, 3.0), (16.0, 3.0), (16.0, 8.0), (10.0, 8.0)]
OUTSIDE = [(10.0, 3.0), (18.0, 3.0), (18.0, 8.0), (10.0, 8.0)]
INNER = [(2.0, 2.0), (9.0, 3.0), (6.0, 9.0)]


def cells(data: Path, shapes: Sequence[Corners]) -> None:
    """Write a table of outlines, an image each."""
    rows = []
    for n in range(N):
        put(data / f"train/i{n}.png", n)
        at = json.dumps([[x, y] for x, y in shapes[n % len(shapes)]])
        rows.append((f"i{n}.png", f'"{at}"'))
    for n in range(4):
        put(data / f"test/t{n}.png", 50 + n)
    table(data / "outlines.csv", ("image", "polygon"), *rows)


def labelme(data: Path, shapes: Sequence[Corners]) -> None:
    """Write a file of labelme beside each image."""
    for n in range(N):
        put(data / f"train/i{n}.png", n)
        points = [list(corner) for corner in shapes[n % len(shapes)]]
        shape = {"label": "roof", "shape_type": "polygon", "points": points}
        whole = {"shapes": [shape], "imagePath": f"i{n}.png"}
        whole |= {"imageHeight": HEIGHT, "imageWidth": WIDTH, "imageData": None, "version": "5"}
        (data / f"train/i{n}.json").write_text(json.dumps(whole))
    for n in range(4):
        put(data / f"test/t{n}.png", 50 + n)


def drawn(root: Path, n: int) -> NDArray[np.bool_]:
    [file] = root.glob(f"made/masks/**/i{n}.png")
    return np.asarray(Image.open(file)) > 0


def by_middles(corners: Corners) -> NDArray[np.bool_]:
    """Return the pixels whose middles are inside, each asked of cv2 as a point."""
    ring = np.asarray(corners, dtype=np.float32)
    inside = [
        [cv2.pointPolygonTest(ring, (x + 0.5, y + 0.5), False) > 0 for x in range(WIDTH)]
        for y in range(HEIGHT)
    ]
    return np.array(inside)


@pytest.mark.parametrize("write", [cells, labelme])
def test_outlines_that_end_in_the_last_column_have_their_edges(
    tmp_path: Path, write: Callable[[Path, Sequence[Corners]], None]
) -> None:
    write(tmp_path / "data", [LAST, INNER])
    _, notes = begin(tmp_path)
    assert "end in the last row or column of pixels" in notes
    assert "as cv2.fillPoly draws them" in notes
    for n, corners in ((0, LAST), (1, INNER)):
        truth = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        cv2.fillPoly(truth, [np.array(corners, dtype=np.int32)], 1)
        np.testing.assert_array_equal(drawn(tmp_path, n), truth > 0)
    assert drawn(tmp_path, 0)[5:9, 10:16].all()


@pytest.mark.parametrize("beyond", [EDGE, OUTSIDE])
@pytest.mark.parametrize("write", [cells, labelme])
def test_outlines_that_reach_the_edge_are_cut_off_there(
    tmp_path: Path, write: Callable[[Path, Sequence[Corners]], None], beyond: Corners
) -> None:
    write(tmp_path / "data", [LAST, INNER, beyond])
    _, notes = begin(tmp_path)
    assert "4 outlines reach the edge of the image or lie in part outside" in notes
    assert "pixels whose middles are inside" in notes
    for n, corners in enumerate((LAST, INNER, beyond)):
        np.testing.assert_array_equal(drawn(tmp_path, n), by_middles(corners))


def test_boxes_that_end_before_the_last_column_are_places(tmp_path: Path) -> None:
    """A box that ends there looks like one that is cut off there."""
    cells(tmp_path / "data", [BOX, INNER])
    _, notes = begin(tmp_path)
    assert "cv2.fillPoly" not in notes
    np.testing.assert_array_equal(drawn(tmp_path, 0), by_middles(BOX))


def test_outlines_inside_are_drawn_as_places_without_a_note(tmp_path: Path) -> None:
    cells(tmp_path / "data", [INNER])
    _, notes = begin(tmp_path)
    assert "cv2.fillPoly" not in notes
    np.testing.assert_array_equal(drawn(tmp_path, 0), by_middles(INNER))


def test_corners_far_outside_are_no_pixels_of_the_image(tmp_path: Path) -> None:
    cells(tmp_path / "data", [[(500.0, 700.0), (520.0, 700.0), (510.0, 730.0)]])
    with pytest.raises(DataError):
        begin(tmp_path)

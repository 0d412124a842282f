"""Outlines in the coordinates of a map, on the images that have a place on it.

An image has the place of its world file (`7.pgw`, `7.pngw` or `7.wld` beside `7.png`), or that of
the tags of a GeoTIFF:

    x = x_column * column + x_row * row + x       (x, y) is the middle of the first pixel,
    y = y_column * column + y_row * row + y       where column and row are 0

An outline is of every image that it covers a part of, and is cut off at its edges.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tifffile
from numpy.typing import NDArray

from podium.competition.infer.annotations.shapes import AnnotatedImage, Annotations, Point, Shape
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.pictures import displayed_size
from podium.competition.infer.shares import HALF
from podium.errors import plural

__all__ = ["MapOutline", "outlines_on_images"]

_TIFFS = (".tif", ".tiff")
_SCALE, _TIEPOINT, _TRANSFORMATION, _GEO_KEYS = 33550, 33922, 34264, 34735
_RASTER_TYPE, _OF_POINTS = 1025, 2  # tie points are middles of pixels in place of corners
_LEAST_AREA = 1e-6  # pixels: less is what an edge leaves that runs along that of the image


class MapOutline(NamedTuple):
    """An outline, with its holes as `with_holes` has them, in the coordinates of a map."""

    source: str
    label: str
    points: Sequence[Point]


class _MapPosition(NamedTuple):
    """Where the pixels of an image lie on a map."""

    x_column: float
    y_column: float
    x_row: float
    y_row: float
    x: float
    y: float

    def pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points `(N, 2)` of the map in the image, where the first pixel is 0 to 1."""
        (x, y), n = (points - (self.x, self.y)).T, self.x_column * self.y_row
        n -= self.x_row * self.y_column
        columns = (x * self.y_row - y * self.x_row) / n
        rows = (y * self.x_column - x * self.y_column) / n
        return np.stack([columns, rows], axis=1) + 0.5

    def corners(self, size: tuple[int, int]) -> NDArray[np.float64]:
        """Return the corners `(4, 2)` of an image of this height and width on the map."""
        height, width = size
        ends = [(i - 0.5, j - 0.5) for i in (0, width) for j in (0, height)]
        return np.array(
            [
                (
                    self.x + self.x_column * column + self.x_row * row,
                    self.y + self.y_column * column + self.y_row * row,
                )
                for column, row in ends
            ]
        )


def outlines_on_images(
    folder: DataFolder, outlines: Sequence[MapOutline], reader: str
) -> Annotations | None:
    """Return the images that outlines lie on; None where no image has a place on a map.

    Without images, and with the reason as a note, where most outlines lie on no image and most
    images have none: the coordinates are those of another map.
    """
    pool = folder.of_part("train", "other", "holdout")
    files = {path.lower(): folder.path / path for path in folder.others}
    placed = {one: place for one in pool if (place := _place(folder, one, files)) is not None}
    sized = {one: size for one in placed if (size := displayed_size(folder.path / one.path))}
    if not sized or not outlines:
        return None
    points = [np.asarray(one.points, dtype=np.float64) for one in outlines]
    low, high = (np.array([end(one, axis=0) for one in points]) for end in (np.min, np.max))
    images, used = list[AnnotatedImage](), set[int]()
    corners = {one: placed[one].corners(size) for one, size in sized.items()}
    for image, size in sized.items():
        own = corners[image]
        near = ((low <= own.max(axis=0)) & (high >= own.min(axis=0))).all(axis=1)
        shapes: dict[int, Shape] = {}
        for k in map(int, np.flatnonzero(near)):
            inside = _inside(placed[image].pixels(points[k]), size)
            if len(inside):
                shapes[k] = (outlines[k].label, "polygon", [(x, y) for x, y in inside.tolist()])
        if shapes:
            source = outlines[min(shapes)].source
            images.append(AnnotatedImage(source, image, size, [*shapes.values()]))
            used |= shapes.keys()
    if len(used) < HALF * len(outlines) and len(images) < HALF * len(sized):
        n = f"{len(used):,} of {plural(len(outlines), 'outline')}"
        told = (
            f"{n} lie on an image: outlines reach over {_range(low, high)}, and images over "
            f"{_range(*(np.concatenate([*corners.values()]),) * 2)}, as their world files or tags "
            "have it: write the outlines in the coordinates of the images, as geopandas' to_crs"
        )
        return Annotations(reader, len(sized), [], notes=[told])
    notes = [
        f"outlines are drawn on {len(images):,} of {plural(len(pool), 'image')} by their places on "
        "the map; a pixel is inside where its middle is"
    ]
    if left := len(outlines) - len(used):
        notes.append(f"{plural(left, 'outline')} of {len(outlines):,} lie on no image of train")
    absent = ""
    if len(sized) == len(pool):
        absent = "no outline lies there, and they are blank"
    else:
        notes.append(f"{len(pool) - len(sized):,} images have no place on the map, and no mask")
    return Annotations(reader, len(images), images, notes=notes, on_map=True, absent=absent)


def _range(low: NDArray[np.float64], high: NDArray[np.float64]) -> str:
    (left, bottom), (right, top) = low.min(axis=0), high.max(axis=0)
    return f"x {left:.9g} to {right:.9g}, y {bottom:.9g} to {top:.9g}"


def _place(folder: DataFolder, image: ImageFile, files: Mapping[str, Path]) -> _MapPosition | None:
    """Return the place of an image by its tags, else by its world file; None without either."""
    if image.suffix.lower() in _TIFFS and (place := _place_of_tags(folder, image)) is not None:
        return place
    stem, _, end = image.path.rpartition(".")
    for name in (f"{end[0]}{end[-1]}w", f"{end}w", "wld"):
        try:
            lines = files[f"{stem}.{name}".lower()].read_text().replace(",", ".").split()
            return _or_none(_MapPosition(*map(float, lines)))
        except (KeyError, OSError, ValueError, TypeError):
            continue
    return None


def _place_of_tags(folder: DataFolder, image: ImageFile) -> _MapPosition | None:
    try:
        with tifffile.TiffFile(folder.path / image.path) as file:
            tags = {tag.code: tag.value for tag in file.pages[0].tags}
    except Exception:  # tifffile raises what it likes
        return None
    if _TRANSFORMATION in tags:
        x_column, x_row, _, x, y_column, y_row, _, y, *_ = tags[_TRANSFORMATION]
    elif _SCALE in tags and _TIEPOINT in tags:
        x_column, down, *_ = tags[_SCALE]
        column, row, _, left, top, *_ = tags[_TIEPOINT]
        y_column, x_row, y_row = 0.0, 0.0, -down
        x, y = left - column * x_column, top + row * down
    else:
        return None
    keys = tags.get(_GEO_KEYS, ())
    if (_RASTER_TYPE, _OF_POINTS) not in zip(keys[4::4], keys[7::4], strict=True):
        x, y = x + (x_column + x_row) / 2, y + (y_column + y_row) / 2
    return _or_none(_MapPosition(x_column, y_column, x_row, y_row, x, y))


def _or_none(place: _MapPosition) -> _MapPosition | None:
    area = place.x_column * place.y_row - place.x_row * place.y_column
    return place if all(map(math.isfinite, place)) and area else None


def _inside(points: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """Return a polygon `(N, 2)` cut off at the edges of an image; `(0, 2)` where all is outside.

    By each edge in turn (Sutherland and Hodgman 1974), which keeps the even-odd rule.
    """
    height, width = size
    for axis, end, sign in ((0, 0, 1), (0, width, -1), (1, 0, 1), (1, height, -1)):
        far = sign * (points[:, axis] - end)
        following, after = np.roll(points, -1, axis=0), np.roll(far, -1)
        is_in, crosses = far >= 0, (far >= 0) != (after >= 0)
        share = np.divide(far, far - after, out=np.zeros_like(far), where=crosses)
        cut = points + share[:, None] * (following - points)
        both = np.stack([points, cut], axis=1)
        points = both[np.stack([is_in, crosses], axis=1)]
    (x, y), (next_x, next_y) = points.T, np.roll(points, -1, axis=0).T
    return points if abs(np.sum(x * next_y - next_x * y)) > 2 * _LEAST_AREA else points[:0]

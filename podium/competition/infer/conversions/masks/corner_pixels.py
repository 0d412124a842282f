"""What corners of outlines are: places in an image, or its pixels, whose edges masks have, too.

A photograph of 100 columns has places from 0 to 100, and pixels from 0 to 99. Of places a mask has
the pixels whose middles are inside; of pixels it has those on the outline as well, as the code of
hosts draws them (cv2.fillPoly, PIL.ImageDraw.polygon).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from podium.competition.infer.annotations.shapes import AnnotatedImage, Point, Shape
from podium.errors import plural

__all__ = ["PIXELS", "corners_as_pixels", "fill_pixels"]

PIXELS = {"polygon": "polygon of pixels", "rectangle": "rectangle of pixels"}
"""The form of a shape whose corners are pixels, by its form."""
_FEWEST_ENDING = 2
"""Images with a shape that ends in the last row or column of pixels."""
_CUT = 2  # corners in one line where the edge of the image cuts a thing off


def corners_as_pixels(
    found: Mapping[str, AnnotatedImage],
) -> tuple[dict[str, AnnotatedImage], str]:
    """Return images with shapes as they are drawn, and a note on those at the edge; "" without.

    Corners are pixels where things of two images are cut off in the last row or column of pixels,
    and no corner lies behind these: of places, the edge of the image would be one further. A box
    tells nothing: one that ends there looks like one that is cut off there.
    """
    n_ending = sum(_is_cut_at_last_pixels(one) for one in found.values())
    n_beyond = sum(sum(_reach(one, beyond_pixels=True)) for one in found.values())
    if n_ending >= _FEWEST_ENDING and not n_beyond:
        note = (
            f"outlines of {plural(n_ending, 'image')} end in the last row or column of pixels, and "
            "none behind it: corners are taken for pixels, and masks have the edges of outlines, "
            "too, as cv2.fillPoly draws them"
        )
        return {stem: one._replace(shapes=_as_pixels(one)) for stem, one in found.items()}, note
    n = sum(sum(_reach(one)) for one in found.values())
    if not n:
        return dict(found), ""
    note = (
        f"{plural(n, 'outline')} reach{'es' if n == 1 else ''} the edge of the image or lie"
        f"{'s' if n == 1 else ''} in part outside: corners are taken for places, masks have the "
        "pixels whose middles are inside, and what is outside is cut off; cv2.fillPoly would add "
        "the pixels on the outline"
    )
    return dict(found), note


def _outlines(one: AnnotatedImage) -> Iterator[list[Point]]:
    return (points for _, form, points in one.shapes if form in PIXELS and points)


def _is_cut_at_last_pixels(one: AnnotatedImage) -> bool:
    assert one.size is not None
    height, width = one.size
    for points in _outlines(one):
        if not _has_oblique_edge(points):
            continue
        columns, rows = Counter(x for x, _ in points), Counter(y for _, y in points)
        if columns[width - 1.0] >= _CUT or rows[height - 1.0] >= _CUT:
            return True
    return False


def _has_oblique_edge(points: Sequence[Point]) -> bool:
    following = [*points[1:], points[0]]
    edges = zip(points, following, strict=True)
    return any(x != to_x and y != to_y for (x, y), (to_x, to_y) in edges)


def _reach(one: AnnotatedImage, *, beyond_pixels: bool = False) -> Iterator[bool]:
    """Yield whether each outline has a corner at the far edge of the image or outside it.

    With `beyond_pixels` it is one behind the last pixels, or outside.
    """
    assert one.size is not None
    height, width = one.size
    for points in _outlines(one):
        is_outside = any(x < 0 or y < 0 or x > width or y > height for x, y in points)
        if beyond_pixels:
            yield is_outside or any(x > width - 1 or y > height - 1 for x, y in points)
        else:
            yield is_outside or any(x == width or y == height for x, y in points)


def _as_pixels(one: AnnotatedImage) -> list[Shape]:
    return [(label, PIXELS.get(form, form), points) for label, form, points in one.shapes]


def fill_pixels(mask: NDArray[np.uint8], points: Sequence[Point], value: int) -> None:
    """Fill the pixels inside an outline of pixels, with those on it, by the even-odd rule."""
    import cv2

    corners = np.rint(np.asarray(points, dtype=np.float64)).astype(np.int32)
    cv2.fillPoly(mask, [corners], value)

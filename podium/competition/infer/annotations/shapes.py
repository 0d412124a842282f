"""Images as an annotation tool has them: their shapes, each with a label, a form and points."""

from __future__ import annotations

import itertools
import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from podium.competition.ids.patterns import file_stem
from podium.competition.images import exif_orientation
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.pictures import displayed_size
from podium.competition.spelling import letters_of
from podium.errors import DataError, plural

__all__ = [
    "AREAS",
    "DIFFICULT",
    "AnnotatedImage",
    "AnnotationFiles",
    "Annotations",
    "Point",
    "Shape",
    "at_size_of_picture",
    "ellipse",
    "images_of_names",
    "in_like_folders",
    "key_of_sent",
    "names_of_categories",
    "nearest_image",
    "with_holes",
    "without_slips",
]

Point = tuple[float, float]
"""(x, y); the first pixel reaches from 0 to 1."""
Shape = tuple[str, str, list[Point]]
"""Label, form (one of `AREAS`, or `point`, `polyline` …), and points."""
DIFFICULT = "difficult"
"""What Pascal VOC calls the mark of an object that is hard to see, as texts do."""
AREAS = ("polygon", "rectangle", "circle", "ellipse")
"""Forms that have pixels inside.

Of a rectangle two corners, of a circle its middle and an edge, of an ellipse along the axes its
middle and the corner of its frame.
"""
RUNS = "runs"
"""The form of a shape that is given pixel by pixel: points are the first place of a run of a row of
pixels, and the place behind it, in turn."""
_CORNERS = 180
_FEWEST_CORNERS = 3
_LARGEST = 50_000_000  # bytes of a file


class AnnotatedImage(NamedTuple):
    """An image, its shapes, and what was chosen for it as a whole.

    Attributes:
        source: the file that has them, relative to the data folder.
        image: the image.
        size: its height and width; None where the source does not tell.
        shapes: in the order in which they were drawn.
        labels: of the whole image: a cell for each name.
        difficult: the places of the shapes that are marked as hard to see.
    """

    source: str
    image: ImageFile
    size: tuple[int, int] | None
    shapes: list[Shape]
    labels: Mapping[str, str] = {}
    difficult: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Annotations:
    """What the files of one tool have.

    Attributes:
        reader: what the files are.
        n: of the images that they are of.
        images: of them, those that lie in the data folder.
        classes: all labels of shapes in their order, where the files list them.
        notes: what a person should check.
        unnamed: what stands for the classes where they have numbers in place of names.
        has_outlines: whether masks can be drawn of them; of boxes alone they cannot, where a tool
            has outlines beside them.
        are_single: whether each shape is one object by itself, whatever a sample shows.
        on_map: whether outlines were drawn on a map: what is over the edge of an image is cut off.
        absent: why an image without a shape has nothing to draw; "" where nothing tells.
        others: the images as other readings have them that fit as well, and why.
        pictures: the files that hold shapes as pixels, relative to the data folder.
    """

    reader: str
    n: int
    images: Sequence[AnnotatedImage]
    classes: Sequence[str] = ()
    notes: Sequence[str] = ()
    unnamed: str = ""
    has_outlines: bool = True
    are_single: bool = False
    on_map: bool = False
    absent: str = ""
    others: Sequence[tuple[Sequence[AnnotatedImage], str]] = ()
    pictures: Sequence[str] = ()

    @property
    def are_boxes(self) -> bool:
        """Whether there are shapes, and each is a box."""
        forms = {form for one in self.images for _, form, _ in one.shapes}
        return forms == {"rectangle"}

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.source for one in self.images if one.source))


@dataclass(frozen=True)
class AnnotationFiles:
    """The files that may be of an annotation tool, each read once."""

    folder: DataFolder
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    sent: frozenset[str] = frozenset()
    """The names of classes that are asked for, in letters alone; empty where unknown."""

    @cached_property
    def jsons(self) -> dict[str, Any]:
        """What JSON files hold, by path, without pictures inside; those that can be read."""
        found = {}
        geojsons = (one for one in self.folder.others if one.lower().endswith(".geojson"))
        for path in (*self.folder.jsons, *geojsons):
            file = self.folder.path / path
            try:
                if file.stat().st_size < _LARGEST:
                    found[path] = json.loads(file.read_bytes())
            except (OSError, ValueError, RecursionError):
                continue
            if isinstance(found.get(path), dict):
                found[path].pop("imageData", None)
        return found

    @cached_property
    def xmls(self) -> dict[str, ET.Element]:
        """The outermost elements of XML files, by path; those that can be read."""
        found = {}
        for path in self.folder.others:
            file = self.folder.path / path
            if not path.lower().endswith(".xml"):
                continue
            try:
                if file.stat().st_size < _LARGEST:
                    # Expat refuses entities that unfold to many times their size.
                    found[path] = ET.fromstring(file.read_bytes())  # noqa: S314
            except (OSError, ValueError, ET.ParseError):
                continue
        return found


def key_of_sent(objects: Sequence[Mapping[str, Any]], sent: frozenset[str]) -> str | None:
    """Return the key under which each object has a class that is asked for, however it is called.

    Texts are some of these classes, and numbers all of them, as a count may be one by chance. Of
    several such keys it is that of the most classes; None without one.
    """
    best: tuple[int, str | None] = 0, None
    for key in dict.fromkeys(key for one in objects for key in one):
        values = [one.get(key) for one in objects]
        if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in values):
            continue
        names = {letters_of(str(one)) for one in values}
        is_sent = names == sent or (names < sent and not any(one.isdecimal() for one in names))
        if is_sent and len(names) > best[0]:
            best = len(names), key
    return best[1]


def names_of_categories(categories: Sequence[Mapping[str, Any]]) -> dict[Any, str]:
    """Return the names of COCO's categories by their numbers: `name`, or the texts that all differ.

    Raises:
        KeyError: they have none.
    """
    keys = dict.fromkeys(key for one in categories for key in ("name", *one))
    for key in keys:
        texts = [one.get(key) for one in categories]
        are_names = all(isinstance(one, str) for one in texts) and len({*texts}) == len(texts)
        if key != "id" and (are_names or (key == "name" and None not in texts)):
            return {one["id"]: str(one[key]) for one in categories}
    if categories:
        raise KeyError("name")
    return {}


def nearest_image(folder: DataFolder, path: str, *names: str) -> ImageFile | None:
    """Return the image of the first name that is one's, of several the one beside the file `path`.

    Without one beside it, it is the one in a folder beside it, as `03/images/1.png` of
    `03/drawn.json`, or that of the parallel tree: `photos/03/1.png` of `drawn/03/1.json`.
    Folders in front of a name count where its last part is the name of several images; one that is
    to be predicted is meant only where no other image has the name. None where no name is that of
    one image.
    """
    for name in names:
        whole = name.replace("\\", "/")
        named = _images_to_learn(folder.named(whole.rpartition("/")[2]))
        own = path.rpartition("/")[0]
        near = [one for one in named if one.folder == own] or named
        if len(near) > 1 and own:
            near = [one for one in near if one.folder.startswith(f"{own}/")] or near
        exact = folder.named(whole) if len(near) > 1 and "/" in whole else []
        near = exact if len(exact) == 1 else in_like_folders(near, path)
        if len(near) == 1:
            return near[0]
    return None


def in_like_folders(images: Sequence[ImageFile], path: str) -> Sequence[ImageFile]:
    """Return those of several images whose last folders are called as the most of a file's."""
    own = path.split("/")[-2::-1]

    def n_alike(image: ImageFile) -> int:
        pairs = zip(own, image.folder.split("/")[::-1], strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))

    most = max(map(n_alike, images), default=0)
    return [one for one in images if n_alike(one) == most]


def _images_to_learn(images: Sequence[ImageFile]) -> Sequence[ImageFile]:
    """Return those of several images that are not to be predicted; all where each one is."""
    return [one for one in images if one.part != "test"] or images


def images_of_names(folder: DataFolder, path: str, names: Iterable[str]) -> dict[str, ImageFile]:
    """Return the image of each name in a file, without those that name none or several.

    Images of several folders may have one name, as frames of drives that are numbered alike: then
    the file is of one folder, of that which it lies in or is called as, of one in that, or of the
    only one that has an image of each name, or of each such name.

    Args:
        path: of the file.
        names: of images, perhaps with folders in front, as the file has them.
    """
    named = {one: _images_to_learn(folder.named(one)) for one in dict.fromkeys(names)}
    places = [{image.folder for image in images} for images in named.values() if images]
    several = [each for each in places if len(each) > 1]
    shared = set.intersection(*several) if several else set[str]()
    own, stem = path.rpartition("/")[0], file_stem(path)
    called = {place for place in shared if place.rpartition("/")[2] == stem}
    whole = {place for place in shared if all(place in each for each in places)}
    below = {place for place in shared if own and place.startswith(f"{own}/")}
    meant = ({own} & shared) or below or called or whole or shared
    found = {one: images[0] for one, images in named.items() if len(images) == 1}
    if len(meant) == 1:
        for one, images in named.items():
            inside = [image for image in images if image.folder in meant]
            found |= {one: inside[0]} if len(images) > 1 and len(inside) == 1 else {}
    return found


def with_holes(outline: Sequence[Point], holes: Sequence[Sequence[Point]]) -> list[Point]:
    """Return a polygon with holes as one: a hole is gone to and come back from on one line.

    By the even-odd rule that line encloses nothing, and the hole is outside.
    """
    first = outline[0]
    points = [*outline, first]
    for hole in holes:
        points += [*hole, hole[0], first]
    return points


def ellipse(middle: Point, width: float, height: float, turn: float = 0.0) -> list[Point]:
    """Return an ellipse by the halves of its axes, turned by radians, as corners."""
    angles = [2 * math.pi * k / _CORNERS for k in range(_CORNERS)]
    cos, sin = math.cos(turn), math.sin(turn)
    at = [(width * math.cos(one), height * math.sin(one)) for one in angles]
    return [(middle[0] + x * cos - y * sin, middle[1] + x * sin + y * cos) for x, y in at]


def without_slips(annotations: Annotations) -> Annotations:
    """Return the annotations without polygons of fewer than three corners, as slips make them.

    Of a tool without outlines they stay: its polygons have the corners of their boxes alone.
    """
    if not annotations.has_outlines:
        return annotations
    images, slips = list[AnnotatedImage](), list[tuple[AnnotatedImage, Shape]]()
    for one in annotations.images:
        kept = [k for k, shape in enumerate(one.shapes) if not _is_slip(shape)]
        if len(kept) == len(one.shapes):
            images.append(one)
            continue
        slips += [(one, shape) for shape in one.shapes if _is_slip(shape)]
        difficult = frozenset(new for new, k in enumerate(kept) if k in one.difficult)
        shapes = [one.shapes[k] for k in kept]
        images.append(one._replace(shapes=shapes, difficult=difficult))
    if not slips:
        return annotations
    first, (label, _, points) = slips[0]
    what = f"{plural(len(points), 'point')} of {label!r} in {first.source} ({first.image.name})"
    told = f"{plural(len(slips), 'polygon')} with fewer than three corners left out, as {what}"
    return replace(annotations, images=images, notes=[*annotations.notes, told])


def _is_slip(shape: Shape) -> bool:
    _, form, points = shape
    return form == "polygon" and len(set(points)) < _FEWEST_CORNERS


def at_size_of_picture(folder: DataFolder, one: AnnotatedImage) -> AnnotatedImage | None:
    """Return an image with the size of its picture, and its shapes scaled to it.

    A picture may have been resized since it was labelled. None where no size is known.

    Raises:
        DataError: the picture has other proportions than the one that was labelled.
    """
    path = folder.path / one.image.path
    size = displayed_size(path)
    drawn_on = one.size if one.size is not None and min(one.size) > 0 else None
    if size is None or drawn_on is None or size == drawn_on:
        known = drawn_on or size
        return None if known is None else one._replace(size=known)
    if not _is_resized(drawn_on, size):
        (height, width), (old_height, old_width) = size, drawn_on
        turn = exif_orientation(path)
        told = f", with its EXIF orientation {turn} applied" if turn > 1 else ""
        raise DataError(
            f"its shapes are drawn on a picture of {old_width} x {old_height} pixels, and "
            f"{one.image.path} has {width} x {height}{told}: it was turned or cut since, or the "
            "shapes are of another picture",
            where=folder.path / (one.source or one.image.path),
            fix=f"write {one.image.path} as it was labelled, or label it anew",
        )
    y_scale, x_scale = size[0] / drawn_on[0], size[1] / drawn_on[1]
    shapes = [
        (label, form, [(x * x_scale, y * y_scale) for x, y in points])
        for label, form, points in one.shapes
    ]
    return one._replace(size=size, shapes=shapes)


def _is_resized(old: tuple[int, int], new: tuple[int, int]) -> bool:
    """Return whether one scale makes either size the other, each side to less than a pixel."""

    def is_scaled(small: tuple[int, int], large: tuple[int, int]) -> bool:
        return all(
            abs(small[side] - large[side] * small[other] / large[other]) < 1
            for side, other in ((0, 1), (1, 0))
        )

    small, large = sorted((old, new))
    return is_scaled(small, large)

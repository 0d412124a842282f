"""JSON of records: an image each, with a list of its objects, or a record an object.

    {"frames": [{"frame": "f000000", "damages": [
        {"kind": "crack", "outline": [{"x": 16, "y": 10.4}, {"x": 25, "y": 15.4}, …]}]}, …]}
    {"f000000.jpg": [{"kind": "crack", "outline": [[16, 10.4], [25, 15.4], …]}], …}
    [{"image": "f000000.jpg", "kind": "crack", "outline": [16, 10.4, 25, 15.4, …]}, …]

Or a file an image, which is called as the image or has its name inside:

    {"file": "f000000.jpg", "damages": [{"kind": "crack", "outline": [[16, 10.4], …]}]}
    {"file": "f000000.jpg", "people": [{"kind": "player", "x": 16, "y": 10.4}, …]}

Keys are called as they like, and the list of records may lie deeper inside. The image is what a
text of each record names; the class of an object is a text of it, by its key where it has several.
An outline is a list of points, as pairs or with `x` and `y`, of numbers in turn, or of such rings,
those behind the first being holes. So may landmarks be, which are as many in all objects: a key
that is not called after outlines has other numbers of points in some.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from podium.competition.ids.patterns import file_stem, is_image
from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Point,
    Shape,
    images_of_names,
    key_of_sent,
    nearest_image,
    with_holes,
)
from podium.competition.infer.files import ImageFile
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import is_called, meaning_words
from podium.competition.spelling import name_words

__all__ = ["read_tool"]

_Record = Mapping[str, Any]

_DEEPEST = 4
_FEWEST_POINTS = 3
_MOST_LABELS = 100
_CALLED = frozenset({
    "polygon", "polygons", "outline", "outlines", "contour", "contours", "points", "vertices",
    "corners", "boundary", "segmentation", "geometry", "coordinates", "coords", "poly", "ring",
    "rings", "path", "xy",
})  # fmt: skip


class _ImageRecord(NamedTuple):
    """The texts of a record, one of which names its image, and its objects."""

    texts: Mapping[str, str]
    objects: Sequence[_Record]


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the outlines, or points, of the JSON files whose records have such; None without."""
    n, images = 0, list[AnnotatedImage]()
    for path, content in files.jsons.items():
        for records in _lists(content):
            found = _of_records(files, path, records)
            if found is not None:
                n, images = n + found[0], [*images, *found[1]]
                break
    n, images = (n, images) if images else _of_files(files)
    if not images or len({one.image.path for one in images}) < len(images):
        return None
    are_points = any(form == "point" for one in images for _, form, _ in one.shapes)
    what = "points" if are_points else "outlines"
    return Annotations(f"{what} in records of JSON", n, images, has_outlines=not are_points)


def _of_files(files: AnnotationFiles) -> tuple[int, list[AnnotatedImage]]:
    """Return how many files have the outlines or points of an image each, and the images."""
    whole = {
        path: one
        for path, one in files.jsons.items()
        if isinstance(one, dict) and not _is_coco(one)
    }
    for key in dict.fromkeys(key for one in whole.values() for key in one):
        of_file = {path: one[key] for path, one in whole.items() if _are_records(one.get(key))}
        objects = [one for each in of_file.values() for one in each]
        if len(of_file) < 2 or not objects:
            continue
        outline = _key_of_outlines(objects)
        if outline is None and not _are_points(objects, n_numbers=2):
            continue
        known = {outline} if outline else {*_places(objects[0])}
        label = key_of_sent(objects, files.sent) or _key_of_labels(objects, known)
        images = []
        for path, own in of_file.items():
            names = filter(is_image, _texts(whole[path]).values())
            stem = file_stem(path)
            image = nearest_image(files.folder, path, *names, stem)
            if image is not None:
                images.append(AnnotatedImage(path, image, None, _shapes(own, outline, label)))
        return len(of_file), images
    return 0, []


def _lists(content: Any, depth: int = 0) -> Iterator[list[_ImageRecord]]:
    """Yield each list of records of images, or records by a key that may name an image."""
    if depth > _DEEPEST or _is_coco(content):
        return
    if isinstance(content, list):
        if content and all(isinstance(one, dict) for one in content):
            yield from _ways_to_read(content)
    elif isinstance(content, dict):
        if found := _by_key(content):
            yield found
        for one in content.values():
            yield from _lists(one, depth + 1)


def _is_coco(content: Any) -> bool:
    """Return whether these are COCO's lists, which another reader joins."""
    return isinstance(content, dict) and {"images", "annotations"} <= content.keys()


def _ways_to_read(records: Sequence[_Record]) -> Iterator[list[_ImageRecord]]:
    """Yield records with the objects of each list in them, and as an object each."""
    keys = dict.fromkeys(key for one in records for key, value in one.items() if value != [])
    for key in keys:
        each = [one.get(key) or [] for one in records]
        if all(map(_are_records, each)) and not all(map(_are_points, filter(None, each))):
            yield [
                _ImageRecord(_texts(one), objects)
                for one, objects in zip(records, each, strict=True)
            ]
    yield [_ImageRecord(_texts(one), [one]) for one in records]


def _by_key(content: _Record) -> list[_ImageRecord]:
    """Return the records of a mapping by names of images; [] of another one."""
    found = []
    for name, value in content.items():
        if isinstance(value, dict):
            lists = [one for one in value.values() if isinstance(one, list) and _are_records(one)]
            value = lists[0] if len(lists) == 1 else None
        if not isinstance(value, list) or not _are_records(value):
            return []
        found.append(_ImageRecord({"": name}, value))
    return found


def _are_records(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _are_points(value: Any, n_numbers: int | None = None) -> bool:
    """Return whether a list is of places, as an outline is, and not of objects.

    Args:
        value: the list.
        n_numbers: how many numbers each has, where that counts: a box has `x` and `y`, too.
    """
    return all(
        isinstance(one, dict)
        and len(_places(one)) == len("xy")
        and n_numbers in (None, sum(isinstance(number, int | float) for number in one.values()))
        for one in value
    )


def _places(record: _Record) -> dict[str, Any]:
    """Return the `x` and `y` of a record by their keys, in small letters or others."""
    return {key: value for key, value in record.items() if key.lower() in ("x", "y")}


def _texts(record: _Record) -> dict[str, str]:
    """Return what may name an image in a record, or in the records in it: texts and numbers."""
    found: dict[str, str] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            found |= {f"{key}.{inner}": text for inner, text in _texts(value).items()}
        elif isinstance(value, str | int) and not isinstance(value, bool):
            found[key] = str(value)
    return found


def _of_records(
    files: AnnotationFiles, path: str, records: Sequence[_ImageRecord]
) -> tuple[int, list[AnnotatedImage]] | None:
    """Return the number of images of records and those that are there; None of another list."""
    objects = [one for record in records for one in record.objects]
    outline = _key_of_outlines(objects)
    if outline is None:
        return None
    best: tuple[int, str] = 0, ""
    named: dict[str, dict[str, ImageFile]] = {}
    for key in dict.fromkeys(key for one in records for key in one.texts):
        cells = [one.texts.get(key, "") for one in records]
        named[key] = images_of_names(files.folder, path, filter(None, cells))
        best = max(best, (sum(cell in named[key] for cell in cells), key), key=lambda one: one[0])
    n_named, image = best
    if n_named < NEARLY_ALL * len(records):
        return None
    label = key_of_sent(objects, files.sent) or _key_of_labels(objects, {image, outline})
    shapes: dict[str, list[Shape]] = defaultdict(list)
    every = list(dict.fromkeys(one.texts.get(image, "") for one in records))
    for one in records:
        shapes[one.texts.get(image, "")] += _shapes(one.objects, outline, label)
    found = named[image]
    images = [
        AnnotatedImage(path, found[cell], None, shapes[cell]) for cell in every if cell in found
    ]
    return len(every), images


def _shapes(objects: Sequence[_Record], outline: str | None, label: str | None) -> list[Shape]:
    """Return the outlines of objects by the keys of these and of their classes; None: points."""
    found = list[Shape]()
    for one in objects:
        called = "object" if label is None else str(one[label])
        if outline is None:
            by_axis = {key.lower(): float(value) for key, value in _places(one).items()}
            found.append((called, "point", [(by_axis["x"], by_axis["y"])]))
            continue
        found += [(called, "polygon", ring) for ring in _rings(one.get(outline))]
    return found


def _key_of_outlines(objects: Sequence[_Record]) -> str | None:
    """Return the key of the outlines of objects; None without one, or of landmarks."""
    for key in dict.fromkeys(key for one in objects for key in one):
        try:
            rings = [ring for one in objects for ring in _rings(one.get(key))]
        except (TypeError, ValueError, KeyError, IndexError):
            continue
        is_called_so = bool(_CALLED & set(name_words(key)))
        if rings and (is_called_so or len({len(ring) for ring in rings}) > 1):
            return key
    return None


def _key_of_labels(objects: Sequence[_Record], used: set[str]) -> str | None:
    """Return the key of the classes of objects: a text of each, called so where there are several.

    Of several called so it is one that differs, and rather a `label` than a `type`, which may be
    that of the outline. Numbers are classes where their key is called so.
    """
    keys = dict.fromkeys(key for one in objects for key in one if key not in used)
    texts = [key for key in keys if all(isinstance(one.get(key), str) for one in objects)]
    texts = [key for key in texts if len({one[key] for one in objects}) <= _MOST_LABELS]
    whole = [key for key in keys if all(isinstance(one.get(key), str | int) for one in objects)]
    called = [
        key
        for key in (*texts, *whole)
        if meaning_words("object class") & set(name_words(key)) or is_called(key, "label")
    ]
    is_one = {key: len({str(one[key]) for one in objects}) == 1 for key in called}
    called.sort(key=lambda key: (is_one[key], not is_called(key, "label")))
    return next(iter((*called, *texts[: len(texts) == 1])), None)


def _rings(value: Any) -> list[list[Point]]:
    """Return the outlines of a value, [] of nothing.

    Raises:
        TypeError, ValueError, KeyError, IndexError: it is something else.
    """
    if value is None or value == []:
        return []
    if isinstance(value, dict) or not isinstance(value, list):
        raise TypeError("no list")
    first = value[0]
    if isinstance(first, int | float):
        pairs = zip(value[::2], value[1::2], strict=True)
        return [_outline(list(pairs))]
    if isinstance(first, dict) or _is_pair(first):
        return [_outline(value)]
    rings = [ring for one in value for ring in _rings(one)]
    return [with_holes(rings[0], rings[1:])] if len(rings) > 1 else rings


def _is_pair(value: Any) -> bool:
    are_numbers = isinstance(value, list) and all(isinstance(one, int | float) for one in value)
    return are_numbers and len(value) == 2


def _outline(corners: Sequence[Any]) -> list[Point]:
    """Return the corners of an outline.

    Raises:
        TypeError, ValueError, KeyError: they are none, or too few.
    """
    if len(corners) < _FEWEST_POINTS:
        raise ValueError("an outline has fewer than three corners")
    points = []
    for corner in corners:
        if isinstance(corner, dict):
            by_axis = {key.lower(): number for key, number in corner.items()}
            x, y = by_axis["x"], by_axis["y"]
        else:
            x, y = corner
        if any(isinstance(one, bool) or not isinstance(one, int | float) for one in (x, y)):
            raise TypeError("a place is no number")
        points.append((float(x), float(y)))
    if not all(map(math.isfinite, (one for point in points for one in point))):
        raise ValueError("a place is not finite")
    return points

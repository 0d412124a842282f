"""GeoJSON in pixels, as QuPath exports it: a file an image, or one whose features name images.

    {"type": "FeatureCollection", "features": [{"type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[[3.5, 2.0], [16.0, 3.0], …], [hole]]},
        "properties": {"classification": {"name": "Tumor"}}}]}

The class is the property whose values are the classes that the sample asks for; else the one that
is called so, or else the only one of few texts that a text beside the data has.

What tables have as a column too, and dates, are no classes.

A file without a feature is of an image without an object. Coordinates of a map are read where
images have a place on it, whatever the files are called: see `podium/competition/infer/annotations/
on_map.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.annotations.on_map import MapOutline, outlines_on_images
from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Point,
    Shape,
    key_of_sent,
    nearest_image,
    with_holes,
)
from podium.competition.infer.files import ImageFile
from podium.competition.infer.ids.dates import date_forms
from podium.competition.infer.pictures import displayed_size
from podium.competition.infer.readme.texts import as_in_texts, texts_beside
from podium.competition.infer.shares import HALF
from podium.competition.languages import meaning_words
from podium.competition.phrases import words_pattern
from podium.competition.spelling import name_words
from podium.errors import some

__all__ = ["read_tool"]

_NAMELESS = "object"


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the shapes of GeoJSON files; None without any, or where their places are unknown.

    Without images, and with the reason as a note, where they lie on another map than images.
    """
    images, n = list[AnnotatedImage](), 0
    features_of = {
        path: features
        for path, content in files.jsons.items()
        if isinstance(content, dict) and content.get("type") == "FeatureCollection"
        if isinstance(features := content.get("features"), list)
    }
    every = [_properties(one) for features in features_of.values() for one in features]
    flat = [*map(_flat, every)]
    key, notes = key_of_sent(flat, files.sent), list[str]()
    if key is None and all(_label(one) == _NAMELESS for one in every):
        key, notes = _unusual_key(files, flat)
    on_map = outlines_on_images(files.folder, [*_on_map(features_of, key)], "outlines in GeoJSON")
    if on_map is not None and on_map.images:
        return replace(on_map, notes=[*on_map.notes, *notes])
    for path, features in features_of.items():
        stem = file_stem(path)
        own = nearest_image(files.folder, path, stem)
        found: dict[ImageFile, list[Shape]] = {own: []} if own is not None else {}
        n += 1
        try:
            for one in features:
                image = own or _image_of(files, path, one)
                if image is not None:
                    found.setdefault(image, []).extend(_shapes(one, key))
        except (KeyError, TypeError, ValueError, AttributeError):
            return on_map
        for image, shapes in found.items():
            size = displayed_size(files.folder.path / image.path)
            if size is None:
                continue
            height, width = size
            inside = all(
                -1 <= x <= width + 1 and -1 <= y <= height + 1
                for _, _, points in shapes
                for x, y in points
            )
            if not inside:
                return on_map
            images.append(AnnotatedImage(path, image, size, shapes))
        n += max(0, len(found) - 1)
    if not images:
        return on_map
    return Annotations("outlines in GeoJSON", n, images, notes=notes)


def _on_map(features_of: Mapping[str, Sequence[Any]], key: str | None) -> Iterator[MapOutline]:
    """Yield the outlines of all files; none of features that are something else."""
    for path, features in features_of.items():
        for one in features:
            try:
                shapes = [*_shapes(one, key)]
            except (KeyError, TypeError, ValueError, AttributeError, IndexError):
                continue
            for label, form, points in shapes:
                if form == "polygon":
                    yield MapOutline(path, label, points)


def _image_of(files: AnnotationFiles, path: str, feature: Mapping[str, Any]) -> ImageFile | None:
    """Return the image that a property of a feature names; None where none does."""
    names = [one for one in _properties(feature).values() if isinstance(one, str)]
    return nearest_image(files.folder, path, *names)


def _shapes(feature: Mapping[str, Any], key: str | None) -> Iterator[Shape]:
    """Yield the shapes of a feature, one for each polygon or point, with the class of `key`.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is none.
    """
    properties, geometry = _properties(feature), feature["geometry"]
    label = _label(properties) if key is None else str(_flat(properties)[key])
    form, places = geometry["type"], geometry["coordinates"]
    if form == "Point":
        yield label, "point", [_point(places)]
    elif form == "MultiPoint":
        for place in places:
            yield label, "point", [_point(place)]
    elif form == "Polygon":
        yield label, "polygon", _polygon(places)
    elif form == "MultiPolygon":
        for each in places:
            yield label, "polygon", _polygon(each)
    else:
        yield label, str(form).lower(), []


def _properties(feature: Any) -> Mapping[str, Any]:
    """Return the properties of a feature; {} where it has none, or is none."""
    found = feature.get("properties") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _flat(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties with those inside one in its place, by both names: `meta.kind`."""
    return {
        name: each
        for key, value in properties.items()
        for name, each in (
            ((f"{key}.{inner}", one) for inner, one in value.items())
            if isinstance(value, dict)
            else ((key, value),)
        )
    }


def _unusual_key(
    files: AnnotationFiles, every: Sequence[Mapping[str, Any]]
) -> tuple[str | None, list[str]]:
    """Return the one property of few texts, each of which a text beside the data has; and notes.

    Where none is, or several are, the property is None, and a note names those that may be it. What
    tables have as a column too, as of a place, tells of images, and so do dates.
    """
    folder = files.folder
    texts = [text for _, text in texts_beside(folder)]
    few, told = dict[str, list[str]](), list[str]()
    for key in dict.fromkeys(key for one in every for key in one if key != "objectType"):
        cells = [one.get(key) for one in every]
        names = sorted({one for one in cells if isinstance(one, str) and one})
        if not all(cells) or not all(isinstance(one, str) for one in cells):
            continue
        if any(key in table for table in files.tables.values()) or date_forms(names):
            continue
        if 1 < len(names) <= HALF * len(every) and not any(map(folder.named, names)):
            few[key] = names
            patterns = [words_pattern([as_in_texts(one)]) for one in names]
            told += [key] if all(any(map(one.search, texts)) for one in patterns) else []
    if len(told) == 1 or not few:
        return next(iter(told), None), []
    maybe = " or ".join(f"{key!r} ({some(names)})" for key, names in few.items())
    return None, [
        f"the outlines are drawn as one class: if it is named by {maybe}, call that property class"
    ]


def _label(properties: Mapping[str, Any]) -> str:
    """Return the class of a feature; `_NAMELESS` where nothing names it."""
    own = properties.get("classification")
    if isinstance(own, dict) and isinstance(own.get("name"), str):
        return str(own["name"])
    named = [
        str(value)
        for name, value in properties.items()
        if isinstance(value, str)
        and meaning_words("object class") & {*name_words(name)}
        and name != "objectType"
    ]
    return named[0] if named else _NAMELESS


def _point(place: Any) -> Point:
    return float(place[0]), float(place[1])


def _polygon(rings: Any) -> list[Point]:
    outline, *holes = [[_point(place) for place in ring] for ring in rings]
    return with_holes(outline, holes)

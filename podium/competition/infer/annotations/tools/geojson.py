"""GeoJSON in pixels, as QuPath exports it: a file an image, or one whose features name images.

    {"type": "FeatureCollection", "features": [{"type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[[3.5, 2.0], [16.0, 3.0], …], [hole]]},
        "properties": {"classification": {"name": "Tumor"}}}]}

A file without a feature is of an image without an object. Coordinates on a map are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Point,
    Shape,
    nearest_image,
    with_holes,
)
from podium.competition.infer.files import ImageFile
from podium.competition.infer.pictures import picture_size
from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words

__all__ = ["read_tool"]


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the shapes of GeoJSON files; None without any, or where they are not in pixels."""
    images, n = list[AnnotatedImage](), 0
    for path, content in files.jsons.items():
        if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
            continue
        features = content.get("features")
        if not isinstance(features, list):
            continue
        stem = path.rpartition("/")[2].rpartition(".")[0]
        own = nearest_image(files.folder, path, stem)
        found: dict[ImageFile, list[Shape]] = {own: []} if own is not None else {}
        n += 1
        try:
            for one in features:
                image = own or _image_of(files, path, one)
                if image is not None:
                    found.setdefault(image, []).extend(_shapes(one))
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        for image, shapes in found.items():
            size = picture_size(files.folder.path / image.path)
            if size is None:
                continue
            height, width = size
            inside = all(
                -1 <= x <= width + 1 and -1 <= y <= height + 1
                for _, _, points in shapes
                for x, y in points
            )
            if not inside:
                return None
            images.append(AnnotatedImage(path, image, size, shapes))
        n += max(0, len(found) - 1)
    return Annotations("outlines in GeoJSON", n, images) if images else None


def _image_of(files: AnnotationFiles, path: str, feature: Mapping[str, Any]) -> ImageFile | None:
    """Return the image that a property of a feature names; None where none does."""
    names = [one for one in (feature.get("properties") or {}).values() if isinstance(one, str)]
    return nearest_image(files.folder, path, *names)


def _shapes(feature: Mapping[str, Any]) -> Iterator[Shape]:
    """Yield the shapes of a feature: one for each polygon or point.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is none.
    """
    label, geometry = _label(feature.get("properties") or {}), feature["geometry"]
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


def _label(properties: Mapping[str, Any]) -> str:
    """Return the class of a feature; "object" where nothing names it."""
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
    return named[0] if named else "object"


def _point(place: Any) -> Point:
    return float(place[0]), float(place[1])


def _polygon(rings: Any) -> list[Point]:
    outline, *holes = [[_point(place) for place in ring] for ring in rings]
    return with_holes(outline, holes)

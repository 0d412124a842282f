"""CVAT: an XML of many images, as its export "CVAT for images" writes it.

    <annotations>
      <image name="plots/7.jpg" width="64" height="48">
        <polygon label="roof" points="3.5,2.0;16.0,3.0;…"/>
        <box label="car" xtl="3" ytl="4" xbr="16" ybr="9"/>
        <points label="tree" points="30.0,12.5"/>
        <tag label="winter"/>
      </image>
    </annotations>

An image without an element has no object. What a brush painted (`mask`) is not read.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Point,
    Shape,
    ellipse,
    nearest_image,
)
from podium.errors import DataError

__all__ = ["read_tool"]

_FORMS = ("polygon", "box", "ellipse", "points", "polyline")


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the shapes and tags of CVAT's images; None without such a file.

    Raises:
        DataError: an element cannot be read, or was painted with a brush.
    """
    images, n = list[AnnotatedImage](), 0
    for path, root in files.xmls.items():
        each = root.findall("image") if root.tag == "annotations" else []
        n += len(each)
        for one in each:
            image = nearest_image(files.folder, path, one.get("name", ""))
            if image is None:
                continue
            try:
                size = int(one.attrib["height"]), int(one.attrib["width"])
                shapes = [shape for element in one for shape in _shapes(element)]
            except (KeyError, ValueError) as error:
                raise DataError(
                    f"what CVAT has of {image.name} cannot be read: {error}",
                    where=files.folder.path / path,
                    fix="export it from CVAT as COCO 1.0, or as Segmentation mask 1.1",
                ) from error
            tags = sorted({element.get("label", "") for element in one.iter("tag")})
            labels = {"label": ";".join(tags)} if tags else {}
            images.append(AnnotatedImage(path, image, size, shapes, labels))
    drawn = [form for one in images for _, form, _ in one.shapes]
    has_outlines = set(drawn) != {"rectangle"}
    return Annotations("outlines of CVAT", n, images, has_outlines=has_outlines) if n else None


def _shapes(element: ET.Element) -> list[Shape]:
    """Return the shape of an element, or one a point of several; [] where it is no shape.

    Raises:
        KeyError, ValueError: it cannot be read.
    """
    if element.tag == "mask":
        raise ValueError("an area that was painted with a brush")
    if element.tag not in _FORMS:
        return []
    label, has = element.attrib["label"], element.attrib
    if element.tag == "box":
        corners = [(float(has["xtl"]), float(has["ytl"])), (float(has["xbr"]), float(has["ybr"]))]
        if float(has.get("rotation") or 0.0):
            raise ValueError("a box that was turned")
        return [(label, "rectangle", corners)]
    if element.tag == "ellipse":
        middle = float(has["cx"]), float(has["cy"])
        return [(label, "polygon", ellipse(middle, float(has["rx"]), float(has["ry"])))]
    points: list[Point] = []
    for corner in has["points"].split(";"):
        x, y = corner.split(",")
        points.append((float(x), float(y)))
    if element.tag == "points":
        return [(label, "point", [one]) for one in points]
    return [(label, element.tag, points)]

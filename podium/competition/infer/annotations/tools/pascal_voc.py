"""Pascal VOC: an XML an image, with the box of each object, or its outline.

    <annotation>
      <filename>7.jpg</filename>
      <size><width>64</width><height>48</height><depth>3</depth></size>
      <object>
        <name>roof</name>
        <bndbox><xmin>3</xmin><ymin>2</ymin><xmax>16</xmax><ymax>9</ymax></bndbox>
      </object>
    </annotation>

An outline is `<polygon><x1>3</x1><y1>2</y1><x2>…`, as Roboflow writes it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.annotations.shapes import (
    DIFFICULT,
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Shape,
    nearest_image,
)
from podium.errors import DataError

__all__ = ["read_tool"]


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the objects of XML files of one image each; None without such a file.

    Raises:
        DataError: an object cannot be read.
    """
    images, n = list[AnnotatedImage](), 0
    for path, root in files.xmls.items():
        if root.tag != "annotation":
            continue
        n += 1
        stem = file_stem(path)
        image = nearest_image(files.folder, path, root.findtext("filename") or stem, stem)
        if image is None:
            continue
        try:
            objects = root.findall("object")
            shapes = [_shape(one) for one in objects]
        except (TypeError, ValueError) as error:
            raise DataError(
                f"an object of {image.name} cannot be read: {error}",
                where=files.folder.path / path,
                fix="write its name, and xmin, ymin, xmax and ymax of its box, as numbers",
            ) from error
        size = root.findtext("size/height"), root.findtext("size/width")
        height, width = (int(one) if one and one.isdecimal() else 0 for one in size)
        hard = [(one.findtext(DIFFICULT) or "").strip() == "1" for one in objects]
        known = (height, width) if height and width else None
        difficult = frozenset(place for place, is_hard in enumerate(hard) if is_hard)
        images.append(AnnotatedImage(path, image, known, shapes, difficult=difficult))
    drawn = {form for one in images for _, form, _ in one.shapes}
    reader = "objects as Pascal VOC has them"
    return Annotations(reader, n, images, has_outlines=drawn != {"rectangle"}) if n else None


def _shape(one: ET.Element) -> Shape:
    """Return an object. Raises ValueError or TypeError where it has no name or no numbers."""
    label = one.findtext("name")
    if not label:
        raise ValueError("it has no name")
    outline = one.find("polygon")
    if outline is not None:
        of_axis = {
            axis: {each.tag[1:]: float(each.text or "") for each in outline if each.tag[0] == axis}
            for axis in "xy"
        }
        order = sorted(of_axis["x"], key=int)
        return label, "polygon", [(of_axis["x"][k], of_axis["y"][k]) for k in order]
    box = one.find("bndbox")
    if box is None:
        raise ValueError("it has neither bndbox nor polygon")
    left, top, right, bottom = (
        float(box.findtext(name) or "") for name in ("xmin", "ymin", "xmax", "ymax")
    )
    return label, "rectangle", [(left, top), (right, bottom)]

"""YOLO: a text an image, with a line an object.

A line is the class from 0, then x and y of each corner as shares of width and height, or the middle
and the size of a box. `names:` in a YAML, or a list, names the classes:

    0 0.15 0.04 0.4 0.06 0.38 0.2
"""

from __future__ import annotations

from pathlib import Path

from podium.competition.ids.patterns import file_stem
from podium.competition.infer.annotations.shapes import (
    AnnotatedImage,
    AnnotationFiles,
    Annotations,
    Shape,
    nearest_image,
)
from podium.competition.infer.files import ImageFile
from podium.competition.infer.pictures import displayed_size
from podium.workspace.marked_yaml import parse_yaml, plain_value

__all__ = ["read_tool"]

_BOX, _FEWEST_NUMBERS = 5, 7  # class, middle and size; class and three corners
_LARGEST = 50_000_000  # bytes of a text
_LARGEST_LIST = 1_000_000  # of names


def read_tool(files: AnnotationFiles) -> Annotations | None:
    """Return the shapes of texts as YOLO's; None without such for images."""
    folder = files.folder
    rows: dict[str, tuple[ImageFile, list[list[float]]]] = {}
    for path in folder.texts:
        image = nearest_image(folder, path, file_stem(path))
        lines = None if image is None else _lines(folder.path / path)
        if image is not None and lines is not None:
            rows[path] = (image, lines)
    every = [line for _, lines in rows.values() for line in lines]
    if not every:
        return None
    n_classes = 1 + int(max(line[0] for line in every))
    names, unnamed = _names(folder.path), ""
    if len(names) < n_classes:
        unnamed = "numbers of classes"
        names = [f"class {n}" for n in range(n_classes)]
    images = []
    for path, (image, lines) in rows.items():
        size = displayed_size(folder.path / image.path)
        if size is not None:
            shapes = [_shape(line, names, size[1], size[0]) for line in lines]
            images.append(AnnotatedImage(path, image, size, shapes))
    reader = "outlines as YOLO reads them"
    has_outlines = any(len(line) != _BOX for line in every)
    return Annotations(reader, len(rows), images, names, unnamed=unnamed, has_outlines=has_outlines)


def _shape(line: list[float], names: list[str], width: int, height: int) -> Shape:
    xs = [width * x for x in line[1::2]]
    ys = [height * y for y in line[2::2]]
    if len(line) == _BOX:  # the middle and the size of a box
        (x, across), (y, down) = xs, ys
        xs, ys = [x - across / 2, x + across / 2], [y - down / 2, y + down / 2]
    form = "rectangle" if len(line) == _BOX else "polygon"
    return names[int(line[0])], form, list(zip(xs, ys, strict=True))


def _lines(file: Path) -> list[list[float]] | None:
    """Return the numbers of each line: class, and x and y as shares; None where it is another."""
    try:
        text = file.read_text(encoding="utf-8") if file.stat().st_size < _LARGEST else "-"
        lines = [[float(cell) for cell in line.split()] for line in text.splitlines()]
    except (OSError, ValueError):
        return None
    lines = [line for line in lines if line]
    for line in lines:
        fits = len(line) == _BOX or (len(line) >= _FEWEST_NUMBERS and len(line) % 2 == 1)
        if not fits or not line[0].is_integer() or line[0] < 0:
            return None
        if not all(-0.01 <= one <= 1.01 for one in line[1:]):
            return None
    return lines


def _names(data: Path) -> list[str]:
    """Return the names of classes from 0, of `names` in a YAML, or a line each; [] without."""
    for file in _short_texts(data, "*.y*ml", "*/*.y*ml"):
        document, _ = parse_yaml(file.read_text(encoding="utf-8", errors="replace"), file.name)
        content = None if document is None else plain_value(document)
        found = content.get("names") if isinstance(content, dict) else None
        if isinstance(found, dict):
            found = [found.get(str(number)) for number in range(len(found))]
        if isinstance(found, list) and found and all(isinstance(one, str | int) for one in found):
            names = [str(one) for one in found]
            if len(set(names)) == len(names):
                return names
    for file in _short_texts(data, "classes.txt", "*.names", "*/classes.txt"):
        lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        names = [line.strip() for line in lines if line.strip()]
        if names and len(set(names)) == len(names):
            return names
    return []


def _short_texts(data: Path, *patterns: str) -> list[Path]:
    """Return regular files, no pipes, that a list of names can be."""
    found = (file for pattern in patterns for file in sorted(data.glob(pattern)))
    return [one for one in found if one.is_file() and one.stat().st_size < _LARGEST_LIST]

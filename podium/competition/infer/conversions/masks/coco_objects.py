"""Objects that come as COCO JSON, written as tables: `images.csv`, and `objects.csv`, a row each.

    {"images": [{"id": 7, "file_name": "a.jpg", "height": 48, "width": 64}],
     "annotations": [{"image_id": 7, "category_id": 3, "segmentation": [[x, y, …]]}],
     "categories": [{"id": 3, "name": "cat"}]}

A segmentation is a list of polygons, or `{"size": [height, width], "counts": …}` with counts as
numbers or as compressed text. Every object becomes compressed text, the pixels of a polygon those
that pycocotools gives it. An image without an object has a blank row.

Outlines of other programs become such tables, too, where the sample has rows of objects.
"""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.codecs import coco
from podium.competition.infer.annotations.shapes import Annotations, names_of_categories
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.unpredicted import (
    are_beside_class_folders,
    coded_masks_column,
)
from podium.competition.infer.conversions.masks.outlines import drawn_objects, find_outlines
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.rows.several_rows import HOW_TO_COUNT
from podium.competition.infer.files import DataFolder, FolderPart, ImageFile, guess_part
from podium.competition.infer.sample.rows import name_objects
from podium.competition.infer.sample.runs import MaskRuns, key_column, runs_column
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import CodecError, DataError, either, plural, some
from podium.workspace.progress import SILENT, Progress

__all__ = ["CocoObjects", "objects_of_outlines", "polygon_counts", "read_coco_objects"]

_LARGEST = 2 << 30  # bytes of a file
_IMAGE, _ID, _CATEGORY, _COUNTS = "image", "id", "category", "counts"
_LEFT_OUT = frozenset({"file_name", "license", "coco_url", "flickr_url", "url", _IMAGE})
_EACH_FINE = 6  # numbers: three corners


@dataclass(frozen=True)
class CocoObjects:
    """The tables of a folder's COCO files.

    Attributes:
        folder: of the data; the images that a labelled file of validation lists are of train.
        tables: by name: `images.csv`, `objects.csv`, and `test_images.csv` where a file lists the
            images to predict.
        classes: of the objects, in the order of their ids; [] where there is one.
        notes: what was left out.
        as_one_mask: why the objects of an image may be one mask; "" where the sample shows them.
        are_objects: False where the sample has a row of each image and class.
    """

    folder: DataFolder
    tables: Mapping[str, MadeTable]
    classes: list[str]
    notes: list[str]
    as_one_mask: str
    are_objects: bool

    def runs(self, made: str) -> MaskRuns:
        """Return the objects as masks in a table; `made` is the folder of the tables."""
        table = self.tables["objects.csv"].table
        return MaskRuns(
            f"{made}/objects.csv",
            _IMAGE,
            _COUNTS,
            _CATEGORY if self.classes else None,
            self.classes,
            tuple(dict.fromkeys(table[_IMAGE])),
            [""],
            is_one_a_sample=False,
            why=f"the annotations of {some(self.tables['objects.csv'].sources)} are objects",
            notes=list(self.notes),
            are_objects=self.are_objects,
            as_one_mask=self.as_one_mask,
            images=f"{made}/images.csv",
        )


@dataclass(frozen=True)
class _CocoFile:
    """A JSON of COCO's form."""

    path: str
    images: list[dict[str, Any]]
    annotations: list[dict[str, Any]]
    categories: dict[Any, str]

    @property
    def part(self) -> FolderPart:
        own = guess_part(self.path.rpartition("/")[2])
        return own if own != "other" else guess_part(self.path)

    @property
    def has_masks(self) -> bool:
        return any(one.get("segmentation") for one in self.annotations)


def read_coco_objects(
    folder: DataFolder, sample: SampleSubmission | None, *, progress: Progress = SILENT
) -> CocoObjects | None:
    """Return the objects of a folder's COCO files; None where no file has such.

    Args:
        sample: the sample submission; it shows whether objects or classes have rows.
        progress: of the annotations.

    Raises:
        DataError: an annotation cannot be read, or all of them are boxes.
    """
    files = [one for path in folder.jsons if (one := _coco_file(folder, path)) is not None]
    labelled = [one for one in files if one.has_masks]
    if not labelled:
        _refuse_boxes(folder, files, sample)
        return None
    _refuse_several_sets(folder, labelled)
    notes: list[str] = []
    labelled = _one_a_part(labelled, notes)
    names = _ImageCells(folder)
    unlabelled = [one for one in files if not one.annotations]
    has_test = bool(unlabelled or folder.of_part("test") or sample is not None)
    used, rows, n_crowd, n_gone = list[_CocoFile](), _CocoTables(), 0, 0
    for one in labelled:
        if one.part == "test" or (one.part == "holdout" and not has_test):
            continue
        used.append(one)
        n_gone += rows.add_images(one, names)
    if not used or not rows.images:
        return None
    classes, named = _classes(used, sample, notes)
    asked = _classes_of_rows(sample, classes)
    are_objects, as_one_mask = _row_is_an_object(sample, len(asked))
    if not are_objects and len(asked) < len(classes):
        rest = [one for one in classes if one not in asked]
        notes.append(f"the sample asks for no {some(rest)}: left out of the masks")
        classes, named = asked, {key: one for key, one in named.items() if one in asked}
    n = sum(len(one.annotations) for one in used)
    with progress.bar("reading annotations", n) as advance:
        for one in used:
            n_crowd += rows.add_objects(one, named, folder, crowds=not are_objects)
            advance(len(one.annotations))
    if n_crowd:
        notes.append(
            f"{plural(n_crowd, 'region')} of crowds {'is' if n_crowd == 1 else 'are'} left out: "
            "they are no single objects"
        )
    if n_gone:
        notes.append(f"{plural(n_gone, 'image')} that the annotations list are not there: left out")
    sources = tuple(one.path for one in used)
    reader = "COCO annotations"
    tables = {
        "images.csv": MadeTable(sources, reader, rows.image_table()),
        "objects.csv": MadeTable(sources, reader, rows.object_table()),
    }
    test = _CocoTables()
    of_test = [one for one in unlabelled if one.part in ("test", "other")]
    for one in of_test or unlabelled:
        test.add_images(one, names)
    listed = {str(row[_IMAGE]) for row in rows.images}
    if test.images and not listed & {str(row[_IMAGE]) for row in test.images}:
        of_tables = tuple(one.path for one in of_test or unlabelled)
        tables["test_images.csv"] = MadeTable(of_tables, "COCO images", test.image_table())
    held = {row[_IMAGE] for row in rows.images}
    images = tuple(
        image._replace(part="train")
        if image.part == "holdout" and names.cell(image) in held
        else image
        for image in folder.images
    )
    return CocoObjects(
        replace(folder, images=images), tables, classes, notes, as_one_mask, are_objects
    )


def objects_of_outlines(
    data: CompetitionData, annotations: Annotations | None
) -> CocoObjects | None:
    """Return the outlines of a folder as objects, where the sample has rows of these; else None.

    Args:
        data: with folder and sample as of `read_coco_objects`.
        annotations: of an annotation tool; None without.
    """
    folder, sample = data.folder, data.sample
    if sample is None:
        return None
    is_coded = bool(coded_masks_column(sample))  # objects of a cell, each with its confidence
    if runs_column(sample) is None and not is_coded:
        return None
    outlined = find_outlines(data, annotations)
    if outlined is None:
        return None
    as_one_mask = ""
    if not is_coded and not _are_of_objects(sample, folder, outlined.labels):
        if not outlined.annotations.are_single or not _is_row_an_image(sample, folder):
            return None
        as_one_mask = "if the objects of an image are one mask together"
    # A rehearsed file has ids as the sample has them.
    files = {image.name for image in folder.of_part("test")} & set(sample.table[sample.id])
    drawn = {
        _cell_of(folder, one.image, stem, is_file=bool(files)): list(drawn_objects(one))
        for stem, one in outlined.found.items()
    }
    images = [{_IMAGE: cell} for cell in drawn]
    rows = [
        (cell, label, coco.encode(pixels)) for cell, each in drawn.items() for label, pixels in each
    ]
    rows += [(cell, outlined.labels[0], "") for cell, each in drawn.items() if not each]
    objects = pd.DataFrame(rows, columns=[_IMAGE, _CATEGORY, _COUNTS], dtype=object)
    classes, notes = list(outlined.labels), list(outlined.annotations.notes)
    is_categorised = is_coded or _is_categorised(sample)
    if len(classes) > 1 and not is_categorised:
        notes.append(
            f"the sample has no column for the class of an object: {some(classes)} are one class"
        )
    if len(classes) < 2 or not is_categorised:
        classes, objects = [], objects.drop(columns=_CATEGORY)
    sources = tuple(dict.fromkeys(one.source for one in outlined.found.values() if one.source))
    reader = outlined.annotations.reader
    made = {
        "images.csv": MadeTable(sources, reader, pd.DataFrame(images, dtype=object)),
        "objects.csv": MadeTable(sources, reader, objects),
    }
    return CocoObjects(folder, made, classes, notes, as_one_mask, are_objects=True)


def _cell_of(folder: DataFolder, image: ImageFile, stem: str, *, is_file: bool) -> str:
    """Return what a table calls an image: its path where images of other folders have its name."""
    if len(folder.named(image.stem)) > 1:
        return image.path
    return image.name if is_file else stem


def _is_row_an_image(sample: SampleSubmission, folder: DataFolder) -> bool:
    """Return whether each row names an image by itself, as placeholders of objects do, too."""
    cells = sample.table[sample.id]
    return bool(cells.is_unique) and all(folder.named(cell) for cell in cells)


def _are_of_objects(sample: SampleSubmission, folder: DataFolder, labels: Sequence[str]) -> bool:
    """Return whether images have other numbers of rows, which then are their objects."""
    cells = list(sample.table[sample.id])
    n_each = set(Counter(cells).values())
    if _has_scores(sample) or len(n_each) > 1:
        return True
    if n_each != {1}:
        return key_column(sample) is None
    ids = [image.stem for image in folder.of_part("test")]
    return name_objects(cells, ids, labels)


def _has_scores(sample: SampleSubmission) -> bool:
    return any(word in column.lower() for column in sample.values for word in ("score", "conf"))


def _coco_file(folder: DataFolder, path: str) -> _CocoFile | None:
    file = folder.path / path
    try:
        if file.stat().st_size > _LARGEST:
            return None
        with file.open("rb") as stream:
            if b"{" not in stream.read(64):
                return None
        content = json.loads(file.read_bytes())
        images = content["images"]
        annotations = content.get("annotations") or []
        categories = names_of_categories(content.get("categories") or [])
        good = all("file_name" in one and "id" in one for one in images)
        good = good and all("image_id" in one for one in annotations)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return _CocoFile(path, images, annotations, categories) if images and good else None


def _refuse_boxes(
    folder: DataFolder, files: Sequence[_CocoFile], sample: SampleSubmission | None
) -> None:
    """Raise where all that is known of objects is their boxes, and images have several.

    Not where images lie in class folders, and the sample asks for no boxes.
    """
    for one in files:
        boxed = [each for each in one.annotations if each.get("bbox")]
        n_each = Counter(each["image_id"] for each in boxed)
        are_several = len(boxed) == len(one.annotations) and max(n_each.values(), default=0) > 1
        # Asked last: to look for class folders can itself be refused.
        if are_several and not are_beside_class_folders(folder, sample):
            raise DataError(
                f"the {either(len(boxed), 'annotation is', 'annotations are')} boxes without "
                "outlines, and podium predicts labels, numbers and masks: no boxes",
                where=folder.path / one.path,
                fix="for which categories an image has, write train.csv with the columns image and "
                f"labels, several between semicolons; {HOW_TO_COUNT}; for masks, add the outlines",
            )


def _refuse_several_sets(folder: DataFolder, files: Sequence[_CocoFile]) -> None:
    """Raise where folders side by side hold data sets: each has images of the same names in train.

    As `syntax/train/images/1.png` and `stenosis/train/images/1.png`, which are other images.
    """
    of_place: dict[str, set[str]] = defaultdict(set)
    for one in files:
        levels = one.path.split("/")[:-1]
        at = next((n for n, name in enumerate(levels) if guess_part(name) == "train"), 0)
        if place := "/".join(levels[:at]):
            of_place[place] |= {_last_name(image) for image in one.images}
    if len(of_place) < 2 or not set.intersection(*of_place.values()):
        return
    for place, names in of_place.items():
        own = {one.name for one in folder.images if one.path.startswith(f"{place}/")}
        if not names <= own:
            return
    first = sorted(of_place)[0]
    raise DataError(
        f"{some(sorted(of_place), 3)} hold a data set each: annotations, and images of the same "
        "names, which are others",
        where=folder.path,
        fix=f"give podium one of them: podium init {shlex.quote(str(folder.path / first))}",
    )


def _last_name(image: Mapping[str, Any]) -> str:
    return str(image["file_name"]).replace("\\", "/").rpartition("/")[2]


def _one_a_part(files: Sequence[_CocoFile], notes: list[str]) -> list[_CocoFile]:
    """Return the files without those about the same images, as `person_keypoints` beside it.

    Of versions by number, as `train_v1` and `train_v2`, the last one stays.
    """
    kept: list[_CocoFile] = []
    order = sorted(
        files,
        key=lambda one: (
            -len(one.categories),
            -_version(one.path),
            -len(one.annotations),
            one.path,
        ),
    )
    for one in order:
        own = {image["file_name"] for image in one.images}
        twin = next(
            (
                other
                for other in kept
                if other.part == one.part and own & {image["file_name"] for image in other.images}
            ),
            None,
        )
        if twin is None:
            kept.append(one)
        else:
            notes.append(f"{one.path} is not used: {twin.path} is about the same images")
    return sorted(kept, key=lambda one: (one.part != "train", one.path))


_VERSION = re.compile(r"(?:^|[-_. ])v(?:er(?:sion)?)?[-_. ]?(\d{1,3})(?![a-z\d])", re.IGNORECASE)


def _version(path: str) -> int:
    """Return the number of the version in the name of a file, 0 without one."""
    found = _VERSION.search(PurePosixPath(path).stem)
    return 0 if found is None else int(found[1])


class _ImageCells:
    """The cell that names an image: its file name, or its path where names repeat."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        names = Counter(image.name for image in folder.images if image.part != "mask")
        self._by_name = max(names.values(), default=0) <= 1

    def cell(self, image: ImageFile) -> str:
        return image.name if self._by_name else image.path

    def find(self, one: _CocoFile, file_name: str) -> ImageFile | None:
        """Return the image that a file of COCO's form means, or None."""
        name = file_name.replace("\\", "/")
        found = self._folder.named(name) or self._folder.named(name.rpartition("/")[2])
        near = [image for image in found if image.part == one.part] or found
        return near[0] if len(near) == 1 else None


class _CocoTables:
    """The rows of the tables."""

    def __init__(self) -> None:
        self.images: list[dict[str, str]] = []
        self._cells: dict[tuple[str, Any], str] = {}
        self._objects: list[tuple[str, str, str]] = []

    def add_images(self, one: _CocoFile, names: _ImageCells) -> int:
        """Take the images of a file; return how many of them are not there."""
        n_gone = 0
        for image in one.images:
            found = names.find(one, str(image["file_name"]))
            if found is None:
                n_gone += 1
                continue
            cell = names.cell(found)
            self._cells[one.path, image["id"]] = cell
            facts = {
                name: str(value)
                for name, value in image.items()
                if name not in _LEFT_OUT and isinstance(value, str | int | float)
            }
            self.images.append({_IMAGE: cell, **facts})
        return n_gone

    def add_objects(
        self, one: _CocoFile, named: Mapping[Any, str], folder: DataFolder, *, crowds: bool
    ) -> int:
        """Take the objects of a file; return how many regions of crowds were left out."""
        sizes = {image["id"]: (image.get("height"), image.get("width")) for image in one.images}
        have, n_crowd = set[str](), 0
        for each in one.annotations:
            cell = self._cells.get((one.path, each["image_id"]))
            if cell is None or not each.get("segmentation"):
                continue
            if each.get("iscrowd") and not crowds:
                n_crowd += 1
                continue
            if each.get("category_id") is not None and each["category_id"] not in named:
                continue
            try:
                text = _text(each["segmentation"], *sizes[each["image_id"]])
            except (CodecError, ValueError, TypeError, KeyError) as error:
                raise DataError(
                    f"the segmentation of annotation {each.get('id')} cannot be read: {error}",
                    where=folder.path / one.path,
                    fix="write polygons [[x, y, …]], or counts with the size of the image",
                ) from error
            if text:
                have.add(cell)
                self._objects.append((cell, named.get(each.get("category_id"), ""), text))
        cells = {cell for (path, _), cell in self._cells.items() if path == one.path}
        blank = next(iter(named.values()), "")
        self._objects += [(cell, blank, "") for cell in sorted(cells - have)]
        return n_crowd

    def image_table(self) -> pd.DataFrame:
        return pd.DataFrame(self.images, dtype=object).fillna("")

    def object_table(self) -> pd.DataFrame:
        found = pd.DataFrame(self._objects, columns=[_IMAGE, _CATEGORY, _COUNTS], dtype=object)
        ids = {one[_IMAGE]: one.get(_ID, "") for one in self.images}
        if len(set(ids.values())) == len(self.images):  # else files number their images alike
            found.insert(1, _ID, found[_IMAGE].map(ids))
        return found if found[_CATEGORY].nunique() > 1 else found.drop(columns=_CATEGORY)


def _classes(
    used: Sequence[_CocoFile], sample: SampleSubmission | None, notes: list[str]
) -> tuple[list[str], dict[Any, str]]:
    """Return the classes in the order of their ids, and the text of each id.

    They are called as the sample has them: by name, or by id, which may have gaps.
    """
    names: dict[Any, str] = {}
    for one in used:
        for key, name in one.categories.items():
            if names.setdefault(key, name) != name:
                raise DataError(
                    f"category {key} is {names[key]!r} in one file, and {name!r} here",
                    where=one.path,
                    fix="give the categories the same ids in all files",
                )
    seen = {each.get("category_id") for one in used for each in one.annotations}
    ids = sorted((key for key in seen if key is not None), key=lambda key: (str(type(key)), key))
    own = {key: names.get(key, str(key)) for key in ids}
    cells = set() if sample is None else {str(cell) for cell in _category_cells(sample, names)}
    if cells:
        ids += sorted(key for key in names if key not in own and cells & {str(key), names[key]})
        own = {key: names.get(key, str(key)) for key in ids}
    by_id = bool(cells) and not cells & set(names.values()) and cells <= set(map(str, own))
    if by_id or len(set(own.values())) < len(own):
        shown = [f"{key} {own[key]}" for key in own]
        if len(own) > 1:
            notes.append(f"classes are called by the ids of their categories: {some(shown, 12)}")
        own = {key: str(key) for key in own}
    return ([] if len(own) < 2 else list(own.values())), own


def _category_cells(sample: SampleSubmission, names: Mapping[Any, str]) -> list[str]:
    """Return the cells of the sample's column that names categories, by name or by id."""
    known = {*map(str, names), *names.values()}
    for column in sample.values:
        cells = list(dict.fromkeys(sample.table[column]))
        called = any(word in column.lower() for word in ("categ", "class", "label"))
        if called and set(cells) <= known:
            return cells
    return []


def _classes_of_rows(sample: SampleSubmission | None, classes: Sequence[str]) -> list[str]:
    """Return the classes of which the sample has a row for each image; all where it names none."""
    if sample is not None:
        n_images = sample.table[sample.id].nunique()
        for column in sample.values:
            n_each = Counter(sample.table[column])
            if len(n_each) > 1 and set(n_each) <= set(classes) and {*n_each.values()} == {n_images}:
                return [one for one in classes if one in n_each]
    return list(classes)


def _row_is_an_object(sample: SampleSubmission | None, n_classes: int) -> tuple[bool, str]:
    """Return whether a row of the sample is an object, and why it may be none."""
    if sample is None:
        return True, ""
    if _has_scores(sample):
        return True, ""
    n_each = Counter(sample.table[sample.id])
    if n_classes and len(sample.table) > n_classes and set(n_each.values()) == {n_classes}:
        return False, ""
    if set(n_each.values()) == {1}:
        if n_classes and len(n_each) % n_classes == 0 and not _is_categorised(sample):
            return False, ""  # an id of the image and the class
        if n_classes < 2:  # rows of one column for all classes cannot be masks of several
            return True, "if the objects of an image are one mask together"
    return True, ""


def _is_categorised(sample: SampleSubmission) -> bool:
    return any(word in one.lower() for one in sample.values for word in ("categ", "class", "label"))


def _text(segmentation: Any, height: Any, width: Any) -> str:
    """Return the compressed counts of a segmentation; "" where it has no pixel.

    Raises:
        ValueError, TypeError, KeyError, CodecError: it cannot be read.
    """
    if isinstance(segmentation, Mapping):
        size = (int(segmentation["size"][0]), int(segmentation["size"][1]))
        counts = segmentation["counts"]
        if isinstance(counts, str):
            mask = coco.decode(counts, size)
        else:
            lengths = np.asarray(counts, dtype=np.int64)
            if lengths.ndim != 1 or (lengths < 0).any() or lengths.sum() != size[0] * size[1]:
                raise ValueError(f"counts are not of the {size[0]} × {size[1]} pixels")
            runs = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
            mask = runs.reshape(size[1], size[0]).T
        return coco.encode(mask) if mask.any() else ""
    if not height or not width:
        raise ValueError("the image has no height and width")
    size = (int(height), int(width))
    whole = segmentation if isinstance(segmentation[0], list | tuple) else [segmentation]
    polygons = [polygon_counts(one, size) for one in whole if len(one) >= _EACH_FINE]
    polygons = [one for one in polygons if len(one) > 1]
    if not polygons:
        return ""
    if len(polygons) == 1:
        return coco.encode_counts(polygons[0])
    together = np.zeros(size[0] * size[1], dtype=np.bool_)
    for one in polygons:
        together |= np.repeat(np.arange(len(one)) % 2 == 1, one)
    return coco.encode(together.reshape(size[1], size[0]).T)


_FINER = 5
"""How much finer than pixels the corners of polygons are."""


def polygon_counts(polygon: Sequence[float], size: tuple[int, int]) -> NDArray[np.int64]:
    """Return the counts of the pixels of a polygon, as pycocotools has them.

    Corners are rounded to fifths of a pixel. Where an edge crosses the middle of a column, all
    pixels below it, down the columns and on through the later ones, are turned over.

    Args:
        polygon: x and y of each corner in turn.
        size: (height, width) of the image.
    """
    height, width = size
    corners = np.asarray(polygon, dtype=np.float64)[: len(polygon) // 2 * 2].reshape(-1, 2)
    if not np.isfinite(corners).all():
        raise ValueError("a corner is no number")
    fine = np.trunc(_FINER * corners + 0.5).astype(np.int64)
    steps = np.roll(fine, -1, axis=0) - fine
    lengths = np.abs(steps).max(axis=1)
    edge = np.repeat(np.arange(len(fine)), lengths + 1)
    first = np.cumsum(lengths + 1) - (lengths + 1)
    along = np.arange(len(edge)) - first[edge]
    # An edge is walked from its corner of the smaller coordinate, in the direction it is longer in.
    is_flat = np.abs(steps[:, 0]) >= np.abs(steps[:, 1])
    longer = np.where(is_flat, 0, 1)
    rows = np.arange(len(fine))
    back = steps[rows, longer] < 0
    start = np.where(back[:, None], fine + steps, fine)
    rise = np.where(back[:, None], -steps, steps)
    slope = rise[rows, 1 - longer] / np.maximum(lengths, 1)
    far = np.where(back[edge], lengths[edge] - along, along)
    long_side = start[rows, longer][edge] + far
    short_side = np.trunc(start[rows, 1 - longer][edge] + slope[edge] * far + 0.5).astype(np.int64)
    x = np.where(is_flat[edge], long_side, short_side)
    y = np.where(is_flat[edge], short_side, long_side)
    crossed = np.flatnonzero(x[1:] != x[:-1])
    left = np.minimum(x[crossed], x[crossed + 1])
    top = np.minimum(y[crossed], y[crossed + 1])
    column = (left - _FINER // 2) // _FINER
    inside = (left % _FINER == _FINER // 2) & (column >= 0) & (column < width)
    row = np.ceil(np.clip((top[inside] + 0.5) / _FINER - 0.5, 0, height)).astype(np.int64)
    places, n = np.unique(column[inside] * height + row, return_counts=True)
    turned = places[(n % 2 == 1) & (places < height * width)]
    ends: NDArray[np.int64] = np.concatenate([[0], turned, [height * width]]).astype(np.int64)
    return ends[1:] - ends[:-1]

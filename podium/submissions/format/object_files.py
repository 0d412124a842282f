"""Files of objects: written as a stream, and read one image after the other.

A row is an object (`rows: instance`), or an image whose cell lists its objects (`value: coco64`).
One image is in memory at a time; every written row is read back and compared. A file that is read
stays on the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, overload

import numpy as np

from podium.competition.instances import Instances
from podium.competition.objects import objects_of_parts
from podium.competition.spec import Competition
from podium.errors import SubmissionError
from podium.submissions.format.csv_text import CsvLine, next_line
from podium.submissions.format.mask_sizes import MaskSizes, Size, sizes_of_test
from podium.submissions.format.objects import (
    ObjectCells,
    RowSpan,
    inspect_instances,
    is_object_format,
)
from podium.submissions.format.reading import refuse
from podium.submissions.format.row_names import expected_rows
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.format.writing import write_answers

__all__ = [
    "ObjectsOfFile",
    "open_instances",
    "read_instances",
    "write_instance_rows",
    "write_instances",
]


def write_instances(
    path: Path,
    competition: Competition,
    objects: Iterable[tuple[str, Instances]],
    sizes: Mapping[str, Size] | None = None,
) -> Path:
    """Write the objects of the test set in the competition's format and return `path`.

    `objects` is iterated once, and one image is in memory at a time. The rows stand in the order of
    the sample submission, whatever the order of `objects`; those of an image follow one another in
    its order of objects. With `overlap: forbid` a pixel of several objects stays with the most
    confident one, and an object that has none left is not written. Every text is decoded and
    compared with its mask; the finished file is read back before it replaces anything at `path`.

    Args:
        path: the CSV to write.
        competition: its `submission` is the format, its `frame` the size of an image.
        objects: (id, objects) of each image, each once, in any order; [] of objects is an image in
            which nothing was found.
        sizes: (height, width) of the images in the frame, by id; default: the frame, or with
            `frame: native` the sizes in the headers of the test images.

    Raises:
        SubmissionError: ids differ from the sample's, objects have another size or other classes
            than the format and the frame require, or the file read back differs from the objects.
        DataError: the competition's sample or spec cannot be used.
    """
    form = format_of(competition)
    if not is_object_format(form):
        raise SubmissionError(
            "the format does not hold the objects of an image",
            fix="write masks with write_masks; or set tasks: {segment: instance}",
        )
    keys, rows_source = expected_rows(competition, form)
    known = sizes_of_test(competition, sizes)
    write_instance_rows(path, form, keys, objects, known, rows_source=rows_source)
    return path


def write_instance_rows(
    path: Path,
    form: SubmissionFormat,
    keys: Iterable[str],
    objects: Iterable[tuple[str, Instances]],
    sizes: MaskSizes,
    *,
    rows_source: str = "the test set",
) -> None:
    """Write `objects` as rows of the images named `keys`, in that order; see `write_instances`."""
    write_answers(path, form, keys, objects, sizes, ObjectCells(form), rows_source=rows_source)


def read_instances(
    path: Path,
    form: SubmissionFormat,
    ids: Sequence[str],
    sizes: MaskSizes,
    *,
    rows_source: str = "the test set",
) -> Iterator[tuple[str, Instances]]:
    """Return (id, objects) of the images `ids`, in their order; the whole file is checked first.

    Objects are in the order of the file; a score is 1 where the format has none.

    Args:
        path: the submission file.
        form: its format, with `rows: instance` or a list of objects in a cell.
        ids: whose objects must be there, and no others'; with `empty_row: drop` an image without
            objects has no row.
        sizes: of the images; every one is needed.
        rows_source: the source of the expected rows, for messages.

    Raises:
        SubmissionError: ids are missing or extra, objects share pixels that may not, or anything
            about the file's shape, encoding or masks; all problems in one.
    """
    objects = open_instances(path, form, ids, sizes, rows_source=rows_source)
    return zip(ids, objects, strict=True)


def open_instances(
    path: Path,
    form: SubmissionFormat,
    ids: Sequence[str],
    sizes: MaskSizes,
    *,
    rows_source: str = "the test set",
) -> ObjectsOfFile:
    """Return the objects of the images `ids`, in their order; arguments as `read_instances`."""
    problems, places = inspect_instances(
        path, form, list(form.keys(ids)), sizes, rows_source=rows_source
    )
    refuse(path, problems)
    return ObjectsOfFile(path, form, ids, sizes, places)


@dataclass(frozen=True)
class ObjectsOfFile(Sequence[Instances]):
    """The objects of the images `ids` in a file that was checked; each is read on demand.

    Args:
        path: the file.
        form: its format.
        ids: of the images.
        sizes: of them; needed for every image that is read.
        places: by the name of an image, where its rows lie; an image without any has no object.
    """

    path: Path
    form: SubmissionFormat
    ids: Sequence[str]
    sizes: MaskSizes
    places: Mapping[str, Sequence[RowSpan]]

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Instances: ...
    @overload
    def __getitem__(self, index: slice) -> list[Instances]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        sample_id = self.ids[index]
        size = self.sizes.of(sample_id)
        if size is None:
            raise SubmissionError(f"the size of the image {sample_id!r} is not known")
        (key,) = self.form.keys([sample_id])
        with self.path.open("rb") as file:
            places = self.places.get(key, ())
            return objects_at(file, places, self.form, size, longest=self._longest)

    @cached_property
    def _longest(self) -> int:
        return self.path.stat().st_size + 1


def objects_at(
    file: BinaryIO, places: Sequence[RowSpan], form: SubmissionFormat, size: Size, *, longest: int
) -> Instances:
    """Return the objects of the rows at `places` of a file read before, of one image.

    Raises:
        CodecError: a row is no object of an image of that size.
    """
    cells = ObjectCells(form)
    parts = []
    for line in _lines(file, places, longest):
        for one in cells.parsed(line.cells):
            plane = cells.plane(one, size)
            score = np.array([one.score], dtype=np.float32)
            parts.append(Instances.from_planes(size, [plane], [one.label], score))
    return objects_of_parts(size, parts)


def _lines(file: BinaryIO, places: Sequence[RowSpan], longest: int) -> Iterator[CsvLine]:
    for place in places:
        file.seek(place.offset)
        n_rows = 0
        while n_rows < place.n_rows:
            found = next_line(file, 0, longest=longest)
            if found is None:
                raise SubmissionError("the file changed while it was read", fix="repeat it")
            n_rows += bool(found[0].cells)
            if found[0].cells:
                yield found[0]

"""Files of objects: written as a stream, and read one image after the other.

A row is an object (`rows: instance`), or an image whose cell lists its objects (`value: coco64`).
One image is in memory at a time; every written row is read back and compared. A file that is read
stays on the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from podium.competition.spec import Competition
from podium.competition.truths.instances import Instances
from podium.competition.truths.objects import objects_of_parts
from podium.errors import SubmissionError
from podium.submissions.format.cells import AnswersOfFile, ExpectedRows, NamedRows
from podium.submissions.format.csv_text import CsvLine, next_line
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.file_formats import plain_text
from podium.submissions.format.mask_sizes import Size
from podium.submissions.format.objects import (
    ObjectCells,
    ObjectChecker,
    RowSpan,
    is_object_format,
    refuse_objects,
)
from podium.submissions.format.reading import inspect_rows, own_lines, refuse
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.format.writing import write_rows

__all__ = ["object_rows", "read_objects", "write_instances"]


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
    expected = expected_of_test(competition, sizes)
    return write_rows(path, expected, object_rows(expected, objects))


def object_rows(
    expected: ExpectedRows, objects: Iterable[tuple[str, Instances]]
) -> Iterator[NamedRows]:
    """Yield the rows of `objects`, image by image; see `write_instances`.

    Raises:
        SubmissionError: objects have another size or other classes than expected.
    """
    cells = ObjectCells(expected.form)
    for sample_id, found in objects:
        refuse_objects(sample_id, found, expected.form, expected.sizes.of(sample_id))
        yield cells.rows(sample_id, found)


def read_objects(path: Path, expected: ExpectedRows) -> AnswersOfFile[str, Instances]:
    """Return the objects of `expected.ids`, in their order; the whole file is checked first.

    Objects are in the order of the file; a score is 1 where the format has none. With `empty_row:
    drop` an image without objects has no row.

    Raises:
        SubmissionError: as the checker finds them, all errors in one; or a size is not known.
    """
    places: dict[str, list[RowSpan]] = {}
    refuse(path, inspect_rows(path, expected, partial(ObjectChecker, path=path, places=places)))
    form, longest = expected.form, plain_text(path, expected.of_file).stat().st_size + 1

    def read(sample_id: str) -> Instances:
        size = expected.sizes.of(sample_id)
        if size is None:
            raise SubmissionError(f"the size of the image {sample_id!r} is not known")
        (key,) = form.keys([sample_id])
        with plain_text(path, expected.of_file).open("rb") as file:
            lines = own_lines(_lines(file, places.get(key, ()), longest), expected)
            return _objects_in(lines, form, size)

    return AnswersOfFile(expected.ids, read)


def _objects_in(lines: Iterable[CsvLine], form: SubmissionFormat, size: Size) -> Instances:
    """Return the objects of the rows of one image."""
    cells = ObjectCells(form)
    parts = []
    for line in lines:
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

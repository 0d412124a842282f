"""Objects of a submission file, one image after the other; the file itself stays on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from podium.competition.instances import Instances
from podium.competition.objects import joined
from podium.errors import SubmissionError
from podium.submissions.format import Format
from podium.submissions.instance_cells import ObjectCells
from podium.submissions.instance_checking import Place, inspect_instances
from podium.submissions.lines import Line, next_line
from podium.submissions.mask_sizes import MaskSizes, Size
from podium.submissions.read import refuse

__all__ = ["objects_at", "read_instances"]


def read_instances(
    path: Path,
    form: Format,
    ids: Sequence[str],
    sizes: MaskSizes,
    *,
    said_by: str = "the test set",
) -> Iterator[tuple[str, Instances]]:
    """Return (id, objects) of the images `ids`, in their order; the whole file is checked first.

    Objects are in the order of the file; a score is 1 where the format has none.

    Args:
        path: the submission file.
        form: its format, with `rows: instance` or a list of objects in a cell.
        ids: whose objects must be there, and no others'; with `empty_row: drop` an image without
            objects has no row.
        sizes: of the images; all of them must be known.
        said_by: who says what is expected.

    Raises:
        SubmissionError: ids are missing or extra, objects share pixels that may not, or anything
            about the file's shape, encoding or masks; all problems in one.
    """
    problems, places = inspect_instances(path, form, list(form.keys(ids)), sizes, said_by=said_by)
    refuse(path, problems)
    return _objects(path, form, ids, sizes, places)


def _objects(
    path: Path,
    form: Format,
    ids: Sequence[str],
    sizes: MaskSizes,
    places: Mapping[str, Sequence[Place]],
) -> Iterator[tuple[str, Instances]]:
    longest = sizes.longest()
    with path.open("rb") as file:
        for sample_id in ids:
            size = sizes.of(sample_id)
            if size is None:
                raise SubmissionError(f"the size of the image {sample_id!r} is not known")
            (key,) = form.keys([sample_id])
            yield sample_id, objects_at(file, places.get(key, ()), form, size, longest=longest)


def objects_at(
    file: BinaryIO, places: Sequence[Place], form: Format, size: Size, *, longest: int
) -> Instances:
    """Return the objects of the rows at `places` of a file read before, of one image.

    Raises:
        RleError: a row is no object of an image of that size.
    """
    cells = ObjectCells(form)
    parts = []
    for line in _lines(file, places, longest):
        for one in cells.said(line.cells):
            plane = cells.plane(one, size)
            score = np.array([one.score], dtype=np.float32)
            parts.append(Instances.from_planes(size, [plane], [one.label], score))
    return joined(size, parts)


def _lines(file: BinaryIO, places: Sequence[Place], longest: int) -> Iterator[Line]:
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

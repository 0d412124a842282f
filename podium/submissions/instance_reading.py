"""Objects of a submission file, one image after the other; the file itself stays on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, overload

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

__all__ = ["ObjectsOfFile", "objects_at", "open_instances", "read_instances"]


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
    objects = open_instances(path, form, ids, sizes, said_by=said_by)
    return zip(ids, objects, strict=True)


def open_instances(
    path: Path,
    form: Format,
    ids: Sequence[str],
    sizes: MaskSizes,
    *,
    said_by: str = "the test set",
) -> ObjectsOfFile:
    """Return the objects of the images `ids`, in their order; arguments as `read_instances`."""
    problems, places = inspect_instances(path, form, list(form.keys(ids)), sizes, said_by=said_by)
    refuse(path, problems)
    return ObjectsOfFile(path, form, ids, sizes, places)


@dataclass(frozen=True)
class ObjectsOfFile(Sequence[Instances]):
    """The objects of the images `ids` in a file that was checked; each is read when asked for.

    Args:
        path: the file.
        form: its format.
        ids: of the images.
        sizes: of them; all of those that are asked for must be known.
        places: by the name of an image, where its rows lie; an image without any has no object.
    """

    path: Path
    form: Format
    ids: Sequence[str]
    sizes: MaskSizes
    places: Mapping[str, Sequence[Place]]

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

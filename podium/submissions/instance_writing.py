"""Writing a file of objects as a stream: one image in memory, every row compared before it counts.

A row is an object (`rows: instance`), or an image whose cell lists its objects (`value: coco64`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from podium.competition.instances import Instances
from podium.competition.spec import Competition
from podium.errors import SubmissionError
from podium.submissions.expected import expected_rows
from podium.submissions.format import Format, format_of
from podium.submissions.instance_cells import ObjectCells, holds_objects, refuse_objects
from podium.submissions.mask_sizes import MaskSizes, Size, sizes_of_test
from podium.submissions.ordered_rows import OrderedRows
from podium.workspace.atomic import replacing

__all__ = ["write_instance_rows", "write_instances"]


def write_instances(
    path: Path,
    competition: Competition,
    objects: Iterable[tuple[str, Instances]],
    sizes: Mapping[str, Size] | None = None,
) -> Path:
    """Write the objects of the test set in the competition's format and return `path`.

    `objects` is gone through once, and one image is in memory at a time. The rows stand in the
    order of the sample submission, whatever the order of `objects`; those of an image follow one
    another in its order of objects. With `overlap: forbid` a pixel of several objects stays with
    the surest one, and an object that has none left is not written. Every text is decoded and
    compared with its mask; the finished file is read back before it replaces anything at `path`.

    Args:
        path: the CSV to write.
        competition: its `submission` says the format, its `frame` how large an image is.
        objects: (id, objects) of each image, each once, in any order; [] of objects is an image in
            which nothing was found.
        sizes: (height, width) of the images in the frame, by id; default: the frame, or with
            `frame: native` what the headers of the test images say.

    Raises:
        SubmissionError: ids differ from the sample's, objects have another size or other classes
            than the format and the frame ask for, or what was read back is not what was meant.
        DataError: the competition's sample or spec cannot be used.
    """
    form = format_of(competition)
    if not holds_objects(form):
        raise SubmissionError(
            "the format does not hold the objects of an image",
            fix="write masks with write_masks; or set tasks: {segment: instance}",
        )
    keys, said_by = expected_rows(competition, form)
    known = sizes_of_test(competition, sizes)
    write_instance_rows(path, form, keys, objects, known, said_by=said_by)
    return path


def write_instance_rows(
    path: Path,
    form: Format,
    keys: Iterable[str],
    objects: Iterable[tuple[str, Instances]],
    sizes: MaskSizes,
    *,
    said_by: str = "the test set",
) -> None:
    """Write `objects` as rows of the images named `keys`, in that order; see `write_instances`."""
    cells, n_rows = ObjectCells(form), 0
    with replacing(path) as temporary:
        with temporary.open("wb") as file:
            ordered = OrderedRows(file, form, keys, temporary.parent)
            try:
                for sample_id, found in objects:
                    refuse_objects(sample_id, found, form, sizes.of(sample_id))
                    apart = found.without_overlap() if form.overlap == "forbid" else found
                    rows = cells.rows(sample_id, apart)
                    n_rows += len(rows)
                    ordered.put_all(next(form.keys([sample_id])), rows)
                ordered.finish(said_by)
            finally:
                ordered.close()
        if not n_rows:
            raise SubmissionError(
                "no image has an object, and empty_row: drop leaves a file without rows",
                fix="set submission.empty_row: keep, or lower the threshold",
            )
        ordered.compare(temporary, path)

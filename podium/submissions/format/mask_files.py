"""Files of masks: written as a stream, and read one image after the other.

One mask is in memory at a time. Every written row is read back and compared before the file takes
its name; a file that is read was checked as a whole before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.competition.truths.masks import IGNORE, Mask, fix_of_shape
from podium.errors import SubmissionError
from podium.submissions import values
from podium.submissions.format.cells import AnswersOfFile, ExpectedRows, NamedRows
from podium.submissions.format.csv_text import cells_at
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.file_formats import plain_text
from podium.submissions.format.mask_sizes import Size
from podium.submissions.format.masks import (
    MaskChecker,
    assemble_mask,
    class_plane,
    decode_cell,
    encode_mask,
)
from podium.submissions.format.reading import inspect_rows, refuse
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.format.writing import write_rows

__all__ = ["checked_mask", "mask_rows", "read_masks", "write_masks"]


def write_masks(
    path: Path,
    competition: Competition,
    masks: Iterable[tuple[str, Mask]],
    sizes: Mapping[str, Size] | None = None,
) -> Path:
    """Write the masks of the test set in the competition's format and return `path`.

    `masks` is iterated once, and one mask is in memory at a time. The rows stand in the order of
    the sample submission, whatever the order of `masks`. Every text is decoded and compared with
    its mask; the finished file is read back row by row before it replaces anything at `path`.

    Args:
        path: the CSV to write.
        competition: its `submission` is the format, its `frame` the size of a mask.
        masks: (id, decision) of each sample, each once, in any order; a decision is a mask in the
            frame without `IGNORE`, as `podium.competition.truths.masks.Mask`.
        sizes: (height, width) of the masks in the frame, by id; default: the frame, or with `frame:
            native` the sizes in the headers of the test images.

    Raises:
        SubmissionError: ids differ from the sample's, a mask has another shape or other values than
            the format and the frame require, or the file read back differs from the masks.
        DataError: the competition's sample or spec cannot be used.
    """
    form = format_of(competition)
    if form.kind.finds_objects:
        raise SubmissionError(
            "the format holds the objects of an image",
            fix="write them with podium.submissions.write_instances",
        )
    if not isinstance(values.of(form), values.MaskValue):
        raise SubmissionError(
            f"the format holds a {form.value} in each cell, not a mask",
            fix="write predictions of images with podium.write_submission, of pixels with "
            "podium.submissions.write_pixels",
        )
    expected = expected_of_test(competition, sizes)
    return write_rows(path, expected, mask_rows(expected, masks))


def mask_rows(expected: ExpectedRows, masks: Iterable[tuple[str, Mask]]) -> Iterator[NamedRows]:
    """Yield the rows of `masks`: of each image, or of each class of it.

    Raises:
        SubmissionError: a mask is none of the task, or of another size than expected.
    """
    form = expected.form
    by_class = form.rows == "image_class"
    for sample_id, mask in masks:
        whole = checked_mask(sample_id, mask, form, expected.sizes.of(sample_id))
        for index in range(form.n_masks if by_class else 1):
            plane = class_plane(whole, form, index)
            if form.empty_mask == "forbid" and not plane.any():
                plane = np.arange(plane.size).reshape(plane.shape) == 0  # the least of masks
            text = encode_mask(plane, form)
            at = index if by_class else None
            cells = form.row_cells(sample_id, at, [text], size=(whole.shape[0], whole.shape[1]))
            yield form.key(cells), [cells]


def checked_mask(
    sample_id: str,
    mask: NDArray[Any],
    form: SubmissionFormat,
    size: Size | None,
    *,
    ignore: bool = False,
) -> Mask:
    """Return `mask` as uint8 if it is a mask of the task in `size` (None: of any).

    With `ignore`, pixels of a truth may be `IGNORE`.

    Raises:
        SubmissionError: it has another type, shape or values.
    """
    expected = (*(size or ("H", "W")), *([form.n_masks] if form.kind.is_by_class else []))
    got = np.asarray(mask)
    fits = got.ndim == len(expected) and got.shape[2:] == expected[2:]
    if not fits or (size is not None and got.shape[:2] != tuple(size)):
        raise SubmissionError(
            f"the mask of {sample_id!r} must have the shape ({', '.join(map(str, expected))}), "
            f"got {got.shape}",
            fix=fix_of_shape(got.shape, expected),
        )
    if got.dtype not in (np.bool_, np.uint8):
        raise SubmissionError(
            f"the mask of {sample_id!r} must be bool or uint8, got {got.dtype}",
            fix="pass decisions, not probabilities",
        )
    top = form.n_masks if form.kind.is_exclusive else 1
    highest = int(got.max(initial=0))
    if highest > top and not (ignore and highest == IGNORE):
        nobody = "; a decision has no unknown pixels (IGNORE)" * (highest == IGNORE)
        raise SubmissionError(
            f"the mask of {sample_id!r} must hold 0 to {top}, got {highest}{nobody}",
            fix="write foreground as 1: pass mask > 0"
            if top == 1
            else f"write 0 for background, and the number of the class, 1 to {top}, elsewhere",
        )
    return got.view(np.uint8)


def read_masks(path: Path, expected: ExpectedRows) -> AnswersOfFile[str, Mask]:
    """Return the masks of `expected.ids`, in their order; the whole file is checked first.

    Masks are decisions, as `podium.competition.truths.masks.Mask`. A pixel of several classes of a
    multiclass task is the first one's.

    Raises:
        SubmissionError: as the checker finds them, all errors in one; or a size is not known.
    """
    offsets: dict[str, int] = {}
    refuse(path, inspect_rows(path, expected, partial(MaskChecker, offsets=offsets)))
    form = expected.form
    # The other cells of a row with several answers may be long, too.
    longest = expected.sizes.longest()
    if expected.within is not None:
        longest = plain_text(path, expected.of_file).stat().st_size + 1

    def read(sample_id: str) -> Mask:
        size = expected.sizes.of(sample_id)
        if size is None:
            raise SubmissionError(f"the size of the mask of {sample_id!r} is not known")
        with plain_text(path, expected.of_file).open("rb") as file:
            rows = [
                expected.own_cells(cells_at(file, offsets[key], longest=longest))
                for key in form.keys([sample_id])
            ]
            texts = [cells[form.value_column] for cells in rows]
        return assemble_mask(_planes(texts, form, size), form, size)

    return AnswersOfFile(expected.ids, read)


def _planes(
    texts: Sequence[str], form: SubmissionFormat, size: Size
) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Yield the classes that are not empty; the first one last, so that it keeps its pixels."""
    for index in reversed(range(len(texts))):
        if texts[index] != form.empty_cell:
            yield index, decode_cell(texts[index], form, size)

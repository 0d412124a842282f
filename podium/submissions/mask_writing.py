"""Writing a file of masks as a stream: one mask in memory, every row compared before it counts."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import IGNORE, Mask
from podium.competition.spec import Competition
from podium.errors import SubmissionError, some
from podium.submissions import values
from podium.submissions.format import Format, expected_keys, format_of
from podium.submissions.mask_cells import encoded, plane_of
from podium.submissions.mask_sizes import MaskSizes, Size, sizes_of_test
from podium.submissions.problems import Problems
from podium.submissions.read import read_body, refuse
from podium.submissions.shelf import Shelf
from podium.submissions.write import refuse_other_rows
from podium.workspace.atomic import replacing

__all__ = ["checked_mask", "write_mask_rows", "write_masks"]


def write_masks(
    path: Path,
    competition: Competition,
    masks: Iterable[tuple[str, Mask]],
    sizes: Mapping[str, Size] | None = None,
) -> Path:
    """Write the masks of the test set in the competition's format and return `path`.

    `masks` is gone through once, and one mask is in memory at a time. The rows stand in the order
    of the sample submission, whatever the order of `masks`. Every text is decoded and compared with
    its mask; the finished file is read back row by row before it replaces anything at `path`.

    Args:
        path: the CSV to write.
        competition: its `submission` says the format, its `frame` how large a mask is.
        masks: (id, decision) of each sample, each once, in any order; a decision is a mask in the
            frame without `IGNORE`, as `podium.competition.masks.Mask`.
        sizes: (height, width) of the masks in the frame, by id; default: the frame, or with
            `frame: native` what the headers of the test images say.

    Raises:
        SubmissionError: ids differ from the sample's, a mask has another shape or other values
            than the format and the frame ask for, or what was read back is not what was meant.
        DataError: the competition's sample or spec cannot be used.
    """
    form = format_of(competition)
    if form.kind == "instance":
        raise SubmissionError(
            "the format holds the objects of an image", fix="write them with write_instances"
        )
    if not isinstance(values.of(form), values.MaskValue):
        raise SubmissionError(
            f"the format holds a {form.value} in each cell, not a mask",
            fix="write predictions of images with write_submission, of pixels with write_pixels",
        )
    keys, said_by = expected_keys(competition, form)
    frame = None if competition.frame == "native" else competition.frame
    known = sizes_of_test(competition) if sizes is None else MaskSizes(sizes, frame=frame)
    write_mask_rows(path, form, keys, masks, known, said_by=said_by)
    return path


def write_mask_rows(
    path: Path,
    form: Format,
    keys: Sequence[str],
    masks: Iterable[tuple[str, Mask]],
    sizes: MaskSizes,
    *,
    said_by: str = "the test set",
) -> None:
    """Write `masks` as the rows named `keys`, in that order, atomically; see `write_masks`."""
    with replacing(path) as temporary:
        with temporary.open("wb") as file:
            rows = _Rows(file, form, keys, temporary.parent)
            try:
                for sample_id, mask in masks:
                    rows.add(sample_id, mask, sizes.of(sample_id))
                rows.finish(said_by)
            finally:
                rows.close()
        _compare(temporary, path, form, rows)


def checked_mask(
    sample_id: str, mask: NDArray[Any], form: Format, size: Size | None, *, ignore: bool = False
) -> Mask:
    """Return `mask` as uint8 if it is a mask of the task in `size` (None: of any).

    With `ignore`, pixels of a truth may be `IGNORE`.

    Raises:
        SubmissionError: it has another type, shape or values.
    """
    shape = f"(H, W, {form.n_masks})" if form.kind == "multilabel" else "(H, W)"
    expected = (
        shape if size is None else shape.replace("H", str(size[0])).replace("W", str(size[1]))
    )
    got = np.asarray(mask)
    n_dims = 3 if form.kind == "multilabel" else 2
    fits = got.ndim == n_dims and (n_dims == 2 or got.shape[2] == form.n_masks)
    if not fits or (size is not None and got.shape[:2] != tuple(size)):
        raise SubmissionError(
            f"the mask of {sample_id!r} must have the shape {expected}, got {got.shape}",
            fix="bring masks to the competition's frame, (height, width), before they are decided",
        )
    if got.dtype not in (np.bool_, np.uint8):
        raise SubmissionError(
            f"the mask of {sample_id!r} must be bool or uint8, got {got.dtype}",
            fix="give decisions, not probabilities",
        )
    top = form.n_masks if form.kind == "multiclass" else 1
    highest = int(got.max(initial=0))
    if highest > top and not (ignore and highest == IGNORE):
        nobody = "; a decision has no pixels of which nobody knows" * (highest == IGNORE)
        raise SubmissionError(
            f"the mask of {sample_id!r} must hold 0 to {top}, got {highest}{nobody}",
            fix="give decisions as `decide_masks` returns them",
        )
    return got.view(np.uint8)


class _Rows:
    """Rows that come in any order and leave in the order of `keys`; most wait on the disk."""

    def __init__(self, file: BinaryIO, form: Format, keys: Sequence[str], folder: Path) -> None:
        self._file, self._form, self.keys = file, form, keys
        self._positions = {key: i for i, key in enumerate(keys)}
        self._shelf = Shelf(folder)
        self._seen: set[str] = set()
        self._repeated: list[str] = []
        self._extra: list[str] = []
        self._next = 0
        self.digests = np.zeros(len(keys), dtype=np.uint32)
        self.longest = len(self._write(form.header))

    def add(self, sample_id: str, mask: Mask, size: Size | None) -> None:
        """Take the rows of one sample."""
        if sample_id in self._seen:
            self._repeated.append(sample_id)
            return
        self._seen.add(sample_id)
        form = self._form
        keys = list(form.keys([sample_id]))
        extra = [key for key in keys if key not in self._positions]
        if extra:
            self._extra += extra
            return
        whole = checked_mask(sample_id, mask, form, size)
        for index, key in enumerate(keys):
            text = encoded(plane_of(whole, form, index), form)
            position = self._positions[key]
            self.digests[position] = _digest(text)
            at = index if form.rows == "image_class" else None
            self._shelf.put(position, _line(form.row_cells(sample_id, at, [text])))
        self._write_what_is_next()

    def finish(self, said_by: str) -> None:
        """Refuse rows that are missing, extra or repeated."""
        if self._repeated:
            raise SubmissionError(
                f"ids stand more than once in the predictions: {some(self._repeated)}"
            )
        missing = []
        if self._next < len(self.keys):
            written = {key for one in self._seen for key in self._form.keys([one])}
            missing = [key for key in self.keys if key not in written]
        refuse_other_rows(missing, self._extra, said_by)

    def close(self) -> None:
        self._shelf.close()

    def _write_what_is_next(self) -> None:
        while (line := self._shelf.take(self._next)) is not None:
            self.longest = max(self.longest, self._file.write(line))
            self._next += 1

    def _write(self, cells: Sequence[str]) -> bytes:
        line = _line(cells)
        self._file.write(line)
        return line


def _line(cells: Sequence[str]) -> bytes:
    return (",".join(map(_quoted, cells)) + "\n").encode()


def _quoted(cell: str) -> str:
    if any(mark in cell for mark in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _digest(text: str) -> int:
    return zlib.crc32(text.encode())


def _compare(temporary: Path, path: Path, form: Format, rows: _Rows) -> None:
    """Read the written file back; anything but what was meant is an error."""
    problems = Problems()
    wrong, n_read = [], 0
    for line in read_body(temporary, form, problems, longest=rows.longest):
        key, text = form.key(line.cells), line.cells[form.value_column]
        is_known = n_read < len(rows.keys) and rows.keys[n_read] == key
        if not is_known or rows.digests[n_read] != _digest(text):
            wrong.append(key)
        n_read += 1
    found = problems.listed()
    if not found and not wrong and n_read == len(rows.keys):
        return
    try:
        refuse(path, found)
    except SubmissionError as error:
        raise SubmissionError(
            f"the written file cannot be read back: {error.message}", where=path, fix=error.fix
        ) from error
    raise SubmissionError(
        f"what was read back is not what was written, for {some(wrong or rows.keys[n_read:])}",
        where=path,
        fix="check the disk, and that ids hold no line breaks; then write it again",
    )

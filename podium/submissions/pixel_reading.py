"""Pixels of a submission file as arrays, one image after the other."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import IGNORE
from podium.errors import DataError, SubmissionError, some
from podium.submissions.format import Format
from podium.submissions.mask_sizes import MaskSizes
from podium.submissions.pixel_cells import PixelCells
from podium.submissions.pixel_checking import inspect_pixels
from podium.submissions.pixel_keys import AllPixels, Part
from podium.submissions.pixel_store import PixelStore
from podium.submissions.read import refuse

__all__ = ["PixelsOfFile", "open_pixels", "read_pixels"]

Values = NDArray[np.float32] | NDArray[np.uint8]


def read_pixels(
    path: Path,
    form: Format,
    ids: Sequence[str],
    sizes: MaskSizes,
    *,
    expected: Iterable[str] | None = None,
    said_by: str = "the test set",
) -> Iterator[tuple[str, Values]]:
    """Return (id, values) of the images `ids`, in their order; the whole file is checked first.

    What was read waits on the disk, four bytes a pixel.

    Args:
        path: the submission file.
        form: its format, with `rows: pixel`.
        ids: of the images.
        sizes: of them; all must be known.
        expected: the names of the rows that must be there, in the order of the file where that is
            known: then reading is fast. Default: every pixel of the images.
        said_by: who says what is expected.

    Returns:
        Values float32 `(H, W)`, nan for a pixel that `expected` does not name; of a format that
        holds classes a mask, uint8, `IGNORE` for such a pixel.

    Raises:
        SubmissionError: pixels are missing, extra or repeated, or anything about the file's shape,
            encoding or values; all problems in one.
        DataError: the size of an image is not known, or `expected` names pixels outside of it.
    """
    found = open_pixels(path, form, ids, sizes, expected=expected, said_by=said_by)
    return zip(ids, found, strict=True)


def open_pixels(
    path: Path,
    form: Format,
    ids: Sequence[str],
    sizes: MaskSizes,
    *,
    expected: Iterable[str] | None = None,
    said_by: str = "the test set",
) -> PixelsOfFile:
    """Return the values of the images `ids`, in their order; arguments as `read_pixels`."""
    keys = AllPixels(form, ids, sizes) if expected is None else expected
    # Not beside the file, whose folder may be read-only.
    store = PixelStore(Path(tempfile.gettempdir()))
    try:
        for sample_id in ids:
            size = sizes.of(sample_id)
            if size is None:
                raise DataError(f"the size of the image {sample_id!r} is not known")
            store.add(sample_id, np.full(size, np.nan, dtype=np.float32))
        outside: list[str] = []

        def visit(part: Part, values: NDArray[np.float32]) -> None:
            is_there = store.has(part)
            if is_there.all():
                store.plane(part.sample_id)[part.rows, part.columns] = values
            else:
                outside.append(part.names[int(np.argmin(is_there))])

        refuse(path, inspect_pixels(path, form, keys, visit, said_by=said_by))
        if outside:
            raise SubmissionError(f"rows of pixels outside of their images: {some(outside)}")
    except BaseException:
        store.close()
        raise
    return PixelsOfFile(form, ids, store)


@dataclass(frozen=True)
class PixelsOfFile(Sequence[Values]):
    """The values of the images `ids` of a file that was read; they wait on the disk."""

    form: Format
    ids: Sequence[str]
    store: PixelStore

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Values: ...
    @overload
    def __getitem__(self, index: slice) -> list[Values]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        values = np.array(self.store.plane(self.ids[index]))
        if PixelCells(self.form).are_numbers:
            return values
        return np.where(np.isnan(values), IGNORE, values).astype(np.uint8)

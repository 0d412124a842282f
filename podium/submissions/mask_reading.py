"""Masks of a submission file, one image after the other; the file itself stays on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.errors import SubmissionError
from podium.submissions.format import Format
from podium.submissions.lines import cells_at
from podium.submissions.mask_cells import assembled, decode_cell
from podium.submissions.mask_checking import inspect_masks
from podium.submissions.mask_sizes import MaskSizes, Size
from podium.submissions.read import refuse

if TYPE_CHECKING:
    from podium.competition.masks import Mask

__all__ = ["read_masks"]


def read_masks(
    path: Path,
    form: Format,
    ids: Sequence[str],
    sizes: MaskSizes,
    *,
    said_by: str = "the test set",
) -> Iterator[tuple[str, Mask]]:
    """Return (id, mask) of the samples `ids`, in their order; the whole file is checked first.

    Masks are decisions, as `podium.competition.masks.Mask`. A pixel of several classes of a
    multiclass task is the first one's.

    Args:
        path: the submission file.
        form: its format, of value `rle`.
        ids: whose masks must be there, and no others.
        sizes: of the masks; all of them must be known.
        said_by: who says what is expected.

    Raises:
        SubmissionError: ids are missing, extra or repeated, or anything about the file's shape,
            encoding or runs; all problems in one.
    """
    problems, offsets = inspect_masks(path, form, list(form.keys(ids)), sizes, said_by=said_by)
    refuse(path, problems)
    return _masks(path, form, ids, sizes, offsets)


def _masks(
    path: Path, form: Format, ids: Sequence[str], sizes: MaskSizes, offsets: Mapping[str, int]
) -> Iterator[tuple[str, Mask]]:
    longest = sizes.longest()
    with path.open("rb") as file:
        for sample_id in ids:
            size = sizes.of(sample_id)
            if size is None:
                raise SubmissionError(f"the size of the mask of {sample_id!r} is not known")
            texts = [
                cells_at(file, offsets[key], longest=longest)[form.value_column]
                for key in form.keys([sample_id])
            ]
            yield sample_id, assembled(_planes(texts, form, size), form, size)


def _planes(
    texts: Sequence[str], form: Format, size: Size
) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Yield the classes that are not empty; the first one last, so that it keeps its pixels."""
    for index in reversed(range(len(texts))):
        if texts[index] != form.empty:
            yield index, decode_cell(texts[index], form, size)

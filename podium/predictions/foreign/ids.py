"""Ids that others wrote, found among ours: as they stand, or without folder and file ending."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, some
from podium.predictions.reading import positions

__all__ = ["Found", "bare", "found_among", "require_known", "require_once"]

_ENDING = re.compile(
    r"\.(png|jpe?g|jp2|tiff?|bmp|webp|gif|dcm|dicom|npy|npz|nii|nii\.gz)$", re.IGNORECASE
)

Row = Callable[[int], str]
"""Where the row of a number stands, in words: "row 7"."""


@dataclass(frozen=True)
class Found:
    """Where ids stand among ours.

    Attributes:
        at: `(n,)`, -1 for those that we do not have.
        how: in words, where they were matched otherwise than as they stand; else "".
    """

    at: NDArray[np.int64]
    how: str = ""


def bare(one: str) -> str:
    """Return an id without folders and without the ending of an image or array file.

    Example:
        >>> bare("train/img_1.5.PNG")
        'img_1.5'
    """
    return _ENDING.sub("", _last(one))


def _last(one: str) -> str:
    return one.replace("\\", "/").rpartition("/")[2]


def _without_ending(one: str) -> str:
    return _ENDING.sub("", one)


_FORMS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("", str),
    ("without their file endings", _without_ending),
    ("without their folders", _last),
    ("without folders and file endings", bare),
)


def found_among(theirs: Sequence[str], ours: Sequence[str]) -> Found:
    """Return where each of `theirs` stands in `ours`.

    All of them are read in one form: as they stand where that finds them all, else without file
    endings, folders or both, where that finds more and confuses no two of either side.
    """
    best = Found(np.full(len(theirs), -1, dtype=np.int64))
    n_best = 0
    for how, form in _FORMS:
        said, known = [form(one) for one in theirs], [form(one) for one in ours]
        if how and (_merges(theirs, said) or _merges(ours, known)):
            continue
        at = positions(known, said)
        n_found = int((at >= 0).sum())
        if n_found > n_best:
            best, n_best = Found(at, how), n_found
        if n_found == len(theirs):
            break
    return best


def _merges(ids: Sequence[str], forms: Sequence[str]) -> bool:
    return len(set(forms)) < len(set(ids))


def require_once(ids: Sequence[str], row: Row, where: object) -> None:
    """Raise DataError where an id is blank or stands twice, with the rows."""
    blank = [row(i) for i, one in enumerate(ids) if one == ""]
    if blank:
        raise DataError(f"there is no id in {_rows(blank)}", where=where)
    repeated = [one for one, n in Counter(ids).items() if n > 1]
    if repeated:
        first = repeated[0]
        rows = [row(i) for i, one in enumerate(ids) if one == first]
        raise DataError(
            f"ids stand twice: {some(repeated)} ({first!r} in {_rows(rows)})",
            where=where,
            fix="keep one row an id; where folds or seeds each say a row, take their mean first, "
            "or give a file a fold",
        )


def require_known(
    found: Found, ids: Sequence[str], ours: Sequence[str], row: Row, *, where: object, part: str
) -> None:
    """Raise DataError where an id is none of ours, or two are the same one."""
    lost = np.flatnonzero(found.at < 0)
    if lost.size:
        named = [ids[int(i)] for i in lost]
        raise DataError(
            f"{len(lost)} of {len(ids)} ids are not in the {part} data: {some(named)} (the first "
            f"in {row(int(lost[0]))})",
            where=where,
            fix=f"write the ids of competition.yaml, which look like {some(ours[:2])}"
            + _zeros(named[0], ours)
            + "; leave rows of other images out",
        )
    numbers, counts = np.unique(found.at, return_counts=True)
    if (counts > 1).any():
        one = int(numbers[counts > 1][0])
        rows = [row(int(i)) for i in np.flatnonzero(found.at == one)]
        raise DataError(f"{ours[one]!r} is in {_rows(rows)}", where=where, fix="keep one of them")


def _rows(rows: Sequence[str]) -> str:
    return " and ".join(rows[:3]) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")


def _zeros(one: str, ours: Sequence[str]) -> str:
    """Return what to say of ids that lost their leading zeros in a table of numbers."""
    if one.isdigit() and any(mine != one and mine.lstrip("0") == one for mine in ours):
        return " (read them as text, or the leading zeros are lost)"
    return ""

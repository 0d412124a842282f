"""The columns that a solution has beside those of a submission: whose rows count, and sizes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.errors import SHOWN_AT_MOST, DataError
from podium.submissions.format import Format
from podium.submissions.lines import Line, LineError, read_lines
from podium.submissions.mask_sizes import Size

__all__ = ["Rows", "few", "solution_form"]

_USAGES = ("public", "private", "ignored")
_MOST_PIXELS = 1 << 31


def solution_form(path: Path, form: Format) -> Format:
    """Return the format of the solution at `path`: that of a submission with columns more.

    `Usage` says Public, Private or Ignored, the same in all rows of an image; `height` and `width`
    its size, where the submission has no columns for them.

    Raises:
        DataError: a column of the submission is missing, or one means nothing.
    """
    header = _header(path)
    more = {"usage": "text[]", "height": "height", "width": "width"}
    columns = {name: form.columns.get(name) or more.get(name.lower()) for name in header}
    missing = [name for name in form.columns if name not in columns]
    unknown = [name for name, field in columns.items() if field is None]
    if missing or unknown:
        raise DataError(
            f"a solution has the columns of a submission, {','.join(form.columns)}, and Usage, "
            f"height and width; got {','.join(header)}",
            where=f"{path}:1",
            fix=f"remove {', '.join(unknown)}" if unknown else f"add {', '.join(missing)}",
        )
    known = {name: field for name, field in columns.items() if field is not None}
    # Made anew: a copy would keep what was worked out from the columns of the other.
    fields = {name: getattr(form, name) for name in Format.model_fields}
    return Format(**{**fields, "columns": known})


def _header(path: Path) -> list[str]:
    try:
        line = next(read_lines(path, longest=1 << 20), None)
    except FileNotFoundError as error:
        raise DataError("there is no such file", where=path, fix="correct the path") from error
    except LineError as error:
        raise DataError(error.message, where=f"{path}:{error.line}", fix=error.fix) from error
    return [] if line is None else line.cells


class Rows:
    """Gathers of each image whether it counts and how large it is, and what is wrong with that.

    Args:
        form: of the solution.
    """

    def __init__(self, form: Format) -> None:
        fields = list(form.columns.values())
        lower = [name.lower() for name in form.columns]
        self._usage_at = lower.index("usage") if "usage" in lower else None
        self._size_at = [fields.index(name) for name in ("height", "width") if name in fields]
        self.sizes: dict[str, Size] = {}
        self._usages: dict[str, str] = {}
        self._wrong: dict[str, list[str]] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """The images, in the order of their first rows."""
        return tuple(self._usages)

    def see(self, sample_id: str, line: Line) -> None:
        """Take note of one row of an image."""
        usage = "public" if self._usage_at is None else line.cells[self._usage_at].strip().lower()
        if usage not in _USAGES:
            self.complain("Usage that is not Public, Private or Ignored", usage, line.number)
        if self._usages.setdefault(sample_id, usage) != usage:
            self.complain("images with rows of several Usage", sample_id, line.number)
        if len(self._size_at) == 2:
            self._note_size(sample_id, [line.cells[i].strip() for i in self._size_at], line.number)

    def of_usage(self, usage: str) -> NDArray[np.bool_]:
        """Return which images have that usage, bool `(N,)`."""
        return np.array([one == usage for one in self._usages.values()], dtype=np.bool_)

    def complain(self, what: str, offender: str, line: int) -> None:
        """Note what is wrong with a row."""
        self._wrong.setdefault(what, []).append(f"{offender!r} (line {line})")

    def refuse(self, path: Path, *, fix: str) -> None:
        """Raise one DataError that holds everything that is wrong."""
        if self._wrong:
            text = "; ".join(f"{what}: {few(each)}" for what, each in self._wrong.items())
            raise DataError(text, where=path, fix=fix)
        if not self._usages:
            raise DataError("holds no rows", where=path, fix=fix)

    def _note_size(self, sample_id: str, texts: Iterable[str], line: int) -> None:
        height, width = texts
        is_whole = all(
            text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0
            for text in (height, width)
        )
        size = (int(height), int(width)) if is_whole else (0, 0)
        if not is_whole or size[0] * size[1] >= _MOST_PIXELS:
            self.complain("height and width that are no size", f"{height} x {width}", line)
        elif self.sizes.setdefault(sample_id, size) != size:
            self.complain("images with rows of several sizes", sample_id, line)


def few(cells: list[str]) -> str:
    """Return the first of these, which are texts for a person already, and how many more."""
    rest = len(cells) - SHOWN_AT_MOST
    return ", ".join(cells[:SHOWN_AT_MOST]) + (f" and {rest:,} more" if rest > 0 else "")

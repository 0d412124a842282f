"""Errors that data are refused: the cause first, and what was found and made in few lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from podium.competition.made_files import MADE
from podium.errors import DataError, shortened

__all__ = ["FolderContents", "NotedError", "ways"]

_CAUSE = "no labels and no masks: nothing was found that could be learnt of the images"
_LOOKED = (
    "no labels: looked for a table with a column that names image files and a label column "
    "(train.csv, labels.csv, …), and for class folders (train/cat/1.jpg); no masks: looked for "
    "mask files (masks/1.png of images/1.png, 17/masks/1.png of 17/scan.png) and tables of runs"
)
_BETWEEN_WAYS = re.compile(r"(?:; |\n  )or,? ")
_MOST_WAYS = 3
_LINES = 5
_LONGEST_LINE = 200


class FolderContents(NamedTuple):
    """What was found where nothing is known of the images that could be learnt.

    Attributes:
        reasons: why what may be labels or masks is none.
        tables: that were read.
        files: what the folder holds.
    """

    reasons: Sequence[str]
    tables: str
    files: str

    @property
    def message(self) -> str:
        """What was looked for, and all that was found."""
        return (
            f"{_LOOKED}; found: {'; '.join(filter(None, (self.files, self.tables, *self.reasons)))}"
        )


class NotedError(DataError):
    """The data are refused, with notes of what was made of them.

    Args:
        why: they are refused; or what was found, where nothing can be learnt.
        notes: on tables and masks that were made or left out.
        where: the folder.
        fix: how to go on.
    """

    def __init__(
        self,
        why: str | FolderContents,
        notes: Sequence[str] = (),
        *,
        where: object,
        fix: str | None,
    ) -> None:
        self.why, self.notes = why, tuple(notes)
        self._reason = why if isinstance(why, str) else why.message
        super().__init__("; ".join([self._reason, *notes]), where=where, fix=fix)

    def with_notes(self, notes: Sequence[str]) -> NotedError:
        """Return the error with these notes."""
        return NotedError(self.why, notes, where=self.where, fix=self.fix)

    def with_fix(self, fix: str | None) -> NotedError:
        """Return the error with another way to go on."""
        return NotedError(self.why, self.notes, where=self.where, fix=fix)

    def brief(self, rest: str) -> str:
        """Return the message without notes on what was made: the cause, and few lines on it.

        Args:
            rest: the file that has all that was found.
        """
        # They may tell why something lacks, as of a table that was left out.
        on_data = [one for one in self.notes if not one.startswith(MADE)]
        if isinstance(self.why, str):
            return "; ".join([self.why, *on_data])
        others = [one for one in self.notes if one not in on_data]
        found = (*self.why.reasons, *on_data, self.why.tables, self.why.files, *others)
        lines = [" ".join(one.split()) for one in found]
        shown = [shortened(one, _LONGEST_LINE) for one in lines if one][:_LINES]
        told = f"{_CAUSE}; {rest} has all that was looked for and found, as"
        return "\n".join([told, *(f"  - {one}" for one in shown)])


def ways(fix: str | None, *, last: str | None = None) -> str | None:
    r"""Return the ways to mend of a fix, the likelier first, each on a line: three at most.

    Args:
        fix: ways, with "; or " between them, or a new line that begins with "or".
        last: a way that is named in any case, behind the others.

    Example:
        >>> print(ways("add a table; or sort them; or take masks", last="write it by hand"))
        add a table
          or sort them
          or write it by hand
    """
    every = _BETWEEN_WAYS.split(fix) if fix else []
    shown = [*every[: _MOST_WAYS - (last is not None)], *([] if last is None else [last])]
    return "\n  or ".join(shown) or None

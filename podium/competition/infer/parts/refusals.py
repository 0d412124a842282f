"""Errors that data are refused: the cause first, and what was found and made in few lines."""

from __future__ import annotations

from collections.abc import Sequence

from podium.competition.made_files import MADE
from podium.errors import DataError, shortened

__all__ = ["NoTrainError", "NotedError"]

_CAUSE = "no labels and no masks: nothing was found that could be learnt of the images"
_LOOKED = (
    "no labels: looked for a table with a column that names image files and a label column "
    "(train.csv, labels.csv, …), and for class folders (train/cat/1.jpg); no masks: looked for "
    "mask files (masks/1.png of images/1.png, 17/masks/1.png of 17/scan.png) and tables of runs"
)
_LINES = 5
_LONGEST_LINE = 200


class NotedError(DataError):
    """The data are refused, with notes of what was made of them.

    Args:
        message: why they are refused.
        notes: on tables and masks that were made or left out.
        where: the folder.
        fix: how to go on.
    """

    def __init__(
        self, message: str, notes: Sequence[str] = (), *, where: object, fix: str | None
    ) -> None:
        self.reason, self.notes = message, tuple(notes)
        super().__init__("; ".join([message, *notes]), where=where, fix=fix)

    def with_notes(self, notes: Sequence[str]) -> NotedError:
        """Return the error with these notes."""
        return NotedError(self.reason, notes, where=self.where, fix=self.fix)

    def with_fix(self, fix: str) -> NotedError:
        """Return the error with another way to go on."""
        return NotedError(self.reason, self.notes, where=self.where, fix=fix)

    def brief(self, rest: str) -> str:
        """Return the message without notes on what was made: those are in the file `rest`."""
        return "; ".join([self.reason, *self.notes_on_data])

    @property
    def notes_on_data(self) -> list[str]:
        """The notes that may tell why something lacks, as of a table that was left out."""
        return [one for one in self.notes if not one.startswith(MADE)]


class NoTrainError(NotedError):
    """Nothing is known of the images that could be learnt.

    Args:
        reasons: why what may be labels or masks is none.
        tables: that were read.
        files: what the folder holds.
        notes, where, fix: as `NotedError` has them.
    """

    def __init__(
        self,
        reasons: Sequence[str],
        tables: str,
        files: str,
        notes: Sequence[str] = (),
        *,
        where: object,
        fix: str | None,
    ) -> None:
        self._seen = (tuple(reasons), tables, files)
        seen = "; ".join(filter(None, (files, tables, *reasons)))
        super().__init__(f"{_LOOKED}; found: {seen}", notes, where=where, fix=fix)

    def with_notes(self, notes: Sequence[str]) -> NoTrainError:
        return NoTrainError(*self._seen, notes, where=self.where, fix=self.fix)

    def with_fix(self, fix: str) -> NoTrainError:
        return NoTrainError(*self._seen, self.notes, where=self.where, fix=fix)

    def brief(self, rest: str) -> str:
        """Return the message with the cause first, and the few lines that may explain it.

        Args:
            rest: the file that has all that was found.
        """
        reasons, tables, files = self._seen
        on_data = self.notes_on_data
        others = [one for one in self.notes if one not in on_data]
        lines = [" ".join(one.split()) for one in (*reasons, *on_data, tables, files, *others)]
        shown = [shortened(one, _LONGEST_LINE) for one in lines if one][:_LINES]
        told = f"{_CAUSE}; {rest} has all that was looked for and found, as"
        return "\n".join([told, *(f"  - {one}" for one in shown)])

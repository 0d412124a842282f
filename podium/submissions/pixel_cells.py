"""What the cell of a pixel says: a grey value or probability, or a class; as text and as number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import SubmissionError
from podium.submissions.cells import MISSING, CellError, number
from podium.submissions.format import Format

__all__ = ["PixelCells"]

_NUMBERS = frozenset({"prob", "scalar", "score"})
_CHARACTERS = frozenset("0123456789.+-eE")


@dataclass(frozen=True)
class PixelCells:
    """Cells of pixels in one format, of which the task is binary or multiclass.

    Numbers are float32: those of `value: prob` and `scalar` in [0, 1], of `score` finite. Classes
    are as in masks: 0 is background, `label` writes that number and `name` the class's name.
    """

    form: Format

    @property
    def are_numbers(self) -> bool:
        """Whether a cell says a number, not a class."""
        return self.form.value in _NUMBERS

    def checked(self, sample_id: str, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the values `(H, W)` of an image as float32, if they are what cells can say.

        Raises:
            SubmissionError: they have another type or shape, or are out of range.
        """
        got = np.asarray(values)
        if got.ndim == 3 and got.shape[2] == 1:
            got = got[..., 0]
        if got.ndim != 2:
            raise SubmissionError(
                f"the values of {sample_id!r} must have the shape (H, W), got {got.shape}"
            )
        if self.are_numbers:
            found = got.astype(np.float32)
            is_right = np.isfinite(found)
            if self.form.value != "score":
                is_right &= (found >= 0) & (found <= 1)
            rule = "finite numbers" if self.form.value == "score" else "numbers in [0, 1]"
        else:
            found = got.astype(np.float32)
            is_right = (got >= 0) & (got <= self._top) & (got == np.floor(got))
            rule = f"classes from 0, background, to {self._top}"
        if not is_right.all():
            raise SubmissionError(
                f"the values of {sample_id!r} must be {rule}, got {got[~is_right][0]}",
                fix="give probabilities, or decisions as `decide_masks` returns them",
            )
        return found

    def texts(self, values: NDArray[np.float32]) -> list[str]:
        """Return the texts of values `(n,)`, each of which reads back as the same float32."""
        known, at = np.unique(values, return_inverse=True)
        if self.are_numbers:
            texts = [np.format_float_positional(one, trim="-") for one in known]
        else:
            texts = [self._names[int(one)] for one in known]
        return [texts[i] for i in at.tolist()]

    def numbers(
        self, cells: Sequence[str]
    ) -> tuple[NDArray[np.float32], list[tuple[int, CellError]]]:
        """Return what cells say, `(n,)`, nan where they say nothing; which these are, and why."""
        if not self.are_numbers:
            return self._classes(cells)
        found = self._plain(cells)
        if found is None:
            return self._each(cells)
        faults: list[tuple[int, CellError]] = []
        if self.form.value != "score":
            for i in np.flatnonzero((found < 0) | (found > 1)).tolist():
                found[i] = np.nan
                faults.append((i, _outside()))
        return found.astype(np.float32), faults

    @property
    def _top(self) -> int:
        return 1 if self.form.kind == "binary" else len(self.form.classes)

    @cached_property
    def _names(self) -> list[str]:
        if self.form.value == "label" or self.form.kind == "binary":
            return [str(i) for i in range(self._top + 1)]
        return ["background", *self.form.classes]

    def _plain(self, cells: Sequence[str]) -> NDArray[np.float64] | None:
        """Return the numbers in cells of which none is odd; else None."""
        if not _CHARACTERS.issuperset("".join(cells)):
            return None
        try:
            found = np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
        except ValueError:
            return None
        return found if np.isfinite(found.astype(np.float32)).all() else None

    def _each(
        self, cells: Sequence[str]
    ) -> tuple[NDArray[np.float32], list[tuple[int, CellError]]]:
        found = np.full(len(cells), np.nan, dtype=np.float32)
        faults: list[tuple[int, CellError]] = []
        for i, text in enumerate(cells):
            try:
                value = number(text)
            except CellError as error:
                faults.append((i, error))
                continue
            if self.form.value != "score" and not 0 <= value <= 1:
                faults.append((i, _outside()))
            elif abs(value) > np.finfo(np.float32).max:
                faults.append((i, CellError("values that are not finite", "write finite numbers")))
            else:
                found[i] = value
        return found, faults

    def _classes(
        self, cells: Sequence[str]
    ) -> tuple[NDArray[np.float32], list[tuple[int, CellError]]]:
        known = {text: i for i, text in enumerate(self._names)}
        found = np.array([known.get(text, np.nan) for text in cells], dtype=np.float32)
        faults = [(i, self._no_class(cells[i])) for i in np.flatnonzero(np.isnan(found)).tolist()]
        return found, faults

    def _no_class(self, text: str) -> CellError:
        if text.strip().lower() in MISSING:
            return CellError("missing values", "write a class in every row")
        return CellError("unknown classes", f"known are {', '.join(self._names[:10])}")


def _outside() -> CellError:
    return CellError("values outside [0, 1]", "write grey values or probabilities of 0 to 1")

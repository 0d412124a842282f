"""Numbers with as many digits behind the point as the host takes: `decimals`, also of a column."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import plural
from podium.submissions.format.csv_text import CellError, number_text

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["in_decimals", "refuse_decimals", "round_numbers"]


def round_numbers(answers: NDArray[Any], form: SubmissionFormat) -> NDArray[Any]:
    """Return numbers rounded to `form.decimals` digits behind the point, half to even; 0 for -0."""
    return answers if form.decimals is None else np.round(answers, form.decimals) + 0.0


def in_decimals(form: SubmissionFormat) -> Callable[[Any], str]:
    """Return the function from a rounded number to its text."""
    decimals = form.decimals
    return number_text if decimals is None else lambda number: f"{number:.{decimals}f}"


def refuse_decimals(text: str, form: SubmissionFormat) -> None:
    """Refuse the text of a number with more digits behind the point than the host takes.

    Raises:
        CellError: it has more.
    """
    if form.decimals is None:
        return
    exponent = Decimal(text.strip()).as_tuple().exponent
    if isinstance(exponent, int) and exponent < -form.decimals:
        digits = plural(form.decimals, "digit")
        what = f"{digits} behind the point" if form.decimals else "whole numbers"
        raise CellError(
            f"numbers of more than {what}" if form.decimals else "numbers that are not whole",
            f"round them: the host takes {what} (submission.decimals, or decimals of this column)",
        )

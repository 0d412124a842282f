"""A direction in degrees, from 0 and below 360; in the file in `submission.directions`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.turns import DEGREES, TURNS
from podium.submissions.format.csv_text import CellError, number_text, parse_number
from podium.submissions.values._value import LabelValue

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["VALUE"]


def _parser(form: SubmissionFormat) -> Callable[[str], float]:
    if form.directions == DEGREES.name:
        return _degrees
    turn = TURNS[form.directions]

    def parse(text: str) -> float:
        found = parse_number(text)
        if not turn.holds(found):
            low, high = turn.least, turn.least + float(turn.size)
            what = f"directions outside {low:.7g} to {high:.7g}"
            raise CellError(what, f"write them in {turn.name} (submission.directions)")
        return turn.degrees(text)

    return parse


def _writer(form: SubmissionFormat) -> Callable[[Any], str]:
    return number_text if form.directions == DEGREES.name else TURNS[form.directions].text


def _degrees(text: str) -> float:
    found = parse_number(text)
    if not 0 <= found < 360:
        raise CellError("directions outside 0 to 360", f"write {found % 360:g}, the same direction")
    return found


def _in_range(each: NDArray[Any]) -> Any:
    return ((each >= 0) & (each < 360)).all(axis=1)


VALUE = LabelValue(
    "degrees",
    "the direction in degrees, from 0 and below 360 (angle)",
    lambda kind: kind.is_circular,
    source=lambda form: "decisions",
    dtype=lambda form: np.dtype(np.float64),
    parser=_parser,
    writer=_writer,
    allowed=lambda form: ("numbers from 0 and below 360", _in_range),
)

"""A direction in degrees, from 0 and below 360; in the file in `submission.directions`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.turns import DEGREES, TURNS
from podium.submissions.format.csv_text import CellError, number_text, parse_number
from podium.submissions.values._decimals import refuse_decimals
from podium.submissions.values._value import LabelValue

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["VALUE"]


def _parser(form: SubmissionFormat) -> Callable[[str], float]:
    if form.directions == DEGREES.name and form.decimals is None:
        return _degrees
    turn = TURNS[form.directions]

    def parse(text: str) -> float:
        found = parse_number(text)
        refuse_decimals(text, form)
        if turn is DEGREES:
            return _degrees(text)
        if not turn.holds(found):
            low, high = turn.least, turn.least + float(turn.size)
            what = f"directions outside {low:.7g} to {high:.7g}"
            raise CellError(what, f"write them in {turn.name} (submission.directions)")
        return turn.degrees(text)

    return parse


def _writer(form: SubmissionFormat) -> Callable[[Any], str]:
    turn, decimals = TURNS[form.directions], form.decimals
    if decimals is not None:
        return lambda degrees: turn.rounded_text(degrees, decimals)
    return number_text if turn is DEGREES else turn.text


def _rounded(answers: NDArray[Any], form: SubmissionFormat) -> NDArray[Any]:
    """Return the directions, in degrees, that those of the file are: 359.7 is 0, not 360."""
    if form.decimals is None:
        return answers
    turn, write = TURNS[form.directions], _writer(form)
    flat = [turn.degrees(write(one)) for one in answers.ravel().tolist()]
    return np.array(flat, dtype=np.float64).reshape(answers.shape)


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
    rounded=_rounded,
)

"""A class by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from podium.submissions.format.csv_text import MISSING, CellError, unknown_class
from podium.submissions.values._one_class import class_value, index_of

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["VALUE"]


def _parser(form: SubmissionFormat) -> Callable[[str], int]:
    index = index_of(form)

    def name(text: str) -> int:
        if text in index:
            return index[text]
        if text.strip().lower() in MISSING:
            raise CellError("missing values", "write a class name in every row")
        raise unknown_class(text, index)

    return name


VALUE = class_value(
    "name",
    "the class's name",
    lambda kind: kind.is_counted or kind.is_by_output,
    parser=_parser,
)

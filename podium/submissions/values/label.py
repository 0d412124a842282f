"""A class by its place in `classes`, from 0; of a cell that stands for one class, 1 or 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from podium.submissions.format.csv_text import CellError, parse_number
from podium.submissions.values._one_class import class_value, index_of, n_answers

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["VALUE"]


def _parser(form: SubmissionFormat) -> Callable[[str], int]:
    flags = form.n_cells > 1 or form.kind.is_yes_no
    known = {"0": 0, "1": 1} if flags else index_of(form)
    named = {} if flags else {name: str(i) for i, name in enumerate(form.classes)}
    first, n = int(next(iter(known), "0")), n_answers(form)

    def label(text: str) -> int:
        found = known.get(text)
        if found is not None:
            return found
        if text.strip() in named:
            raise CellError("names of classes", f"write the class's index, {named[text.strip()]}")
        value = parse_number(text)  # a missing value has its own message
        if value.is_integer() and first <= value < first + n:
            raise CellError(
                "labels with a decimal point",
                f"write {int(value)}, not {text}: some hosts refuse it",
                level="warning",
                answer=int(value),
            )
        raise CellError(
            f"labels that are not {first} to {first + n - 1}",
            "write the class's index as an integer",
        )

    return label


VALUE = class_value(
    "label",
    "the class's index, from 0",
    lambda kind: kind.is_counted or kind.is_by_class,
    parser=_parser,
    of_class="flag",
)

"""A probability in [0, 1]: of the second class (binary), or of the class of the column or row."""

from __future__ import annotations

from podium.submissions.format.csv_text import CellError, parse_number
from podium.submissions.values._numbers import grades_classes, number_value

__all__ = ["VALUE"]


def _probability(text: str) -> float:
    found = parse_number(text)
    if not 0.0 <= found <= 1.0:
        raise CellError(
            "probabilities outside [0, 1]", "write probabilities, not logits or percents"
        )
    return found


VALUE = number_value(
    "prob",
    "a probability in [0, 1]",
    grades_classes,
    rule="probabilities in [0, 1]",
    test=lambda each: ((each >= 0) & (each <= 1)).all(axis=1),
    parse=_probability,
    of_class="graded",
)

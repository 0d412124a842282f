"""A probability in [0, 1]: of the second class (binary), or of the class of the column or row."""

from __future__ import annotations

from podium.submissions.values._numbers import grades_classes, number_value

__all__ = ["VALUE"]

VALUE = number_value(
    "prob",
    "a probability in [0, 1]",
    grades_classes,
    noun="probabilities",
    limits=lambda form: (0.0, 1.0),
    fix="write probabilities, not logits or percents",
    of_class="graded",
)

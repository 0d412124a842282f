"""The number that a regression predicts."""

from __future__ import annotations

from podium.submissions.values._numbers import number_value

__all__ = ["VALUE"]

VALUE = number_value(
    "scalar",
    "the predicted number (regression), or that of the column or row (multitarget, quantiles)",
    lambda kind: kind.is_continuous,
    limits=lambda form: form.range,
    fix="bring each number into submission.range: clip it",
    flat=True,
    of_class="graded",
)

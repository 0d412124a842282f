"""A number that orders images, or classes of an image: any finite one, as ALASKA2 takes it."""

from __future__ import annotations

from podium.submissions.values._numbers import grades_classes, number_value

__all__ = ["VALUE"]

VALUE = number_value(
    "score",
    "any finite number; the higher, the surer",
    grades_classes,
    of_class="graded",
)

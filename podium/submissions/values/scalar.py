"""The number that a regression task predicts."""

from __future__ import annotations

from podium.submissions.values._numbers import number_value

__all__ = ["VALUE"]

VALUE = number_value(
    "scalar",
    "the predicted number (regression)",
    frozenset({"regression"}),
    rule="finite numbers",
    flat=True,
)

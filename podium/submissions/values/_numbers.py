"""Values that are one number a cell."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from podium.submissions.format.csv_text import CellError, parse_number
from podium.submissions.values._decimals import in_decimals, refuse_decimals, round_numbers
from podium.submissions.values._value import LabelValue, Source, Test
from podium.tasks.protocols.kind import Kind

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["grades_classes", "number_value"]


def grades_classes(kind: Kind) -> bool:
    """Return whether answers of `kind` are how likely a class is, or each class."""
    return kind.is_prob and not kind.finds_objects


Limits = Callable[["SubmissionFormat"], tuple[float | None, float | None] | None]
"""From a format to the least and the greatest number of a cell; None: any finite one will do."""


def no_limits(form: SubmissionFormat) -> tuple[float | None, float | None] | None:
    """Return None: every finite number will do."""
    del form
    return None


def number_value(
    name: str,
    description: str,
    holds: Callable[[Kind], bool],
    *,
    noun: str = "numbers",
    limits: Limits = no_limits,
    fix: str = "",
    flat: bool = False,
    of_class: Literal["graded"] | None = None,
) -> LabelValue:
    """Return a value of one float64 a cell, made of the predictions themselves.

    Args:
        name, description, holds, flat, of_class: as `LabelValue` has them.
        noun: what the numbers are, in messages.
        limits: between which they lie.
        fix: of a number outside these.
    """

    def rule(form: SubmissionFormat) -> tuple[str, Test]:
        between = limits(form)
        if between is None:
            return f"finite {noun}", lambda each: np.isfinite(each).all(axis=1)
        low, high = _ends(between)
        test: Test = lambda each: (  # noqa: E731
            (each >= low) & (each <= high) & np.isfinite(each)
        ).all(axis=1)
        return f"{noun} {_allowed(low, high)}", test

    def parser(form: SubmissionFormat) -> Callable[[str], float]:
        between = limits(form)
        if between is None and form.decimals is None:
            return parse_number
        low, high = _ends(between or (None, None))

        def parse(text: str) -> float:
            found = parse_number(text)
            refuse_decimals(text, form)
            if not low <= found <= high:
                raise CellError(f"{noun} {_beyond(low, high)}", fix)
            return found

        return parse

    return LabelValue(
        name,
        description,
        holds,
        source=_source,
        dtype=lambda form: np.dtype(np.float64),
        parser=parser,
        writer=in_decimals,
        allowed=rule,
        rounded=round_numbers,
        flat=flat,
        of_class=of_class,
    )


def _ends(limits: tuple[float | None, float | None]) -> tuple[float, float]:
    """Return the limits as numbers, infinite where there is none."""
    low, high = limits
    return -math.inf if low is None else low, math.inf if high is None else high


def _allowed(low: float, high: float) -> str:
    """Return where numbers may lie, for messages."""
    if math.isinf(high):
        return f"of {low:g} or more"
    return f"of {high:g} or less" if math.isinf(low) else f"in [{low:g}, {high:g}]"


def _beyond(low: float, high: float) -> str:
    """Return where numbers lie that may not, for messages."""
    if math.isinf(high):
        return f"below {low:g}"
    return f"above {high:g}" if math.isinf(low) else f"outside [{low:g}, {high:g}]"


def _source(form: SubmissionFormat) -> Source:
    # A number that is made of several outputs, as a direction of cos and sin, has to be decided.
    kind = form.kind
    return "probs" if kind.is_prob or kind.is_single or kind.has_number_columns else "decisions"

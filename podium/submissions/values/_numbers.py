"""Values that are one number a cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.submissions.format.csv_text import number_text, parse_number
from podium.submissions.values._value import LabelValue, Source, Test
from podium.tasks.protocols.kind import Kind

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["grades_classes", "number_value"]


def grades_classes(kind: Kind) -> bool:
    """Return whether answers of `kind` are how likely a class is, or each class."""
    return kind.is_prob and not kind.finds_objects


def number_value(
    name: str,
    description: str,
    holds: Callable[[Kind], bool],
    *,
    rule: str,
    test: Test | None = None,
    parse: Callable[[str], float] = parse_number,
    flat: bool = False,
    of_class: Literal["graded"] | None = None,
) -> LabelValue:
    """Return a value of one float64 a cell, made of the predictions themselves.

    Args:
        name, description, holds, flat, of_class: as `LabelValue` has them.
        rule: the condition on answers, as text.
        test: of that, from answers `(N, S)` to bool `(N,)`; None: every finite number will do.
        parse: from a cell's text to its number; it raises CellError.
    """

    def allowed(form: SubmissionFormat) -> tuple[str, Test]:
        del form

        def good(each: NDArray[Any]) -> Any:
            finite = np.isfinite(each).all(axis=1)
            return finite if test is None else finite & test(each)

        return rule, good

    return LabelValue(
        name,
        description,
        holds,
        source=_source,
        dtype=lambda form: np.dtype(np.float64),
        parser=lambda form: parse,
        writer=lambda form: number_text,
        allowed=allowed,
        flat=flat,
        of_class=of_class,
    )


def _source(form: SubmissionFormat) -> Source:
    # A number that is made of several outputs, as a direction of cos and sin, has to be decided.
    return "probs" if form.kind.is_prob or form.kind.is_single else "decisions"

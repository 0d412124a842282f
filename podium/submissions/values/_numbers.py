"""Values that are one number a cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.submissions.format.csv_text import number_text, parse_number
from podium.submissions.values._value import LabelValue, Test

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["number_value"]


def number_value(
    name: str,
    says: str,
    kinds: frozenset[str],
    *,
    rule: str,
    test: Test | None = None,
    parse: Callable[[str], float] = parse_number,
    flat: bool = False,
    of_class: Literal["graded"] | None = None,
) -> LabelValue:
    """Return a value of one float64 a cell, made of the predictions themselves.

    Args:
        name, says, kinds, flat, of_class: as `LabelValue` has them.
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
        says,
        kinds,
        source=lambda form: "probs",
        dtype=lambda form: np.dtype(np.float64),
        parser=lambda form: parse,
        writer=lambda form: number_text,
        allowed=allowed,
        flat=flat,
        of_class=of_class,
    )

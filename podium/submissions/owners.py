"""Whose row it is: from the name of a row of a submission back to the sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from podium.submissions.format import Format

__all__ = ["owners_of"]


def owners_of(form: Format) -> Callable[[str], list[str]]:
    """Return the function from the name of a row to the ids of the samples that it may be of.

    There is more than one where a class's name ends another's: `x_a_b` is the class `b` of `x_a`,
    or `a_b` of `x`.
    """
    if form.id == "{id}" and len(form.key_columns) == 1:
        return lambda key: [key]
    blank = [""] * max(1, len(form.classes))
    mark = "\0"  # in no id
    numbers = range(len(form.classes)) if form.rows == "image_class" else (None,)
    around = {
        (before, after)
        for number in numbers
        for before, _, after in [form.key(form.row_cells(mark, number, blank)).partition(mark)]
    }
    longest_first = sorted(around, key=lambda pair: len(pair[0]) + len(pair[1]), reverse=True)

    def owners(key: str) -> list[str]:
        return [
            key[len(before) : len(key) - len(after)]
            for before, after in longest_first
            if key.startswith(before)
            and key.endswith(after)
            and len(key) >= len(before) + len(after)
        ]

    return owners

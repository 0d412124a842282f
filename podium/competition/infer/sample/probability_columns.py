"""Columns of probabilities in a sample submission of several outputs, a column a class.

sample: p7_left, mild, severe                    a row of an image and output, a column a class
sample: p7, left, mild, severe                   the same, with the output in a column
sample: p7, left_mild, left_severe, right_mild   a row of an image, a column an output and class
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from podium.competition.infer.ids.keys import common_start
from podium.competition.spelling import letters_of, plain_spelling
from podium.tasks.protocols.outputs import OUTPUT_SIGN, by_output, output_names

__all__ = ["SIGNS", "key_of_outputs", "parted", "plain_letters", "probability_fields"]

SIGNS = "_-.:/|# "
"""What may stand between an id, an output and a class."""


def key_of_outputs(sample: pd.DataFrame, names: Iterable[str]) -> str:
    """Return the column of a sample that has one of `names` in each row, as `part`; or "".

    Each id, which stands in the first column, has a row for each of them.
    """
    first, *rest = map(str, sample.columns)
    known = {*names}
    for column in rest:
        if not set(sample[column].unique()) <= known:
            continue
        of_ids = sample[first].groupby(sample[column]).agg(frozenset)
        if len(of_ids) > 1 and of_ids.nunique() == 1:
            return column
    return ""


def probability_fields(columns: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Return the field of each column of probabilities of several outputs; {} where one has none.

    Args:
        columns: of a sample, without what names the row.
        classes: named `output=class`.

    Example:
        >>> probability_fields(["mild", "severe"], ["l1=Mild", "l1=Severe", "l2=Mild", "l2=Severe"])
        {'mild': 'prob[Mild]', 'severe': 'prob[Severe]'}
        >>> probability_fields(["a_1", "a_2", "b_1", "b_2"], ["a=1", "a=2", "b=1", "b=2"])["b_1"]
        'prob[b=1]'
    """
    each = list(by_output(classes).values())
    rest = len(common_start(list(columns)))
    if all(own == each[0] for own in each):
        for called in (list(columns), [one[rest:] for one in columns]):
            of_class = {plain_letters(name): name for name in each[0]}
            found = [of_class.get(plain_letters(one), "") for one in called]
            if sorted(found) == sorted(each[0]):
                return {one: f"prob[{name}]" for one, name in zip(columns, found, strict=True)}
    for is_first in (True, False):
        fields = dict(_fields_by_name(columns, classes, is_first=is_first))
        if sorted(fields.values()) == sorted(f"prob[{one}]" for one in classes):
            return fields
    return {}


def _fields_by_name(
    columns: Sequence[str], classes: Sequence[str], *, is_first: bool
) -> Iterator[tuple[str, str]]:
    named: Mapping[tuple[str, str], str] = {
        (output, plain_letters(name)): f"{output}{OUTPUT_SIGN}{name}"
        for output, own in by_output(classes).items()
        for name in own
    }
    for column in columns:
        output, rest = parted(column, output_names(classes), is_first=is_first)
        if (output, plain_letters(rest)) in named:
            yield column, f"prob[{named[output, plain_letters(rest)]}]"


def parted(column: str, names: Sequence[str], *, is_first: bool) -> tuple[str, str]:
    """Return the longest of `names` that a column begins or ends with, and the rest; or "" twice.

    A sign stands between them, or the rest is a number.
    """
    for name in sorted(names, key=len, reverse=True):
        if is_first and column.startswith(name):
            rest = column[len(name) :]
            plain = rest.lstrip(SIGNS + OUTPUT_SIGN)
        elif not is_first and column.endswith(name):
            rest = column[: -len(name)]
            plain = rest.rstrip(SIGNS + OUTPUT_SIGN)
        else:
            continue
        if plain and (plain != rest or plain.isdecimal()):
            return name, plain
    return "", ""


def plain_letters(text: str) -> str:
    """Return the letters and numbers of a text, without capitals and accents."""
    return letters_of(plain_spelling(text))

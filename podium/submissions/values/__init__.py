"""The kinds of cell values, one file each, found by the file's name.

A new kind is a new file that exports `VALUE`; `_value.py` describes it. Nothing else has to be
edited: `submission: {value: <name>}` works from then on.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from podium.errors import DataError, SubmissionError
from podium.submissions.values._value import LabelValue, MaskValue, Source, Value
from podium.tasks.protocols.find import with_kinds
from podium.workspace import extensions

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = [
    "LabelValue",
    "MaskValue",
    "Source",
    "Value",
    "get",
    "is_graded",
    "label_value",
    "names",
    "of",
]

__path__ = with_kinds(__path__, "values")


def names() -> list[str]:
    """Return the names of the values; none is imported."""
    return extensions.names(sys.modules[__name__])


def get(name: str) -> Value:
    """Return the value `name`.

    Raises:
        DataError: there is none of that name; the nearest one is suggested.
    """
    found: Value = extensions.load(sys.modules[__name__], name, "VALUE", error=DataError)
    return found


def of(form: SubmissionFormat) -> Value:
    """Return what the cells of `form` hold."""
    return get(form.value)


def is_graded(name: str) -> bool:
    """Return whether a cell of the value `name` grades one class: how likely or strong it is."""
    value = get(name)
    return isinstance(value, LabelValue) and value.of_class == "graded"


def label_value(form: SubmissionFormat) -> LabelValue:
    """Return what the cells of `form` hold, of a format without masks.

    Raises:
        SubmissionError: the format holds masks.
    """
    value = of(form)
    if not isinstance(value, LabelValue):
        raise SubmissionError("the format holds masks", fix="write them with write_masks")
    return value

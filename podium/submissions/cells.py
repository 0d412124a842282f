"""The text of a cell and what is wrong with it: what every kind of value needs to read one."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from podium.submissions.format import Format

__all__ = [
    "MISSING",
    "CellError",
    "blank_answer",
    "class_texts",
    "is_missing",
    "missing_answer",
    "number",
    "number_text",
    "unknown_class",
]

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "<na>"})


class CellError(Exception):
    """A cell that cannot be read: which kind of fault, and how to mend it (told when asked).

    Of a warning `answer` is what the cell says nevertheless.
    """

    def __init__(
        self,
        title: str,
        fix: str | Callable[[], str],
        *,
        level: Literal["error", "warning"] = "error",
        answer: Any = None,
    ) -> None:
        self.title, self.fix, self.level, self.answer = title, fix, level, answer
        super().__init__(title)


def number(text: str) -> float:
    """Return the finite number in a cell.

    Raises:
        CellError: it is blank, no number, or not finite.
    """
    if text.strip().lower() in MISSING:
        raise CellError("missing values", "write a number in every cell")
    try:
        found = float(text.encode("ascii"))  # Python reads the digits of every script, hosts do not
    except ValueError as error:
        raise CellError("cells that are no number", "write plain numbers such as 0.25") from error
    if not math.isfinite(found) or "_" in text:
        raise CellError("values that are not finite", "write finite numbers")
    return found


def number_text(value: Any) -> str:
    """Return the shortest text that reads back as the same number, also of a float32.

    Example:
        >>> import numpy as np
        >>> number_text(np.float32(0.1)), number_text(2)
        ('0.1', '2')
    """
    return str(value)


def class_texts(form: Format) -> tuple[str, ...]:
    """Return the text that stands for each class in a cell, in the order of the classes.

    It is the class's name, with `value: label` its index from 0; `form.item` may ask for another.
    A binary task without names has "0" and "1".
    """
    names = form.classes or ("0", "1")
    item = form.item or ("{index}" if form.value == "label" else "{label}")
    if "{number}" in item:
        return tuple(str(index + 1) for index in range(len(names)))
    if "{index}" in item or form.value == "label":
        return tuple(str(index) for index in range(len(names)))
    return names


def is_missing(text: str) -> bool:
    """Return whether a cell is blank, or says that there is nothing, as pandas writes it."""
    return text.strip().lower() in MISSING


def missing_answer(form: Format) -> CellError:
    """Return the error of a cell without an answer where the format has a text for that."""
    nothing = f"write {form.empty!r}" if form.empty else "leave the cell blank (pandas: na_rep='')"
    return CellError("missing values", f"where there is no answer {nothing}")


def blank_answer(form: Format) -> CellError:
    """Return the error of a list with two separators in a row, or one at its ends."""
    fix = f"write one {form.sep!r} between two, none at the ends"
    return CellError("lists with a blank answer", fix)


def unknown_class(text: str, index: Mapping[str, int]) -> CellError:
    """Return the error of a cell that names no class; its fix is the nearest one."""
    if text.strip() in index:
        return CellError("class names with spaces around them", "strip the cells")

    def hint() -> str:
        same = [name for name in index if name.lower() == text.lower()]
        if same:
            return f"write {same[0]!r}"
        if _NUMBER.fullmatch(text) and not any(map(_NUMBER.fullmatch, index)):
            return f"write the names of classes, not numbers: {', '.join(list(index)[:10])}"
        near = difflib.get_close_matches(text[:100], index, n=1)
        return f"write {near[0]!r}" if near else f"known are {', '.join(list(index)[:10])}"

    return CellError("unknown classes", hint)

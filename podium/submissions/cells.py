"""The text of a cell and the value it means: one parser and one writer for each kind of value."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping

from podium.submissions.format import Format

__all__ = ["MISSING", "CellError", "Value", "parser"]

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "<na>"})
Value = float | int | tuple[int, ...]


class CellError(Exception):
    """A cell that cannot be read: which kind of fault, and how to mend it (told when asked)."""

    def __init__(self, title: str, fix: str | Callable[[], str]) -> None:
        self.title, self.fix = title, fix
        super().__init__(title)


def parser(form: Format) -> Callable[[str], Value]:
    """Return the function from a value cell's text to its value; it raises CellError."""
    if form.value == "prob":
        return _probability
    if form.value == "scalar":
        return _number
    if form.value == "labels":
        return _labels_of(form)
    if form.value == "name":
        return _name_of(form)
    flags = form.wide or form.rows == "image_class" or form.kind == "binary"
    return _label_below(2 if flags else len(form.classes))


def _number(text: str) -> float:
    if text.strip().lower() in MISSING:
        raise CellError("missing values", "write a number in every cell")
    try:
        number = float(
            text.encode("ascii")
        )  # Python reads the digits of every script, hosts do not
    except ValueError as error:
        raise CellError("cells that are no number", "write plain numbers such as 0.25") from error
    if not math.isfinite(number) or "_" in text:
        raise CellError("values that are not finite", "write finite numbers")
    return number


def _probability(text: str) -> float:
    number = _number(text)
    if not 0.0 <= number <= 1.0:
        raise CellError(
            "probabilities outside [0, 1]", "write probabilities, not logits or percents"
        )
    return number


def _label_below(n: int) -> Callable[[str], int]:
    known = {str(i): i for i in range(n)}

    def label(text: str) -> int:
        found = known.get(text)
        if found is not None:
            return found
        number = _number(text)  # a missing value has its own message
        if number.is_integer() and 0 <= number < n:
            raise CellError("labels with a decimal point", f"write {int(number)}, not {text}")
        raise CellError(
            f"labels that are not 0 to {n - 1}", "write the class's index as an integer"
        )

    return label


def _unknown_class(text: str, index: Mapping[str, int]) -> CellError:
    if text.strip() in index:
        return CellError("class names with spaces around them", "strip the cells")

    def hint() -> str:
        near = difflib.get_close_matches(text[:100], index, n=1)
        return f"write {near[0]!r}" if near else f"known are {', '.join(list(index)[:10])}"

    return CellError("unknown classes", hint)


def _name_of(form: Format) -> Callable[[str], int]:
    index = {name: i for i, name in enumerate(form.classes or ("0", "1"))}

    def name(text: str) -> int:
        if text in index:
            return index[text]
        if text.strip().lower() in MISSING:
            raise CellError("missing values", "write a class name in every row")
        raise _unknown_class(text, index)

    return name


def _labels_of(form: Format) -> Callable[[str], tuple[int, ...]]:
    index = {name: i for i, name in enumerate(form.classes)}

    def labels(text: str) -> tuple[int, ...]:
        if text == form.empty:
            return ()
        parts = text.split(form.sep)
        for part in parts:
            if part not in index:
                raise _unknown_class(part, index)
        if len(set(parts)) != len(parts):
            raise CellError("cells that name a class twice", "name each class once")
        return tuple(index[part] for part in parts)

    return labels

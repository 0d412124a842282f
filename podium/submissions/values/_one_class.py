"""Values that name one class a cell, by index or by name, alone or with how sure it is."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.submissions.format.csv_text import CellError, class_texts, number_text, parse_number
from podium.submissions.values._value import LabelValue, Source, Test
from podium.tasks.protocols.kind import Kind

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["class_value", "index_of", "n_answers"]

Parser = Callable[[str], Any]
_NOTHING = (-1.0, 0.0)


def class_value(
    name: str,
    description: str,
    holds: Callable[[Kind], bool],
    *,
    parser: Callable[[SubmissionFormat], Callable[[str], int]],
    of_class: Literal["flag"] | None = None,
) -> LabelValue:
    """Return a value of one class a cell; with `{conf}` in `form.item` also its confidence.

    Args:
        name, description, holds, of_class: as `LabelValue` has them.
        parser: `form` → the function from the text of a class to its index; it raises CellError.
    """

    def parser_of(form: SubmissionFormat) -> Parser:
        return _with_confidence(form, parser(form)) if _is_confident(form) else parser(form)

    def source(form: SubmissionFormat) -> Source:
        return "confident" if _is_confident(form) else "decisions"

    def dtype(form: SubmissionFormat) -> np.dtype[Any]:
        if _is_confident(form):
            return np.dtype(np.float64)
        return np.dtype(np.uint8 if _is_flag(form) else np.int64)

    return LabelValue(
        name,
        description,
        holds,
        misfits=_misfits,
        source=source,
        dtype=dtype,
        cell=lambda form: (2,) if _is_confident(form) else (),
        parser=parser_of,
        writer=_writer,
        allowed=_allowed,
        of_class=of_class,
    )


def _is_confident(form: SubmissionFormat) -> bool:
    return "{conf}" in (form.item or "")


def _is_flag(form: SubmissionFormat) -> bool:
    """Return whether a cell is whether one class is there."""
    return form.n_cells > 1 and not form.is_by_output


def n_answers(form: SubmissionFormat) -> int:
    """Return how many classes a cell chooses from: yes and no, where it stands for one class."""
    return 2 if _is_flag(form) or form.kind.is_yes_no else len(form.classes)


def _writer(form: SubmissionFormat) -> Callable[[Any], str]:
    if form.n_cells > 1:
        return lambda answer: str(int(answer))
    texts = class_texts(form)
    if not _is_confident(form):
        return lambda index: texts[int(index)]
    before, between, after = _around(form)
    class_first = _class_is_first(form)

    def confident(answer: NDArray[np.float64]) -> str:
        index = int(answer[0])
        if index < 0:
            return form.empty
        pair = (texts[index], number_text(answer[1]))
        first, second = pair if class_first else pair[::-1]
        return f"{before}{first}{between}{second}{after}"

    return confident


def _with_confidence(form: SubmissionFormat, parse_class: Callable[[str], int]) -> Parser:
    before, between, after = map(re.escape, _around(form))
    class_first = _class_is_first(form)
    # A class's name may hold the separator, a number never does.
    groups = (r"(.+)", r"(\S+)") if class_first else (r"(\S+)", r"(.+)")
    pattern = re.compile(f"{before}{groups[0]}{between}{groups[1]}{after}", re.DOTALL)

    def parse(text: str) -> tuple[float, float]:
        if text == form.empty:
            return _NOTHING
        match = pattern.fullmatch(text)
        if match is None:
            nothing = f"write {form.empty!r}" if form.empty else "leave the cell blank"
            raise CellError(
                f"cells that are not {form.item!r}", f"where there is no answer {nothing}"
            )
        pair = match.groups() if class_first else match.groups()[::-1]
        return float(parse_class(pair[0])), parse_number(pair[1])

    return parse


def _around(form: SubmissionFormat) -> tuple[str, str, str]:
    """Return the texts before, between and after class and confidence."""
    parts = [text for text, *_ in string.Formatter().parse(form.item or "")]
    return parts[0], parts[1], (parts[2] if len(parts) > 2 else "")


def _class_is_first(form: SubmissionFormat) -> bool:
    item = form.item or ""
    return not item.find("{conf}") < max(item.find(one) for one in _CLASS_FIELDS)


_CLASS_FIELDS = ("{label}", "{index}", "{number}")


def _allowed(form: SubmissionFormat) -> tuple[str, Test]:
    if form.is_by_output:
        tops = np.array([len(one.classes) for one in form.of_cells])

        def of_outputs(each: NDArray[Any]) -> Any:
            is_whole = (each >= 0) & (each < tops) & (each == np.floor(each))
            return is_whole.all(axis=1)

        return "the index of a class of each output", of_outputs
    top = n_answers(form)

    def whole(each: NDArray[Any], least: int) -> Any:
        return (each >= least) & (each < top) & (each == np.floor(each))

    if not _is_confident(form):
        return f"integers from 0 to {top - 1}", lambda each: whole(each, 0).all(axis=1)

    def confident(each: NDArray[Any]) -> Any:
        return whole(each[:, 0], -1) & np.isfinite(each[:, 1])

    return f"a class from 0 to {top - 1} or -1, and a finite confidence", confident


def _misfits(form: SubmissionFormat) -> Iterator[str]:
    if form.item is None:
        return
    fields = [field for _, field, *_ in string.Formatter().parse(form.item) if field is not None]
    known = {one.strip("{}") for one in _CLASS_FIELDS}
    if set(fields) - known - {"conf"} or len(known & set(fields)) != 1 or len(fields) > 2:
        yield f"submission.item {form.item!r} holds {{label}}, and may hold {{conf}}"
    elif _is_confident(form):
        if form.kind.is_by_class or form.n_cells > 1:
            yield f"submission.item {form.item!r} takes one class an image"
        if not _around(form)[1]:
            yield f"submission.item {form.item!r} has nothing between the class and {{conf}}"


def index_of(form: SubmissionFormat) -> Mapping[str, int]:
    """Return the index of the class that each text stands for."""
    return {text: index for index, text in enumerate(class_texts(form))}

"""The likeliest classes of an image, at most `k`, from the likeliest on; or the nearest images.

The text for none of the C classes is `submission.unknown`, in the array C. With `item: "{id}"` the
answers are ids of other images, a gallery's: then the array of answers holds texts, "" for none,
and not the indices of classes, -1 for none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.submissions.format.csv_text import (
    CellError,
    blank_answer,
    class_texts,
    is_missing,
    missing_answer,
    unknown_in_list,
)
from podium.submissions.values._value import LabelValue, Test, misfits_of_lists

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["VALUE"]


def _of_gallery(form: SubmissionFormat) -> bool:
    return form.item == "{id}"


def _parser(form: SubmissionFormat) -> Callable[[str], NDArray[Any]]:
    k = form.k or 1
    nothing: Any = "" if _of_gallery(form) else -1
    index = {text: number for number, text in enumerate(_texts(form))}

    def topk(text: str) -> NDArray[Any]:
        if text == form.empty:
            return np.full(k, nothing, dtype=_dtype(form))
        if is_missing(text) and text not in index:
            raise missing_answer(form)
        parts = text.split(form.sep)
        if "" in parts:
            raise blank_answer(form)
        if len(parts) > k:
            raise CellError(f"lists of more than {k} answers", f"write the first {k} only")
        if not (_of_gallery(form) or index.keys() >= {*parts}):
            raise unknown_in_list(text, parts, index, form.sep)
        parsed = parts if _of_gallery(form) else [index[part] for part in parts]
        found = np.array(parsed + [nothing] * (k - len(parsed)), dtype=_dtype(form))
        if len(set(parts)) != len(parts):
            raise CellError(
                "lists with an answer twice",
                "write each once: a repeated one uses up a rank",
                level="warning",
                answer=found,
            )
        return found

    return topk


def _writer(form: SubmissionFormat) -> Callable[[Any], str]:
    if _of_gallery(form):
        return lambda row: form.sep.join(str(one) for one in row if one) or form.empty
    texts = _texts(form)
    return lambda row: form.sep.join(texts[int(one)] for one in row if one >= 0) or form.empty


def _texts(form: SubmissionFormat) -> tuple[str, ...]:
    """Return the text of each class, and that for none of them where the format has one."""
    return class_texts(form) + (() if form.unknown is None else (form.unknown,))


def _dtype(form: SubmissionFormat) -> np.dtype[Any]:
    return np.dtype(object if _of_gallery(form) else np.int64)


def _allowed(form: SubmissionFormat) -> tuple[str, Test]:
    if _of_gallery(form):
        return "ids, none twice, and blanks at the end only", _are_lists
    top = len(_texts(form))

    def classes(each: NDArray[Any]) -> NDArray[np.bool_]:
        whole = ((each >= -1) & (each < top) & (each == np.floor(each))).all(axis=1)
        return np.asarray(whole & _are_lists(np.where(each == -1, "", each.astype(object))))

    return f"classes from 0 to {top - 1}, none twice, and -1 at the end only", classes


def _are_lists(each: NDArray[Any]) -> NDArray[np.bool_]:
    """Return of each row whether nothing stands twice in it, or after a blank."""

    def is_list(row: list[Any]) -> bool:
        filled = [one for one in row if one != ""]
        return len(set(filled)) == len(filled) and row[: len(filled)] == filled

    return np.array([is_list(row) for row in each.tolist()], dtype=np.bool_)


def _misfits(form: SubmissionFormat) -> Iterator[str]:
    if form.k is None:
        yield "value topk needs submission.k: how many answers a cell may hold"
    if form.unknown in form.classes:
        yield f"submission.unknown {form.unknown!r} is one of the classes"
    if not _of_gallery(form):
        yield from misfits_of_lists(form, _texts(form))
    if form.rows == "image_class" or form.wide:
        yield "value topk takes one cell an image"


VALUE = LabelValue(
    "topk",
    "up to k classes, the likeliest first (or item: '{id}', ids of other images)",
    lambda kind: kind.is_exclusive,
    misfits=_misfits,
    source=lambda form: "ranking",
    dtype=_dtype,
    cell=lambda form: (form.k or 1,),
    parser=_parser,
    writer=_writer,
    allowed=_allowed,
)

"""The set of classes that an image has, in any order; none is `submission.empty`."""

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
from podium.submissions.values._value import LabelValue, misfits_of_lists

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = ["VALUE"]


def _parser(form: SubmissionFormat) -> Callable[[str], NDArray[np.uint8]]:
    index = {text: number for number, text in enumerate(class_texts(form))}

    def labels(text: str) -> NDArray[np.uint8]:
        found = np.zeros(len(index), dtype=np.uint8)
        if text == form.empty:
            return found
        if is_missing(text) and text not in index:
            raise missing_answer(form)
        parts = text.split(form.sep) if form.sep else list(text)
        if "" in parts:
            raise blank_answer(form)
        if not index.keys() >= {*parts}:
            raise unknown_in_list(text, parts, index, form.sep)
        if len(set(parts)) != len(parts):
            raise CellError("cells that name a class twice", "name each class once")
        found[[index[part] for part in parts]] = 1
        return found

    return labels


def _writer(form: SubmissionFormat) -> Callable[[Any], str]:
    texts = class_texts(form)
    return lambda row: form.sep.join(texts[i] for i in np.flatnonzero(row)) or form.empty


def _misfits(form: SubmissionFormat) -> Iterator[str]:
    yield from misfits_of_lists(form, class_texts(form))
    if form.rows == "image_class" or form.wide:
        yield "value labels takes one cell an image"


VALUE = LabelValue(
    "labels",
    "the names of all its classes (or item: '{index}'), with sep between them",
    lambda kind: kind.is_by_class,
    misfits=_misfits,
    source=lambda form: "decisions",
    dtype=lambda form: np.dtype(np.uint8),
    cell=lambda form: (len(form.classes),),
    parser=_parser,
    writer=_writer,
    allowed=lambda form: ("integers from 0 to 1", lambda each: np.isin(each, (0, 1)).all(axis=1)),
)

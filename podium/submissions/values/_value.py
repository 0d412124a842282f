"""The kinds of cell values: how a cell is read and written, and its value as an array."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.errors import some
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.needs import Needs

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = [
    "LabelValue",
    "MaskValue",
    "Source",
    "Test",
    "Value",
    "misfits_of_lists",
]

Source = Needs
"""Which of the predictions cells are made of."""
Test = Callable[[NDArray[Any]], Any]
"""From the answers of N samples, `(N, S)`, to bool `(N,)`: are they possible?"""


def no_misfits(form: SubmissionFormat) -> Iterator[str]:
    """Yield nothing: whatever the format, this value fits into it."""
    del form
    return iter(())


@dataclass(frozen=True)
class Value:
    """One kind of cell value. A file of `podium.submissions.values` exports one as `VALUE`.

    Args:
        name: the file's name; `submission.value` in competition.yaml.
        description: short description of a cell's content.
        holds: whether it can hold the answers of a kind of task.
        misfits: yields why a format of this value cannot be, one sentence each; what holds for
            every value (columns, ids) is in `podium.submissions.format.spec`.
    """

    name: str
    description: str
    holds: Callable[[Kind], bool]
    misfits: Callable[[SubmissionFormat], Iterator[str]] = no_misfits


@dataclass(frozen=True, kw_only=True)
class LabelValue(Value):
    """A value for an image as a whole (task classify), or for one pixel.

    An answer is a number a cell (a probability, a class's index), or one array a cell (a set of
    classes, a ranking). A sample has one cell, or with columns or rows of the classes one a class.

    Args:
        source: `form` → which of the predictions the cells are made of: `probs` float (N, C);
            `decisions` as `podium.predictions.decisions.labels` returns them; `ranking` int64 (N,
            k), the likeliest class first and -1 for none; `confident` float64 (N, 2), a class (-1:
            none) and its confidence.
        dtype: `form` → of the array of answers.
        cell: `form` → the shape of one cell's answer: () for a number.
        parser: `form` → the function from a cell's text to its answer; it raises CellError.
        writer: `form` → the function from a cell's answer to its text.
        allowed: `form` → the condition on answers as text, and its test.
        flat: whether the answers of N samples with one number each are `(N,)`, not `(N, 1)`.
        of_class: the meaning of a cell of one class, where classes have columns or rows: `graded`,
            how likely or strong it is; `flag`, whether it is; None: nothing.
        rounded: `(answers, form)` → answers as numbers of `form.decimals` digits behind the point;
            None: they are no numbers.
    """

    source: Callable[[SubmissionFormat], Source]
    dtype: Callable[[SubmissionFormat], np.dtype[Any]]
    parser: Callable[[SubmissionFormat], Callable[[str], Any]]
    writer: Callable[[SubmissionFormat], Callable[[Any], str]]
    allowed: Callable[[SubmissionFormat], tuple[str, Test]]
    cell: Callable[[SubmissionFormat], tuple[int, ...]] = lambda form: ()
    flat: bool = True
    of_class: Literal["graded", "flag"] | None = None
    rounded: Callable[[NDArray[Any], SubmissionFormat], NDArray[Any]] | None = None

    def shape(self, form: SubmissionFormat, n: int) -> tuple[int, ...]:
        """Return the shape of the answers of `n` samples."""
        cell = self.cell(form)
        if cell:
            return (n, *cell)
        return (n,) if self.flat and form.n_cells == 1 else (n, form.n_cells)


@dataclass(frozen=True, kw_only=True)
class MaskValue(Value):
    """A value that holds masks (task segment).

    Args:
        encode: `(mask, form)` → the text of a mask, bool `(H, W)`; "" of an empty one, for which
            the writer puts `form.empty`.
        decode: `(text, form, size)` → bool `(H, W)` of a text that is not `form.empty`; it raises
            `podium.errors.CodecError`.
        many: whether a cell holds all objects of an image, each as `form.item` has it (class,
            confidence, mask), with `form.sep` between them; else it holds one mask.
    """

    encode: Callable[[NDArray[np.bool_], SubmissionFormat], str]
    decode: Callable[[str, SubmissionFormat, tuple[int, int]], NDArray[np.bool_]]
    many: bool = False


_ONE_CLASS = frozenset({"{label}", "{index}", "{number}"})


def misfits_of_lists(form: SubmissionFormat, texts: Sequence[str]) -> Iterator[str]:
    """Yield why the `texts` of answers, separator, item and empty text do not fit together."""
    cut = [text for text in texts if form.sep in text]
    if not form.sep:
        if longer := [text for text in texts if len(text) != 1]:
            yield f"sep: '' needs classes of one letter each, and not {some(longer)}"
    elif cut:
        yield f"class names that hold the separator {form.sep!r}: {some(cut)}"
    if form.empty in texts:
        yield f"{form.empty!r} is a class and stands for no class, too"
    if form.item is not None and form.item not in _ONE_CLASS:
        fields = [field for _, field, *_ in string.Formatter().parse(form.item) if field]
        if fields != ["id"] or form.value != "topk":
            yield f"submission.item {form.item!r} of a list is {', '.join(sorted(_ONE_CLASS))}"

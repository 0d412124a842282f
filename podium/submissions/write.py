"""Writing a submission file: streamed, read back and compared before it takes its name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.errors import SubmissionError, some
from podium.submissions.cells import CellError
from podium.submissions.expected import expected_rows
from podium.submissions.format import Format, format_of
from podium.submissions.ordered_rows import OrderedRows, refuse_other_rows
from podium.submissions.values import LabelValue, Source, label_value
from podium.workspace.atomic import replacing

__all__ = [
    "Batch",
    "refuse_other_rows",
    "write_batches",
    "write_label_rows",
    "write_rows",
    "write_submission",
]

_Answers = tuple[Sequence[str], NDArray[Any]]
_MADE_BY: dict[Source, str] = {
    "probs": "probabilities",
    "decisions": "decisions",
    "ranking": "a ranking of classes",
    "confident": "a class and how sure it is",
}


@dataclass(frozen=True)
class Batch:
    """Predictions of some samples.

    Args:
        ids: what the submission scores (units), `(N,)`.
        probs: `(N, C)` in [0, 1]; `(N, 1)` when binary; `(N,)` or `(N, 1)` values for regression.
            None where the format holds decisions.
        decisions: what the format holds if not probabilities: class indices `(N,)`; 0/1 `(N, C)`
            of a multilabel task; a ranking int64 `(N, k)`, classes from the likeliest on, -1 where
            none is said; or `(N, 2)`, a class (-1: none) and how sure it is.
    """

    ids: Sequence[str]
    probs: NDArray[np.floating[Any]] | None = None
    decisions: NDArray[Any] | None = None


def write_submission(
    path: Path,
    competition: Competition,
    ids: Sequence[str],
    probs: NDArray[np.floating[Any]] | None,
    decisions: NDArray[Any] | None = None,
    *,
    gallery: Sequence[str] | None = None,
) -> Path:
    """Write the predictions of the test set in the competition's format and return `path`.

    The rows stand in the order of the sample submission. Every cell is read again as it is written,
    and the whole file before it replaces anything at `path`.

    Args:
        path: the CSV to write.
        competition: its `submission` says the format.
        ids: what the submission scores (units), `(N,)`, each once.
        probs, decisions: as `Batch` has them; decisions are needed where the format holds no
            probabilities.
        gallery: the ids of the images that a ranking counts, where the cells hold ids (retrieval).

    Raises:
        SubmissionError: ids differ from the sample's, shapes or values do not fit the format, or
            what was read back is not what was meant.
        DataError: the competition's sample or spec cannot be used.
    """
    return write_batches(path, competition, [Batch(ids, probs, decisions)], gallery=gallery)


def write_batches(
    path: Path,
    competition: Competition,
    batches: Iterable[Batch],
    *,
    gallery: Sequence[str] | None = None,
) -> Path:
    """Write predictions that come batch by batch, in any order; see `write_submission`.

    `batches` is gone through once, and one batch is in memory at a time.
    """
    form = format_of(competition)
    keys, said_by = expected_rows(competition, form)
    write_label_rows(path, form, keys, batches, gallery=gallery, said_by=said_by)
    return path


def write_label_rows(
    path: Path,
    form: Format,
    keys: Iterable[str],
    batches: Iterable[Batch],
    *,
    gallery: Sequence[str] | None = None,
    said_by: str = "the test set",
) -> None:
    """Write predictions as the rows named `keys`, in that order; see `write_batches`."""
    value = label_value(form)
    answers = ((batch.ids, _answers(form, value, batch, gallery)) for batch in batches)
    _write(path, form, keys, answers, said_by)


def write_rows(path: Path, form: Format, ids: Sequence[str], values: NDArray[Any]) -> None:
    """Write samples `ids` with `values` (as `read_submission` returns them), atomically."""
    _write(path, form, list(form.keys(ids)), [(ids, values)], "the predictions")


def _write(
    path: Path, form: Format, keys: Iterable[str], answers: Iterable[_Answers], said_by: str
) -> None:
    with replacing(path) as temporary:
        with temporary.open("wb") as file:
            rows = OrderedRows(file, form, keys, temporary.parent)
            try:
                for ids, values in answers:
                    for cells in _rows(path, form, ids, values):
                        rows.put(cells)
                rows.finish(said_by)
            finally:
                rows.close()
        rows.compare(temporary, path)


def _rows(
    path: Path, form: Format, ids: Sequence[str], values: NDArray[Any]
) -> Iterator[list[str]]:
    text_of = _checked_text(path, form, values.dtype)
    is_array = bool(label_value(form).cell(form))
    each: Any = values if is_array else values.reshape(len(ids), form.n_cells)
    if not is_array and values.dtype == np.float64:
        each = each.tolist()  # Python's numbers have the same text, and are written twice as fast
    for sample_id, answer in zip(ids, each, strict=True):
        texts = [text_of(one, sample_id) for one in ([answer] if is_array else answer)]
        if form.rows == "image_class":
            for index, text in enumerate(texts):
                yield form.row_cells(sample_id, index, [text])
        else:
            yield form.row_cells(sample_id, None, texts)


def _checked_text(path: Path, form: Format, dtype: np.dtype[Any]) -> Callable[[Any, str], str]:
    """Return the function from an answer to its text, which reads back as that answer."""
    value = label_value(form)
    write, parse = value.writer(form), value.parser(form)
    is_array = bool(value.cell(form))

    def is_same(back: Any, answer: Any) -> bool:
        if is_array:
            return np.array_equal(back, answer)
        return bool(dtype.type(back) == answer)  # a float32 is read as the float64 of its text

    def text_of(answer: Any, sample_id: str) -> str:
        text = write(answer)
        try:
            back = parse(text)
        except CellError as error:
            raise SubmissionError(
                f"the cell of {sample_id!r} cannot be read back: {text[:40]!r}: {error.title}",
                where=path,
            ) from error
        if not is_same(back, answer):
            raise SubmissionError(
                f"what is read back is not what was written, for {some([sample_id])}",
                where=path,
                fix="check that class names hold neither quotes nor the separator of a list",
            )
        return text

    return text_of


def _answers(
    form: Format, value: LabelValue, batch: Batch, gallery: Sequence[str] | None
) -> NDArray[Any]:
    source, n = value.source(form), len(batch.ids)
    given = batch.probs if source == "probs" else batch.decisions
    if given is None:
        raise SubmissionError(
            f"the format holds a {form.value} in each cell, which needs {_MADE_BY[source]}",
            fix="pass `decide(probs, …)`, or tune first",
        )
    answers = np.asarray(given)
    if source == "ranking":
        answers = _padded(answers, form.k or 1)
    shape = value.shape(form, n)
    # (N,) and (N, 1) are one number a sample, whichever of them the format has.
    if answers.ndim <= 2 and shape in ((n,), (n, 1)) and answers.shape in ((n,), (n, 1)):
        answers = answers.reshape(shape)
    if source == "probs" and shape == (n,) and answers.ndim == 2:
        answers = answers[:, 0]
    if answers.shape != shape:
        raise SubmissionError(
            f"predictions must have the shape {shape}, got {answers.shape}",
            fix="give one row for each id and one column for each class",
        )
    if value.dtype(form).kind == "O" and answers.dtype.kind != "O":
        answers = _ids_of(answers, gallery)
    rule, test = value.allowed(form)
    good = test(answers.reshape(n, math.prod(answers.shape[1:])))
    if not good.all():
        wrong = [batch.ids[i] for i in np.flatnonzero(~good).tolist()]
        raise SubmissionError(f"predictions must be {rule}; they are not for {some(wrong)}")
    # Of an array the text is that of its type, so that a float32 is not written as another number.
    return answers.astype(value.dtype(form)) if value.cell(form) else answers


def _padded(ranking: NDArray[Any], k: int) -> NDArray[Any]:
    """Return a ranking that says fewer than `k` classes an image as one of `k` with -1."""
    if ranking.ndim != 2 or ranking.shape[1] >= k or ranking.dtype.kind not in "iu":
        return ranking
    return np.pad(ranking, ((0, 0), (0, k - ranking.shape[1])), constant_values=-1)


def _ids_of(ranking: NDArray[Any], gallery: Sequence[str] | None) -> NDArray[Any]:
    if gallery is None:
        raise SubmissionError(
            "the format holds ids of other images, and nobody says which",
            fix="pass gallery=, the ids that the ranking counts",
        )
    if ranking.dtype.kind not in "iu" or (ranking >= len(gallery)).any() or (ranking < -1).any():
        raise SubmissionError(
            f"a ranking of a gallery of {len(gallery):,} holds -1 to {len(gallery) - 1:,}",
            fix="count the images of the gallery from 0; -1 says none",
        )
    texts = np.array([*gallery, ""], dtype=object)
    return np.asarray(texts[ranking])

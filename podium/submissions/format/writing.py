"""Writes a submission file: streamed, in the expected order, read back and compared.

Files of labels are made here; those of masks (RLE) in `mask_files`, of objects in `object_files`,
of pixels in `pixel_files`.

The file takes its name only when the comparison found nothing. Predictions may come in any order:
`OrderedRows` writes them in the order of the expected rows, and rows that come early wait in a
`ReorderBuffer`, in memory at first and then on the disk.
"""

from __future__ import annotations

import math
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.competition.spelling import composed
from podium.errors import SubmissionError, TextError, either, plural, some
from podium.submissions.format.cells import ExpectedRows, NamedRows
from podium.submissions.format.csv_text import cell_error
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.file_formats import csv_line, in_form, without_exponents
from podium.submissions.format.problems import Problem, Problems
from podium.submissions.format.reading import read_body, refuse
from podium.submissions.format.row_names import KeyIndex, KeyLookahead, owners_of
from podium.submissions.format.spec import SubmissionFormat, taken_from
from podium.submissions.values import LabelValue, label_value
from podium.tasks.protocols.needs import are_probs, are_ranked
from podium.tasks.protocols.outputs import as_indices
from podium.workspace.atomic import replacing

__all__ = [
    "NoRowsError",
    "OtherRowsError",
    "PredictionBatch",
    "label_rows",
    "refuse_other_rows",
    "refuse_read_back",
    "write_rows",
    "write_submission",
]


_MADE_BY: dict[str, str] = {
    "probs": "probabilities",
    "decisions": "decisions",
    "ranking": "a ranking of classes",
    "confident": "a class and how sure it is",
}


class NoRowsError(SubmissionError):
    """No image has an object, and the format has no row of such an image."""


class OtherRowsError(SubmissionError):
    """The rows of the predictions are not those that are expected.

    Attributes:
        missing, extra: names of rows; of many the first ones.
    """

    def __init__(
        self, message: str, *, missing: Sequence[str], extra: Sequence[str], fix: str
    ) -> None:
        super().__init__(message, fix=fix)
        self.missing, self.extra = missing, extra


@dataclass(frozen=True)
class PredictionBatch:
    """Predictions of some samples.

    Args:
        ids: what the submission scores (units), `(N,)`.
        probs: `(N, C)` in [0, 1]; `(N, 1)` when binary; `(N,)` or `(N, 1)` values for regression.
            None where the format holds decisions.
        decisions: what the format holds if not probabilities: class indices `(N,)`; 0/1 `(N, C)`
            of a multilabel task; a ranking int64 `(N, k)`, the likeliest class first, -1 for none;
            or `(N, 2)`, a class (-1: none) and its confidence.
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
        competition: its `submission` is the format.
        ids: what the submission scores (units), `(N,)`, each once.
        probs, decisions: as `PredictionBatch` has them; decisions are needed where the format
            holds no probabilities.
        gallery: the ids of the images that a ranking counts, where the cells hold ids (retrieval).

    Raises:
        SubmissionError: ids differ from the sample's, shapes or values do not fit the format, or
            the file read back differs from the predictions.
        DataError: the competition's sample or spec cannot be used.
    """
    expected, batch = expected_of_test(competition), PredictionBatch(ids, probs, decisions)
    return write_rows(path, expected, label_rows(path, expected, [batch], gallery=gallery))


def label_rows(
    path: Path,
    expected: ExpectedRows,
    batches: Iterable[PredictionBatch],
    *,
    gallery: Sequence[str] | None = None,
) -> Iterator[NamedRows]:
    """Yield the rows of predictions that come batch by batch, one of which is in memory at a time.

    Args:
        path: of the file, for messages.
        expected: what the file must hold.
        batches: the predictions, gone through once.
        gallery: as `write_submission` has it.
    """
    form, value = expected.form, label_value(expected.form)
    for batch in batches:
        yield from _rows(path, form, batch.ids, _answers(form, value, batch, gallery))


def write_rows(path: Path, expected: ExpectedRows, rows: Iterable[NamedRows]) -> Path:
    """Write `rows`, which may come in any order, in the expected order, and return `path`.

    The finished file is read back before it takes its name.

    Args:
        path: the CSV to write.
        expected: the names of the rows, each of which must come once.
        rows: as `mask_rows`, `object_rows` and `label_rows` make them of predictions.

    Raises:
        NoRowsError: no row is left to write.
        SubmissionError: rows are missing, extra or repeated, or the file read back differs.
    """
    n_rows, form, keys = 0, expected.form, () if expected.rows is None else expected.rows
    # A table of ids may ask for some of the rows.
    asked = None if form.file.lookup is None else frozenset(keys)
    with replacing(path) as temporary:
        with temporary.open("wb") as file:
            ordered = OrderedRows(file, form, keys, temporary.parent)
            try:
                for key, cells in rows:
                    if asked is not None and key not in asked:
                        continue
                    n_rows += len(cells)
                    ordered.put(key, _with_taken(cells, key, expected) if expected.taken else cells)
                ordered.finish(expected.rows_source)
            finally:
                ordered.close()
        if not n_rows and form.may_lack_rows:
            raise NoRowsError(
                "no image has an object, and empty_row: drop leaves a file without rows",
                fix="set submission.empty_row: keep, or lower the threshold",
            )
        in_form(temporary, form)
        ordered.compare(temporary, path)
    return path


def _with_taken(
    cells: Sequence[Sequence[str]], key: str, expected: ExpectedRows
) -> list[list[str]]:
    """Return the rows of one name with the cells that other files have in them."""
    rows = list(map(list, cells))
    for at, of_file in expected.taken.items():
        if key not in of_file:
            name, field = list(expected.form.columns.items())[at]
            source = taken_from(field)
            raise SubmissionError(
                f"{name!r} of {key!r} is to be taken from {source}, which has no such row",
                fix="write that file for all images to predict",
            )
        for row in rows:
            row[at] = of_file[key]
    return rows


def _rows(
    path: Path, form: SubmissionFormat, ids: Sequence[str], values: NDArray[Any]
) -> Iterator[NamedRows]:
    write = form.per_cell(lambda one: _checked_text(path, one, values.dtype))
    is_array = bool(label_value(form).cell(form))
    each: Any = values if is_array else values.reshape(len(ids), form.n_cells)
    if not is_array and values.dtype == np.float64:
        each = each.tolist()  # Python's numbers have the same text, and are written twice as fast
    for sample_id, answer in zip(ids, each, strict=True):
        cells_of = [answer] if is_array else answer
        texts = [
            text_of(one, sample_id) for text_of, one in zip(write, cells_of, strict=not is_array)
        ]
        if form.rows == "image_class":
            for index, start in enumerate(range(0, len(texts), form.n_cells_of_row)):
                own = texts[start : start + form.n_cells_of_row]
                cells = form.row_cells(sample_id, index, own)
                yield form.key(cells), [cells]
        else:
            cells = form.row_cells(sample_id, None, texts)
            yield form.key(cells), [cells]


def _checked_text(
    path: Path, form: SubmissionFormat, dtype: np.dtype[Any]
) -> Callable[[Any, str], str]:
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
        if form.file.digits:
            text = without_exponents(text, form.sep)
        try:
            back = parse(text)
        except TextError as error:
            raise SubmissionError(
                f"the cell of {sample_id!r} cannot be read back: {text[:40]!r}: "
                f"{cell_error(error).title}",
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
    form: SubmissionFormat, value: LabelValue, batch: PredictionBatch, gallery: Sequence[str] | None
) -> NDArray[Any]:
    source, n = value.source(form), len(batch.ids)
    predicted = batch.probs if are_probs(source) else batch.decisions
    if predicted is None:
        raise SubmissionError(
            f"the format holds a {form.value} in each cell, which needs {_MADE_BY[source]}",
            fix="pass `decide(probs, …)`, or tune first",
        )
    answers = np.asarray(predicted)
    if form.is_by_output:
        answers = as_indices(answers, form.kind.sizes)
    if are_ranked(source):
        answers = _padded(answers, form.k or 1)
    shape = value.shape(form, n)
    # (N,) and (N, 1) are one number a sample, whichever of them the format has.
    if answers.ndim <= 2 and shape in ((n,), (n, 1)) and answers.shape in ((n,), (n, 1)):
        answers = answers.reshape(shape)
    if are_probs(source) and shape == (n,) and answers.ndim == 2:
        answers = answers[:, 0]
    if answers.shape != shape:
        raise SubmissionError(
            f"predictions must have the shape {shape}, got {answers.shape}",
            fix="pass one row for each id and one column for each class",
        )
    if value.dtype(form).kind == "O" and answers.dtype.kind != "O":
        answers = _ids_of(answers, gallery)
    if form.range is not None:  # what lies beyond it the host cannot have meant
        low, high = form.range
        answers = answers if low is None else answers.clip(min=low)
        answers = answers if high is None else answers.clip(max=high)
    if value.rounded is not None and form.column_decimals:
        columns = zip(np.hsplit(answers, form.n_cells), form.of_cells, strict=True)
        answers = np.hstack([value.rounded(column, one) for column, one in columns])
    elif value.rounded is not None:
        answers = value.rounded(answers, form)
    rule, test = value.allowed(form)
    good = test(answers.reshape(n, math.prod(answers.shape[1:])))
    if not good.all():
        wrong = [batch.ids[i] for i in np.flatnonzero(~good).tolist()]
        raise SubmissionError(f"predictions must be {rule}; they are not for {some(wrong)}")
    # Of an array the text is that of its type, so that a float32 is not written as another number.
    return answers.astype(value.dtype(form)) if value.cell(form) else answers


def _padded(ranking: NDArray[Any], k: int) -> NDArray[Any]:
    """Return a ranking of fewer than `k` classes an image, filled up to `k` with -1."""
    if ranking.ndim != 2 or ranking.shape[1] >= k or ranking.dtype.kind not in "iu":
        return ranking
    return np.pad(ranking, ((0, 0), (0, k - ranking.shape[1])), constant_values=-1)


def _ids_of(ranking: NDArray[Any], gallery: Sequence[str] | None) -> NDArray[Any]:
    if gallery is None:
        raise SubmissionError(
            "the format holds ids of other images, and `gallery` is missing",
            fix="pass gallery=, the ids that the ranking counts",
        )
    if ranking.dtype.kind not in "iu" or (ranking >= len(gallery)).any() or (ranking < -1).any():
        raise SubmissionError(
            f"a ranking of a gallery of {plural(len(gallery), 'hold')} -1 to {len(gallery) - 1:,}",
            fix="count the images of the gallery from 0; -1 means none",
        )
    texts = np.array([*gallery, ""], dtype=object)
    return np.asarray(texts[ranking])


_SHOWN = 1000
_AT_ONCE = 1 << 14
_KNOWN = np.dtype([("digest", np.uint32), ("state", np.uint8)])
_ABSENT, _THERE, _DROPPED, _COMPARED = 0, 1, 2, 3
"""States of a row: it has not come; it came; it came, and has no rows in the file; it was read back
as it came."""


class OrderedRows:
    """Writes the header, then the rows named `keys` in that order; a row that is early waits.

    Memory does not grow with the number of rows: names are read along with the rows, and from the
    first row on that is early looked up in a `KeyIndex`; the state of each row is on the disk.

    Args:
        file: open for writing, empty.
        form: the format of the rows.
        keys: the names of the rows that the file must have, each once; iterated several times.
        folder: where rows wait.
    """

    def __init__(
        self, file: BinaryIO, form: SubmissionFormat, keys: Iterable[str], folder: Path
    ) -> None:
        self._file, self._form, self._keys = file, form, keys
        self._n = len(keys) if isinstance(keys, Sequence) else sum(1 for _ in keys)
        self._ahead, self._index = KeyLookahead(keys), _LazyPositions(keys)
        self._shelf = ReorderBuffer(folder, self._n)
        self._states = zeros_on_disk(folder, _KNOWN, (self._n,))
        self._extra: list[str] = []
        self._n_extra = 0
        self._next = 0
        self._longest = self._file.write(csv_line(form.header))

    def put(self, key: str, rows: Sequence[Sequence[str]]) -> None:
        """Take all rows of one name, which may be none or several, as the objects of an image.

        Raises:
            SubmissionError: its name was there before.
        """
        position = self._next if [key] == self._ahead.peek(1) else self._index.position(key)
        if position is None:
            self._n_extra += 1
            keeps_all = self._form.rows == "image_class"
            self._extra += [key] * (keeps_all or len(self._extra) < _SHOWN)
            return
        if self._states["state"][position] != _ABSENT:
            raise SubmissionError(f"ids stand more than once in the predictions: {some([key])}")
        self._states[position] = _digest(rows), _THERE if rows else _DROPPED
        lines = [csv_line(cells) for cells in rows]
        self._longest = max([self._longest, *map(len, lines)])
        waiting: bytes | None = b"".join(lines)
        if position != self._next:
            self._shelf.put(position, b"".join(lines))
            return
        while waiting is not None:
            self._file.write(waiting)
            self._ahead.drop(1)
            self._next += 1
            waiting = self._shelf.take(self._next) if self._ahead.peek(1) else None

    def finish(self, rows_source: str) -> None:
        """Refuse rows that are missing or extra; `rows_source` is where the expected are from.

        The host may ask for some classes of an image alone: its other rows are left out.
        """
        n_missing, missing = 0, list[str]()
        if self._extra and self._form.rows == "image_class":
            owners = owners_of(self._form)
            asked = {one for key in self._keys for one in owners(key)}
            self._extra = [key for key in self._extra if asked.isdisjoint(owners(key))]
            self._n_extra = len(self._extra)
        if self._next < self._n:
            for key, (_, state) in zip(self._keys, self._records(), strict=True):
                n_missing += state == _ABSENT
                missing += [key] * (state == _ABSENT and len(missing) < _SHOWN)
        refuse_other_rows(missing, self._extra, rows_source, n=(n_missing, self._n_extra))

    def close(self) -> None:
        """Forget rows that still wait."""
        self._shelf.close()
        self._index.close()

    def compare(self, written: Path, path: Path) -> None:
        """Read the finished file `written` back; anything but what was put is an error at `path`.

        Raises:
            SubmissionError: the file cannot be read, or a row is another one.
        """
        problems, wrong = Problems(), list[str]()
        longest = self._longest + 1  # an end of CRLF has one byte more than was counted
        lines = read_body(written, self._form, problems, longest=longest)
        put = self._put()
        of_names = groupby(lines, key=lambda line: self._form.key(line.cells))
        found_rows = ((key, _digest(line.cells for line in rows)) for key, rows in of_names)
        if self._form.file.kind == "png":  # a PNG has its classes in their own order
            wrong += islice(self._found_elsewhere(found_rows), _SHOWN)
            put = self._put()
        else:
            wrong += islice((one[0] for one in found_rows if next(put, None) != one), _SHOWN)
        found, lost = problems.listed(), [key for key, _ in islice(put, _SHOWN)]
        if found or wrong or lost:
            refuse_read_back(path, found, wrong or lost)

    def _found_elsewhere(self, rows: Iterable[tuple[str, int]]) -> Iterator[str]:
        """Yield the names of rows that were not put so; take note of the others, in any order."""
        for key, digest in rows:
            position = self._index.position(key)
            if position is None or self._states[position].item() != (digest, _THERE):
                yield key
            else:
                self._states["state"][position] = _COMPARED
        self._index.close()

    def _put(self) -> Iterator[tuple[str, int]]:
        """Yield name and digest of what was put and has rows, in order."""
        for key, (digest, state) in zip(self._keys, self._records(), strict=True):
            if state == _THERE:
                yield key, digest

    def _records(self) -> Iterator[tuple[int, int]]:
        """Yield digest and state of each row, in order."""
        for start in range(0, self._n, _AT_ONCE):
            yield from self._states[start : min(start + _AT_ONCE, self._n)].tolist()


class _LazyPositions:
    """The places of names, looked up on the disk; the index is made on the first look-up."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = keys
        self._index: KeyIndex | None = None

    def position(self, key: str) -> int | None:
        """Return the place of `key`, or None where nobody expects it."""
        if self._index is None:
            self._index = KeyIndex(self._keys)
        known = self._index.find(key)
        return None if known is None else known.position

    def close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None


def refuse_read_back(path: Path, problems: list[Problem], wrong: Sequence[str]) -> NoReturn:
    """Refuse a finished file that was read back: with errors, or the rows `wrong` as others.

    Raises:
        SubmissionError: always.
    """
    try:
        refuse(path, problems)
    except SubmissionError as error:
        raise SubmissionError(
            f"the written file cannot be read back: {error.message}", where=path, fix=error.fix
        ) from error
    raise SubmissionError(
        f"what was read back is not what was written, for {some(wrong)}",
        where=path,
        fix="check the disk, and that ids hold no line breaks; then write it again",
    )


def refuse_other_rows(
    missing: Sequence[str],
    extra: Sequence[str],
    rows_source: str,
    *,
    n: tuple[int, int] | None = None,
) -> None:
    """Refuse predictions whose rows are not those that `rows_source` names.

    Args:
        missing, extra: names of rows, of which the message has the first few.
        rows_source: the source of the expected rows.
        n: how many are missing and extra, where `missing` and `extra` have not all of them.
    """
    if not missing and not extra:
        return
    n_missing, n_extra = (len(missing), len(extra)) if n is None else n
    parts = [
        f"{rows_source} has {plural(n_missing, 'row')} without a prediction: {some(missing)}"
    ] * bool(missing)
    parts += [
        f"{either(n_extra, 'prediction has', 'predictions have')} no row in {rows_source}: "
        f"{some(extra)}"
    ] * bool(extra)
    known = {composed(one): one for one in missing if not one.isascii()}
    for one in extra:
        if (other := known.get(composed(one))) is not None:
            raise OtherRowsError(
                "; ".join(parts),
                missing=missing,
                extra=extra,
                fix="write the ids of the data as the host has them: Unicode composes accents in "
                f"two ways, and {rows_source} has {other!a}, the data {one!a}",
            )
    raise OtherRowsError(
        "; ".join(parts),
        missing=missing,
        extra=extra,
        fix="make submission.id and data.test.id in competition.yaml give the same ids; "
        "where the sample is out of date, download it again: a host refuses rows that it does not "
        "ask for",
    )


def _digest(rows: Iterable[Sequence[str]]) -> int:
    found = 0
    for cells in rows:
        found = zlib.crc32(("\0".join(cells) + "\n").encode(), found)
    return found


_HELD_AT_MOST = 32 << 20
_OVERHEAD = 160
"""Bytes that a line in memory takes beside its text."""


class ReorderBuffer:
    """Lines by position until they are due; memory does not grow with their number.

    Args:
        folder: where files without a name are made when lines are too many for memory; the system
            removes them when they are closed, also by the end of the process.
        n: how many positions there are.
    """

    def __init__(self, folder: Path, n: int) -> None:
        self._folder, self._n = folder, n
        self._lines: dict[int, bytes] = {}
        self._held = 0
        self._spill: IO[bytes] | None = None
        self._places: NDArray[np.int64] | None = None

    def put(self, position: int, line: bytes) -> None:
        """Keep the line of one position."""
        if self._held + len(line) + _OVERHEAD <= _HELD_AT_MOST:
            self._lines[position] = line
            self._held += len(line) + _OVERHEAD
            return
        if self._spill is None or self._places is None:
            self._spill = tempfile.TemporaryFile(  # noqa: SIM115 — `close` closes it
                dir=self._folder
            )
            self._places = zeros_on_disk(self._folder, np.dtype(np.int64), (self._n, 2))
        # An end of 0 is that of a line that is not there: a place is noted as its end.
        start = self._spill.seek(0, 2)
        self._places[position] = start, start + len(line) + 1
        self._spill.write(line)

    def take(self, position: int) -> bytes | None:
        """Return the line and forget it; None when it has not come yet."""
        line = self._lines.pop(position, None)
        if line is not None:
            self._held -= len(line) + _OVERHEAD
            return line
        if self._spill is None or self._places is None or position >= self._n:
            return None
        start, end = self._places[position].tolist()
        if not end:
            return None
        self._places[position] = 0
        self._spill.seek(start)
        return self._spill.read(end - 1 - start)

    def close(self) -> None:
        """Forget all lines."""
        self._places = None
        if self._spill is not None:
            self._spill.close()


def zeros_on_disk(folder: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array of zeros in a file without a name in `folder`, which goes with the array."""
    with tempfile.TemporaryFile(dir=folder) as file:
        rows = max(1, shape[0])
        return np.memmap(file, dtype, "w+", shape=(rows, *shape[1:]))

"""Writing a submission file: streamed, read back and compared before it takes its name."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.errors import SubmissionError, some
from podium.submissions.format import Format, expected_keys, format_of
from podium.submissions.read import read_submission
from podium.workspace.atomic import replacing

__all__ = ["refuse_other_rows", "write_rows", "write_submission"]


def write_submission(
    path: Path,
    competition: Competition,
    ids: Sequence[str],
    probs: NDArray[np.floating[Any]],
    decisions: NDArray[Any] | None = None,
) -> Path:
    """Write the predictions of the test set in the competition's format and return `path`.

    The rows stand in the order of the sample submission. The file is read back and compared with
    what was meant before it replaces anything at `path`.

    Args:
        path: the CSV to write.
        competition: its `submission` says the format.
        ids: what the submission scores (units), `(N,)`, each once.
        probs: `(N, C)` in [0, 1]; `(N, 1)` when binary; `(N,)` or `(N, 1)` values for regression.
        decisions: `(N,)` class indices, or `(N, C)` 0/1 for multilabel; needed where the format
            holds labels.

    Raises:
        SubmissionError: ids differ from the sample's, shapes or values do not fit the format, or
            what was read back is not what was meant.
        DataError: the competition's sample or spec cannot be used.
    """
    form = format_of(competition)
    if form.value == "rle":
        raise SubmissionError("the format holds masks", fix="write them with write_masks")
    values = _values_for(form, ids, probs, decisions)
    order = _order(competition, form, ids)
    write_rows(path, form, [ids[i] for i in order], values[order])
    return path


def write_rows(path: Path, form: Format, ids: Sequence[str], values: NDArray[Any]) -> None:
    """Write samples `ids` with `values` (as `read_submission` returns them), atomically."""
    with replacing(path) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(form.header)
            writer.writerows(_rows(form, ids, values))
        _compare(temporary, path, form, ids, values)


def _rows(form: Format, ids: Sequence[str], values: NDArray[Any]) -> Iterator[list[str]]:
    texts = _texts(form)
    for sample_id, row in zip(ids, values, strict=True):
        cells = texts(row)
        if form.rows == "image_class":
            for index, cell in enumerate(cells):
                yield form.row_cells(sample_id, index, [cell])
        else:
            yield form.row_cells(sample_id, None, cells)


def _texts(form: Format) -> Callable[[Any], list[str]]:
    """Return the function from one sample's values to the texts of its cells."""
    if form.value == "labels":
        return lambda row: [
            form.sep.join(form.classes[i] for i in np.flatnonzero(row)) or form.empty
        ]
    if form.value == "name":
        names = form.classes or ("0", "1")
        return lambda row: [names[int(row)]]
    # str of a numpy scalar is the shortest text that reads back as the same number, also float32.
    return lambda row: [str(value) for value in np.atleast_1d(row)]


def _compare(
    temporary: Path, path: Path, form: Format, ids: Sequence[str], meant: NDArray[Any]
) -> None:
    """Read the written file back; anything but what was meant is an error."""
    try:
        back = read_submission(temporary, form, ids, said_by="the predictions")
    except SubmissionError as error:
        raise SubmissionError(
            f"the written file cannot be read back: {error.message}", where=path, fix=error.fix
        ) from error
    same = back.values.astype(meant.dtype) == meant
    if same.shape != meant.shape or not same.all():
        wrong = [ids[i] for i in np.flatnonzero(~same.reshape(len(ids), -1).all(axis=1)).tolist()]
        raise SubmissionError(
            f"what was read back is not what was written, for {some(wrong)}",
            where=path,
            fix="check that ids and class names hold neither quotes nor the separator of a list",
        )


def _values_for(
    form: Format,
    ids: Sequence[str],
    probs: NDArray[np.floating[Any]],
    decisions: NDArray[Any] | None,
) -> NDArray[Any]:
    shape: tuple[int, ...]
    if form.value == "scalar":
        values, shape = np.asarray(probs).reshape(len(probs), -1)[:, 0], (len(ids),)
    elif form.value == "prob":
        width = max(1, len(form.classes)) if form.kind != "binary" else 1
        values, shape = np.asarray(probs).reshape(len(probs), -1), (len(ids), width)
    elif decisions is None:
        raise SubmissionError(
            f"the format holds a {form.value} in each cell, which needs decisions",
            fix="pass `decide(probs, …)`, or tune first",
        )
    else:
        values = np.asarray(decisions)
        shape = (len(ids), len(form.classes)) if form.kind == "multilabel" else (len(ids),)
        values = values.reshape(-1) if values.shape == (len(ids), 1) != shape else values
    if values.shape != shape:
        raise SubmissionError(
            f"predictions must have the shape {shape}, got {values.shape}",
            fix="give one row for each id and one column for each class",
        )
    _refuse_values(form, ids, values)
    return values


def _refuse_values(form: Format, ids: Sequence[str], values: NDArray[Any]) -> None:
    each = values.reshape(len(ids), -1)
    if form.value in ("prob", "scalar"):
        good = np.isfinite(each).all(axis=1)
        if form.value == "prob":
            good &= ((each >= 0) & (each <= 1)).all(axis=1)
        rule = "probabilities in [0, 1]" if form.value == "prob" else "finite numbers"
    else:
        top = 2 if form.kind in ("multilabel", "binary") else len(form.classes)
        good = np.isin(each, np.arange(top)).all(axis=1)
        rule = f"integers from 0 to {top - 1}"
    if not good.all():
        wrong = [ids[i] for i in np.flatnonzero(~good).tolist()]
        raise SubmissionError(f"predictions must be {rule}; they are not for {some(wrong)}")


def _order(competition: Competition, form: Format, ids: Sequence[str]) -> NDArray[np.int64]:
    """Return the positions of `ids` in the order in which the sample names them."""
    repeated = [one for one, count in _counts(ids).items() if count > 1]
    if repeated:
        raise SubmissionError(f"ids stand more than once in the predictions: {some(repeated)}")
    wanted, said_by = expected_keys(competition, form)
    keys = list(form.keys(ids))
    per_sample = len(keys) // max(1, len(ids))
    position = {key: i // per_sample for i, key in enumerate(keys)}
    missing = [key for key in wanted if key not in position]
    extra = sorted(set(keys) - set(wanted))
    refuse_other_rows(missing, extra, said_by)
    return np.array(list(dict.fromkeys(position[key] for key in wanted)), dtype=np.int64)


def refuse_other_rows(missing: Sequence[str], extra: Sequence[str], said_by: str) -> None:
    """Refuse predictions whose rows are not those that `said_by` names."""
    if not missing and not extra:
        return
    parts = [f"{said_by} has {len(missing):,} rows without a prediction: {some(missing)}"] * bool(
        missing
    )
    parts += [f"{len(extra):,} predictions have no row in {said_by}: {some(extra)}"] * bool(extra)
    raise SubmissionError(
        "; ".join(parts),
        fix="make submission.id and data.test.id in competition.yaml give the same ids; "
        "or drop submission.sample when the sample is out of date",
    )


def _counts(ids: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in ids:
        counts[one] = counts.get(one, 0) + 1
    return counts

"""Submissions: their ids, answers and format, of a competition, a preset or a sample alone."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from podium.competition import metrics
from podium.competition.presets import find_preset
from podium.competition.spec import Competition, load_competition
from podium.competition.tables import reading_table
from podium.errors import SHOWN_AT_MOST, DataError, SubmissionError, UsageError, some
from podium.predictions.imports.schema import SUM_TOLERANCE
from podium.submissions.format.checking import competition_of_preset
from podium.submissions.format.row_names import meant_ids, misspellings
from podium.submissions.format.writing import OtherRowsError
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES, has_pixels
from podium.workflows.api.arguments.kinds import sums_to_one
from podium.workflows.api.arguments.plain import (
    Array,
    array,
    check_order_of_rows,
    path,
    squeezed,
    unwrapped,
)
from podium.workspace.atomic import temporary_folder
from podium.workspace.layout import Workspace

__all__ = [
    "class_numbers",
    "competition",
    "explaining_other_rows",
    "ids_of",
    "sample_file",
]


def ids_of(given: Any, *, like: int, of: Any = None) -> list[str]:
    """Return the ids of the rows of y_pred, of which there are `like`, as texts.

    Args:
        of: y_pred; the index of a series or frame may tell that its rows stand in another order.
    """
    found = squeezed(array(given, "ids"))
    if found.ndim != 1 or len(found) != like:
        raise UsageError(
            f"ids must have one entry a row of y_pred, which has {like:,}, got {found.shape}",
            fix="pass ids and y_pred of the same rows, in the same order",
        )
    texts = [str(one) for one in found.tolist()]
    repeated = [one for one, n in Counter(texts).items() if n > 1]
    if repeated:
        raise SubmissionError(
            f"ids has {some(repeated)} more than once", fix="give one prediction an id"
        )
    check_order_of_rows({"ids": given, "y_pred": of}, texts)
    return texts


def class_numbers(found: Array, *, value: str) -> Array:
    """Return decisions with whole floats as int64; `value` is what a cell holds, for messages."""
    if found.dtype.kind != "f":
        return found
    is_odd = ~np.isfinite(found) | (found != np.floor(found))
    if is_odd.any():
        raise SubmissionError(
            f"the format holds a {value} in each cell, and y_pred holds {found[is_odd][0]:.4g}, "
            "which is no class number",
            fix="of probabilities pass podium.decide(y_pred)",
        )
    return found.astype(np.int64)


def _meant_ids(error: OtherRowsError) -> str | None:
    """Return the question whether ids are misspelt; None where the error has not all of them."""
    if max(len(error.missing), len(error.extra)) >= SHOWN_AT_MOST:
        return None
    return meant_ids(error.extra, misspellings(error.extra, error.missing))


@contextmanager
def explaining_other_rows(*, has_sample: bool) -> Iterator[None]:
    """Tell of ids that differ in terms of the arguments, where a sample has the others."""
    try:
        yield
    except OtherRowsError as error:
        fix = _fix_of_ids(error.missing, error.extra)
        if fix is None and has_sample:
            fix = _meant_ids(error) or (
                "pass the ids of the sample, each once, and a prediction for each"
            )
        if not fix:
            raise
        raise SubmissionError(error.message, fix=fix) from error


def _fix_of_ids(missing: Sequence[str], extra: Sequence[str]) -> str | None:
    """Return what to do where a table was read with ids as numbers; None where it was not."""
    plain = {one.lstrip("0"): one for one in missing}
    for one in extra:
        other = plain.get(re.sub(r"\.0(?=$|_)", "", one).lstrip("0"))
        if other is not None:
            return (
                f"ids were read as numbers, {one!r} for {other!r}: pass texts, as "
                'pd.read_csv(file, dtype={"id": str}) reads them'
            )
    return None


@contextmanager
def sample_file(sample: Any) -> Iterator[Path | None]:
    """Give the file of a sample submission; a frame is written to one meanwhile."""
    if sample is None:
        yield None
        return
    with table_file(sample, "sample", "sample_submission.csv") as file:
        yield file


@contextmanager
def table_file(given: Any, argument: str, name: str) -> Iterator[Path]:
    """Give the file of an argument; a frame is written to one of this name meanwhile."""
    if hasattr(given, "to_csv"):
        with temporary_folder("podium-table") as folder:
            file = folder / name
            given.to_csv(file, index=False)
            yield file
    else:
        yield path(given, argument)


def competition(
    given: Any,
    sample: Path | None,
    preset: str | None,
    classes: Sequence[Any] | None,
    y_pred: Any,
) -> Competition:
    """Return the competition whose format a file has."""
    if given is not None:
        if sample is not None or preset is not None:
            raise UsageError("the competition has a sample and a format", fix="leave sample out")
        if isinstance(given, Competition):
            return given
        inner = getattr(given, "competition", None)
        if isinstance(inner, Competition):
            return inner
        root = given.root if isinstance(given, Workspace) else given
        return load_competition(path(root, "competition"))
    if sample is None:
        raise UsageError(
            "the format of the file is unknown",
            fix="pass competition=, or sample= with a sample submission",
        )
    if preset is not None and has_pixels((known := find_preset(preset)).tasks):
        return competition_of_preset(
            preset,
            sample=sample,
            size=known.image_size if known.frame == "native" else None,
            classes=[str(one) for one in classes or ()],
            header_of=sample,
        )
    header = _header(sample)
    if preset is not None:
        spec_of = _spec_of_preset(preset, header, classes)
    else:
        spec_of = _spec_of_sample(sample, header, classes, y_pred)
    spec_of["submission"]["sample"] = str(sample.resolve())
    try:
        return Competition.model_validate(spec_of).at(Path.cwd())
    except ValueError as error:
        raise UsageError(f"sample {sample.name}: {error}", fix="name the classes") from error


def _header(sample: Path) -> list[str]:
    try:
        with sample.open(encoding="utf-8-sig", newline="") as file:
            columns = [cell.strip() for cell in next(csv.reader(file), [])]
    except OSError as error:
        raise DataError(
            error.strerror or "cannot be read", where=sample, fix="correct sample="
        ) from error
    if len(columns) < 2:
        raise DataError(
            "a sample submission has a column of ids and one of answers, or more",
            where=sample,
            fix="pass another file, or competition=",
        )
    return columns


def _spec_of_sample(
    sample: Path, header: list[str], classes: Sequence[Any] | None, y_pred: Any
) -> dict[str, Any]:
    """Return the spec of a competition whose sample has these columns."""
    key, *rest = header
    _refuse_masks(y_pred)
    if len(rest) > 1 and _are_measured(sample, rest):
        columns = {key: "id"} | {name: f"value[{name}]" for name in rest}
        return _spec("multitarget", rest, columns, "scalar")
    if len(rest) > 1:
        columns = {key: "id"} | {name: f"prob[{name}]" for name in rest}
        one_right = y_pred is not None and sums_to_one(array(y_pred, "y_pred"))
        return _spec("multiclass" if one_right else "multilabel", rest, columns, "prob")
    columns = {key: "id", rest[0]: "value"}
    if classes is not None:
        return _spec("multiclass", [str(one) for one in classes], columns, "name")
    has_numbers, cell = _cells(sample)
    if y_pred is None:
        if has_numbers:
            return _spec("regression", [], columns, "scalar")
        raise UsageError(
            f"the column {rest[0]!r} of the sample holds names", fix="name them all: classes=[…]"
        )
    found = array(y_pred, "y_pred")
    _refuse_masks(found)
    if found.ndim == 2 and found.shape[1] > 1:
        raise UsageError(
            f"y_pred has {found.shape[1]} columns, and the sample one of answers",
            fix="pass decisions: podium.decide(y_pred)",
        )
    if found.dtype.kind in "OUS":
        names = sorted({str(one) for one in found.reshape(-1)})
        names = names if len(names) > 1 else [*names, f"not {names[0]}"]
        return _spec("multiclass", names, columns, "name")
    if not has_numbers:
        raise UsageError(
            f"y_pred holds numbers, and the column {rest[0]!r} of the sample names, as {cell!r}",
            fix="pass names, or what stands for class 0, 1, …: classes=[…]",
        )
    if found.dtype.kind in "iu" and len(found) and int(found.min()) >= 0:
        n = max(2, int(found.max()) + 1)
        return _spec("multiclass", [str(one) for one in range(n)], columns, "label")
    return _spec("regression", [], columns, "scalar")


def _are_measured(sample: Path, names: Sequence[str]) -> bool:
    """Return whether several columns of a sample hold numbers beyond [0, 1].

    Predictions do not tell: they may be percentages or logits in the place of probabilities.
    """
    with reading_table(sample):
        cells = pd.read_csv(sample, usecols=list(names), nrows=1000).to_numpy()
    return cells.dtype.kind in "iuf" and bool(((cells < 0) | (cells > 1 + SUM_TOLERANCE)).any())


def _cells(sample: Path) -> tuple[bool, object]:
    """Return whether the answers of a sample are numbers, or blank, and the first one."""
    with reading_table(sample):
        cells = pd.read_csv(sample, usecols=[1], nrows=1000).iloc[:, 0]
    return cells.dtype.kind in "biuf", cells.iloc[0] if len(cells) else None


def _refuse_masks(y_pred: Any) -> None:
    """Refuse masks where a sample alone is given, which tells nothing of how they are written."""
    found = unwrapped(y_pred)
    is_listed = isinstance(found, list | tuple) and len(found) > 0
    one, n_dims = (unwrapped(found[0]), 2) if is_listed else (found, 3)
    if getattr(one, "ndim", 0) >= n_dims:
        raise UsageError(
            "y_pred holds masks, and a sample does not tell how cells hold them",
            fix="pass preset= beside sample=, or competition=; or texts in the place of masks: "
            "[podium.rle.encode(mask) for mask in masks]",
        )


def _spec_of_preset(name: str, header: list[str], classes: Sequence[Any] | None) -> dict[str, Any]:
    preset = find_preset(name)
    named = [str(one) for one in classes or preset.classes]
    kind = next(iter(preset.tasks.values()))
    found = _spec(kind, named or (header[1:] if len(header) > 2 else []), {}, "")
    found["submission"] = {"preset": preset.name}
    found["metric"] = preset.metric.model_dump(exclude_unset=True)
    return found


def _spec(
    kind: str, classes: Sequence[str], columns: Mapping[str, str], value: str
) -> dict[str, Any]:
    """Return a spec whose data nobody looks for."""
    return {
        "name": "submission",
        "tasks": {IMAGES: str(kind)},
        "classes": list(classes),
        "data": {
            "train": {"table": "-.csv", "id": "id", "images": "-/{id}", "label": "label"},
            "test": {"images": "-/{id}", "id": "{id}"},
        },
        "metric": {"name": metrics.usual(IMAGES, image_kind(kind))},
        "submission": {"columns": dict(columns), "value": value},
    }

"""The format of a submission file: its columns, what stands in a cell, the rows it must have."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from podium.competition.spec import Competition, TaskKind, ValueKind
from podium.errors import DataError, some

__all__ = ["Format", "expected_keys", "format_of", "sample_path"]

_PROB_FIELD = re.compile(r"prob\[(.*)\]", re.DOTALL)
_KINDS_OF_VALUE: dict[str, frozenset[str]] = {
    "prob": frozenset({"multiclass", "multilabel", "binary"}),
    "label": frozenset({"multiclass", "multilabel", "binary"}),
    "name": frozenset({"multiclass", "binary"}),
    "labels": frozenset({"multilabel"}),
    "scalar": frozenset({"regression"}),
}
KEY_SEPARATOR = " / "


class Format(BaseModel):
    """One competition's file format, complete: writer, reader and checker follow from it alone.

    `columns` maps each column, in order, to `id`, `class` (the class's index), `class_name`,
    `value` or `prob[<class name>]`. With `rows: image_class` a sample has one row a class, named by
    the template `id` (`{id}`, `{class}` for the class's name, `{index}`) or by a second key column.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: TaskKind
    classes: tuple[str, ...] = ()
    rows: Literal["image", "image_class"] = "image"
    id: str = "{id}"
    columns: dict[str, str]
    value: ValueKind
    sep: str = " "
    empty: str = ""

    @cached_property
    def header(self) -> list[str]:
        return list(self.columns)

    @cached_property
    def key_columns(self) -> list[int]:
        """Positions of the columns that name a row."""
        keys = {"id", "class", "class_name"}
        return [i for i, field in enumerate(self.columns.values()) if field in keys]

    @cached_property
    def prob_columns(self) -> dict[int, int]:
        """Position of each column of one class, mapped to the class's index."""
        index = {name: i for i, name in enumerate(self.classes)}
        found: dict[int, int] = {}
        for position, field in enumerate(self.columns.values()):
            match = _PROB_FIELD.fullmatch(field)
            if match:
                found[position] = index[match.group(1)]
        return found

    @property
    def wide(self) -> bool:
        """Is there one column a class?"""
        return bool(self.prob_columns)

    def key(self, cells: Sequence[str]) -> str:
        """Return the name of the row with these `cells`."""
        return KEY_SEPARATOR.join(cells[i] for i in self.key_columns)

    def row_cells(self, sample_id: str, index: int | None, values: Sequence[str]) -> list[str]:
        """Return the cells of one row; `values` go to the value columns in order of the classes."""
        name = "" if index is None else self.classes[index]
        cells: list[str] = []
        for position, field in enumerate(self.columns.values()):
            if field == "id":
                cells.append(self.id.format(id=sample_id, index=index, **{"class": name}))
            elif field == "class":
                cells.append(str(index))
            elif field == "class_name":
                cells.append(name)
            elif field == "value":
                cells.append(values[0])
            else:
                cells.append(values[self.prob_columns[position]])
        return cells

    def keys(self, ids: Iterable[str]) -> Iterator[str]:
        """Yield the names of the rows that samples `ids` need, in order."""
        blank = [""] * max(1, len(self.classes))
        for sample_id in ids:
            for index in range(len(self.classes)) if self.rows == "image_class" else [None]:
                yield self.key(self.row_cells(sample_id, index, blank))


def sample_path(competition: Competition) -> Path | None:
    """Return where the sample submission lies, or None when the competition names none."""
    name = competition.submission.sample
    return None if name is None else competition.root / name


def format_of(competition: Competition) -> Format:
    """Return the complete format of `competition`; what its spec leaves open comes from the sample.

    Raises:
        DataError: the sample is missing, its header cannot be understood, or columns, value and
            task do not fit together.
    """
    spec = competition.submission
    columns = dict(spec.columns) or _columns_from_sample(competition)
    wide = any(_PROB_FIELD.fullmatch(field) for field in columns.values())
    value: ValueKind = spec.value
    if wide and not (competition.kind == "multilabel" and "value" in spec.model_fields_set):
        value = "prob"
    if competition.kind == "regression" and "value" not in spec.model_fields_set:
        value = "scalar"
    _refuse_misfits(competition, columns, value)
    return Format(
        kind=competition.kind,
        classes=tuple(competition.classes),
        rows=spec.rows,
        id=spec.id,
        columns=columns,
        value=value,
        sep=spec.sep,
        empty=spec.empty,
    )


def expected_keys(competition: Competition, form: Format) -> tuple[list[str], str] | None:
    """Return the rows that a submission must have and where that is said, or None when nowhere.

    The sample's ids win over the test folder's: they are the list that the host scores by.
    """
    sample = sample_path(competition)
    if sample is not None:
        return _keys_of_file(sample, form), sample.name
    from podium.competition.samples import load_samples

    units = load_samples(competition, "test")["unit"]
    return list(form.keys(dict.fromkeys(str(unit) for unit in units))), "the test set"


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a CSV that belongs to the competition, all cells as stripped text.

    Raises:
        DataError: it cannot be read, has no header, or a row has another number of cells.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    except FileNotFoundError as error:
        raise DataError("there is no such file", where=path, fix="correct the path") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"is not a CSV in UTF-8: {error}", where=path, fix="save it again"
        ) from error
    if not lines:
        raise DataError("is empty", where=path, fix="give a file with a header and rows")
    header, *rows = lines
    ragged = [i for i, row in enumerate(rows, start=2) if len(row) != len(header)]
    if ragged:
        raise DataError(
            f"rows with another number of cells than the header ({len(header)}): {some(ragged)}",
            where=path,
            fix="quote cells that hold a comma",
        )
    return header, rows


def _columns_from_sample(competition: Competition) -> dict[str, str]:
    sample = sample_path(competition)
    if sample is None:
        return {"id": "id"} | _default_values(competition)
    header, _ = read_table(sample)
    first, *rest = header
    if len(rest) == 1:
        return {first: "id", rest[0]: "value"}
    unknown = [name for name in rest if name not in competition.classes]
    if not rest or unknown:
        raise DataError(
            f"columns that are no class: {some(unknown)}" if rest else "there is only one column",
            where=f"{sample}:1",
            fix="write submission.columns in competition.yaml: a field for each column",
        )
    return {first: "id"} | {name: f"prob[{name}]" for name in rest}


def _default_values(competition: Competition) -> dict[str, str]:
    wide = competition.submission.value == "prob" and competition.kind in (
        "multiclass",
        "multilabel",
    )
    if wide and competition.submission.rows == "image":
        return {name: f"prob[{name}]" for name in competition.classes}
    return {"label": "value"}


def _refuse_misfits(competition: Competition, columns: dict[str, str], value: ValueKind) -> None:
    problems = list(_misfits(competition, columns, value))
    if problems:
        raise DataError(
            "the submission format does not fit: " + "; ".join(problems),
            where=competition.root / "competition.yaml",
            fix="mend submission.columns, submission.rows or submission.value",
        )


def _misfits(competition: Competition, columns: dict[str, str], value: ValueKind) -> Iterator[str]:
    fields = list(columns.values())
    of_class = [match.group(1) for field in fields if (match := _PROB_FIELD.fullmatch(field))]
    plain = {"id", "class", "class_name", "value"}
    unknown = [f for f in fields if f not in plain and not _PROB_FIELD.fullmatch(f)]
    if unknown:
        yield f"unknown fields {some(unknown)}"
    foreign = [name for name in of_class if name not in competition.classes]
    if foreign:
        yield f"columns of classes that do not exist: {some(foreign)}"
    if fields.count("id") != 1:
        yield "exactly one column must be the id"
    if bool(of_class) == ("value" in fields) or fields.count("value") > 1:
        yield "it needs either one value column or a column for each class"
    if of_class and set(of_class) != set(competition.classes):
        missing = [name for name in competition.classes if name not in of_class]
        yield f"no column for the classes {some(missing)}"
    if competition.kind not in _KINDS_OF_VALUE[value]:
        yield f"value {value} is not possible for a {competition.kind} task"
    if value == "labels":
        yield from _misfits_of_lists(competition)
    yield from _misfits_of_rows(competition, fields, value, wide=bool(of_class))


def _misfits_of_lists(competition: Competition) -> Iterator[str]:
    spec = competition.submission
    cut = [name for name in competition.classes if spec.sep in name]
    if cut:
        yield f"class names that hold the separator {spec.sep!r}: {some(cut)}"
    if spec.empty in competition.classes:
        yield f"{spec.empty!r} is a class and stands for no class, too"


def _misfits_of_rows(
    competition: Competition, fields: list[str], value: ValueKind, *, wide: bool
) -> Iterator[str]:
    if competition.submission.rows == "image_class":
        named = "{class}" in competition.submission.id or "{index}" in competition.submission.id
        if not named and not {"class", "class_name"} & set(fields):
            yield "rows image_class need {class} in submission.id, or a column for the class"
        if wide or value not in ("prob", "label") or competition.kind == "binary":
            yield "rows image_class take one value column with prob or label"
        if value == "label" and competition.kind == "multiclass":
            yield "rows image_class with value label need a multilabel task"
    elif {"class", "class_name"} & set(fields):
        yield "a column for the class needs rows: image_class"
    elif competition.kind == "multilabel" and not wide and value != "labels":
        yield f"a multilabel task with one value column needs value labels, not {value}"
    elif competition.kind == "multiclass" and not wide and value == "prob":
        yield "probabilities of a multiclass task need a column for each class"


def _keys_of_file(path: Path, form: Format) -> list[str]:
    header, rows = read_table(path)
    positions = [header.index(form.header[i]) for i in form.key_columns if form.header[i] in header]
    if len(positions) != len(form.key_columns):
        wanted = [form.header[i] for i in form.key_columns]
        raise DataError(
            f"has no column {some(wanted)}", where=f"{path}:1", fix="correct the columns"
        )
    keys = [KEY_SEPARATOR.join(row[i] for i in positions) for row in rows]
    if len(set(keys)) != len(keys):
        raise DataError(
            "the same id stands more than once", where=path, fix="remove the repeated rows"
        )
    return keys

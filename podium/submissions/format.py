"""The format of a submission file: its columns, what stands in a cell, the rows it must have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from podium.competition.format_spec import FormatParameters, ValueKind
from podium.competition.spec import Competition, TaskKind, TaskName
from podium.errors import DataError, some
from podium.submissions.lines import read_table
from podium.submissions.misfits import CLASS_FIELDS, PROB_FIELD, misfits

__all__ = ["Format", "expected_keys", "format_of", "sample_path"]

KEY_SEPARATOR = " / "


class Format(FormatParameters):
    """One competition's file format, complete: writer, reader and checker follow from it alone.

    With `rows: image_class` a sample has one row a class, named by the template `id` or by a second
    key column. A cell of `value: rle` is one mask as runs, or `empty`.
    """

    task: TaskName = "classify"
    kind: TaskKind
    classes: tuple[str, ...] = ()

    @cached_property
    def header(self) -> list[str]:
        return list(self.columns)

    @cached_property
    def key_columns(self) -> list[int]:
        """Positions of the columns that name a row."""
        keys = {"id"} | CLASS_FIELDS
        return [i for i, field in enumerate(self.columns.values()) if field in keys]

    @cached_property
    def value_column(self) -> int:
        """Position of the one value column."""
        return list(self.columns.values()).index("value")

    @property
    def n_masks(self) -> int:
        """How many masks an image has: one, or one a class."""
        return 1 if self.kind == "binary" else len(self.classes)

    @property
    def mask_classes(self) -> tuple[str, ...]:
        """The names of the masks of an image."""
        return ("foreground",) if self.kind == "binary" else self.classes

    @cached_property
    def prob_columns(self) -> dict[int, int]:
        """Position of each column of one class, mapped to the class's index."""
        index = {name: i for i, name in enumerate(self.classes)}
        found: dict[int, int] = {}
        for position, field in enumerate(self.columns.values()):
            match = PROB_FIELD.fullmatch(field)
            if match:
                found[position] = index[match.group(1)]
        return found

    @property
    def wide(self) -> bool:
        """Is there one column a class?"""
        return bool(self.prob_columns)

    @property
    def n_cells(self) -> int:
        """How many value cells an image has: one, or one a class, in columns or rows."""
        by_class = self.wide or self.rows == "image_class"
        return max(1, len(self.classes)) if by_class else 1

    def key(self, cells: Sequence[str]) -> str:
        """Return the name of the row with these `cells`."""
        return KEY_SEPARATOR.join(cells[i] for i in self.key_columns)

    def row_cells(self, sample_id: str, index: int | None, values: Sequence[str]) -> list[str]:
        """Return the cells of one row; `values` go to the value columns in order of the classes."""
        name = "" if index is None else self.classes[index]
        number = None if index is None else index + 1
        named = self.id.format(id=sample_id, index=index, number=number, **{"class": name})
        plain = {"id": named, "class": str(index), "class_number": str(number), "class_name": name}
        cells: list[str] = []
        for position, field in enumerate(self.columns.values()):
            if field in plain:
                cells.append(plain[field])
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
    task = competition.scored_task
    parameters = {name: getattr(spec, name) for name in FormatParameters.model_fields}
    parameters |= {"columns": columns, "value": _value(competition, columns)}
    form = Format(
        **parameters,
        task=task,
        kind=competition.tasks[task],
        classes=tuple(competition.classes_of(task)),
    )
    problems = list(misfits(form))
    if problems:
        raise DataError(
            "the submission format does not fit: " + "; ".join(problems),
            where=competition.root / "competition.yaml",
            fix="mend submission.columns, submission.rows or submission.value",
        )
    return form


def _value(competition: Competition, columns: dict[str, str]) -> ValueKind:
    """Return what stands in a cell; the task and the columns say it where the spec does not."""
    spec, task = competition.submission, competition.scored_task
    kind, is_said = competition.tasks[task], "value" in competition.submission.model_fields_set
    if task == "segment":
        return spec.value if is_said else "rle"
    wide = any(PROB_FIELD.fullmatch(field) for field in columns.values())
    if wide and not (kind == "multilabel" and is_said):
        return "prob"
    return "scalar" if kind == "regression" and not is_said else spec.value


def expected_keys(competition: Competition, form: Format) -> tuple[list[str], str]:
    """Return the rows that a submission must have, in order, and where that is said.

    The sample's ids win over the test folder's: they are the list that the host scores by.
    """
    sample = sample_path(competition)
    if sample is not None:
        return _keys_of_file(sample, form), sample.name
    from podium.competition.samples import load_samples

    units = load_samples(competition, "test")["unit"]
    return list(form.keys(dict.fromkeys(str(unit) for unit in units))), "the test set"


def _columns_from_sample(competition: Competition) -> dict[str, str]:
    sample = sample_path(competition)
    if sample is None:
        return {"id": "id"} | _default_values(competition)
    header, _ = read_table(sample)
    first, *rest = header
    if len(rest) == 1:
        return {first: "id", rest[0]: "value"}
    classes = competition.classes_of(competition.scored_task)
    unknown = [name for name in rest if name not in classes]
    if not rest or unknown:
        raise DataError(
            f"columns that are no class: {some(unknown)}" if rest else "there is only one column",
            where=f"{sample}:1",
            fix="write submission.columns in competition.yaml: a field for each column, as "
            "{id: id, class: class_name, rle: value}",
        )
    return {first: "id"} | {name: f"prob[{name}]" for name in rest}


def _default_values(competition: Competition) -> dict[str, str]:
    if competition.scored_task == "segment":
        return {"rle": "value"}
    wide = competition.submission.value == "prob" and competition.kind in (
        "multiclass",
        "multilabel",
    )
    if wide and competition.submission.rows == "image":
        return {name: f"prob[{name}]" for name in competition.classes}
    return {"label": "value"}


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

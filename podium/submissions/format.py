"""The format of a submission file: its columns, what stands in a cell, the rows it must have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from podium.competition.format_spec import FormatParameters, ValueKind
from podium.competition.spec import Competition, TaskKind, TaskName
from podium.errors import DataError, some
from podium.submissions import values
from podium.submissions.header import columns_of, sample_path, sample_with_rows
from podium.submissions.misfits import CLASS_FIELDS, PROB_FIELD, TEXT_FIELD, misfits

__all__ = ["Format", "expected_keys", "format_of", "sample_path"]

KEY_SEPARATOR = " / "


class Format(FormatParameters):
    """One competition's file format, complete: writer, reader and checker follow from it alone.

    With `rows: image_class` a sample has one row a class, named by the template `id` or by a second
    key column. What a cell holds is said in `podium.submissions.values`.
    """

    task: TaskName = "classify"
    kind: TaskKind
    classes: tuple[str, ...] = ()

    @cached_property
    def header(self) -> list[str]:
        return list(self.columns)

    @cached_property
    def key_columns(self) -> list[int]:
        """Positions of the columns that name a row; of objects, their image."""
        keys = {"id"} if self.rows == "instance" else {"id"} | CLASS_FIELDS
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

    def named(
        self,
        sample_id: str,
        index: int | None = None,
        *,
        row: int | None = None,
        column: int | None = None,
    ) -> str:
        """Return the id of a row: of a sample, of its class `index`, or of one pixel of it.

        `row` and `column` count from 0; the file counts from `index_base`.
        """
        name = self.classes[index] if index is not None and self.classes else ""
        number = None if index is None else index + 1
        pixel = {} if row is None else {"row": row + self.index_base}
        pixel |= {} if column is None else {"column": column + self.index_base}
        return self.id.format(id=sample_id, index=index, number=number, **{"class": name}, **pixel)

    def row_cells(
        self,
        sample_id: str,
        index: int | None,
        values: Sequence[str],
        *,
        size: tuple[int, int] | None = None,
        row: int | None = None,
        column: int | None = None,
    ) -> list[str]:
        """Return the cells of one row; `values` go to the value columns in order of the classes.

        Args:
            sample_id: of the image or its unit.
            index: of the class that the row is of, if any.
            values: the texts of the value cells.
            size: (height, width) of the mask, for columns that hold it.
            row, column: of the pixel, from 0, with `rows: pixel`.
        """
        name = self.classes[index] if index is not None and self.classes else ""
        plain = {
            "id": self.named(sample_id, index, row=row, column=column),
            "class": "" if index is None else str(index),
            "class_number": "" if index is None else str(index + 1),
            "class_name": name,
            "height": "" if size is None else str(size[0]),
            "width": "" if size is None else str(size[1]),
        }
        cells: list[str] = []
        for position, field in enumerate(self.columns.values()):
            if field in plain:
                cells.append(plain[field])
            elif field == "value":
                cells.append(values[0])
            elif match := TEXT_FIELD.fullmatch(field):
                cells.append(match.group(1))
            else:
                cells.append(values[self.prob_columns[position]])
        return cells

    def keys(self, ids: Iterable[str]) -> Iterator[str]:
        """Yield the names of the rows that samples `ids` need, in order.

        With `rows: instance` it is one name a sample, which any number of rows may have; of the
        rows of pixels nothing is known without sizes.
        """
        blank = [""] * max(1, len(self.classes))
        for sample_id in ids:
            for index in range(len(self.classes)) if self.rows == "image_class" else [None]:
                yield self.key(self.row_cells(sample_id, index, blank))


def format_of(competition: Competition) -> Format:
    """Return the complete format of `competition`; what its spec leaves open comes from the sample.

    The names of a preset's columns are those of the sample where the two differ: pages and the
    files that hosts score do not always agree, and the sample is what the host made.

    Raises:
        DataError: the sample is missing, its header cannot be understood, or columns, value and
            task do not fit together.
    """
    spec = competition.submission
    task = competition.scored_task
    columns = columns_of(competition)
    parameters = {name: getattr(spec, name) for name in FormatParameters.model_fields}
    parameters |= {"columns": columns, "value": _value(competition, columns)}
    if parameters["value"] == "topk" and spec.unknown is None:
        parameters["unknown"] = competition.open_set
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
    if wide and not (is_said and (kind == "multilabel" or values.is_graded(spec.value))):
        return "prob"
    return "scalar" if kind == "regression" and not is_said else spec.value


def expected_keys(competition: Competition, form: Format) -> tuple[list[str], str]:
    """Return the rows that a submission must have, in order, and where that is said.

    The sample's ids win over the test folder's: they are the list that the host scores by.
    """
    sample = sample_with_rows(competition)
    if sample is not None:
        return _keys_of_file(sample, form), sample.name
    from podium.competition.samples import load_samples

    # Masks are written an image at a time, also where their metric looks at whole volumes.
    named = "unit" if competition.scores_units else "id"
    units = load_samples(competition, "test")[named]
    return list(form.keys(dict.fromkeys(str(unit) for unit in units))), "the test set"


def _keys_of_file(path: Path, form: Format) -> list[str]:
    from podium.submissions.expected import SampleKeys

    keys = list(SampleKeys(path, form))
    if form.rows == "instance":
        return list(dict.fromkeys(keys))
    if len(set(keys)) != len(keys):
        repeated = [key for key, count in Counter(keys).items() if count > 1]
        raise DataError(
            f"the same id stands more than once: {some(repeated)}",
            where=path,
            fix="remove the repeated rows",
        )
    return keys

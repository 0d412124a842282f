"""The format of a submission file: its columns, what stands in a cell, the rows it must have.

Columns are spelt out in competition.yaml, come from a preset, or are read off the header of the
sample submission. A format whose parts contradict one another is refused with one sentence for each
contradiction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations, islice, permutations
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    model_serializer,
)

from podium.competition.ids.patterns import Pattern
from podium.competition.presets import find_preset
from podium.competition.sections.submission import (
    OBJECT_ROW,
    AnswerColumn,
    FileForm,
    FormatParameters,
    ValueKind,
    answer_columns,
)
from podium.competition.spec import Competition
from podium.competition.spelling import numbered_names
from podium.errors import DataError, either, plural, some, suggest
from podium.submissions import values
from podium.submissions.format.csv_text import CsvLine, of_competition, read_lines
from podium.submissions.values import is_graded
from podium.tasks.protocols.find import find_kind, image_kind, is_kind_name, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, TaskName
from podium.tasks.protocols.outputs import by_output, output_names

__all__ = [
    "CLASS_FIELDS",
    "EACH_CLASS",
    "SubmissionFormat",
    "class_column",
    "format_of",
    "misfits",
    "number_cell",
    "sample_path",
    "sample_with_rows",
]


KEY_SEPARATOR = " / "


def _kind_of_task(name: Any, info: ValidationInfo) -> Kind:
    """Return the kind `name` of the format's task, which was read before it."""
    task: TaskName = info.data.get("task", IMAGES)
    if not is_kind_name(task, name):
        raise ValueError(f"there is no {task}: {name}; kinds are {', '.join(kind_names(task))}")
    return find_kind(task, name)


T = TypeVar("T")


class SubmissionFormat(FormatParameters):
    """One competition's file format, complete: writer, reader and checker follow from it alone.

    With `rows: image_class` a sample has one row a class, named by the template `id` or by a second
    key column. `podium.submissions.values` describes the content of a cell.

    A row of several answers has `parts`: a format of one answer for each, over the same rows, whose
    columns are some of the file's. `task` and `kind` are then those of the leading part.
    """

    task: TaskName = IMAGES
    kind: Annotated[Kind, PlainValidator(_kind_of_task), PlainSerializer(str, return_type=str)]
    classes: tuple[str, ...] = ()
    column_decimals: tuple[int | None, ...] = ()
    """The digits of the column of each class, in order; () where all have `decimals`."""
    parts: tuple[SubmissionFormat, ...] = ()

    @model_serializer(mode="wrap")
    def _without_rare_defaults(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        found: dict[str, Any] = dump(self)
        # Other files are as they were.
        for name in ("parts", "empty_mask", "range", "file", "index_step", "column_decimals"):
            if getattr(self, name) == type(self).model_fields[name].default:
                found.pop(name, None)
        return found

    @cached_property
    def answers(self) -> tuple[SubmissionFormat, ...]:
        """The formats of its answers: the parts, or itself alone."""
        return self.parts or (self,)

    def answer_of(self, task: TaskName) -> SubmissionFormat:
        """Return the format of the first answer of `task`.

        Raises:
            DataError: no column holds one.
        """
        for one in self.answers:
            if one.task == task:
                return one
        raise DataError(
            f"no column of a submission holds what {task} predicts: {some(self.header)}",
            fix="add it to submission.columns",
        )

    @cached_property
    def answer_names(self) -> list[str]:
        """The names of the columns that hold values, in order."""
        fields = self.columns.items()
        return [name for name, one in fields if one == "value" or PROB_FIELD.fullmatch(one)]

    @cached_property
    def header(self) -> list[str]:
        return list(self.columns)

    @property
    def rows_are_objects(self) -> bool:
        """Whether a row is one object of an image."""
        return self.rows == OBJECT_ROW

    @property
    def may_lack_rows(self) -> bool:
        """Whether an image without objects has no row."""
        return self.rows_are_objects and self.empty_row == "drop"

    @cached_property
    def key_columns(self) -> list[int]:
        """Positions of the columns that name a row; of objects, their image."""
        keys = {"id"} if self.rows_are_objects else {"id"} | CLASS_FIELDS
        return [i for i, field in enumerate(self.columns.values()) if field in keys]

    @cached_property
    def value_column(self) -> int:
        """Position of the one value column."""
        return list(self.columns.values()).index("value")

    @property
    def empty_cell(self) -> str | None:
        """The cell of an empty mask; None where a blank one is none, as counts tell all pixels."""
        are_counts = self.value == "rle" and self.rle.counts and not self.rows_are_objects
        is_counted = are_counts and not self.empty and self.file.kind != "png"
        return None if is_counted else self.empty

    @property
    def n_masks(self) -> int:
        """Number of masks of an image: one, or one a class."""
        return 1 if self.kind.is_yes_no else len(self.classes)

    @property
    def mask_classes(self) -> tuple[str, ...]:
        """The names of the masks of an image."""
        return ("foreground",) if self.kind.is_yes_no else self.classes

    @cached_property
    def png_values(self) -> dict[str, int]:
        """The pixel value of background and of each class in PNGs to send, of a colour 0xRRGGBB.

        Of PNGs of one mask it is that of foreground. There is none of background where 0 is a
        class, and nothing names another value: then each pixel must be of a class.
        """
        names = self.png_names
        if not self.file.mask_values:
            only = len(names) == 1
            return {"background": 0} | {
                name: 255 if only else number for number, name in enumerate(names, start=1)
            }
        found = {
            name: int(value[1:], 16) if isinstance(value, str) else value
            for value, name in self.file.mask_values.items()
        }
        if self.kind.is_yes_no and len(self.classes) == 2:  # train may call them so, too
            for name, other in zip(("background", "foreground"), self.classes, strict=True):
                if other in found and name not in found:
                    found[name] = found.pop(other)
        elif self.kind.is_yes_no and len(self.classes) == 1 and self.classes[0] in found:
            found["foreground"] = found.pop(self.classes[0])
        if 0 not in found.values():
            found.setdefault("background", 0)
        return found

    def png_value(self, value: int) -> int | str:
        """Return a pixel value of `png_values` as `competition.yaml` writes it."""
        return f"#{value:06x}" if self.file.has_colours else value

    @property
    def png_names(self) -> tuple[str, ...]:
        """The names of what a PNG to send shows."""
        is_of_one = self.file.is_by_class or self.kind.is_yes_no
        return ("foreground",) if is_of_one else self.classes

    @property
    def is_by_output(self) -> bool:
        """Whether a value cell holds the class of one of several outputs."""
        return self.kind.is_by_output and not is_graded(self.value)

    @cached_property
    def has_rows_of_outputs(self) -> bool:
        """Whether a row is of an image and one of several outputs, with a column for each class."""
        has_columns = any(map(PROB_FIELD.fullmatch, self.columns.values()))
        is_graded_output = self.kind.is_by_output and is_graded(self.value)
        return self.rows == "image_class" and is_graded_output and has_columns

    @property
    def row_names(self) -> tuple[str, ...]:
        """The names of what has a row each with `rows: image_class`: the classes, or outputs."""
        is_of_outputs = self.is_by_output or self.has_rows_of_outputs
        return tuple(output_names(self.classes)) if is_of_outputs else self.classes

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of what may have a column each: the classes, those of an output, or outputs."""
        return _column_names(
            self.classes, self.kind, of_outputs=self.is_by_output, shared=self.has_rows_of_outputs
        )

    @cached_property
    def prob_columns(self) -> dict[int, int]:
        """Position of each column of one class or output, mapped to its index."""
        index = {name: i for i, name in enumerate(self.column_names)}
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
        """Number of value cells of an image: one, or one a class, in columns or rows."""
        by_class = self.wide or self.rows == "image_class"
        names = output_names(self.classes) if self.is_by_output else self.classes
        return max(1, len(names)) if by_class else 1

    @property
    def n_cells_of_row(self) -> int:
        """Number of value cells of a row: one, or one a column."""
        return len(self.prob_columns) if self.wide else 1

    @property  # kept, it would hold the format itself
    def of_cells(self) -> tuple[SubmissionFormat, ...]:
        """The format of each value cell of an image: itself, or with what is of its column.

        That is the number of its digits, or the classes of its output.
        """
        if self.is_by_output:
            return tuple(
                SubmissionFormat(
                    value=self.value,
                    item=self.item,
                    columns={"id": "id", "value": "value"},
                    kind=image_kind("multiclass"),
                    classes=tuple(names),
                )
                for names in by_output(self.classes).values()
            )
        if not self.column_decimals:
            return (self,) * self.n_cells
        return tuple(
            self.model_copy(update={"decimals": digits, "column_decimals": ()})
            for digits in self.column_decimals
        )

    def per_cell(self, make: Callable[[SubmissionFormat], T]) -> list[T]:
        """Return what `make` returns for the format of each value cell; cells of one share it."""
        if not self.column_decimals and not self.is_by_output:
            return [make(self)] * self.n_cells
        return [make(one) for one in self.of_cells]

    @cached_property
    def numbers_objects(self) -> bool:
        """Whether the id of a row numbers the objects of its image."""
        return self.rows_are_objects and OBJECT_IN_ID in self.id

    def key(self, cells: Sequence[str]) -> str:
        """Return the name of the row with these `cells`; of objects, that of their image."""
        if self.numbers_objects:
            return self.image_name(cells[self.key_columns[0]])
        return KEY_SEPARATOR.join(cells[i] for i in self.key_columns)

    def image_name(self, cell: str) -> str:
        """Return the id of a row with `*` for the number of its object.

        A cell of another form is returned as it is.
        """
        found = self._object_regex.fullmatch(cell)
        return cell if found is None else self.named(found["id"])

    def object_number(self, cell: str) -> int | None:
        """Return the number of the object that the id of a row has; None for one of other form."""
        found = self._object_regex.fullmatch(cell)
        return None if found is None else int(found["object"])

    @cached_property
    def _object_regex(self) -> re.Pattern[str]:
        groups = {"{id}": "(?P<id>.+)", OBJECT_IN_ID: "(?P<object>[0-9]+)"}
        parts = re.split(r"(\{id\}|\{object\})", self.id)
        return re.compile("".join(groups.get(one, re.escape(one)) for one in parts))

    def named(
        self,
        sample_id: str,
        index: int | None = None,
        *,
        row: int | None = None,
        column: int | None = None,
        place: int | None = None,
    ) -> str:
        """Return the id of a row: of a sample, of its class `index`, one pixel or object of it.

        `row`, `column` and `place` count from 0; the file counts from `index_base`, pixels by
        `index_step`. Without a place
        the number of an object is `*`.
        """
        name = self.row_names[index] if index is not None and self.classes else ""
        number = None if index is None else index + 1
        places = {"row": row, "column": column}
        pixel: dict[str, int | str] = {
            name: at * self.index_step + self.index_base
            for name, at in places.items()
            if at is not None
        }
        if self.numbers_objects:
            pixel["object"] = "*" if place is None else place + self.index_base
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
        place: int | None = None,
        conf: str = "",
    ) -> list[str]:
        """Return the cells of one row; `values` go to the value columns in order of the classes.

        Args:
            sample_id: of the image or its unit.
            index: of the class or the output that the row is of, if any.
            values: the texts of the value cells of the row.
            size: (height, width) of the mask, for columns that hold it.
            row, column: of the pixel, from 0, with `rows: pixel`.
            place: of the object in its image, from 0, with `rows: instance`.
            conf: how sure the object is.
        """
        name = self.row_names[index] if index is not None and self.classes else ""
        plain = {
            "id": self.named(sample_id, index, row=row, column=column, place=place),
            "class": "" if index is None else str(index),
            "class_number": "" if index is None else str(index + 1),
            "class_name": name,
            "height": "" if size is None else str(size[0]),
            "width": "" if size is None else str(size[1]),
            "conf": conf,
        }
        cells: list[str] = []
        for position, field in enumerate(self.columns.values()):
            if field in plain:
                cells.append(plain[field])
            elif field == "value":
                cells.append(values[0])
            elif match := TEXT_FIELD.fullmatch(field):
                cells.append(match.group(1))
            elif FILE_FIELD.fullmatch(field):
                cells.append("")  # filled in where rows are written
            else:
                cells.append(values[self.prob_columns[position]])
        return cells

    def keys(self, ids: Iterable[str]) -> Iterator[str]:
        """Yield the names of the rows that samples `ids` need, in order.

        With `rows: instance` it is one name a sample, which any number of rows may have; rows of
        pixels have no names without sizes.
        """
        blank = [""] * max(1, len(self.classes))
        for sample_id in ids:
            for index in range(len(self.row_names)) if self.rows == "image_class" else [None]:
                yield self.key(self.row_cells(sample_id, index, blank))


def format_of(competition: Competition) -> SubmissionFormat:
    """Return the complete format of `competition`; what its spec leaves open comes from the sample.

    The names of a preset's columns are those of the sample where the two differ: pages and the
    files that hosts score do not always agree, and the sample is what the host made.

    Raises:
        DataError: the sample is missing, its header cannot be understood, or columns, value and
            task do not fit together.
    """
    spec = competition.submission
    if listed := answer_columns(spec):
        return _of_answers(competition, listed)
    if len(competition.scored_tasks) > 1:
        raise DataError(
            f"the score is made of {' and '.join(competition.scored_tasks)}, and "
            "submission.columns does not say where a row has each",
            where=competition.root / "competition.yaml",
            fix="write a list, as [{name: id, value: id}, {name: label, value: label, task: "
            "classify}, {name: rle, value: rle, task: segment}]",
        )
    task = competition.scored_task
    columns = columns_of(competition)
    parameters = {name: getattr(spec, name) for name in FormatParameters.model_fields}
    parameters |= {
        "file": _file_at(competition),
        "columns": columns,
        "value": _value(competition, columns),
    }
    if parameters["value"] == "topk" and spec.unknown is None:
        parameters["unknown"] = competition.open_set
    form = SubmissionFormat(
        **parameters,
        task=task,
        kind=competition.tasks[task],
        classes=tuple(competition.classes_of(task)),
    )
    _refuse_misfits(competition, list(misfits(form)))
    return form


def _file_at(competition: Competition) -> FileForm:
    """Return the form of the file, with the places of its tables of row ids.

    The pixel values of PNGs are those of the masks of train where these have all classes.
    """
    file = competition.submission.file
    given = {"lookup": file.lookup, "ids": file.ids}
    placed: dict[str, object] = {
        name: one.model_copy(update={"table": str(competition.root / one.table)})
        for name, one in given.items()
        if one is not None
    }
    if file.kind == "png" and not file.mask_values and not file.is_by_class:
        placed |= _values_of_train(competition)
    return file.model_copy(update=placed) if placed else file


def _values_of_train(competition: Competition) -> dict[str, object]:
    """Return `mask_values` with what the masks of train have; {} of two values, and of colours."""
    values, names = competition.data.train.mask_values or {}, {"background", *competition.classes}
    own = {
        value: name
        for value, name in values.items()
        if isinstance(value, int) and 0 <= value <= 255 and name in names
    }
    has_all = set(own.values()) >= set(competition.classes)
    is_of_classes = competition.scores_masks and not competition.mask_kind.is_yes_no
    return {"mask_values": own} if own and has_all and is_of_classes else {}


def _refuse_misfits(competition: Competition, problems: Sequence[str]) -> None:
    if problems:
        raise DataError(
            "the submission format does not fit: " + "; ".join(problems),
            where=competition.root / "competition.yaml",
            fix=_fix_of_misfits(problems),
        )


def _fix_of_misfits(problems: Sequence[str]) -> str:
    """Return which key is to be mended: that of the file, where each problem begins with one."""
    keys = [found and found[0] for found in map(_FILE_KEY.match, problems)]
    if all(keys):
        return "mend " + " and ".join(dict.fromkeys(f"submission.{one}" for one in keys))
    return "mend submission.columns, submission.rows or submission.value"


_FILE_KEY = re.compile(r"file\.(?:mask_values|digits)\b")
"""Of a problem that this key alone has: others may as well be those of the rows."""


def _of_answers(competition: Competition, listed: Sequence[AnswerColumn]) -> SubmissionFormat:
    """Return the format of a file whose columns are a list: a part for each answer of a row."""
    spec = competition.submission
    shared = {one.name: one.value for one in listed if not one.is_answer}
    columns = dict(shared)
    parts: list[SubmissionFormat] = []
    for task, entries in _by_answer(competition, listed):
        own = _columns_of_entries(entries, _names_of_columns(competition, task))
        columns |= own
        parts.append(_part(competition, task, entries, shared, own, is_first=not parts))
    order = _order(competition, listed, columns)
    parts = [
        _with_columns(one, {name: one.columns[name] for name in order if name in one.columns})
        for one in parts
    ]
    problems = [
        f"column {some(one.answer_names)}: {why}" if len(parts) > 1 else why
        for one in parts
        for why in misfits(one)
    ]
    leading = next((one for one in parts if one.kind.is_of_pixels), parts[0])
    if len(parts) == 1:
        _refuse_misfits(competition, problems)
        return leading
    _refuse_misfits(competition, [*problems, *_misfits_of_several(parts)])
    return SubmissionFormat(
        rows=spec.rows,
        id=spec.id,
        index_base=spec.index_base,
        columns={name: columns[name] for name in order},
        value=leading.value,
        empty_row=spec.empty_row,
        file=_file_at(competition),
        task=leading.task,
        kind=leading.kind,
        classes=tuple(competition.classes),
        parts=tuple(parts),
    )


def _by_answer(
    competition: Competition, listed: Sequence[AnswerColumn]
) -> list[tuple[TaskName, list[AnswerColumn]]]:
    """Return the task and the entries of each answer: one, or of probabilities one a class."""
    found: list[tuple[TaskName, list[AnswerColumn]]] = []
    wide: dict[TaskName, list[AnswerColumn]] = {}
    for one in listed:
        if not one.is_answer:
            continue
        task = one.task or competition.scored_task
        if not one.is_of_class:
            found.append((task, [one]))
        elif task in wide:
            wide[task].append(one)
        else:
            wide[task] = [one]
            found.append((task, wide[task]))
    return found


def _columns_of_entries(entries: Sequence[AnswerColumn], names: Sequence[str]) -> dict[str, str]:
    """Return the columns of one answer, with one of each class in the place of `prob[*]`."""
    fields = {one.name: one.value if one.is_of_class else "value" for one in entries}
    return _written_out(fields, names)


def _part(
    competition: Competition,
    task: TaskName,
    entries: Sequence[AnswerColumn],
    shared: Mapping[str, str],
    own: Mapping[str, str],
    *,
    is_first: bool,
) -> SubmissionFormat:
    """Return the format of one answer; of columns that name no row the first part has the texts."""
    spec, kind = competition.submission, competition.tasks[task]
    is_of_pixels = kind.is_of_pixels
    parameters = {name: getattr(spec, name) for name in FormatParameters.model_fields}
    for one in entries:
        parameters |= one.options
    value, classes = entries[0].value, tuple(competition.classes_of(task))
    column_decimals: tuple[int | None, ...] = ()
    if entries[0].is_of_class:
        value = number_cell(kind) if kind.has_number_columns else "prob"
        names = _names_of_columns(competition, task)
        column_decimals = _decimals_of_columns(entries, names, otherwise=spec.decimals)
        column_decimals *= len(classes) // len(names)  # rows of outputs share their columns
        parameters["decimals"] = spec.decimals
    if spec.rows == OBJECT_ROW and not is_of_pixels:
        parameters["rows"] = "image"  # each row of an object repeats the answer of its image
        shared = {name: field for name, field in shared.items() if field not in CLASS_FIELDS}
    kept = {
        name: field
        for name, field in shared.items()
        if (field not in SIZE_FIELDS or is_of_pixels)
        and (is_first or not (TEXT_FIELD.fullmatch(field) or FILE_FIELD.fullmatch(field)))
    }
    return SubmissionFormat(
        **{**parameters, "columns": {**kept, **own}, "value": value},
        task=task,
        kind=kind,
        classes=classes,
        column_decimals=column_decimals,
    )


def _decimals_of_columns(
    entries: Sequence[AnswerColumn], classes: Sequence[str], *, otherwise: int | None
) -> tuple[int | None, ...]:
    """Return the digits of the column of each class; () where no column has its own."""
    if all(one.decimals is None for one in entries):
        return ()
    own: dict[str, int | None] = {}
    for one in entries:
        for field in _written_out({one.name: one.value}, classes).values():
            match = PROB_FIELD.fullmatch(field)
            if match is not None and one.decimals is not None:
                own[match.group(1)] = one.decimals
    return tuple(own.get(name, otherwise) for name in classes)


def _with_columns(form: SubmissionFormat, columns: dict[str, str]) -> SubmissionFormat:
    return SubmissionFormat(
        **{name: getattr(form, name) for name in FormatParameters.model_fields}
        | {"columns": columns},
        task=form.task,
        kind=form.kind,
        classes=form.classes,
        column_decimals=form.column_decimals,
    )


def _order(
    competition: Competition, listed: Sequence[AnswerColumn], columns: Mapping[str, str]
) -> list[str]:
    """Return the names of the columns in the order of the list, of classes as they are written.

    Raises:
        DataError: the sample has other columns, or in another order.
    """
    named = {one.name for one in listed}
    order = [
        name
        for one in listed
        for name in (
            [one.name]
            if one.value not in EACH_CLASS
            else [name for name in columns if name not in named]
        )
    ]
    sample = sample_path(competition)
    if sample is not None and (header := _header(sample)) != order:
        raise DataError(
            f"the sample's columns are {some(header)}, those of the format {some(order)}",
            where=f"{sample}:1",
            fix="list the columns of submission.columns as the sample has them",
        )
    return order


def _misfits_of_several(parts: Sequence[SubmissionFormat]) -> Iterator[str]:
    """Yield why answers cannot share their rows."""
    first = parts[0]
    if first.rows == "pixel":
        yield "a row of a pixel holds one answer"
    if first.file.kind == "png":
        yield "a PNG holds one answer: a ZIP of them has no columns of several"
    if first.rows == "image_class" and len({one.classes for one in parts}) > 1:
        yield "rows: image_class need the same classes in both tasks"
    for one, other in combinations(parts, 2):
        own, others = (part.model_dump(exclude={"columns"}) for part in (one, other))
        if own == others and not (one.wide or other.wide):
            yield (
                f"columns {some([*one.answer_names, *other.answer_names])} would hold the same "
                "answer; a column for each place of a ranking is submission.file.ranked"
            )
    lacks_rows = any(one.may_lack_rows for one in parts)
    if lacks_rows and any(not one.rows_are_objects for one in parts):
        yield "empty_row: drop leaves an image without a row, and so without its other answers"


def _value(competition: Competition, columns: dict[str, str]) -> ValueKind:
    """Return the kind of cell values; it follows from task and columns where the spec has none."""
    spec, task = competition.submission, competition.scored_task
    kind, is_set = competition.tasks[task], "value" in competition.submission.model_fields_set
    if kind.is_of_pixels:
        return spec.value if is_set else "rle"
    wide = any(PROB_FIELD.fullmatch(field) for field in columns.values())
    if kind.has_number_columns:
        return number_cell(kind)
    if kind.is_by_output:
        return spec.value if is_set else "prob" if _are_graded(spec) else "name"
    if wide and not (is_set and (kind.is_by_class or values.is_graded(spec.value))):
        return "prob"
    return number_cell(kind) if kind.is_continuous and not is_set else spec.value


def number_cell(kind: Kind) -> ValueKind:
    """Return the name of the value that holds the numbers of `kind`: the kind's own, or scalar."""
    return kind.cell or "scalar"


EACH_CLASS = frozenset({"prob[*]", "value[*]"})
"""Fields that stand for a column each class."""


def class_column(kind: Kind, name: str) -> str:
    """Return the field of the column of one class: of its probability, or of its number.

    Example:
        >>> from podium.tasks.protocols.find import image_kind
        >>> class_column(image_kind("multilabel"), "cat")
        'prob[cat]'
    """
    return f"{'value' if kind.has_number_columns or kind.is_by_output else 'prob'}[{name}]"


_FIX = (
    "write submission.columns in competition.yaml: a field for each column, as "
    "{id: id, class: class_name, rle: value}"
)


def sample_path(competition: Competition) -> Path | None:
    """Return where the sample submission lies, or None when the competition names none."""
    name = competition.submission.sample
    return None if name is None else competition.root / name


def sample_with_rows(competition: Competition) -> Path | None:
    """Return the path of the sample submission that lists the rows, or None.

    A code competition may hand out a header alone: its rows come with the hidden test images, so
    until then they are those of the test images that are there.

    Raises:
        DataError: the sample of a code competition cannot be read.
    """
    sample = sample_path(competition)
    if sample is None or competition.kaggle.kind != "code":
        return sample
    return sample if any(line.cells for line in islice(_lines(sample), 1, None)) else None


def columns_of(competition: Competition) -> dict[str, str]:
    """Return the field of each column, in order, `prob[*]` written out.

    Raises:
        DataError: the sample's header cannot be read or understood.
    """
    spec, sample = competition.submission, sample_path(competition)
    kind = competition.tasks[competition.scored_task]
    classes = _names_of_columns(competition, competition.scored_task)
    columns = _written_out(spec.columns, classes)
    if not columns:
        if sample is None or spec.file.kind == "png":
            return _usual(competition)
        return _of_header(sample, classes, kind)
    if sample is None:
        return columns
    is_preset = spec.preset is not None and spec.columns == _columns_of_preset(spec.preset)
    if is_preset or EACH_CLASS & set(spec.columns.values()):
        return _with_the_names_of(sample, _header(sample), columns)
    return columns


def _names_of_columns(competition: Competition, task: TaskName) -> list[str]:
    """Return what may have a column each: classes, or outputs; of rows of outputs their classes."""
    classes, kind = competition.classes_of(task), competition.tasks[task]
    are_graded = _are_graded(competition.submission)
    is_of_class = competition.submission.rows == "image_class"
    return [
        *_column_names(classes, kind, of_outputs=not are_graded, shared=are_graded and is_of_class)
    ]


def _are_graded(spec: FormatParameters) -> bool:
    """Return whether cells grade a class: by `value`, or by the columns where it is left out."""
    if "value" in spec.model_fields_set:
        return is_graded(spec.value)
    return any(field.startswith("prob[") for field in spec.columns.values())


def _column_names(
    classes: Sequence[str], kind: Kind, *, of_outputs: bool, shared: bool
) -> tuple[str, ...]:
    """Return the classes; of several outputs their names, or the classes that they share.

    Args:
        classes: of the task.
        kind: of the task.
        of_outputs: whether a cell is of an output.
        shared: whether a row is of an output, so that a column is of a class of each.
    """
    if not kind.is_by_output or not (of_outputs or shared):
        return tuple(classes)
    return tuple(output_names(classes) if of_outputs else next(iter(by_output(classes).values())))


def _header(sample: Path) -> list[str]:
    """Return the header of the sample; its rows, which may be millions, are not read."""
    first = next(_lines(sample), None)
    if first is None or not first.cells:
        raise DataError("is empty", where=sample, fix="give a file with a header and rows")
    return [cell.strip() for cell in first.cells]


def _lines(sample: Path) -> Iterator[CsvLine]:
    with of_competition(sample):
        yield from read_lines(sample, longest=sample.stat().st_size + 1)


def _columns_of_preset(name: str) -> Mapping[str, str]:
    return find_preset(name).submission.columns


def _written_out(columns: Mapping[str, str], classes: Sequence[str]) -> dict[str, str]:
    """Return `columns` with one of each class in the place of `prob[*]`."""
    found: dict[str, str] = {}
    for column, field in columns.items():
        if field in EACH_CLASS:
            found |= {column.replace("*", name): field.replace("*", name) for name in classes}
        else:
            found[column] = field
    return found


def _with_the_names_of(
    sample: Path, header: Sequence[str], columns: dict[str, str]
) -> dict[str, str]:
    """Return `columns` in the order of the sample, a column of another name by its place."""
    if sorted(header) == sorted(columns):
        return {name: columns[name] for name in header}
    pairs = list(zip(header, columns.items(), strict=False))
    moved = [one for one, (name, _) in pairs if one != name and one in columns]
    of_class = [name for one, (name, field) in pairs if one != name and PROB_FIELD.fullmatch(field)]
    if len(header) != len(columns) or moved or of_class:
        raise DataError(
            f"the sample's columns are {some(header)}, those of the format {some(list(columns))}",
            where=f"{sample}:1",
            fix=_FIX,
        )
    return {one: field for one, (_, field) in pairs}


def _of_header(sample: Path, classes: Sequence[str], kind: Kind) -> dict[str, str]:
    first, *rest = _header(sample)
    if len(rest) == 1:
        return {first: "id", rest[0]: "value"}
    unknown = [name for name in rest if name not in classes]
    if not rest or unknown:
        raise DataError(
            f"columns that are no class: {some(unknown)}" if rest else "there is only one column",
            where=f"{sample}:1",
            fix=_fix_of_ranks(first, rest) or _fix_of_names(unknown, classes) or _FIX,
        )
    return {first: "id"} | {name: class_column(kind, name) for name in rest}


def _fix_of_names(unknown: Sequence[str], classes: Sequence[str]) -> str:
    """Return which class each misspelt column may be; "" where one is like none."""
    near = [suggest(one, classes, "{}", otherwise="") for one in unknown]
    if not all(near):
        return ""
    meant = ", ".join(f"{one} may be {found}" for one, found in zip(unknown, near, strict=True))
    return f"{meant}: mend the header of the sample, or the names below classes"


def _fix_of_ranks(first: str, rest: Sequence[str]) -> str:
    """Return how to write columns that are places of a ranking, as guess_1 to guess_3, or ""."""
    numbered = numbered_names(rest)
    if len(rest) < 2 or [list(one.values()) for one in numbered.values()] != [list(rest)]:
        return ""
    return (
        f"if these are the places of a ranking, write value: topk, k: {len(rest)}, columns: "
        f"{{{first}: id, label: value}} and file: {{ranked: [{', '.join(rest)}]}} below "
        "submission; else submission.columns with a field for each column"
    )


def _usual(competition: Competition) -> dict[str, str]:
    """Return the columns of a competition that sets none and has no sample."""
    spec = competition.submission
    if competition.scores_masks and spec.file.kind == "png":
        of_class = {"class": "class_name"} if spec.rows == "image_class" else {}
        return {"id": "id", **of_class, "rle": "value", "height": "height", "width": "width"}
    if competition.scores_masks:
        return {"id": "id", "rle": "value"}
    kind = competition.kind
    has_several = kind.is_prob and not kind.is_single and is_graded(spec.value)
    if (has_several or kind.has_number_columns) and spec.rows == "image":
        return {"id": "id"} | {name: class_column(kind, name) for name in competition.classes}
    if kind.is_by_output and spec.rows == "image":
        names = _names_of_columns(competition, competition.scored_task)
        return {"id": "id"} | {name: class_column(kind, name) for name in names}
    return {"id": "id", "label": "value"}


PROB_FIELD = re.compile(r"(?:prob|value)\[(.*)\]", re.DOTALL)
TEXT_FIELD = re.compile(r"text\[(.*)\]", re.DOTALL)
FILE_FIELD = re.compile(r"file\[(?P<path>.+)\]", re.DOTALL)
CLASS_FIELDS = frozenset({"class", "class_name", "class_number"})
SIZE_FIELDS = frozenset({"width", "height"})
CONFIDENCE = "conf"
_CLASS_IN_ID = ("{class}", "{index}", "{number}")
_PIXEL_IN_ID = ("{row}", "{column}")
OBJECT_IN_ID: Final = "{object}"
_OF_A_PIXEL = frozenset({"prob", "score", "label", "name", "scalar"})
_NEVER_BLANK = _OF_A_PIXEL
"""The values whose cells hold something, whatever the answer is."""


def taken_from(field: str) -> str | None:
    """Return the path of the file that a column of this field is taken from; None of others.

    Example:
        >>> taken_from("file[../periods/submissions/auto.csv]"), taken_from("value")
        ('../periods/submissions/auto.csv', None)
    """
    match = FILE_FIELD.fullmatch(field)
    return None if match is None else match["path"]


def misfits(form: SubmissionFormat) -> Iterator[str]:
    """Yield why `form` is no format, one sentence each."""
    fields = list(form.columns.values())
    of_class = [match.group(1) for field in fields if (match := PROB_FIELD.fullmatch(field))]
    plain = {"id", "value", CONFIDENCE} | CLASS_FIELDS | SIZE_FIELDS
    with_brackets = (PROB_FIELD, TEXT_FIELD, FILE_FIELD)
    unknown = [
        f for f in fields if f not in plain and not any(one.fullmatch(f) for one in with_brackets)
    ]
    if unknown:
        yield f"unknown fields {some(unknown)}"
    if form.rows == "pixel" and any(map(FILE_FIELD.fullmatch, fields)):
        yield "no column of a row for each pixel is taken from another file"
    names = form.column_names
    foreign = [name for name in of_class if name not in names]
    if foreign:
        yield f"columns of classes that do not exist: {some(foreign)}"
    if form.has_rows_of_outputs and len({*map(tuple, by_output(form.classes).values())}) > 1:
        yield (
            "rows of an image and an output share the columns of their classes, and the outputs "
            "have other classes, or these in another order"
        )
    if fields.count("id") != 1:
        yield "exactly one column must be the id"
    if bool(of_class) == ("value" in fields) or fields.count("value") > 1:
        yield "it needs either one value column or a column for each class"
    if of_class and set(of_class) != set(names):
        missing = [name for name in names if name not in of_class]
        yield f"no column for the classes {some(missing)}"
    if CONFIDENCE in fields and not form.rows_are_objects:
        yield "a column for how sure an object is needs rows: instance"
    if not form.sep and form.value != "labels":
        yield "sep: '' is for value labels, whose classes are one letter each"
    if form.file.flags and form.value != "labels":
        yield "file.flags has a letter for each class of value: labels"
    if form.file.codes and (form.value != "labels" or len(form.file.codes) != len(form.classes)):
        yield "file.codes has a code for each class of value: labels"
    if form.file.decimal == "," == form.sep:
        yield "decimal commas and a comma between the classes of a cell cannot be told apart"
    of_file = {*form.header, *form.file.wide.values(), *re.findall(r"{(.+?)}", form.file.id_of)}
    of_file |= {*form.file.pivot}
    of_file |= set() if form.file.lookup is None else {form.file.lookup.id}
    if strange := sorted(form.file.digits.keys() - of_file):
        yield f"file.digits names {some(strange)}, which the file does not have"
    yield from _of_the_id(form)
    if form.file.kind == "png":
        yield from _of_pngs(form, fields)
    if form.file.wide and (form.rows != "image_class" or "class_name" not in fields):
        yield "file.wide needs rows: image_class, with a column class_name"
    if form.file.wide and set(form.file.wide) != set(form.classes):
        differ = sorted(set(form.file.wide) ^ set(form.classes))
        yield f"file.wide has a column for each of the classes, and {some(differ)} differ"
    if form.file.ids is not None and form.rows != "image":
        yield "file.ids needs rows: image, a row for each id"
    twice = [name for name in Pattern(form.file.id_of).fields if name in form.header]
    if twice:
        yield f"{some(twice)} cannot stand in file.id_of and in columns"
    if form.file.pivot:
        yield from _of_pivot(form, fields)
    value = values.of(form)
    has_masks = isinstance(value, values.MaskValue) and not value.many and not form.rows_are_objects
    if form.empty_mask == "forbid" and not has_masks:
        yield "empty_mask: forbid is for cells of one mask each"
    if form.range is not None and not (value.holds(form.kind) and form.kind.is_continuous):
        yield f"range is for the numbers of a regression, not value {form.value}"
    if form.file.ranked and (form.value != "topk" or form.k != len(form.file.ranked)):
        yield (
            f"file.ranked of {plural(len(form.file.ranked), 'column')} needs value topk with as "
            "large a k"
        )
    for digits in dict.fromkeys(form.column_decimals or (form.decimals,)):
        if digits is None:
            continue
        has_numbers = isinstance(value, values.LabelValue) and value.rounded is not None
        if form.kind.is_of_pixels or not has_numbers:
            yield f"decimals is for numbers of images, not {form.kind} with value {form.value}"
        ends = [one for one in form.range or () if one is not None]
        if any(round(one, digits) != one for one in ends):
            yield f"range {ends} has more digits behind the point than decimals: {digits}"
    if form.kind.is_of_pixels:
        yield from _of_masks(form, fields, wide=bool(of_class))
    elif isinstance(value, values.LabelValue):
        yield from _of_labels(form, value, fields, wide=bool(of_class))
    else:
        yield f"value {form.value} needs a task segment that the metric scores"
    if value.holds(form.kind):
        yield from value.misfits(form)


def _of_pivot(form: SubmissionFormat, fields: Sequence[str]) -> Iterator[str]:
    """Yield why a format is not one whose answers can stand in columns of the last field of ids."""
    if form.rows != "image" or form.parts or "value" not in fields:
        yield "file.pivot needs rows: image, with one column of answers, value"
    twice = {*form.file.pivot} & {*form.header, *Pattern(form.file.id_of).fields}
    if twice:
        yield f"{some(sorted(twice))} cannot stand in file.pivot and be another column of the file"
    if form.value not in _NEVER_BLANK and not form.empty:
        yield "file.pivot takes a blank cell for no row: set submission.empty to another text"


def _of_the_id(form: SubmissionFormat) -> Iterator[str]:
    if "{id}" not in form.id:
        yield f"submission.id {form.id!r} does not hold {{id}}"
    may_use: tuple[str, ...] = _PIXEL_IN_ID if form.rows == "pixel" else _CLASS_IN_ID
    if form.rows_are_objects:
        # Rows of an image have one name, so that no class may stand in it; their number may.
        may_use = (OBJECT_IN_ID,)
    try:
        form.id.format(id="", **{one.strip("{}"): "" for one in may_use})
    except (KeyError, IndexError, ValueError, AttributeError):
        yield f"submission.id {form.id!r} may use {{id}}, {', '.join(may_use)}"


def _of_pngs(form: SubmissionFormat, fields: list[str]) -> Iterator[str]:
    """Yield why the rows of a format are not those of a ZIP of PNGs."""
    if form.value != "rle" or form.rows not in ("image", "image_class") or form.parts:
        yield (
            "file.kind: png is for masks, value rle with rows: image or image_class, one answer a "
            f"row; these are value {form.value} with rows: {form.rows}"
        )
        return
    if not set(fields) >= SIZE_FIELDS:
        yield "file.kind: png needs columns for the size of a mask, height: height and width: width"
    if form.id != "{id}":
        yield f"file.kind: png needs id: '{{id}}', not {form.id!r}: write more into file.name"
    by_class = form.rows == "image_class"
    if form.file.is_by_class and not by_class:
        yield "a PNG for each class (file.name with {class}) needs rows: image_class"
    if by_class and form.kind.is_by_class and not form.file.is_by_class:
        yield "classes of a multilabel task share pixels: write {class} into file.name"
    if not (form.file.is_by_class or form.file.has_colours) and len(form.png_names) > 255:
        yield f"a PNG shows 255 classes, and there are {len(form.png_names)}"
        return
    known = {"background", *form.png_names}
    if strange := sorted(form.png_values.keys() - known):
        yield f"file.mask_values names {some(strange)}; known are {some(sorted(known))}"
    only = ("background",) if len(form.png_names) == 1 else ()
    if absent := [name for name in (*form.png_names, *only) if name not in form.png_values]:
        yield f"file.mask_values lacks {some(absent)}"
    before, _, after = form.file.name.partition("{class}")
    for one, other in permutations(form.classes if form.file.is_by_class else (), 2):
        head = before.rpartition("{id}")[2] + other
        tail = other + after.partition("{id}")[0]
        if "{id}" in before and one.endswith(head):
            yield f"the classes {one!r} and {other!r} cannot be told apart in file.name"
        if "{id}" in after and one.startswith(tail):
            yield f"the classes {one!r} and {other!r} cannot be told apart in file.name"


def _names_class(form: SubmissionFormat, fields: list[str]) -> bool:
    return any(one in form.id for one in _CLASS_IN_ID) or bool(CLASS_FIELDS & set(fields))


def _of_labels(
    form: SubmissionFormat, value: values.LabelValue, fields: list[str], *, wide: bool
) -> Iterator[str]:
    if not value.holds(form.kind):
        yield f"value {form.value} is not possible for {form.kind.named} task"
    if form.rows_are_objects or form.rows == "pixel":
        yield f"rows {form.rows} need a task segment that the metric scores"
    if SIZE_FIELDS & set(fields):
        yield "columns for width and height are those of a mask"
    if form.rows == "image_class":
        if not _names_class(form, fields):
            yield "rows image_class need {class} in submission.id, or a column for the class"
        has_cells = value.of_class is not None or form.is_by_output
        is_wide = wide and not form.has_rows_of_outputs
        if is_wide or not has_cells or form.kind.is_yes_no or form.kind.refuses_classes:
            yield "rows image_class take one value column with prob, score, label or scalar"
        if value.of_class == "flag" and form.kind.is_exclusive:
            yield f"rows image_class with value {form.value} need a multilabel task"
    elif CLASS_FIELDS & set(fields):
        yield "a column for the class needs rows: image_class"
    elif form.is_by_output and not wide:
        yield (
            "a class of each of several outputs needs a column each, as {id: id, colour: "
            "value[colour]}, or rows: image_class"
        )
    elif form.kind.has_number_columns and not wide:
        yield "several numbers need a column each, or rows: image_class"
    elif form.kind.is_by_class and not wide and value.of_class is not None:
        yield f"a multilabel task with one value column needs value labels, not {form.value}"
    elif form.kind.is_exclusive and not wide and value.of_class == "graded":
        yield "probabilities of a multiclass task need a column for each class"


def _of_masks(form: SubmissionFormat, fields: list[str], *, wide: bool) -> Iterator[str]:
    if form.rows == "pixel":
        yield from _of_pixels(form)
    elif not isinstance(values.of(form), values.MaskValue):
        yield f"masks are written as runs, value rle, not {form.value}"
    if wide:
        yield "masks take one value column"
    if form.rows == "image_class":
        if form.kind.is_yes_no:
            yield "a binary mask has one row an image: rows: image"
        elif not _names_class(form, fields):
            yield (
                "rows image_class need {class} or {number} in submission.id, or a column for the "
                "class"
            )
    elif form.rows_are_objects:
        if not form.kind.finds_objects:
            yield f"rows: instance are the objects of a task {{segment: instance}}, not {form.kind}"
    elif CLASS_FIELDS & set(fields):
        yield "a column for the class needs rows: image_class, or rows: instance"
    elif form.rows == "image" and form.kind.finds_objects:
        value = values.of(form)
        if not (isinstance(value, values.MaskValue) and value.many):
            yield f"a cell of value {form.value} holds one mask: write rows: instance for objects"
    elif form.rows == "image" and form.n_masks > 1:
        yield (
            "one row an image holds one mask, and there are "
            f"{either(form.n_masks, 'class', 'classes')}: write "
            "rows: image_class (or rows: pixel, a label for each pixel)"
        )


def _of_pixels(form: SubmissionFormat) -> Iterator[str]:
    absent = [one for one in _PIXEL_IN_ID if one not in form.id]
    if absent:
        yield f"rows: pixel need {some(absent)} in submission.id"
    if form.value not in _OF_A_PIXEL:
        yield f"a pixel has one of {', '.join(sorted(_OF_A_PIXEL))}, not {form.value}"
    if form.kind.finds_objects:
        yield "a pixel holds no objects: set rows: instance"

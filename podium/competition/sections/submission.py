"""The format of a submission file as parameters: every competition's is a choice of them."""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
    field_validator,
    model_validator,
)

from podium.competition.digits import is_zero
from podium.competition.ids.patterns import Pattern
from podium.competition.sections.data import COLOUR, RleSpec, SpecSection, with_numbers
from podium.competition.truths.turns import Directions
from podium.errors import suggest
from podium.tasks.protocols.find import with_kinds
from podium.tasks.protocols.names import TaskName
from podium.workspace.documents import RuleError, refuse_falling

__all__ = [
    "FILE_SUFFIXES",
    "OBJECT_ROW",
    "AnswerColumn",
    "FileForm",
    "FormatParameters",
    "RowKind",
    "ValueKind",
    "answer_columns",
]

RowKind = Literal["image", "image_class", "instance", "pixel"]
OBJECT_ROW: RowKind = "instance"
"""Each row is an object."""
ValueKind = str
"""The name of a file in `podium/submissions/values`."""
# Listed by their file names: that package imports this one, so it cannot be imported here.
_NO_AND_YES = 2
_SEVERAL = 2  # fields of an id, of which the last one may be columns
_VALUES = Path(__file__).parents[2] / "submissions" / "values"


def value_names() -> list[str]:
    """Return the names of the kinds of cell values."""
    folders = map(Path, with_kinds([str(_VALUES)], "values"))
    return sorted(file.stem for folder in folders for file in folder.glob("[!_]*.py"))


def _known_value(value: str) -> str:
    """Return `value`; ValueError, with the nearest name: there is no such value."""
    known = value_names()
    if value not in known:
        hint = suggest(value, known, otherwise=f"choose one of {', '.join(known)}")
        if ":" in value:  # as metrics and losses are named
            hint += "; one of your own is a file of podium/submissions/values, not of the workspace"
        raise ValueError(f"there is no value {value!r}: {hint}")
    return value


_SHARED_FIELDS = re.compile(
    r"id|class|class_name|class_number|width|height|conf|text\[.*\]|file\[.+\]", re.DOTALL
)
_CLASS_COLUMN = re.compile(r"(?:prob|value)\[.*\]", re.DOTALL)


class AnswerColumn(SpecSection):
    """A column of a file with several answers a row: what names the row, or a value of a task.

    What an entry leaves open is as `submission` has it for all columns.
    """

    name: str = Field(description="the column's name; '*' of 'prob[*]' or 'value[*]': the class's")
    value: str = Field(
        description="what stands in it: a field as in the mapping, id, class_name, width, "
        "text[…], file[…], prob[<class>] or value[<class>]; or the name of a value, as label or rle"
    )
    task: TaskName | None = Field(
        default=None, description="whose answer it is; needed where the competition has two tasks"
    )
    k: Annotated[int, Field(ge=1)] | None = None
    item: str | None = None
    unknown: str | None = None
    sep: Annotated[str, Field(min_length=1)] | None = None
    rle: RleSpec | None = None
    empty: str | None = None
    overlap: Literal["allow", "forbid"] | None = None
    decimals: Annotated[int, Field(ge=0, le=15)] | None = Field(
        default=None,
        description="the digits behind the point of its numbers, where those of another column are "
        "more or fewer",
    )

    @property
    def is_answer(self) -> bool:
        """Whether it is a value of a task, and not what names or describes the row."""
        return _SHARED_FIELDS.fullmatch(self.value) is None

    @property
    def is_of_class(self) -> bool:
        """Whether it is of one class, a column of several: its probability, or its number."""
        return _CLASS_COLUMN.fullmatch(self.value) is not None

    @property
    def options(self) -> dict[str, Any]:
        """The parameters of its value that it sets itself."""
        own = self.model_fields_set - {"name", "value", "task"}
        return {name: getattr(self, name) for name in own if getattr(self, name) is not None}

    @model_validator(mode="after")
    def _is_a_field_or_a_value(self) -> Self:
        if not self.is_answer and (self.task is not None or self.options):
            raise ValueError(f"value: {self.value} is no answer: it has no task and no options")
        if self.is_answer and not self.is_of_class:
            _known_value(self.value)
        return self


class AnswerColumns(dict[str, str]):
    """The field of each column of a file with several answers a row, and the entries as written."""

    listed: tuple[AnswerColumn, ...] = ()

    @classmethod
    def of(cls, listed: list[AnswerColumn]) -> AnswerColumns:
        """Return the columns of a list; ValueError: a name stands twice, or there is no answer."""
        twice = [name for name, n in Counter(one.name for one in listed).items() if n > 1]
        if twice:
            raise ValueError(f"the column {twice[0]!r} stands more than once")
        if not any(one.is_answer for one in listed):
            raise ValueError("no column holds an answer: write one as {name: label, value: label}")
        fields = {
            one.name: "value" if one.is_answer and not one.is_of_class else one.value
            for one in listed
        }
        found = cls(fields)
        found.listed = tuple(listed)
        return found


def _written(columns: Mapping[str, str]) -> Any:
    """Return the columns as competition.yaml has them: a mapping, or a list of answers."""
    if isinstance(columns, AnswerColumns):
        return [one.model_dump(exclude_unset=True) for one in columns.listed]
    return dict(columns)


def _with_answers(columns: Any) -> Any:
    return AnswerColumns.of(columns) if isinstance(columns, list) else columns


if TYPE_CHECKING:
    Columns = dict[str, str]
else:
    Columns = Annotated[
        Annotated[dict[str, str], Tag("mapping")] | Annotated[list[AnswerColumn], Tag("list")],
        Discriminator(lambda given: "list" if isinstance(given, list | tuple) else "mapping"),
        AfterValidator(_with_answers),
        PlainSerializer(_written),
    ]
"""The field of each column, in order; a list in competition.yaml becomes `AnswerColumns`."""


class RowLookup(SpecSection):
    """A table that gives the rows of a file their ids: Facial Keypoints' `IdLookupTable.csv`."""

    table: str = Field(description="CSV; its columns that are in `columns` say which row is meant")
    id: str = Field(description="its column with the id, which the file has in their place")


class RowIds(SpecSection):
    """A table in whose order a file has its rows, where it has no ids."""

    table: str = Field(description="CSV; a row of it for each row of the file, in this order")
    id: str = Field(description="its column with the id, which the file does not have")


_PICTURES = {".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP"}


class FileForm(SpecSection):
    """How the text of a file to send differs from a plain CSV: as the host's sample has it."""

    kind: Literal["csv", "json", "png"] = Field(
        default="csv",
        description="json: a list of records, as COCO results; png: a ZIP of masks as PNGs, or "
        "as TIFFs or BMPs where `name` ends so",
    )
    name: str = Field(
        default="{id}.png",
        description="the path of each PNG in the ZIP, as 'masks/{id}_mask.png'; with {class}, a "
        "PNG for each class of an image (kind: png)",
    )
    mask_values: dict[int | str, str] = Field(
        default={},
        description="the pixel value, or the colour as '#ff0000', of background and of each class, "
        "as in data.train, of PNGs with {class} in their names those of background and foreground; "
        "default: the values of data.train where several classes have one each, else 0 is "
        "background, 1, 2, … are the classes, and 255 the only one (kind: png)",
    )
    sep: Literal[",", ";", "\t", "|"] = Field(default=",", description="between the cells")
    header: bool = Field(
        default=True,
        description="whether the first line names the columns; false: it is a row, and columns go "
        "by their order",
    )
    decimal: Literal[".", ",", "٫", "．"] = Field(
        default=".", description="in the numbers of answers"
    )
    digits: dict[str, str] = Field(
        default={},
        description="the 0 of the digits of a column, where they are of another script: ۰, ٠, ०",
    )
    encoding: str = Field(
        default="utf-8",
        description="of its letters, as cp1250 where Windows wrote the sample; utf-8-sig begins "
        "with a byte order mark",
    )
    newline: Literal["lf", "crlf"] | None = Field(
        default=None,
        description="the end of each line, as crlf where Windows wrote the sample; null: lf is "
        "written, and a check takes both",
    )
    unit: str = Field(
        default="", max_length=12, description="behind the number of each answer, as %"
    )
    lists: Literal["", "python", "json", "numbers"] = Field(
        default="",
        description="how the labels of a cell are written as a list: python with ' around names, "
        'json with ", numbers without',
    )
    flags: str = Field(
        default="",
        description="the letters for no and for yes, as NY or 01, where a cell has one for each "
        "class, in the order of classes, as YNNY (value: labels)",
    )
    codes: list[int] = Field(
        default=[],
        description="the code of each class, in the order of classes, as [1, 2, 4], where a cell "
        "is the sum of the codes of its classes, as 5 (value: labels)",
    )
    lookup: RowLookup | None = None
    as_text: list[str] = Field(
        default=[], description="columns whose numbers are text (kind: json)"
    )
    by_id: bool = Field(
        default=False,
        description='whether the file has the answer of each id by this id, as {"7": "cat"}, in '
        "place of a list of records (kind: json)",
    )
    wide: dict[str, str] = Field(
        default={},
        description="the column of each class, in order, where the file has a row an image and a "
        "column a class (rows: image_class)",
    )
    ranked: list[str] = Field(
        default=[],
        description="the columns that the file has in place of that of the answer (value: topk), "
        "one a place, the likeliest first, as [guess_1, guess_2, guess_3]",
    )
    id_of: str = Field(
        default="",
        description="the columns that the file has in place of that of the id, and what stands "
        "between them in the id, as '{video}/{frame}'",
    )
    pivot: list[str] = Field(
        default=[],
        description="the columns that the file has in place of the last one of id_of and of that "
        "of the answer, as ['1', '2', '3'] of the id '{plate}_{row}_{column}': their names are "
        "what the last field may be, and a blank cell is no row",
    )
    ids: RowIds | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is written as it is made: UTF-8 with commas, points, and LF."""
        return self.model_copy(update={"newline": None}) == FileForm() and self.newline != "crlf"

    @property
    def reads_as_plain(self) -> bool:
        """Whether readers take it for a plain one: they pass over a mark, and take both ends."""
        has_mark = {"encoding": "utf-8"} if self.has_mark else {}
        return self.model_copy(update={"newline": None, **has_mark}) == FileForm()

    @property
    def has_mark(self) -> bool:
        """Whether it is UTF-8 that begins with a byte order mark."""
        return codecs.lookup(self.encoding).name == "utf-8-sig"

    @property
    def suffix(self) -> str:
        """The end of the file's name."""
        if self.kind == "png":
            return ".zip"
        return ".tsv" if self.sep == "\t" and self.kind == "csv" else f".{self.kind}"

    @property
    def first_line(self) -> int:
        """The number of the line with the names of the columns; 0 where the file has none."""
        return int(self.header)

    @property
    def sign(self) -> str:
        """What messages call the sign between the cells."""
        return {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[self.sep]

    @property
    def picture(self) -> str:
        """What each mask in the ZIP is: PNG, TIFF or BMP."""
        return _PICTURES[PurePosixPath(self.name).suffix.lower()]

    @property
    def is_by_class(self) -> bool:
        """Whether each PNG is of one class of an image."""
        return "{class}" in self.name

    @field_validator("name")
    @classmethod
    def _is_a_path_of_pngs(cls, name: str) -> str:
        fields = re.findall(r"\{(.*?)\}", name)
        if "id" not in fields or set(fields) - {"id", "class"} or len({*fields}) < len(fields):
            raise ValueError("name holds {id}, and may hold {class}, each once")
        if re.search(r"[{}]", re.sub(r"\{(id|class)\}", "", name)) or "{id}{class}" in name:
            raise ValueError(f"name: {name!r} is no template: write it as '{{id}}_{{class}}.png'")
        if "{class}{id}" in name:
            raise ValueError("name: something must stand between {class} and {id}, as _ or /")
        if PurePosixPath(name).suffix.lower() not in _PICTURES:
            raise ValueError(f"name: masks end with .png, .tif, .tiff or .bmp, got {name!r}")
        if "\\" in name or name.startswith("/") or {"", ".", ".."} & {*name.split("/")}:
            raise ValueError(f"name: a path inside the ZIP, with / between folders, got {name!r}")
        return name

    @property
    def has_colours(self) -> bool:
        """Whether the PNGs are in colours, of three channels."""
        return any(isinstance(one, str) for one in self.mask_values)

    @field_validator("mask_values", mode="before")
    @classmethod
    def _numbers_are_numbers(cls, values: Any) -> Any:
        return with_numbers(values)

    @field_validator("mask_values")
    @classmethod
    def _are_pixel_values(cls, values: dict[int | str, str]) -> dict[int | str, str]:
        for pixel in values:
            if isinstance(pixel, str) and not COLOUR.fullmatch(pixel):
                raise ValueError(f"mask_values: a colour is written as '#ff0000', got {pixel!r}")
            if isinstance(pixel, int) and not 0 <= pixel <= 255:
                raise ValueError(f"mask_values: pixels of 8 bits are 0 to 255, got {pixel}")
        if len({type(one) for one in values}) > 1:
            raise ValueError("mask_values: either numbers or colours, not both")
        for name, n in Counter(values.values()).items():
            if n > 1:
                raise _named_twice(name, [one for one, named in values.items() if named == name])
        return values

    @field_validator("flags")
    @classmethod
    def _are_two_letters(cls, flags: str) -> str:
        if flags and not len(set(flags)) == len(flags) == _NO_AND_YES:
            raise ValueError(f"flags has a letter for no and one for yes, as NY, got {flags!r}")
        return flags

    @field_validator("codes")
    @classmethod
    def _are_powers_of_two(cls, codes: list[int]) -> list[int]:
        if len({*codes}) < len(codes) or any(one < 1 or one & (one - 1) for one in codes):
            raise ValueError(f"codes are powers of two, each once, as [1, 2, 4], got {codes}")
        return codes

    @field_validator("encoding")
    @classmethod
    def _is_encoding(cls, name: str) -> str:
        try:
            is_of_text = codecs.lookup(name)._is_text_encoding
        except LookupError:
            is_of_text = False
        if not is_of_text:
            raise ValueError(f"{name!r} is no encoding of text: write utf-8, cp1252, cp1250 …")
        return name.lower()

    @field_validator("digits")
    @classmethod
    def _are_zeros(cls, digits: dict[str, str]) -> dict[str, str]:
        for column, zero in digits.items():
            if not is_zero(zero):
                raise ValueError(f"{column}: {zero!r} is no digit 0: write ۰, ٠, ० …")
        return digits

    @model_validator(mode="after")
    def _pngs_have_their_own_keys(self) -> Self:
        own = {"kind", "name", "mask_values"}
        named = {
            one
            for one, field in type(self).model_fields.items()
            if getattr(self, one) != field.default
        }
        if self.kind == "png" and named - own:
            raise ValueError(f"a ZIP of PNGs has no {min(named - own)}: leave it out")
        if self.kind != "png" and named & {"name", "mask_values"}:
            raise ValueError("name and mask_values are those of PNGs: write file.kind: png")
        return self

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.digits and self.kind == "json":
            raise ValueError("numbers of JSON have ASCII's digits: leave file.digits out")
        if self.encoding != "utf-8" and self.kind == "json":
            raise ValueError("JSON is UTF-8: leave file.encoding out")
        if self.newline is not None and self.kind == "json":
            raise ValueError("JSON has no lines that count: leave file.newline out")
        if not self.header and self.kind == "json":
            raise ValueError("JSON names the columns in each record: leave file.header out")
        if self.by_id and self.kind != "json":
            raise ValueError("answers by their ids (by_id) are JSON: write file.kind: json")
        if self.sep == self.decimal:
            raise ValueError("cells and decimals cannot have the same sign: set file.sep to ';'")
        if self.wide and (self.kind == "json" or self.lookup is not None):
            raise ValueError("a file with a column a class (wide) is a CSV with ids of its own")
        if self.unit and (self.kind == "json" or re.search(r"\d", self.unit)):
            raise ValueError("a unit is text without digits, behind the numbers of a CSV")
        if self.lists and (self.kind == "json" or self.unit or self.decimal != "."):
            raise ValueError("cells with a list of labels are those of a CSV, and no numbers")
        if self.flags and (self.kind == "json" or self.unit or self.lists or self.ranked):
            raise ValueError("flags of classes are cells of a CSV: leave other forms of cells out")
        if self.codes and (self.flags or self.unit or self.lists or self.ranked):
            raise ValueError("sums of codes are cells of a CSV: leave other forms of cells out")
        if self.ranked and (self.kind == "json" or self.wide or self.unit or self.lists):
            raise ValueError("a file with a column a place (ranked) is a CSV with plain answers")
        if len(set(self.ranked)) < len(self.ranked) or len(self.ranked) == 1:
            raise ValueError("ranked lists two columns or more, each once; else leave it out")
        if self.id_of and (self.kind == "json" or self.lookup is not None or self.wide):
            raise ValueError("a file with an id of several columns (id_of) is a CSV without lookup")
        if self.pivot and (len(re.findall("{", self.id_of)) < _SEVERAL or self.ranked):
            raise ValueError(
                "pivot needs an id of several columns, as id_of: '{plate}_{row}_{column}', and no "
                "other columns for a place (ranked)"
            )
        if self.pivot and len(Pattern(self.id_of).fields) < len(re.findall("{", self.id_of)):
            raise ValueError(f"id_of has a field twice, and pivot takes its last: {self.id_of!r}")
        if len(set(self.pivot)) < len(self.pivot) or len(self.pivot) == 1 or "" in self.pivot:
            raise ValueError("pivot lists two columns or more, each once; else leave it out")
        if self.ids and (self.kind != "csv" or self.lookup or self.wide or self.id_of):
            raise ValueError("a file without ids (ids) is a CSV: leave lookup, wide and id_of out")
        return self


FILE_SUFFIXES = frozenset({".csv", ".json", ".tsv", ".zip"})
"""The ends of the names of files to send."""


def _named_twice(name: str, values: list[int | str]) -> RuleError:
    """Return the error of a name that several pixel values of a file to send have.

    Black is first to go: it is background where nothing names one, and masks may have another.
    """
    shown = [f"{one!r}" if isinstance(one, str) else f"{one}" for one in values]
    black = next((one for one in shown if one in ("0", "'#000000'")), None)
    message = f"mask_values: {name!r} has the values {' and '.join(shown)}, and a file has one"
    if name == "background" and black is not None:
        rest = " and ".join(one for one in shown if one != black)
        return RuleError(message, f"remove {black} if no mask of train has it, else {rest}")
    return RuleError(message, "keep the one that the host asks for, and remove the others")


class FormatParameters(SpecSection):
    """Format of a submission: the meaning of a row, its id, and the values of its cells.

    `columns` maps each column of the file, in order, to a field: `id`, `class` (from 0),
    `class_number` (from 1), `class_name`, `value`, `prob[<class name>]` (where a class is a number,
    `value[<its name>]`), `width`, `height` (of the mask), `conf` (how sure an object is),
    `text[<the same in every row>]`, or `file[<path>]`, the column of that name of another file to
    send, as that of a second workspace for labels of another kind. `"*":
    "prob[*]"` stands for a column each class, in the order of classes or of the sample; the `*` of
    the column is the class's name. Where a row holds several answers, as a label and a mask,
    `columns` is a list of {name, value, task}. With `rows: image_class` the template `id` may hold
    `{class}`, the class's name, `{index}` from 0 or `{number}` from 1; with `rows: pixel` `{row}`
    and `{column}`; with `rows: instance` `{object}`, the number of the object in its image. Of
    several outputs, `rows: image_class` is a row for each output, whose name `{class}` and
    `class_name` are; with columns `prob[<class name>]` a row has the probabilities of its classes,
    which all outputs share.
    """

    rows: RowKind = Field(
        default="image",
        description="what one row is: an image (or its unit), an image and a class, an object, a "
        "pixel",
    )
    id: str = Field(default="{id}", description="template of what names a row")
    index_base: Literal[0, 1] = Field(
        default=1,
        description="number of the first {row} and {column} (rows: pixel), and of the first "
        "{object} of an image (rows: instance)",
    )
    index_step: Annotated[int, Field(ge=1)] = Field(
        default=1,
        description="from each {row} and {column} to the next (rows: pixel): of patches of 16 "
        "pixels, as frame: {patch: 16} has them, 16",
    )
    columns: Columns = Field(
        default_factory=dict,
        description="the columns in order; a list where a row holds several answers",
    )
    value: ValueKind = Field(
        default="label", description="content of a cell: one of the names of values"
    )
    k: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="maximal number of classes in a cell (topk)"
    )
    item: str | None = Field(
        default=None,
        description="one answer of a cell: {label}, the class as value has it ({index} from 0, "
        "{number} from 1), {conf}, how sure it is, {mask}; or {id}, another image (topk of a "
        "gallery). As '{label} {conf}'; default: the class alone",
    )
    unknown: str | None = Field(
        default=None,
        description="the answer that is none of the classes, as new_whale (topk); it is not one of "
        "classes",
    )
    sep: str = Field(
        default=" ",
        description="separator of the classes of a list; '' where each is one letter (labels)",
    )
    rle: RleSpec = RleSpec()
    empty: str = Field(
        default="",
        description="the cell of an empty mask, or of an image without a class, in train, too",
    )
    empty_mask: Literal["allow", "forbid"] = Field(
        default="allow",
        description="may a mask be empty; forbid: a check refuses one, and its first pixel is "
        "written in its place",
    )
    range: tuple[float | None, float | None] | None = Field(
        default=None,
        description="the least and the greatest number that a cell may hold (scalar), null where "
        "there is none; predictions beyond are written as these",
    )
    decimals: Annotated[int, Field(ge=0, le=15)] | None = Field(
        default=None,
        description="the digits behind the point of a number (scalar, prob, score, degrees), where "
        "the host takes no more: 0 are whole numbers, and predictions are rounded to these; an "
        "entry of a list of columns may have its own",
    )
    directions: Directions = Field(
        default="degrees",
        description="unit of the directions in the file (degrees): signed ones lie from -180, or "
        "-pi; gon have 400 a turn; axes come round at 180. Labels of train are degrees from 0 and "
        "below 360, of axes twice the angle",
    )
    empty_row: Literal["keep", "drop"] = Field(
        default="keep", description="whether an image without objects has a row (rows: instance)"
    )
    overlap: Literal["allow", "forbid"] = Field(
        default="allow",
        description="may objects of an image share pixels; forbid: the surer one keeps them",
    )
    file: FileForm = FileForm()

    @field_validator("value")
    @classmethod
    def _is_a_value(cls, value: str) -> str:
        return _known_value(value)

    @field_validator("range")
    @classmethod
    def _rises(
        cls, limits: tuple[float | None, float | None] | None
    ) -> tuple[float | None, float | None] | None:
        known = [one for one in limits or () if one is not None]
        if limits is not None and not known:
            raise RuleError(
                "one of both must be a number",
                "write [0, 100], [0, null] or [null, 100] with your own, or leave the key out",
            )
        if not all(map(math.isfinite, known)):
            raise RuleError(
                f"both must be finite numbers, got {list(limits or ())}",
                "write null where there is no end, as [0, null]",
            )
        if len(known) == 2:
            refuse_falling(known[0], known[1])
        return limits


def answer_columns(parameters: FormatParameters) -> tuple[AnswerColumn, ...]:
    """Return the entries of `columns` where it is a list; () where it is a mapping."""
    columns = parameters.columns
    return columns.listed if isinstance(columns, AnswerColumns) else ()

"""The format of a submission file as eight parameters: every competition's is a choice of them."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from podium.competition.data_spec import RleSpec, SpecSection
from podium.tasks.protocols.find import with_kinds

__all__ = ["OBJECT_ROW", "FormatParameters", "RowKind", "ValueKind", "value_names"]

RowKind = Literal["image", "image_class", "instance", "pixel"]
OBJECT_ROW: RowKind = "instance"
"""Each row is an object."""
ValueKind = str
"""The name of a file in `podium/submissions/values`."""
# Listed by their file names: that package imports this one, so it cannot be imported here.
_VALUES = Path(__file__).parents[1] / "submissions" / "values"


def value_names() -> list[str]:
    """Return the names of the kinds of cell values."""
    folders = map(Path, with_kinds([str(_VALUES)], "values"))
    return sorted(file.stem for folder in folders for file in folder.glob("[!_]*.py"))


class FormatParameters(SpecSection):
    """Format of a submission: the meaning of a row, its id, and the values of its cells.

    `columns` maps each column of the file, in order, to a field: `id`, `class` (from 0),
    `class_number` (from 1), `class_name`, `value`, `prob[<class name>]`, `width`, `height` (of the
    mask), or `text[<the same in every row>]`. `"*": "prob[*]"` stands for a column each class, in
    the order of classes or of the sample; the `*` of the column is the class's name. With
    `rows: image_class` the template `id` may hold `{class}`, the class's name, `{index}` from 0 or
    `{number}` from 1; with `rows: pixel` `{row}` and `{column}`.
    """

    rows: RowKind = Field(
        default="image",
        description="what one row is: an image (or its unit), an image and a class, an object, a "
        "pixel",
    )
    id: str = Field(default="{id}", description="template of what names a row")
    index_base: Literal[0, 1] = Field(
        default=1, description="number of the first {row} and {column} (rows: pixel)"
    )
    columns: dict[str, str] = Field(default_factory=dict)
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
    sep: str = Field(default=" ", min_length=1, description="separator of the classes of a list")
    rle: RleSpec = RleSpec()
    empty: str = Field(default="", description="the cell of an empty mask")
    empty_row: Literal["keep", "drop"] = Field(
        default="keep", description="whether an image without objects has a row (rows: instance)"
    )
    overlap: Literal["allow", "forbid"] = Field(
        default="allow",
        description="may objects of an image share pixels; forbid: the surer one keeps them",
    )

    @field_validator("value")
    @classmethod
    def _is_a_value(cls, value: str) -> str:
        known = value_names()
        if value not in known:
            near = difflib.get_close_matches(value, known, n=1)
            hint = f"write {near[0]}" if near else f"choose one of {', '.join(known)}"
            raise ValueError(f"there is no value {value!r}: {hint}")
        return value

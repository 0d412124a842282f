"""The format of a submission file as eight parameters; every competition's is a choice of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from podium.competition.data_spec import Part, RleSpec

__all__ = ["FormatParameters", "RowKind", "SubmissionSpec", "ValueKind"]

RowKind = Literal["image", "image_class", "instance", "pixel"]
ValueKind = Literal["prob", "score", "label", "name", "labels", "topk", "rle", "coco64", "scalar"]


class FormatParameters(Part):
    """What a row stands for, how it is named, and what its cells hold.

    `columns` maps each column of the file, in order, to a field: `id`, `class` (from 0),
    `class_number` (from 1), `class_name`, `value`, `prob[<class name>]`, `width`, `height`. With
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
    value: ValueKind = "label"
    k: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="how many answers a cell holds at most (topk)"
    )
    item: str | None = Field(
        default=None,
        description="one answer of a cell that holds a list, as '{label} {conf} {mask}'",
    )
    sep: str = Field(default=" ", description="stands between the answers of a list")
    rle: RleSpec = RleSpec()
    empty: str = Field(default="", description="the cell that says: nothing")
    empty_row: Literal["keep", "drop"] = Field(
        default="keep", description="whether an image without objects has a row (rows: instance)"
    )
    overlap: Literal["allow", "forbid"] = Field(
        default="allow",
        description="may objects of an image share pixels; forbid: the surer one keeps them",
    )


class SubmissionSpec(FormatParameters):
    """The format of a submission file, by name (`preset`) or spelt out; what is spelt out wins.

    Empty `columns` are read from the header of `sample`.
    """

    preset: str | None = Field(
        default=None, description="a known competition's format; `podium presets` lists them"
    )
    sample: str | None = None

"""The parts of `competition.yaml` that say where the data lie and how masks are written."""

from __future__ import annotations

import re
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from podium.competition import readers

__all__ = ["DataSpec", "MaskTable", "Part", "RleSpec", "Source"]

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_FIELD = re.compile(r"\{(?P<name>[^{}]+)\}")
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w-]*")


class Part(BaseModel):
    """A part of `competition.yaml`: unknown keys are refused, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RleSpec(Part):
    """How a mask is written as text: pairs of start and length."""

    base: Literal[0, 1] = Field(default=1, description="number of the first pixel")
    order: Literal["F", "C"] = Field(
        default="F", description="F: down the columns, as most competitions; C: along the rows"
    )
    relative: bool = Field(
        default=False,
        description="each start but the first counts from the end of the run before it",
    )

    @property
    def options(self) -> dict[str, Any]:
        """As `podium.codecs.rle` takes them."""
        return {"base": self.base, "order": self.order, "relative": self.relative}


class MaskTable(Part):
    """A table of masks as run-length text: one row a mask, several rows an image or none."""

    table: str
    id: str = Field(
        description="column with the sample's id, or `<column>={id}_{class}`, as "
        "`Image_Label={id}_{class}`, where one cell names both"
    )
    rle: str = Field(description="column with the runs")
    label: str | None = Field(
        default=None, description="column with the class, its name or its number from 1"
    )
    empty: list[str] = Field(
        default=["", "-1"], description="cells that say: there is nothing of this class"
    )


class Source(Part):
    """Where a part of the data lies (train, test …); paths are relative to the workspace.

    With a `table`, one row is one sample, `id` names its column and `images` may use any column in
    braces; `*` and `**/` may stand for what no column says, as in `data/train/**/{image_id}.*`.
    Without one, `images` is a pattern (`data/train/{class}/*.jpg`), a folder name in the place of
    `{class}` is the label, every other `{field}` becomes a column (a group, say), and `id` is a
    template of `{stem}`, `{name}` (with extension), `{path}` (below the pattern's fixed part) or a
    field. What the patterns of test, unlabelled and extra find is not train.
    """

    table: str | None = None
    id: str | None = Field(
        default=None, description="table: the id's column; pattern: a template, default {stem}"
    )
    images: str
    label: str | list[str] | None = Field(
        default=None,
        description=(
            "label column, or one 0/1 column a class; of a pattern (extra, unlabelled), one of its "
            "{fields}. Of unlabelled images it is known only to measure pseudo-labels by: nothing "
            "learns from it"
        ),
    )
    label_sep: str = Field(
        default=" ", min_length=1, description="separates labels in one cell of a multilabel table"
    )
    mask: str | MaskTable | None = Field(
        default=None,
        description=(
            "pattern of the mask files, of the columns of the table or the fields of images and "
            "{id}; with {class}, one file a class; or a table of runs"
        ),
    )
    mask_values: dict[int | str, str] | None = Field(
        default=None,
        description=(
            "pixel value, or colour as '#ff0000', to class or background; default: 0 is "
            "background, 1, 2, … are the classes; of a binary mask, 255 and 65535 are like 1"
        ),
    )
    ignore: int | str | None = Field(
        default=None, description="pixel value or colour of what is neither learnt nor scored"
    )
    mask_codec: RleSpec = RleSpec()
    border: int = Field(
        default=1,
        ge=0,
        le=50,
        description=(
            "of objects (segment: instance): pixels from which two objects of a class can be seen, "
            "this many to any side, are learnt as background, so that touching objects come apart; "
            "scores are of the whole objects. 0: learn objects as they are"
        ),
    )
    absent: Literal["missing", "empty"] | None = Field(
        default=None,
        description=(
            "a sample without a mask file or row has: nobody's answer (default of files), or an "
            "empty mask (default of tables)"
        ),
    )

    @property
    def has_labels(self) -> bool:
        """Whether a label is written, in a table or in a path; else it can be read off a mask."""
        return self.label is not None or "{class}" in self.images

    @field_validator("label")
    @classmethod
    def _a_field_is_its_name(cls, label: str | list[str] | None) -> str | list[str] | None:
        if isinstance(label, str) and (field := _FIELD.fullmatch(label)):
            return field["name"]
        return label

    @field_validator("mask_values", mode="before")
    @classmethod
    def _numbers_are_numbers(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        # Keys of a YAML document arrive as text, whatever they were; a colour begins with #.
        return {
            int(key) if isinstance(key, str) and key.isdecimal() else key: name
            for key, name in values.items()
        }

    @model_validator(mode="after")
    def _pixels_are_numbers_or_colours(self) -> Self:
        pixels = list(self.mask_values or {})
        is_colour = [isinstance(one, str) for one in pixels]
        ignored = [] if self.ignore is None else [self.ignore]
        for one in [*pixels, *ignored]:
            if isinstance(one, str) and not _COLOUR.fullmatch(one):
                raise ValueError(f"a colour is written as '#ff0000', got {one!r}")
            if isinstance(one, int) and one < 0:
                raise ValueError(f"pixel values are whole numbers from 0, got {one}")
        if len(set(is_colour)) == 2:
            raise ValueError("mask_values: either numbers or colours, not both")
        if pixels and ignored and isinstance(self.ignore, str) != all(is_colour):
            raise ValueError("ignore: a number beside numbers, a colour beside colours")
        return self

    @model_validator(mode="after")
    def _a_table_names_its_ids(self) -> Self:
        if self.table is not None and self.id is None:
            raise ValueError("a table needs id: the name of the column that holds the ids")
        return self


class DataSpec(Part):
    """The parts of the data, and how their image files are read."""

    train: Source
    unlabelled: Source | None = None
    test: Source
    extra: dict[str, Source] = Field(
        default_factory=dict,
        description=(
            "further images with answers, by name, as `generated: {images: "
            "'data/generated/{class}/*.png'}`; of the same form as train. A recipe's `extra` says "
            "which are learnt from and how much they count; they are in no fold and never scored"
        ),
    )
    reader: str | dict[str, Any] = Field(
        default="image",
        description=(
            "image (JPEG, PNG, WebP …), tiff, dicom, npy, or module:object of a function "
            "read(path); with options, a mapping, as {name: tiff, channels: 4, dtype: uint16}"
        ),
    )

    @field_validator("reader")
    @classmethod
    def _reader_is_known(cls, said: str | dict[str, Any]) -> str | dict[str, Any]:
        return readers.canonical(said)

    @model_validator(mode="after")
    def _extra_has_plain_names(self) -> Self:
        for name, source in self.extra.items():
            if not _PLAIN_NAME.fullmatch(name):
                raise ValueError(f"extra: a name is of letters, digits, _ and -, got {name!r}")
            if source.table is None and source.images == self.train.images:
                raise ValueError(f"extra.{name}: these are the images of train")
        return self

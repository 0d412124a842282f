"""The parts of `competition.yaml` that locate the data and define how masks are written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from podium.codecs import coco, coco64, rle
from podium.competition import readers
from podium.competition.ids.rows import is_part_of_cell
from podium.errors import plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "COLOUR",
    "DataSource",
    "DataSpec",
    "JoinSpec",
    "MaskTable",
    "RleSpec",
    "SlicesSpec",
    "SpecSection",
    "with_numbers",
]

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
"""A colour of masks as `competition.yaml` writes it."""
_FIELD = re.compile(r"\{(?P<name>[^{}]+)\}")
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w-]*")


class SpecSection(BaseModel):
    """A part of `competition.yaml`: unknown keys are refused, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def with_numbers(values: Any) -> Any:
    """Return values of pixels and their names, the numbers as such.

    Keys of a YAML document arrive as text, whatever they were; a colour begins with #.
    """
    if not isinstance(values, dict):
        return values
    return {
        int(key) if isinstance(key, str) and key.isdecimal() else key: name
        for key, name in values.items()
    }


class RleSpec(SpecSection):
    """Format of a mask as text: pairs of numbers, as start and length, or counts."""

    base: Literal[0, 1] = Field(default=1, description="number of the first pixel")
    order: Literal["F", "C"] = Field(
        default="F", description="F: down the columns, as most competitions; C: along the rows"
    )
    relative: bool = Field(
        default=False,
        description="each start but the first counts from the end of the run before it",
    )
    second: rle.Second = Field(
        default="length",
        description="what follows a start: length, how many pixels; last, the last pixel of the "
        "run; stop, the pixel behind it",
    )
    join: str = Field(
        default=" ", description="the sign between the two numbers of a run: '-' in 3-9 12-14"
    )
    between: str = Field(
        default=" ", description="the sign between two runs: ';' in 3:9;12:14, with join: ':'"
    )
    counts: bool = Field(
        default=False,
        description="no pairs, but how many pixels in turn are background and are the mask: "
        "'2 3 4' of 9, and 0 first where the first pixel is of the mask",
    )

    @model_validator(mode="after")
    def _pairs_can_be_read(self) -> Self:
        if self.relative and self.second != "length":
            raise ValueError(
                f"relative: true is of starts and lengths, not of second: {self.second}"
            )
        for name, sign, example in (
            ("join", self.join, "'-' as in 3-9"),
            ("between", self.between, "';' as in 3-9;12-14"),
        ):
            if sign != " " and (not sign or re.search(r"\d|\s", sign)):
                raise ValueError(f"{name}: {sign!r} has a digit or a blank, or nothing: {example}")
        if self.join != " " and (self.join in self.between or self.between in self.join):
            raise ValueError(
                f"join: {self.join!r} and between: {self.between!r} must be two signs: "
                "':' and ';' as in 3:9;12:14"
            )
        if self.counts and (self.relative or not self._are_starts_and_lengths):
            raise ValueError(
                "counts: true has no starts: leave out relative, second, join and between"
            )
        return self

    @model_serializer(mode="wrap")
    def _without_rare_defaults(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        found: dict[str, Any] = dump(self)
        # Files of other runs are as they were.
        for name in ("second", "join", "between", "counts"):
            if getattr(self, name) == RleSpec.model_fields[name].default:
                found.pop(name, None)
        return found

    @property
    def _are_starts_and_lengths(self) -> bool:
        return self.second == "length" and self.join == self.between == " "

    @property
    def is_plain(self) -> bool:
        """Whether runs are starts and lengths between blanks."""
        return self._are_starts_and_lengths and not self.counts

    @property
    def options(self) -> dict[str, Any]:
        """As `podium.codecs.rle` takes them."""
        if self.counts:
            return {"order": self.order, "counts": True}
        found = {"base": self.base, "order": self.order, "relative": self.relative}
        if self.is_plain:
            return found
        return {**found, "second": self.second, "join": self.join, "between": self.between}

    def pair(self, first: int, last: int) -> str:
        """Return a run from one pixel to another one, both numbered as in the text; of pairs."""
        ends = {"length": last - first + 1, "last": last, "stop": last + 1}
        return f"{first}{self.join}{ends[self.second]}"


class MaskCodec(RleSpec):
    """Format of the masks of a table: runs, or COCO's counts (columns first)."""

    kind: Literal["rle", "coco", "coco64"] = Field(
        default="rle",
        description="rle: pairs of start and length; coco: COCO's compressed counts; coco64: "
        "these, deflated and in base64",
    )

    @model_validator(mode="after")
    def _counts_have_no_switches(self) -> Self:
        if self.kind != "rle" and RleSpec.model_fields.keys() & self.model_fields_set:
            raise ValueError(
                f"mask_codec: {', '.join(RleSpec.model_fields)} are of kind rle; {self.kind} "
                "counts down the columns from the first pixel"
            )
        return self

    def decode(self, text: str, size: tuple[int, int]) -> NDArray[np.bool_]:
        """Return the mask `(H, W)` in a text.

        Raises:
            RleError: the text is no mask of that size.
        """
        if self.kind == "rle":
            return rle.decode(text, size, **self.options)
        return coco.decode(text, size) if self.kind == "coco" else coco64.decode(text, size)


class MaskTable(SpecSection):
    """A table of masks as run-length text: one row a mask, several rows an image or none."""

    table: str
    id: str = Field(
        description="column with the sample's id, or several as '{subject}_{img}', or "
        "`<column>={id}_{class}`, as `Image_Label={id}_{class}`, where one cell names both"
    )
    rle: str = Field(description="column with the runs")
    label: str | None = Field(
        default=None, description="column with the class, its name or its number from 1"
    )
    empty: list[str] = Field(
        default=["", "-1"], description="cells that mean: nothing of this class in the image"
    )


class SlicesSpec(SpecSection):
    """Neighbouring slices of a volume as further channels of a sample (2.5-D).

    Label, mask and prediction of a sample are those of its own slice.

    Neighbours are by rank: the rows of one volume, sorted by `order`.
    """

    volume: str = Field(description="column (or field of images) that names the volume of a row")
    order: str = Field(description="column of numbers that sorts the rows of a volume")
    around: tuple[int, ...] = Field(
        default=(-1, 0, 1), description="slices stacked as channels, in order; 0 is the row's own"
    )
    edge: Literal["repeat", "zero"] = Field(
        default="repeat", description="beyond the ends of a volume: its last slice again, or zeros"
    )

    @property
    def columns(self) -> list[str]:
        return [self.volume, self.order]

    @model_validator(mode="after")
    def _sees_itself(self) -> Self:
        if 0 not in self.around or len(set(self.around)) < len(self.around):
            raise ValueError(f"around: 0 and others, each once, got {list(self.around)}")
        return self


class JoinSpec(SpecSection):
    """A table with a row for several images, as a patient or a study: images take its columns."""

    table: str
    key: str = Field(
        description="column that is also a field of images, or `<column>={field}`, as "
        "'patient_id={folder}'; {id} and {stem} are fields, too. Images without a row are left out"
    )

    @property
    def column(self) -> str:
        """The column whose cells name the images."""
        return self.key.partition("=")[0]

    @property
    def template(self) -> str:
        """The cell of an image, made of the fields of its path."""
        _, sign, template = self.key.partition("=")
        return template if sign else f"{{{self.key}}}"


class DataSource(SpecSection):
    """The location of a part of the data (train, test …); paths are relative to the workspace.

    With a `table`, one row is one sample, `id` names its column and `images` may use any column in
    braces; `*` and `**/` match what no column holds, as in `data/train/**/{image_id}.*`. Without a
    table, `images` is a pattern (`data/train/{class}/*.jpg`), a folder name in the place of
    `{class}` is the label, every other `{field}` becomes a column (such as a group), and `id` is a
    template of `{stem}`, `{name}` (with extension), `{path}` (below the pattern's fixed part) or a
    field; `join` adds the columns of a table with a row for each patient, study or folder. Files
    that match the patterns of test, unlabelled and extra are not train.
    """

    table: str | None = None
    id: str | None = Field(
        default=None,
        description="table: the id's column, or several as '{subject}_{img}', or a part of a cell, "
        "as 'ImageId={id}_{class}' (rows of one image are one sample then; {n} is a number); "
        "pattern: a template, default {stem}",
    )
    images: str | list[str] | dict[str, str] = Field(
        description="pattern of the image files; a list of patterns, or a mapping from names to "
        "them, where an image has several files: their channels stand one after the other"
    )
    join: JoinSpec | None = Field(
        default=None,
        description="of a pattern: a table with a row for several images, whose columns (the "
        "label, a group) are theirs, as {table: data/train.csv, key: 'patient_id={folder}'}",
    )
    slices: SlicesSpec | None = None
    unit: str | None = Field(
        default=None,
        description="what is scored, where that is several images (a breast, a study, a volume): "
        "a column or field, or a template of them, as '{patient_id}_{laterality}'; default: each "
        "image. A unit is in one fold",
    )
    label: str | list[str] | None = Field(
        default=None,
        description=(
            "label column, or one 0/1 column a class (several labels: blank or -1 where a class is "
            "unknown); of a pattern (extra, unlabelled), one of its "
            "{fields}. Of unlabelled images it only serves to score pseudo-labels: nothing is "
            "trained on it"
        ),
    )
    label_sep: str = Field(
        default=" ", min_length=1, description="separates labels in one cell of a multilabel table"
    )
    label_none: str | None = Field(
        default=None,
        min_length=1,
        description="the cell of an image without a class in a multilabel table, as 'none'; "
        "default: that of files to send, submission.empty. A blank cell has none in any case",
    )
    mask: str | MaskTable | None = Field(
        default=None,
        description=(
            "pattern of the mask files, of the columns of the table or the fields of images and "
            "{id}; with {class}, one file a class; with a * in the name, all files of a binary "
            "mask together; or a table of runs"
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
        default=None, description="pixel value or colour that is excluded from loss and score"
    )
    mask_codec: MaskCodec = MaskCodec()
    border: int = Field(
        default=1,
        ge=0,
        le=50,
        description=(
            "of objects (segment: instance): pixels with two objects of a class within this many "
            "pixels to any side are background in the training target, so that touching objects "
            "come apart; scores are of the whole objects. 0: train on objects as they are"
        ),
    )
    absent: Literal["missing", "empty"] | None = Field(
        default=None,
        description=(
            "meaning of a sample without a mask file or row: missing, it is unlabelled (default of "
            "files), or an empty mask (default of tables). With missing written, samples that have "
            "no label either are left out"
        ),
    )

    exclude: list[str] = Field(
        default_factory=list,
        description="ids of samples that are left out, as those whose file is broken. Those of "
        "test are not predicted: podium writes what is most frequent in train (of numbers the "
        "median, of masks none) into their rows of the file to send, as every sample of test is "
        "scored",
    )

    exclude_where: dict[str, list[str]] = Field(
        default_factory=dict,
        description="samples of train that are left out by the values of a column, or of a field "
        "of images: {site: [B, D]}",
    )

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns of the files of an image, in the order of its channels."""
        if isinstance(self.images, str):
            return (self.images,)
        return tuple(self.images.values() if isinstance(self.images, dict) else self.images)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that its samples come from."""
        joined = None if self.join is None else self.join.table
        return tuple(one for one in (self.table, joined) if one is not None)

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Names of the files of an image; "" for each where none is set."""
        return tuple(self.images) if isinstance(self.images, dict) else ("",) * len(self.patterns)

    @property
    def n_files(self) -> int:
        """Number of files stacked to the image of a sample."""
        return len(self.patterns) * (1 if self.slices is None else len(self.slices.around))

    @property
    def own_files(self) -> slice:
        """The slice of a sample's files that are its own, not its neighbours' in a volume."""
        first = 0 if self.slices is None else self.slices.around.index(0)
        return slice(first * len(self.patterns), (first + 1) * len(self.patterns))

    @property
    def is_by_class(self) -> bool:
        """True where a folder or file name in the place of {class} is the label."""
        return "{class}" in self.patterns[0]

    @property
    def has_labels(self) -> bool:
        """True where labels are in a table or in a path; else they can be derived from masks."""
        return self.label is not None or self.is_by_class

    @field_validator("images")
    @classmethod
    def _images_are_some(
        cls, images: str | list[str] | dict[str, str]
    ) -> str | list[str] | dict[str, str]:
        if not images:
            raise ValueError("images: write at least one pattern")
        if isinstance(images, str):
            return images
        patterns = list(images.values()) if isinstance(images, dict) else images
        if len(set(patterns)) < len(patterns):
            raise ValueError("images: two files of an image have the same pattern")
        return images[0] if isinstance(images, list) and len(images) == 1 else images

    @field_validator("label")
    @classmethod
    def _a_field_is_its_name(cls, label: str | list[str] | None) -> str | list[str] | None:
        if isinstance(label, str) and (field := _FIELD.fullmatch(label)):
            return field["name"]
        return label

    @field_validator("mask_values", mode="before")
    @classmethod
    def _numbers_are_numbers(cls, values: Any) -> Any:
        return with_numbers(values)

    @model_validator(mode="after")
    def _pixels_are_numbers_or_colours(self) -> Self:
        pixels = list(self.mask_values or {})
        is_colour = [isinstance(one, str) for one in pixels]
        ignored = [] if self.ignore is None else [self.ignore]
        for one in [*pixels, *ignored]:
            if isinstance(one, str) and not COLOUR.fullmatch(one):
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
        if self.table is not None and self.join is not None:
            raise ValueError("join is of images that a pattern finds: a table has its own columns")
        return self


class DataSpec(SpecSection):
    """The parts of the data, and how their image files are read."""

    train: DataSource
    unlabelled: DataSource | None = None
    test: DataSource | None = Field(
        default=None,
        description="images to predict; none where they are hidden, as in a code competition: runs "
        "and blends have their out-of-fold predictions then, and no file is written",
    )
    extra: dict[str, DataSource] = Field(
        default_factory=dict,
        description=(
            "further labelled images, by name, as `generated: {images: "
            "'data/generated/{class}/*.png'}`; of the same form as train. A recipe's `extra` "
            "selects those to train on, and their weight; they are in no fold and never scored"
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
    def _canonical_reader(cls, config: str | dict[str, Any]) -> str | dict[str, Any]:
        return readers.canonical(config)

    @model_validator(mode="after")
    def _labelled_rows_are_images(self) -> Self:
        for name, source in {"train": self.train, **self.extra}.items():
            if source.table is not None and is_part_of_cell(source.id or ""):
                raise ValueError(
                    f"{name}.id: a row of a labelled table is an image, and {source.id!r} is a "
                    "part of a cell: name a column, or several as '{subject}_{img}'"
                )
        return self

    @model_validator(mode="after")
    def _excluded_values_are_of_train(self) -> Self:
        for name, source in {"test": self.test, "unlabelled": self.unlabelled}.items():
            if source is not None and source.exclude_where:
                raise ValueError(f"{name}.exclude_where: only of train; list ids as exclude")
        if self.train.exclude_where and isinstance(self.train.mask, MaskTable):
            raise ValueError(
                "train.exclude_where: rows of runs are left out by their samples; list ids as "
                "exclude"
            )
        return self

    @model_validator(mode="after")
    def _extra_has_plain_names(self) -> Self:
        for name, source in self.extra.items():
            if not _PLAIN_NAME.fullmatch(name):
                raise ValueError(f"extra: a name is of letters, digits, _ and -, got {name!r}")
            if source.table is None and source.images == self.train.images:
                raise ValueError(f"extra.{name}: these are the images of train")
        return self

    @model_validator(mode="after")
    def _parts_have_the_same_files(self) -> Self:
        others = {"unlabelled": self.unlabelled, "test": self.test}
        others |= {f"extra.{name}": source for name, source in self.extra.items()}
        for name, source in others.items():
            if source is None:
                continue
            if source.channel_names != self.train.channel_names:
                raise ValueError(
                    f"{name}.images: an image of train has {_files_of(self.train)}, here it has "
                    f"{_files_of(source)}"
                )
            if source.n_files != self.train.n_files:
                raise ValueError(
                    f"{name}.slices: an image of train has {plural(self.train.n_files, 'slice')} "
                    "and files, here it has "
                    f"{source.n_files}"
                )
        return self


def _files_of(source: DataSource) -> str:
    names = [name for name in source.channel_names if name]
    return f"the files {', '.join(names)}" if names else f"{plural(len(source.patterns), 'file')}"

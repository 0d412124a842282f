"""`competition.yaml` as frozen models: what a competition is, and what it cannot be."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from podium.competition import spec_fits
from podium.competition.data_spec import DataSpec, MaskTable, Part, RleSpec, Source
from podium.competition.fold_spec import FoldScheme, FoldsSpec
from podium.competition.format_spec import SubmissionSpec
from podium.competition.pixels import Pixels
from podium.competition.readers import Reader
from podium.competition.unit_spec import UnitsSpec, refuse_units
from podium.errors import DataError
from podium.workspace import extensions
from podium.workspace.documents import read_document

__all__ = [
    "Competition",
    "DataSpec",
    "FoldScheme",
    "FoldsSpec",
    "KaggleSpec",
    "MaskTable",
    "MetricSpec",
    "RleSpec",
    "Source",
    "SubmissionSpec",
    "TaskKind",
    "TaskName",
    "load_competition",
]

TaskKind = Literal["multiclass", "multilabel", "binary", "ordinal", "regression", "instance"]
TaskName = Literal["classify", "segment"]


class MetricSpec(BaseModel):
    """A metric by name; every further key is an option of that metric (`eps`, `average` …)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    task: TaskName | None = Field(default=None, description="default: the only task, or segment")

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class KaggleSpec(Part):
    """Where submissions go, and how many there may be."""

    slug: str | None = None
    kind: Literal["file", "code"] = "file"
    daily_limit: Annotated[int, Field(ge=1)] = 5
    finals: Annotated[int, Field(ge=1)] = 2
    public_share: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="the part of the test set that the public score is of, as 0.3; Kaggle says it "
        "above the leaderboard. None: nobody knows",
    )
    max_bytes: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="how large a file may be; None: nobody knows"
    )
    host: str | None = Field(
        default=None,
        description="None: Kaggle. A URL, or the folder of an embedded host, started when needed",
    )


class Competition(Part):
    """What a competition is: the content of `competition.yaml`, and the folder it lies in."""

    name: str
    tasks: dict[TaskName, TaskKind]
    open_set: str | None = Field(
        default=None,
        description="the label of what is none of the classes, as new_whale: nothing is learnt of "
        "it, and rankings (or confident classes) say it where no class is likely enough",
    )
    classes: list[str] = Field(
        default_factory=list,
        description="their names, in order; of thousands {table: data/train.csv, column: Id}: what "
        "the column holds, without open_set, in ascending order",
    )
    data: DataSpec
    frame: Literal["native"] | tuple[PositiveInt, PositiveInt] = Field(
        default="native",
        description="[height, width] in which masks are predicted, scored and written; native: "
        "each image's own",
    )
    units: UnitsSpec = UnitsSpec()
    folds: FoldsSpec = FoldsSpec()
    metric: MetricSpec
    submission: SubmissionSpec = SubmissionSpec()
    kaggle: KaggleSpec = KaggleSpec()
    _root: Path = PrivateAttr(default=Path())

    @property
    def root(self) -> Path:
        """The folder of `competition.yaml`; every path of the spec is relative to it."""
        return self._root

    def at(self, root: Path) -> Self:
        """Return the same competition with its paths relative to `root`."""
        moved = self.model_copy()
        moved._root = root.resolve()
        return moved

    @property
    def reader(self) -> Reader:
        """Who reads the image files."""
        return Reader.of(self.data.reader, self._root)

    @property
    def pixels(self) -> Pixels:
        """The form of every sample's image, from the spec alone; no file is opened for it.

        Where an image has several files, or a sample several slices, these are the channels of all.
        """
        of_file = self.reader.pixels
        return replace(of_file, channels=of_file.channels * self.data.train.n_files)

    @property
    def scored_task(self) -> TaskName:
        """The task that the metric scores and the submission holds."""
        if self.metric.task is not None:
            return self.metric.task
        return "segment" if "segment" in self.tasks else "classify"

    @property
    def scores_units(self) -> bool:
        """Whether labels are scored, and of what `data.train.unit` names, not of single images."""
        return self.data.train.unit is not None and self.scored_task == "classify"

    @property
    def kind(self) -> TaskKind:
        """The kind of the classification task."""
        return self.tasks["classify"]

    @property
    def mask_kind(self) -> TaskKind:
        """What a network says of a pixel; of objects: whether one is there, or one of a class."""
        return self.kind_of("segment")

    def kind_of(self, task: TaskName) -> TaskKind:
        """Return the kind of what a network says: objects are found in masks, binary or a class."""
        kind = self.tasks[task]
        if kind != "instance":
            return kind
        return "multilabel" if self.classes else "binary"

    @property
    def n_outputs(self) -> int:
        """How many numbers a network returns an image: classes, or 1 (binary, regression)."""
        return self.outputs("classify")

    def outputs(self, task: TaskName) -> int:
        """Return the channels of a network's answer: of an image (classify), a pixel (segment).

        A multiclass segmentation has one more than classes: background is channel 0.
        """
        kind = self.kind_of(task)
        if kind in ("binary", "regression", "ordinal"):
            return 1
        return len(self.classes) + (task == "segment" and kind == "multiclass")

    def classes_of(self, task: TaskName) -> list[str]:
        """Return the classes of one task; a binary one beside a task of many has none."""
        kind = self.kind_of(task)
        if kind == "regression" or (kind == "binary" and not self.only_binary):
            return []
        return list(self.classes)

    @property
    def label_names(self) -> list[str]:
        """The names that labels have; a binary task without names has "0" and "1"."""
        names = self.classes_of("classify")
        return ["0", "1"] if self.kind == "binary" and not names else names

    @property
    def only_binary(self) -> bool:
        return not {"multiclass", "multilabel", "ordinal", "instance"} & set(self.tasks.values())

    @model_validator(mode="before")
    @classmethod
    def _is_filled_in_from_the_preset(cls, document: Any) -> Any:
        from podium.competition.presets import filled_in

        return filled_in(document) if isinstance(document, dict) else document

    @field_validator("classes", mode="before")
    @classmethod
    def _names_are_text(cls, names: Any, info: ValidationInfo) -> Any:
        if isinstance(names, dict):
            from podium.competition.class_tables import class_names  # pandas is slow to import

            return class_names(names, info)
        if not isinstance(names, list):
            return names
        for name in names:
            # YAML reads true and ~ as something else than text; which word it was is lost by now.
            if name is None or isinstance(name, bool):
                raise ValueError(
                    f"a class name was read as {name!r}: write it in quotes, as 'true'"
                )
        return [str(name) if isinstance(name, int | float) else name for name in names]

    @model_validator(mode="after")
    def _classes_fit_the_tasks(self) -> Self:
        if not self.tasks:
            raise ValueError("tasks: name at least one, as {classify: multiclass}")
        for task, kind in self.tasks.items():
            spec_fits.refuse_classes(self, task, kind)
        repeated = [name for name, n in Counter(self.classes).items() if n > 1]
        if repeated:
            raise ValueError(f"classes: {sorted(repeated)} stand more than once")
        spec_fits.refuse_open_set(self)
        if self.metric.task is not None and self.metric.task not in self.tasks:
            raise ValueError(f"metric.task: there is no task {self.metric.task}")
        return self

    @model_validator(mode="after")
    def _train_says_its_answers(self) -> Self:
        train = self.data.train
        if "segment" in self.tasks and train.mask is None:
            raise ValueError(
                "data.train needs mask: the pattern of the mask files, as "
                '"data/masks/{id}.png", or {table, id, rle}'
            )
        if "segment" in self.tasks:
            spec_fits.refuse_masks(self, train)
        spec_fits.refuse_slices(self)
        needed = {"label": "classify", "coverage": "segment", None: ""}[self.folds.balance]
        if needed and needed not in self.tasks:
            raise ValueError(f"folds.balance: {self.folds.balance} needs a task {needed}")
        if "classify" in self.tasks:
            spec_fits.refuse_labels(self, train)
        if self.data.unlabelled is not None:
            spec_fits.refuse_columns(self, self.data.unlabelled, "data.unlabelled")
        return self

    @model_validator(mode="after")
    def _units_are_named_and_fit(self) -> Self:
        refuse_units(self)
        return self

    @model_validator(mode="after")
    def _extra_says_its_answers(self) -> Self:
        for name in self.data.extra:
            try:
                spec_fits.refuse_extra(self.with_extra_as_train(name))
            except ValueError as error:
                raise ValueError(str(error).replace("data.train", f"data.extra.{name}")) from None
        return self

    def with_extra_as_train(self, name: str) -> Self:
        """Return the same competition with `data.extra.<name>` as its train part.

        What reads train reads the extra images then, by the conventions that are theirs.
        """
        return self.with_as_train(self.data.extra[name])

    def with_as_train(self, source: Source) -> Self:
        """Return the same competition with `source` as its train part, and nothing extra."""
        data = self.data.model_copy(update={"train": source, "extra": {}})
        return self.model_copy(update={"data": data})

    @property
    def masks_by_class(self) -> bool:
        """Whether each class of a mask has a file of its own, as `masks/{class}/{id}.png` says.

        A {class} that the path of the image has, too, is that text: the folder that it lies in.
        """
        mask = self.data.train.mask
        return (
            "segment" in self.tasks
            and self.mask_kind in ("multiclass", "multilabel")
            and isinstance(mask, str)
            and "{class}" in mask
            and not self.data.train.is_by_class
        )

    @property
    def has_objects(self) -> bool:
        """Whether masks are of single objects: `segment: instance`."""
        return self.tasks.get("segment") == "instance"

    @property
    def masks_by_object(self) -> bool:
        """Whether each object has a file of its own, as the `*` in `masks/{id}/*.png` says.

        Else the values of one file, or of one a class, number the objects; of a name as `{id}.*`
        only the ending is open.
        """
        mask = self.data.train.mask
        name = mask.rpartition("/")[2] if isinstance(mask, str) else ""
        stem = name.rpartition(".")[0] or name
        return self.has_objects and ("*" in stem or "?" in stem)

    @property
    def masks_are_binary(self) -> bool:
        return self.masks_by_class or self.masks_by_object or self.mask_kind == "binary"

    @property
    def labels_from_masks(self) -> bool:
        """Whether a label is read off the mask: is there anything (of the class) in it?"""
        train = self.data.train
        return "segment" in self.tasks and train.mask is not None and not train.has_labels

    @property
    def reads_labels_off_masks(self) -> bool:
        """Whether labels are read off masks and masks can say them: not which one class it is."""
        if not self.labels_from_masks or "classify" not in self.tasks:
            return False
        by_class = self.kind == "multilabel" and self.mask_kind != "binary"
        return self.kind == "binary" or by_class


def load_competition(path: Path) -> Competition:
    """Return the competition described by `path`, a `competition.yaml` or the folder that holds it.

    Raises:
        DataError: the file is missing, is not YAML, or a key or value is wrong; names the line.
    """
    file = path / "competition.yaml" if path.is_dir() else path
    extensions.refresh(file.parent)
    found = read_document(file, Competition, error=DataError, context={"root": file.parent})
    return found.at(file.parent)

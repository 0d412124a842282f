"""`competition.yaml` as frozen models: what a competition is, and what it cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    PrivateAttr,
    field_validator,
    model_validator,
)

from podium.competition.data_spec import DataSpec, MaskTable, Part, RleSpec, Source
from podium.competition.readers import Reader
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

TaskKind = Literal["multiclass", "multilabel", "binary", "regression"]
TaskName = Literal["classify", "segment"]
FoldScheme = Literal[
    "stratified", "group", "stratified_group", "multilabel_stratified", "time", "holdout", "column"
]
ValueKind = Literal["prob", "label", "name", "labels", "scalar", "rle"]

MAX_MASK_CLASSES = 254  # a mask is 8 bits a pixel, and 255 stands for pixels that nobody labelled


class FoldsSpec(Part):
    """How train is split for validation."""

    scheme: FoldScheme = "stratified"
    n: Annotated[int, Field(ge=1, le=100)] = 5
    seed: int = 42
    group: str | None = Field(default=None, description="column whose values must not cross folds")
    time: str | None = Field(default=None, description="column that orders the rows (scheme: time)")
    column: str | None = Field(
        default=None, description="column that already holds the folds (scheme: column)"
    )
    fraction: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.2, description="held out (scheme: holdout)"
    )
    balance: Literal["label", "coverage"] | None = Field(
        default=None,
        description="even in every fold: labels (default), or how much of an image is foreground",
    )

    @model_validator(mode="after")
    def _columns_that_the_scheme_needs(self) -> Self:
        needed = {"group": "group", "stratified_group": "group", "time": "time", "column": "column"}
        column = needed.get(self.scheme)
        if column is not None and getattr(self, column) is None:
            raise ValueError(f"scheme {self.scheme} needs {column}: a column of the train table")
        return self


class MetricSpec(BaseModel):
    """A metric by name; every further key is an option of that metric (`eps`, `average` …)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    task: TaskName | None = Field(default=None, description="default: the only task, or segment")

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class SubmissionSpec(Part):
    """The format of a submission file.

    `columns` maps each column of the file, in order, to a field: `id`, `class` (from 0),
    `class_number` (from 1), `class_name`, `value`, or `prob[<class name>]`. Empty `columns` are
    read from the header of `sample`. With `rows: image_class` the template `id` may hold `{class}`,
    the class's name, `{index}` from 0 or `{number}` from 1.
    """

    sample: str | None = None
    rows: Literal["image", "image_class"] = "image"
    id: str = "{id}"
    columns: dict[str, str] = Field(default_factory=dict)
    value: ValueKind = "label"
    sep: str = " "
    empty: str = ""
    rle: RleSpec = RleSpec()


class KaggleSpec(Part):
    """Where submissions go, and how many there may be."""

    slug: str | None = None
    kind: Literal["file", "code"] = "file"
    daily_limit: Annotated[int, Field(ge=1)] = 5
    finals: Annotated[int, Field(ge=1)] = 2
    host: str | None = Field(
        default=None,
        description="None: Kaggle. A URL, or the folder of an embedded host, started when needed",
    )


class Competition(Part):
    """What a competition is: the content of `competition.yaml`, and the folder it lies in."""

    name: str
    tasks: dict[TaskName, TaskKind]
    classes: list[str] = Field(default_factory=list)
    data: DataSpec
    frame: Literal["native"] | tuple[PositiveInt, PositiveInt] = Field(
        default="native",
        description="[height, width] in which masks are predicted, scored and written; native: "
        "each image's own",
    )
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
        return Reader(self.data.reader, self._root)

    @property
    def scored_task(self) -> TaskName:
        """The task that the metric scores and the submission holds."""
        if self.metric.task is not None:
            return self.metric.task
        return "segment" if "segment" in self.tasks else "classify"

    @property
    def kind(self) -> TaskKind:
        """The kind of the classification task."""
        return self.tasks["classify"]

    @property
    def n_outputs(self) -> int:
        """How many numbers a network returns an image: classes, or 1 (binary, regression)."""
        return self.outputs("classify")

    def outputs(self, task: TaskName) -> int:
        """Return the channels of a network's answer: of an image (classify), a pixel (segment).

        A multiclass segmentation has one more than classes: background is channel 0.
        """
        kind = self.tasks[task]
        if kind in ("binary", "regression"):
            return 1
        return len(self.classes) + (task == "segment" and kind == "multiclass")

    def classes_of(self, task: TaskName) -> list[str]:
        """Return the classes of one task; a binary one beside a task of many has none."""
        kind = self.tasks[task]
        if kind == "regression" or (kind == "binary" and not self._only_binary):
            return []
        return list(self.classes)

    @property
    def label_names(self) -> list[str]:
        """The names that labels have; a binary task without names has "0" and "1"."""
        names = self.classes_of("classify")
        return ["0", "1"] if self.kind == "binary" and not names else names

    @property
    def _only_binary(self) -> bool:
        return not {"multiclass", "multilabel"} & set(self.tasks.values())

    @field_validator("classes", mode="before")
    @classmethod
    def _names_are_text(cls, names: Any) -> Any:
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
            self._refuse_classes(task, kind)
        repeated = {name for name in self.classes if self.classes.count(name) > 1}
        if repeated:
            raise ValueError(f"classes: {sorted(repeated)} stand more than once")
        if self.metric.task is not None and self.metric.task not in self.tasks:
            raise ValueError(f"metric.task: there is no task {self.metric.task}")
        return self

    def _refuse_classes(self, task: TaskName, kind: TaskKind) -> None:
        count = len(self.classes)
        # One class of a multilabel or multiclass mask is something: there is background, too.
        least = 1 if task == "segment" else 2
        if kind in ("multiclass", "multilabel") and count < least:
            raise ValueError(f"classes: a {kind} task needs at least {least}, got {count}")
        if task == "segment" and kind == "regression":
            raise ValueError("tasks: segment is binary, multiclass or multilabel, not regression")
        if task == "segment" and count > MAX_MASK_CLASSES:
            raise ValueError(f"classes: masks have at most {MAX_MASK_CLASSES}, got {count}")
        if kind == "binary" and self._only_binary and count not in (0, 2):
            raise ValueError(
                "classes: a binary task has none (labels are 0 and 1) or two [negative, positive], "
                f"got {count}"
            )
        if kind == "regression" and len(self.tasks) == 1 and count:
            raise ValueError(f"classes: a regression task has none, got {count}")

    @model_validator(mode="after")
    def _train_says_its_answers(self) -> Self:
        train = self.data.train
        if "segment" in self.tasks and train.mask is None:
            raise ValueError(
                "data.train needs mask: the pattern of the mask files, as "
                '"data/masks/{id}.png", or {table, id, rle}'
            )
        if "segment" in self.tasks:
            self._refuse_masks(train)
        needed = {"label": "classify", "coverage": "segment", None: ""}[self.folds.balance]
        if needed and needed not in self.tasks:
            raise ValueError(f"folds.balance: {self.folds.balance} needs a task {needed}")
        if "classify" in self.tasks:
            self._refuse_labels(train)
        if self.data.unlabelled is not None:
            self._refuse_columns(self.data.unlabelled, "data.unlabelled")
        return self

    @model_validator(mode="after")
    def _extra_says_its_answers(self) -> Self:
        for name in self.data.extra:
            try:
                self.with_extra_as_train(name)._refuse_extra()
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

    def _refuse_extra(self) -> None:
        """Raise unless train says some answer to a task, if not to each."""
        train = self.data.train
        has_masks = "segment" in self.tasks and train.mask is not None
        has_labels = "classify" in self.tasks and train.has_labels
        if has_masks:
            self._refuse_masks(train)
        if has_labels:
            self._refuse_columns(train)
        if not has_masks and not has_labels:
            raise ValueError(
                "data.train says no answer to learn from: it needs label, a folder in the place of "
                "{class} or, for a task segment, mask"
            )

    def _refuse_columns(self, train: Source, part: str = "data.train") -> None:
        if isinstance(train.label, list) and len(train.label) != len(self.classes):
            raise ValueError(
                f"{part}.label names {len(train.label)} columns for {len(self.classes)} "
                "classes: one 0/1 column a class, in the order of classes"
            )

    def _refuse_masks(self, train: Source) -> None:
        kind = self.tasks["segment"]
        names = {"background", *(["foreground"] if self._masks_are_binary else [])}
        names |= set(self.classes if kind != "binary" else self.classes_of("segment"))
        if self.masks_by_class:
            names -= set(self.classes)
        unknown = sorted(set((train.mask_values or {}).values()) - names)
        if unknown:
            raise ValueError(
                f"data.train.mask_values: there is no class {unknown[0]!r}; known are "
                f"{', '.join(sorted(names))}"
            )
        if not isinstance(train.mask, MaskTable):
            return
        names_class = train.mask.label is not None or "{class}" in train.mask.id
        if kind == "binary" and names_class:
            raise ValueError(
                "data.train.mask: a binary mask has no classes: leave out label and {class}, or "
                "write tasks: {segment: multilabel}"
            )
        if kind != "binary" and len(self.classes) > 1 and not names_class:
            raise ValueError(
                "data.train.mask needs label: the column that names the class of a row, or an id "
                "of {id} and {class}"
            )

    def _refuse_labels(self, train: Source) -> None:
        self._refuse_columns(train)
        if self.labels_from_masks and self.kind in ("binary", "multilabel"):
            if self.kind == "multilabel" and self.tasks["segment"] == "binary":
                raise ValueError(
                    "data.train needs label: a binary mask does not say which of the classes it is"
                )
            return
        if train.table is None:
            if "{class}" not in train.images or self.kind in ("multilabel", "regression"):
                raise ValueError(
                    f"data.train: labels of a {self.kind} task come from a table and its label "
                    "column, or, for one class an image, from a folder in the place of {class}"
                )
        elif train.label is None:
            raise ValueError("data.train needs label: the column of the table that holds the label")

    @property
    def masks_by_class(self) -> bool:
        """Whether each class of a mask has a file of its own, as `masks/{class}/{id}.png` says.

        A {class} that the path of the image has, too, is that text: the folder that it lies in.
        """
        mask = self.data.train.mask
        return (
            self.tasks.get("segment") in ("multiclass", "multilabel")
            and isinstance(mask, str)
            and "{class}" in mask
            and "{class}" not in self.data.train.images
        )

    @property
    def _masks_are_binary(self) -> bool:
        return self.masks_by_class or self.tasks["segment"] == "binary"

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
        by_class = self.kind == "multilabel" and self.tasks["segment"] != "binary"
        return self.kind == "binary" or by_class


def load_competition(path: Path) -> Competition:
    """Return the competition described by `path`, a `competition.yaml` or the folder that holds it.

    Raises:
        DataError: the file is missing, is not YAML, or a key or value is wrong; names the line.
    """
    file = path / "competition.yaml" if path.is_dir() else path
    extensions.refresh(file.parent)
    return read_document(file, Competition, error=DataError).at(file.parent)

"""`competition.yaml` as frozen models, and checks that its parts do not contradict each other.

Its sections: folds and Kaggle; tasks and metric are in `task_spec.py`, the format of a submission
file in `format_spec.py`, the location of the data in `data_spec.py`, the aggregation of images to
scored units in `units.py`. The `refuse_…` functions raise a ValueError where one part of the file
contradicts another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from podium.competition.presets import find_preset, with_preset_values
from podium.competition.readers import Reader
from podium.competition.sections.data import DataSource, DataSpec, MaskTable, RleSpec, SpecSection
from podium.competition.sections.frame import Frame, PatchFrame
from podium.competition.sections.submission import FormatParameters, answer_columns
from podium.competition.sections.tasks import (
    BY_OUTPUT,
    MetricSpec,
    Tasks,
    WrittenMetric,
    combination_of,
    with_each_part,
    written_combination,
)
from podium.competition.truths.levels import levels_of_classes
from podium.competition.truths.pixels import Pixels
from podium.competition.units import UnitsSpec, refuse_units
from podium.errors import DataError, plural
from podium.tasks.protocols.find import find_kind, kind_names, with_levels, with_sizes
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import (
    IMAGES,
    PIXELS,
    TaskName,
    has_images,
    has_pixels,
    is_of_images,
    is_of_pixels,
    of_images,
    of_pixels,
)
from podium.tasks.protocols.outputs import OUTPUT_SIGN, output_names, output_sizes
from podium.workspace import extensions
from podium.workspace.documents import read_document

__all__ = [
    "Competition",
    "DataSource",
    "FoldScheme",
    "FoldsSpec",
    "MaskTable",
    "RleSpec",
    "load_competition",
]


FoldScheme = Literal[
    "stratified",
    "group",
    "stratified_group",
    "multilabel_stratified",
    "shared_files",
    "time",
    "holdout",
    "column",
]


class FoldsSpec(SpecSection):
    """Settings of the cross-validation split of train."""

    scheme: FoldScheme = Field(
        default="stratified",
        description="stratified: each class has its share in every fold; group: no group is in two "
        "folds; stratified_group: both; multilabel_stratified: each label has its share; "
        "shared_files: no image file is in two folds; time: each fold is later than what it "
        "trains on; holdout: one fold, a fraction of the rows; column: the folds are in a column",
    )
    n: Annotated[int, Field(ge=1, le=100)] = 5
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 42
    group: str | None = Field(
        default=None,
        description="column whose values must not cross folds; or a part of a cell, as "
        "'Path={group}/*', or of the ids, as 'id={group}_*' or 'id={group}{n}' ({n} is a number); "
        "or groups.csv, a file of id and group, which `podium folds --group` writes",
    )
    time: str | None = Field(default=None, description="column that orders the rows (scheme: time)")
    column: str | None = Field(
        default=None, description="column that already holds the folds (scheme: column)"
    )
    fraction: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.2, description="held out (scheme: holdout)"
    )
    duplicates: Literal["refuse", "allow"] = Field(
        default="refuse",
        description="of one picture in several folds: train is refused, or the scores remember it",
    )
    balance: Literal["label", "coverage"] | None = Field(
        default=None,
        description="even in every fold: labels (default), or how much of an image is foreground",
    )

    @property
    def group_file(self) -> str | None:
        """The file that `group` names; None where it is a column."""
        is_file = self.group is not None and self.group.endswith(".csv")
        return self.group if is_file else None

    @model_validator(mode="after")
    def _columns_that_the_scheme_needs(self) -> Self:
        needed = {"group": "group", "stratified_group": "group", "time": "time", "column": "column"}
        column = needed.get(self.scheme)
        if column is not None and getattr(self, column) is None:
            raise ValueError(f"scheme {self.scheme} needs {column}: a column of the train table")
        return self


class SubmissionSpec(FormatParameters):
    """The format of a submission file, by name (`preset`) or by keys; keys override the preset.

    Empty `columns` are read from the header of `sample`.
    """

    preset: str | None = Field(
        default=None,
        description="a known competition's format; `podium presets` lists them. Its metric, frame, "
        "tasks and classes stand in where these keys are absent",
    )
    sample: str | None = None

    @field_validator("preset")
    @classmethod
    def _is_a_preset(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                find_preset(name)
            except DataError as error:
                raise ValueError(f"{error.message}: {error.fix}") from None
        return name


MAX_MASK_CLASSES = 254  # a mask is 8 bits a pixel, and 255 stands for unlabelled pixels


def refuse_classes(competition: Competition, task: TaskName, kind: Kind) -> None:
    """Raise unless `classes` fit a task of that kind."""
    count = len(competition.classes)
    # One class of a multilabel or multiclass mask is something: there is background, too.
    least = 1 if is_of_pixels(task) else 2
    if kind.needs_classes and count < least:
        raise ValueError(f"classes: {kind.named} task needs at least {least}, got {count}")
    if is_of_images(task) and kind.finds_objects:
        raise ValueError("tasks: objects have masks: write tasks: {segment: instance}")
    if kind.task != task:
        *known, last = kind_names(task)
        raise ValueError(f"tasks: {task} is {', '.join(known)} or {last}, not {kind}")
    if kind.is_of_pixels and count > MAX_MASK_CLASSES:
        raise ValueError(f"classes: masks have at most {MAX_MASK_CLASSES}, got {count}")
    if kind.is_yes_no and competition.only_binary and count not in (0, 2):
        raise ValueError(
            "classes: a binary task has none (labels are 0 and 1) or two [negative, positive], "
            f"got {count}"
        )
    if kind.refuses_classes and len(competition.tasks) == 1 and count:
        raise ValueError(f"classes: {kind.named} task has none, got {count}")


def _of_outputs(classes: Mapping[str, list[Any]]) -> list[Any]:
    """Return the classes of several outputs in one list, as `colour=red`."""
    for output in classes:
        if OUTPUT_SIGN in output or not output:
            raise ValueError(f"classes: an output has a name without {OUTPUT_SIGN!r}: {output!r}")
    return [
        f"{output}{OUTPUT_SIGN}{name}" if isinstance(name, str) else name
        for output, names in classes.items()
        for name in names
    ]


def refuse_outputs(competition: Competition) -> None:
    """Raise unless each output has two classes at least, which stand together."""
    classes = competition.classes
    if unnamed := [one for one in classes if OUTPUT_SIGN not in one.strip(OUTPUT_SIGN)]:
        raise ValueError(
            f"classes: {unnamed[0]!r} names no output: write classes: {{colour: [red, blue], "
            "shape: [round, square]}, the classes of each output"
        )
    places = [output_names(classes).index(one.partition(OUTPUT_SIGN)[0]) for one in classes]
    if places != sorted(places):
        raise ValueError("classes: those of one output must stand together")
    for output, size in zip(output_names(classes), output_sizes(classes), strict=True):
        if size < 2:
            raise ValueError(f"classes: output {output!r} needs at least 2 classes, got {size}")
    if len(output_names(classes)) < 2:
        raise ValueError(
            "classes: a multioutput task has several outputs; of one write classify: multiclass"
        )


def with_weights_by_class(metric: MetricSpec, classes: Sequence[str]) -> MetricSpec:
    """Return the metric with `class_weights` as a list, where they are given by name.

    A class that is not named weighs 1. Of several outputs a name is that of one class, as
    `colour=red`, or of the classes of all outputs that are called so, as `red`.

    Raises:
        ValueError: weights name no class.
    """
    given = metric.options.get("class_weights")
    if not isinstance(given, Mapping):
        return metric
    weights = {str(name): weight for name, weight in given.items()}
    plain = [one.partition(OUTPUT_SIGN)[2] for one in classes]
    known = [*filter(None, plain)] or classes
    if strange := [*(weights.keys() - {*classes, *known})]:
        listed = ", ".join(dict.fromkeys(known))
        raise ValueError(f"metric.class_weights: there is no class {min(strange)!r}: {listed}")
    each = [
        weights.get(name, weights.get(one, 1.0)) for name, one in zip(classes, plain, strict=True)
    ]
    return metric.model_copy(update={"class_weights": each})


def metric_by_output(metric: MetricSpec, classes: Sequence[str]) -> MetricSpec:
    """Return the metric of each output, with their numbers of classes and weights as options.

    Raises:
        ValueError: weights name another output.
    """
    options, outputs = metric.options, output_names(classes)
    weights = options.get("weights")
    if isinstance(weights, Mapping):
        if strange := [one for one in weights if one not in outputs]:
            raise ValueError(
                f"metric.weights: there is no output {strange[0]!r}: {', '.join(outputs)}"
            )
        options["weights"] = [weights.get(one, 1.0) for one in outputs]
    name = metric.name
    if ":" not in name and not name.endswith(BY_OUTPUT):
        name += BY_OUTPUT
    if name.endswith(BY_OUTPUT):
        options["outputs"] = list(output_sizes(classes))
    return metric.model_copy(update={"name": name, **options})


def refuse_open_set(competition: Competition) -> None:
    """Raise if the label of `open_set` is also a class, or cannot be scored."""
    name = competition.open_set
    if name is None:
        return
    kind = of_images(competition.tasks)
    if has_pixels(competition.tasks) or kind is None or not kind.is_exclusive:
        raise ValueError("open_set: it is of one task alone, tasks: {classify: multiclass}")
    if name in competition.classes:
        raise ValueError(
            f"open_set: {name!r} is one of classes: take it out of them, so that it is not trained "
            "on; or leave open_set out, and it is a class as the others are"
        )
    if competition.submission.unknown not in (None, name):
        raise ValueError(
            f"open_set: {name!r} is {competition.submission.unknown!r} in submission.unknown: one "
            "name for what is none of the classes"
        )
    if isinstance(competition.data.train.label, list):
        raise ValueError("open_set: columns of 0 and 1 cannot hold it; name one column of labels")
    if competition.data.train.unit is not None:
        raise ValueError("open_set: not where data.train.unit joins images to units")


def refuse_combination(competition: Competition) -> None:
    """Raise unless each part of a score of several names a task, where there are two."""
    combination = written_combination(competition.metric)
    if combination is None:
        return
    for one in combination.parts:
        if one.task is None and (len(competition.tasks) > 1 or not combination.is_of_one_task):
            raise ValueError(f"metric.parts: {one.label} needs task: classify or segment")
        if one.task is not None and one.task not in competition.tasks:
            raise ValueError(f"metric.parts: there is no task {one.task}")
    if combination.is_of_one_task:
        return
    if competition.open_set is not None or competition.data.train.unit is not None:
        raise ValueError("metric.parts: not with open_set or units of several images")


def refuse_answers(competition: Competition) -> None:
    """Raise unless the columns of a row with several answers name tasks that there are."""
    listed = [one for one in answer_columns(competition.submission) if one.is_answer]
    for one in listed:
        if one.task is None and len(competition.tasks) > 1:
            raise ValueError(
                f"submission.columns: {one.name!r} needs task: {' or '.join(competition.tasks)}"
            )
        if one.task is not None and one.task not in competition.tasks:
            raise ValueError(
                f"submission.columns: {one.name!r} is of {one.task}, and there is no such task"
            )
    absent = [task for task in competition.scored_tasks if task not in competition.answered_tasks]
    if listed and absent:
        raise ValueError(f"submission.columns: {absent[0]} is scored, and no column holds it")
    if len(competition.scored_tasks) > 1 and not listed and competition.submission.columns:
        raise ValueError(
            "submission.columns: several tasks are scored: write a list, with a column for each, "
            "as {name: label, value: label, task: classify}"
        )
    if len(competition.answered_tasks) > 1 and not competition.scores_masks:
        raise ValueError(
            "metric: the file holds masks, too: set metric.task: segment, or list both under parts"
        )


def refuse_extra(competition: Competition) -> None:
    """Raise unless train has labels or masks for at least one task."""
    train = competition.data.train
    has_masks = has_pixels(competition.tasks) and train.mask is not None
    has_labels = has_images(competition.tasks) and train.has_labels
    if has_masks:
        refuse_masks(competition, train)
    if has_labels:
        refuse_columns(competition, train)
    if not has_masks and not has_labels:
        raise ValueError(
            "data.train has nothing to train on: it needs label, a folder in the place of "
            "{class} or, for a task segment, mask"
        )


def refuse_columns(competition: Competition, train: DataSource, part: str = "data.train") -> None:
    """Raise unless there is a label column a class, where there is a list of them."""
    if competition.has_labels and competition.kind.is_by_output:
        outputs = output_names(competition.classes)
        if isinstance(train.label, list) and len(train.label) != len(outputs):
            raise ValueError(
                f"{part}.label names {plural(len(train.label), 'column')} for "
                f"{plural(len(outputs), 'output')}: one "
                f"column an output, in the order of {', '.join(outputs)}"
            )
        return
    if isinstance(train.label, list) and competition.has_labels and competition.kind.is_by_level:
        raise ValueError(f"{part}.label: quantiles are of the numbers of one column, not of a list")
    if isinstance(train.label, list) and len(train.label) != len(competition.classes):
        raise ValueError(
            f"{part}.label names {plural(len(train.label), 'column')} for "
            f"{len(competition.classes)} classes: one column a class (of 0 and 1, or of numbers), "
            "in the order of classes"
        )


def refuse_slices(competition: Competition) -> None:
    """Raise if a slice could be the neighbour of one that another fold validates."""
    slices = competition.data.train.slices
    folds = competition.folds
    if slices is not None and folds.group is None and folds.scheme != "column":
        raise ValueError(
            "data.train.slices: a slice is part of its neighbours' images, and must not cross "
            f"folds: write folds: {{scheme: stratified_group, group: {slices.volume}}}"
        )


def refuse_patches(competition: Competition) -> None:
    """Raise if masks of patches are of objects or of one class of several a pixel."""
    if not isinstance(competition.frame, PatchFrame):
        return
    if not competition.has_masks or competition.has_objects or competition.mask_kind.is_exclusive:
        raise ValueError(
            "frame: patches are of a class or not: they need a task {segment: binary} or "
            "{segment: multilabel}"
        )


def refuse_masks(competition: Competition, train: DataSource) -> None:
    """Raise unless the masks of `train` are defined in the classes of the competition."""
    kind = competition.mask_kind
    names = {"background", *(["foreground"] if competition.masks_are_binary else [])}
    names |= set(competition.classes_of(PIXELS) if kind.is_yes_no else competition.classes)
    if competition.masks_by_class or competition.masks_by_object:
        names -= set(competition.classes)
    unknown = sorted(set((train.mask_values or {}).values()) - names)
    if unknown:
        raise ValueError(
            f"data.train.mask_values: there is no class {unknown[0]!r}; known are "
            f"{', '.join(sorted(names))}"
        )
    if not isinstance(train.mask, MaskTable):
        if competition.has_objects:
            refuse_object_files(competition, train)
        return
    names_class = train.mask.label is not None or "{class}" in train.mask.id
    if kind.is_yes_no and names_class:
        raise ValueError(
            "data.train.mask: a binary mask has no classes: leave out label and {class}, or "
            "write tasks: {segment: multilabel}"
        )
    if not kind.is_yes_no and len(competition.classes) > 1 and not names_class:
        raise ValueError(
            "data.train.mask needs label: the column that names the class of a row, or an id "
            "of {id} and {class}"
        )


def refuse_object_files(competition: Competition, train: DataSource) -> None:
    """Raise unless files of objects define the class of each object and their pixel values."""
    if len(competition.classes) > 1 and not competition.masks_by_class:
        raise ValueError(
            "data.train.mask: files of objects of several classes have {class} in their path, as "
            "data/masks/{id}/{class}/*.png or data/masks/{class}/{id}.png; or write a table with "
            "label"
        )
    if train.mask_values is not None and not competition.masks_by_object:
        raise ValueError(
            "data.train.mask_values: the values of such a file number the objects, and 0 is "
            "background; write a * for the name of a file of one object, as data/masks/{id}/*.png"
        )


def refuse_labels(competition: Competition, train: DataSource) -> None:
    """Raise unless `train` locates the labels."""
    refuse_columns(competition, train)
    kind = competition.kind
    if competition.labels_from_masks and kind.is_thresholded:
        if kind.is_by_class and competition.mask_kind.is_yes_no:
            raise ValueError(
                "data.train needs label: a binary mask does not define which of the classes it is"
            )
        return
    # A table may be joined for its other columns, where folders are the classes.
    if not train.tables or (train.label is None and train.join is not None and train.is_by_class):
        if not train.is_by_class or kind.is_by_class or kind.is_continuous:
            raise ValueError(
                f"data.train: labels of {kind.named} task come from a table and its label "
                "column (data.train.table or join), or, for one class an image, from a folder in "
                "the place of {class}"
            )
    elif train.label is None:
        raise ValueError("data.train needs label: the column of the table that holds the label")


class KaggleSpec(SpecSection):
    """The competition on Kaggle, and its limits of submissions."""

    slug: str | None = None
    kind: Literal["file", "code"] = "file"
    daily_limit: Annotated[int, Field(ge=1)] = 5
    finals: Annotated[int, Field(ge=1)] = 2
    public_share: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="the share of the test set behind the public score, as 0.3; Kaggle states it "
        "above the leaderboard. None: unknown",
    )
    max_bytes: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="maximal size of a submission file in bytes; None: unknown"
    )
    host: str | None = Field(
        default=None,
        description="None: Kaggle. A URL, or the folder of an embedded host, started when needed",
    )

    @property
    def is_named(self) -> bool:
        """Whether the competition, or a host of one's own, is named that takes files."""
        return self.slug is not None or self.host is not None


class Competition(SpecSection):
    """A competition: the content of `competition.yaml`, and the folder that holds it.

    Its attributes are the keys of that file.

    Example:
        >>> import podium
        >>> competition = podium.load_competition("~/leaves")
        >>> competition.metric.name, competition.folds.n
        ('accuracy', 2)
    """

    page: ClassVar[str] = "docs/competition.md"
    """describes its keys"""

    name: str
    to_choose: list[str] = Field(
        default_factory=list,
        description="keys for which several readings fit the data, as `podium init` found: `podium "
        "choose` shows and answers them; what depends on one waits for it",
    )
    tasks: Tasks
    open_set: str | None = Field(
        default=None,
        description="the label of images of none of the classes, as new_whale: not trained on, and "
        "predicted by rankings (or confident classes) where no class is likely enough",
    )
    classes: list[str] = Field(
        default_factory=list,
        description="their names, in order; of several outputs {colour: [red, blue], shape: "
        "[round, square]}; of thousands {table: data/train.csv, column: Id}: what the column "
        "holds, without open_set, in ascending order",
    )
    positions: bool = Field(
        default=False,
        description="whether the numbers of a multitarget task are places in the image, as those "
        "of keypoints: what flips, turns, shifts or crops images is refused then",
    )
    sides: bool = Field(
        default=False,
        description="whether names of classes or outputs are the left and the right of one thing, "
        "which change places in a flipped image: what flips or turns images is refused then",
    )
    data: DataSpec
    frame: Frame = Field(
        default="native",
        description="[height, width] in which masks are predicted, scored and written, and which "
        "mask files may have; {patch, above}: of one pixel a patch; native: each image's own",
    )
    units: UnitsSpec = UnitsSpec()
    folds: FoldsSpec = FoldsSpec()
    metric: WrittenMetric
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

    def in_native_frame(self) -> Self:
        """Return the same competition with masks of each image's own size."""
        return self.model_copy(update={"frame": "native"}).at(self._root)

    def require_chosen(self, *sections: str) -> None:
        """Raise where a key of `sections` is still to be chosen.

        Args:
            sections: beginnings of keys, as "data" or "submission"; without any, all keys count.

        Raises:
            DataError: names the keys, and where the readings stand.
        """
        waiting = [key for key in self.to_choose if not sections or key.split(".")[0] in sections]
        if waiting:
            raise DataError(
                f"{' and '.join(waiting)}: several readings fit the data",
                where=self._root / "competition.yaml",
                fix="`podium choose` shows them, each with its reason, and writes the one that you "
                "choose",
            )

    @property
    def reader(self) -> Reader:
        """The reader of the image files."""
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
        return PIXELS if self.has_masks else IMAGES

    @property
    def scored_tasks(self) -> tuple[TaskName, ...]:
        """The tasks that the score is made of, the leading one (`scored_task`) first."""
        combination = combination_of(self.metric)
        if combination is None:
            return (self.scored_task,)
        others = [one.task for one in combination.parts_of_tasks if one.task != self.scored_task]
        return (self.scored_task, *(one for one in others if one is not None))

    @property
    def answered_tasks(self) -> tuple[TaskName, ...]:
        """The tasks that a submission holds, in the order of `tasks`; mostly the scored one."""
        listed = [one for one in answer_columns(self.submission) if one.is_answer]
        if not listed:
            return (self.scored_task,)
        named = {one.task or self.scored_task for one in listed}
        return tuple(task for task in self.tasks if task in named)

    def metric_of(self, task: TaskName) -> MetricSpec | None:
        """Return the metric that scores `task`: the only one, or its part; None: it is not scored.

        Its options are those of `competition.yaml`.
        """
        combination = combination_of(self.metric)
        if combination is None:
            return self.metric if task == self.scored_task else None
        part = combination.part_of(task)
        return None if part is None else part.alone

    @property
    def scores_masks(self) -> bool:
        """Whether the metric scores masks or objects, not labels; of several, one of them."""
        return is_of_pixels(self.scored_task)

    @property
    def has_labels(self) -> bool:
        """Whether there is a task of images: labels."""
        return has_images(self.tasks)

    @property
    def has_masks(self) -> bool:
        """Whether there is a task of pixels: masks or objects."""
        return has_pixels(self.tasks)

    @property
    def scores_units(self) -> bool:
        """True where labels are scored, and for units of `data.train.unit`, not single images."""
        return self.data.train.unit is not None and not self.scores_masks

    @property
    def kind(self) -> Kind:
        """The kind of the classification task."""
        return self.tasks[IMAGES]

    @property
    def mask_kind(self) -> Kind:
        """The kind of prediction for a pixel; of objects: presence (binary), or the class."""
        return self.kind_of(PIXELS)

    def kind_of(self, task: TaskName) -> Kind:
        """Return the kind of a network's output; for objects that of masks, binary or a class."""
        kind = self.tasks[task]
        return (
            kind
            if kind.trained_as is None
            else find_kind(task, kind.trained_as[bool(self.classes)])
        )

    @property
    def n_outputs(self) -> int:
        """Number of outputs of a network for an image: classes, or 1 (binary, regression)."""
        return self.outputs(IMAGES)

    def outputs(self, task: TaskName) -> int:
        """Return the channels of a network's answer: of an image (classify), a pixel (segment).

        A multiclass segmentation has one more than classes: background is channel 0.
        """
        return self.kind_of(task).n_outputs(len(self.classes))

    def classes_of(self, task: TaskName) -> list[str]:
        """Return the classes of one task; a binary one beside a task of many has none."""
        kind = self.kind_of(task)
        if kind.refuses_classes or (kind.is_yes_no and not self.only_binary):
            return []
        return list(self.classes)

    @property
    def number_columns(self) -> list[str]:
        """The names of the columns of labels that are numbers; none where they are one number."""
        return list(self.classes) if self.kind.is_by_column else []

    @property
    def row_names(self) -> list[str]:
        """The names of which a sample submission may have a row each: classes, or outputs."""
        if self.has_labels and self.kind.is_by_output:
            return output_names(self.classes)
        return list(self.classes)

    @property
    def label_names(self) -> list[str]:
        """The names that labels have; a binary task without names has "0" and "1"."""
        names = self.classes_of(IMAGES)
        return ["0", "1"] if self.kind.is_yes_no and not names else names

    @property
    def only_binary(self) -> bool:
        return not any(kind.needs_classes or kind.finds_objects for kind in self.tasks.values())

    @model_validator(mode="before")
    @classmethod
    def _is_filled_in_from_the_preset(cls, document: Any) -> Any:
        return with_preset_values(document) if isinstance(document, dict) else document

    @field_validator("classes", mode="before")
    @classmethod
    def _names_are_text(cls, names: Any, info: ValidationInfo) -> Any:
        if isinstance(names, dict) and all(isinstance(one, list) for one in names.values()):
            return _of_outputs({str(output): cls._plain(own) for output, own in names.items()})
        if isinstance(names, dict):
            from podium.competition.tables import class_names  # pandas is slow to import

            return class_names(names, info)
        if isinstance(names, list) and any(isinstance(one, dict) for one in names):
            raise ValueError("classes: write a list, or the classes of each output by its name")
        if not isinstance(names, list):
            return names
        return cls._plain(names)

    @staticmethod
    def _plain(names: list[Any]) -> list[Any]:
        """Return names of classes as text; ValueError: YAML read one as something else."""
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
            refuse_classes(self, task, kind)
        found = with_each_part(self.metric, lambda one: with_weights_by_class(one, self.classes))
        object.__setattr__(self, "metric", found)
        if self.has_labels and self.kind.is_by_output:
            refuse_outputs(self)
            if combination_of(self.metric) is not None or self.has_masks:
                raise ValueError("tasks: a multioutput task stands alone, without masks")
            self.tasks[IMAGES] = with_sizes(self.kind, output_sizes(self.classes))
            found = with_each_part(self.metric, lambda one: metric_by_output(one, self.classes))
            object.__setattr__(self, "metric", found)
        if self.has_labels and self.kind.is_by_level:
            if self.has_masks:
                raise ValueError("tasks: a quantiles task stands alone, without masks")
            self.tasks[IMAGES] = with_levels(self.kind, levels_of_classes(self.classes))
        if self.positions:
            if not (self.has_labels and self.kind.is_by_column):
                raise ValueError("positions: they are of columns of numbers: classify: multitarget")
            moves = self.kind.with_facts(turns_with_image=True, moves_with_image=True)
            self.tasks[IMAGES] = moves
        if self.sides:
            if not self.has_labels:
                raise ValueError("sides: they are of labels: masks flip with their images")
            self.tasks[IMAGES] = self.kind.with_facts(turns_with_image=True)
        repeated = [name for name, n in Counter(self.classes).items() if n > 1]
        if repeated:
            raise ValueError(f"classes: {sorted(repeated)} stand more than once")
        refuse_open_set(self)
        if self.metric.task is not None and self.metric.task not in self.tasks:
            raise ValueError(f"metric.task: there is no task {self.metric.task}")
        refuse_combination(self)
        refuse_answers(self)
        return self

    @model_validator(mode="after")
    def _train_has_targets(self) -> Self:
        train = self.data.train
        if self.has_masks and train.mask is None:
            raise ValueError(
                "data.train needs mask: the pattern of the mask files, as "
                '"data/masks/{id}.png", or {table, id, rle}'
            )
        if self.has_masks:
            refuse_masks(self, train)
        refuse_patches(self)
        refuse_slices(self)
        needed = {"label": IMAGES, "coverage": PIXELS, None: ""}[self.folds.balance]
        if needed and needed not in self.tasks:
            raise ValueError(f"folds.balance: {self.folds.balance} needs a task {needed}")
        if self.has_labels:
            refuse_labels(self, train)
        if self.data.unlabelled is not None:
            refuse_columns(self, self.data.unlabelled, "data.unlabelled")
        return self

    @model_validator(mode="after")
    def _units_are_named_and_fit(self) -> Self:
        refuse_units(self)
        return self

    @model_validator(mode="after")
    def _extra_has_targets(self) -> Self:
        for name in self.data.extra:
            try:
                refuse_extra(self.with_extra_as_train(name))
            except ValueError as error:
                raise ValueError(str(error).replace("data.train", f"data.extra.{name}")) from None
        return self

    def with_extra_as_train(self, name: str) -> Self:
        """Return the same competition with `data.extra.<name>` as its train part.

        What reads train reads the extra images then, by the conventions that are theirs.
        """
        return self.with_as_train(self.data.extra[name])

    def with_as_train(self, source: DataSource) -> Self:
        """Return the same competition with `source` as its train part, and nothing extra."""
        data = self.data.model_copy(update={"train": source, "extra": {}})
        return self.model_copy(update={"data": data})

    @property
    def masks_by_class(self) -> bool:
        """True where each class of a mask has a file of its own, as in `masks/{class}/{id}.png`.

        A {class} that the path of the image has, too, is that text: the folder that it lies in.
        """
        mask = self.data.train.mask
        return (
            self.has_masks
            and not self.mask_kind.is_yes_no
            and isinstance(mask, str)
            and "{class}" in mask
            and not self.data.train.is_by_class
        )

    @property
    def masks_lack_background(self) -> bool:
        """True where each pixel is of a class, as no value of a mask file is background."""
        values = self.data.train.mask_values
        if not self.has_masks or values is None or not self.mask_kind.is_exclusive:
            return False
        return "background" not in values.values()

    @property
    def has_objects(self) -> bool:
        """True where masks are of single objects: `segment: instance`."""
        kind = of_pixels(self.tasks)
        return kind is not None and kind.finds_objects

    @property
    def masks_by_object(self) -> bool:
        """True where each object has a file of its own, as by the `*` in `masks/{id}/*.png`.

        Else the values of one file, or of one a class, number the objects; in a name such as
        `{id}.*` only the extension is open.
        """
        return self.has_objects and self._has_open_names

    @property
    def masks_in_pieces(self) -> bool:
        """True where a binary mask is all files of an image together: `{id}_mask*.png`."""
        return self.has_masks and self.mask_kind.is_yes_no and self._has_open_names

    @property
    def _has_open_names(self) -> bool:
        """Whether the name of a mask file has a `*` before its extension."""
        mask = self.data.train.mask
        name = mask.rpartition("/")[2] if isinstance(mask, str) else ""
        stem = name.rpartition(".")[0] or name
        return "*" in stem or "?" in stem

    @property
    def masks_are_binary(self) -> bool:
        return self.masks_by_class or self.masks_by_object or self.mask_kind.is_yes_no

    @property
    def labels_from_masks(self) -> bool:
        """True where labels are derived from masks: whether the class has any pixel."""
        train = self.data.train
        return self.has_masks and train.mask is not None and not train.has_labels

    @property
    def reads_labels_off_masks(self) -> bool:
        """True where labels are derived from masks and can be: not which one class it is."""
        if not self.labels_from_masks or not self.has_labels:
            return False
        return self.kind.is_yes_no or (self.kind.is_by_class and not self.mask_kind.is_yes_no)


def load_competition(path: str | Path) -> Competition:
    """Return the competition described by `path`, a `competition.yaml` or the folder that holds it.

    Raises:
        DataError: the file is missing, is not YAML, or a key or value is wrong; names the line.
    """
    given = Path(path).expanduser()
    file = given / "competition.yaml" if given.is_dir() else given
    extensions.refresh(file.parent)
    found = read_document(file, Competition, error=DataError, context={"root": file.parent})
    return found.at(file.parent)

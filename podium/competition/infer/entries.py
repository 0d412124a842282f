"""The entries of an inferred `competition.yaml`, each with the comment that explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from podium.competition.calibrate.codec_answers import Answer
from podium.competition.infer.channels import channel_pattern
from podium.competition.infer.files import DataFolder
from podium.competition.infer.folders import Plain
from podium.competition.infer.labels import Group, find_fold_column
from podium.competition.infer.mask_entries import mask_entries, rle_entries, why_masks
from podium.competition.infer.parts import Found, Train
from podium.competition.infer.reader import find_reader
from podium.competition.infer.submission import Format, Sample
from podium.competition.infer.tasks import Tasks
from podium.competition.infer.text import Entry
from podium.competition.infer.units import Unit
from podium.competition.presets import Preset
from podium.competition.spec import TaskKind, TaskName

__all__ = ["Seen", "entries_of"]

N_FOLDS = 5
_PATHS = (
    "Where the files are. Paths are relative to this file; {column} stands for a cell of that "
    "column, * for anything."
)
_KINDS = "Others: multiclass, binary, multilabel, ordinal, regression."
_FOLDS = "How train is split for validation; `podium folds` writes the result to folds.csv, once."
_METRIC = "guessed, as {}; the competition's page says which one counts. Among others: {}"
_METRICS = {
    "classify": "accuracy, macro_f1, log_loss, auc, rmse",
    "segment": "mean_dice, mean_iou, global_dice, pixel_accuracy",
    "ratings": "qwk, accuracy, macro_f1, mae",
    "objects": "iou_precision, iou_f2, panoptic_quality, mask_map",
}
_VALUES = (
    "All kinds: name (a class name), label (its place in classes, from 0), labels (several names), "
    "prob (probabilities), score (any number), topk (a ranking of classes), scalar (a number)"
)
_SUBMISSION = "What the file to upload looks like."
_KAGGLE = "Used by `podium submit`; copy it from the competition's page."


@dataclass(frozen=True)
class Seen:
    """What was found in a data folder."""

    folder: DataFolder
    train: Train
    test: Found
    unlabelled: Found | None
    group: Group | None
    sample: Sample | None
    form: Format
    tasks: Tasks
    codec: Mapping[str, Answer] | None = None
    """How runs are written; None where nothing is known of it."""
    known: Preset | None = None
    """The competition that this is, where it is known."""
    unit: Unit | None = None
    """What is scored, where that is several images."""

    @property
    def scored(self) -> TaskName:
        """What is submitted."""
        return "segment" if self.form.value == "rle" else "classify"

    @property
    def kinds(self) -> dict[TaskName, TaskKind]:
        """The kind of each task."""
        found: dict[TaskName, TaskKind] = {}
        if self.tasks.labels is not None:
            found["classify"] = self.tasks.labels.kind
        if self.tasks.masks is not None:
            found["segment"] = self.tasks.masks.kind
        return found

    @property
    def scored_kind(self) -> TaskKind | None:
        """The kind of what is submitted."""
        return self.kinds.get(self.scored)


def entries_of(seen: Seen, *, name: str, slug: str | None) -> list[Entry]:
    """Return the whole file, section by section."""
    train = seen.train
    submission = _submission_entries(seen)
    return [
        Entry("name", name, "shown in reports; any name will do"),
        *_task_entries(train, seen.tasks),
        Entry("data", _data_entries(seen), _PATHS),
        *_frame_entries(seen.known),
        *_unit_entries(seen.unit),
        Entry("folds", _fold_entries(train, seen.group), _FOLDS),
        Entry("metric", _metric_entries(seen)),
        Entry("submission", submission, _SUBMISSION),
        Entry("kaggle", _kaggle_entries(slug), _KAGGLE),
    ]


def _unit_entries(unit: Unit | None) -> list[Entry]:
    if unit is None:
        return []
    aggregate = "of what is said of the images of a unit; max and noisy_or: one finding suffices"
    entries = [Entry("aggregate", "mean", aggregate)]
    if unit.differs:
        entries.append(Entry("truth", "max", f"{unit.differs}: the highest is the unit's"))
    return [Entry("units", entries, "How images become the units that are scored.")]


def _frame_entries(known: Preset | None) -> list[Entry]:
    if known is None or known.frame == "native":
        return []
    why = f"masks are predicted, scored and sent at this height and width, as {known.name} wants it"
    return [Entry("frame", list(known.frame), why)]


def _metric_entries(seen: Seen) -> list[Entry]:
    form = seen.form
    if seen.known is not None and seen.known.tasks.get(seen.scored) == seen.scored_kind:
        metric = seen.known.metric
        entries = [Entry("name", metric.name, f"that of {seen.known.title}")]
        if len(seen.kinds) == 2:
            entries.append(Entry("task", seen.scored, "what is submitted and scored"))
        return [*entries, *(Entry(name, value) for name, value in metric.options.items())]
    others = {"instance": "objects", "ordinal": "ratings"}.get(str(seen.scored_kind), seen.scored)
    why = _METRIC.format(form.why_metric, _METRICS[others])
    entries = [Entry("name", form.metric, why)]
    if seen.tasks.labels is not None and seen.tasks.masks is not None:
        entries.append(Entry("task", seen.scored, "what is submitted and scored"))
    options = form.options.items()
    return [*entries, *(Entry(name, value, comment) for name, (value, comment) in options)]


def _task_entries(train: Train, tasks: Tasks) -> list[Entry]:
    kinds = {
        "multiclass": "multiclass: one of several classes for each image",
        "binary": "binary: one of two classes for each image, the second one is called positive",
        "multilabel": "multilabel: any number of classes for each image",
        "regression": "regression: a number for each image",
        "ordinal": "ordinal: one of several classes that ascend, a rating, for each image",
    }
    found: dict[TaskName, TaskKind] = {}
    why = []
    if tasks.labels is not None:
        found["classify"] = tasks.labels.kind
        of = "" if tasks.masks is None else "classify, "
        why.append(f"{of}{kinds[tasks.labels.kind]}. Guessed: {tasks.labels.why}. {_KINDS}")
    if tasks.masks is not None:
        found["segment"] = tasks.masks.kind
        why.append(why_masks(tasks.masks))
    if len(found) == 2:
        why.append("One network learns both; leave one out to learn the other alone.")
    entries = [Entry("tasks", found, "\n".join(why))]
    if tasks.classes:
        sizes = "" if tasks.labels is None else _sizes(train.n_by_class)
        comment = (
            f"The {len(tasks.classes):,} names as the data has them, in the order of the "
            f"network's outputs.{sizes}"
        )
        entries.append(Entry("classes", tasks.classes, comment))
    return entries


def _sizes(n_by_class: dict[str, int]) -> str:
    if not n_by_class:
        return ""
    rarest, most = min(n_by_class, key=lambda name: n_by_class[name]), max(n_by_class.values())
    low = n_by_class[rarest]
    return (
        f" Each has {low:,} images."
        if low == most
        else (f" The rarest, {rarest}, has {low:,} images, the commonest {most:,}.")
    )


def _data_entries(seen: Seen) -> list[Entry]:
    folder, test, unlabelled = seen.folder, seen.test, seen.unlabelled
    train, comment = _train_entries(folder, seen.train)
    unit = [] if seen.unit is None else [Entry("unit", seen.unit.template, seen.unit.why)]
    train += unit
    if seen.tasks.masks is not None:
        train += mask_entries(folder, seen.tasks.masks, seen.codec)
    entries = [Entry("train", train, comment)]
    if unlabelled is not None:
        comment = (
            f"{unlabelled.n:,} images without labels, for methods that use them: {unlabelled.why}."
        )
        entries.append(Entry("unlabelled", _source(folder, unlabelled), comment))
    comment = f"{test.n:,} images to predict: {test.why}."
    entries.append(Entry("test", [*_source(folder, test), *unit], comment))
    images = [image.path for image in folder.images if image.part != "mask"]
    first = folder.channels[:1]
    files = [channel_pattern(path, first[0]) if first else path for path in images]
    found = find_reader([folder.path / file for file in files])
    if first and found[0] == "image":
        found = {"name": "image", "mode": "grey"}, "of each file one channel; rgb keeps its colours"
    entries.append(Entry("reader", *found))
    return entries


def _spelt(folder: DataFolder, pattern: str) -> str | dict[str, str]:
    """Return the pattern of images as `competition.yaml` has it: of each file, where several."""
    if not folder.channels:
        return folder.spell(pattern)
    return {one: folder.spell(channel_pattern(pattern, one)) for one in folder.channels}


def _train_entries(folder: DataFolder, train: Train) -> tuple[list[Entry], str]:
    if train.plain is not None:
        return _plain_entries(folder, train.plain), f"{len(train.images):,} images with masks."
    if train.folders is not None:
        images = _spelt(folder, train.folders.pattern)
        entries = [Entry("images", images, "the folder in the place of {class} is the label")]
        if train.folders.id != "{stem}":
            entries.append(
                Entry("id", train.folders.id, "file names repeat, so the path is the id")
            )
        return entries, f"{len(train.folders.images):,} labelled images in class folders."
    match, labels = train.match, train.labels
    assert match is not None
    found = f"names the image of a row: {match.n_found:,} of {len(match.table):,} found"
    entries = [
        Entry(
            "table",
            folder.spell(match.path),
            f"columns {', '.join(map(str, match.table.columns[:8]))}",
        ),
        Entry("id", match.id, found),
        Entry("images", _spelt(folder, match.template), "from a row to its image"),
    ]
    if labels is None:
        return entries, f"{len(match.table):,} images: a row of {match.path} each."
    entries.append(Entry("label", labels.column, labels.why))
    if labels.separator is not None:
        entries.append(Entry("label_sep", labels.separator, "stands between the labels of a cell"))
    return entries, f"{len(match.table):,} labelled images: a row of {match.path} each."


def _plain_entries(folder: DataFolder, plain: Plain) -> list[Entry]:
    entries = [Entry("images", _spelt(folder, plain.pattern), "every image there that is no mask")]
    if plain.id != "{stem}":
        entries.append(Entry("id", plain.id, _IDS[plain.id]))
    return entries


_IDS = {
    "{stem}": "the id is the file name without extension",
    "{name}": "the id is the file name with its extension",
    "{path}": "the id is the path, because file names repeat",
}


def _source(folder: DataFolder, found: Found) -> list[Entry]:
    entries = []
    if found.table is not None:
        entries.append(Entry("table", folder.spell(found.table), "one row for each image"))
    if found.id is not None and not (folder.channels and found.table is None):
        meaning = _IDS.get(found.id, "the column that names the images")
        entries.append(Entry("id", found.id, meaning))
    meaning = "every image there" if found.table is None else "from a row to its image"
    return [*entries, Entry("images", _spelt(folder, found.images), meaning)]


def _fold_entries(train: Train, group: Group | None) -> list[Entry]:
    kind = None if train.labels is None else train.labels.kind
    table = None if train.match is None else train.match.table
    column = (
        None if table is None or train.match is None else find_fold_column(table, [train.match.id])
    )
    if column is not None and table is not None:
        why = f"the column {column} holds fold numbers already"
        n = table[column].nunique()
        return [
            Entry("scheme", "column", why),
            Entry("column", column, "0 is the first fold"),
            Entry("n", n, "as many as the column has"),
        ]
    shares = {
        None: "images with much and with little foreground",
        "regression": "high and low values",
        "multilabel": "every label",
    }.get(kind, "every class")
    scheme = "multilabel_stratified" if kind == "multilabel" else "stratified"
    why = f"each fold has its share of {shares}"
    if group is not None:
        scheme, why = "stratified_group", f"no group is in two folds, and {why}"
    n, reason = _n_folds(train, group)
    entries = [Entry("scheme", scheme, why), Entry("n", n, reason), _SEED]
    if train.labels is None:
        balance = "what every fold has its share of: coverage, how much of an image is foreground"
        entries.append(Entry("balance", "coverage", balance))
    if group is not None:
        return [*entries, Entry("group", group.column, group.why)]
    absent = Entry(
        "group",
        None,
        "no column looks like a patient, a scene or another group. If rows belong together, "
        "name the column here and write scheme: stratified_group, or images validate their likes",
    )
    return [*entries, absent]


_SEED = Entry("seed", 42, "another seed, another split")


def _n_folds(train: Train, group: Group | None) -> tuple[int, str]:
    reason = "folds; each one costs a training and gives a model to average"
    if group is None or train.match is None:
        return N_FOLDS, reason
    groups = train.match.table[group.column].nunique()
    return (
        (N_FOLDS, reason)
        if groups >= N_FOLDS
        else (groups, f"as many as there are groups; {reason}")
    )


def _submission_entries(seen: Seen) -> list[Entry]:
    folder, sample, layout, test = seen.folder, seen.sample, seen.form, seen.test
    n_classes = len(seen.tasks.classes)
    entries = []
    if sample is not None:
        comment = f"{len(sample.table):,} rows; every file is checked against it before it is sent"
        n_rows = test.n * (n_classes if layout.rows == "image_class" else 1)
        if len(sample.table) != n_rows and seen.unit is None:
            comment += f" (but there are {test.n:,} images to predict: ask which of them count)"
        entries.append(Entry("sample", folder.spell(sample.path), comment))
    if layout.columns:
        comment = "the file's columns, in order, and what stands in each"
        entries.append(Entry("columns", layout.columns, comment))
    if layout.value == "rle":
        return [*entries, *rle_entries(layout, seen.codec)]
    meaning = layout.why_value
    entries.append(Entry("value", layout.value, f"{meaning}. {_VALUES}"))
    if layout.k is not None:
        entries.append(Entry("k", layout.k, "how many a cell holds at most"))
    return entries


def _kaggle_entries(slug: str | None) -> list[Entry]:
    where = "the name in kaggle.com/competitions/<name>; `podium submit` needs it"
    return [
        Entry("slug", slug, where),
        Entry("kind", "file", "file: a CSV is uploaded; code: a notebook writes it on the host"),
        Entry("daily_limit", 5, "submissions a day; the host's own answer wins where it gives one"),
        Entry("host", None, "null: Kaggle; a host of your own by its address or its folder"),
        Entry("finals", 2, "submissions that may be chosen for the final score"),
    ]

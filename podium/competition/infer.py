"""From a data folder as it was downloaded to a `competition.yaml` that explains itself.

Every guess is written down with what led to it, so that a person can check it in a minute: the table and
column that hold the labels, the column that groups rows, the kind of the task, the submission's format.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from podium.competition.infer_files import DataFolder, look_into
from podium.competition.infer_labels import Group, find_fold_column, find_group
from podium.competition.infer_parts import (
    Found,
    Train,
    find_test,
    find_train,
    find_unlabelled,
)
from podium.competition.infer_submission import Format, Sample, find_format, is_sample, read_sample
from podium.competition.infer_text import Entry, render
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.tables import read_table
from podium.errors import DataError

__all__ = ["Inferred", "infer"]

N_FOLDS = 5


@dataclass(frozen=True)
class Inferred:
    """What a data folder was taken for."""

    text: str
    """`competition.yaml`, each line explained."""
    competition: Competition
    notes: list[str]
    """What a person should look at: parts that were left out, guesses that could be otherwise."""


def infer(data: Path, workspace_root: Path, *, slug: str | None = None) -> Inferred:
    """Return the competition that the files under `data` seem to be.

    Understood are class folders (`train/cat/1.jpg`, also with a folder for each patient inside), a table
    with an image folder (any column names; ids with or without extension; nested folders), several labels
    in one cell or one 0/1 column a class; a test table or folder, an unlabelled folder, a sample submission.

    Args:
        data: the folder as downloaded and unpacked.
        workspace_root: where `competition.yaml` will lie; paths are written relative to it.
        slug: the competition's name on Kaggle, where it is known.

    Raises:
        DataError: there are no labels or no images to predict; says what was looked for and found.
    """
    folder = _look(data, workspace_root)
    notes: list[str] = []
    tables, sample = _tables(folder, notes)
    train = find_train(folder, tables, sample)
    test = find_test(folder, tables, sample, train)
    unlabelled = find_unlabelled(folder)
    cells = (
        test.cells
        if test.table is not None and (sample is None or test.table != sample.path)
        else None
    )
    group, doubts = _find_group(train, cells)
    layout = find_format(sample, train.labels, "id" if train.match is None else train.match.id)
    notes += [*test.notes, *doubts, *layout.notes, *_left_out(folder, train)]
    notes += [] if train.folders is None else train.folders.notes
    entries = [
        Entry("name", slug or _name(data, workspace_root), "shown in reports; any name will do"),
        *_task_entries(train, folder),
        Entry(
            "data", _data_entries(folder, train, test, unlabelled), "Where the files are. " + _PATHS
        ),
        Entry("folds", _fold_entries(train, group), _FOLDS),
        Entry("metric", [Entry("name", layout.metric, _METRIC.format(layout.why_metric))]),
        Entry("submission", _submission_entries(folder, sample, layout, test), _SUBMISSION),
        Entry(
            "kaggle",
            _kaggle_entries(slug),
            "Used by `podium submit`; copy it from the competition's page.",
        ),
    ]
    text = render(entries, _HEADING.format(data))
    competition = Competition.model_validate(yaml.safe_load(text)).at(workspace_root)
    return Inferred(text, competition, [*notes, *_complaints(competition)])


_HEADING = (
    "What this competition is, as `podium init` read it from {}.\n"
    "Read it once: every guess says what led to it. Change what is wrong, then run `podium check`."
)
_PATHS = (
    "Paths are relative to this file; {column} stands for a cell of that column, * for anything."
)
_FOLDS = "How train is split for validation; `podium folds` writes the result to folds.csv, once."
_METRIC = (
    "guessed, as {}; the competition's page says which one counts. Among others: accuracy, macro_f1, "
    "log_loss, auc, rmse"
)
_VALUES = (
    "All kinds: name (a class name), label (its place in classes, from 0), labels (several names), "
    "prob (probabilities), scalar (a number)"
)
_SUBMISSION = "What the file to upload looks like."


def _look(data: Path, workspace_root: Path) -> DataFolder:
    if not data.is_dir():
        what = "this is a file, not a folder" if data.exists() else "there is no such folder"
        raise DataError(what, where=data, fix="give the folder with the unpacked data")
    folder = look_into(data, _spelt(data, workspace_root))
    if not folder.images:
        fix = (
            f"unpack {', '.join(folder.archives[:5])} first; images inside archives are not read"
            if folder.archives
            else "give the folder that holds the images"
        )
        raise DataError(f"there is no image; found: {folder.listed()}", where=data, fix=fix)
    return folder


def _spelt(data: Path, workspace_root: Path) -> str:
    """Return `data` relative to the workspace when it lies inside (also through a link), else absolute."""
    data, root = Path(os.path.abspath(data)), Path(os.path.abspath(workspace_root))
    return data.relative_to(root).as_posix() if data.is_relative_to(root) else data.as_posix()


def _tables(folder: DataFolder, notes: list[str]) -> tuple[dict[str, pd.DataFrame], Sample | None]:
    tables: dict[str, pd.DataFrame] = {}
    for path in folder.tables:
        try:
            tables[path] = read_table(folder.path / path, where=path)
        except DataError as error:
            notes.append(f"left out {error.where}: {error.message}")
    samples = sorted((path for path in tables if is_sample(path)), key=len)
    sample = None
    for path in samples:
        table = tables.pop(path)
        sample = sample or read_sample(path, table)
    return tables, sample


def _find_group(train: Train, test: pd.DataFrame | None) -> tuple[Group | None, list[str]]:
    if train.folders is not None:
        why = train.folders.grouped
        return (None if why is None else Group("folder", why)), []
    assert train.match is not None
    return find_group(train.match.table, [train.match.id], train.labels, test)


def _left_out(folder: DataFolder, train: Train) -> list[str]:
    notes = []
    masks = folder.of_part("mask")
    if masks:
        where = masks[0].folder
        notes.append(
            f"{len(masks):,} images in {where} are taken for masks; classification ignores them"
        )
    if train.match is not None:
        images = [image for image in folder.of_part("train") if image.path not in train.used]
        if images:
            notes.append(
                f"{len(images):,} images of the train folder have no row in {train.match.path} "
                f"(such as {images[0].path}): they are not used"
            )
    holdout = folder.of_part("holdout")
    if holdout and folder.of_part("test"):
        notes.append(
            f"{len(holdout):,} images in {holdout[0].path.split('/')[0]} are not used: folds validate; "
            "move them to the train part to learn from them"
        )
    return notes


def _complaints(competition: Competition) -> list[str]:
    """Return what loading the samples complains of, so that the first command says it already."""
    complaints = []
    for split in ("train", "unlabelled", "test"):
        try:
            load_samples(competition, split)  # type: ignore[arg-type]
        except DataError as error:
            complaints.append(f"to mend before training: {error}")
    return complaints


def _name(data: Path, workspace_root: Path) -> str:
    name = Path(os.path.abspath(data)).name
    if name.lower() in ("data", "input", "dataset", "raw"):
        return Path(os.path.abspath(workspace_root)).name or "competition"
    return name


def _task_entries(train: Train, folder: DataFolder) -> list[Entry]:
    labels = train.labels
    kinds = {
        "multiclass": "multiclass: one of several classes for each image",
        "binary": "binary: one of two classes for each image, the second one is called positive",
        "multilabel": "multilabel: any number of classes for each image",
        "regression": "regression: a number for each image",
    }
    why = f"{kinds[labels.kind]}. Guessed: {labels.why}. Others: multiclass, binary, multilabel, regression."
    entries = [Entry("tasks", {"classify": labels.kind}, why)]
    if labels.classes:
        comment = (
            f"The {len(labels.classes):,} names as the data has them, in the order of the network's "
            f"outputs.{_sizes(train.n_by_class)}"
        )
        entries.append(Entry("classes", labels.classes, comment))
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


def _data_entries(
    folder: DataFolder, train: Train, test: Found, unlabelled: Found | None
) -> list[Entry]:
    entries = [Entry("train", *_train_entries(folder, train))]
    if unlabelled is not None:
        comment = (
            f"{unlabelled.n:,} images without labels, for methods that use them: {unlabelled.why}."
        )
        entries.append(Entry("unlabelled", _source(folder, unlabelled), comment))
    comment = f"{test.n:,} images to predict: {test.why}."
    entries.append(Entry("test", _source(folder, test), comment))
    entries.append(Entry("reader", "image", "JPEG, PNG, WebP, TIFF … of 8 or 16 bits"))
    return entries


def _train_entries(folder: DataFolder, train: Train) -> tuple[list[Entry], str]:
    if train.folders is not None:
        images = folder.spell(train.folders.pattern)
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
        Entry("images", folder.spell(match.template), "from a row to its image"),
        Entry("label", labels.column, labels.why),
    ]
    if labels.separator is not None:
        entries.append(Entry("label_sep", labels.separator, "stands between the labels of a cell"))
    return entries, f"{len(match.table):,} labelled images: a row of {match.path} each."


def _source(folder: DataFolder, found: Found) -> list[Entry]:
    entries = []
    if found.table is not None:
        entries.append(Entry("table", folder.spell(found.table), "one row for each image"))
    if found.id is not None:
        meaning = {
            "{stem}": "the id is the file name without extension",
            "{name}": "the id is the file name with its extension",
            "{path}": "the id is the path, because file names repeat",
        }.get(found.id, "the column that names the images")
        entries.append(Entry("id", found.id, meaning))
    meaning = "every image there" if found.table is None else "from a row to its image"
    return [*entries, Entry("images", folder.spell(found.images), meaning)]


def _fold_entries(train: Train, group: Group | None) -> list[Entry]:
    kind = train.labels.kind
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
        "regression": "high and low values",
        "multilabel": "every label",
    }.get(kind, "every class")
    scheme = "multilabel_stratified" if kind == "multilabel" else "stratified"
    why = f"each fold has its share of {shares}"
    if group is not None:
        scheme, why = "stratified_group", f"no group is in two folds, and {why}"
    n, reason = _n_folds(train, group)
    entries = [Entry("scheme", scheme, why), Entry("n", n, reason), _SEED]
    if group is not None:
        return [*entries, Entry("group", group.column, group.why)]
    absent = Entry(
        "group",
        None,
        "no column looks like a patient, a scene or another group. If rows belong together, name the "
        "column here and write scheme: stratified_group, else similar images validate each other",
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


def _submission_entries(
    folder: DataFolder, sample: Sample | None, layout: Format, test: Found
) -> list[Entry]:
    entries = []
    if sample is not None:
        comment = f"{len(sample.table):,} rows; every file is checked against it before it is sent"
        if len(sample.table) != test.n:
            comment += f" (but there are {test.n:,} images to predict: ask which of them count)"
        entries.append(Entry("sample", folder.spell(sample.path), comment))
    if layout.columns:
        comment = "the file's columns, in order, and what stands in each"
        entries.append(Entry("columns", layout.columns, comment))
    meaning = layout.why_value
    entries.append(Entry("value", layout.value, f"{meaning}. {_VALUES}"))
    return entries


def _kaggle_entries(slug: str | None) -> list[Entry]:
    where = "the name in kaggle.com/competitions/<name>; `podium submit` needs it"
    return [
        Entry("slug", slug, where),
        Entry("kind", "file", "file: a CSV is uploaded; code: a notebook writes it on the host"),
        Entry("daily_limit", 5, "submissions a day; the host's own answer wins where it gives one"),
        Entry("finals", 2, "submissions that may be chosen for the final score"),
    ]

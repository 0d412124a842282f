"""The train, test and unlabelled part of a data folder: where each lies and what was seen there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from podium.competition.infer.files import DataFolder, ImageFile, common_folder, part_of, words
from podium.competition.infer.folders import (
    ClassFolders,
    Plain,
    are_groups,
    find_class_folders,
    id_template,
    pattern_of,
    plain_images,
)
from podium.competition.infer.labels import Labels, find_labels, find_named_group
from podium.competition.infer.runs import MaskRuns
from podium.competition.infer.submission import Sample
from podium.competition.infer.tables import Match, match_images
from podium.competition.spec import TaskKind
from podium.errors import DataError, some

__all__ = ["Found", "Train", "find_test", "find_train", "find_unlabelled", "train_of_masks"]

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Found:
    """Where a part's images are, in the words of `data.test` or `data.unlabelled`."""

    images: str
    id: str | None
    n: int
    why: str
    table: str | None = None
    cells: pd.DataFrame | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Train:
    """The part to learn from: rows of a table, class folders, or plain images that have masks."""

    labels: Labels | None
    match: Match | None = None
    folders: ClassFolders | None = None
    plain: Plain | None = None
    notes: tuple[str, ...] = ()

    @property
    def pattern(self) -> str:
        """What finds the images, relative to the data folder."""
        if self.match is not None:
            return self.match.template
        if self.folders is not None:
            return self.folders.pattern
        assert self.plain is not None
        return self.plain.pattern

    @property
    def n_by_class(self) -> dict[str, int]:
        """How many images each class has; empty where an image has several labels or a number."""
        if self.labels is None:
            return {}
        if self.folders is not None:
            return dict(Counter(self.folders.labels))
        column = self.labels.column
        if self.match is None or not isinstance(column, str) or not self.labels.classes:
            return {}
        if self.labels.kind == "multilabel":
            return {}
        cells = self.match.table[column]
        return dict(Counter(cells[cells != ""]))  # a blank cell is nobody's answer

    @property
    def images(self) -> list[ImageFile]:
        """The images that were found, one a sample."""
        images = self.match.images if self.match is not None else self._in_folders()
        return [image for image in images if image is not None]

    @cached_property
    def used(self) -> frozenset[str]:
        """The paths of the images, relative to the data folder."""
        return frozenset(image.path for image in self.images)

    def _in_folders(self) -> Sequence[ImageFile]:
        if self.plain is not None:
            return self.plain.images
        return () if self.folders is None else self.folders.images


def find_train(
    folder: DataFolder,
    tables: Tables,
    sample: Sample | None,
    *,
    runs: MaskRuns | None = None,
    has_masks: bool = False,
    names: Sequence[str] = (),
) -> Train:
    """Return the labelled part; without labels, the images that have masks.

    Args:
        folder: the images.
        tables: without the sample submission.
        sample: the sample submission, if it is of labels.
        runs: a table of masks; its columns are no labels of images.
        has_masks: whether there are mask files or runs, so that labels are not needed.
        names: of the classes, where a submission of masks shows them.

    Raises:
        DataError: neither a table with ids and labels nor class folders were found; says what was.
    """
    wanted = [] if sample is None else sample.values
    fractions = sample is not None and sample.has_fractions
    candidates = []
    for path, table in tables.items():
        if part_of(path.rpartition("/")[2]) in ("test", "unlabelled", "holdout"):
            continue
        of_runs = runs is not None and runs.path == path
        if of_runs and runs is not None and not runs.is_one_a_sample:
            continue
        match = match_images(folder, path, table, ("train", "other"))
        used = [] if match is None else [match.id, *(runs.columns if of_runs and runs else [])]
        labels = (
            find_labels(table, used, wanted, fractions, by_name=has_masks, names=names)
            if used
            else None
        )
        if match is not None and labels is not None:
            called = {"train", "labels"} & set(words(path.rpartition("/")[2]))
            candidates.append((len(called), match.n_found, match, labels))
    if candidates:
        *_, match, labels = max(candidates, key=lambda entry: entry[:2])
        return Train(_as_sample_has_it(labels, sample), match=match)
    folders = find_class_folders(folder)
    if folders is not None and not (has_masks and are_groups(folders.classes)):
        return Train(_labels_of_folders(folders, sample), folders=folders)
    if has_masks:
        return train_of_masks(folder, tables, runs)
    raise _no_train(folder, tables)


def train_of_masks(folder: DataFolder, tables: Tables, runs: MaskRuns | None) -> Train:
    """Return the images that have masks: rows of a table that says more of them, or plain files."""
    images = folder.of_part("train") or folder.of_part("other")
    ids = set() if runs is None else set(runs.ids)
    found = []
    notes = []
    for path, table in tables.items():
        match = match_images(folder, path, table, ("train", "other"))
        if match is None or not table[match.id].is_unique or match.n_found < 0.9 * len(images):
            continue
        group = find_named_group(table, [match.id])
        of_runs = runs is not None and runs.path == path
        if runs is not None and len(ids & set(table[match.id])) < 0.9 * len(ids):
            if group is not None:
                cell = table[match.id].iloc[0]
                notes.append(
                    f"{group.column} of {path} groups images ({group.why}), but its ids ({cell!r}) "
                    f"are not written as those of {runs.path} ({runs.ids[0]!r}): write them alike, "
                    "take it for data.train.table, and name the column in folds.group"
                )
        elif group or of_runs:
            found.append((group is not None, of_runs, match))
    if found:
        match = max(found, key=lambda entry: entry[:2])[2]
        return Train(None, match=match, notes=tuple(notes))
    if not images:
        raise _no_train(folder, tables)
    return Train(None, plain=plain_images(images, list(ids)), notes=tuple(notes))


def find_test(folder: DataFolder, tables: Tables, sample: Sample | None, train: Train) -> Found:
    """Return the part to predict.

    Raises:
        DataError: there is no test table, no test folder, and the sample's ids are no images.
    """
    wanted = [] if sample is None else list(sample.table[sample.id])
    for path, table in tables.items():
        if part_of(path.rpartition("/")[2]) == "test":
            match = match_images(folder, path, table, ("test", "other", "holdout"))
            if match is not None:
                return _of_table(match, f"the rows of {path}")
    images = folder.of_part("test")
    if images:
        return _of_folder(images, wanted)
    if sample is not None:
        match = match_images(folder, sample.path, sample.table, ("other", "holdout"))
        if match is not None and not {i.path for i in match.images if i is not None} & train.used:
            return _of_table(
                match, "there is no test folder, but the sample submission names images"
            )
    images = [image for image in folder.of_part("holdout") if image.path not in train.used]
    if images:
        found = _of_folder(images, wanted)
        where = pattern_of(images)
        note = f"there is no test part: the {len(images):,} images of {where} stand for it"
        return replace(found, notes=[note])
    raise DataError(
        "no images to predict: looked for a table or a folder called test (test.csv, test/, "
        "test_images/, …), and for images named by the sample submission",
        where=folder.path,
        fix=f"put the images to predict into {folder.path / 'test'}; found: {folder.listed()}",
    )


def find_unlabelled(folder: DataFolder) -> Found | None:
    """Return the unlabelled part, or None."""
    images = folder.of_part("unlabelled")
    if not images:
        return None
    found = _of_folder(images, [])
    return found if found.id != "{stem}" else replace(found, id=None)


def _of_table(match: Match, why: str) -> Found:
    notes = []
    missing = len(match.images) - match.n_found
    if missing:
        rows = [
            cell
            for cell, image in zip(match.table[match.id], match.images, strict=True)
            if not image
        ]
        notes.append(f"{missing:,} rows of {match.path} have no image: {some(rows)}")
    return Found(match.template, match.id, len(match.table), why, match.path, match.table, notes)


def _of_folder(images: Sequence[ImageFile], wanted: Sequence[str]) -> Found:
    pattern = pattern_of(images)
    why = f"the image files in {common_folder(images)}"
    return Found(pattern, id_template(images, wanted), len(images), why)


def _labels_of_folders(folders: ClassFolders, sample: Sample | None) -> Labels:
    kind: TaskKind = "binary" if len(folders.classes) == 2 else "multiclass"
    why = f"each image lies in one of {len(folders.classes)} class folders"
    return _as_sample_has_it(Labels(kind, "class", folders.classes, why), sample)


def _as_sample_has_it(labels: Labels, sample: Sample | None) -> Labels:
    """Return the labels with the sample's classes; two columns make two classes, not one."""
    if sample is None or len(sample.values) < 2:
        return labels
    kind = "multiclass" if labels.kind == "binary" else labels.kind
    same = set(sample.values) == set(labels.classes)
    return replace(labels, kind=kind, classes=sample.values if same else labels.classes)


def _no_train(folder: DataFolder, tables: Tables) -> DataError:
    seen = [
        f"{path} (columns {', '.join(map(str, table.columns[:8]))})"
        for path, table in tables.items()
    ]
    looked = (
        "no labels: looked for a table with a column that names image files and a label column "
        "(train.csv, labels.csv, …), and for class folders (train/cat/1.jpg)"
    )
    if folder.archives:
        fix = f"unpack {', '.join(folder.archives[:5])} first; images inside archives are not read"
    elif tables:
        fix = "let a column hold file names (with or without .jpg), or write the spec yourself"
    else:
        fix = (
            "sort the images into class folders, or add a table; or write competition.yaml by hand"
        )
    tables_seen = f"; tables: {'; '.join(seen)}" if seen else ""
    return DataError(f"{looked}; found: {folder.listed()}{tables_seen}", where=folder.path, fix=fix)

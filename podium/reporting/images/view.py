"""`podium show IMAGE`: everything that a workspace contains about one image.

Its facts (files, size, label, fold, duplicates), the predictions of models for it, its
pseudo-labels, the labels that people gave, and its rows of submissions.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from podium.competition.checks.image_facts import CheckedImages, read_checked_images
from podium.competition.folds.file import read_folds
from podium.competition.images import first_file, image_size
from podium.competition.samples import Split as Part
from podium.competition.samples import load_extra, load_samples, similar_ids, truth
from podium.competition.spec import Competition
from podium.competition.truths.annotations_file import Annotation, read_annotations
from podium.competition.truths.masks import read_mask
from podium.competition.units import has_label
from podium.errors import PodiumError, UsageError, either, some
from podium.predictions.store.reading import Split
from podium.reporting.images.predictions import (
    ImagePrediction,
    format_mask_shares,
    predictions_of_image,
    unit_truth,
)
from podium.reporting.masks.evaluation import mask_names
from podium.reporting.shown_answers import shown_of
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.upload.receipt import SUBMISSION_FILE, read_receipts, submission_folder
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ImageReport", "report_image"]


_PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True)
class DuplicateImage:
    """Another sample that shows the same picture.

    Attributes:
        part, id: of the sample.
        label: as text; None without one.
        fold: that validates it; None of others.
        distance: bits of 64 in which perceptual hashes differ.
        is_same_file: whether the files are equal.
    """

    part: str
    id: str
    label: str | None
    fold: int | None
    distance: int
    is_same_file: bool


@dataclass(frozen=True)
class ImageReport:
    """One sample of one part of the data.

    Attributes:
        id: as the part names it.
        part: "train", "unlabelled", "test" or "extra NAME".
        files: relative to the workspace, or absolute.
        size: (height, width); None if the file cannot be read.
        unit: the unit that is scored instead; None: the image itself.
        group: that must not cross folds.
        fold: that validates it; None for other parts, for rows that are never validated, and
            before there are folds.
        weight: of the sample in training.
        label: the true one as text; None if it is unknown.
        unit_label: the label of its unit, against which blends are evaluated; None without one.
        mask: classes of the true mask with their share of the pixels, "" for an empty one; None
            without a mask.
        duplicates: of the image, as `podium check` found them; None if it has not read this image.
        opinions: predictions of runs, imports and blends.
        given: pseudo-labels, labels by people, and cells of submissions.
        problems: files that could not be read.
    """

    id: str
    part: str
    files: tuple[str, ...]
    size: tuple[int, int] | None
    unit: str | None
    group: str | None
    fold: int | None
    weight: float
    label: str | None
    unit_label: str | None
    mask: str | None
    duplicates: tuple[DuplicateImage, ...] | None
    opinions: tuple[ImagePrediction, ...]
    given: AssignedLabels
    problems: tuple[str, ...]


def report_image(workspace: Workspace, competition: Competition, name: str) -> list[ImageReport]:
    """Return all that is known of an image, one item per part of the data that has the name.

    Args:
        workspace: whose runs, imports, blends and submissions are read.
        competition: whose data are searched.
        name: an id, or a file: its path, or its name if only one image has it.

    Raises:
        UsageError: there is no such image, or several have the file's name; near ids are named.
        DataError: no part of the data can be read.
    """
    finder = _ImageFinder.begin(workspace, competition)
    places = finder.places(name)
    if not places:
        raise finder.unknown(name)
    return [finder.report(part, row) for part, row in places]


@dataclass(frozen=True)
class _ImageFinder:
    workspace: Workspace
    competition: Competition
    parts: dict[str, pd.DataFrame]
    folds: Any
    seen: CheckedImages | None
    problems: list[str]

    @classmethod
    def begin(cls, workspace: Workspace, competition: Competition) -> _ImageFinder:
        problems: list[str] = []
        parts: dict[str, pd.DataFrame] = {}
        errors: list[PodiumError] = []
        for part, load in _loaders(workspace, competition):
            try:
                parts[part] = load()
            except PodiumError as error:
                problems.append(f"{part}: {error}")
                errors.append(error)
        if not parts and errors:
            raise errors[0]
        folds, seen = None, None
        try:
            if "train" in parts and workspace.folds_file.is_file():
                folds = read_folds(workspace, competition, parts["train"])
            seen = read_checked_images(workspace)
        except PodiumError as error:
            problems.append(str(error))
        return cls(workspace, competition, parts, folds, seen, problems)

    def places(self, name: str) -> list[tuple[str, int]]:
        """Return (part, row) of each sample that is meant."""
        by_id = [
            (part, int(row))
            for part, frame in self.parts.items()
            for row in np.flatnonzero(frame["id"].astype(str) == name)
        ]
        if by_id:
            return by_id
        by_file = self._by_file(name)
        if len(by_file) > 1:
            ids = [str(self.parts[part]["id"].iloc[row]) for part, row in by_file]
            raise UsageError(
                f"{either(len(by_file), 'image has', 'images have')} a file {name!r}",
                fix=f"name one by id: {some(ids)}",
            )
        return by_file

    def _by_file(self, name: str) -> list[tuple[str, int]]:
        """Return the samples of a path, from here or from the workspace; else of a file's name."""
        given = Path(name)
        if not given.name:
            return []
        root = self.competition.root
        expected = {(here / given.expanduser()).resolve() for here in (Path.cwd(), root)}
        alike = [
            (part, row, path)
            for part, frame in self.parts.items()
            for row, paths in enumerate(frame["images"])
            for path in paths
            if path and path.endswith(given.name) and Path(path).name == given.name
        ]
        exact = [(part, row) for part, row, path in alike if (root / path).resolve() in expected]
        named = [(part, row) for part, row, _ in alike] if len(given.parts) == 1 else []
        return list(dict.fromkeys(exact or named))

    def unknown(self, name: str) -> UsageError:
        """Return the error of a name that none of the images has."""
        for part, frame in self.parts.items():
            inside = frame["id"][frame["unit"].astype(str) == name]
            if len(inside):
                fix = f"name one of its images: {some(map(str, inside))}"
                return UsageError(f"{name!r} is a unit of {part}", fix=fix)
        near = similar_ids((str(one) for frame in self.parts.values() for one in frame["id"]), name)
        some_id = next((str(one) for frame in self.parts.values() for one in frame["id"]), None)
        example = "" if some_id is None else f", as {some_id!r}"
        fix = f"did you mean {' or '.join(near)}?" if near else f"name an id of an image{example}"
        return UsageError(f"there is no image {name!r}", fix=fix)

    def report(self, part: str, row: int) -> ImageReport:
        frame, competition = self.parts[part], self.competition
        sample, problems = frame.iloc[row], list(self.problems)
        name, fold = str(sample["id"]), self._fold(part, row)
        files = tuple(path for path in sample["images"] if path)
        size = None
        try:
            size = image_size(competition.root / first_file(sample["images"]), competition.reader)
        except (PodiumError, OSError) as error:
            problems.append(str(error))
        label, unit = self._label(part, row), str(sample["unit"])
        opinions: list[ImagePrediction] = []
        if not part.startswith("extra"):
            split: Split = "oof" if part == "train" else part  # type: ignore[assignment]
            opinions = predictions_of_image(
                self.workspace, competition, split, frame, row, fold=fold, problems=problems
            )
        return ImageReport(
            id=name,
            part=part,
            files=files,
            size=size,
            unit=None if unit == name else unit,
            group=None if _is_missing(sample["group"]) else str(sample["group"]),
            fold=fold,
            weight=float(sample["weight"]),
            label=label,
            unit_label=None if part != "train" or unit == name else self._unit_label(row),
            mask=self._mask(sample, size, problems),
            duplicates=self._duplicates(part, name),
            opinions=tuple(opinions),
            given=assigned_labels_of(
                self.workspace, competition, part, name, unit, label, problems
            ),
            problems=tuple(problems),
        )

    def _fold(self, part: str, row: int) -> int | None:
        if part != "train" or self.folds is None:
            return None
        fold = int(self.folds[row])
        return None if fold < 0 else fold

    def _label(self, part: str, row: int) -> str | None:
        frame = self.parts[part].iloc[[row]]
        if not self.competition.has_labels or frame["label"].iloc[0] is None:
            return None
        right = truth(frame, self.competition)
        if not has_label(right)[0]:
            return None
        return shown_of(self.competition.kind).text(right[0], self.competition.label_names)

    def _unit_label(self, row: int) -> str | None:
        competition = self.competition
        if not competition.has_labels:
            return None
        right = unit_truth(competition, self.parts["train"], row)
        if right is None:
            return None
        return shown_of(competition.kind).text(right, competition.label_names)

    def _mask(self, sample: Any, size: tuple[int, int] | None, problems: list[str]) -> str | None:
        competition = self.competition
        if not competition.has_masks or sample["mask"] is None or size is None:
            return None
        image = competition.root / first_file(sample["images"])
        try:
            mask = read_mask(sample["mask"], competition, size, image=image)
        except PodiumError as error:
            problems.append(str(error))
            return None
        return format_mask_shares(mask, mask_names(competition), competition.mask_kind)

    def _duplicates(self, part: str, name: str) -> tuple[DuplicateImage, ...] | None:
        if self.seen is None:
            return None
        rows = np.flatnonzero((self.seen.splits == part) & (self.seen.ids == name))
        if not len(rows):
            return None
        found = []
        for pair in self.seen.duplicates_of(int(rows[0])):
            other, its_part = str(self.seen.ids[pair.other]), str(self.seen.splits[pair.other])
            at = self._row(its_part, other)
            label = None if at is None else self._label(its_part, at)
            fold = None if at is None else self._fold(its_part, at)
            found.append(
                DuplicateImage(its_part, other, label, fold, pair.distance, pair.is_same_file)
            )
        return tuple(found)

    def _row(self, part: str, name: str) -> int | None:
        if part not in self.parts:
            return None
        rows = np.flatnonzero(self.parts[part]["id"].astype(str) == name)
        return int(rows[0]) if len(rows) else None


def _loaders(
    workspace: Workspace, competition: Competition
) -> Iterator[tuple[str, Callable[[], pd.DataFrame]]]:
    for part in _PARTS:
        if getattr(competition.data, part) is not None:
            yield part, partial(load_samples, competition, part, workspace=workspace)
    for name in competition.data.extra:
        yield f"extra {name}", partial(load_extra, competition, name, workspace=workspace)


def _is_missing(value: Any) -> bool:
    return value is None or value != value or value == ""


_MOST_BYTES = 2**26  # of a submission that is searched: files of masks may have gigabytes
_LONGEST = 120  # characters of a cell that are shown


@dataclass(frozen=True)
class ImagePseudoLabel:
    """A pseudo-label.

    Attributes:
        source: the artefact of `podium pseudo`, or the run whose method produced it.
        fold: whose students are trained on it.
        phase: of a run, the phase that produced it; "" for an artefact.
        label: as text; "" if there is a mask alone.
        confidence: of the label, or of the mask: mean over its pixels.
        teacher: of an artefact, the run or blend that predicted it.
        is_right: whether the label is the true one; None if that is unknown.
    """

    source: str
    fold: str
    phase: str
    label: str
    confidence: float | None
    teacher: str
    is_right: bool | None


@dataclass(frozen=True)
class SubmittedRow:
    """A row of a submission.

    Attributes:
        submission: its id.
        key: id of the row in the file.
        cells: the other columns with their values, long texts cut.
        public_score: of the whole file; None if it is unknown.
    """

    submission: str
    key: str
    cells: dict[str, str]
    public_score: float | None


@dataclass(frozen=True)
class AssignedLabels:
    """Labels and submission rows of an image.

    Attributes:
        pseudo: pseudo-labels of artefacts and of methods.
        answer: the label that people gave; None without one.
        cells: its rows in submissions, the newest last.
    """

    pseudo: tuple[ImagePseudoLabel, ...] = ()
    answer: Annotation | None = None
    cells: tuple[SubmittedRow, ...] = ()


def assigned_labels_of(
    workspace: Workspace,
    competition: Competition,
    part: str,
    name: str,
    unit: str,
    label: str | None,
    problems: list[str],
) -> AssignedLabels:
    """Return the labels and submission rows of the image `name` of `part`.

    Args:
        workspace, competition: of the image.
        part: of the data.
        name: of the image.
        unit: that a submission has rows of.
        label: the true one as text, if it is known.
        problems: list that what cannot be read is appended to.
    """
    answer = None
    pseudo: list[ImagePseudoLabel] = []
    cells: list[SubmittedRow] = []
    try:
        if part == "unlabelled":
            answer = read_annotations(workspace).get(name)
        truth = label if label is not None or answer is None else answer.label
        pseudo += _of_artefacts(workspace, part, name, truth)
        pseudo += _of_methods(workspace, part, name, truth)
        if part == "test":
            cells += _cells(workspace, competition, unit)
    except (PodiumError, OSError, ValueError, KeyError) as error:
        problems.append(str(error))
    return AssignedLabels(tuple(pseudo), answer, tuple(cells))


def _of_artefacts(
    workspace: Workspace, part: str, name: str, truth: str | None
) -> Iterator[ImagePseudoLabel]:
    """Yield the pseudo-labels of each artefact of `podium pseudo`, by fold."""
    from pyarrow import compute, parquet

    for items in sorted(workspace.pseudo.glob("[!.]*/items.parquet")):
        table = parquet.read_table(items, columns=["split", "id"])
        is_it = compute.and_(
            compute.equal(table.column("split"), part), compute.equal(table.column("id"), name)
        )
        row = compute.index(is_it, True).as_py()
        if row < 0:
            continue
        for file in sorted(items.parent.glob("fold-*/table.parquet")):
            ((pseudo),) = parquet.read_table(file).slice(row, 1).to_pylist()
            words = str(pseudo.get("label") or "")
            sure = pseudo.get("confidence", pseudo.get("mask_confidence"))
            yield ImagePseudoLabel(
                source=items.parent.name,
                fold=file.parent.name.removeprefix("fold-"),
                phase="",
                label=words,
                confidence=None if sure is None else float(sure),
                teacher=str(pseudo.get("teacher", "")),
                is_right=_is_right(words, truth),
            )


def _of_methods(
    workspace: Workspace, part: str, name: str, truth: str | None
) -> Iterator[ImagePseudoLabel]:
    """Yield the pseudo-labels that methods produced in training, as `selected.csv` has them."""
    for file in sorted(workspace.runs.glob("[!.]*/fold-*/selected.csv")):
        for _, row in _lines_with(file, name):
            if row.get("id") != name or row.get("source", part) not in (part, ""):
                continue
            sure, words = row.get("confidence") or "", row.get("label") or ""
            yield ImagePseudoLabel(
                source=file.parent.parent.name,
                fold=file.parent.name.removeprefix("fold-"),
                phase=row.get("phase", ""),
                label=words,
                confidence=float(sure) if sure else None,
                teacher="",
                is_right=_is_right(words, truth),
            )


def _is_right(words: str, truth: str | None) -> bool | None:
    return None if not words or truth is None else words == truth


def _cells(workspace: Workspace, competition: Competition, unit: str) -> Iterator[SubmittedRow]:
    receipts = read_receipts(workspace)
    if not receipts:
        return
    form = format_of(competition)
    if form.rows == "pixel":
        return
    keys = set(form.keys([unit]))
    for receipt in receipts:
        file = submission_folder(workspace, receipt) / SUBMISSION_FILE
        if file.is_file() and file.stat().st_size <= _MOST_BYTES:
            for cells, row in _lines_with(file, unit):
                if _key(form, cells) in keys:
                    others = {
                        column: text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
                        for number, (column, text) in enumerate(row.items())
                        if number not in form.key_columns
                    }
                    yield SubmittedRow(receipt.id, _key(form, cells), others, receipt.public_score)


def _key(form: SubmissionFormat, cells: list[str]) -> str:
    return form.key(cells) if len(cells) > max(form.key_columns) else ""


def _lines_with(file: Path, text: str) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Give the rows whose line has `text` in it: cells, and the same by column."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream), [])
        for cells in csv.reader(line for line in stream if text in line):
            yield cells, dict(zip(header, cells, strict=False))

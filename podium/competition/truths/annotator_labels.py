"""Labels from annotators: as samples to train on, and returned tables.

Annotated images belong to `data.unlabelled`; they never enter `folds.csv`.

A table comes from the labelling sheet, was written by hand, or was exported from a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from podium.competition.images import sha256_of_images
from podium.competition.samples import Split, load_samples
from podium.competition.spec import Competition
from podium.competition.truths.annotations_file import (
    Annotation,
    annotations_file,
    read_annotations,
)
from podium.competition.truths.targets import targets_of
from podium.errors import DataError, either, plural, some
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "NO_CLASSES",
    "AnnotationRow",
    "annotated_samples",
    "class_separator",
    "excluded_images",
    "format_label",
    "match_spaces",
    "parse_label",
    "read_annotation_rows",
    "sha256_of_samples",
]


NO_CLASSES = "(none)"
"""The answer that none of the classes is there (multilabel): an empty cell is no answer at all."""

_CLASS_SEPARATORS = ("|", ";", "/", "\t")


def annotated_samples(
    workspace: Workspace, competition: Competition, progress: Progress = SILENT
) -> pd.DataFrame:
    """Return the annotated samples of `data.unlabelled`, as `load_samples` returns them.

    `label` is the annotation and `source` "label". An image that is no longer in `data.unlabelled`
    is left out. Without annotations nothing is read, and the frame has no columns.

    Raises:
        DataError: the content of an annotated image has changed since, or an annotation is not a
            label of the current classes.
    """
    annotations = read_annotations(workspace)
    if not annotations:
        return pd.DataFrame()
    samples = load_samples(competition, "unlabelled")
    samples = samples[samples["id"].isin(list(annotations))].reset_index(drop=True)
    present = sha256_of_samples(workspace, competition, samples, progress)
    changed = [
        name
        for name, digest in zip(samples["id"], present, strict=True)
        if annotations[name].image != digest
    ]
    if changed:
        raise DataError(
            f"{either(len(changed), 'image is', 'images are')} not those that people labelled: "
            f"{some(changed)}",
            where=annotations_file(workspace),
            fix="put the images back; or label them as they are now in a table with the columns "
            "id and label, and write `podium label import FILE --replace`",
        )
    labels = _labels(workspace, competition, [annotations[name] for name in samples["id"]])
    return samples.assign(label=pd.Series(labels, dtype=object), source="label")


def _labels(
    workspace: Workspace, competition: Competition, annotations: list[Annotation]
) -> list[Any]:
    labels: list[Any] = []
    wrong: list[tuple[Annotation, DataError]] = []
    for one in annotations:
        try:
            labels.append(parse_label(competition, one.label))
        except DataError as error:
            wrong.append((one, error))
    if wrong:
        first = wrong[0][1]
        raise DataError(
            f"{either(len(wrong), 'annotation is', 'annotations are')} no label of the current "
            "competition.yaml, of "
            f"{some([one.id for one, _ in wrong])}: {first.message}",
            where=annotations_file(workspace),
            fix=f"{first.fix}; write the labels as they are called today into a table with the "
            "columns id and label, and write `podium label import FILE --replace`",
        ) from first
    return labels


def excluded_images(
    workspace: Workspace, competition: Competition, progress: Progress = SILENT
) -> dict[str, Split]:
    """Return the images excluded from labelling requests: content hash → the part they belong to.

    These are the images of test, and those of train that have a label; a copy of one may lie among
    the unlabelled images.

    Raises:
        DataError: samples cannot be read.
    """
    train = load_samples(competition, "train", workspace=workspace)
    parts: tuple[tuple[Split, pd.DataFrame], ...] = (
        ("train", train[train["label"].notna()]),
        ("test", load_samples(competition, "test", workspace=workspace)),
    )
    return {
        content: split
        for split, samples in parts
        for content in sha256_of_samples(workspace, competition, samples, progress)
    }


def sha256_of_samples(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    progress: Progress = SILENT,
) -> list[str]:
    """Return the sha256 of each sample's image, of all its files."""
    paths = [tuple(one) for one in samples["images"]]
    return sha256_of_images(workspace, competition.root, paths, progress)


def class_separator(competition: Competition) -> str:
    """Return the separator of the classes of a multilabel label, which no class name contains."""
    longer = ("|" * n for n in itertools.count(2))
    expected = itertools.chain((competition.data.train.label_sep, *_CLASS_SEPARATORS), longer)
    return next(one for one in expected if not any(one in name for name in competition.classes))


def format_label(competition: Competition, label: Any) -> str:
    """Return a label, or a decision, as text that `parse_label` reads."""
    return targets_of(competition.kind).format_label(competition, label)


def parse_label(competition: Competition, text: str) -> Any:
    """Return the label that an annotation's text names, in the form of a sample's `label`.

    Spaces around a name do not count, unless the class name has them.

    Raises:
        DataError: it is not a label; the fix names the classes of similar spelling.
    """
    return targets_of(competition.kind).parse_label(competition, text)


def match_spaces(text: str, names: Container[str]) -> str:
    """Return `text` as it stands among `names`: without spaces around it, unless the name has them.

    Example:
        >>> match_spaces(" cat ", ["cat"]), match_spaces(" led", [" led"])
        ('cat', ' led')
    """
    return text if text in names else text.strip()


_NEEDED = ("id", "label")
_CELL_SEPARATORS = (",", ";", "\t")
"""Spreadsheets write semicolons where a comma is the decimal mark."""


@dataclass(frozen=True)
class AnnotationRow:
    """A row of the table.

    Attributes:
        line: in which it begins, from 1; a quoted cell may have several.
        cells: column → cell, as it is written, with spaces around it.
        trouble: the error of the row and how to mend it; None without one.
    """

    line: int
    cells: dict[str, str]
    trouble: tuple[str, str] | None = None

    def cell(self, column: str) -> str:
        """Return a cell without spaces around it; "" where there is none."""
        return self.cells.get(column, "").strip()


def read_annotation_rows(file: Path) -> list[AnnotationRow]:
    """Return the rows of a table with the columns id and label; blank lines are none.

    Cells are separated by commas, semicolons or tabs, as in the header.

    Raises:
        DataError: the file is missing, empty or not UTF-8, a quote is never closed, or a column is
            missing or stands twice.
    """
    text = _text(file)
    separator = next((one for one in _CELL_SEPARATORS if _columns(text, one) >= {*_NEEDED}), ",")
    rows = _rows(text, separator, file)
    _, header = next(rows, (1, []))
    header = [name.strip() for name in header]
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise DataError(
            f"there is no column {' and no column '.join(missing)}",
            where=f"{file}:1",
            fix="write them as the sheet of `podium label request` does: id,label",
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise DataError(f"columns stand twice: {twice}", where=f"{file}:1", fix="rename one")
    return [_row(line, cells, header, separator) for line, cells in rows]


def _row(line: int, cells: list[str], header: list[str], separator: str) -> AnnotationRow:
    trouble = None
    if any(cell.strip() for cell in cells[len(header) :]):
        trouble = (
            f"there are {plural(len(cells), 'cell')}, and {plural(len(header), 'column')}",
            f"put a cell that has {separator!r} in it in double quotes",
        )
    padded = cells + [""] * (len(header) - len(cells))
    return AnnotationRow(line, dict(zip(header, padded, strict=False)), trouble)


def _columns(text: str, separator: str) -> set[str]:
    first = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    return {name.strip() for name in first}


def _rows(text: str, separator: str, file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line in which it begins."""
    # Strict: else a quote that is never closed makes one cell of all that follows.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as cause:
            raise DataError(
                f"a cell cannot be read: {cause}",
                where=f"{file}:{line}",
                fix='mend the quotes of the row that begins here; one in a cell is written ""',
            ) from cause
        if any(cell.strip() for cell in cells):
            yield line, cells


def _text(file: Path) -> str:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as cause:
        raise DataError("there is no such table", where=file, fix="mind the spelling") from cause
    except IsADirectoryError as cause:
        raise DataError(
            "this is a folder", where=file, fix="name the file of labels downloaded from the sheet"
        ) from cause
    except UnicodeDecodeError as cause:
        raise DataError(
            f"not UTF-8 text: {cause}",
            where=file,
            fix="save it as UTF-8 (Excel: CSV UTF-8)",
        ) from cause
    if not text.strip():
        raise DataError("the table is empty", where=file, fix="download the labels again")
    return text

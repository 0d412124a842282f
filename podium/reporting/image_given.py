"""What one image was given: pseudo-labels, answers of people, cells in submissions."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.competition.label_answers import Answer, read_answers
from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.submissions.format import Format, format_of
from podium.submissions.receipt import SUBMISSION_FILE, folder_of, read_receipts
from podium.workspace.layout import Workspace

__all__ = ["Cell", "Given", "PseudoSaid", "given_to"]

_MOST_BYTES = 2**26  # of a submission that is searched: files of masks may have gigabytes
_LONGEST = 120  # signs of a cell that are told


@dataclass(frozen=True)
class PseudoSaid:
    """A pseudo-label.

    Attributes:
        source: the artefact of `podium pseudo`, or the run whose method gave it.
        fold: whose students learn it.
        phase: of a run, the phase that gave it; "" of an artefact.
        label: in words; "" where it is of a mask alone.
        confidence: of the label, or of the mask: mean over its pixels.
        teacher: of an artefact, who said it.
        is_right: whether the label is the true one; None where nobody knows.
    """

    source: str
    fold: str
    phase: str
    label: str
    confidence: float | None
    teacher: str
    is_right: bool | None


@dataclass(frozen=True)
class Cell:
    """A row of a submission.

    Attributes:
        submission: its id.
        key: what names the row in the file.
        cells: the other columns with what they hold, long texts cut.
        public_score: of the whole file; None where it is not known.
    """

    submission: str
    key: str
    cells: dict[str, str]
    public_score: float | None


@dataclass(frozen=True)
class Given:
    """What an image was given.

    Attributes:
        pseudo: of artefacts and of methods.
        answer: what people say; None where nobody was asked.
        cells: its rows in what was sent, the newest last.
    """

    pseudo: tuple[PseudoSaid, ...] = ()
    answer: Answer | None = None
    cells: tuple[Cell, ...] = ()


def given_to(
    workspace: Workspace,
    competition: Competition,
    part: str,
    name: str,
    unit: str,
    label: str | None,
    problems: list[str],
) -> Given:
    """Return what the image `name` of `part` was given.

    Args:
        workspace, competition: whose.
        part: of the data.
        name: of the image.
        unit: that a submission has rows of.
        label: the true one in words, where it is known.
        problems: get what cannot be read.
    """
    answer = None
    pseudo: list[PseudoSaid] = []
    cells: list[Cell] = []
    try:
        if part == "unlabelled":
            answer = read_answers(workspace).get(name)
        truth = label if label is not None or answer is None else answer.label
        pseudo += _of_artefacts(workspace, part, name, truth)
        pseudo += _of_methods(workspace, part, name, truth)
        if part == "test":
            cells += _cells(workspace, competition, unit)
    except (PodiumError, OSError, ValueError, KeyError) as error:
        problems.append(str(error))
    return Given(tuple(pseudo), answer, tuple(cells))


def _of_artefacts(
    workspace: Workspace, part: str, name: str, truth: str | None
) -> Iterator[PseudoSaid]:
    """Give what each artefact of `podium pseudo` says, by fold; only its row is made an object."""
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
            ((said),) = parquet.read_table(file).slice(row, 1).to_pylist()
            words = str(said.get("label") or "")
            sure = said.get("confidence", said.get("mask_confidence"))
            yield PseudoSaid(
                source=items.parent.name,
                fold=file.parent.name.removeprefix("fold-"),
                phase="",
                label=words,
                confidence=None if sure is None else float(sure),
                teacher=str(said.get("teacher", "")),
                is_right=_is_right(words, truth),
            )


def _of_methods(
    workspace: Workspace, part: str, name: str, truth: str | None
) -> Iterator[PseudoSaid]:
    """Give what methods of runs said while they learnt, as `selected.csv` has it."""
    for file in sorted(workspace.runs.glob("[!.]*/fold-*/selected.csv")):
        for _, row in _lines_with(file, name):
            if row.get("id") != name or row.get("source", part) not in (part, ""):
                continue
            sure, words = row.get("confidence") or "", row.get("label") or ""
            yield PseudoSaid(
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


def _cells(workspace: Workspace, competition: Competition, unit: str) -> Iterator[Cell]:
    receipts = read_receipts(workspace)
    if not receipts:
        return
    form = format_of(competition)
    if form.rows == "pixel":
        return
    keys = set(form.keys([unit]))
    for receipt in receipts:
        file = folder_of(workspace, receipt) / SUBMISSION_FILE
        if file.is_file() and file.stat().st_size <= _MOST_BYTES:
            for cells, row in _lines_with(file, unit):
                if _key(form, cells) in keys:
                    others = {
                        column: text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
                        for number, (column, text) in enumerate(row.items())
                        if number not in form.key_columns
                    }
                    yield Cell(receipt.id, _key(form, cells), others, receipt.public_score)


def _key(form: Format, cells: list[str]) -> str:
    return form.key(cells) if len(cells) > max(form.key_columns) else ""


def _lines_with(file: Path, text: str) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Give the rows whose line has `text` in it: cells, and the same by column."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream), [])
        for cells in csv.reader(line for line in stream if text in line):
            yield cells, dict(zip(header, cells, strict=False))

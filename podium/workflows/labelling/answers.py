"""Import labels from people: checked row by row, and either all kept or none."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from podium.competition.samples import Split, load_samples
from podium.competition.spec import Competition
from podium.competition.truths.annotations_file import Annotation, add_annotations, read_annotations
from podium.competition.truths.annotator_labels import (
    AnnotationRow,
    excluded_images,
    format_label,
    match_spaces,
    parse_label,
    read_annotation_rows,
    sha256_of_samples,
)
from podium.errors import DataError, UsageError, suggest
from podium.workspace import json_lines, machine
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["ImportedAnswers", "import_answers"]

_SHOWN_AT_MOST = 20
_SHOWN_OF_ONE_FIX = 3
_LABELLED: tuple[Split, ...] = ("train", "test")


@dataclass(frozen=True)
class ImportedAnswers:
    """Result of the import of a file of answers.

    Attributes:
        added: number of answers that are new, or replace another one.
        known: number that existed already.
        skipped: number of rows without an answer.
        labels: answer → count among the new ones.
        agreed, compared: number of new answers equal to the models' prediction, and number of new
            ones whose row contains a prediction.
        total: number of images with an answer now.
    """

    added: int
    known: int
    skipped: int
    labels: dict[str, int]
    agreed: int
    compared: int
    total: int


def import_answers(
    workspace: Workspace,
    competition: Competition,
    file: Path,
    *,
    who: str | None = None,
    replace: bool = False,
    progress: Progress = SILENT,
) -> ImportedAnswers:
    """Keep the answers in `file` as training labels of every fold; folds are unchanged.

    Args:
        workspace, competition: as everywhere.
        file: a table with the columns id and label, as the sheet of a request saves it, or saved
            again by a spreadsheet; with image_sha256, the image is checked for changes.
        who: name of the annotator; default: the user's name.
        replace: whether an answer replaces an earlier one for the same image.
        progress: shows a bar while images are read.

    Raises:
        DataError: rows are invalid; it lists each of them with a fix, and nothing is kept.
        UsageError: this competition has no labels.
    """
    if not competition.has_labels or competition.data.unlabelled is None:
        raise UsageError(
            "answers are labels of unlabelled images, and this competition has none",
            fix="name them in data.unlabelled of competition.yaml",
        )
    rows = _AnswerFile.read(workspace, competition, read_annotation_rows(file), progress)
    with json_lines.locked(workspace.labels):
        before = read_annotations(workspace)
        fresh, n_known = rows.fresh(before, replace=replace)
        rows.raise_if_wrong(file)
        labelled_by, when = who or _user(), machine.now().isoformat()
        added = [
            Annotation(one.id, one.image, one.label, one.request, labelled_by, when)
            for one in fresh
        ]
        add_annotations(workspace, added)
        total = len(set(before) | {one.id for one in added})
    guessed = [one for one in fresh if one.predicted]
    return ImportedAnswers(
        added=len(added),
        known=n_known,
        skipped=rows.skipped,
        labels=dict(sorted(Counter(one.label for one in added).items())),
        agreed=sum(one.label == one.predicted for one in guessed),
        compared=len(guessed),
        total=total,
    )


@dataclass(frozen=True)
class _AnsweredRow:
    """A row with an answer: its line, and the current image."""

    line: int
    id: str
    image: str
    label: str
    request: str
    predicted: str


@dataclass(frozen=True)
class _WrongRow:
    """A row that is not kept: its line, why, and how to mend it."""

    line: int
    what: str
    fix: str


class _AnswerFile:
    """The rows of a file of answers, and their errors."""

    def __init__(self) -> None:
        self.good: list[_AnsweredRow] = []
        self.skipped = 0
        self._wrong: list[_WrongRow] = []

    @classmethod
    def read(
        cls,
        workspace: Workspace,
        competition: Competition,
        table: list[AnnotationRow],
        progress: Progress,
    ) -> _AnswerFile:
        rows = cls()
        samples = load_samples(competition, "unlabelled")
        known = dict.fromkeys(samples["id"])
        names = [match_spaces(row.cells["id"], known) for row in table]
        named = samples[samples["id"].isin(names)]
        contents = sha256_of_samples(workspace, competition, named, progress)
        present = dict(zip(named["id"], contents, strict=True))
        closed = excluded_images(workspace, competition, progress) if present else {}
        first: dict[str, int] = {}
        for row, name in zip(table, names, strict=True):
            if row.trouble is not None:
                rows._blame(row.line, *row.trouble)
            elif not row.cell("label"):
                rows.skipped += 1
            elif name in first:
                rows._blame(
                    row.line, f"{name!r} stands in line {first[name]}, too", "leave one of them"
                )
            elif name not in present:
                is_shown = len(rows._wrong) < _SHOWN_AT_MOST  # what is near takes its time
                rows._blame(
                    row.line, *_why_unknown(competition, name, list(known) if is_shown else [])
                )
            elif present[name] in closed:
                rows._blame(row.line, *_why_closed(name, closed[present[name]]))
            elif row.cell("image_sha256") not in ("", present[name]):
                rows._blame(
                    row.line,
                    f"the image of {name!r} changed since it was asked about",
                    "put the image back; or label it as it is now, and leave image_sha256 empty",
                )
            else:
                first[name] = row.line
                rows._add(competition, name, present[name], row)
        return rows

    def _add(self, competition: Competition, name: str, image: str, row: AnnotationRow) -> None:
        try:
            label = format_label(competition, parse_label(competition, row.cells["label"]))
        except DataError as error:
            self._blame(row.line, error.message, str(error.fix))
            return
        request, predicted = row.cell("request"), row.cell("predicted")
        self.good.append(_AnsweredRow(row.line, name, image, label, request, predicted))

    def fresh(
        self, before: dict[str, Annotation], *, replace: bool
    ) -> tuple[list[_AnsweredRow], int]:
        """Return the rows with new answers, and the number of rows with known ones."""
        found = []
        for one in self.good:
            old = before.get(one.id)
            if old is not None and (old.label, old.image) == (one.label, one.image):
                continue
            if old is not None and not replace:
                self._blame(
                    one.line,
                    f"{one.id!r} was answered {old.label!r} by {old.who} before, and now "
                    f"{one.label!r}",
                    "leave the row out, or write --replace",
                )
            found.append(one)
        return found, len(self.good) - len(found)

    def raise_if_wrong(self, file: Path) -> None:
        """Raise DataError with every row that is wrong."""
        if not self._wrong:
            return
        self._wrong.sort(key=lambda one: (one.line, one.what))
        lines = "".join(f"\n  - {text}" for text in _listed(self._wrong))
        n = len(self._wrong)
        raise DataError(
            f"{n:,} row{'s are' if n > 1 else ' is'} wrong, and nothing was imported{lines}",
            where=file,
            fix="mend these rows, and import the file again",
        )

    def _blame(self, line: int, what: str, fix: str) -> None:
        self._wrong.append(_WrongRow(line, what, fix))


def _listed(wrong: list[_WrongRow]) -> Iterator[str]:
    """Yield the rows that are wrong, in their order; those of one fix together, with it once."""
    of_fix: dict[str, list[_WrongRow]] = {}
    for one in wrong:
        of_fix.setdefault(one.fix, []).append(one)
    n_shown = n_rest = 0
    for fix, rows in of_fix.items():
        if n_shown >= _SHOWN_AT_MOST:
            n_rest += len(rows)
            continue
        *first, last = rows[:_SHOWN_OF_ONE_FIX]
        n_shown += len(first) + 1
        for one in first:
            yield f"line {one.line}: {one.what}"
        n_alike = len(rows) - len(first) - 1
        alike = f", and {n_alike:,} more like these" if n_alike else ""
        yield f"line {last.line}: {last.what}{alike}: {fix}"
    if n_rest:
        yield f"and {n_rest:,} more"


def _why_unknown(competition: Competition, name: str, known: list[str]) -> tuple[str, str]:
    """Return what is wrong with the id of no unlabelled image, and how to mend it."""
    for split in _LABELLED:
        if name in set(load_samples(competition, split)["id"]):
            return f"{name!r} is an image of {split}", "only unlabelled images are answered"
    others = "copy the id from request.csv"
    fix = suggest(name, known, "did you mean {}?", otherwise=others, n=3, any_case=True)
    return f"there is no unlabelled image {name!r}", fix


def _why_closed(name: str, split: Split) -> tuple[str, str]:
    """Return why the answer for an image equal to one of `split` is refused, and the fix."""
    why = "whose label is known" if split == "train" else "which nobody labels"
    return f"{name!r} is by content an image of {split}, {why}", "leave the row out"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        return "somebody"

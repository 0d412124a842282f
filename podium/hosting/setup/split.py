"""The split of a host's test set: which labelled images are hidden, and which of these are public.

Both draws are stratified and keep groups together. Where a solution does not mark the public rows,
they are drawn by seed.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.mask_facts import read_mask_facts
from podium.competition.folds import groups_if_any, holdout, merge_tied_groups
from podium.competition.folds.strata import Strata, coverage_strata, read_strata
from podium.competition.spec import Competition
from podium.errors import DataError, either, plural, some
from podium.hosting.scoring.score import HiddenAnswers
from podium.hosting.scoring.usage import has_usage, owner_of_row, table_text
from podium.submissions.format.csv_text import read_lines, read_table
from podium.submissions.format.spec import SubmissionFormat
from podium.tasks.protocols.names import PIXELS, TaskName, is_of_images
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "HoldOut",
    "HoldOutSplit",
    "PublicDraw",
    "secret_seed",
    "split_hold_out",
    "with_usage",
    "without_column",
]


def secret_seed() -> int:
    """Return a seed that can be neither guessed nor found by trying all of them.

    Participants have the source of podium and most of the data: with the seed they would draw again
    what was drawn, and read the answers off it.
    """
    return secrets.randbelow(1 << 63)


@dataclass(frozen=True)
class PublicDraw:
    """Settings of the draw of public rows.

    Args:
        public: share of the samples whose score is public, in (0, 1]; 1: nothing is private.
        seed: of the draw; default: a secret one.
        group: a column of the solution whose rows are public or private together; it is not kept.
    """

    public: float = 0.3
    seed: int = field(default_factory=secret_seed)
    group: str | None = None


def refuse_share(name: str, share: float, *, whole: bool = False) -> None:
    """Raise DataError unless `share` is between 0 and 1, or, with `whole`, is 1."""
    if not (0 < share < 1 or (whole and share == 1)):
        raise DataError(
            f"{name} is a share of the images between 0 and 1, got {share:g}",
            fix=f"write {name} 0.3 for 30 %",
        )


def draw_public(strata: Strata, groups: NDArray[np.int64], draw: PublicDraw) -> NDArray[np.bool_]:
    """Return which of N samples are public, bool `(N,)`.

    Args:
        strata: what is to be as frequent among the public samples as among the private ones.
        groups: int64 `(N,)`; samples of one group are public or private together.
        draw: share and seed.

    Raises:
        DataError: the share is none, or leaves one part empty.
    """
    refuse_share("--public", draw.public, whole=True)
    if draw.public == 1:
        return np.ones(len(groups), dtype=np.bool_)
    try:
        return draw_share(strata, groups, draw.public, [draw.seed, 1])
    except DataError as error:
        n = len(np.unique(groups))
        raise DataError(
            f"{plural(len(groups), 'test image')} in {plural(n, 'group')} cannot be divided into "
            f"{draw.public:.0%} public and the rest private",
            fix="hold out more images, or change --public",
        ) from error


def draw_share(
    strata: Strata, groups: NDArray[np.int64], share: float, seed: list[int]
) -> NDArray[np.bool_]:
    """Return which of N samples are the drawn `share`, whole groups, bool `(N,)`.

    Where there are too few samples for their strata, whatever is drawn is drawn from all alike.

    Raises:
        DataError: one part would be empty.
    """
    try:
        part = holdout(_coarser(strata, share), groups, share, np.random.default_rng(seed))
    except DataError:
        part = holdout(Strata.none(len(groups)), groups, share, np.random.default_rng(seed))
    return np.asarray(part == 0)


def _coarser(strata: Strata, share: float) -> Strata:
    """Return tenths of a number as fewer parts, where a tenth has too few samples."""
    if strata.kind != "numbers":
        return strata
    n_parts = min(len(strata.names), max(1, int(len(strata.codes) * min(share, 1 - share))))
    codes = strata.codes * n_parts // len(strata.names)
    return replace(strata, codes=codes, names=strata.names[:n_parts])


def with_usage(
    path: Path,
    form: SubmissionFormat,
    answers: HiddenAnswers,
    draw: PublicDraw,
) -> bytes:
    """Return the solution in the CSV at `path` with a column Usage, drawn by `draw`.

    Labels and numbers are as frequent among public as among private rows; all rows of an image, a
    unit or a group have the same usage.

    Raises:
        DataError: it has a column Usage, or lacks that of the groups.
    """
    header, rows, line_of = _table(path)
    if has_usage(header):
        raise DataError(
            "has a column Usage, which marks the public rows", where=path, fix="leave out --public"
        )
    owner = owner_of_row(form, header)
    owners = [owner(row) for row in rows]
    number = {one: i for i, one in enumerate(answers.ids)}
    groups = np.arange(len(answers.ids))
    if draw.group is not None:
        at = header.index(draw.group)
        groups = _solution_groups(path, owners, [row[at] for row in rows], number, line_of)
        header, rows = _without(header, at), [_without(row, at) for row in rows]
    order = np.argsort(np.array(answers.ids, dtype=object), kind="stable")
    strata = _solution_strata(answers).take(order)
    chosen = np.zeros(len(order), dtype=np.bool_)
    grouped = np.unique(groups[order], return_inverse=True)[1].astype(np.int64)
    chosen[order] = draw_public(strata, grouped, draw)
    usages = ["Public" if chosen[number[one]] else "Private" for one in owners]
    marked = [[*row, usage] for row, usage in zip(rows, usages, strict=True)]
    return table_text([[*header, "Usage"], *marked])


def without_column(path: Path, name: str) -> bytes:
    """Return the CSV at `path` without the column `name`.

    Raises:
        DataError: it has none, or it is the first one.
    """
    header, rows, _ = _table(path)
    if name not in header[1:]:
        raise DataError(
            f"has no column {name!r} behind its first; its columns: {some(header)}",
            where=path,
            fix="name the column that groups the rows",
        )
    at = header.index(name)
    return table_text([_without(row, at) for row in [header, *rows]])


def _table(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Return header, rows, and the line of each row of a solution that could be read."""
    read_table(path)  # raises for every fault of it
    lines = [one for one in read_lines(path, longest=path.stat().st_size) if one.cells]
    header = [cell.strip() for cell in lines[0].cells]
    return header, [one.cells for one in lines[1:]], [one.number for one in lines[1:]]


def _without(cells: Sequence[str], at: int) -> list[str]:
    return [cell for i, cell in enumerate(cells) if i != at]


def _solution_groups(
    path: Path,
    owners: list[str],
    cells: list[str],
    number: dict[str, int],
    line_of: list[int],
) -> NDArray[np.int64]:
    """Return the group of each sample as a number."""
    names: dict[str, str] = {}
    for one, cell, line in zip(owners, cells, line_of, strict=True):
        if names.setdefault(one, cell.strip()) != cell.strip():
            raise DataError(
                f"{one!r} is of two groups, {names[one]!r} and {cell.strip()!r}",
                where=f"{path}:{line}",
                fix="write the same group in all rows of an image",
            )
    return np.asarray(pd.factorize(np.array([names[one] for one in number], dtype=object))[0])


def _solution_strata(answers: HiddenAnswers) -> Strata:
    n = len(answers.ids)
    if answers.labels is None:
        return Strata.none(n)
    return read_strata(pd.DataFrame(index=range(n)), answers.labels)


_PARTS = 4  # of coverage: as many levels as this many folds could be balanced by


@dataclass(frozen=True)
class HoldOut:
    """Settings of the draw of a test set from labelled data.

    Args:
        share: of the images that become the test set, in (0, 1).
        public: share of the test images whose score is public, in (0, 1].
        seed: of every draw; default: a secret one. It reveals the order of the images in the data,
            and so the answers.
    """

    share: float = 0.3
    public: float = 0.3
    seed: int = field(default_factory=secret_seed)


@dataclass(frozen=True)
class HoldOutSplit:
    """The part of each of N samples.

    Attributes:
        is_test: bool `(N,)`.
        is_public: bool `(N,)`, of test samples alone.
        numbers: int64 `(N,)`, 0 … N - 1 in an order without information: names are made of them.
        notes: for a person.
    """

    is_test: NDArray[np.bool_]
    is_public: NDArray[np.bool_]
    numbers: NDArray[np.int64]
    notes: tuple[str, ...]


def split_hold_out(
    samples: pd.DataFrame,
    competition: Competition,
    contents: Sequence[str],
    hold_out: HoldOut,
    *,
    task: TaskName,
    progress: Progress = SILENT,
) -> HoldOutSplit:
    """Return the split of `samples`, which are in the order of their ids.

    Labels (of masks: how much is foreground, and which classes there are) are as frequent in the
    test set as in train. No group, and no picture that is there twice, lies in both.

    Args:
        samples: as `load_samples` returns those of train, sorted by id; all have an answer.
        competition: what they were read by.
        contents: a digest of each image `(N,)`; equal ones are one picture.
        hold_out: the shares and the seed.
        task: what is scored.
        progress: of reading masks.

    Raises:
        DataError: a share is none or leaves a part empty, or a class would be in the test set
            alone.
    """
    refuse_share("--hold-out", hold_out.share)
    strata = _strata(samples, competition, task, progress)
    pictures = np.asarray(pd.factorize(np.array(contents, dtype=object))[0], dtype=np.int64)
    groups = merge_tied_groups(groups_if_any(samples, "group"), pictures)
    n_groups = int(groups.max()) + 1
    if n_groups < 3:
        raise DataError(
            f"{either(len(samples), 'image makes', 'images make')} {plural(n_groups, 'group')} "
            "that must stay together: too few for a "
            "train, a public and a private part",
            fix="provide more images, or another --group",
        )
    try:
        is_test = draw_share(strata, groups, hold_out.share, [hold_out.seed, 0])
    except DataError as error:
        raise DataError(
            f"{plural(len(samples), 'image')} in {plural(n_groups, 'group')} cannot be divided: "
            "--hold-out "
            f"{hold_out.share:g} leaves one part empty",
            fix="change --hold-out, or provide more images",
        ) from error
    _refuse_untrainable(strata, is_test)
    rows = np.flatnonzero(is_test)
    within = np.unique(groups[rows], return_inverse=True)[1].astype(np.int64)
    is_public = np.zeros(len(samples), dtype=np.bool_)
    draw = PublicDraw(public=hold_out.public, seed=hold_out.seed)
    is_public[rows] = draw_public(strata.take(rows), within, draw)
    numbers = np.random.default_rng([hold_out.seed, 2]).permutation(len(samples))
    notes = [
        *_describe_duplicates(samples, contents),
        *_missing_classes(strata, is_test, is_public),
    ]
    return HoldOutSplit(is_test, is_public, numbers, tuple(notes))


def _strata(
    samples: pd.DataFrame, competition: Competition, task: TaskName, progress: Progress
) -> Strata:
    if is_of_images(task):
        return read_strata(samples, classes=competition.classes)
    home = Workspace(Path(competition.root))
    facts = read_mask_facts(home, competition, samples, progress=progress)
    classes = competition.classes_of(PIXELS)
    return coverage_strata(facts.coverage, facts.has_class, _PARTS, classes=classes)


def _refuse_untrainable(strata: Strata, is_test: NDArray[np.bool_]) -> None:
    """Refuse a class of which nobody could learn."""
    if strata.kind not in ("classes", "labels"):
        return
    held = strata.counts(np.where(is_test, 1, 0), 2)
    lost = [name for name, n, m in zip(strata.names, *held, strict=True) if n == 0 and m > 0]
    if lost:
        raise DataError(
            f"all images of {some(lost)} would be in the test set, and nobody could learn them",
            fix="provide at least two images (or groups) of each class, leave the class out, or "
            "try another --seed",
        )


def _missing_classes(
    strata: Strata, is_test: NDArray[np.bool_], is_public: NDArray[np.bool_]
) -> list[str]:
    if strata.kind not in ("classes", "labels"):
        return []
    held = strata.counts(np.where(is_test, np.where(is_public, 0, 1), 2), 3)
    notes = []
    for name, of_part in zip(("public", "private"), held, strict=False):
        lost = [one for one, n in zip(strata.names, of_part, strict=True) if n == 0]
        if lost and of_part.sum():
            notes.append(f"no {name} test image is of {some(lost)}: there are too few of them")
    return notes


def _describe_duplicates(samples: pd.DataFrame, contents: Sequence[str]) -> list[str]:
    counts = Counter(contents)
    again = [one for one, n in counts.items() if n > 1]
    if not again:
        return []
    ids = list(samples["id"])
    first = [one for one, digest in zip(ids, contents, strict=True) if digest == again[0]]
    n = sum(counts[one] for one in again)
    return [
        f"{either(n, 'image is', 'images are')} {len(again)} picture{'s' * (len(again) > 1)} "
        "(such as "
        f"{' = '.join(first[:3])}): copies of one picture are kept on one side"
    ]

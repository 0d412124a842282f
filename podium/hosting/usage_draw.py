"""Which rows of a solution are public, drawn by seed where the solution does not say it."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.fold_schemes import holdout
from podium.competition.strata import Strata, read_strata
from podium.errors import DataError, some
from podium.hosting.mask_solution import MaskSolution
from podium.hosting.object_solution import UnitSolution
from podium.hosting.solution import Solution
from podium.submissions.format import Format
from podium.submissions.lines import read_lines, read_table
from podium.submissions.owners import owners_of
from podium.submissions.pixel_keys import images_of

__all__ = [
    "Draw",
    "dealt",
    "draw_public",
    "refuse_share",
    "secret_seed",
    "with_usage",
    "without_column",
]


def secret_seed() -> int:
    """Return a seed that nobody guesses, and that trying all of them does not find.

    Participants have the source of podium and most of the data: with the seed they would draw again
    what was drawn, and read the answers off it.
    """
    return secrets.randbelow(1 << 63)


@dataclass(frozen=True)
class Draw:
    """How the public rows are drawn.

    Args:
        public: share of the samples whose score everyone sees, in (0, 1]; 1: nothing is private.
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


def draw_public(strata: Strata, groups: NDArray[np.int64], draw: Draw) -> NDArray[np.bool_]:
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
        return dealt(strata, groups, draw.public, [draw.seed, 1])
    except DataError as error:
        n = len(np.unique(groups))
        raise DataError(
            f"{len(groups)} test images in {n} groups cannot be divided into {draw.public:.0%} "
            "public and the rest private",
            fix="hold out more images, or change --public",
        ) from error


def dealt(
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
    """Return tenths of a number as fewer parts, where a tenth has no sample to give."""
    if strata.kind != "numbers":
        return strata
    n_parts = min(len(strata.names), max(1, int(len(strata.codes) * min(share, 1 - share))))
    codes = strata.codes * n_parts // len(strata.names)
    return replace(strata, codes=codes, names=strata.names[:n_parts])


def with_usage(
    path: Path, form: Format, answers: Solution | MaskSolution | UnitSolution, draw: Draw
) -> bytes:
    """Return the solution in the CSV at `path` with a column Usage, drawn as `draw` says.

    Labels and numbers are as frequent among public as among private rows; all rows of an image, a
    unit or a group have the same usage.

    Raises:
        DataError: it has a column Usage, or lacks that of the groups.
    """
    header, rows, line_of = _table(path)
    lower = [name.lower() for name in header]
    if "usage" in lower:
        raise DataError(
            "has a column Usage, which says what is public", where=path, fix="leave out --public"
        )
    owner = _owner(form, header)
    owners = [owner(row) for row in rows]
    number = {one: i for i, one in enumerate(answers.ids)}
    groups = np.arange(len(answers.ids))
    if draw.group is not None:
        at = header.index(draw.group)
        groups = _groups(path, owners, [row[at] for row in rows], number, line_of)
        header, rows = _without(header, at), [_without(row, at) for row in rows]
    order = np.argsort(np.array(answers.ids, dtype=object), kind="stable")
    strata = _strata(answers).take(order)
    chosen = np.zeros(len(order), dtype=np.bool_)
    grouped = np.unique(groups[order], return_inverse=True)[1].astype(np.int64)
    chosen[order] = draw_public(strata, grouped, draw)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header, "Usage"])
    for one, row in zip(owners, rows, strict=True):
        writer.writerow([*row, "Public" if chosen[number[one]] else "Private"])
    return text.getvalue().encode("utf-8")


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
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_without(row, at) for row in [header, *rows]])
    return text.getvalue().encode("utf-8")


def _table(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Return header, rows, and the line of each row of a solution that could be read."""
    read_table(path)  # whatever is wrong with it is said by this
    lines = [one for one in read_lines(path, longest=path.stat().st_size) if one.cells]
    header = [cell.strip() for cell in lines[0].cells]
    return header, [one.cells for one in lines[1:]], [one.number for one in lines[1:]]


def _without(cells: Sequence[str], at: int) -> list[str]:
    return [cell for i, cell in enumerate(cells) if i != at]


def _owner(form: Format, header: list[str]) -> Callable[[Sequence[str]], str]:
    """Return the function from the cells of a row of the solution to its sample."""
    if form.rows != "pixel" and form.kind != "instance":
        return lambda cells: cells[0].strip()
    at = [header.index(form.header[i]) for i in form.key_columns]

    def key(cells: Sequence[str]) -> str:
        return " / ".join(cells[i] for i in at)

    if form.rows == "pixel":
        return lambda cells: images_of(form, [key(cells)])[0]
    names = owners_of(form)
    return lambda cells: names(key(cells))[0]


def _groups(
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


def _strata(answers: Solution | MaskSolution | UnitSolution) -> Strata:
    n = len(answers.ids)
    if not isinstance(answers, Solution) or answers.gallery:
        return Strata.none(n)
    return read_strata(pd.DataFrame(index=range(n)), answers.truth)

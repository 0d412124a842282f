"""The image files of samples: found by pattern or named by a table, several a sample, slices."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from podium.competition.data_spec import Slices
from podium.competition.finder import Finder
from podium.competition.patterns import Found, Pattern
from podium.competition.spec import Competition, Source
from podium.errors import DataError, some

__all__ = [
    "Images",
    "Line",
    "Part",
    "Split",
    "check_columns",
    "check_used",
    "folds_columns",
    "images_by_pattern",
    "images_of_table",
    "with_neighbours",
]

Split = Literal["train", "unlabelled", "test"]
Part = Literal[Split, "extra"]
Images = list[tuple[str, ...]]
"""Of each sample the paths of its files in the order of the channels, "" where there is none."""


class Line(str):
    """A cell that prints with the line of the table where it stands."""

    line: int

    def __new__(cls, text: str, line: int) -> Line:
        made = super().__new__(cls, text)
        made.line = line
        return made

    def __repr__(self) -> str:
        return f"{super().__repr__()} (line {self.line})"


def images_by_pattern(
    competition: Competition, source: Source, split: Part
) -> tuple[pd.DataFrame, list[str], Images]:
    """Return the fields of the found paths as a table, the ids, and the files of each sample.

    The first pattern finds the samples; the fields of a path lead to their other files.

    Raises:
        DataError: the id is made of what a path does not have, or other files are missing.
    """
    pattern = Pattern(source.patterns[0])
    has_answers = split in ("train", "extra")
    elsewhere = _of_other_parts(competition) if has_answers else frozenset()
    found = [one for one in pattern.find(competition.root) if one.path not in elsewhere]
    if has_answers and "segment" in competition.tasks:
        found = _without_masks(competition, found)
    fixed = pattern.fixed_part
    usual = "{id}" if len(source.patterns) > 1 and "id" in pattern.fields else "{stem}"
    template = Pattern(source.id or usual)
    unknown = set(template.fields) - {"stem", "name", "path", *pattern.fields}
    if unknown:
        raise DataError(
            f"id {template.text!r} uses {some(sorted(unknown))}, which the path does not have",
            where=f"data.{split}",
            fix="use {stem}, {name}, {path} or a field of images",
        )
    ids = []
    for path, fields in found:
        name = path.rpartition("/")[2]
        stem = name.rpartition(".")[0] or name
        below = path[len(fixed) :].lstrip("/")
        ids.append(template.fill({**fields, "stem": stem, "name": name, "path": below}))
    table = pd.DataFrame([fields for _, fields in found], columns=list(pattern.fields), dtype=str)
    used = folds_columns(competition) if split == "train" else []
    if split == "extra" and isinstance(source.label, str):
        used = [source.label]
    check_used(list(table.columns), used, f"data.{split}.images")
    columns = [[path for path, _ in found], *_other_files(competition, source, split, found)]
    return table, ids, list(zip(*columns, strict=True))


def _other_files(
    competition: Competition, source: Source, split: Part, found: list[Found]
) -> Iterator[list[str]]:
    """Give the second file of each sample, then the third, and so on.

    Raises:
        DataError: one is missing, or is not told apart by the fields of the first.
    """
    known = Pattern(source.patterns[0]).fields
    for text in source.patterns[1:]:
        pattern = Pattern(text)
        unknown = [name for name in pattern.fields if name not in known]
        if unknown or not pattern.fields:
            raise DataError(
                f"{text} uses {some(unknown) if unknown else 'no field'}, the first pattern of "
                f"images has {some(known) if known else 'none'}",
                where=f"data.{split}.images",
                fix="write the same fields in braces in all of them, as {id}_red.png, "
                "{id}_green.png",
            )
        finder = Finder(competition.root, pattern)
        files = [finder.of(fields) for _, fields in found]
        odd = [one.path for one, paths in zip(found, files, strict=True) if len(paths) != 1]
        if odd:
            raise DataError(
                f"{len(odd):,} images have not one file {text} beside them: {some(odd)}",
                where=f"data.{split}.images",
                fix="put the files there, or mend the patterns",
            )
        yield [paths[0] for paths in files]


def _without_masks(competition: Competition, found: list[Found]) -> list[Found]:
    """Return `found` without mask files: `1.png` and `1_mask.png` may lie in one folder."""
    mask = competition.data.train.mask
    if not isinstance(mask, str):
        return found
    masks = frozenset(one.path for one in Pattern(mask).find(competition.root))
    images = [one for one in found if one.path not in masks]
    if found and not images:
        raise DataError(
            f"the masks' pattern {mask} finds the images, too",
            where="data.train.mask",
            fix="write what only the masks have in their paths",
        )
    return images


def _of_other_parts(competition: Competition) -> frozenset[str]:
    """Return the files that the patterns of test, unlabelled and extra find.

    `data/{class}/*.jpg` finds `data/test/1.jpg`, too; it is no image of a class called test.
    """
    data = competition.data
    others = [data.test, data.unlabelled, *data.extra.values()]
    patterns = [
        Pattern(text)
        for other in others
        if other and other.table is None
        for text in other.patterns
    ]
    return frozenset(one.path for pattern in patterns for one in pattern.find(competition.root))


def images_of_table(
    competition: Competition, source: Source, table: pd.DataFrame, problems: list[str]
) -> Images:
    """Return the files of each row; what is missing is added to `problems`."""
    columns = [_files_of(competition, Pattern(text), table, problems) for text in source.patterns]
    return list(zip(*columns, strict=True))


def _files_of(
    competition: Competition, pattern: Pattern, table: pd.DataFrame, problems: list[str]
) -> list[str]:
    finder = Finder(competition.root, pattern)
    rows = [dict(zip(pattern.fields, row, strict=True)) for row in _cells(table, pattern.fields)]
    found = [finder.of(fields) for fields in rows]
    if pattern.has_wildcards:
        _report_counts(found, pattern, table, problems)
        return [paths[0] if paths else "" for paths in found]
    filled = [pattern.fill(fields) for fields in rows]
    missing = [Line(filled[row], row + 2) for row, paths in enumerate(found) if not paths]
    if missing:
        problems.append(f"{len(missing):,} of {len(table):,} images are missing: {some(missing)}")
    return filled


def _cells(table: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(table[name] for name in columns), strict=True)


def _report_counts(
    found: list[list[str]], pattern: Pattern, table: pd.DataFrame, problems: list[str]
) -> None:
    for count, what in ((0, "no file"), (2, "several files")):
        rows = [row for row, paths in enumerate(found) if min(len(paths), 2) == count]
        if rows:
            shown = some(Line(table[pattern.fields[0]].iloc[row], row + 2) for row in rows)
            problems.append(
                f"{len(rows):,} of {len(table):,} rows lead to {what} of {pattern.text}: {shown}"
            )


def with_neighbours(
    images: Images, table: pd.DataFrame, slices: Slices, problems: list[str]
) -> Images:
    """Return the files of each row and of its neighbours in its volume.

    The files of one slice stand together, slice after slice as `slices.around` has them. Rows whose
    order is no number, or the same as that of another slice, are added to `problems`.
    """
    order = pd.to_numeric(table[slices.order], errors="coerce")
    cells = table[slices.order]
    bad = [Line(cells.iloc[row], row + 2) for row in range(len(table)) if pd.isna(order.iloc[row])]
    if bad:
        problems.append(f"slices: {len(bad):,} orders are no numbers: {some(bad)}")
    keys = pd.DataFrame({"volume": table[slices.volume], "order": order})
    again = keys.duplicated().to_numpy() & order.notna().to_numpy()
    if again.any():
        twice = [Line(cells.iloc[row], row + 2) for row in range(len(table)) if again[row]]
        problems.append(
            f"slices: {len(twice):,} rows have the {slices.order} of another row of their "
            f"{slices.volume}: {some(twice)}"
        )
    nothing = ("",) * len(images[0]) if images else ()
    seen: Images = list(images)
    numbers = order.to_numpy()
    for rows in keys.groupby("volume", sort=False).indices.values():
        ranked = np.asarray(rows)[numbers[rows].argsort(kind="stable")].tolist()
        for rank, row in enumerate(ranked):
            paths: list[str] = []
            for step in slices.around:
                at = rank + step
                if 0 <= at < len(ranked) or slices.edge == "repeat":
                    paths += images[ranked[min(max(at, 0), len(ranked) - 1)]]
                else:
                    paths += nothing
            seen[row] = tuple(paths)
    return seen


def check_columns(
    table: pd.DataFrame, source: Source, competition: Competition, split: Part, where: str
) -> None:
    """Raise DataError unless the table has every column that `source` names."""
    label = [source.label] if isinstance(source.label, str) else source.label or []
    fields = {text: Pattern(text).fields for text in source.patterns}
    needed = [source.id, *(name for names in fields.values() for name in names)]
    needed += label if split != "test" else []
    needed += folds_columns(competition) if split == "train" else []
    for text, names in fields.items():
        if not names:
            raise DataError(
                f"images of a table must name a column in braces, got {text!r}",
                where=f"data.{split}",
                fix=f"write {text.rpartition('/')[0]}/{{{source.id}}}.jpg, for example",
            )
    check_used(list(table.columns), [name for name in needed if name is not None], where)


def check_used(columns: Sequence[str], used: Sequence[str], where: str) -> None:
    """Raise DataError unless every name of `used` is one of `columns`."""
    unknown = [name for name in dict.fromkeys(used) if name not in columns]
    if not unknown:
        return
    near = difflib.get_close_matches(unknown[0], columns, n=1)
    has = ", ".join(columns) or "none"
    raise DataError(
        f"there is no column {some(unknown)}; the columns are: {has}",
        where=where,
        fix=f"write {near[0]} in competition.yaml" if near else "mend competition.yaml",
    )


def folds_columns(competition: Competition) -> list[str]:
    """Return the columns that the folds are made of."""
    folds = competition.folds
    return [name for name in (folds.group, folds.time, folds.column) if name is not None]

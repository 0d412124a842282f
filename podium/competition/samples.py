"""Samples: one row for each input of a network, read from where `competition.yaml` says."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.labels import read_labels
from podium.competition.moments import read_moments
from podium.competition.patterns import Pattern
from podium.competition.spec import Competition, Source
from podium.competition.tables import read_table
from podium.errors import DataError, some

__all__ = ["Split", "load_samples", "truth"]

Split = Literal["train", "unlabelled", "test"]


def load_samples(competition: Competition, split: Split) -> pd.DataFrame:
    """Return the samples of one part of the data, one a row, index 0 … N-1.

    Columns: `id` (text, as written: "000123" keeps its zeros), `images` (tuple of paths, relative
    to `competition.root` or absolute), `label` (class index, `(C,)` uint8, float, or None outside
    train), `unit`, `group` (None where there is none), `source` (the split's name), `weight` (1.0),
    `order` (what `folds.time` sorts by, else None) and, for `folds.column`, `fold_column`. A split
    that the competition does not have gives no rows.

    Raises:
        DataError: naming every problem of the part at once: missing images, repeated ids, unknown
            classes, labels that are none, a class without a row, no rows at all.
    """
    source: Source | None = getattr(competition.data, split)
    if source is None:
        return _frame([], [], pd.DataFrame(), competition, split)
    problems: list[str] = []
    if source.table is None:
        table, ids, images = _from_pattern(competition, source, split)
        where, lines = f"data.{split}", None
    else:
        where = source.table
        table = read_table(competition.root / source.table, where=where)
        _check_columns(table, source, competition, split, where)
        lines = np.arange(2, len(table) + 2)
        ids = list(table[source.id])
        images = _images_of_table(competition, source, table, problems)
    if not ids:
        raise DataError(
            "there is no row" if source.table else f"no image matches {source.images}",
            where=where,
            fix=f"put the images there, or mend data.{split} in competition.yaml",
        )
    problems += _repeated(ids, lines)
    samples = _frame(ids, images, table, competition, split)
    if split == "train":
        labels, wrong = read_labels(table, competition, lines)
        problems += wrong
        samples["label"] = pd.Series(labels, dtype=object, index=samples.index)
    if problems:
        raise _all_at_once(problems, where)
    return samples


def truth(samples: pd.DataFrame, competition: Competition) -> NDArray[Any]:
    """Return the labels of `samples` as one array.

    Returns:
        multiclass and binary: int64 `(N,)`; multilabel: uint8 `(N, C)`; regression: float64 `(N,)`.

    Raises:
        DataError: a sample has no label.
    """
    missing = samples.loc[samples["label"].isna(), "id"]
    if len(missing):
        raise DataError(f"{len(missing):,} samples have no label: {some(missing)}")
    if competition.kind == "multilabel":
        rows = list(samples["label"])
        return np.array(rows, dtype=np.uint8).reshape(len(rows), len(competition.classes))
    dtype = np.float64 if competition.kind == "regression" else np.int64
    return samples["label"].to_numpy().astype(dtype)


def _from_pattern(
    competition: Competition, source: Source, split: Split
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return the fields of the found paths as a table, the ids, and the paths."""
    pattern = Pattern(source.images)
    elsewhere = _of_other_parts(competition) if split == "train" else frozenset()
    found = [one for one in pattern.find(competition.root) if one.path not in elsewhere]
    fixed = pattern.fixed_part
    template = Pattern(source.id or "{stem}")
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
    if split == "train":
        _check_used(list(table.columns), _folds_columns(competition), "data.train.images")
    return table, ids, [path for path, _ in found]


def _of_other_parts(competition: Competition) -> frozenset[str]:
    """Return the files that the patterns of test and unlabelled find.

    `data/{class}/*.jpg` finds `data/test/1.jpg`, too; it is no image of a class called test.
    """
    others = [competition.data.test, competition.data.unlabelled]
    patterns = [Pattern(other.images) for other in others if other and other.table is None]
    return frozenset(one.path for pattern in patterns for one in pattern.find(competition.root))


def _images_of_table(
    competition: Competition, source: Source, table: pd.DataFrame, problems: list[str]
) -> list[str]:
    pattern = Pattern(source.images)
    if pattern.has_wildcards:
        return _images_by_fields(competition, pattern, table, problems)
    columns = [table[name] for name in pattern.fields]
    filled = [
        pattern.fill(dict(zip(pattern.fields, row, strict=True)))
        for row in zip(*columns, strict=True)
    ]
    listings: dict[str, frozenset[str]] = {}
    missing = []
    for row, path in enumerate(filled):
        folder, _, name = path.rpartition("/")
        if folder not in listings:
            listings[folder] = _listing(competition, folder)
        if name not in listings[folder]:
            missing.append((row, path))
    if missing:
        shown = some(_Line(path, row + 2) for row, path in missing)
        problems.append(f"{len(missing):,} of {len(table):,} images are missing: {shown}")
    return filled


def _images_by_fields(
    competition: Competition, pattern: Pattern, table: pd.DataFrame, problems: list[str]
) -> list[str]:
    """Return the one file that each row's fields and the wildcards of `pattern` lead to."""
    by_fields: dict[tuple[str, ...], list[str]] = {}
    for path, fields in pattern.find(competition.root):
        by_fields.setdefault(tuple(fields[name] for name in pattern.fields), []).append(path)
    keys = zip(*(table[name] for name in pattern.fields), strict=True)
    found = [by_fields.get(key, []) for key in keys]
    for count, what in ((0, "no file"), (2, "several files")):
        rows = [row for row, paths in enumerate(found) if min(len(paths), 2) == count]
        if rows:
            shown = some(_Line(table[pattern.fields[0]].iloc[row], row + 2) for row in rows)
            problems.append(
                f"{len(rows):,} of {len(table):,} rows lead to {what} of {pattern.text}: {shown}"
            )
    return [paths[0] if paths else "" for paths in found]


class _Line(str):
    """A cell that prints with the line of the table where it stands."""

    line: int

    def __new__(cls, text: str, line: int) -> _Line:
        made = super().__new__(cls, text)
        made.line = line
        return made

    def __repr__(self) -> str:
        return f"{super().__repr__()} (line {self.line})"


def _listing(competition: Competition, folder: str) -> frozenset[str]:
    try:
        with os.scandir(competition.root / folder) as entries:
            return frozenset(entry.name for entry in entries if entry.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def _check_columns(
    table: pd.DataFrame, source: Source, competition: Competition, split: Split, where: str
) -> None:
    label = [source.label] if isinstance(source.label, str) else source.label or []
    needed = [source.id, *Pattern(source.images).fields]
    needed += [*label, *_folds_columns(competition)] if split == "train" else []
    if not Pattern(source.images).fields:
        raise DataError(
            f"images of a table must name a column in braces, got {source.images!r}",
            where=f"data.{split}",
            fix=f"write {source.images.rpartition('/')[0]}/{{{source.id}}}.jpg, for example",
        )
    _check_used(list(table.columns), [name for name in needed if name is not None], where)


def _folds_columns(competition: Competition) -> list[str]:
    folds = competition.folds
    return [name for name in (folds.group, folds.time, folds.column) if name is not None]


def _check_used(columns: Sequence[str], used: Sequence[str], where: str) -> None:
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


def _repeated(ids: Sequence[str], lines: NDArray[np.int64] | None) -> list[str]:
    series = pd.Series(ids, dtype=object)
    problems = []
    empty = np.flatnonzero((series == "").to_numpy())
    if len(empty):
        at = "" if lines is None else f": lines {', '.join(str(lines[row]) for row in empty[:5])}"
        problems.append(f"{len(empty):,} rows have no id{at}")
    is_again = (series.duplicated() & (series != "")).to_numpy()
    again = series[is_again]
    if len(again):
        shown = some(
            again.unique()
            if lines is None
            else [_Line(again[row], int(lines[row])) for row in np.flatnonzero(is_again)]
        )
        hint = "" if lines is not None else "; write id: '{path}' to tell them apart"
        problems.append(f"{again.nunique():,} ids stand more than once: {shown}{hint}")
    return problems


def _frame(
    ids: list[str], images: list[str], table: pd.DataFrame, competition: Competition, split: Split
) -> pd.DataFrame:
    n = len(ids)
    folds = competition.folds

    def column(name: str | None) -> list[Any]:
        return list(table[name]) if name is not None and name in table.columns else [None] * n

    data: dict[str, Any] = {
        "id": ids,
        "images": [(path,) for path in images],
        "label": [None] * n,
        "unit": ids,
        "group": column(folds.group),
        "source": [split] * n,
        "weight": np.ones(n),
        "order": [None] * n,
    }
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in data.items()})
    frame["weight"] = frame["weight"].astype(np.float64)
    if folds.time is not None and split == "train":
        frame["order"] = read_moments(table[folds.time])
    if folds.column is not None and split == "train":
        frame["fold_column"] = _fold_numbers(table[folds.column], folds.column)
    return frame


def _fold_numbers(cells: pd.Series[str], column: str) -> pd.Series[int]:
    numbers = pd.to_numeric(cells, errors="coerce")
    bad = numbers.isna() | (numbers % 1 != 0)
    if bad.any():
        what = f"folds are whole numbers, {column!r} has {some(cells[bad])}"
        raise DataError(what, where="folds.column")
    return numbers.astype(np.int64)


def _all_at_once(problems: list[str], where: str) -> DataError:
    fix = (
        "mend the data or competition.yaml; rows that cannot be mended can be left out of the table"
    )
    if len(problems) == 1:
        return DataError(problems[0], where=where, fix=fix)
    lines = "".join(f"\n  - {problem}" for problem in problems)
    return DataError(f"{len(problems)} problems{lines}", where=where, fix=fix)

"""Samples: one row for each input of a network, read from the paths in `competition.yaml`.

Image files are found by a pattern or named by a table; a sample may have several of them, or its
neighbours in a volume as further channels (2.5-D).

Extra labelled images (generated ones, another competition's) come from `data.extra` of
`competition.yaml`, each source under its name and read by its own conventions. They are in no fold;
nothing is scored on them.
"""

from __future__ import annotations

import difflib
import glob
import json
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from itertools import compress
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.ids.patterns import FileFinder, FoundFile, Pattern, file_stem
from podium.competition.ids.rows import (
    columns_of_key,
    groups_of_rows,
    ids_of_rows,
    is_group_of_cell,
    is_part_of_cell,
    rows_of_images,
)
from podium.competition.made_record import MadeFile
from podium.competition.sections.data import JoinSpec, MaskTable, SlicesSpec
from podium.competition.spec import Competition, DataSource
from podium.competition.spelling import composed
from podium.competition.table_origins import find_origin
from podium.competition.tables import read_table, read_times
from podium.competition.truths.labels import (
    IS_NO_GRADE,
    LACKING,
    MISSPELT,
    labels_of_masks,
    read_labels,
)
from podium.competition.truths.masks import find_mask_refs, named_in_runs
from podium.competition.truths.targets import targets_of
from podium.competition.units import units_of
from podium.errors import DataError, PodiumError, either, plural, some, suggest
from podium.workspace.layout import Workspace

__all__ = [
    "Split",
    "as_train",
    "extra_errors",
    "ids_without_image",
    "images_of_table",
    "images_to_open",
    "left_out_of_test",
    "left_out_sentence",
    "load_extra",
    "load_samples",
    "reword_for_extra",
    "rows_of_source",
    "rows_without_image",
    "similar_ids",
    "truth",
    "unpredicted_answer",
]


def load_samples(
    competition: Competition,
    split: Split,
    *,
    workspace: Workspace | None = None,
    made: Sequence[MadeFile] | None = None,
) -> pd.DataFrame:
    """Return the samples of one part of the data, one a row, index 0 … N-1.

    Columns: `id` (text, as written: "000123" keeps its zeros), `images` (tuple of paths, relative
    to `competition.root` or absolute), `label` (class index, `(C,)` uint8, float; None outside
    train, and where there is a mask but no label; of unlabelled images the value of
    `data.unlabelled.label`, which only serves to score pseudo-labels and is never trained on),
    `mask` (`MaskRef`; None outside train, and where there is a label but no mask), `unit` (the
    scored unit: the id, or the value of the source's `unit`), `group` (None where there is none),
    `source` (the split's name), `weight` (1.0), `order` (the value that `folds.time` sorts by, else
    None), for `folds.column` `fold_column`, and for `slices` `volume` and `slice` (the number that
    sorts those of a volume). A split that the competition does not have gives no rows.

    Args:
        competition: locates the data.
        split: the part.
        workspace: caches the facts of mask files, where labels come from masks; default: the
            competition's folder.
        made: tables that `podium init` makes of others, for its messages; None: as it recorded.

    Raises:
        DataError: naming every problem of the part at once: missing images, repeated ids, unknown
            classes, labels that are none or differ within a unit, a class without a row, ids of
            masks without an image, samples with neither label nor mask, no rows at all.
    """
    source: DataSource | None = getattr(competition.data, split)
    if source is None:
        return _frame([], [], pd.DataFrame(), competition, split)
    return read_source(competition, source, split, workspace=workspace, made=made)


def read_source(
    competition: Competition,
    source: DataSource,
    split: SampleSource,
    *,
    workspace: Workspace | None = None,
    made: Sequence[MadeFile] | None = None,
) -> pd.DataFrame:
    """Return the samples of `source` as those of `split`, as `load_samples` does.

    Those of "extra" are labelled as those of train are, and `competition` has their source as
    train; they need not have every class, nor the columns that folds are made of.
    """
    try:
        return _read_source(competition, source, split, workspace)
    except DataError as error:
        origin = None if source.table is None else find_origin(competition.root, source.table, made)
        if origin is None or error.where != source.table:
            raise
        message, where = error.message, origin.made
        # A row an image is not a row of the table.
        if origin.lines is not None and not is_part_of_cell(source.id or ""):
            try:  # once more, to name the lines of the table that the host wrote
                _read_source(competition, source, split, workspace, lines=origin.lines)
            except DataError as again:
                message, where = again.message, origin.source
        fix = "; ".join(filter(None, (error.fix, origin.fix)))
        raise DataError(message, where=where, fix=fix) from error


def _read_source(
    competition: Competition,
    source: DataSource,
    split: SampleSource,
    workspace: Workspace | None,
    *,
    lines: NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """Return the samples of a source; `lines` are those of its table's rows, for messages."""
    problems: list[str] = []
    if source.table is None:
        table, ids, files = images_by_pattern(competition, source, split)
        where, at = f"data.{split}", None
        # Only a sample submission asks for a test image that no file and no table has.
        may_be_lost = split == "test" and competition.submission.sample is not None
        # Rows of runs are left out, too: of an image that is lost they are all there is.
        lost = set(source.exclude).difference(ids)
        if lost and isinstance(source.mask, MaskTable):
            lost = named_in_runs(competition, source.mask, lost)
        else:
            lost = lost if may_be_lost else set()
        kept = _not_excluded(ids, source, split, problems, lost=lost)
        kept &= _not_excluded_by_value(table, source, split, problems)
        table = table[kept].reset_index(drop=True)
        ids, files = list(compress(ids, kept)), list(compress(files, kept))
    else:
        where = source.table
        table = rows_of_source(competition, source, f"data.{split}.id")
        check_columns(table, source, competition, split, where)
        kept = _not_excluded(ids_of_rows(table, source.id or ""), source, split, problems)
        kept &= _not_excluded_by_value(table, source, split, problems)
        at = (_lines_of(table) if lines is None else lines)[kept]
        table = table[kept].reset_index(drop=True)
        ids = ids_of_rows(table, source.id or "")
        files = images_of_table(competition, source, table, problems, lines=at)
    if not ids:
        raise _nothing(competition, source, split, where)
    problems += _repeated(ids, at, _label_cells(source, table))
    images = files
    if source.slices is not None:
        check_used_columns(list(table.columns), source.slices.columns, f"data.{split}.slices")
        images = with_neighbours(files, table, source.slices, problems, lines=at)
    samples = _frame(ids, images, table, competition, split)
    if source.slices is not None:
        samples["volume"] = list(table[source.slices.volume])
        samples["slice"] = pd.to_numeric(table[source.slices.order], errors="coerce").to_numpy()
    if source.unit is not None:
        samples["unit"] = _unit_names(source.unit, table, ids, f"data.{split}.unit", problems)
    has_answers, complete = split in ("train", "extra"), split == "train"
    if has_answers:
        n_problems = len(problems)
        if competition.has_masks and source.mask is not None:
            own = [paths[0] for paths in files]
            samples = _with_masks(samples, competition, table, own, problems)
        if competition.has_labels and source.has_labels:
            # Of masks that are not found, one may be that of the row whose label is blank.
            has_mask = _has_mask(samples) | (len(problems) > n_problems)
            labels, wrong = read_labels(
                table, competition, at, has_mask=has_mask, complete=complete
            )
            problems += wrong
            samples["label"] = pd.Series(labels, dtype=object, index=samples.index)
    if split == "unlabelled" and source.label is not None and competition.has_labels:
        labels, wrong = _scoring_labels(table, competition, source, at)
        problems += wrong
        samples["label"] = pd.Series(labels, dtype=object, index=samples.index)
    if problems:
        raise _all_at_once(problems, where, split)
    if has_answers and competition.reads_labels_off_masks:
        labels = labels_of_masks(
            workspace or Workspace(competition.root), competition, samples, complete=complete
        )
        samples["label"] = pd.Series(labels, dtype=object, index=samples.index)
    units = units_of(samples, competition) if split == "train" else None
    if units is not None:
        units.truth(truth(samples, competition))  # raises before any training where labels differ
    return samples


def _not_excluded(
    ids: Sequence[str],
    source: DataSource,
    split: SampleSource,
    problems: list[str],
    *,
    lost: AbstractSet[str] = frozenset(),
) -> NDArray[np.bool_]:
    """Return for each id whether its sample stays; ids that are excluded in vain are problems.

    Those of `lost` are none: a pattern finds no sample of a file that is not there.
    """
    excluded = set(source.exclude)
    if unknown := sorted(excluded.difference(ids, lost)):
        problems.append(f"data.{split}.exclude names no sample: {some(unknown)}")
    return np.array([one not in excluded for one in ids], dtype=bool)


def _not_excluded_by_value(
    table: pd.DataFrame, source: DataSource, split: SampleSource, problems: list[str]
) -> NDArray[np.bool_]:
    """Return for each row whether it stays; values that no row has are problems.

    Raises:
        DataError: a column of `exclude_where` is not there.
    """
    kept = np.ones(len(table), dtype=bool)
    where = f"data.{split}.exclude_where"
    check_used_columns(list(map(str, table)), list(source.exclude_where), where)
    for column, values in source.exclude_where.items():
        if unknown := sorted(set(values).difference(table[column])):
            problems.append(f"{where} names {some(unknown)}, which no {column} is")
        kept &= ~table[column].isin(values).to_numpy(dtype=bool)
    return kept


def left_out_of_test(competition: Competition) -> list[str]:
    """Return the samples of test that `data.test.exclude` leaves out; of units those without any.

    A unit of several images is predicted from those that stay.

    Raises:
        DataError: the table of test cannot be read, or lacks the columns of its ids or units.
    """
    source = competition.data.test
    if source is None or not source.exclude:
        return []
    if not competition.scores_units or source.unit is None:
        return list(dict.fromkeys(source.exclude))
    if source.table is None:
        table, ids, _ = images_by_pattern(competition, source, "test")
    else:
        table = rows_of_source(competition, source, "data.test.id")
        ids = ids_of_rows(table, source.id or "")
    units = [str(one) for one in _unit_names(source.unit, table, ids, "data.test.unit", [])]
    excluded = set(source.exclude)
    seen = {unit for unit, one in zip(units, ids, strict=True) if one not in excluded}
    return [one for one in dict.fromkeys(units) if one not in seen]


def unpredicted_answer(competition: Competition) -> str:
    """Return what podium writes for images of test that it does not predict, in words."""
    is_number = competition.has_labels and competition.kind.is_continuous
    return "the median of train" if is_number else "what is most frequent in train"


def left_out_sentence(competition: Competition) -> str:
    """Return what stands in the rows of test that are not predicted; "" where all are.

    Raises:
        DataError: as `left_out_of_test` does.
    """
    if not (names := left_out_of_test(competition)):
        return ""
    answer = unpredicted_answer(competition)
    constant = f"{answer}, as data.test.exclude lists {some(names)}"
    if len(names) == 1:
        return f"1 sample of the file is not predicted: it has {constant}"
    return (
        f"{plural(len(names), 'sample')} of the file {'is' if len(names) == 1 else 'are'} not "
        f"predicted: they have {constant}"
    )


def _scoring_labels(
    table: pd.DataFrame,
    competition: Competition,
    source: DataSource,
    lines: NDArray[np.int64] | None,
) -> tuple[list[Any], list[str]]:
    """Return the labels of unlabelled images, used for scoring only; None for a blank cell."""
    if lines is None:
        named = [source.label] if isinstance(source.label, str) else source.label or []
        check_used_columns(list(table.columns), named, "data.unlabelled.images")
    may_lack_label = np.ones(len(table), dtype=bool)
    as_train = competition.with_as_train(source)
    return read_labels(table, as_train, lines, has_mask=may_lack_label, complete=False)


def _nothing(
    competition: Competition, source: DataSource, split: SampleSource, where: str
) -> DataError:
    """Return the error of a part without a sample."""
    fix = f"put the images there, or mend data.{split} in competition.yaml"
    if source.table is not None:
        return DataError("there is no row", where=where, fix=fix)
    first = source.patterns[0]
    n_found = sum(1 for _ in Pattern(first).find(competition.root))
    if not n_found:
        if split == "test" and competition.kaggle.kind == "code":
            fix += "; where they are hidden, leave data.test out"
        return DataError(
            f"no image matches {first}{_others(competition, first)}", where=where, fix=fix
        )
    return DataError(
        f"{either(n_found, 'image matches', 'images match')} {first}, and every one is of "
        "another part, too",
        where=where,
        fix="assign the images to parts in a table; or write patterns that share no image",
    )


def _with_masks(
    samples: pd.DataFrame,
    competition: Competition,
    table: pd.DataFrame,
    images: list[str],
    problems: list[str],
) -> pd.DataFrame:
    """Return the samples with their masks, without those that were written to be left out."""
    refs, wrong = find_mask_refs(competition, table, list(samples["id"]), images)
    samples["mask"] = pd.Series(refs, dtype=object, index=samples.index)
    problems += wrong
    needs_label_or_mask = competition.labels_from_masks or not competition.has_labels
    has_mask = _has_mask(samples)
    if not needs_label_or_mask or has_mask.all() or wrong:
        return samples
    if competition.data.train.absent == "missing" and has_mask.any():
        return samples[has_mask].reset_index(drop=True)
    without = samples["id"][~has_mask]
    problems.append(
        f"{either(len(without), 'sample has', 'samples have')} neither a mask nor a label: "
        f"{some(without)}; write "
        "data.train.absent: missing to leave them out, or empty if there is nothing in them"
    )
    return samples


def _has_mask(samples: pd.DataFrame) -> NDArray[np.bool_]:
    return np.array([ref is not None for ref in samples["mask"]], dtype=bool)


def truth(samples: pd.DataFrame, competition: Competition) -> NDArray[Any]:
    """Return the labels of `samples` as one array.

    Returns:
        multiclass and binary: int64 `(N,)`, -1 where a sample has a mask and no label; multilabel:
        uint8 `(N, C)`, or, with -1 for what is unknown, cells or whole rows, int64; regression:
        float64 `(N,)`, nan where a label is missing.

    Raises:
        DataError: a sample has neither a label nor a mask.
    """
    is_missing = samples["label"].isna().to_numpy()
    has_mask = _has_mask(samples) if "mask" in samples else np.zeros(len(samples), dtype=bool)
    unknown = samples.loc[is_missing & ~has_mask, "id"]
    if len(unknown):
        raise DataError(
            f"{either(len(unknown), 'sample has', 'samples have')} no label: {some(unknown)}"
        )
    return targets_of(competition.kind).as_array(samples["label"], len(competition.classes))


def _repeated(
    ids: Sequence[str], lines: NDArray[np.int64] | None, labels: Sequence[object] | None = None
) -> list[str]:
    """Return the problems of ids: rows without one, and ids that stand more than once.

    Args:
        ids: of the rows.
        lines: of the rows in their table; None: they are files.
        labels: of the rows, as they are written; None: they stand elsewhere.
    """
    series = pd.Series(ids, dtype=object)
    problems = []
    empty = np.flatnonzero((series == "").to_numpy())
    if len(empty):
        at = "" if lines is None else f": lines {', '.join(str(lines[row]) for row in empty[:5])}"
        problems.append(f"{either(len(empty), 'row has', 'rows have')} no id{at}")
    is_again = (series.duplicated() & (series != "")).to_numpy()
    again = series[is_again]
    if len(again):
        if lines is None:
            shown = some(again.unique())
        else:
            first: dict[str, int] = {}
            for row, one in enumerate(ids):
                first.setdefault(one, row)
            shown = some(
                RepeatedCell(
                    again[row],
                    int(lines[row]),
                    int(lines[first[again[row]]]),
                    labels is not None and labels[row] != labels[first[again[row]]],
                )
                for row in np.flatnonzero(is_again).tolist()
            )
        hint = "" if lines is not None else "; write id: '{path}' to distinguish them"
        problems.append(
            f"{either(again.nunique(), 'id stands', 'ids stand')} more than once: {shown}{hint}"
        )
    return problems


def _label_cells(source: DataSource, table: pd.DataFrame) -> list[tuple[str, ...]] | None:
    """Return what stands in the columns of labels of each row; None: labels stand elsewhere."""
    columns = [source.label] if isinstance(source.label, str) else list(source.label or [])
    if not columns or not set(columns) <= set(table.columns):
        return None
    return list(table[columns].itertuples(index=False, name=None))


def _frame(
    ids: list[str],
    images: ImagePaths,
    table: pd.DataFrame,
    competition: Competition,
    split: SampleSource,
) -> pd.DataFrame:
    n = len(ids)
    folds = competition.folds
    data: dict[str, Any] = {
        "id": ids,
        "images": images,
        "label": [None] * n,
        "mask": [None] * n,
        "unit": ids,
        "group": _groups(ids, table, competition, split),
        "source": [split] * n,
        "weight": np.ones(n),
        "order": [None] * n,
    }
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in data.items()})
    frame["weight"] = frame["weight"].astype(np.float64)
    if folds.time is not None and split == "train":
        frame["order"] = read_times(table[folds.time])
    if folds.column is not None and split == "train":
        frame["fold_column"] = _fold_numbers(table[folds.column], folds.column)
    return frame


def _groups(
    ids: list[str], table: pd.DataFrame, competition: Competition, split: SampleSource
) -> list[Any]:
    """Return the group of each sample, by the column or the file that `folds.group` names."""
    key = competition.folds.group
    if competition.folds.group_file is not None:
        return read_groups(competition, ids) if split == "train" else [None] * len(ids)
    if key is not None and _is_of_ids(key) and "id" not in table.columns:
        table = pd.DataFrame({"id": ids})
    if key is None or not set(columns_of_key(key)) <= set(table.columns):
        return [None] * len(ids)
    # Images of other sources than train may be named in another way, and need no group.
    return groups_of_rows(table, key, strict=split == "train")


def _is_of_ids(key: str) -> bool:
    """Return whether a key of groups is a part of the column `id`, or of the ids without one."""
    return is_group_of_cell(key) and columns_of_key(key) == ["id"]


def read_groups(competition: Competition, ids: Sequence[str]) -> list[str]:
    """Return the group of each of `ids` in the file that `folds.group` names.

    Raises:
        DataError: it is missing or no table of id and group, or lacks one of the ids.
    """
    name = competition.folds.group_file
    assert name is not None
    fix = "make it: `podium folds --group duplicates`; or name a column in folds.group"
    if not (competition.root / name).is_file():
        raise DataError("there is no such file of groups", where=name, fix=fix)
    table = read_table(competition.root / name, where=name)
    check_used_columns(list(table.columns), ["id", "group"], name)
    by_id = dict(zip(table["id"], table["group"], strict=True))
    missing = [one for one in ids if not by_id.get(str(one))]
    if missing:
        raise DataError(
            f"{either(len(missing), 'sample has', 'samples have')} no group: {some(missing)}",
            where=name,
            fix=fix,
        )
    return [by_id[str(one)] for one in ids]


def _unit_names(
    unit: str, table: pd.DataFrame, ids: list[str], where: str, problems: list[str]
) -> pd.Series[Any]:
    """Return the unit of each row: a cell, or several in a template."""
    template = Pattern(unit if "{" in unit else f"{{{unit}}}")
    fields = [name for name in template.fields if name != "id" or name in table.columns]
    check_used_columns(list(table.columns), fields, where)
    cells = {"id": ids, **{name: list(table[name]) for name in fields}}
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    blank = [row["id"] for row in rows if any(row[name] == "" for name in template.fields)]
    if blank:
        problems.append(f"{either(len(blank), 'row has', 'rows have')} no unit: {some(blank)}")
    return pd.Series([template.fill(row) for row in rows], dtype=object)


def _fold_numbers(cells: pd.Series[str], column: str) -> pd.Series[int]:
    numbers = pd.to_numeric(cells, errors="coerce")
    bad = numbers.isna() | (numbers % 1 != 0)
    if bad.any():
        what = f"folds are whole numbers, {column!r} has {some(cells[bad])}"
        raise DataError(what, where="folds.column")
    return numbers.astype(np.int64)


def _all_at_once(problems: list[str], where: str, split: SampleSource) -> DataError:
    fix = "mend the data or competition.yaml"
    if any(LACKING in problem for problem in problems):
        fix = "add what is a class to classes in competition.yaml, or mend the data"
    elif any(MISSPELT in problem for problem in problems):
        fix = "write the names of the rows in classes of competition.yaml, or mend the data"
    elif any(IS_NO_GRADE in problem for problem in problems):
        fix = (
            "write the number of the class into the row; only what is a class of its own belongs "
            "into classes in competition.yaml, in its place of the order"
        )
    if split == "test":  # each of its rows is predicted
        fix += (
            "; where images are lost, ask the host for them, or list their ids as exclude below "
            "data.test: podium then writes what is most frequent in train (of numbers the median) "
            "into their rows of the file to send"
        )
    else:
        fix += "; rows that cannot be mended can be left out of the table"
    if len(problems) == 1:
        return DataError(problems[0], where=where, fix=fix)
    lines = "".join(f"\n  - {problem}" for problem in problems)
    return DataError(f"{plural(len(problems), 'problem')}{lines}", where=where, fix=fix)


Split = Literal["train", "unlabelled", "test"]
SampleSource = Literal[Split, "extra"]
ImagePaths = list[tuple[str, ...]]
"""Of each sample the paths of its files in the order of the channels, "" where there is none."""


def _others(competition: Competition, pattern: str) -> str:
    """Return a clause on files of another ending than `pattern` has; "" where there are none."""
    stem, dot, _ = pattern.rpartition(".")
    if not dot or "/" in pattern[len(stem) :]:
        return ""
    found = Pattern(f"{stem}.*").find(competition.root)
    endings = Counter(one.path.rpartition(".")[2] for one in found)
    there = " and ".join(f"{stem}.{one} matches {n:,}" for one, n in endings.most_common(2))
    return f"; {there}" if there else ""


class TableCell(str):
    """A cell that prints with the line of the table where it stands."""

    line: int

    def __new__(cls, text: str, line: int) -> Self:
        made = super().__new__(cls, text)
        made.line = line
        return made

    def __repr__(self) -> str:
        return f"{super().__repr__()} (line {self.line})"


class RepeatedCell(TableCell):
    """A cell that stood before, which prints with both lines, and whether its label is another."""

    first: int
    has_other_label: bool

    def __new__(cls, text: str, line: int, first: int, has_other_label: bool) -> Self:
        made = super().__new__(cls, text, line)
        made.first, made.has_other_label = first, has_other_label
        return made

    def __repr__(self) -> str:
        other = ", with another label" if self.has_other_label else ""
        return f"{str.__repr__(self)} (line {self.line}, first in line {self.first}{other})"


_MOST_CHOSEN = 20  # ids that a command lists


def images_by_pattern(
    competition: Competition, source: DataSource, split: SampleSource
) -> tuple[pd.DataFrame, list[str], ImagePaths]:
    """Return the fields of the found paths as a table, the ids, and the files of each sample.

    The first pattern finds the samples; the fields of a path lead to their other files.

    Raises:
        DataError: the id is made of what a path does not have, or other files are missing.
    """
    pattern = Pattern(source.patterns[0])
    has_answers = split in ("train", "extra")
    elsewhere = _of_other_parts(competition) if has_answers else frozenset()
    found = [one for one in pattern.find(competition.root) if one.path not in elsewhere]
    if has_answers and competition.has_masks:
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
    if source.join is not None:
        table, rows = _joined(competition, source.join, table, ids, [path for path, _ in found])
        found, ids = [found[row] for row in rows], [ids[row] for row in rows]
    label = [source.label] if isinstance(source.label, str) else source.label or []
    where = f"data.{split}.images"
    if split == "extra" or source.join is not None:
        check_used_columns(list(table.columns), label if has_answers else [], where)
    if split == "train":
        _check_folds_columns(list(table.columns), competition, where)
    others = list(_other_files(competition, source, split, found))
    excluded = set(source.exclude)
    for text, files in zip(source.patterns[1:], others, strict=True):
        odd = {
            name: one.path
            for one, name, paths in zip(found, ids, files, strict=True)
            if len(paths) != 1 and name not in excluded
        }
        if odd:
            every = json.dumps([*source.exclude, *odd], ensure_ascii=False)
            choose = f"podium choose {shlex.quote(f'data.{split}.exclude={every}')}"
            lists = f"exclude, below data.{split}, lists their ids"
            raise DataError(
                f"{either(len(odd), 'image has', 'images have')} not one file {text} beside "
                f"them: {some(list(odd.values()))}",
                where=f"data.{split}.images",
                fix="put the files there, mend the patterns, or leave the images out: "
                f"{choose if len(odd) <= _MOST_CHOSEN else lists}"
                + ("; the file to send has a row of them all the same" if split == "test" else ""),
            )
    columns = [
        [path for path, _ in found],
        *([paths[0] if len(paths) == 1 else "" for paths in files] for files in others),
    ]
    return table, ids, list(zip(*columns, strict=True))


def _joined(
    competition: Competition,
    join: JoinSpec,
    table: pd.DataFrame,
    ids: Sequence[str],
    paths: Sequence[str],
) -> tuple[pd.DataFrame, list[int]]:
    """Return the fields of images with the columns of their rows, and which images have one.

    A field of the paths wins over a column of its name.

    Raises:
        DataError: the table cannot be read, has a key twice, or no row of any image.
    """
    rows = read_table(competition.root / join.table, where=join.table)
    check_used_columns(list(rows.columns), [join.column], join.table)
    cells = rows[join.column]
    again = cells[cells.duplicated()]
    if len(again):
        raise DataError(
            f"{plural(again.nunique(), 'cell')} of {join.column} "
            f"{'stands' if again.nunique() == 1 else 'stand'} more than once: "
            f"{some(set(again))}",
            where=join.table,
            fix="leave one row for each, or name the images in data.train.table",
        )
    stems = [file_stem(path) for path in paths]
    template = Pattern(join.template)
    fields = {"stem": stems, "id": list(ids), **{str(name): list(table[name]) for name in table}}
    check_used_columns(list(fields), template.fields, "join.key")
    names = [
        template.fill(dict(zip(template.fields, row, strict=True)))
        for row in zip(*(fields[name] for name in template.fields), strict=True)
    ]
    place = {cell: row for row, cell in enumerate(cells)}
    kept = [row for row, name in enumerate(names) if name in place]
    if names and not kept:
        raise DataError(
            f"no image has a row: {join.column} is as {some(list(cells), 2)}, and the images are "
            f"of {some(names, 2)}",
            where=join.table,
            fix="mend join.key in competition.yaml",
        )
    of_images = rows.iloc[[place[names[row]] for row in kept]].reset_index(drop=True)
    own = table.iloc[kept].reset_index(drop=True)
    added = [name for name in of_images.columns if name not in own.columns]
    return pd.concat([own, of_images[added]], axis=1), kept


def _other_files(
    competition: Competition, source: DataSource, split: SampleSource, found: list[FoundFile]
) -> Iterator[list[list[str]]]:
    """Yield the files of each sample that the second pattern finds, then the third, and so on.

    Raises:
        DataError: the fields of the first pattern do not identify them.
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
        finder = FileFinder(competition.root, pattern)
        yield [finder.of(fields) for _, fields in found]


def _without_masks(competition: Competition, found: list[FoundFile]) -> list[FoundFile]:
    """Return `found` without mask files: `1.png` and `1_mask.png` may lie in one folder."""
    mask = competition.data.train.mask
    if not isinstance(mask, str):
        return found
    # In the place of {class} a folder of another name is no class, but perhaps that of the images.
    classes = set(competition.classes) if competition.masks_by_class else None
    masks = frozenset(
        one.path
        for one in Pattern(mask).find(competition.root)
        if classes is None or one.fields["class"] in classes
    )
    images = [one for one in found if one.path not in masks]
    if found and not images:
        raise DataError(
            f"the masks' pattern {mask} finds the images, too",
            where="data.train.mask",
            fix="write what only the masks have in their paths",
        )
    return images


def _of_other_parts(competition: Competition) -> frozenset[str]:
    """Return the files of test, unlabelled and extra: of their patterns, or of their rows.

    `data/{class}/*.jpg` finds `data/test/1.jpg`, too; it is no image of a class called test.
    """
    data = competition.data
    others = [data.test, data.unlabelled, *data.extra.values()]
    patterns = [
        Pattern(text)
        for other in others
        if other and other.table is None and other.join is None
        for text in other.patterns
    ]
    found = {one.path for pattern in patterns for one in pattern.find(competition.root)}
    for other in others:
        if other is not None and other.table is None and other.join is not None:
            # Those without a row are of no part, and may be of train.
            _, _, files = images_by_pattern(competition, other, "test")
            found |= {path for paths in files for path in paths}
        if other is not None and other.table is not None:
            found |= _files_of_rows(competition, other)
    return frozenset(found)


def rows_of_source(competition: Competition, source: DataSource, key: str = "") -> pd.DataFrame:
    """Return the table of a part, a row a sample.

    Args:
        competition: locates the table.
        source: the part.
        key: of competition.yaml that names the columns of the id, for messages.

    Raises:
        DataError: it cannot be read, or lacks the columns of its id.
    """
    assert source.table is not None
    assert source.id is not None  # the spec refuses it
    table = read_table(competition.root / source.table, where=source.table)
    check_used_columns(list(table.columns), columns_of_key(source.id), source.table, key)
    return rows_of_images(table, source.id, competition.classes, source.table)


def rows_without_image(
    competition: Competition, source: DataSource, table: pd.DataFrame
) -> pd.Series[bool]:
    """Return which rows lack an image file, of the table of a part as `rows_of_source` has it."""
    is_there = np.ones(len(table), dtype=bool)
    for pattern in map(Pattern, source.patterns):
        finder = FileFinder(competition.root, pattern)
        rows = (
            dict(zip(pattern.fields, row, strict=True)) for row in _cells(table, pattern.fields)
        )
        is_there &= np.fromiter((bool(finder.of(fields)) for fields in rows), bool, len(table))
    return pd.Series(~is_there, table.index, dtype=bool)


def ids_without_image(
    competition: Competition, source: DataSource, split: SampleSource
) -> list[str]:
    """Return the ids of the rows of a part's table that lack an image file; without excluded ones.

    Raises:
        DataError: the table cannot be read, or lacks a column.
    """
    if source.table is None:
        return []
    table = rows_of_source(competition, source, f"data.{split}.id")
    check_columns(table, source, competition, split, source.table)
    ids = ids_of_rows(table, source.id or "")
    used = _not_excluded(ids, source, split, []) & _not_excluded_by_value(table, source, split, [])
    absent = rows_without_image(competition, source, table).to_numpy()
    return list(dict.fromkeys(compress(ids, used & absent)))


def images_to_open(
    competition: Competition, source: DataSource, split: SampleSource
) -> pd.DataFrame:
    """Return the samples of a part that are there, whatever else is wrong with it; without labels.

    So that damaged images are reported together with the faults of their table. A row of its own is
    each sample whose files are all there; none where the table names none, or cannot be read.
    """
    try:
        if source.table is None:
            table, ids, files = images_by_pattern(competition, source, split)
        else:
            table = rows_of_source(competition, source)
            check_columns(table, source, competition, split, source.table)
            ids = ids_of_rows(table, source.id or "")
            files = images_of_table(competition, source, table, [])
    except (DataError, KeyError):  # the part itself reports it
        ids, files, table = [], [], pd.DataFrame()
    used = _not_excluded(ids, source, split, []) & _not_excluded_by_value(table, source, split, [])
    is_there = [all(one and (competition.root / one).is_file() for one in row) for row in files]
    once = ~pd.Series(files, dtype=object).duplicated().to_numpy()
    kept = used & np.array(is_there, dtype=bool) & once
    ids, files = list(compress(ids, kept)), list(compress(files, kept))
    samples = pd.DataFrame({"id": ids, "unit": ids}, dtype=object)
    samples["images"] = pd.Series(files, dtype=object)
    for name in ("label", "mask", "group"):
        samples[name] = None
    return samples


def _files_of_rows(competition: Competition, source: DataSource) -> set[str]:
    """Return the files that the rows of a table name; none where it cannot be read."""
    try:
        table = rows_of_source(competition, source)
        return {path for row in images_of_table(competition, source, table, []) for path in row}
    except (DataError, KeyError):  # the part itself reports it
        return set()


def images_of_table(
    competition: Competition,
    source: DataSource,
    table: pd.DataFrame,
    problems: list[str],
    *,
    lines: NDArray[np.int64] | None = None,
) -> ImagePaths:
    """Return the files of each row; missing files are added to `problems`, with their `lines`."""
    at = _lines_of(table) if lines is None else lines
    columns = [_files_of(competition, Pattern(one), table, problems, at) for one in source.patterns]
    return list(zip(*columns, strict=True))


def _lines_of(table: pd.DataFrame) -> NDArray[np.int64]:
    """Return the line of each row in its file, whose first one has the names of columns."""
    return np.arange(2, len(table) + 2)


def _files_of(
    competition: Competition,
    pattern: Pattern,
    table: pd.DataFrame,
    problems: list[str],
    lines: NDArray[np.int64],
) -> list[str]:
    finder = FileFinder(competition.root, pattern)
    rows = [dict(zip(pattern.fields, row, strict=True)) for row in _cells(table, pattern.fields)]
    found = [finder.of(fields) for fields in rows]
    if pattern.has_wildcards:
        _report_counts(found, pattern, table, problems, lines)
        return [paths[0] if paths else "" for paths in found]
    filled = [pattern.fill(fields) for fields in rows]
    missing = [TableCell(filled[row], int(lines[row])) for row, one in enumerate(found) if not one]
    if missing:
        why = _composed_on_disk(competition.root, missing)
        why = why or _folder_that_is_not_there(competition.root, pattern)
        why = why or _of_another_ending(competition.root, missing[0])
        problems.append(
            f"{len(missing):,} of {plural(len(table), 'image')} "
            f"{'is' if len(missing) == 1 else 'are'} missing: "
            f"{some(missing)}{why}"
        )
    return filled


def _folder_that_is_not_there(root: Path, pattern: Pattern) -> str:
    """Return a clause on the first folder of a pattern that is not there; "" where all are.

    Folders behind a field or a wildcard are not looked for.
    """
    at = root
    for name in PurePosixPath(re.split(r"[{*?\[]", pattern.text)[0] + "_").parts[:-1]:
        if not (at / name).is_dir():
            beside = [one.name for one in at.iterdir() if one.is_dir()]
            near = suggest(name, beside, ": did you mean '{}'?", otherwise="")
            return f"; there is no folder {name!r}{near}"
        at /= name
    return ""


def _of_another_ending(root: Path, missing: str) -> str:
    """Return a clause on a file that is called as `missing` but for its ending; "" for none."""
    path = PurePosixPath(missing)
    beside = sorted((root / path.parent).glob(f"{glob.escape(path.stem)}.*"))
    return f"; {path.with_name(beside[0].name)} is there" if beside else ""


def _composed_on_disk(root: Path, missing: Sequence[str]) -> str:
    """Return a clause on a file that looks as the first of `missing` with an accent; "" for none.

    Both are names in Unicode, whose accents are composed in two ways.
    """
    name = next((str(one) for one in missing if not one.isascii()), None)
    if name is None or not (root / name).parent.is_dir():
        return ""
    last = name.rpartition("/")[2]
    for file in sorted((root / name).parent.iterdir()):
        if composed(file.name) == composed(last):
            return (
                f"; {last!a} of the table is {file.name!a} on the disk, as Unicode "
                "composes accents in two ways: write one as the other"
            )
    return ""


def _cells(table: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(table[name] for name in columns), strict=True)


def _report_counts(
    found: list[list[str]],
    pattern: Pattern,
    table: pd.DataFrame,
    problems: list[str],
    lines: NDArray[np.int64],
) -> None:
    for count, what in ((0, "no file"), (2, "several files")):
        rows = [row for row, paths in enumerate(found) if min(len(paths), 2) == count]
        if rows:
            cells = table[pattern.fields[0]]
            shown = some(TableCell(cells.iloc[row], int(lines[row])) for row in rows)
            problems.append(
                f"{len(rows):,} of {plural(len(table), 'row')} lead to {what} of {pattern.text}: "
                f"{shown}"
            )


def with_neighbours(
    images: ImagePaths,
    table: pd.DataFrame,
    slices: SlicesSpec,
    problems: list[str],
    *,
    lines: NDArray[np.int64] | None = None,
) -> ImagePaths:
    """Return the files of each row and of its neighbours in its volume.

    The files of one slice stand together, slice after slice as `slices.around` has them. Rows whose
    order is no number, or the same as that of another slice, are added to `problems`, with their
    `lines`.
    """
    at = _lines_of(table) if lines is None else lines
    order = pd.to_numeric(table[slices.order], errors="coerce")
    cells = table[slices.order]
    bad = [TableCell(cells.iloc[row], int(at[row])) for row in np.flatnonzero(order.isna())]
    if bad:
        problems.append(
            f"slices: {either(len(bad), 'order is', 'orders are')} no numbers: {some(bad)}"
        )
    keys = pd.DataFrame({"volume": table[slices.volume], "order": order})
    again = keys.duplicated().to_numpy() & order.notna().to_numpy()
    if again.any():
        twice = [TableCell(cells.iloc[row], int(at[row])) for row in np.flatnonzero(again)]
        problems.append(
            f"slices: {either(len(twice), 'row has', 'rows have')} the {slices.order} of "
            "another row of their "
            f"{slices.volume}: {some(twice)}"
        )
    nothing = ("",) * len(images[0]) if images else ()
    seen: ImagePaths = list(images)
    numbers = order.to_numpy()
    for rows in keys.groupby("volume", sort=False).indices.values():
        ranked = np.asarray(rows)[numbers[rows].argsort(kind="stable")].tolist()
        for rank, row in enumerate(ranked):
            paths: list[str] = []
            for step in slices.around:
                place = rank + step
                if 0 <= place < len(ranked) or slices.edge == "repeat":
                    paths += images[ranked[min(max(place, 0), len(ranked) - 1)]]
                else:
                    paths += nothing
            seen[row] = tuple(paths)
    return seen


def check_columns(
    table: pd.DataFrame,
    source: DataSource,
    competition: Competition,
    split: SampleSource,
    where: str,
) -> None:
    """Raise DataError unless the table has every column that `source` names."""
    label = [source.label] if isinstance(source.label, str) else source.label or []
    fields = {text: Pattern(text).fields for text in source.patterns}
    key = [] if source.id is None else columns_of_key(source.id)
    needed = {
        "id": key,
        "images": [name for names in fields.values() for name in names],
        "label": label if split != "test" else [],
    }
    for text, names in fields.items():
        if not names:
            raise DataError(
                f"images of a table must name a column in braces, got {text!r}",
                where=f"data.{split}",
                fix=f"write {text.rpartition('/')[0]}/{{{source.id}}}.jpg, for example",
            )
    by_key = {f"data.{split}.{name}": columns for name, columns in needed.items()}
    _check_columns_of_keys(list(table.columns), by_key, where)
    if split == "train":
        _check_folds_columns(list(table.columns), competition, where)


def check_used_columns(
    columns: Sequence[str], used: Sequence[str], where: str, key: str = ""
) -> None:
    """Raise DataError unless every name of `used` is one of `columns`.

    Args:
        columns: of the table, or the fields of a pattern.
        used: the names that are needed.
        where: the table, or the key of the pattern.
        key: of competition.yaml that names them; "": several may.
    """
    _check_columns_of_keys(columns, {key: used}, where)


def _check_columns_of_keys(
    columns: Sequence[str], used: Mapping[str, Sequence[str]], where: str
) -> None:
    """Raise DataError unless every name of each key is one of `columns`; all keys at once."""
    unknown = {
        key: absent
        for key, names in used.items()
        if (absent := [name for name in dict.fromkeys(names) if name not in columns])
    }
    if not unknown:
        return
    has = ", ".join(columns) or "none"
    named = " and no ".join(
        f"{some(names)} ({key})" if key else some(names) for key, names in unknown.items()
    )
    fixes = [
        suggest(
            names[0], columns, f"write {{}} in {place}", otherwise=f"name one of them in {place}"
        )
        for key, names in unknown.items()
        for place in [key or "competition.yaml"]
    ]
    raise DataError(
        f"there is no column {named}; the columns are: {has}",
        where=where,
        fix=", and ".join(fixes),
    )


def _check_folds_columns(columns: Sequence[str], competition: Competition, where: str) -> None:
    """Raise DataError unless the columns that the folds are made of are there, with their key."""
    folds = competition.folds
    group = folds.group if folds.group_file is None else None
    of_group = [] if group is None or _is_of_ids(group) else columns_of_key(group)
    check_used_columns(columns, of_group, where, "folds.group")
    for key, name in (("folds.time", folds.time), ("folds.column", folds.column)):
        check_used_columns(columns, [] if name is None else [name], where, key)


_MOST, _LONGER = 3, 2


def similar_ids(ids: Iterable[str], name: str) -> list[str]:
    """Return up to three of `ids`: those that contain `name` in any case, else the most alike.

    Of a hundred thousand ids, those longer or shorter by more than two characters are not compared.
    """
    known = list(dict.fromkeys(ids))
    inside = [one for one in known if name and name.lower() in one.lower()]
    if inside:
        return inside[:_MOST]
    close = [one for one in known if abs(len(one) - len(name)) <= _LONGER]
    return difflib.get_close_matches(name, close, n=_MOST)


def as_train(competition: Competition, name: str) -> Competition:
    """Return the competition with the extra source `name` as its train part.

    What reads images, labels and masks of train reads those of the source with it.

    Raises:
        DataError: there is no source of this name.
    """
    sources = competition.data.extra
    if name not in sources:
        raise DataError(
            f"there is no extra source {name!r}",
            where="data.extra",
            fix=f"choose one of {', '.join(sources)}"
            if sources
            else f"name it in competition.yaml, as data.extra.{name}: {{images: …}}",
        )
    return competition.with_extra_as_train(name)


def load_extra(
    competition: Competition, name: str, *, workspace: Workspace | None = None
) -> pd.DataFrame:
    """Return the samples of the extra source `name`, one a row, as `load_samples` returns train.

    `source` is "extra", and a further column `extra` has the name. `group` is there where the
    source has the column `folds.group`. Each sample has a label or a mask; not every class need
    have one.

    Args:
        competition: as read.
        name: of a source of `data.extra`.
        workspace: caches the facts of mask files; default: the competition's folder.

    Raises:
        DataError: as `load_samples`, naming `data.extra.<name>`.
    """
    view = as_train(competition, name)
    with extra_errors(name):
        samples = read_source(view, view.data.train, "extra", workspace=workspace)
        answered = samples["label"].notna() | samples["mask"].notna()
        if not answered.all():
            nothing = samples["id"][~answered]
            raise DataError(
                f"{either(len(nothing), 'sample has', 'samples have')} neither a label nor "
                f"a mask: {some(nothing)}",
                where="data.extra",
                fix="leave them out, or name their images in data.unlabelled",
            )
    # The group of an empty cell is unknown: two empty cells are not one group.
    group = samples["group"].where(samples["group"] != "", None)
    return samples.assign(group=group, extra=name)


@contextmanager
def extra_errors(name: str) -> Iterator[None]:
    """Reword errors about `data.train`, raised in reading an extra source, to name that source."""
    try:
        yield
    except PodiumError as error:
        error.message = reword_for_extra(error.message, name)
        error.where = None if error.where is None else reword_for_extra(error.where, name)
        error.fix = None if error.fix is None else reword_for_extra(error.fix, name)
        error.args = (error.message,)
        raise


def reword_for_extra(text: str, name: str) -> str:
    """Return a sentence about train as one about the extra source `name`, read as train.

    Example:
        >>> reword_for_extra("mend data.train.mask", "generated")
        'mend data.extra.generated.mask'
    """
    other_keys = rf"\bdata\.train\b|\bdata\.extra\b(?!\.{re.escape(name)}\b)"
    return re.sub(other_keys, f"data.extra.{name}", text)

"""Samples: one row for each input of a network, read from where `competition.yaml` says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.labels import labels_of_masks, read_labels
from podium.competition.mask_refs import find_masks
from podium.competition.moments import read_moments
from podium.competition.patterns import Pattern
from podium.competition.sample_images import (
    Images,
    Line,
    Part,
    Split,
    check_columns,
    check_used,
    images_by_pattern,
    images_of_table,
    with_neighbours,
)
from podium.competition.spec import Competition, Source
from podium.competition.tables import read_table
from podium.competition.units import units_of
from podium.errors import DataError, some
from podium.workspace.layout import Workspace

__all__ = ["Split", "load_samples", "read_source", "truth"]


def load_samples(
    competition: Competition, split: Split, *, workspace: Workspace | None = None
) -> pd.DataFrame:
    """Return the samples of one part of the data, one a row, index 0 … N-1.

    Columns: `id` (text, as written: "000123" keeps its zeros), `images` (tuple of paths, relative
    to `competition.root` or absolute), `label` (class index, `(C,)` uint8, float; None outside
    train, and where there is a mask but no label; of unlabelled images what `data.unlabelled.label`
    says, to measure pseudo-labels by and never to learn from), `mask` (`MaskRef`; None outside
    train, and where there is a label but no mask), `unit` (what is scored: the id, or what the
    source's `unit` says), `group` (None where there is none), `source` (the split's name), `weight`
    (1.0), `order` (what
    `folds.time` sorts by, else None), for `folds.column` `fold_column`, and for `slices` `volume`
    and `slice` (the number that sorts those of a volume). A
    split that the competition does not have gives no rows.

    Args:
        competition: says where the data lie.
        split: the part.
        workspace: keeps what was read off mask files, where labels come from masks; default: the
            competition's folder.

    Raises:
        DataError: naming every problem of the part at once: missing images, repeated ids, unknown
            classes, labels that are none or differ within a unit, a class without a row, ids of
            masks without an image, samples with neither label nor mask, no rows at all.
    """
    source: Source | None = getattr(competition.data, split)
    if source is None:
        return _frame([], [], pd.DataFrame(), competition, split)
    return read_source(competition, source, split, workspace=workspace)


def read_source(
    competition: Competition,
    source: Source,
    split: Part,
    *,
    workspace: Workspace | None = None,
) -> pd.DataFrame:
    """Return the samples of `source` as those of `split`, as `load_samples` does.

    Those of "extra" have answers as those of train have, and `competition` has their source as
    train; they need not have every class, nor what folds are made of.
    """
    problems: list[str] = []
    if source.table is None:
        table, ids, files = images_by_pattern(competition, source, split)
        where, lines = f"data.{split}", None
    else:
        where = source.table
        table = read_table(competition.root / source.table, where=where)
        check_columns(table, source, competition, split, where)
        lines = np.arange(2, len(table) + 2)
        ids = list(table[source.id])
        files = images_of_table(competition, source, table, problems)
    if not ids:
        raise _nothing(competition, source, split, where)
    problems += _repeated(ids, lines)
    images = files
    if source.slices is not None:
        check_used(list(table.columns), source.slices.columns, f"data.{split}.slices")
        images = with_neighbours(files, table, source.slices, problems)
    samples = _frame(ids, images, table, competition, split)
    if source.slices is not None:
        samples["volume"] = list(table[source.slices.volume])
        samples["slice"] = pd.to_numeric(table[source.slices.order], errors="coerce").to_numpy()
    if source.unit is not None:
        samples["unit"] = _unit_names(source.unit, table, ids, f"data.{split}.unit", problems)
    has_answers, complete = split in ("train", "extra"), split == "train"
    if has_answers:
        n_problems = len(problems)
        if "segment" in competition.tasks and source.mask is not None:
            own = [paths[0] for paths in files]
            _add_masks(samples, competition, table, own, problems)
        if "classify" in competition.tasks and source.has_labels:
            # Of masks that are not found, one may be that of the row whose label is blank.
            has_mask = _has_mask(samples) | (len(problems) > n_problems)
            labels, wrong = read_labels(
                table, competition, lines, has_mask=has_mask, complete=complete
            )
            problems += wrong
            samples["label"] = pd.Series(labels, dtype=object, index=samples.index)
    if split == "unlabelled" and source.label is not None and "classify" in competition.tasks:
        labels, wrong = _known_labels(table, competition, source, lines)
        problems += wrong
        samples["label"] = pd.Series(labels, dtype=object, index=samples.index)
    if problems:
        raise _all_at_once(problems, where)
    if has_answers and competition.reads_labels_off_masks:
        labels = labels_of_masks(
            workspace or Workspace(competition.root), competition, samples, complete=complete
        )
        samples["label"] = pd.Series(labels, dtype=object, index=samples.index)
    units = units_of(samples, competition) if split == "train" else None
    if units is not None:
        units.truth(truth(samples, competition))  # labels that differ are said before any training
    return samples


def _known_labels(
    table: pd.DataFrame,
    competition: Competition,
    source: Source,
    lines: NDArray[np.int64] | None,
) -> tuple[list[Any], list[str]]:
    """Return the labels of unlabelled images, known to measure by; a blank cell says none."""
    if lines is None:
        named = [source.label] if isinstance(source.label, str) else source.label or []
        check_used(list(table.columns), named, "data.unlabelled.images")
    nobody_must = np.ones(len(table), dtype=bool)
    judged = competition.with_as_train(source)
    return read_labels(table, judged, lines, has_mask=nobody_must, complete=False)


def _nothing(competition: Competition, source: Source, split: Part, where: str) -> DataError:
    """Return the error of a part without a sample."""
    fix = f"put the images there, or mend data.{split} in competition.yaml"
    if source.table is not None:
        return DataError("there is no row", where=where, fix=fix)
    first = source.patterns[0]
    n_found = sum(1 for _ in Pattern(first).find(competition.root))
    if not n_found:
        if split == "test" and competition.kaggle.kind == "code":
            fix += "; where they are hidden, leave data.test out"
        return DataError(f"no image matches {first}", where=where, fix=fix)
    return DataError(
        f"{n_found:,} images match {first}, and every one is of another part, too",
        where=where,
        fix="a table says which images are of which part; or write patterns that share no image",
    )


def _add_masks(
    samples: pd.DataFrame,
    competition: Competition,
    table: pd.DataFrame,
    images: list[str],
    problems: list[str],
) -> None:
    refs, wrong = find_masks(competition, table, list(samples["id"]), images)
    samples["mask"] = pd.Series(refs, dtype=object, index=samples.index)
    problems += wrong
    is_told = competition.labels_from_masks or "classify" not in competition.tasks
    without = samples["id"][[ref is None for ref in refs]]
    if is_told and len(without) and not wrong:
        problems.append(
            f"{len(without):,} samples have no mask, and nothing else to learn of them: "
            f"{some(without)}; move their images to data.unlabelled, or write data.train.absent: "
            "empty if there is nothing in them"
        )


def _has_mask(samples: pd.DataFrame) -> NDArray[np.bool_]:
    return np.array([ref is not None for ref in samples["mask"]], dtype=bool)


def truth(samples: pd.DataFrame, competition: Competition) -> NDArray[Any]:
    """Return the labels of `samples` as one array.

    Returns:
        multiclass and binary: int64 `(N,)`, -1 where a sample has a mask and no label; multilabel:
        uint8 `(N, C)`, or, with rows of -1 for missing labels, int64; regression: float64 `(N,)`,
        nan where a label is missing.

    Raises:
        DataError: a sample has neither a label nor a mask.
    """
    is_missing = samples["label"].isna().to_numpy()
    has_mask = _has_mask(samples) if "mask" in samples else np.zeros(len(samples), dtype=bool)
    unknown = samples.loc[is_missing & ~has_mask, "id"]
    if len(unknown):
        raise DataError(f"{len(unknown):,} samples have no label: {some(unknown)}")
    if competition.kind == "multilabel":
        nothing = np.full(len(competition.classes), -1)
        rows = [nothing if label is None else label for label in samples["label"]]
        dtype = np.int64 if is_missing.any() else np.uint8
        return np.array(rows, dtype=dtype).reshape(len(rows), len(competition.classes))
    if competition.kind == "regression":
        return samples["label"].to_numpy().astype(np.float64)
    return samples["label"].where(~is_missing, -1).to_numpy().astype(np.int64)


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
            else [Line(again[row], int(lines[row])) for row in np.flatnonzero(is_again)]
        )
        hint = "" if lines is not None else "; write id: '{path}' to tell them apart"
        problems.append(f"{again.nunique():,} ids stand more than once: {shown}{hint}")
    return problems


def _frame(
    ids: list[str], images: Images, table: pd.DataFrame, competition: Competition, split: Part
) -> pd.DataFrame:
    n = len(ids)
    folds = competition.folds

    def column(name: str | None) -> list[Any]:
        return list(table[name]) if name is not None and name in table.columns else [None] * n

    data: dict[str, Any] = {
        "id": ids,
        "images": images,
        "label": [None] * n,
        "mask": [None] * n,
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


def _unit_names(
    unit: str, table: pd.DataFrame, ids: list[str], where: str, problems: list[str]
) -> pd.Series[Any]:
    """Return the unit of each row: a cell, or several in a template."""
    template = Pattern(unit if "{" in unit else f"{{{unit}}}")
    fields = [name for name in template.fields if name != "id" or name in table.columns]
    check_used(list(table.columns), fields, where)
    cells = {"id": ids, **{name: list(table[name]) for name in fields}}
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    blank = [row["id"] for row in rows if any(row[name] == "" for name in template.fields)]
    if blank:
        problems.append(f"{len(blank):,} rows have no unit: {some(blank)}")
    return pd.Series([template.fill(row) for row in rows], dtype=object)


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

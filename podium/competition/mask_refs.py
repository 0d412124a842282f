"""Where each sample's mask lies: files of a pattern, or rows of a table of runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from podium.competition.finder import Finder
from podium.competition.masks import MaskRef
from podium.competition.patterns import Pattern
from podium.competition.spec import Competition, MaskTable
from podium.competition.tables import read_table
from podium.errors import DataError, some

__all__ = ["find_masks", "id_column"]

Refs = list[MaskRef | None]
Cell = tuple[str, int]  # text, line of the table


def find_masks(
    competition: Competition, table: pd.DataFrame, ids: Sequence[str], images: Sequence[str]
) -> tuple[Refs, list[str]]:
    """Return where the mask of each train sample lies, and the problems found, a sentence each.

    None where there is no mask; a `MaskRef` without files and runs is an empty one. Which of the
    two a sample without a file or row has is said by `data.train.absent`.

    Args:
        competition: its `data.train.mask` says where masks lie.
        table: one row a sample: the columns of the train table, or the fields of the pattern.
        ids: of the samples.
        images: path of each sample's image; its name without the ending is `{stem}`.

    Raises:
        DataError: the pattern uses a field that there is none of; the table of runs is missing,
            damaged or lacks a column.
    """
    mask = competition.data.train.mask
    if isinstance(mask, MaskTable):
        return _from_table(competition, mask, ids)
    assert mask is not None  # the spec refuses it
    return _from_files(competition, Pattern(mask), table, ids, images)


def _from_files(
    competition: Competition,
    pattern: Pattern,
    table: pd.DataFrame,
    ids: Sequence[str],
    images: Sequence[str],
) -> tuple[Refs, list[str]]:
    rows = _fields(competition, pattern, table, ids, images)
    classes = competition.classes if competition.masks_by_class else [None]
    finder = Finder(competition.root, pattern)
    refs: Refs = []
    several: list[str] = []
    for row in rows:
        if competition.masks_by_object:
            refs.append(_objects(competition, finder, row))
            continue
        found = [finder.of(row if name is None else {**row, "class": name}) for name in classes]
        several += [files[0] for files in found if len(files) > 1]
        files = tuple(files[0] if files else "" for files in found)
        refs.append(MaskRef(files) if any(files) else None)
    problems = []
    if several:
        problems.append(
            f"{len(several):,} samples lead to several files of {pattern.text}: {some(several)}; "
            "write the pattern of the masks so that one is left"
        )
    if rows and not any(refs):
        example = pattern.fill({"class": classes[0] or "", **rows[0]})
        problems.append(f"no sample has a mask: there is no {example}, for one")
    if competition.data.train.absent == "empty":
        refs = [MaskRef() if ref is None else ref for ref in refs]
    return refs, problems


def _objects(competition: Competition, finder: Finder, row: dict[str, str]) -> MaskRef | None:
    """Return the files of the objects of a sample, class by class; None where there is none."""
    classes = competition.classes if competition.masks_by_class else [None]
    found = [finder.of(row if name is None else {**row, "class": name}) for name in classes]
    files = tuple(file for of_class in found for file in of_class)
    numbers = tuple(number for number, of_class in enumerate(found) for _ in of_class)
    return MaskRef(files, classes=numbers) if files else None


def _fields(
    competition: Competition,
    pattern: Pattern,
    table: pd.DataFrame,
    ids: Sequence[str],
    images: Sequence[str],
) -> list[dict[str, str]]:
    """Return the fields of the mask pattern, but for the class of a file, for each sample."""
    values: dict[str, Sequence[str]] = {
        "id": ids,
        "stem": [_stem(path) for path in images],
        **{str(name): list(table[name]) for name in table.columns},
    }
    by_class = competition.masks_by_class
    names = [name for name in pattern.fields if not (by_class and name == "class")]
    unknown = [name for name in names if name not in values]
    if unknown:
        raise DataError(
            f"mask {pattern.text!r} uses {some(unknown)}, which the samples do not have",
            where="data.train.mask",
            fix=f"use {', '.join(f'{{{name}}}' for name in values)}",
        )
    return [{name: values[name][row] for name in names} for row in range(len(ids))]


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def id_column(mask: MaskTable) -> tuple[str, str]:
    """Return the column with the ids of a table of runs, and the template of its cells.

    Example:
        >>> id_column(MaskTable(table="train.csv", id="Image_Label={id}_{class}", rle="runs"))
        ('Image_Label', '{id}_{class}')
        >>> id_column(MaskTable(table="train.csv", id="ImageId", rle="runs"))
        ('ImageId', '{id}')
    """
    column, sign, template = mask.id.partition("=")
    return (column, template) if sign and "{id}" in template else (mask.id, "{id}")


@dataclass
class _Wrong:
    """The cells of a table of runs that cannot be used."""

    form: list[Cell] = field(default_factory=list)
    sample: list[Cell] = field(default_factory=list)
    label: list[Cell] = field(default_factory=list)


def _from_table(
    competition: Competition, mask: MaskTable, ids: Sequence[str]
) -> tuple[Refs, list[str]]:
    table = read_table(competition.root / mask.table, where=mask.table)
    column, template = id_column(mask)
    needed = [column, mask.rle, *([] if mask.label is None else [mask.label])]
    absent = [name for name in needed if name not in table.columns]
    if absent:
        raise DataError(
            f"there is no column {some(absent)}; the columns are: {', '.join(table.columns)}",
            where=mask.table,
            fix="mend data.train.mask in competition.yaml",
        )
    names = _Names(template, frozenset(ids), competition)
    labels = [None] * len(table) if mask.label is None else list(table[mask.label])
    empty = {cell.strip() for cell in mask.empty}
    runs: dict[str, list[tuple[int, str, int]]] = {}
    wrong = _Wrong()
    cells = zip(table[column], labels, table[mask.rle], strict=True)
    for line, (cell, label, text) in enumerate(cells, start=2):
        found = names.split(cell)
        if found is None:
            wrong.form.append((cell, line))
            continue
        sample, named = found
        name = label or named
        number = 0 if label is None and named is None else names.number(name or "")
        if sample not in names.known:
            wrong.sample.append((sample, line))
        elif text in empty and (number is not None or not name):
            runs.setdefault(sample, [])
        elif number is None:
            wrong.label.append((name or "", line))
        else:
            runs.setdefault(sample, []).append((number, text, line))
    without_row = None if competition.data.train.absent == "missing" else MaskRef(is_table=True)
    refs: Refs = [
        MaskRef(runs=tuple(runs[one]), is_table=True) if one in runs else without_row for one in ids
    ]
    return refs, _sentences(wrong, mask.table, template, competition)


class _Names:
    """Reads a sample's id and a class out of the cells of a table of runs."""

    def __init__(self, template: str, known: frozenset[str], competition: Competition) -> None:
        self.known = known
        self._template = template
        self._index = {}
        if competition.mask_kind != "binary":
            classes = competition.classes
            if not any(name.isdecimal() for name in classes):
                self._index = {str(number + 1): number for number in range(len(classes))}
            self._index |= {name: number for number, name in enumerate(classes)}
        self._any_class = _regex(template, self._index)
        self._one_class = [_regex(template, [name]) for name in self._index]

    def number(self, name: str) -> int | None:
        """Return the index of a class from its name or number; None for an unknown one."""
        return self._index.get(name)

    def split(self, cell: str) -> tuple[str, str | None] | None:
        """Return the id and the class (None: the template has none) that the cell holds.

        None where the cell is not of the template's form.
        """
        if self._template == "{id}":
            return cell, None
        found = self._any_class.fullmatch(cell)
        if found is not None and found["id"] not in self.known:
            # Of the classes "b" and "a_b", both end "1_a_b": the id decides.
            each = (one.fullmatch(cell) for one in self._one_class)
            found = next((one for one in each if one and one["id"] in self.known), found)
        return None if found is None else (found["id"], found.groupdict().get("class"))


def _regex(template: str, classes: Sequence[str] | dict[str, int]) -> re.Pattern[str]:
    groups = {"{id}": "(?P<id>.+)", "{class}": f"(?P<class>{'|'.join(map(re.escape, classes))})"}
    parts = re.split(r"(\{id\}|\{class\})", template)
    return re.compile("".join(groups.get(part, re.escape(part)) for part in parts))


def _sentences(wrong: _Wrong, table: str, template: str, competition: Competition) -> list[str]:
    """Return the problems of a table of runs, one of each kind."""
    classes = some(competition.classes, limit=20)
    of_form = f" of an id and a class ({classes})" if "{class}" in template else ""
    kinds = [
        (wrong.form, f"cells are not of the form {template}{of_form}"),
        (wrong.sample, "rows have an id that no image of train has"),
        (wrong.label, f"rows name a class that is none ({classes}, or a number from 1)"),
    ]
    return [f"{table}: {len(cells):,} {what}: {_shown(cells)}" for cells, what in kinds if cells]


def _shown(cells: list[Cell]) -> str:
    shown = ", ".join(f"{text!r} (line {line})" for text, line in cells[:5])
    return shown if len(cells) <= 5 else f"{shown} and {len(cells) - 5:,} more"

"""Columns that another table has of the images of train, or of their classes.

A second table is joined where it has one row for each image of the first, and names what must not
cross folds, as a patient; its other columns come along. One with a row a class is joined where it
has the numbers that the sample submission names classes by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import pandas as pd

from podium.competition.ids.patterns import bare_name
from podium.competition.infer.conversions.made_tables import MadeTable
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    ImageTable,
    guess_part,
    match_images,
    may_be_train_table,
)
from podium.competition.infer.labels import (
    GroupColumn,
    InferredLabels,
    find_group,
    find_named_group,
)
from podium.competition.infer.submission import SampleSubmission

__all__ = ["find_further_group", "with_class_numbers", "with_labels_of_groups"]


def find_further_group(
    match: ImageTable,
    labels: InferredLabels,
    tables: Mapping[str, pd.DataFrame],
    test_ids: Sequence[str],
) -> tuple[ImageTable, GroupColumn, MadeTable] | None:
    """Return the table of train with the columns of another one that groups its rows, or None.

    Args:
        match: the table of train, in which no column groups rows.
        labels: of train.
        tables: all, by path, without the sample submission.
        test_ids: of the images to predict; a group that most of them share with train is none.

    Returns:
        The wider table, its group, and the table as it is to be written.
    """
    for path, table in tables.items():
        if path == match.path or not may_be_train_table(path):
            continue
        rows = _rows_of(list(match.table[match.id]), table)
        if rows is None:
            continue
        rows = rows.drop(columns=[one for one in rows if one in match.table])
        test = _rows_of(test_ids, table)
        wide = pd.concat([match.table.reset_index(drop=True), rows], axis=1)
        group, _ = find_group(wide, [match.id], labels, test)
        if group is not None and group.column in rows:
            sources = (match.path, path)
            written = wide[[one for one in wide if "{" not in str(one)]]
            made = MadeTable(sources, f"{match.path} with the columns of {path}", written)
            return replace(match, table=wide), group, made
    return None


@dataclass(frozen=True)
class GroupTable:
    """A table with a row for each image that a pattern finds, and its column that groups them.

    Attributes:
        path: of the table, relative to the data folder.
        key: how a row is found, as `data.train.join.key` has it.
        group: the column.
    """

    path: str
    key: str
    group: GroupColumn


def find_group_table(
    images: Sequence[ImageFile], pattern: str, tables: Mapping[str, pd.DataFrame]
) -> GroupTable | None:
    """Return the table with a row for each of these images whose column groups them, or None.

    Args:
        images: of train.
        pattern: that finds them, relative to the data folder.
        tables: all, by path, without the sample submission.
    """
    for path, table in tables.items():
        for column, (template, names) in product(table.columns, _names(images, pattern).items()):
            cells = table[column]
            if not cells.is_unique or not names <= set(cells):
                continue
            of_train = cells.isin(names)
            group = find_named_group(table[of_train], [column], table[~of_train])
            if group is not None and "=" not in group.column:
                return GroupTable(path, f"{column}={template}", group)
    return None


def _names(images: Sequence[ImageFile], pattern: str) -> dict[str, frozenset[str]]:
    """Return what a table may call images, by templates of the fields of their pattern."""
    paths = [image.path for image in images]
    levels = pattern.split("/")
    suffix = levels[-1].removeprefix("*")
    found = {"{stem}": [image.stem for image in images]}
    if levels[-1].startswith("*") and "*" not in suffix:
        found[f"{{stem}}{suffix}"] = [image.name for image in images]
        n_fixed = next((n for n, one in enumerate(levels) if "{" in one or "*" in one), 0)
        for n in range(n_fixed + 1) if "**" not in levels else ():
            template = "/".join([*levels[n:-1], "{stem}"])
            texts = ["/".join(path.split("/")[n:]) for path in paths]
            found[f"{template}{suffix}"] = texts
            found[template] = [text.removesuffix(suffix) for text in texts]
    each = {template: frozenset(texts) for template, texts in found.items()}
    return {template: texts for template, texts in each.items() if len(texts) == len(images)}


def _rows_of(ids: Sequence[str], table: pd.DataFrame) -> pd.DataFrame | None:
    """Return the rows of a table for these images, in this order; None where one has none."""
    names = [bare_name(one) for one in ids]
    for column in table.columns:
        cells = [bare_name(one) for one in table[column]]
        place = {cell: row for row, cell in enumerate(cells)}
        if names and len(place) == len(cells) and place.keys() >= set(names):
            return table.iloc[[place[one] for one in names]].reset_index(drop=True)
    return None


def with_labels_of_groups(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> tuple[str, MadeTable] | None:
    """Return a table of train with the label that another table has for each group, or None.

    As where `images.csv` has `image` and `patient`, and `diagnoses.csv` has `patient` and the
    column that the sample submission asks for.

    Args:
        folder: with the images.
        tables: all, by path, without the sample submission.
        sample: the sample submission.

    Returns:
        The path of the table of train, and the table as it is to be written.
    """
    label = _only_value_column(sample)
    of_images = {
        path: match
        for path, table in tables.items()
        if may_be_train_table(path)
        and (match := match_images(folder, path, table, ("train", "other"))) is not None
    }
    if label is None or any(label in tables[path] for path in of_images):
        return None
    for path, labels in tables.items():
        if label not in labels or path in of_images:
            continue
        for of_train, match in of_images.items():
            for key in _keys_of_groups(folder, match, labels):
                reader = f"{of_train} with {label} of {path} for each {key}"
                wide = _with_columns_of_groups(match.table, labels, key)
                return of_train, MadeTable((of_train, path), reader, wide)
    return None


def _only_value_column(sample: SampleSubmission | None) -> str | None:
    """Return the column to predict, or None where there is none or more than one."""
    return sample.values[0] if sample is not None and len(sample.values) == 1 else None


def _keys_of_groups(folder: DataFolder, match: ImageTable, labels: pd.DataFrame) -> list[str]:
    """Return the columns by which groups of images, and no images, have a row of `labels`.

    Only test images may be of groups without one.
    """
    table, keys = match.table, []
    for key in (str(one) for one in labels if one in match.table and labels[one].is_unique):
        is_known = table[key].isin(set(labels[key]))
        others = [one for cell in table[match.id][~is_known] for one in folder.named(cell)]
        if (
            not table[key].is_unique
            and is_known.any()
            and all(one.part == "test" for one in others)
        ):
            keys.append(key)
    return keys


def _with_columns_of_groups(table: pd.DataFrame, labels: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the rows of `table` whose group has a row of `labels`, with the columns of that."""
    new = [one for one in labels if one not in table]
    return table.merge(labels[[key, *new]], on=key, validate="m:1")


def with_class_numbers(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> tuple[str, MadeTable] | None:
    """Return a table of train with the numbers that the sample has for its classes, or None.

    As where train has `species`, the sample numbers of `Category`, and a third table both: the
    numbers then stand in a column that is called as that of the sample.

    Args, returns: as `with_labels_of_groups`.
    """
    name = _only_value_column(sample)
    if sample is None or name is None:
        return None
    for path, numbers in tables.items():
        key, words = _numbers_and_words(numbers, set(sample.table[name]))
        if key is None or not words or len(numbers) < 2:
            continue
        for of_train, table in tables.items():
            if of_train == path or name in table or guess_part(of_train) in ("test", "unlabelled"):
                continue
            column, word = _column_of_words(table, numbers[words])
            if column is None or match_images(folder, of_train, table, ("train", "other")) is None:
                continue
            number_of = dict(zip(numbers[word], numbers[key], strict=True))
            wide = table.assign(**{name: table[column].map(number_of)})
            reader = f"{of_train} with {key} of {path} for each {column}, as {name}"
            return of_train, MadeTable((of_train, path), reader, wide)
    return None


def _numbers_and_words(table: pd.DataFrame, numbers: set[str]) -> tuple[str | None, list[str]]:
    """Return the column that has these numbers, each once, and those that have a word a row."""
    columns = [str(one) for one in table.columns if table[one].is_unique]
    keys = [
        one
        for one in columns
        if numbers <= set(table[one]) and table[one].str.fullmatch(r"\d+").all()
    ]
    words = [one for one in columns if not table[one].str.fullmatch(r"[\d.]*").any()]
    return (keys[0] if keys else None), words


def _column_of_words(table: pd.DataFrame, words: pd.DataFrame) -> tuple[str | None, str]:
    """Return the column of `table` whose cells are all in a column of `words`, and that column."""
    for column in map(str, table.columns):
        cells = set(table[column])
        for word in map(str, words.columns):
            if len(cells) > 1 and cells <= set(words[word]):
                return column, word
    return None, ""

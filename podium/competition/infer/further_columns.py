"""Columns that another table has of the images of train, or of their classes.

A second table is joined where it has one row for each image of the first, and names what must not
cross folds, as a patient; its other columns come along. One with a row a class is joined where it
has the numbers that the sample submission names classes by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from podium.competition.ids.patterns import bare_name
from podium.competition.infer.files import DataFolder, ImageTable, guess_part, match_images
from podium.competition.infer.labels import GroupColumn, InferredLabels, find_group
from podium.competition.infer.made_tables import MadeTable
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
        name = path.rpartition("/")[2]
        if path == match.path or guess_part(name) in ("test", "unlabelled", "holdout"):
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
    if sample is None or len(sample.values) != 1:
        return None
    label = sample.values[0]
    of_images = {
        path: match
        for path, table in tables.items()
        if guess_part(path.rpartition("/")[2]) not in ("test", "unlabelled", "holdout")
        and (match := match_images(folder, path, table, ("train", "other"))) is not None
    }
    if any(label in tables[path] for path in of_images):
        return None
    for path, labels in tables.items():
        if label not in labels or path in of_images:
            continue
        keys = [str(one) for one in labels if one != label and labels[one].is_unique]
        for of_train, match in of_images.items():
            table = tables[of_train]
            for key in keys:
                if key not in table or table[key].is_unique:
                    continue
                is_known = table[key].isin(set(labels[key]))
                others = [one for cell in table[match.id][~is_known] for one in folder.named(cell)]
                if not is_known.any() or any(one.part != "test" for one in others):
                    continue
                rest = [one for one in labels if one != key and one not in table]
                of_key = labels[[key, *rest]]
                wide = table[is_known].merge(of_key, on=key, how="left", validate="m:1")
                reader = f"{of_train} with {label} of {path} for each {key}"
                return of_train, MadeTable((of_train, path), reader, wide)
    return None


def with_class_numbers(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> tuple[str, MadeTable] | None:
    """Return a table of train with the numbers that the sample has for its classes, or None.

    As where train has `species`, the sample numbers of `Category`, and a third table both: the
    numbers then stand in a column that is called as that of the sample.

    Args:
        folder: with the images.
        tables: all, by path, without the sample submission.
        sample: the sample submission.

    Returns:
        The path of the table of train, and the table as it is to be written.
    """
    if sample is None or len(sample.values) != 1:
        return None
    name = sample.values[0]
    sent = set(sample.table[name])
    for path, numbers in tables.items():
        columns = [str(one) for one in numbers.columns if numbers[one].is_unique]
        keys = [
            one
            for one in columns
            if sent <= set(numbers[one]) and numbers[one].str.fullmatch(r"\d+").all()
        ]
        words = [one for one in columns if not numbers[one].str.fullmatch(r"[\d.]*").any()]
        if not keys or not words or len(numbers) < 2:
            continue
        for of_train, table in tables.items():
            if of_train == path or name in table or guess_part(of_train) in ("test", "unlabelled"):
                continue
            for column in table.columns:
                cells = set(table[column])
                of = next(
                    (one for one in words if len(cells) > 1 and cells <= set(numbers[one])), None
                )
                if of is None or match_images(folder, of_train, table, ("train", "other")) is None:
                    continue
                wide = table.assign(
                    **{
                        name: table[column].map(
                            dict(zip(numbers[of], numbers[keys[0]], strict=True))
                        )
                    }
                )
                reader = f"{of_train} with {keys[0]} of {path} for each {column}, as {name}"
                return of_train, MadeTable((of_train, path), reader, wide)
    return None

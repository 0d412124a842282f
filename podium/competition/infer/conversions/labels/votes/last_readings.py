"""Readings of images by several people, of whom some read an image once more, at a later date.

image,reader,grade,date           image,reader,grade          decided: image,final grade
7,A,2,2020-01-10                  7,A,2                                8,3
7,B,1,2020-01-11             →    7,B,2
7,B,2,2020-02-03                  8,A,3
8,A,1,2020-01-12                  8,B,3
8,B,3,2020-01-12

The last reading of each person counts. Where as many people give one grade as another, a table that
has these images alone decides. Where a text states that the latest one counts, it does whoever read
it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.ids.dates import date_forms
from podium.competition.infer.image_tables import match_if_of_train, match_of_train
from podium.competition.infer.labels.column_names import column_called, column_spelt_as
from podium.competition.infer.readme.claims import readme_latest_counts
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words
from podium.errors import plural, some

__all__ = ["last_readings"]

_ISO_DATE = r"(?:19|20)\d\d-\d\d-\d\d(?:[ T][\d:.]+)?"
_MOST_READ_AGAIN = 0.5  # of the images


def last_readings(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    sample: SampleSubmission | None,
    tables: Mapping[str, pd.DataFrame],
) -> MadeTable | None:
    """Return a table of train with the last reading of each image by each person, or None.

    One column names people and one has dates; what the sample asks for is a column in any spelling.
    Rows that stand twice count once. Where most labels are whole numbers, others are no label. No
    column need name people where a text states that the latest reading counts.

    Args:
        tables: all, by path; the one that decides is the second of the sources.
    """
    if sample is None or len(sample.values) != 1 or not may_be_train_table(path):
        return None
    label = column_spelt_as(sample.values[0], map(str, table.columns))
    match = match_of_train(folder, path, table) if label else None
    if match is None or match.several or table[match.id].is_unique or label == match.id:
        return None
    image, rest = match.id, [str(one) for one in table if str(one) not in (match.id, label)]
    people = [one for one in rest if _names_people(one)]
    dates = {one: times for one in rest if (times := _times(table[one])) is not None}
    said = readme_latest_counts(folder)
    if (len(people) != 1 and not said) or len(dates) != 1:
        return None
    [(day, times)] = dates.items()
    rows = table.drop_duplicates()
    key = [image, *people]
    if said and (len(people) != 1 or not rows.duplicated(key).any()):
        key = [image]  # nobody read an image once more
    again = rows.duplicated(key)
    if not again.any() or rows[image][again].nunique() > _MOST_READ_AGAIN * rows[image].nunique():
        return None
    if rows.duplicated([*key, day]).any():
        return None  # of two readings of one day nothing tells the last one
    in_order = rows.loc[times[rows.index].sort_values(kind="stable").index]
    last = in_order.drop_duplicates(key, keep="last").sort_index()
    of_each = " by each ".join([match.id, *key[1:]])
    told = [f"the last {label} of each {of_each}, as {day} tells{f', and {said}' if said else ''}"]
    told.append(f"{plural(int(again.sum()), 'row')} before it left out")
    last, none = _without_words(last, label)
    if none:
        told.append(f"{some(none)} taken for no {label}")
    sources = [path]
    tied = _tied(last, image, label)
    for other, decided in tables.items():
        finals = None if other == path else _decisions(folder, other, decided, label, tied)
        if finals is not None:
            sources.append(other)
            by_image = last[image].map(finals)
            last = last.assign(**{label: by_image.fillna(last[label])})
            told.append(f"of {plural(len(finals), 'tie')} {other} decides")
            break
    last = last.drop(columns=day).reset_index(drop=True)
    return MadeTable(tuple(sources), f"{path} with {'; '.join(told)}", last)


def _times(cells: pd.Series[str]) -> pd.Series[str] | None:
    """Return cells of dates as texts whose order is that of the dates; None of others."""
    if cells.str.fullmatch(_ISO_DATE).all():
        return cells
    forms = date_forms(cells.unique())
    return cells.map(lambda cell: str(forms[0].read(cell))) if len(forms) == 1 else None


def _names_people(column: str) -> bool:
    return not meaning_words("annotator").isdisjoint(name_words(column))


def _without_words(table: pd.DataFrame, label: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows whose label is a whole number, and the other labels, if these are few."""
    is_whole = table[label].str.fullmatch(r"\d+")
    none = sorted({*table[label][~is_whole]} - {""})
    if len(none) != 1 or is_whole.mean() < NEARLY_ALL:
        return table, []
    return table[is_whole], none


def _tied(table: pd.DataFrame, image: str, label: str) -> set[str]:
    """Return the images to which as many people give one label as another."""
    counts = table.groupby([image, label]).size()
    most = counts[counts == counts.groupby(level=0).transform("max")]
    n_most = most.groupby(level=0).size()
    return {str(one) for one in n_most.index[n_most > 1]}


def _decisions(
    folder: DataFolder, path: str, table: pd.DataFrame, label: str, tied: set[str]
) -> Mapping[str, str] | None:
    """Return the label of each image of a table that has those of a tie alone; None of others."""
    match = match_if_of_train(folder, path, table) if tied else None
    column = column_called(label.strip(), table) if match is not None else ""
    if match is None or not column or not table[match.id].is_unique:
        return None
    finals = dict(zip(table[match.id], table[column], strict=True))
    return finals if tied <= finals.keys() and len(finals) * NEARLY_ALL <= len(tied) else None

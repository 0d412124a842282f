"""Tables with several opinions of an image, of which the commonest becomes its label.

photo,annotator,label           photo,label        photo,rater_1,rater_2,rater_3
311,A,red                  →    311,red       ←    311,red,blue,red
311,B,blue
311,C,red
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import IN_DATA, match_of_train
from podium.competition.infer.labels.cells import MOST_GRADES, numbers_of
from podium.competition.infer.labels.column_names import column_spelt_as
from podium.competition.infer.labels.evidence import holder_of_words
from podium.competition.infer.readme.texts import FULL_STOP, texts_beside
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import meaning_words
from podium.competition.phrases import words_pattern
from podium.competition.spelling import name_words
from podium.errors import plural, some

__all__ = ["labels_by_vote", "means_of_columns", "opinions_of_tables", "sentences_on_people"]

_FEWEST_OPINIONS = 2  # opinions of most images
_LABEL = "label"  # what columns by person become, where the sample does not name it
_SHORT = 3  # letters of words as "by", which tell of people in names of columns alone


def labels_by_vote(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    sample: SampleSubmission | None,
    *,
    named: str | None = None,
) -> MadeTable | None:
    """Return a table of train with a row an image and its commonest label; else None.

    The opinions are rows, each by another person, or columns, one a person. Where an image has
    several commonest labels, it gets that of them which is the commonest in the table. Of numbers
    it is the median or the mean, as a text beside the data states; where none does, numbers with
    fractions are averaged, and of amounts the median is taken.

    Args:
        sample: the sample submission; its one column of values is the label, or its columns are
            values of the label.
        named: the column of the label, where a person names it.
    """
    if sample is None or not may_be_train_table(path):
        return None
    match = match_of_train(folder, path, table)
    if match is None or match.several:
        return None
    rest = [str(one) for one in table.columns if str(one) != match.id]
    label, is_holder = _label_column(table, match.id, rest, sample, named)
    if table[match.id].is_unique:
        columns = _by_person(table, rest, label)
        if len(sample.values) > 1 and not _are_classes(table[columns].to_numpy().ravel(), sample):
            columns = []
        rows = table.melt([match.id], columns, value_name=label) if columns else table
        people = ", ".join(columns)
    else:
        # Rows that agree are answers of several people; labels of one image differ.
        agree = table.duplicated([match.id, label]).mean() if label in rest else 0.0
        if len(sample.values) > 1 and not (is_holder and agree):
            return None
        some_rows = is_holder and agree >= _AGREEING
        person = _person_column(table, match.id, rest, label, some_rows=some_rows)
        columns = [] if person is None else [person, label]
        rows, people = table, str(person)
    if not columns:
        return None
    rows = rows[rows[label] != ""]
    per_image, first = rows.groupby(match.id, sort=False)[label], table.groupby(match.id)
    how = _way_of_numbers(folder, rows[label], has_fractions=sample.has_fractions)
    # Where a column names people, a second one may have read a few images alone.
    is_read_again = bool(how) and not table[match.id].is_unique and _names_people(people)
    if per_image.size().median() < _FEWEST_OPINIONS and not is_read_again:
        return None
    kept = [one for one in rest if one not in columns and first[one].nunique().eq(1).all()]
    if how:
        numbers = rows[label].astype(float).groupby(rows[match.id])
        voted = numbers.agg(how).map("{:.12g}".format)
    else:
        overall, how = Counter(rows[label]), "commonest"
        sign = _sign_of_lists(rows[label])
        if sign:
            return _names_of_most(path, rows, match.id, label, sign, first[kept].first())
        voted = per_image.agg(lambda cells: _commonest(cells, overall))
    images = list(dict.fromkeys(rows[match.id]))
    made = first[kept].first().loc[images].assign(**{label: voted.loc[images]})
    n_tied = sum(_is_tied(cells) for _, cells in per_image) if how == "commonest" else 0
    tied = f"; {plural(n_tied, 'image')} with a tie: the commonest of all counts" if n_tied else ""
    image = match.id.removesuffix(IN_DATA)
    reader = f"the {how} {label} of each {image} by {people}{tied}"
    return MadeTable((path,), reader, made.rename_axis(match.id).reset_index().astype(object))


def means_of_columns(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with one row an image: the mean of what several people measured.

    The sample asks for several numbers, which columns hold in any spelling. Each image has a row of
    each of its people, whom one column names; what they did not measure is blank.
    """
    if sample is None or len(sample.values) < 2 or not may_be_train_table(path):
        return None
    columns = [column_spelt_as(one, map(str, table.columns)) for one in sample.values]
    if not all(columns) or len({*columns}) < len(columns):
        return None
    match = match_of_train(folder, path, table)
    if match is None or match.several or match.id in columns or table[match.id].is_unique:
        return None
    rest = [str(one) for one in table.columns if str(one) not in (match.id, *columns)]
    people = [one for one in rest if not table.duplicated([match.id, one]).any()]
    people = [one for one in people if _names_people(one)]
    found = {one: numbers_of(table[one]) for one in columns}
    numbers = {one: cells for one, cells in found.items() if cells is not None}
    if len(people) != 1 or len(numbers) < len(columns):
        return None
    cells = pd.concat([table.loc[one.index, name] for name, one in numbers.items()])
    how = _way_of_numbers(folder, cells, has_fractions=True)
    if not how:
        return None
    by_image = table.groupby(match.id, sort=False)
    kept = [one for one in rest if by_image[one].nunique().eq(1).all()]
    made = by_image[kept].first()
    for one, known in numbers.items():
        of_image = known.reindex(table.index).groupby(table[match.id], sort=False)
        made[one] = of_image.agg(how).map("{:.12g}".format, na_action="ignore").fillna("")
    image = match.id.removesuffix(IN_DATA)
    reader = f"the {how} {some(columns)} of each {image} by {people[0]}"
    return MadeTable((path,), reader, made.rename_axis(match.id).reset_index().astype(object))


def _label_column(
    table: pd.DataFrame,
    image: str,
    rest: Sequence[str],
    sample: SampleSubmission,
    named: str | None,
) -> tuple[str, bool]:
    """Return what the label is called, and whether a column of `rest` is it by its cells.

    A person may name it. Else it is called as the one column of values of the sample, in any
    spelling, or is the one column that has its words; of several columns of values it is the one
    that holds their names, or is to be called `label`.
    """
    if named is not None and named in rest:
        return named, True
    if len(sample.values) > 1:
        holding = [one for one in rest if _are_classes(table[one], sample)]
        return (holding[0], True) if len(holding) == 1 else (_LABEL, False)
    holder, _ = holder_of_words(table, [image], sample)
    label = column_spelt_as(sample.values[0], rest) or holder or sample.values[0]
    return label, label == holder


def _are_classes(cells: Iterable[str], sample: SampleSubmission) -> bool:
    """Return whether cells have the names of all columns of the sample, or of half and no other."""
    names, asked = set(cells) - {""}, set(sample.values)
    return asked <= names or (names <= asked and 2 * len(names) >= len(asked))


def _way_of_numbers(folder: DataFolder, cells: pd.Series[str], *, has_fractions: bool) -> str:
    """Return how opinions that are numbers become one, "mean" or "median"; "" for the commonest."""
    if not cells.str.fullmatch(r"-?\d+(\.\d+)?").all():
        return ""
    for sentence in sentences_on_people(folder):
        for way in ("median", "mean"):
            if words_pattern(meaning_words(way)).search(sentence):
                return way
    if has_fractions:
        return "mean"
    return "median" if cells.nunique() > MOST_GRADES else ""


def sentences_on_people(folder: DataFolder) -> Iterator[str]:
    """Yield the sentences of texts that speak of people who label or vote."""
    every = meaning_words("annotator") | meaning_words("voter")
    people = words_pattern(one for one in every if len(one) > _SHORT)
    for _, text in texts_beside(folder):
        yield from filter(people.search, FULL_STOP.split(text))


def opinions_of_tables(data: CompetitionData) -> MadeTable | None:
    """Return the commonest label of each image by the tables of three people or more; else None.

    They lie in one folder, have the same columns, and the same images, a row each. Tables that are
    called as versions (`labels_v2.csv`, `old.csv`) are none of several people.

    Args:
        data: the one column of values of its sample submission is the label.
    """
    folder, tables = data.folder, data.tables
    alike: dict[tuple[str, ...], list[str]] = {}
    for path, table in tables.items():
        if may_be_train_table(path) and not _are_versions(path):
            key = (path.rpartition("/")[0], *map(str, table.columns))
            alike.setdefault(key, []).append(path)
    for paths in alike.values():
        if len(paths) <= _FEWEST_OPINIONS:
            continue
        first = tables[paths[0]]
        match = match_of_train(folder, paths[0], first)
        if match is None or "annotator" in first.columns:
            continue
        rows = [tables[path].assign(annotator=Path(path).stem) for path in paths]
        images = [set(one[match.id]) for one in rows]
        shared = set.intersection(*images)
        if len(shared) < NEARLY_ALL * len(set.union(*images)):
            continue
        voted = labels_by_vote(folder, paths[0], pd.concat(rows, ignore_index=True), data.sample)
        if voted is not None:
            people = ", ".join(Path(path).stem for path in paths)
            return voted._replace(
                sources=tuple(paths), reader=voted.reader.replace("annotator", people, 1)
            )
    return None


_MOST_PEOPLE, _FEW = 30, 5
_MOST_NAMES = 60
_AGREEING = 0.2  # of the rows


def _are_versions(path: str) -> bool:
    return not ({"v"} | meaning_words("version")).isdisjoint(name_words(Path(path).stem))


def _names_people(column: str) -> bool:
    return not (meaning_words("annotator") | meaning_words("voter")).isdisjoint(name_words(column))


def _person_column(
    table: pd.DataFrame, image: str, rest: Sequence[str], label: str, *, some_rows: bool
) -> str | None:
    """Return the column that names who gave the label of a row, once an image; None without.

    With `some_rows` people, who are called by letters, may have rows of some images each.
    """
    if label not in rest:
        return None
    n_each = table.groupby(image).size().median()
    for one in rest:
        n = table[one].nunique()
        if one == label or n < _FEWEST_OPINIONS or table.duplicated([image, one]).any():
            continue
        # Or each of a few, called by letters, has a row of nearly every image.
        are_few = n <= _MOST_PEOPLE and n * _FEW < len(table)
        are_few = are_few and (some_rows or n_each >= NEARLY_ALL * n)
        if (are_few and all(cell[:1].isalpha() for cell in set(table[one]))) or _names_people(one):
            return one
    return None


def _by_person(table: pd.DataFrame, rest: Sequence[str], label: str) -> list[str]:
    """Return the columns that hold the label by one person each, three or more; [] without."""
    if label in rest:
        return []
    stems: dict[str, list[str]] = {}
    for one in rest:
        stem = re.sub(r"[_\W]*(?:\d+|[a-zA-Z])$", "", one).lower()
        if _names_people(stem) or stem == label.lower():
            stems.setdefault(stem, []).append(one)
    for columns in stems.values():
        names = [set(table[one]) - {""} for one in columns]
        shared = set.intersection(*names)
        if len(columns) > _FEWEST_OPINIONS and shared and 2 * len(shared) >= len(set.union(*names)):
            return columns
    return []


def _sign_of_lists(cells: pd.Series[str]) -> str:
    """Return the sign between the names of cells that list several; "" where they list none.

    The parts are few, and most of them stand in other cells, too.
    """
    for sign in (", ", "; ", ";", "|", ","):
        listing = [cell for cell in cells if sign in cell]
        parts = Counter(part.strip() for cell in cells for part in cell.split(sign))
        if (
            len(listing) >= _FEWEST_OPINIONS
            and len(parts) <= _MOST_NAMES
            and min(parts.values()) >= _FEWEST_OPINIONS
        ):
            return sign
    return ""


def _never_beside(name: str, cells: Iterable[str], sign: str) -> bool:
    """Return whether a name never stands in a list with others, as that for no class."""
    return all(name not in map(str.strip, cell.split(sign)) for cell in cells if sign in cell)


def _names_of_most(
    path: str, rows: pd.DataFrame, image: str, label: str, sign: str, facts: pd.DataFrame
) -> MadeTable:
    """Return a row an image with 1 for each name that more than half of its lists have.

    A name that never stands beside others, and is in a sentence of several words, is that for none.
    """
    lists = rows[label].str.split(sign).map(lambda each: [one.strip() for one in each])
    pairs = pd.DataFrame({image: rows[image], "name": lists}).explode("name")
    n_each = rows.groupby(image, sort=False).size()
    counts = pd.crosstab(pairs[image], pairs["name"]).loc[n_each.index]
    none = [
        name for name in counts.columns if " " in name and _never_beside(name, rows[label], sign)
    ]
    bits = (2 * counts.drop(columns=none[:1])).gt(n_each, axis=0).astype(int).astype(str)
    made = pd.concat([facts.loc[n_each.index], bits], axis=1).rename_axis(image).reset_index()
    without = f"; {none[0]!r} is none" if none else ""
    reader = f"1 where more than half of the answers of a {image} have a name in {label}{without}"
    return MadeTable((path,), f"{path} with {reader}", made.astype(object))


def _commonest(cells: pd.Series[str], overall: Counter[str]) -> str:
    counts = Counter(cells)
    return max(counts, key=lambda one: (counts[one], overall[one], one))


def _is_tied(cells: pd.Series[str]) -> bool:
    counts = Counter(cells).most_common(2)
    return len(counts) > 1 and counts[0][1] == counts[1][1]

"""Rows of train whose label is a word for no result yet: their images are unlabelled.

label: rust, scab, pending    →    rust, scab, and images that nobody labelled
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.cells import known_cells
from podium.competition.infer.labels.no_results import (
    LabelsWithResults,
    is_called_no_result,
    is_called_unknown,
)
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.missing_labels import (
    readme_class,
    readme_no_result,
    sentences_of_no_result,
)
from podium.competition.infer.sources import Sources
from podium.competition.spelling import name_key
from podium.errors import plural, some

__all__ = ["find_no_results", "note_of_no_results", "without_no_results"]

_FEWEST_CLASSES = 2  # that are left, or that a list names
_MOST_CLASSES = 100
"""Of more values, as of numbers, only those with a plain word are looked up in texts."""


def find_no_results(sources: Sources, train: TrainPart) -> LabelsWithResults | None:
    """Return the values of the labels that are no results, by their words or a text; or None.

    What the sample submission or a list of classes names is a class. So is a word for what is
    unknown that a text names among the classes. It is sure where two things speak for no result: a
    word, and a text or the list that has the other classes.
    """
    labels, match = train.labels, train.match
    if labels is None or match is None or not isinstance(labels.column, str):
        return None
    if not labels.classes or labels.kind.is_by_class or labels.column not in match.table:
        return None
    values = [*map(str, known_cells(match.table[labels.column]).unique())]
    sentences = sentences_of_no_result(sources.folder)
    found: dict[str, tuple[str, bool]] = {}
    for value in values if len(values) <= _MOST_CLASSES else filter(is_called_no_result, values):
        reading = _why_no_result(sources.folder, sentences, value, values, labels.column)
        if reading is not None:
            found[value] = reading
    lists = [*_lists_of_classes(sources, match.path, values)] if found else []
    classes = set[str]().union(*(named for _, named in lists))
    found = {value: reading for value, reading in found.items() if value not in classes}
    rest = {*values} - {*found}
    if not found or len(rest) < _FEWEST_CLASSES:
        return None
    whole = next((path for path, named in lists if rest <= named), "")
    why = " and ".join(dict.fromkeys(why for why, _ in found.values()))
    why += f", and {whole} has the other classes" if whole else ""
    are_sure = all(is_sure or whole for _, is_sure in found.values())
    return LabelsWithResults(match.path, tuple(found), labels, why, are_sure)


def _why_no_result(
    folder: DataFolder,
    sentences: Sequence[tuple[str, str]],
    value: str,
    values: Sequence[str],
    column: str,
) -> tuple[str, bool] | None:
    """Return why a value is no result where no list names it, and if that is sure; else None.

    Args:
        folder: of the data.
        sentences: that state that there is no result.
        value: of the labels.
        values: all of them.
        column: that they are of.
    """
    by_word, may_be = is_called_no_result(value), is_called_unknown(value)
    others = [one for one in values if one != value]
    is_word = by_word or may_be
    if told := readme_no_result(sentences, value, column, others=() if is_word else others):
        return told, is_word
    if by_word:
        return f"by its word {value!r} is none", False
    if not may_be or readme_class(folder, value, others):
        return None
    return f"nothing names {value!r} as a class", False


def _lists_of_classes(
    sources: Sources, of_train: str, values: Collection[str]
) -> Iterator[tuple[str, set[str]]]:
    """Yield path and values of each list that names several of these as classes.

    A sample names them by its columns, or by several cells; of one that is the same in all rows
    nothing is known.
    """
    each = list[tuple[str, Collection[str]]]()
    if (sample := sources.sample) is not None:
        each.append((sample.path, sample.values))
        cells = [sample.table[one].unique() for one in sample.values]
        each += [(sample.path, [*one]) for one in cells if len(one) > 1]
    if (names := find_class_names(sources)) is not None:
        each.append((names.path, (*names.listed, *names.named.values(), *names.numbers)))
    for path, table in sources.tables.items():
        unique = [one for one in map(str, table) if table[one].is_unique and path != of_train]
        each += [(path, [*table[one]]) for one in unique]
    for path, named in each:
        keys = {name_key(one) for one in named}
        own = {one for one in values if name_key(one) in keys}
        if len(own) >= _FEWEST_CLASSES:
            yield path, own


def without_no_results(sources: Sources, found: LabelsWithResults) -> Sources:
    """Return the sources with blank cells of train in place of values that are no results.

    Where a folder has the unlabelled images, these rows are left out.
    """
    table, column = sources.tables[found.path], str(found.labels.column)
    is_none = table[column].isin(found.values)
    n = int(is_none.sum())
    if sources.folder.of_part("unlabelled"):
        made, what = table[~is_none].reset_index(drop=True), plural(n, "row")
    else:
        made, what = table.assign(**{column: table[column].mask(is_none, "")}), plural(n, "cell")
    reader = (
        f"{found.path} without {what} whose {column} is {some(found.values)}, taken for no result: "
        f"{found.why}"
    )
    return sources.with_table_instead(found.path, "results", MadeTable((found.path,), reader, made))


def note_of_no_results(found: LabelsWithResults) -> str:
    """Return the note on values that are classes, as no table can be made without them."""
    column, values = str(found.labels.column), some(found.values)
    where = f"{{{column}: [{', '.join(found.values)}]}}"
    return (
        f"{values} of {column} in {found.path} may be no result, as {found.why}: where it is none, "
        f"take it out of classes and write data.train.exclude_where: {where}"
    )

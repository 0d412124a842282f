"""Columns of train that hold a class each, and are asked for together: several outputs.

train.csv: id, colour, shape     sample: id, colour, shape           a column an output
train.csv: id, colour, shape     sample: p7_colour, p7_shape         a row of an image and output
train.csv: id, left, right       sample: p7_left, mild, severe       the same, a column a class
train.csv: id, colour, shape     sample: id, colour_red, shape_disc  a column an output and class
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from podium.competition.infer.ids.keys import common_start
from podium.competition.infer.labels.cells import known_cells, numbers_of, sort_classes
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.sample.probability_columns import (
    SIGNS,
    key_of_outputs,
    parted,
    plain_letters,
)
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import some
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.outputs import OUTPUT_SIGN

__all__ = [
    "are_numbered",
    "labels_of_outputs",
    "outputs_of_probabilities",
    "outputs_of_sample",
]


def labels_of_outputs(
    table: pd.DataFrame, columns: Sequence[str], outputs: Sequence[str], why: str
) -> InferredLabels:
    """Return columns of classes as the labels.

    Args:
        table: of train.
        columns: of it, one an output.
        outputs: what the sample submission calls them.
        why: the reason for them.
    """
    classes = [
        f"{output}{OUTPUT_SIGN}{name}"
        for column, output in zip(columns, outputs, strict=True)
        for name in sort_classes(list(known_cells(table[column]).unique()))
    ]
    return InferredLabels(image_kind("multioutput"), list(columns), classes, why)


def outputs_of_sample(
    table: pd.DataFrame, id_column: str, sample: SampleSubmission
) -> InferredLabels | None:
    """Return the labels where the sample asks for several columns of classes; None: it does not.

    One of them at least holds words; the others hold words, too, or numbers of classes without a
    gap. What the sample holds is one placeholder in every column, or classes in every column.

    Args:
        table: of train.
        id_column: its column of ids.
    """
    if (found := outputs_of_probabilities(table, id_column, sample)) is not None:
        return found
    names = _possible_outputs(table, id_column)
    key = key_of_outputs(sample.table, names)
    if key and len(sample.values) == 2:
        columns = _in_order(names, sample.table[key])
        told = f"{key} of the sample submission names {some(columns)}, columns of classes"
    elif len(sample.values) > 1:
        columns = list(sample.values)
        if not set(columns) <= set(names) or not _are_answers(table, sample, columns):
            return None
        told = "the sample submission asks for these columns, each of classes"
    else:
        columns = _ends_of_ids(names, list(sample.table[sample.id]))
        told = f"ids of the sample submission end with {some(columns)}, columns of classes"
    if len(columns) < 2 or not all(_are_classes(table[one]) for one in columns):
        return None
    if not any(_are_words(table[one]) for one in columns):
        return None
    if _are_levels(table[columns]):
        return None
    return labels_of_outputs(table, columns, columns, told)


def _possible_outputs(table: pd.DataFrame, id_column: str) -> list[str]:
    names = [str(one) for one in table.columns if str(one) != id_column]
    return [one for one in names if OUTPUT_SIGN not in one]


def outputs_of_probabilities(
    table: pd.DataFrame, id_column: str, sample: SampleSubmission
) -> InferredLabels | None:
    """Return the labels where the sample has a column of numbers for each class; None: it has not.

    A row is of an image and an output whose name ends its id, or stands in a column: then all
    outputs have the classes of the columns. Or a row is of an image, and a column of an output and
    its class.

    Args:
        table, id_column, sample: as `outputs_of_sample` has them.
    """
    if len(sample.values) < 2:
        return None
    names = _possible_outputs(table, id_column)
    key = key_of_outputs(sample.table, names)
    columns = [one for one in sample.values if one != key]
    if set(columns) & set(names) or len(columns) < 2:
        return None
    ids = list(sample.table[sample.id])
    asked = _in_order(names, sample.table[key]) if key else _ends_of_ids(names, ids)
    if len(asked) > 1:
        shared = _shared_classes(table, asked, columns)
        of_outputs = dict.fromkeys(asked, shared) if shared else {}
        told = f"has a row for each of {some(asked)}, and a column for each of their classes"
    else:
        of_outputs = _classes_in_names(table, names, columns)
        told = f"has a column for each class of {some(list(of_outputs))}"
    if len(of_outputs) < 2 or any(len(own) < 2 for own in of_outputs.values()):
        return None
    if any(numbers_of(sample.table[one]) is None for one in columns):
        return None
    classes = [f"{one}{OUTPUT_SIGN}{name}" for one, own in of_outputs.items() for name in own]
    kind = image_kind("multioutput")
    return InferredLabels(kind, list(of_outputs), classes, f"the sample submission {told}")


def _in_order(names: Sequence[str], cells: pd.Series[str]) -> list[str]:
    there = set(cells)
    return [one for one in names if one in there]


def _shared_classes(
    table: pd.DataFrame, outputs: Sequence[str], columns: Sequence[str]
) -> list[str]:
    """Return the classes of the columns of a sample as train spells them; [] where others are held.

    A class that no row of train has is called as its column.
    """
    held = {cell for one in outputs for cell in known_cells(table[one]).unique()}
    rest = len(common_start(list(columns)))
    for called in (list(columns), [one[rest:] for one in columns]):
        found = _spelt(called, held)
        if found:
            return found
    return []


def _spelt(called: Sequence[str], held: Iterable[str]) -> list[str]:
    """Return names in the spelling of `held`, which are all among them, two at least; else []."""
    spelt: dict[str, list[str]] = {}
    for cell in held:
        spelt.setdefault(plain_letters(cell), []).append(cell)
    keys = [plain_letters(one) for one in called]
    is_same = spelt.keys() <= {*keys} and all(len(one) == 1 for one in spelt.values())
    if not is_same or len(spelt) < 2 or len({*keys}) < len(keys) or "" in keys:
        return []
    return [spelt.get(key, [name])[0] for key, name in zip(keys, called, strict=True)]


def _classes_in_names(
    table: pd.DataFrame, names: Sequence[str], columns: Sequence[str]
) -> dict[str, list[str]]:
    """Return the classes of each output where columns are called by both, as `colour_red`; or {}.

    The output stands first in all columns, or last.
    """
    for is_first in (True, False):
        called: dict[str, list[str]] = {}
        for column in columns:
            output, name = parted(column, names, is_first=is_first)
            called.setdefault(output, []).append(name)
            if not output:
                break  # of thousands of columns the first tells
        if "" in called:
            continue
        found = {
            output: _spelt(own, known_cells(table[output]).unique())
            for output, own in called.items()
        }
        if all(found.values()):
            return found
    return {}


def _are_answers(table: pd.DataFrame, sample: SampleSubmission, columns: Sequence[str]) -> bool:
    """Return whether the cells of the sample are placeholders or classes; what is known varies."""
    counts = {sample.table[one].nunique() for one in columns}
    if counts == {1}:
        return True
    known = all(set(sample.table[one]) <= set(table[one]) for one in columns)
    return 1 not in counts and known


def _ends_of_ids(names: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Return the columns that end the ids of a sample, each image having a row of each of them."""
    found: dict[str, set[str]] = {}
    longest = sorted(names, key=len, reverse=True)
    for one in ids:
        end = next((name for name in longest if one.endswith(name) and one != name), None)
        if end is None or one[-len(end) - 1] not in SIGNS:
            return []
        found.setdefault(end, set()).add(one[: -len(end) - 1])
    each = list(found.values())
    if len(each) < 2 or any(own != each[0] for own in each):
        return []
    return [name for name in names if name in found]


def _are_classes(cells: pd.Series[str]) -> bool:
    known = known_cells(cells)
    return 2 <= known.nunique() <= max(2, len(known) // 3) and (
        _are_words(cells) or are_numbered(cells)
    )


def _are_levels(answers: pd.DataFrame) -> bool:
    """Return whether one column tells all others, as a species its family: one label is enough."""
    known = answers[(answers != "").all(axis=1)].drop_duplicates()
    return any(known[one].is_unique for one in known)


def _are_words(cells: pd.Series[str]) -> bool:
    return bool(known_cells(cells).str.contains(r"[^\W\d_]").all())


def are_numbered(cells: pd.Series[str]) -> bool:
    """Return whether cells are whole numbers without a gap, from 0 or 1, each in some rows."""
    known = known_cells(cells)
    values = set(known)
    ranges = ({str(first + n) for n in range(len(values))} for first in (0, 1))
    return 2 <= len(values) <= len(known) // 3 and values in ranges

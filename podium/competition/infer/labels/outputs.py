"""Columns of train that hold a class each, and are asked for together: several outputs.

train.csv: id, colour, shape     sample: id, colour, shape           a column an output
train.csv: id, colour, shape     sample: p7_colour, p7_shape         a row of an image and output
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from podium.competition.infer.labels.cells import known_cells, sort_classes
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import some
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.outputs import OUTPUT_SIGN

__all__ = ["are_numbered", "labels_of_outputs", "outputs_of_sample"]

_SIGNS = "_-.:/|# "


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
        sample: the sample submission.
    """
    names = [str(one) for one in table.columns if str(one) != id_column]
    if len(sample.values) > 1:
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
    if any(OUTPUT_SIGN in one for one in columns) or _are_levels(table[columns]):
        return None
    return labels_of_outputs(table, columns, columns, told)


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
        if end is None or one[-len(end) - 1] not in _SIGNS:
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

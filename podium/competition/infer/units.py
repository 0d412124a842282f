"""What a submission scores where that is several images: read from the ids of its sample."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from podium.competition.infer.labels import Labels
from podium.competition.infer.submission import Sample
from podium.errors import some

__all__ = ["Unit", "find_unit", "slices_hint", "unit_template"]

_SIGNS = ("_", "-", "/", " ")
_FEWEST_SLICES = 8
_SLICE = re.compile(r"(?P<volume>.+?)_(?:slice_?|z)?(?P<number>\d{2,})")


@dataclass(frozen=True)
class Unit:
    """As `data.train.unit` has it."""

    template: str
    why: str
    differs: str = ""
    """What shows that images of one unit have several labels; "" where they have one."""


def find_unit(
    sample: Sample, train: pd.DataFrame, test: pd.DataFrame, test_id: str | None, labels: Labels
) -> Unit | None:
    """Return what the ids of the sample name, where it is no image; None where nothing says it.

    Args:
        sample: of labels.
        train, test: the tables, one row an image.
        test_id: the column that names the images of test.
        labels: of train.
    """
    ids = list(dict.fromkeys(sample.table[sample.id]))
    if test_id is not None and test_id in test.columns and set(ids) & set(test[test_id]):
        return None
    shared = [column for column in test.columns if column in train.columns]
    template = None
    for column in shared:
        if set(ids) <= set(test[column]) and test[column].nunique() < len(test):
            template = str(column)
    template = template or unit_template(ids, test[shared])
    if template is None:
        return None
    n = f"{len(ids):,} units of {len(test):,} images"
    why = f"what a row of the sample is of ({some(ids, 2)}): {n}"
    return Unit(template, why, _differing(train, template, labels))


def unit_template(ids: Sequence[str], table: pd.DataFrame) -> str | None:
    """Return of which two columns of `table` the ids are made, as `{patient}_{side}`, or None.

    Example:
        >>> table = pd.DataFrame({"patient": ["1", "1", "2"], "side": ["L", "R", "L"]})
        >>> unit_template(["1_L", "1_R", "2_L"], table)
        '{patient}_{side}'
    """
    if not ids:
        return None
    values = {column: set(table[column]) for column in table.columns}
    for sign in _SIGNS:
        for cut in re.finditer(re.escape(sign), ids[0]):
            left, right = ids[0][: cut.start()], ids[0][cut.end() :]
            for first in (column for column in values if left in values[column]):
                for second in (column for column in values if right in values[column]):
                    if first != second and set(ids) <= set(table[first] + sign + table[second]):
                        return f"{{{first}}}{sign}{{{second}}}"
    return None


def _differing(train: pd.DataFrame, template: str, labels: Labels) -> str:
    if not isinstance(labels.column, str) or labels.kind not in ("binary", "ordinal"):
        return ""
    fields = re.findall(r"\{([^{}]+)\}", template) or [template]
    n = int((train.groupby(fields)[labels.column].nunique() > 1).sum())
    return f"images of {n:,} units have several labels" if n else ""


def slices_hint(ids: Sequence[str]) -> str:
    """Return a note where ids number the slices of volumes, else "".

    Example:
        >>> slices_hint([f"case1_day0_slice_{n:04d}" for n in range(1, 80)])[:31]
        "ids ('case1_day0_slice_0001', '"
    """
    found = [_SLICE.fullmatch(one.rpartition(".")[0] or one) for one in ids]
    if len(found) < 20 or not all(found):
        return ""
    volumes: dict[str, set[int]] = {}
    for one in found:
        if one is not None:
            volumes.setdefault(one["volume"], set()).add(int(one["number"]))
    # A volume's numbers follow each other; those of photographs are any.
    for numbers in volumes.values():
        if len(numbers) < _FEWEST_SLICES or max(numbers) - min(numbers) >= 2 * len(numbers):
            return ""
    return (
        f"ids ({some(list(ids), 2)}) look like slices of {len(volumes):,} volumes: keep a volume "
        "in one fold (folds.group), let a network see neighbours (data.train.slices), and where "
        "whole volumes are scored name them in data.train.unit"
    )

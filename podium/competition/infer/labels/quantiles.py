"""A sample that asks for quantiles of the one number that train has, a column a level.

train.csv: id, depth     sample: id, q10, q50, q90     and a text names quantiles, or pinball loss
"""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.labels.cells import MOST_GRADES, known_cells, numbers_of
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.readme.metrics import find_readme_metrics
from podium.competition.infer.readme.texts import texts_beside
from podium.competition.truths.levels import level_names, levels_of_columns
from podium.errors import DataError, some
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES

__all__ = ["with_quantiles"]

_OF_QUANTILES = re.compile(
    r"\w*(?:[uvw]ant(?:il|iel|yl)|per[czs]ent(?:il|iel|yl)|pinball)\w*"
    r"|квантил\w*|перцентил\w*|ποσοστημόρι\w*|分位|百分位|ピンボール|パーセンタイル|분위|핀볼"
)
"""The field's own word in many languages, as texts beside the data have it."""


def with_quantiles(
    data: CompetitionData, table: pd.DataFrame, labels: InferredLabels, *, is_named: bool
) -> InferredLabels:
    """Return labels of train, of which quantiles are to be predicted where the sample asks so.

    No table has its columns, and a text tells what they are.

    Args:
        data: with the sample.
        table: of train.
        labels: of `table`.
        is_named: whether a person named their column.

    Raises:
        DataError: the columns do not tell their levels, or train has no number.
    """
    sample = data.sample
    if sample is None or len(sample.values) < 2 or not sample.has_numbers:
        return labels
    if any({*sample.values} & {*map(str, one)} for one in data.tables.values()):
        return labels
    columns, levels = some(sample.values, 5), levels_of_columns(sample.values)
    if levels is None:
        scored = find_readme_metrics(data.folder, image_kind("quantiles"), IMAGES)
        if not scored or not _is_number(table, labels, is_named=is_named):
            return labels
        raise DataError(
            f"the columns {columns} of {sample.path} may be quantiles of {labels.column}, as "
            f"{scored[0].path} says {scored[0].called!r}, and their names do not tell the levels",
            where=data.folder.path,
            fix="call them by their levels in a copy of the sample, as q10, q50 and q90; then "
            "write the host's names into submission.columns of competition.yaml",
        )
    found = ((path, _OF_QUANTILES.search(text)) for path, text in texts_beside(data.folder))
    told = next((f"{path} says {word[0]!r}" for path, word in found if word is not None), "")
    if not told:
        return labels
    if not _is_number(table, labels, is_named=is_named):
        raise DataError(
            f"the columns {columns} of {sample.path} are quantiles of one number, as {told}, and "
            f"train has no number in {some(labels.column_names)}",
            where=data.folder.path,
            fix="name the column that holds the number: podium init DATA --label COLUMN",
        )
    why = f"{labels.why}; {columns} of {sample.path} are quantiles of it, as {told}"
    kind = image_kind("quantiles")
    return replace(labels, kind=kind, classes=level_names(levels), why=why, other=None)


def _is_number(table: pd.DataFrame, labels: InferredLabels, *, is_named: bool) -> bool:
    """Return whether labels are one number an image: by many values, where nobody named them."""
    if not isinstance(labels.column, str) or labels.kind.is_circular:
        return False
    cells = known_cells(table[labels.column])
    is_measure = labels.kind.is_continuous or cells.nunique() > MOST_GRADES
    return (is_named or is_measure) and numbers_of(cells) is not None

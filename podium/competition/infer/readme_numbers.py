"""Whole numbers that a README scores as numbers: ages and counts, which look like classes."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels import InferredLabels, numbers_of
from podium.competition.infer.readme_metrics import find_readme_metrics
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES

__all__ = ["as_readme_numbers"]

_FEWEST = 3  # of two, one may be the other's lack


def as_readme_numbers(
    folder: DataFolder, labels: InferredLabels, table: pd.DataFrame
) -> InferredLabels:
    """Return the labels as numbers, where a text names a metric of numbers and none of classes.

    They are one of several classes until then, each a number.

    Args:
        folder: with the texts.
        labels: of `table`.
        table: of train.
    """
    kind = labels.kind
    if not kind.is_exclusive or kind.is_ordered or not isinstance(labels.column, str):
        return labels
    if len(labels.classes) < _FEWEST or numbers_of(table[labels.column]) is None:
        return labels
    numbers = image_kind("regression")
    named = find_readme_metrics(folder, numbers, IMAGES)
    if not named or find_readme_metrics(folder, kind, IMAGES):
        return labels
    why = (
        f"{labels.column} holds numbers, and {named[0].path} scores by {named[0].called!r}, "
        "which is of numbers"
    )
    return replace(
        labels, kind=numbers, classes=[], why=why, other=None, as_lists=None, is_order_open=False
    )

"""Macro F1: the mean of every class's F1; formula and the choice of classes in `_counts.py`."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from podium.competition.metrics._counts import OPTIONS, f1_sums, f1_value
from podium.competition.metrics._metric import Metric

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], decisions: NDArray[Any], **options: Any) -> NDArray[Any]:
    return f1_sums(truth, decisions, average="macro", **options)


def _value(sums: NDArray[Any], **options: Any) -> float:
    return f1_value(sums, average="macro", **options)


METRIC = Metric.from_sums(
    "macro_f1",
    needs="decisions",
    greater_is_better=True,
    kinds=frozenset({"multiclass", "multilabel", "binary"}),
    sums=_sums,
    value=_value,
    options=OPTIONS,
)

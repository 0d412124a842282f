"""F1 of decisions, by `average`: binary (class 1), macro, micro or samples; see `_counts.py`."""

from __future__ import annotations

from podium.competition.metrics._counts import OPTIONS, f1_sums, f1_value
from podium.competition.metrics._metric import Metric

__all__ = ["METRIC"]

METRIC = Metric.from_sums(
    "f1",
    needs="decisions",
    greater_is_better=True,
    kinds=frozenset({"multiclass", "multilabel", "binary"}),
    sums=f1_sums,
    value=f1_value,
    options={"average": "binary", **OPTIONS},
)

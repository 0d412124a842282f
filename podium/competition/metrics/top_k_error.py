"""Top-k error: the share of rows whose true class is not among the first k places of a ranking.

    error = Σ_i 1[t_i ∉ {d_i1 … d_ik}] / N

With `k: 1` only the first place counts, whatever follows it (iNaturalist 2019; in 2017 k was 5).

Options: `k`, the places that count, however many there are; `n_classes`, C: a true class of -1,
which is none of the classes, is hit where the ranking has C (without `n_classes` no place hits it).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.competition.metrics._ranks import are_found

__all__ = ["METRIC"]


def _sums(
    truth: NDArray[Any], ranking: NDArray[Any], *, k: int, n_classes: int | None
) -> NDArray[np.float64]:
    found = are_found("top_k_error", truth, ranking, k=k, n_classes=n_classes)
    return np.column_stack([1 - found, np.ones(len(found))])


METRIC = Metric.from_sums(
    "top_k_error",
    needs="ranking",
    greater_is_better=False,
    perfect=0.0,
    worst=1.0,
    kinds=frozenset({"multiclass"}),
    sums=_sums,
    options={"k": 1, "n_classes": None},
)

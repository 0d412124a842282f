"""Matthews correlation coefficient, of two classes or more (Gorodkin 2004).

    MCC = (N H - Σ_c T_c D_c) / sqrt((N² - Σ_c T_c²) · (N² - Σ_c D_c²))

H rows are right; T_c rows are of class c, D_c are decided so. Decisions of one class only, where
the truth has several, score 0: they carry no information. A truth of one class is 0/0: an error, or
0 with `undefined: zero`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._counts import SparseOnes, margins_and_hits, metric_of_ones
from podium.competition.metrics._metric import pooled
from podium.errors import DataError

__all__ = ["METRIC"]


def _find(
    truth: NDArray[Any], decisions: NDArray[Any], *, n_classes: int | None, undefined: str
) -> SparseOnes:
    if undefined not in ("error", "zero"):
        raise DataError(f"mcc: undefined must be error or zero, got {undefined!r}")
    return margins_and_hits("mcc", truth, decisions, n_classes)


def _values(sums: NDArray[Any], *, n_classes: int | None, undefined: str) -> NDArray[np.float64]:
    of_class, as_class, hits = sums.reshape(len(sums), 3, -1).swapaxes(0, 1).astype(np.float64)
    n = of_class.sum(axis=1)
    spread_of_truth, spread = (n**2 - (one**2).sum(axis=1) for one in (of_class, as_class))
    agreement = n * hits.sum(axis=1) - (of_class * as_class).sum(axis=1)
    is_zero = (spread_of_truth == 0) | (spread == 0)
    roots = (np.sqrt(np.where(is_zero, 1.0, one)) for one in (spread_of_truth, spread))
    found = np.where(is_zero, 0.0, agreement / next(roots) / next(roots))
    return np.where(spread_of_truth == 0, np.nan, found) if undefined == "error" else found


METRIC = metric_of_ones(
    "mcc",
    kinds=frozenset({"multiclass", "binary", "ordinal"}),
    find=_find,
    value=pooled(
        "mcc",
        _values,
        undefined="one class only in the truth",
        fix="score the pooled rows of all folds, or set undefined: zero",
    ),
    values=_values,
    options={"n_classes": None, "undefined": "error"},
    worst=-1.0,
)

CALLED = (
    "matthews correlation coefficient", "马修斯相关系数", "馬修斯相關係數", "マシューズ相関係数",
    "매튜 상관 계수",
)  # fmt: skip

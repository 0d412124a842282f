"""Accuracy: the share of right decisions.

    accuracy = Σ_i 1[d_i = t_i] / N

Multilabel tasks have two: `over: row` counts a row as right when every label is (sklearn's),
`over: cell` counts each of the N·C labels. A label that is unknown counts in neither. (Cassava
2021, iWildCam 2020.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric, known_cells
from podium.errors import DataError

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], decisions: NDArray[Any], *, over: str) -> NDArray[np.float64]:
    if over not in ("row", "cell"):
        raise DataError(f"accuracy: over must be row or cell, got {over!r}")
    right, is_known = truth == decisions, known_cells(truth)
    if is_known is not None:
        if over == "row":
            is_scored, is_right = is_known.any(axis=1), (right | ~is_known).all(axis=1)
            return np.column_stack([is_right & is_scored, 1.0 * is_scored])
        return np.column_stack([(right & is_known).mean(axis=1), is_known.mean(axis=1)])
    if right.ndim == 2:
        right = right.all(axis=1) if over == "row" else right.mean(axis=1)
    return np.column_stack([right, np.ones(len(right))])


def _values(sums: NDArray[np.float64], *, over: str) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # a set of no rows
        return np.asarray(sums[:, 0] / sums[:, 1])


METRIC = Metric.from_sums(
    "accuracy",
    needs="decisions",
    greater_is_better=True,
    perfect=1.0,
    worst=0.0,
    kinds=frozenset({"multiclass", "multilabel", "binary", "ordinal"}),
    sums=_sums,
    values=_values,
    options={"over": "row"},
    skips_missing=True,
)

CALLED = (
    "genauigkeit", "exactitude", "dokładność", "accuratezza", "exactitud", "nauwkeurigheid",
    "正解率", "正答率", "准确率", "準確率", "正确率", "正確率", "정확도", "acurácia", "acuratețe",
    "doğruluk", "точность классификации", "доля правильных ответов", "träffsäkerhet", "akurasi",
    "độ chính xác",
)  # fmt: skip

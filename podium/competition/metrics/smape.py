"""Symmetric mean absolute percentage error, as a fraction: Σ_i 2 |p_i - t_i| / (|t_i| + |p_i|) / N.

0 is perfect, 2 the most; a host that writes percents has 100 times as much, one that leaves the 2
out half. Where both numbers are 0 the error is 0. Of several columns i runs over all cells that
have a truth (Amazon ML Challenge 2025; Kaggle's Web Traffic Time Series Forecasting, 2017).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import mae
from podium.competition.metrics._metric import Metric

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    known, predicted = truth.astype(np.float64), values.astype(np.float64)
    middle = (np.abs(known) + np.abs(predicted)) / 2
    # Beside a middle of 0 both are 0, and so is what is divided.
    errors = np.abs(predicted - known) / np.where(middle == 0, 1.0, middle)
    return mae.sums_of_known(errors, known)


METRIC = Metric.from_sums(
    "smape",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"regression", "multitarget"}),
    sums=_sums,
    skips_missing=True,
    usual_loss=mae.METRIC.usual_loss,
)

CALLED = (
    "symmetric mean absolute percentage error", "symmetric mean absolute percent error",
    "symmetric mape", "symmetrischer mittlerer absoluter prozentualer fehler",
    "erreur absolue moyenne en pourcentage symétrique", "error porcentual absoluto medio simétrico",
    "erro percentual absoluto médio simétrico", "errore percentuale assoluto medio simmetrico",
    "симметричная средняя абсолютная процентная ошибка", "对称平均绝对百分比误差",
    "對稱平均絕對百分比誤差", "対称平均絶対パーセント誤差", "대칭 평균 절대 백분율 오차",
)  # fmt: skip

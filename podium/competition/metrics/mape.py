"""Mean absolute percentage error, as a fraction: Σ_i |p_i - t_i| / |t_i| / N.

0.1 is 10 %; a host that writes percents has 100 times as much. Of several columns i runs over all
cells that have a truth, which is the mean over columns where each cell has one. A truth of 0 has
no relative error, and is refused (scikit-learn divides by 2e-16 there).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import mae
from podium.competition.metrics._metric import Metric
from podium.errors import DataError

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    known = truth.astype(np.float64)
    if (known == 0).any():
        row = int(np.argwhere(known == 0)[0, 0])
        raise DataError(
            f"mape is undefined: a true value of row {row} is 0",
            fix="score by mae, or ask the host what such a row counts",
        )
    return mae.sums_of_known(np.abs(values.astype(np.float64) - known) / np.abs(known), known)


METRIC = Metric.from_sums(
    "mape",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"regression", "multitarget"}),
    sums=_sums,
    skips_missing=True,
    usual_loss=mae.METRIC.usual_loss,
)

CALLED = (
    "mean absolute percentage error", "mean absolute percent error", "mean absolute relative error",
    "mittlerer absoluter prozentualer fehler", "mittlere absolute prozentuale abweichung",
    "mittlere relative abweichung", "mittlerer relativer fehler",
    "erreur absolue moyenne en pourcentage", "erreur relative moyenne",
    "error porcentual absoluto medio", "error absoluto porcentual medio", "error relativo medio",
    "erro percentual absoluto médio", "erro relativo médio", "errore percentuale assoluto medio",
    "średni bezwzględny błąd procentowy", "平均绝对百分比误差", "平均絕對百分比誤差",
    "平均絶対パーセント誤差", "平均絶対誤差率", "평균 절대 백분율 오차",
    "средняя абсолютная процентная ошибка", "средняя абсолютная ошибка в процентах",
    "ortalama mutlak yüzde hata",
)  # fmt: skip

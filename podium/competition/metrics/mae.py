"""Mean absolute error: Σ_i |d_i - t_i| / N, of values or of ratings.

Of an ordinal task the decided ratings are scored, and a step between two classes counts 1.
Of several columns i runs over all cells that have a truth; `mcmae` is the mean over columns
instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric

__all__ = ["METRIC", "sums_of_known"]


def _sums(truth: NDArray[Any], decisions: NDArray[Any]) -> NDArray[np.float64]:
    return sums_of_known(np.abs(decisions.astype(np.float64) - truth.astype(np.float64)), truth)


def sums_of_known(error: NDArray[np.float64], truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return by row, (N, 2), the sum of the errors of cells with a truth, and how many these are.

    Args:
        error: (N,), or (N, C) of several columns.
        truth: likewise; nan where it is unknown, of several columns.
    """
    if error.ndim == 1:
        return np.column_stack([error, np.ones(len(error))])
    is_known = np.isfinite(truth)
    return np.column_stack([np.where(is_known, error, 0).sum(axis=1), is_known.sum(axis=1)])


METRIC = Metric.from_sums(
    "mae",
    needs="decisions",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"regression", "ordinal", "multitarget"}),
    sums=_sums,
    skips_missing=True,
    usual_loss={"huber": {"delta": 0.1}},  # nearly the absolute error, and smooth at 0
)

CALLED = (
    "mean absolute error", "mittlerer absoluter fehler", "mittlere absolute abweichung",
    "mittlere absolute fehler", "mittleren absoluten fehler", "mittleren absoluten abweichung",
    "mittleren absoluten abweichungen", "erreurs absolues moyennes", "erreur moyenne absolue",
    "errores absolutos medios", "error medio absoluto", "errori assoluti medi",
    "średni błąd bezwzględny", "erreur absolue moyenne", "error absoluto medio",
    "errore assoluto medio", "gemiddelde absolute fout", "medelabsolutfel", "平均绝对误差",
    "平均絕對誤差", "平均絶対誤差", "평균 절대 오차", "평균절대오차", "средняя абсолютная ошибка",
    "erro absoluto médio", "ortalama mutlak hata", "eroarea absolută medie",
)  # fmt: skip

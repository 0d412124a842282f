"""Pinball loss, also called quantile loss: its mean over rows and levels.

    L = Σ_iq l_iq / (N Q),   l_iq = max(τ_q (t_i - p_iq), (τ_q - 1) (t_i - p_iq))

t is the truth, p_iq the quantile of level τ_q that is predicted for row i (Koenker and Bassett
1978, "Regression Quantiles"). A quantile that is too low costs τ for each unit, one that is too
high 1 - τ. Option: `levels` τ, one a column of the prediction; of a competition they are its
`classes`. Each level counts the same; at the level 0.5 alone it is half the mean absolute error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.errors import DataError, either
from podium.tasks.protocols.kind import Kind

__all__ = ["METRIC"]


def _sums(
    truth: NDArray[Any], quantiles: NDArray[Any], *, levels: Sequence[float] | None
) -> NDArray[np.float64]:
    predicted = quantiles.astype(np.float64).reshape(len(truth), -1)
    level = _levels(levels, predicted.shape[1])
    apart = truth.astype(np.float64)[:, None] - predicted
    loss = np.maximum(level * apart, (level - 1) * apart).mean(axis=1)
    return np.column_stack([loss, np.ones(len(truth))])


def _levels(levels: Sequence[float] | None, n_columns: int) -> NDArray[np.float64]:
    """Return the level of each column.

    Raises:
        DataError: they are not numbers between 0 and 1, one a column.
    """
    try:
        found = np.asarray([] if levels is None else levels, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.array([])
    if found.shape != (n_columns,) or not ((found > 0) & (found < 1)).all():
        raise DataError(
            f"pinball: levels must be numbers between 0 and 1, one for each of "
            f"{either(n_columns, 'column', 'columns')} of quantiles, got {levels!r}",
            fix="write them as [0.1, 0.5, 0.9]",
        )
    return found


def _refuse(kind: Kind, n_classes: int, options: Mapping[str, Any]) -> None:
    del n_classes
    given = options["levels"]
    if given is not None and kind.levels and list(given) != list(kind.levels):
        raise DataError(
            f"pinball: levels are {given}, and those of the task {list(kind.levels)}",
            fix="leave levels out: they are the classes",
        )


METRIC = Metric.from_sums(
    "pinball",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"quantiles"}),
    sums=_sums,
    options=MappingProxyType({"levels": None}),
    refuse=_refuse,
)

CALLED = (
    "pinball loss", "quantile loss", "quantile score", "mean quantile loss",
    "mean pinball loss", "quantilsverlust", "quantilverlust", "pinball verlust", "perte quantile",
    "perte pinball", "pérdida cuantil", "pérdida cuantílica", "pérdida pinball",
    "perda quantílica", "perda pinball", "perdita quantile", "perdita quantilica",
    "kwantielverlies", "strata kwantylowa", "straty kwantylowej", "kvantilförlust",
    "квантильная функция потерь", "квантильные потери", "kantil kaybı", "分位数损失", "分位數損失",
    "ピンボール損失", "ピンボールロス", "분위수 손실", "핀볼 손실",
)  # fmt: skip

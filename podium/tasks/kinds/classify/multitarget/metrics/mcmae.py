"""MCMAE, the mean over columns of their mean absolute error.

    MCMAE = Σ_c w_c Σ_i |p_ic - t_ic| / N_c / s_c / Σ_c w_c

N_c rows have a truth in column c; a column without any is left out of both sums. Where each cell
has a truth, this is `mae`, the mean over all cells, unless there are options: `scales` s and
`weights` w of the columns, as `mcrmse` has them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import mae
from podium.competition.metrics._metric import Metric
from podium.tasks.kinds.classify.multitarget.metrics.mcrmse import (
    OPTIONS,
    mean_over_columns,
    refuse_misfits,
    sums_by_column,
)

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], values: NDArray[Any], **_: Any) -> NDArray[np.float64]:
    return sums_by_column(np.abs(values.astype(np.float64) - truth.astype(np.float64)), truth)


METRIC = Metric.from_sums(
    "mcmae",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"multitarget"}),
    sums=_sums,
    value=mean_over_columns("mcmae", np.asarray),
    options=OPTIONS,
    refuse=refuse_misfits("mcmae"),
    skips_missing=True,
    usual_loss=mae.METRIC.usual_loss,
)

CALLED = (
    "mean columnwise mae", "mean columnwise mean absolute error", "columnwise mae",
    "mean column wise mae", "mean column wise mean absolute error", "column wise mae",
)  # fmt: skip

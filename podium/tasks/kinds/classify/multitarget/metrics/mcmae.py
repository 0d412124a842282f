"""MCMAE, the mean over columns of their mean absolute error.

    MCMAE = Σ_c w_c Σ_i |p_ic - t_ic| / N_c / s_c / Σ_c w_c

N_c is the number of rows whose truth in column c is known; a column in which none is known is left
out of both sums over c. Where each cell has a truth, this is `mae`, the mean over all cells, unless
there are options: `scales` s and `weights` w of the columns, as `mcrmse` has them.
"""

from __future__ import annotations

import numpy as np

from podium.competition.metrics import mae
from podium.tasks.kinds.classify.multitarget.metrics.mcrmse import mean_of_columns

__all__ = ["METRIC"]


METRIC = mean_of_columns(
    "mcmae",
    lambda truth, values: np.abs(values - truth),
    np.asarray,
    usual_loss=mae.METRIC.usual_loss,
)

CALLED = (
    "mean columnwise mae", "mean columnwise mean absolute error", "columnwise mae",
    "mean column wise mae", "mean column wise mean absolute error", "column wise mae",
)  # fmt: skip

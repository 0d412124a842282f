"""MCRMSLE, the mean over columns of their root mean squared logarithmic error, as of counts.

    MCRMSLE = Σ_c w_c sqrt(Σ_i (ln(1 + p_ic) - ln(1 + t_ic))² / N_c) / s_c / Σ_c w_c

N_c is the number of rows whose truth in column c is known; a column in which none is known is left
out of both sums over c. A value of -1 or less has no logarithm, and is refused. Options, as
`mcrmse` has them: `scales` s and `weights` w of the columns, in the order of `classes`; default: 1
each.

Of several columns, "RMSLE" is this one, as scikit-learn's `root_mean_squared_log_error` is.
"""

from __future__ import annotations

import numpy as np

from podium.competition.metrics import rmsle
from podium.tasks.kinds.classify.multitarget.metrics.mcrmse import mean_of_columns

__all__ = ["METRIC"]


METRIC = mean_of_columns(
    "mcrmsle",
    lambda truth, values: rmsle.error_of_logarithms("mcrmsle", truth, values) ** 2,
    np.sqrt,
    usual_loss={"msle": 1.0},
)

CALLED = (
    "mean columnwise rmsle", "mean columnwise root mean squared logarithmic error",
    "columnwise rmsle", "rmsle", *rmsle.CALLED,
)  # fmt: skip

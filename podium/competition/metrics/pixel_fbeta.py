"""F-beta of pixels: precision and recall in one number, recall weighing `beta` times as much.

    (1 + β²) I / (β² T + P) = (1 + β²) TP / ((1 + β²) TP + β² FN + FP)

Beta 0.5 of each fragment, then their mean, is the score of the Vesuvius ink detection; beta 1 is
Dice. With neither true nor predicted pixels it is 0/0, and counts 0 here, other than Dice: `empty`
is one, zero, skip or error. `over` (pair, image, class, all) selects the average and
`background` whether background is a class, see `_mask_ratios.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._mask_ratios import divided, mean_ratio
from podium.errors import DataError

__all__ = ["METRIC"]


def _fbeta(
    both: NDArray[Any], predicted: NDArray[Any], true: NDArray[Any], *, beta: float
) -> NDArray[np.float64]:
    if isinstance(beta, bool) or not isinstance(beta, int | float) or not 0 < beta < np.inf:
        raise DataError(f"pixel_fbeta: beta must be a number above 0, got {beta!r}")
    return divided((1 + beta**2) * both, beta**2 * true + predicted)


METRIC = mean_ratio("pixel_fbeta", _fbeta, over="image", empty="zero", options={"beta": 0.5})

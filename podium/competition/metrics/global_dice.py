"""Global Dice: the pixels of all images, and of all classes, in one ratio.

    2 Σ |P ∩ T| / (Σ |P| + Σ |T|)

The score of Google Research's contrail competition. It is no mean of images, so scores of folds do
not average: the three sums of each image are kept and pooled. Empty images neither win nor lose by
themselves; with no true and no predicted pixel at all it is undefined. Mean Dice with `over: class`
pools each class by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._mask_ratios import dice, foreground, mask_metric
from podium.errors import DataError

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["METRIC"]


def _sums(
    counts: NDArray[np.int64], *, kind: Kind, background: bool, n_classes: int | None
) -> NDArray[np.int64]:
    """Return int64 `(N, 3)`: intersection, predicted and true pixels of each image."""
    scored = foreground(counts, kind=kind, background=background)
    return np.asarray(scored[:, :, :3].sum(axis=1))


def _value(sums: NDArray[Any], **_: Any) -> float:
    both, predicted, true = sums.sum(axis=0, dtype=np.float64)
    if predicted + true == 0:
        raise DataError("global_dice is undefined: no foreground in truth and decisions")
    return float(2 * both / (predicted + true))


def _values(sums: NDArray[Any], **_: Any) -> NDArray[np.float64]:
    return dice(*sums.T.astype(np.float64))


METRIC = mask_metric(
    "global_dice", of_counts=_sums, value=_value, values=_values, options={"background": False}
)

CALLED = ("dice over all pixels",)

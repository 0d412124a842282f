"""RMSE of pixels: the distance of a pixel's grey value, or probability, from the true one.

    √(Σ (p - t)² / n),  all labelled pixels of all images, and all classes, together

The score of Denoising Dirty Documents, with grey values from 0, black, to 1, white. A truth is a
mask, or float grey values in [0, 1]; a prediction float values, of a mask probabilities. Where
masks are decided before they are scored, as in tuning, every wrong pixel is 1 off: the score is the
root of the share of wrong pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._mask_ratios import OPTIONS, divided, foreground
from podium.competition.metrics._metric import Metric
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["METRIC"]

BAND_CELLS = 1 << 20
"""Values compared at a time: temporary arrays stay at some MB."""


def _sums(truth: Sequence[Any], prediction: Sequence[Any], **_: Any) -> NDArray[np.float64]:
    """Return `(N, 2)`: the sum of squared differences and the labelled pixels of each image."""
    rows = []
    for n in range(len(truth)):
        if truth[n] is None:
            raise DataError(
                f"the truth of image {n} is missing", fix="score the images that have a mask"
            )
        right, predicted = _matching(np.asarray(truth[n]), np.asarray(prediction[n]), n)
        squares, known = 0.0, 0
        step = max(1, BAND_CELLS // max(1, right[:1].size))
        for top in range(0, len(right), step):
            band = right[top : top + step], predicted[top : top + step]
            is_known = np.ones_like(band[0], dtype=bool)
            if right.dtype.kind != "f":
                is_known = band[0] != IGNORE
            off = (band[1].astype(np.float64) - band[0])[is_known]
            squares += float(off @ off)
            known += off.size
        rows.append((squares, known))
    return np.array(rows, dtype=np.float64)


def _matching(
    truth: NDArray[Any], predicted: NDArray[Any], n: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return truth and prediction of one image in one shape, checked."""
    if truth.ndim == 2 and predicted.ndim == 3 and predicted.shape[2] == 1:
        predicted = predicted[..., 0]
    if truth.shape != predicted.shape or truth.ndim not in (2, 3):
        raise DataError(
            f"pixel_rmse: image {n}: shapes do not match: truth {truth.shape}, "
            f"prediction {predicted.shape}",
            fix="bring both to the competition's frame",
        )
    for what, values in (("truth", truth), ("prediction", predicted)):
        if values.dtype.kind not in "biuf":
            raise DataError(f"pixel_rmse: the {what} of image {n} must be numbers")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise DataError(f"pixel_rmse: the {what} of image {n} holds nan or infinity")
    is_grey = truth.dtype.kind == "f"
    known = truth if is_grey else truth[truth != IGNORE]
    if known.size and not (known.min() >= 0 and known.max() <= 1):
        raise DataError(
            f"pixel_rmse: the truth of image {n} holds values outside 0 … 1",
            fix="divide grey values of 8 bits by 255, as float",
        )
    return truth, predicted


def _of_counts(counts: NDArray[np.int64], *, kind: Kind, **_: Any) -> NDArray[np.int64]:
    """Return the same sums of decided masks: a wrong pixel has the square 1."""
    both, predicted, true, known = np.moveaxis(
        foreground(counts, kind=kind, background=False), 2, 0
    )
    return np.stack([(predicted + true - 2 * both).sum(axis=1), known.sum(axis=1)], axis=1)


def _value(sums: NDArray[Any], **_: Any) -> float:
    squares, known = sums.sum(axis=0, dtype=np.float64)
    if known == 0:
        raise DataError("pixel_rmse is undefined: no pixel of the truth is labelled")
    return float(np.sqrt(squares / known))


def _values(sums: NDArray[Any], **_: Any) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(divided(sums[:, 0], sums[:, 1])))


def _score(truth: Sequence[Any], prediction: Sequence[Any], **given: Any) -> float:
    return _value(_sums(truth, prediction, **given))


METRIC = Metric(
    "pixel_rmse",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"binary", "multilabel"}),
    score=_score,
    options=MappingProxyType({**OPTIONS}),
    sums=_sums,
    value=_value,
    task="segment",
    of_counts=_of_counts,
    values=_values,
)

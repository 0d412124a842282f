"""Pixel accuracy: the share of labelled pixels whose decision is right, background included.

    over="pixel": Σ_i right_i / Σ_i labelled_i
    over="image": mean over images of right_i / labelled_i

A multilabel mask has C decisions a pixel, and each is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._mask_ratios import divided, mask_metric
from podium.errors import DataError

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["METRIC"]


def _sums(
    counts: NDArray[np.int64], *, kind: Kind, over: str, n_classes: int | None
) -> NDArray[Any]:
    """Return `(N, 2)`: right and labelled pixels of each image, or their ratio and 1."""
    if over not in ("pixel", "image"):
        raise DataError(f"pixel_accuracy: over must be pixel or image, got {over!r}")
    both, predicted, true, valid = np.moveaxis(counts, 2, 0)
    if kind.is_by_class:
        right, known = (valid - predicted - true + 2 * both).sum(axis=1), valid.sum(axis=1)
    else:
        right, known = both.sum(axis=1), valid[:, 0]
    if over == "image":
        return np.column_stack([right / np.maximum(known, 1), known > 0])
    return np.column_stack([right, known])


def _value(sums: NDArray[Any], **_: Any) -> float:
    right, known = sums.sum(axis=0, dtype=np.float64)
    if known == 0:
        raise DataError("pixel_accuracy is undefined: no pixel of the truth is labelled")
    return float(right / known)


def _values(sums: NDArray[Any], **_: Any) -> NDArray[np.float64]:
    return divided(sums[:, 0].astype(np.float64), sums[:, 1])


METRIC = mask_metric(
    "pixel_accuracy", of_counts=_sums, value=_value, values=_values, options={"over": "pixel"}
)

CALLED = (
    "pixelwise accuracy", "share of right pixels", "像素准确率", "像素準確率", "ピクセル正解率",
    "画素正解率", "픽셀 정확도",
)  # fmt: skip

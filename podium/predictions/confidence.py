"""The confidence of a prediction: of a label, of each pixel of a mask.

Confidence is the probability of the plain decision: of the most probable class (multiclass), or of
the likelier of yes and no (binary, and each class of multilabel). A value (regression) or a rating
(ordinal) has none.

Confidences and thresholds are compared with >= as float32, as stored.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.masks import IGNORE, Mask
from podium.predictions.decisions.masks import decide_pixels, mask_classes, sorted_steps
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.tasks.protocols.outputs import blocks

__all__ = ["LEVELS", "label_confidence", "least_level", "pixel_confidence"]

LEVELS = 254
"""The confidence of a pixel is kept as round(p · 254), uint8."""
_CONFIDENCES = (np.arange(LEVELS + 1) / LEVELS).astype(np.float32)

Floats = NDArray[np.floating[Any]]


def label_confidence(probs: Floats, kind: str) -> NDArray[np.float32]:
    """Return how sure `probs` `(N, C)` are of their plain decision.

    Returns:
        `(N,)` in [0, 1]; multilabel `(N, C)`, each class alone, of several outputs that of the
        output; ones where outputs are no probabilities, as of regression and ordinal.

    Example:
        >>> label_confidence(np.array([[0.25], [0.5]]), "binary").tolist()
        [0.75, 0.5]
    """
    kind = image_kind(kind)
    values = np.asarray(probs, dtype=np.float32)
    if not kind.is_prob:
        return np.ones(len(values), dtype=np.float32)
    if kind.is_exclusive:
        return np.asarray(values.max(axis=1))
    if kind.is_by_output:  # each class of an output is as sure as the likeliest one
        of_outputs = [
            np.broadcast_to(values[:, one].max(axis=1, keepdims=True), values[:, one].shape)
            for one in blocks(kind.sizes)
        ]
        return np.hstack(of_outputs)
    surer: NDArray[np.float32] = np.maximum(values, np.float32(1) - values)
    return surer if kind.is_by_class else surer[:, 0]


def pixel_confidence(probs: Floats, kind: str) -> tuple[Mask, NDArray[np.uint8]]:
    """Return the plain decision on each pixel of `probs` `(h, w, C)`, and how sure it is.

    Args:
        probs: nan where no view covered the pixel.
        kind: of the segmentation.

    Returns:
        The mask as truth has it, `(h, w)` or, multilabel, `(h, w, C)`, `IGNORE` where no view
        covered; and, of the same shape, uint8 levels of 1/254, 0 there.
    """
    kind = pixel_kind(kind)
    n_channels = probs.shape[2]
    _, decision, _ = sorted_steps(None, kind, n_channels)
    is_open = np.ones(mask_classes(kind, n_channels), dtype=np.bool_)
    mask = decide_pixels(probs, [], decision, kind, is_open)
    if kind.is_exclusive:
        surest = probs.max(axis=2)
    else:
        surest = np.maximum(probs, 1 - probs)
        surest = surest if kind.is_by_class else surest[..., 0]
    bare = np.isnan(surest)
    levels = np.rint(np.where(bare, 0, surest) * LEVELS).astype(np.uint8)
    mask[bare] = IGNORE
    return mask, levels


def least_level(threshold: float) -> int:
    """Return the lowest level whose confidence reaches `threshold`, one of [0, 1].

    Example:
        >>> least_level(0.0), least_level(0.5), least_level(1.0)
        (0, 127, 254)
    """
    return int(np.searchsorted(_CONFIDENCES, np.float32(threshold), side="left"))

"""Predictions of networks: stored per fold model, averaged over views, then decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Imported here, not on demand: a submodule of the same name would otherwise hide the function.
from podium.predictions.decisions.labels import decide
from podium.predictions.decisions.masks import decide_masks
from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.predictions import tiles, tta
    from podium.predictions.decisions.masks import decide_mask
    from podium.predictions.store.mask_writing import write_masks
    from podium.predictions.store.masks import MaskArrays, mix_masks
    from podium.predictions.store.reading import PredictionSet
    from podium.predictions.store.writing import write_fold

__all__ = [
    "MaskArrays",
    "PredictionSet",
    "decide",
    "decide_mask",
    "decide_masks",
    "mix_masks",
    "tiles",
    "tta",
    "write_fold",
    "write_masks",
]

# Only tta needs torch.
_HOMES = {
    "MaskArrays": "store.masks",
    "PredictionSet": "store.reading",
    "decide_mask": "decisions.masks",
    "mix_masks": "store.masks",
    "tiles": "tiles",
    "tta": "tta",
    "write_fold": "store.writing",
    "write_masks": "store.mask_writing",
}

if not TYPE_CHECKING:  # a checker reports names that there are not
    __getattr__ = lazy_attributes(__name__, _HOMES)

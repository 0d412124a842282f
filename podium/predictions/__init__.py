"""What networks said about images: kept per fold model, averaged over views, then decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Imported here, not on demand: a submodule of the same name would otherwise hide the function.
from podium.predictions.decide import decide
from podium.workspace.lazy import on_first_use

if TYPE_CHECKING:
    from podium.predictions import tta
    from podium.predictions.store import Oof, PredictionSet, write_fold

__all__ = ["Oof", "PredictionSet", "decide", "tta", "write_fold"]

# Only tta needs torch.
_HOMES = {"Oof": "store", "PredictionSet": "store", "tta": "tta", "write_fold": "store"}

__getattr__ = on_first_use(__name__, _HOMES)

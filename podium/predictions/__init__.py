"""What networks said about images: kept per fold model, averaged over views, then decided."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Imported here, not on demand: a submodule of the same name would otherwise hide the function.
from podium.predictions.decide import decide

if TYPE_CHECKING:
    from podium.predictions import tta
    from podium.predictions.store import Oof, PredictionSet, write_fold

__all__ = ["Oof", "PredictionSet", "decide", "tta", "write_fold"]

_HOMES = {"Oof": "store", "PredictionSet": "store", "write_fold": "store"}


def __getattr__(name: str) -> Any:
    if name == "tta":  # the only half that needs torch
        return importlib.import_module("podium.predictions.tta")
    if name in _HOMES:
        return getattr(importlib.import_module(f"podium.predictions.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

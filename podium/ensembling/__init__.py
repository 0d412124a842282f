"""Several networks' predictions as one, with a score that can be believed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Imported here, not on demand: the submodule of the same name would otherwise hide the function.
from podium.ensembling.blend import Blend, blend

if TYPE_CHECKING:
    from podium.ensembling.artefact import blend_probs, find_blend, read_blend, write_blend
    from podium.ensembling.weights import hill_climb, mean_weights

__all__ = [
    "Blend",
    "blend",
    "blend_probs",
    "find_blend",
    "hill_climb",
    "mean_weights",
    "read_blend",
    "write_blend",
]

_HOMES = {
    "blend_probs": "artefact",
    "find_blend": "artefact",
    "hill_climb": "weights",
    "mean_weights": "weights",
    "read_blend": "artefact",
    "write_blend": "artefact",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"podium.ensembling.{_HOMES[name]}"), name)

"""Several networks' predictions as one, with a score that can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Imported here, not on demand: the submodule of the same name would otherwise hide the function.
from podium.ensembling.blend import Blend, blend
from podium.workspace.lazy import on_first_use

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

__getattr__ = on_first_use(__name__, _HOMES)

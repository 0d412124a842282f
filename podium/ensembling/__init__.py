"""Several networks' predictions as one, with a score that can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Imported here, not on demand: the submodule of the same name would otherwise hide the function.
from podium.ensembling.blend import Blend
from podium.ensembling.labels import blend
from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.ensembling.hill_climbing import hill_climb, mean_weights
    from podium.ensembling.honest import OofUnits, read_units
    from podium.ensembling.masks.blend import fit_masks
    from podium.ensembling.masks.rows import gather_masks
    from podium.ensembling.predicting import blend_masks, blend_presence, blend_probs
    from podium.ensembling.record import find_blend, read_blend, read_parts, write_blend
    from podium.ensembling.simplex import SimplexFit, simplex_weights
    from podium.ensembling.stacking import Stacked, stack

__all__ = [
    "Blend",
    "OofUnits",
    "SimplexFit",
    "Stacked",
    "blend",
    "blend_masks",
    "blend_presence",
    "blend_probs",
    "find_blend",
    "fit_masks",
    "gather_masks",
    "hill_climb",
    "mean_weights",
    "read_blend",
    "read_parts",
    "read_units",
    "simplex_weights",
    "stack",
    "write_blend",
]

_HOMES = {
    "SimplexFit": "simplex",
    "Stacked": "stacking",
    "OofUnits": "honest",
    "blend_masks": "predicting",
    "fit_masks": "masks.blend",
    "blend_presence": "predicting",
    "blend_probs": "predicting",
    "find_blend": "record",
    "gather_masks": "masks.rows",
    "hill_climb": "hill_climbing",
    "mean_weights": "hill_climbing",
    "read_blend": "record",
    "read_parts": "record",
    "read_units": "honest",
    "simplex_weights": "simplex",
    "stack": "stacking",
    "write_blend": "record",
}

if not TYPE_CHECKING:  # a checker reports names that there are not
    __getattr__ = lazy_attributes(__name__, _HOMES)

"""Several networks' predictions as one, with a score that can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Imported here, not on demand: the submodule of the same name would otherwise hide the function.
from podium.ensembling.blend import Blend
from podium.ensembling.labels import blend
from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.ensembling.hill_climbing import hill_climb
    from podium.ensembling.record import read_blend
    from podium.ensembling.simplex import simplex_weights
    from podium.ensembling.stacking import stack

__all__ = [
    "Blend",
    "blend",
    "hill_climb",
    "read_blend",
    "simplex_weights",
    "stack",
]

_HOMES = {
    "hill_climb": "hill_climbing",
    "read_blend": "record",
    "simplex_weights": "simplex",
    "stack": "stacking",
}

if not TYPE_CHECKING:  # a checker reports names that there are not
    __getattr__ = lazy_attributes(__name__, _HOMES)

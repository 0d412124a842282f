"""The parts of a competition: spec, samples, images, folds, metrics, data checks.

The names below are imported on first use, so that a light command does not load pandas and sklearn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.competition import metrics
    from podium.competition.folds import make_folds
    from podium.competition.samples import load_samples
    from podium.competition.spec import load_competition

__all__ = ["load_competition", "load_samples", "make_folds", "metrics"]

_HOMES = {
    "load_competition": "spec",
    "load_samples": "samples",
    "make_folds": "folds",
    "metrics": "metrics",
}

if not TYPE_CHECKING:  # a checker reports names that there are not
    __getattr__ = lazy_attributes(__name__, _HOMES)

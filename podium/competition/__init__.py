"""What a competition is and has: spec, samples, images, folds, metrics, data checks.

The names below are found on first use, so that a light command does not pay for pandas and sklearn.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from podium.competition import metrics
    from podium.competition.folds import make_folds
    from podium.competition.samples import load_samples
    from podium.competition.spec import load_competition

__all__ = ["load_competition", "load_samples", "make_folds", "metrics"]

_HOMES = {"load_competition": "spec", "load_samples": "samples", "make_folds": "folds"}


def __getattr__(name: str) -> Any:
    if name == "metrics":
        return importlib.import_module("podium.competition.metrics")
    if name in _HOMES:
        return getattr(importlib.import_module(f"podium.competition.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

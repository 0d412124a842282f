"""The curves of a decision beside the record of its blend: `blends/<id>/curves.json`.

    {"format": 1, "metric": "f1", "n_scored": 2000, "curves": [
      {"parameter": "threshold", "name": "coat", "chosen": 0.41, "plain": 0.5, "best": 0.38,
       "plateau": [0.33, 0.47], "greater_is_better": true,
       "values": […], "scores": […], "standard_errors": […]}]}

`values` ascend, at most 400 of them; `scores` and `standard_errors` (of the best score less this
one) are as many, null where there is none. `NamedCurve` says what each is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from podium.tuning.held_curves import NamedCurve
from podium.workspace import atomic

__all__ = ["CURVES_FILE", "read_curves", "write_curves"]

CURVES_FILE = "curves.json"
_FORMAT = 1


def read_curves(folder: Path) -> tuple[NamedCurve, ...] | None:
    """Return the curves in a blend's folder; None: missing, damaged, or of another format."""
    try:
        found: Any = json.loads((folder / CURVES_FILE).read_text(encoding="utf-8"))
        if found["format"] != _FORMAT:
            return None
        return tuple(NamedCurve.from_json(one) for one in found["curves"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_curves(folder: Path, curves: Sequence[NamedCurve], *, metric: str, n_scored: int) -> None:
    """Write the curves of a decision that was scored by `metric` on `n_scored` rows or images.

    Raises:
        OSError: it cannot be written.
    """
    said = {
        "format": _FORMAT,
        "metric": metric,
        "n_scored": n_scored,
        "curves": [one.to_json() for one in curves],
    }
    atomic.write_text(folder / CURVES_FILE, json.dumps(said, allow_nan=False) + "\n")

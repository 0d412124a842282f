"""Layouts of real competitions and public data sets as they are given out, each in miniature.

One is found by its subject: a folder of a field, in it a file of what the images show. What several
write with is in the files beside this one; who asked for a layout, and when, is in `sets.py`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from layouts.real.made import DataSet, RealLayout
from layouts.real.sets import DEVELOPMENT, SETS

__all__ = ["LAYOUTS", "REAL_LAYOUTS", "RealLayout"]

LAYOUTS: dict[str, RealLayout | DataSet] = {
    one.name: one
    for path in sorted(Path(__file__).parent.glob("*/[a-z]*.py"))
    for one in import_module(f"{__name__}.{path.parent.name}.{path.stem}").LAYOUTS
}
"""Every layout by its name."""
REAL_LAYOUTS = tuple(
    one for name in SETS[DEVELOPMENT] if isinstance(one := LAYOUTS[name], RealLayout)
)
"""Those that podium is developed on."""

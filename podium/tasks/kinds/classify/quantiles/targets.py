"""Labels that are numbers, of which quantiles are predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from podium.tasks.kinds.classify._rows.numbers import as_array
from podium.tasks.kinds.classify._rows.numbers import format_label as format_number
from podium.tasks.kinds.classify.regression.targets import parse_label, read_cells

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = ["as_array", "format_label", "parse_label", "read_cells"]


def format_label(competition: Competition, label: Any) -> str:
    """Return a number, or the median of decided quantiles, as float32 holds it."""
    return format_number(competition, np.median(label))

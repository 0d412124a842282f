"""Of the levels of a decision on masks, the one in the middle of those that are as good.

As for thresholds of labels (`Curve.robust`, decision 0022), the levels that cannot be told from the
best are those whose loss against it is at most its own standard error, by a paired bootstrap over
the images. All else of the decision is held: its least areas, its filters, its gate. The middle is
that of the log odds of a threshold, and of the logarithm of a weight.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.tuning.curve import EQUAL, FAR
from podium.tuning.masks.space import MaskCandidate
from podium.tuning.step_grid import StepCandidate

__all__ = ["level_of", "middle_level"]

Floats = NDArray[np.float64]


def middle_level(levels: Floats, goodness: Floats, errors: Floats, *, is_weight: bool) -> int:
    """Return the number of the level that lies nearest to the middle of those that are good.

    These are the ones from the lowest to the highest that lose at most their standard error. Where
    the middle itself loses much more, there are two summits, and the best level is taken.

    Args:
        levels: `(T,)`, ascending; thresholds, or weights.
        goodness: `(T,)`, of which one at least is finite.
        errors: `(T,)`: standard errors of (best - goodness).
        is_weight: whether levels are weights.

    Example:
        >>> levels, goodness = np.array([0.2, 0.4, 0.6, 0.8]), np.array([0.6, 0.7, 0.69, 0.68])
        >>> middle_level(levels, goodness, np.full(4, 0.02), is_weight=False)
        2
    """
    losses = goodness.max() - goodness
    good = np.flatnonzero(losses <= errors + EQUAL)
    place = np.log(levels if is_weight else levels / (1 - levels))
    middle = (place[good[0]] + place[good[-1]]) / 2
    # Of two that are as near, the better one.
    far = np.abs(place - middle)
    nearest = np.flatnonzero(far <= far.min() + EQUAL)
    found = int(nearest[np.argmax(goodness[nearest])])
    return found if losses[found] <= FAR * errors[found] + EQUAL else int(np.argmax(goodness))


def level_of(candidate: MaskCandidate | StepCandidate) -> tuple[float, Any] | None:
    """Return the level of a candidate, and the rest of it, which candidates may have in common.

    None: it has no level inside (0, 1), or one a class.
    """
    if isinstance(candidate, MaskCandidate):
        return candidate.level, replace(candidate, level=0.0)
    steps = candidate.steps
    level = next((step["threshold"] for step in steps if "threshold" in step), None)
    if not isinstance(level, int | float) or not 0 < level < 1:
        return None
    return float(level), json.dumps([step for step in steps if "threshold" not in step])

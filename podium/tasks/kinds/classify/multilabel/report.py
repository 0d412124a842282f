"""The names of the classes that an image has; a mistake is as bad as its worst label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def text(label: Any, names: Sequence[str]) -> str:
    """Return the names of the classes, with commas between.

    Example:
        >>> text([1, 0, 1], ["cat", "cow", "dog"]), text([0, 0, 0], ["cat", "cow", "dog"])
        ('cat, dog', 'none')
    """
    there = np.flatnonzero(np.asarray(label) == 1).tolist()
    return ", ".join(names[number] for number in there) or "none"

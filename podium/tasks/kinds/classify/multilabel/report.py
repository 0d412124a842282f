"""The names of the classes that an image has; a mistake is as bad as its worst label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from podium.tasks.kinds.classify.multilabel.targets import UNKNOWN_SIGN


def text(label: Any, names: Sequence[str]) -> str:
    """Return the names of the classes, with commas between, and "?" before unknown ones.

    Example:
        >>> text([1, 0, 1], ["cat", "cow", "dog"]), text([0, 0, 0], ["cat", "cow", "dog"])
        ('cat, dog', 'none')
        >>> text([1, -1, 0], ["cat", "cow", "dog"])
        'cat, ?cow'
    """
    flags = np.asarray(label).tolist()
    signs = {1: "", -1: UNKNOWN_SIGN}
    there = [signs[one] + name for name, one in zip(names, flags, strict=True) if one in signs]
    return ", ".join(there) or "none"

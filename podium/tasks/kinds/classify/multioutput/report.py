"""The class of each output by its name; a mistake is as bad as its most confident wrong class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from podium.tasks.protocols.outputs import OUTPUT_SIGN


def text(label: Any, names: Sequence[str]) -> str:
    """Return the names of the classes that an image has, and "?" of an output that is unknown.

    Example:
        >>> text([0, 1, -1, -1], ["colour=red", "colour=blue", "shape=round", "shape=square"])
        'colour=blue, shape=?'
    """
    flags = dict(zip(names, np.asarray(label).tolist(), strict=True))
    there = [
        name if flag == 1 else f"{name.partition(OUTPUT_SIGN)[0]}{OUTPUT_SIGN}?"
        for name, flag in flags.items()
        if flag in (1, -1)
    ]
    return ", ".join(dict.fromkeys(there))

"""Compiled loops run in Python, where what compiled code does unseen is an error or a wrong answer.

A place outside an array is an IndexError, and what is read before it is written is far from any
right answer. A fault in a loop is seen without compiling it anew, too.
"""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

__all__ = ["WAYS", "run_as"]

WAYS = ("compiled", "python")
POISON = {"i": 1 << 30, "u": 1 << 30, "f": 1e30}


def run_as(way: str, module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loops of a module be as compiled, or those in Python, until the test ends."""
    if way == "compiled":
        return
    for name, loop in list(vars(module).items()):
        if hasattr(loop, "py_func"):
            monkeypatch.setattr(module, name, loop.py_func)
    if hasattr(module, "np"):
        monkeypatch.setattr(module, "np", SimpleNamespace(**{**vars(np), "empty": _poisoned}))


def _poisoned(shape: Any, dtype: Any = np.float64) -> np.ndarray:
    """Return an array as `np.empty` does, full of numbers that are no answer."""
    found = np.empty(shape, dtype)
    found[...] = 111 if found.itemsize == 1 else POISON[found.dtype.kind]
    return found

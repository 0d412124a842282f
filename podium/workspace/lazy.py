"""A room's public names, found on first use: a light command does not pay for a heavy room."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import ModuleType
from typing import Any

__all__ = ["lazy_attributes"]


def lazy_attributes(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of `package`, which loads a public name at its first use.

    Args:
        package: its `__name__`.
        homes: public name → the module of the package that holds it; a name that is its own home
            is that module. `module:other` is what that module, or package, calls `other`.

    Example:
        >>> __getattr__ = lazy_attributes("podium.predictions", {"PredictionSet": "store.reading"})
        >>> __getattr__("PredictionSet").__name__
        'PredictionSet'
    """

    def find(name: str) -> Any:
        if name not in homes:
            near = get_close_matches(name, homes, n=1)
            meant = f": did you mean {near[0]!r}?" if near else ""
            raise AttributeError(f"module {package!r} has no attribute {name!r}{meant}")
        path, _, other = homes[name].partition(":")
        home = importlib.import_module(f"{package}.{path}")
        found = home if homes[name] == name else _attribute(home, other or name)
        setattr(sys.modules[package], name, found)
        return found

    return find


def _attribute(home: ModuleType, name: str) -> Any:
    """Return what `from home import name` gives: an attribute, or a module of the package."""
    if not hasattr(home, name) and hasattr(home, "__path__"):
        return importlib.import_module(f"{home.__name__}.{name}")
    return getattr(home, name)

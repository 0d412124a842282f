"""A room's public names, found on first use: a light command does not pay for a heavy room."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["lazy_attributes"]


def lazy_attributes(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of `package`, which loads a public name at its first use.

    Args:
        package: its `__name__`.
        homes: public name → the module of the package that holds it; a name that is its own home
            is that module.

    Example:
        >>> __getattr__ = lazy_attributes("podium.predictions", {"PredictionSet": "store.reading"})
        >>> __getattr__("PredictionSet").__name__
        'PredictionSet'
    """

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = importlib.import_module(f"{package}.{homes[name]}")
        found = home if homes[name] == name else getattr(home, name)
        setattr(sys.modules[package], name, found)
        return found

    return find

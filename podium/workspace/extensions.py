"""Parts found by their file name (a metric, a method), or by `module:object` outside podium."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from types import ModuleType
from typing import Any

from podium.errors import PodiumError, UsageError

__all__ = ["load", "names", "require"]


def names(package: ModuleType) -> list[str]:
    """Return the names in `package` from its file names; nothing is imported."""
    return sorted(
        m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")
    )


def load(
    package: ModuleType, name: str, attribute: str, *, error: type[PodiumError] = UsageError
) -> Any:
    """Return `attribute` of the module `name` in `package`, or what `module:object` names.

    Raises:
        PodiumError: of class `error`, when there is no such name; the nearest one is suggested.
    """
    if ":" in name:
        return _foreign(name, error)
    require(package, name, error=error)
    return getattr(importlib.import_module(f"{package.__name__}.{name}"), attribute)


def require(package: ModuleType, name: str, *, error: type[PodiumError] = UsageError) -> None:
    """Check that `name` is one of `package`, or of the form module:object; nothing is imported.

    Raises:
        PodiumError: of class `error`, when there is no such name; the nearest one is suggested.
    """
    known = names(package)
    if ":" not in name and name not in known:
        kind = package.__name__.rpartition(".")[2].replace("_", " ")
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"write {near[0]}" if near else f"choose one of {', '.join(known)}"
        raise error(f"there is no {name!r} among the {kind}", fix=f"{hint}, or give module:object")


def _foreign(name: str, error: type[PodiumError]) -> Any:
    module_name, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module_name), attribute)
    except Exception as cause:  # the module is the user's: whatever it raises at import is told
        raise error(
            f"cannot load {name!r}: {type(cause).__name__}: {cause}",
            fix="check the names, and that `python -c 'import …'` loads the module",
        ) from cause

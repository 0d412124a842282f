"""Loggers, one file each, found by file name; a file exports `LOGGER`, a subclass of `Logger`.

Importing a file imports nothing of the program that it logs to.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from podium.errors import RecipeError
from podium.training.loggers._logger import Logger
from podium.workspace import extensions

__all__ = ["Logger", "find_loggers", "open_loggers"]


def find_loggers(names: Sequence[str], *, root: Path | None = None) -> list[type[Logger]]:
    """Return the classes of the loggers `names`, each once; nothing is opened or written.

    Args:
        names: file names of this folder, or `module:object`.
        root: the workspace, where modules of one's own lie.

    Raises:
        RecipeError: there is no such logger, or what it needs is not installed.
    """
    wanted = extensions.Wanted("a subclass of podium.training.loggers.Logger", _is_logger)
    found = []
    for name in dict.fromkeys(names):
        kind: type[Logger] = extensions.load(
            sys.modules[__name__], name, "LOGGER", error=RecipeError, wanted=wanted, root=root
        )
        _require_installed(name, kind)
        found.append(kind)
    return found


def _is_logger(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, Logger)


def _require_installed(name: str, kind: type[Logger]) -> None:
    missing = [one for one in kind.needs if importlib.util.find_spec(one) is None]
    if missing:
        by_extra = f"pip install 'podium[{name}]'" if ":" not in name else f"install {missing[0]}"
        raise RecipeError(
            f"the logger {name} needs {' and '.join(missing)}, which is not installed",
            where="loggers",
            fix=f"{by_extra}, or take {name} out of loggers",
        )


def open_loggers(
    names: Sequence[str],
    folder: Path,
    *,
    title: str,
    settings: Mapping[str, Any] | None = None,
    root: Path | None = None,
) -> list[Logger]:
    """Return the loggers `names` of one fold; nothing is written before `log_all`.

    Args:
        names: as in a recipe's `loggers`.
        folder: of the fold.
        title: the fold for people.
        settings: the resolved recipe as plain data; logged once.
        root: the workspace, where modules of one's own lie.

    Raises:
        RecipeError: there is no such logger, or what it needs is not installed.
    """
    kinds = find_loggers(names, root=root)
    return [kind(folder, title=title, settings=settings or {}) for kind in kinds]

"""Loads scripts of `examples/`, which are no package."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

__all__ = ["EXAMPLES", "script"]

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def script(file: Path) -> ModuleType:
    """Return an example's script as a module; its `main` is not run."""
    spec = importlib.util.spec_from_file_location(f"{file.parent.name}_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

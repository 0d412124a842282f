"""Loads programs of `benchmarks/`, `docs/` and `examples/`, which are in no package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

__all__ = ["BENCHMARKS", "EXAMPLES", "script"]

_ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS, EXAMPLES = _ROOT / "benchmarks", _ROOT / "examples"


def script(file: Path) -> ModuleType:
    """Return a program as a module, which finds those beside it; its `main` is not run."""
    spec = importlib.util.spec_from_file_location(f"{file.parent.name}_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look there
    before = list(sys.path)
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path[:] = before
    return module

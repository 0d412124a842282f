"""Fixtures of the competition room: the miniature competitions."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load_miniatures() -> ModuleType:
    # tests/ has no packages (importlib mode), so a module beside the tests is loaded by its path.
    name = "podium_miniatures"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, Path(__file__).with_name("miniatures.py")
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def miniatures() -> ModuleType:
    """Give the module `miniatures.py`, whose functions write competitions."""
    return _load_miniatures()

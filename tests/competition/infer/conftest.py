"""`make test` runs test_infer.py and the first test of each other file; the others are slow.

Each of the 3,400 reads a folder of its own, and together they took a third of `make test`. A person
who changes how folders are read runs `pytest tests/competition/infer`: all of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

WHOLE = "test_infer.py"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests as slow before those that are slow are left out."""
    begun = set[Path]()
    for item in items:
        if item.path.parent != Path(__file__).parent or item.path.name == WHOLE:
            continue
        if item.path in begun:
            item.add_marker(pytest.mark.slow)
        begun.add(item.path)

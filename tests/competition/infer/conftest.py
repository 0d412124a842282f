"""The first test of each file is quick, the first case of each other test slow, other cases long.

All of test_infer.py is quick. Each of the 4,000 tests reads a folder of its own, and together they
took a third of `make test`, then of `make test-slow`. A person who changes how folders are read
runs `pytest tests/competition/infer`: all of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

WHOLE = "test_infer.py"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests before those of other tiers are left out."""
    begun = set[Path | str]()
    for item in items:
        if item.path.parent != Path(__file__).parent or item.path.name == WHOLE:
            continue
        test = item.nodeid.split("[")[0]
        if item.path in begun:
            item.add_marker(pytest.mark.slow)
        if test in begun:
            item.add_marker(pytest.mark.long)
        begun |= {item.path, test}

"""Fixtures of the tests of examples."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def path_as_it_was() -> Iterator[None]:
    """Take off the examples' folder, which their scripts put on Python's path."""
    before = list(sys.path)
    yield
    sys.path[:] = before
    sys.modules.pop("standin", None)

"""Fixtures of the tests of commands."""

from __future__ import annotations

import pytest
from official_calls import call_here


@pytest.fixture(autouse=True)
def official_client_in_this_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    call_here(monkeypatch, tmp_path_factory.mktemp("client"))

"""A few cases of each kind of mutated input, as `make fuzz` tries them by the thousand."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from scripts import BENCHMARKS, script


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    return script(BENCHMARKS / "fuzz.py")


@pytest.mark.parametrize("kind", ["yaml", "tables", "submissions", "masks", "archives"])
def test_mutated_inputs_are_read_as_they_are_meant_or_refused(
    fuzz: ModuleType, tmp_path: Path, kind: str
) -> None:
    found = [fuzz.tried(kind, 0, number, tmp_path) for number in range(40)]
    assert not [one for one in found if one.verdict not in ("accepted", "refused")]
    assert {"accepted", "refused"} == {one.verdict for one in found}


def test_an_oracle_that_disagrees_is_reported(
    fuzz: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "plain_table", lambda *_: [["not", "this"]])
    found = [fuzz.tried("tables", 0, number, tmp_path) for number in range(10)]
    assert "wrong" in {one.verdict for one in found}

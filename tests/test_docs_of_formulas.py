"""The page beside the authors' code has a row for every method, and the tests that it names."""

from __future__ import annotations

import re
from pathlib import Path

from podium.training import methods
from podium.workspace.extensions import names

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/formulas.md").read_text(encoding="utf-8")


def test_every_method_has_a_row_or_is_listed_without_official_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    without = re.findall(r"`(\w+)`", PAGE[PAGE.rindex("\n`") :])
    assert len({*rows, *without}) == len(rows) + len(without)
    assert {*rows, *without} == set(names(methods))


def test_the_tests_that_it_names_are_there() -> None:
    for method, test in re.findall(r"^\| `(\w+)` .* \| `(test_\w+)` \|$", PAGE, re.MULTILINE):
        file = ROOT / "tests/training" / f"test_{method.removesuffix('_v2')}.py"
        assert f"def {test}(" in file.read_text(encoding="utf-8"), f"{file.name}: {test}"

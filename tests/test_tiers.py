"""The cases that the mark `other_cases` leaves to the slower tiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tiers import mark_other_cases


class Case:
    """A test case as pytest has it: its name and its marks."""

    def __init__(self, nodeid: str, *marks: pytest.MarkDecorator) -> None:
        self.nodeid = nodeid
        self.marks = [one.mark for one in marks]

    def iter_markers(self, name: str | None = None) -> Iterator[pytest.Mark]:
        return iter([one for one in self.marks if name in (None, one.name)])

    def add_marker(self, name: str) -> None:
        self.marks.append(getattr(pytest.mark, name).mark)


def tiers_of(cases: list[Any]) -> list[str]:
    mark_other_cases(cases)
    names = [{one.name for one in case.marks} for case in cases]
    return ["long" if "long" in one else "slow" if "slow" in one else "quick" for one in names]


def test_all_cases_but_the_first_of_each_test_are_slow() -> None:
    rule = pytest.mark.other_cases("slow")
    cases = [Case(f"test_a.py::{test}[{i}]", rule) for test in ("one", "two") for i in range(3)]
    assert tiers_of([*cases, Case("test_a.py::three[0]")]) == [
        *["quick", "slow", "slow"] * 2,
        "quick",
    ]


def test_each_third_slow_case_stays_and_those_of_other_tiers_are_not_counted() -> None:
    rule, slow, long = pytest.mark.other_cases("long", every=3), pytest.mark.slow, pytest.mark.long
    marks = [(), (slow,), (slow, long), (slow,), (slow,), (slow,)]
    cases = [Case(f"test_a.py::one[{i}]", rule, *each) for i, each in enumerate(marks)]
    assert tiers_of(cases) == ["quick", "slow", "long", "long", "long", "slow"]


def test_a_test_may_leave_cases_to_both_tiers() -> None:
    rules = (pytest.mark.other_cases("slow"), pytest.mark.other_cases("long"))
    marks = [(), (), (pytest.mark.slow,), (pytest.mark.slow,)]
    cases = [Case(f"test_a.py::one[{i}]", *rules, *each) for i, each in enumerate(marks)]
    assert tiers_of(cases) == ["quick", "slow", "slow", "long"]


def test_quick_cases_may_be_long() -> None:
    rule = pytest.mark.other_cases("long", of="quick")
    cases = [Case("test_a.py::one[0]", rule), Case("test_a.py::one[1]", rule)]
    cases += [Case("test_a.py::one[2]", rule, pytest.mark.slow)]
    assert tiers_of(cases) == ["quick", "long", "slow"]
    assert {one.name for one in cases[1].marks} == {"other_cases", "slow", "long"}

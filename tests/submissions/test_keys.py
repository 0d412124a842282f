from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.submissions.format.problems import Problems
from podium.submissions.format.row_names import KeyCheck

names = st.lists(st.sampled_from("abcdefg"), max_size=9)


def told(expected, rows, *, step=1, may_repeat=False):
    """Return the problems of `rows`; the first rows are compared `step` at a time."""
    problems = Problems()
    keys = KeyCheck(expected, "sample.csv", problems, may_repeat=may_repeat)
    at = 0
    while at < len(rows):
        some = rows[at : at + step]
        if list(keys.peek(len(some))) == some:
            keys.advance(len(some), at + 2)
        else:
            for i, row in enumerate(some, start=at + 2):
                keys.see(row, i)
        at += len(some)
    keys.finish()
    return [one.message for one in problems.listed()]


def by_hand(expected, rows):
    """Return the same problems from all rows at once."""
    first, again, extra = {}, [], []
    for line, row in enumerate(rows, start=2):
        if row not in expected:
            extra.append(f"{row!r} (line {line})")
        elif row in first:
            again.append(f"{row!r}, first in line {first[row]} (line {line})")
        else:
            first[row] = line
    missing = [repr(one) for one in expected if one not in first]
    found = []
    if again:
        found.append(("repeated ids", again))
    if extra:
        found.append(("ids that are not in sample.csv", extra))
    if missing:
        found.append((f"ids of sample.csv that are missing ({len(missing)})", missing))
    moved = not missing and not extra and list(first) != expected
    return found, moved


@settings(max_examples=400, deadline=None)
@given(
    expected=st.lists(st.sampled_from("abcdef"), max_size=6, unique=True),
    rows=names,
    step=st.integers(1, 4),
)
def test_streamed_row_checks_report_the_same_as_a_check_of_all_rows(expected, rows, step):
    found = told(expected, rows, step=step)
    kinds, moved = by_hand(expected, rows)
    wanted = []
    for title, offenders in kinds:
        more = f" and {len(offenders) - 5:,} more" if len(offenders) > 5 else ""
        wanted.append(f"{title}: {', '.join(offenders[:5])}{more}")
    if moved:
        wanted.append("the rows are not in the order of sample.csv")
    assert sorted(found) == sorted(wanted)


def test_rows_of_one_name_are_no_fault_where_an_image_has_several():
    assert told(["a", "b"], ["a", "a", "b", "b", "a"], may_repeat=True) == []
    assert told(["a", "b"], ["a", "a"], may_repeat=True) == [
        "ids of sample.csv that are missing (1): 'b'"
    ]


def test_unexpected_names_are_checked_for_repeats():
    assert told(None, ["a", "b", "a"]) == ["repeated ids: 'a', first in line 2 (line 4)"]


ROWS = 60_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "turn",
    [pytest.param(1, marks=pytest.mark.long), -1],
    ids=["in order", "backwards"],
)
def test_memory_does_not_grow_with_the_rows(turn):
    class Names:
        """As many names as a large competition has, none of them kept."""

        def __iter__(self):
            return (f"{i:012d}" for i in range(ROWS))

    problems = Problems()
    keys = KeyCheck(Names(), "sample.csv", problems)
    tracemalloc.start()
    for line, i in enumerate(range(ROWS)[::turn], start=2):
        keys.see(f"{i:012d}", line)
    keys.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20  # a set of the names takes 5 MB
    expected = [] if turn == 1 else ["the rows are not in the order of sample.csv"]
    assert [one.message for one in problems.listed()] == expected

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.submissions.format.problems import Problems
from podium.submissions.format.row_names import KeyCheck, misspellings

names = st.lists(st.sampled_from("abcdefg"), max_size=9)


def problems_of(expected, rows, *, step=1, may_repeat=False):
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
        found.append(
            (f"ids of sample.csv that are missing ({len(missing)} of {len(expected)})", missing)
        )
    moved = not missing and not extra and list(first) != expected
    return found, moved


@settings(max_examples=400, deadline=None)
@given(
    expected=st.lists(st.sampled_from("abcdef"), max_size=6, unique=True),
    rows=names,
    step=st.integers(1, 4),
)
def test_streamed_row_checks_report_the_same_as_a_check_of_all_rows(expected, rows, step):
    found = problems_of(expected, rows, step=step)
    kinds, moved = by_hand(expected, rows)
    wanted = []
    for title, offenders in kinds:
        more = f" and {len(offenders) - 5:,} more" if len(offenders) > 5 else ""
        wanted.append(f"{title}: {', '.join(offenders[:5])}{more}")
    if moved:
        wanted.append("the rows are not in the order of sample.csv")
    assert sorted(found) == sorted(wanted)


def test_rows_of_one_name_are_no_fault_where_an_image_has_several():
    assert problems_of(["a", "b"], ["a", "a", "b", "b", "a"], may_repeat=True) == []
    assert problems_of(["a", "b"], ["a", "a"], may_repeat=True) == [
        "ids of sample.csv that are missing (1 of 2): 'b'"
    ]


def test_unexpected_names_are_checked_for_repeats():
    assert problems_of(None, ["a", "b", "a"]) == ["repeated ids: 'a', first in line 2 (line 4)"]


LETTERS = "ab1"
short_names = st.lists(st.text(LETTERS, min_size=4, max_size=6), max_size=6, unique=True)


def a_letter_apart(one, other):
    """Return whether one letter makes them differ, by trying all places of all letters."""
    places = range(len(one) + 1)
    less = {one[:i] + one[i + 1 :] for i in range(len(one))}
    more = {one[:i] + letter + one[i:] for i in places for letter in LETTERS}
    moved = {cut[:i] + letter + cut[i:] for cut in less for i in places for letter in LETTERS}
    return other in less | more | moved


@settings(max_examples=100, deadline=None)
@given(extra=short_names, missing=short_names)
def test_misspelt_names_are_the_only_ones_a_letter_apart(extra, missing):
    missing = [one for one in missing if one not in extra]
    extra = [one for one in extra if not set(one) <= {"0", "1"}]  # numbers have zeros, too
    near = {one: [other for other in missing if a_letter_apart(one, other)] for one in extra}
    back = {other: [one for one in extra if other in near[one]] for other in missing}
    assert misspellings(extra, missing) == {
        one: others[0]
        for one, others in near.items()
        if len(others) == 1 and len(back[others[0]]) == 1
    }


def test_misspellings_of_many_names_take_no_comparison_of_each_pair():
    """Of 9,000 names one is misspelt, or all are unknown; 100,000 unknown ones are left alone."""
    ids = [f"{i * 7919:08d}" for i in range(100_000)]
    some = ids[:9_000]
    (found,) = problems_of(some, [*some[:-1], some[-1].replace("7", "x", 1)])
    assert found.startswith("ids that are not in sample.csv: '")
    compared = 0

    class Counted(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other):
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

    unknown = [Counted(f"x{one}") for one in ids]
    assert misspellings(unknown[:9_000], some) == {}
    assert misspellings(unknown, ids) == {}
    assert compared <= len(ids)


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

"""Ids of others among ours, against a plain search; and how folds stand to each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.errors import DataError
from podium.predictions.imports.matching import match_ids, require_known, require_unique
from podium.predictions.imports.oof_status import (
    groups_across_folds,
    is_same_partition,
    oof_status_of,
)


@pytest.mark.parametrize(
    ("theirs", "ours", "at", "how"),
    [
        (["b", "a"], ["a", "b"], [1, 0], ""),
        (["b.png", "a.JPG"], ["a", "b"], [1, 0], "without their file endings"),
        (["b", "a"], ["a.png", "b.tif"], [1, 0], "without their file endings"),
        (["x/b", "y/a"], ["a", "b"], [1, 0], "without their folders"),
        (["x\\b.dcm", "a"], ["a", "b"], [1, 0], "without folders and file endings"),
        (["img.1", "img.2"], ["img.2", "img.1"], [1, 0], ""),
        (["a.png", "z.png"], ["a", "b"], [0, -1], "without their file endings"),
        (
            ["b", "Jose\u0301"],
            ["Jos\u00e9", "b"],
            [1, 0],
            "with accents composed as Unicode's form NFC has them",
        ),
        # What would make two of them one is not tried.
        (["x/a", "y/a"], ["a", "b"], [-1, -1], ""),
        (["a"], ["a.png", "a.jpg"], [-1], ""),
        (["a"], ["x/a", "y/a"], [-1], ""),
        (["e\u0301", "\u00e9"], ["\u00e9", "b"], [-1, 0], ""),
    ],
)
def test_ids_are_found(theirs: list[str], ours: list[str], at: list[int], how: str) -> None:
    found = match_ids(theirs, ours)
    assert (found.at.tolist(), found.how) == (at, how)


NAMES = st.lists(st.sampled_from(["a", "b", "c", "a.png", "x/a", "x/b.png"]), max_size=6)


@given(theirs=NAMES, ours=st.lists(st.sampled_from(["a", "b", "a.png", "x/a"]), unique=True))
def test_ids_that_match_exactly_are_matched_exactly(theirs: list[str], ours: list[str]) -> None:
    found = match_ids(theirs, ours)
    if set(theirs) <= set(ours):
        assert [ours[i] for i in found.at] == theirs
    for one, place in zip(theirs, found.at.tolist(), strict=True):
        if place >= 0:
            mine = ours[place]
            assert one.removesuffix(".png")[-1] == mine.removesuffix(".png")[-1]


def test_wrong_ids_are_named_with_their_rows() -> None:
    def row(i: int) -> str:
        return f"row {i + 2}"

    with pytest.raises(DataError, match=r"ids stand twice: 'a' \('a' in row 2 and row 4\)"):
        require_unique(["a", "b", "a"], row, "oof.csv")
    with pytest.raises(DataError, match="there is no id in row 3"):
        require_unique(["a", ""], row, "oof.csv")
    ours = ["0012", "0013"]
    found = match_ids(["0012", "13"], ours)
    with pytest.raises(DataError, match=r"1 of 2 ids .* train data: '13' .*in row 3\)") as caught:
        require_known(found, ["0012", "13"], ours, row, where="oof.csv", part="train")
    assert "leading zeros" in str(caught.value.fix)


FOLDS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc")), min_size=1, max_size=8)


@given(FOLDS)
def test_partitions_are_compared_pair_by_pair(rows: list[tuple[int, str]]) -> None:
    ours, theirs = [one for one, _ in rows], [other for _, other in rows]
    every = range(len(rows))
    same = all((ours[i] == ours[j]) == (theirs[i] == theirs[j]) for i in every for j in every)
    assert is_same_partition(np.array(ours), theirs) == same


def test_how_folds_stand_to_ours() -> None:
    ours = np.array([0, 0, 1, 1])
    assert oof_status_of(ours, ["b", "b", "a", "a"], []) == "ours"
    assert oof_status_of(ours, ["b", "a", "b", "a"], []) == "other folds"
    assert oof_status_of(ours, None, []) == "folds unknown"
    assert oof_status_of(ours, ["b", "a", "b", "a"], [["g", "g", None, None]]) == "torn groups"
    assert (
        oof_status_of(ours, ["0", "0", "1", "1"], [], knows_the_past_only=False) == "folds unknown"
    )
    assert groups_across_folds(["a", "b", "a", "b"], ["g", "g", float("nan"), float("nan")]) == [
        "g"
    ]

"""The leak check before a fold refuses every link between training and validated rows."""

import pandas as pd
import pytest

from podium.competition.folds import groups_of, make_folds
from podium.competition.folds.leaks import assert_no_leak
from podium.errors import DataError

ROWS = pd.DataFrame(
    {
        "id": ["a", "b", "c", "d"],
        "unit": ["u", "v", "w", "x"],
        "group": ["g", "g", "h", None],
        "images": [("1.png",), ("2.png", "3.png"), ("4.png",), ("5.png",)],
        "order": [1.0, 2.0, 3.0, 4.0],
    }
)


def split(valid: list[int], rows: pd.DataFrame = ROWS) -> tuple[pd.DataFrame, pd.DataFrame]:
    return rows.drop(index=valid), rows.loc[valid]


def test_clean_folds_pass():
    assert_no_leak(*split([2, 3]), fold=0)
    assert_no_leak(*split([0, 1]), fold=0)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("id", "a", "1 id is in training and validation: 'a'"),
        ("unit", "u", "1 unit is in training and validation: 'u'"),
        ("group", "g", "1 group is in training and validation: 'g'"),
        ("images", ("9.png", "2.png"), "1 image file is in training and validation: '2.png'"),
    ],
)
def test_a_planted_leak_is_refused(column, value, message):
    rows = ROWS.copy()
    rows[column] = pd.Series([*ROWS[column][:3], value], dtype=object)
    with pytest.raises(DataError, match=message) as raised:
        assert_no_leak(*split([2, 3], rows), fold=4)
    assert raised.value.where == "fold 4"
    assert raised.value.fix


def test_all_leaks_are_reported_at_once():
    with pytest.raises(DataError, match=r"1 id is .*1 unit is .*1 group is .*1 image file is"):
        assert_no_leak(ROWS, ROWS.loc[[0]], fold=0)


def test_a_pseudo_labelled_row_of_the_validated_group_is_a_leak():
    train, valid = split([0, 1])
    pseudo = pd.DataFrame({"id": ["p1"], "group": ["g"], "images": [("p.png",)]})
    with pytest.raises(DataError, match="1 group"):
        assert_no_leak(pd.concat([train, pseudo]), valid)


def test_rows_without_a_group_share_none():
    rows = ROWS.assign(group=None)
    assert_no_leak(*split([0], rows), fold=0)


def test_the_future_is_a_leak_of_time_folds_only():
    train, valid = split([2], ROWS.assign(group=None))
    assert_no_leak(train, valid, fold=1)
    with pytest.raises(DataError, match=r"1 training rows are not older than validation: 4\.0"):
        assert_no_leak(train, valid, fold=1, scheme="time")
    assert_no_leak(train.loc[[0, 1]], valid, fold=1, scheme="time")


def test_the_same_moment_is_a_leak_of_time_folds():
    rows = ROWS.assign(group=None, order=[1.0, 3.0, 3.0, 4.0])
    with pytest.raises(DataError, match="not older"):
        assert_no_leak(rows.loc[[0, 1]], rows.loc[[2]], fold=1, scheme="time")


@pytest.mark.parametrize(
    "names",
    [
        ("P 7", "p 7"),
        ("P7", " P7 "),
        ("P  7", "P 7"),
        ("Straße", "STRASSE"),
        ("Jos\u00e9", "Jose\u0301"),
    ],
)
def test_names_of_one_group_that_differ_by_case_or_blanks_are_one(names):
    samples = pd.DataFrame({"id": [f"i{n}" for n in range(12)], "unit": None})
    samples["group"] = [names[n % 2] if n < 4 else f"g{n // 2}" for n in range(12)]
    folds = make_folds(samples, scheme="group", n=3, seed=0)
    assert len(set(folds[:4])) == 1
    with pytest.raises(DataError, match="1 group is in training and validation"):
        assert_no_leak(samples[:1], samples[1:2], fold=0)


def test_other_groups_are_dealt_as_before():
    """Capitals sort before small letters: groups keep the order of their names as they stand."""
    groups = ["b", "A", "C", "a1", "B2", "c"] * 3
    samples = pd.DataFrame({"id": [f"i{n:02d}" for n in range(18)], "unit": None, "group": groups})
    samples.loc[samples["group"] == "c", "group"] = "d"
    assert (
        groups_of(samples, "group").tolist()
        == pd.factorize(samples["group"], sort=True)[0].tolist()
    )

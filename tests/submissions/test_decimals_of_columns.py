"""Columns of numbers with as many digits behind the point each as the host takes of it."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podium.competition.spec import Competition
from podium.errors import DataError
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.checking import check_expected
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.format.writing import PredictionBatch

IDS = ["K1", "K2", "K3"]
VALUES = np.array([[14.849, 2.5, 0.125], [-0.04, 3.5, 7.0], [11.25, 249.6, 1e-7]])
ID = {"name": "id", "value": "id"}


def column(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": f"value[{name}]", **more}


def form(columns: list[dict[str, Any]], **submission: Any) -> SubmissionFormat:
    competition = Competition.model_validate(
        {
            "name": "fruit",
            "tasks": {"classify": "multitarget"},
            "classes": ["sugar", "weight", "acid"],
            "data": {"train": {"table": "t.csv", "id": "id", "images": "{id}", "label": [*"abc"]}},
            "metric": {"name": "mcrmse"},
            "submission": {"columns": columns, **submission},
        }
    )
    return format_of(competition)


def rounded(value: float, digits: int) -> str:
    """Return the digits by the decimal arithmetic of Python, which knows nothing of podium."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN) + 0)


# The file has the columns in another order than the classes.
MIXED = [ID, column("weight", decimals=0), column("sugar", decimals=1), column("acid")]


@pytest.mark.parametrize(("otherwise", "digits_of_acid"), [(None, None), (3, 3)])
def test_each_column_is_written_and_read_with_its_own_digits(
    tmp_path: Path, otherwise: int | None, digits_of_acid: int | None
) -> None:
    known = form(MIXED, **({} if otherwise is None else {"decimals": otherwise}))
    expected = expected_of_ids(known, IDS)
    file = write_answers(tmp_path / "s.csv", expected, [PredictionBatch(IDS, VALUES)])
    header, *lines = [line.split(",") for line in file.read_text().splitlines()]
    assert header == ["id", "weight", "sugar", "acid"]
    for (name, weight, sugar, acid), (of_sugar, of_weight, of_acid) in zip(
        lines, VALUES.tolist(), strict=True
    ):
        assert name in IDS
        assert weight == rounded(of_weight, 0)
        assert sugar == rounded(of_sugar, 1).replace("-0.0", "0.0")
        if digits_of_acid is None:
            assert float(acid) == of_acid
        else:
            assert acid == rounded(of_acid, digits_of_acid)
    assert check_expected(file, expected) == []
    back = read_answers(file, expected)
    assert back[:, 0].tolist() == [14.8, 0.0, 11.2]
    assert back[:, 1].tolist() == [2.0, 4.0, 250.0]


def test_more_digits_than_a_column_takes_are_found_in_that_column(tmp_path: Path) -> None:
    expected = expected_of_ids(form(MIXED), IDS)
    file = tmp_path / "s.csv"
    file.write_text(
        "id,weight,sugar,acid\nK1,250,14.8,0.123456\nK2,250.0,14.8,1\nK3,251.5,14.85,1\n"
    )
    found = check_expected(file, expected)
    texts = [
        (one.level, one.line, one.message.partition(":")[2].partition(":")[0]) for one in found
    ]
    assert [(level, line) for level, line, _ in texts] == [("error", 2 + 1), ("error", 2 + 2)]
    assert "column 'weight': numbers that are not whole" in found[0].message
    assert "column 'sugar': numbers of more than 1 digit behind the point" in found[1].message
    assert "decimals of this column" in str(found[1].fix)


def test_digits_of_all_classes_stand_in_the_entry_of_all(tmp_path: Path) -> None:
    known = form([ID, {"name": "*", "value": "value[*]", "decimals": 2}])
    expected = expected_of_ids(known, IDS)
    file = write_answers(tmp_path / "s.csv", expected, [PredictionBatch(IDS, VALUES)])
    assert file.read_text().splitlines()[1] == "K1,14.85,2.50,0.12"


def test_digits_that_cut_the_range_of_a_column_are_refused() -> None:
    with pytest.raises(DataError, match="more digits behind the point than decimals: 0"):
        form(MIXED, range=[0.5, None])


def test_a_column_that_names_the_row_has_no_digits() -> None:
    with pytest.raises(ValueError, match="no options"):
        form([{**ID, "decimals": 1}, column("sugar"), column("weight"), column("acid")])

"""A JSON beside each image, with objects inside: its fields are columns where one is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N = 20
MM = [20 + 37 * n % 500 for n in range(N)]


def _tanks(data: Path, fields: list[dict[str, Any]], column: str = "level") -> None:
    for n, one in enumerate(fields):
        put(data / f"train/IMG_{n}.png", n)
        (data / f"train/IMG_{n}.json").write_text(json.dumps(one))
    for n in range(5):
        put(data / f"test/IMG_9{n}.png", 90 + n)
    rows = [(f"IMG_9{n}.png", 350) for n in range(5)]
    table(data / "sample_submission.csv", ("photo", column), *rows)
    (data / "README.txt").write_text("Predict the level, in mm. Scored by the MAE.\n")


NESTED = [
    {"file": f"IMG_{n}.png", "visit": {"tank": f"T{n % 4}"}, "reading": {"level": mm, "by": "x"}}
    for n, mm in enumerate(MM)
]


def _labels(found: Any) -> list[float]:
    return list(load_samples(found, "train").sort_values("id", key=_number)["label"])


def _number(ids: Any) -> Any:
    return ids.str.extract(r"(\d+)")[0].astype(int)


def test_a_field_of_an_object_is_the_column_that_the_sample_asks_for(tmp_path: Path) -> None:
    _tanks(tmp_path / "data", NESTED)
    found, _ = begin(tmp_path)
    assert str(found.tasks["classify"]) == "regression"
    assert _labels(found) == MM


def test_a_value_and_its_unit_are_a_number_in_the_unit_that_is_asked_for(tmp_path: Path) -> None:
    spelt = [
        {"level": {"value": mm / 10, "unit": "cm"} if n % 3 else {"value": mm, "unit": "mm"}}
        for n, mm in enumerate(MM)
    ]
    _tanks(tmp_path / "data", spelt)
    found, _ = begin(tmp_path)
    assert _labels(found) == MM


def test_fields_of_which_none_is_asked_for_are_listed_and_one_can_be_named(tmp_path: Path) -> None:
    _tanks(tmp_path / "data", NESTED, column="answer")
    with pytest.raises(DataError, match=r"has the fields file .*, reading_level '20'") as error:
        begin(tmp_path)
    assert (error.value.fix or "").startswith("name the field to predict: --label FIELD")
    found, _ = begin(tmp_path, "reading_level")
    assert _labels(found) == MM


def test_a_box_in_an_object_is_no_label(tmp_path: Path) -> None:
    boxes = [{"name": "cat" if n % 2 else "dog", "box": {"x": n, "y": n + 1}} for n in range(N)]
    _tanks(tmp_path / "data", boxes, column="kind")
    with pytest.raises(DataError, match="has the fields name 'dog', box_x '0'"):
        begin(tmp_path)

"""Numbers are sent with as many digits behind the point as the host's texts allow."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import pytest

from podium.competition.spec import Competition
from podium.errors import DataError
from podium.submissions.format.checking import check
from podium.submissions.format.spec import format_of
from podium.submissions.format.writing import write_submission
from tests.competition.infer.test_directions import N_TRAIN, N, degrees, folder
from tests.competition.infer.test_odd_labels import begin

NAMES = [f"i{n}" for n in range(N_TRAIN, N)]


def begun(root: Path, column: str, text: str, shown: str = "0") -> Competition:
    """Return what is inferred of a column of numbers with a README beside them."""
    is_direction = column != "weight"
    folder(root / "data", column, (lambda n: degrees(n)) if is_direction else (lambda n: n), shown)
    (root / "data" / "README.md").write_text(text, encoding="utf-8")
    return begin(root)[0]


def cells(file: Path) -> list[str]:
    return [line.rpartition(",")[2] for line in file.read_text().splitlines()[1:]]


@pytest.mark.parametrize(
    "text",
    [
        "Send the angle in whole degrees, 0 to 359.",
        "- id: the image\n- heading: an integer from 0 to 359",
        "Abgegeben wird heading als ganze Zahl.",
        "提出する値は整数です (heading)。",
    ],
)
def test_whole_degrees_are_sent_where_a_text_asks_for_them(tmp_path: Path, text: str) -> None:
    found = begun(tmp_path, "heading", text)
    assert (found.submission.value, found.submission.decimals) == ("degrees", 0)
    sent = np.array([0.4, 0.5, 1.5, 10.0, 183.2084, 359.4, 359.5, 359.9])
    file = write_submission(tmp_path / "sent.csv", found, NAMES, None, sent)
    assert cells(file) == ["0", "0", "2", "10", "183", "359", "0", "0"]
    assert check(file, found) == []


@pytest.mark.parametrize(
    ("text", "decimals"),
    [
        ("train.csv has the heading of each picture as an integer.", None),
        ("There is an integer number of pictures.", None),
        ("Round the heading to one decimal.", 1),
        ("Predictions have at most 2 decimal places.", 2),
        ("", None),
    ],
)
def test_only_statements_on_the_file_to_send_round(
    tmp_path: Path, text: str, decimals: int | None
) -> None:
    assert begun(tmp_path, "heading", text).submission.decimals == decimals


def test_a_sample_with_fractions_contradicts_whole_numbers(tmp_path: Path) -> None:
    found = begun(tmp_path, "weight", "Submit the weight as an integer.", "0.5")
    assert found.submission.decimals is None


def test_numbers_are_rounded_and_others_refused(tmp_path: Path) -> None:
    found = begun(tmp_path, "weight", "Submit weight with 2 decimals.")
    assert (found.submission.value, found.submission.decimals) == ("scalar", 2)
    sent = np.random.default_rng(0).random(len(NAMES)) * 30
    sent[0] = -0.001  # below submission.range, then 0
    file = write_submission(tmp_path / "sent.csv", found, NAMES, sent)
    expected = [
        str(max(Decimal(one).quantize(Decimal("0.01"), ROUND_HALF_EVEN), Decimal("0.00")))
        for one in [0.0, *sent[1:].tolist()]
    ]
    assert cells(file) == expected
    assert check(file, found) == []
    lines = file.read_text().splitlines()
    lines[3] = f"{NAMES[2]},3.125"
    file.write_text("\n".join(lines) + "\n")
    [problem] = check(file, found)
    assert problem.line == 4
    assert "more than 2 digits behind the point" in problem.message
    assert "submission.decimals" in str(problem.fix)


@pytest.mark.parametrize(
    ("directions", "decimals", "turn"),
    [("signed degrees", 0, 360.0), ("radians", 2, 2 * math.pi), ("gon", 1, 400.0)],
)
def test_directions_are_rounded_in_the_unit_of_the_file(
    tmp_path: Path, directions: str, decimals: int, turn: float
) -> None:
    found = begun(tmp_path, "heading", "")
    data = found.model_dump(mode="json", exclude_unset=True)
    data["submission"] |= {"directions": directions, "decimals": decimals}
    found = Competition.model_validate(data).at(found.root)
    sent = np.random.default_rng(1).random(len(NAMES)) * 360
    sent[:3] = 179.9999, 180.0, 359.9999
    file = write_submission(tmp_path / "sent.csv", found, NAMES, None, sent)
    assert check(file, found) == []
    for cell, one in zip(cells(file), sent.tolist(), strict=True):
        assert len(cell.partition(".")[2]) == decimals
        off = abs(float(cell) / turn * 360 - one) % 360
        assert min(off, 360 - off) <= 0.5 * 10**-decimals / turn * 360 + 1e-9


def test_decimals_of_cells_without_numbers_are_refused(tmp_path: Path) -> None:
    found = begun(tmp_path, "heading", "")
    data = found.model_dump(mode="json", exclude_unset=True)
    data["tasks"], data["classes"] = {"classify": "multiclass"}, ["a", "b"]
    data["submission"] |= {"value": "name", "decimals": 0}
    data["metric"] = {"name": "accuracy"}
    with pytest.raises(DataError, match="decimals is for numbers"):
        format_of(Competition.model_validate(data).at(found.root))

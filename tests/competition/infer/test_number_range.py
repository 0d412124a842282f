"""Amounts of which none is below 0 are not sent as less than 0."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from podium.competition.infer.spec import infer
from podium.competition.sections.submission import FormatParameters
from podium.competition.spec import load_competition
from podium.errors import DataError
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission

N, N_TRAIN = 36, 28


def written(data: Path, columns: Sequence[str], cell: Sequence[str]) -> Path:
    """Write images, and a table of train with the cells in turn, for each of the columns."""
    (data / "images").mkdir(parents=True)
    for k in range(N):
        Image.new("RGB", (8, 8), (k * 7, 9, 0)).save(data / "images" / f"i{k:02}.png")
    rows = [
        [f"i{k:02}", *(cell[(k + j) % len(cell)] for j in range(len(columns)))] for k in range(N)
    ]
    lines = [",".join(["image", *columns]), *(",".join(row) for row in rows[:N_TRAIN])]
    (data / "train.csv").write_text("\n".join(lines) + "\n")
    lines = [lines[0], *(",".join([row[0], *["0.5"] * len(columns)]) for row in rows[N_TRAIN:])]
    (data / "sample_submission.csv").write_text("\n".join(lines) + "\n")
    return data


AMOUNTS = {
    "counts": [str(k) for k in range(3, 30)],
    "counts and blanks": ["", *(str(k) for k in range(1, 30))],
    "halves from 0": [str(k / 2) for k in range(20)],
}
OTHERS = {
    "some below 0": [str(k - 2) for k in range(30)],
    "fractions above 0": [str(0.5 + k / 3) for k in range(30)],
}
WIDE = [str(0.5 + 5 * k / 2) for k in range(30)]


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Weights are in grams, never negative.", True),
        ("değerler 0 veya daha büyük olmalı", True),
        ("0以上の実数を記入してください", True),
        ("Values must be >= 0", True),
        ("Die Werte sind 0 oder größer", True),
        ("Values must be >= 0.5", False),
        ("Take 10 or more of them; the negative ones are below 0", False),
        ("Crop 2.0 or more of it", False),
    ],
)
def test_a_text_tells_that_fractions_are_amounts(tmp_path: Path, text: str, is_told: bool) -> None:
    data = written(tmp_path / "data", ("cells",), OTHERS["fractions above 0"])
    (data / "README.txt").write_text(text, encoding="utf-8")
    found = infer(data, tmp_path).competition.submission.range
    assert found == ((0, None) if is_told else None)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("Predict the cells, a number from 0 to 100.", (0, 100)),
        ("cells: Zahl zwischen 0 und 100", (0, 100)),
        ("tahmin: 0 ile 100 arasında bir sayı", (0, 100)),
        ("tahmin: 0'dan 100'e kadar", (0, 100)),
        ("cells : nombre de 0 à 100", (0, 100)),
        ("| cells | float | 0-100 |", (0, 100)),
        ("cellsは0から100の数値です", (0, 100)),
        ("cells 是0到100之间的数", (0, 100)),
        ("The answer lies in [0, 80].", (0, 80)),
        ("Answers lie between -80 and 80.", (-80, 80)),
        ("The cells of train range from 0 to 100.", None),
        ("The images 0 to 100 are hard.", None),
        ("cells: counted by 0 to 100 annotators", None),
        ("Pixels of the answer have values from 0 to 255.", None),
        ("Predict a number from 0 to 5.", None),  # train has greater ones
        ("Predict a number from 0 to 10000.", None),  # train is far below
        ("cells: from 0 to 100. The answer lies between 0 and 80.", None),
    ],
)
def test_a_text_tells_the_least_and_the_greatest_answer(
    tmp_path: Path, text: str, limits: tuple[float, float] | None
) -> None:
    data = written(tmp_path / "data", ("cells",), WIDE)
    (data / "README.md").write_text(text, encoding="utf-8")
    found = infer(data, tmp_path)
    assert found.competition.submission.range == limits
    assert (limits is None) or "a prediction beyond is written as it" in " ".join(
        found.text.replace("#", "").split()
    )


def test_a_range_of_one_column_is_none_of_the_others(tmp_path: Path) -> None:
    data = written(tmp_path / "data", ("round", "long"), WIDE)
    (data / "README.md").write_text("round: from 0 to 100")
    assert infer(data, tmp_path).competition.submission.range is None
    (data / "README.md").write_text("The answers round and long are from 0 to 100.")
    assert infer(data, tmp_path).competition.submission.range == (0, 100)


def test_no_text_makes_amounts_of_numbers_below_0(tmp_path: Path) -> None:
    data = written(tmp_path / "data", ("cells",), OTHERS["some below 0"])
    (data / "README.txt").write_text("Values must be >= 0")
    assert infer(data, tmp_path).competition.submission.range is None


@pytest.mark.parametrize("columns", [("round", "long"), ("cells",)], ids=["several", "one"])
@pytest.mark.parametrize("cells", AMOUNTS.values(), ids=AMOUNTS)
def test_predictions_below_0_are_written_as_0(
    tmp_path: Path, columns: tuple[str, ...], cells: list[str]
) -> None:
    found = infer(written(tmp_path / "data", columns, cells), tmp_path)
    spec = found.competition
    assert list(spec.submission.range or ()) == [0, None]
    assert "a prediction below is written" in " ".join(found.text.replace("#", "").split())
    ids = [f"i{k:02}" for k in range(N_TRAIN, N)]
    each = np.tile(np.array([-0.25, 4000.5]), (N - N_TRAIN, 1))[:, : len(columns)]
    file = write_submission(tmp_path / "sent.csv", spec, ids, each)
    assert check(file, spec) == []
    assert file.read_text().splitlines()[1].split(",")[1:] == ["0.0", "4000.5"][: len(columns)]
    file.write_text(file.read_text().replace(",0.0", ",-0.25", 1))
    (problem,) = check(file, spec)
    assert "numbers below 0: '-0.25'" in problem.message


@pytest.mark.parametrize("cells", OTHERS.values(), ids=OTHERS)
def test_numbers_that_may_be_below_0_have_no_range(tmp_path: Path, cells: list[str]) -> None:
    spec = infer(written(tmp_path / "data", ("round", "long"), cells), tmp_path).competition
    assert spec.submission.range is None


def test_places_in_an_image_have_no_range(tmp_path: Path) -> None:
    data = written(tmp_path / "data", ("nose_x", "nose_y"), [str(k) for k in range(30)])
    spec = infer(data, tmp_path).competition
    assert spec.positions
    assert spec.submission.range is None


def test_a_falling_range_is_refused_with_the_rising_one(tmp_path: Path) -> None:
    file = tmp_path / "competition.yaml"
    file.write_text(
        "name: a\ntasks: {classify: regression}\ndata: {train: {table: t.csv, id: id, images: "
        "'{id}', label: y}}\nmetric: {name: rmse}\nsubmission:\n  range: [100, 0]\n"
    )
    with pytest.raises(DataError) as caught:
        load_competition(file)
    assert "competition.yaml:6: submission.range: the second number" in str(caught.value)
    assert caught.value.fix == "write [0, 100]"


@pytest.mark.parametrize("limits", [[None, None], [3, 3], [5, 1], [0, float("inf")]])
def test_a_range_has_a_number_and_rises(limits: list[float | None]) -> None:
    with pytest.raises(ValidationError, match=r"number must be larger|(one of )?both must be"):
        FormatParameters.model_validate({"range": limits})

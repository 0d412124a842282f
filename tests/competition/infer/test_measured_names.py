"""Names of folders or files that hold the number to predict with its unit are no classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N = 24
MM = [20 + 37 * n % 500 for n in range(N)]
ASKED = "Predict the level, in millimetres. The folder of a visit is named by its tank and level.\n"
SCORED = "Submissions (photo, level) are scored by the mean absolute error.\n"


def _tanks(
    data: Path, name: Callable[[int], str], text: str = ASKED + SCORED, *, each: int = 2
) -> None:
    """Write `each` images of every visit below `name`, which is a path without its end."""
    for n in range(N):
        for k in range(each):
            put(data / f"train/{name(n)}{f'/IMG_{n}{k}' if each > 1 else ''}.png", 10 * n + k)
    for n in range(6):
        put(data / f"test/IMG_9{n}.png", 900 + n)
    rows = [(f"IMG_9{n}.png", 350) for n in range(6)]
    table(data / "sample_submission.csv", ("photo", "level"), *rows)
    (data / "README.txt").write_text(text)


def _mixed(n: int) -> str:
    return f"{MM[n] / 10}cm" if n % 3 == 0 else f"{MM[n]}mm"


@pytest.mark.parametrize(("name", "each"), [
    (lambda n: f"T{n % 4:02}_2025-03-{n + 1:02}_{MM[n]}mm", 2),
    (lambda n: f"T{n % 4:02}_2025-03-{n + 1:02}_{_mixed(n)}", 2),
    (lambda n: f"{n:04}_{MM[n] / 10}cm", 2),
    (_mixed, 2),
    (lambda n: f"{n:04}_{_mixed(n)}", 1),
], ids=["pieces", "units", "other unit", "alone", "files"])  # fmt: skip
def test_numbers_are_read_in_the_unit_that_is_asked_for(
    tmp_path: Path, name: Callable[[int], str], each: int
) -> None:
    _tanks(tmp_path / "data", name, each=each)
    found, told = begin(tmp_path)
    assert str(found.tasks["classify"]) == "regression"
    assert found.metric.name == "mae"
    labels = sorted(load_samples(found, "train")["label"])
    assert labels == sorted(MM * each)
    assert "measured_names.csv is the number with a unit in the names of " in told
    assert found.folds.group == ("folder" if each > 1 else None)


@pytest.mark.parametrize(("name", "text"), [
    (lambda n: f"T{n % 4:02}_{MM[n]}", ASKED + SCORED),  # no unit
    (lambda n: f"T{n % 4:02}_{MM[n]}mm_{n}cm", ASKED + SCORED),  # two numbers
], ids=["bare", "two"])  # fmt: skip
def test_numbers_that_can_be_no_class_are_asked_for(
    tmp_path: Path, name: Callable[[int], str], text: str
) -> None:
    _tanks(tmp_path / "data", name, text)
    with pytest.raises(DataError, match=r"asks for numbers \(level, as 350\)") as error:
        begin(tmp_path)
    assert "write train.csv with the columns image and level" in (error.value.fix or "")


def test_mixed_units_of_which_none_is_asked_for_are_refused(tmp_path: Path) -> None:
    _tanks(tmp_path / "data", _mixed, SCORED)
    with pytest.raises(DataError, match="numbers of level have several units") as error:
        begin(tmp_path)
    assert error.value.where is not None
    assert "level_unit" in Path(error.value.where).read_text()  # the table lies where it is named


def test_folders_of_sizes_are_classes_where_these_are_sent(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(N):
        put(data / f"train/{5 * (n % 3 + 1)}mm/{n}.png", n)
    for n in range(6):
        put(data / f"test/{90 + n}.png", 90 + n)
    table(
        data / "sample_submission.csv", ("photo", "size"), *((f"{90 + n}", n % 3) for n in range(6))
    )
    (data / "README.txt").write_text("Submissions are scored by the accuracy.\n")
    found, _ = begin(tmp_path)
    assert sorted(found.classes) == ["10mm", "15mm", "5mm"]

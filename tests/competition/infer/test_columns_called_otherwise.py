"""Several numbers of an image, in columns that the sample submission calls otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from podium.competition.samples import load_samples
from podium.tasks.protocols.outputs import by_output
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 30, 36
GRADES = {f"k_{n:03}": (n % 4, n * 7 % 30 // 10) for n in range(N_TRAIN)}


def knots(
    data: Path,
    metric: str,
    *,
    header: tuple[str, ...] = ("Board", "Knot stage", "Chance of cracks "),
    asked: tuple[str, ...] = ("Board no", "KN_Stage", "CR_Chance"),
) -> None:
    """Write boards with two grades, and as a spreadsheet writes them: blank columns and a row."""
    for n in range(N):
        part = "a. Train" if n < N_TRAIN else "b. Test"
        put(data / "1. Boards" / part / f"k_{n % N_TRAIN:03}.jpg", n)
    rows = [(f"{name} " if "7" in name else name, *each) for name, each in GRADES.items()]
    blank = ("",) * len(header)
    (data / "2. Grades").mkdir()
    cells = ((*row, "", "") for row in (header, *rows, blank))
    table(data / "2. Grades/a. Boards_Train Grades.csv", *cells)
    sent = [(f"k_{n:03}", 0, 0) for n in range(N - N_TRAIN)]
    table(data / "Sample_Submission.csv", asked, *sent)
    (data / "page.txt").write_text(f"Submissions are evaluated by {metric}.\n")


def test_columns_that_share_a_word_with_one_of_the_sample_are_a_question(tmp_path: Path) -> None:
    knots(tmp_path / "data", "the RMSE")
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multitarget"}
    samples = load_samples(found, "train")
    read = {
        name: tuple(map(int, each))
        for name, each in zip(samples["id"], samples["label"], strict=True)
    }
    assert read == GRADES
    assert found.classes == ["KN_Stage", "CR_Chance"]
    assert "choose data.train.label" in notes
    text = (tmp_path / "competition.yaml").read_text()
    assert yaml.safe_load(text)["to_choose"][0] == "data.train.label"
    assert "# or label: [Chance of cracks, Knot stage]" in text
    assert "1 row without a cell, which is left out" in notes


def test_a_grade_in_each_of_two_columns_is_an_output_each(tmp_path: Path) -> None:
    knots(tmp_path / "data", "the accuracy of both grades together")
    found, _ = begin(tmp_path)
    assert found.kind.is_by_output
    assert list(by_output(found.classes)) == ["KN_Stage", "CR_Chance"]
    samples = load_samples(found, "train")
    names = np.array(found.classes)
    read = {
        image: [one.partition("=")[2] for one in names[np.asarray(label) == 1]]
        for image, label in zip(samples["id"], samples["label"], strict=True)
    }
    assert read == {name: [str(one) for one in grades] for name, grades in GRADES.items()}


def test_columns_without_a_word_of_the_sample_are_no_answer(tmp_path: Path) -> None:
    header = ("Board", "Length", "Weight")
    knots(tmp_path / "data", "the RMSE", header=header, asked=("Board no", "sound", "rotten"))
    _, notes = begin(tmp_path)
    assert "columns (sound, rotten) are several" in notes


SHARES = {f"k_{n:03}": (n % 7, n * 7 % 30, 100 - n % 7 - n * 7 % 30) for n in range(N_TRAIN)}


def sieved(data: Path, header: tuple[str, ...], asked: tuple[str, ...]) -> None:
    """Write photographs with three shares, in per cent, and one of a board that nobody measured."""
    for n in range(N):
        part = "train" if n < N_TRAIN else "test"
        put(data / part / f"k_{n:03}.png", n)
    put(data / "train/k_empty.png", N)
    rows = [(f"{name}.png", 5 + n % 3, *each) for n, (name, each) in enumerate(SHARES.items())]
    table(
        data / "measured.csv", ("file", "depth 5", *header), *rows, ("k_empty.png", 5, "", "", "")
    )
    sent = [(f"k_{n:03}", 33.3, 33.3, 33.4) for n in range(N_TRAIN, N)]
    table(data / "sample_submission.csv", ("id", *asked), *sent)


def test_columns_are_paired_by_the_numbers_in_their_names(tmp_path: Path) -> None:
    header = ("'Доля 0-20 мм'", "'Доля 20-40 мм'", "'Доля >40 мм'")
    sieved(tmp_path / "data", header, ("fr_0_20", "fr_20_40", "fr_40"))
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multitarget"}
    assert found.classes == ["fr_0_20", "fr_20_40", "fr_40"]
    samples = load_samples(found, "train")
    read = {
        Path(name).stem: tuple(map(int, each))
        for name, each in zip(samples["id"], samples["label"], strict=True)
    }
    assert read == SHARES
    assert "choose" not in notes
    assert len(load_samples(found, "unlabelled")) == 1


@pytest.mark.parametrize(("header", "asked"), [
    (("u 0-20", "u 20-40", "u 40"), ("fr_40", "fr_20_40", "fr_0_20")),  # in another order
    (("u 1", "u 2", "u 3"), ("fr_1", "fr_2", "fr_3")),  # numbered, as anything is
])  # fmt: skip
def test_columns_paired_by_numbers_are_a_question_where_these_may_mean_another_thing(
    tmp_path: Path, header: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    sieved(tmp_path / "data", header, asked)
    found, notes = begin(tmp_path)
    assert found.classes == [*asked]
    assert "choose data.train.label" in notes


@pytest.mark.parametrize("header", [("u 0-20", "u 20-40", "u 20 to 40"), ("u 0-20", "u 20", "u 4")])
def test_columns_whose_numbers_are_not_those_of_the_sample_are_no_answer(
    tmp_path: Path, header: tuple[str, ...]
) -> None:
    sieved(tmp_path / "data", header, ("fr_0_20", "fr_20_40", "fr_40"))
    _, notes = begin(tmp_path)
    assert "columns (fr_0_20, fr_20_40, fr_40) are several" in notes


@pytest.mark.parametrize(("diameter", "is_paired"), [
    ("Ø mean (mm)", True), ("Ø mean", False), ("Ø mean (cm)", False),
])  # fmt: skip
def test_a_column_that_shares_the_unit_alone_is_a_question(
    tmp_path: Path, diameter: str, is_paired: bool
) -> None:
    data = tmp_path / "data"
    header = ("Board", diameter, "Count of knots")
    knots(data, "the RMSE", header=header, asked=("Board no", "Count", "Width_mm"))
    found, notes = begin(tmp_path)
    assert (found.classes == ["Count", "Width_mm"]) == is_paired
    if is_paired:
        samples = load_samples(found, "train")
        cells = zip(samples["id"], samples["label"], strict=True)
        read = {name: tuple(map(int, each))[::-1] for name, each in cells}
        assert read == GRADES
        assert "choose data.train.label" in notes

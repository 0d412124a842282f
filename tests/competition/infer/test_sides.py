"""A row for two images of a patient, with a column for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

GRADES = {f"{n:03}": (n % 3, (n // 2) % 3) for n in range(20)}


@pytest.mark.parametrize(("name", "columns"), [
    ("{key}_{side}", ("left_grade", "right_grade")),
    ("{side}-{key}", ("grade_left", "grade_right")),
    ("{key}_{side}", ("Left-Grade", "Right-Grade")),
])  # fmt: skip
def test_each_image_gets_the_column_of_its_side_and_patients_do_not_cross_folds(
    tmp_path: Path, name: str, columns: tuple[str, str]
) -> None:
    data = tmp_path / "data"
    to_predict = []
    for n in range(26):
        for side in ("left", "right"):
            image = name.format(key=f"{n:03}", side=side)
            put(data / f"images/{image}.png", n)
            to_predict += [(image, 0)] if n >= 20 else []
    table(
        data / "patients.csv",
        ("patient", "age", *columns),
        *((key, 50, *each) for key, each in GRADES.items()),
    )
    table(data / "sample_submission.csv", ("id", "grade"), *to_predict)
    found, notes = begin(tmp_path)
    assert (found.folds.scheme, found.folds.group) == ("stratified_group", "patient")
    samples = load_samples(found, "train")
    labels = dict(zip(samples["id"], samples["label"].map(lambda n: found.classes[n]), strict=True))
    assert labels == {
        name.format(key=key, side=side): str(grade)
        for key, each in GRADES.items()
        for side, grade in zip(("left", "right"), each, strict=True)
    }
    assert "a row for each image of a patient" in notes


def eyes_of_two_tables(data: Path, name: str, *, header: str = "one") -> dict[str, str]:
    """Write a table an eye, whose rows name patients, and return the grade of each image."""
    openpyxl = pytest.importorskip("openpyxl")
    grades = {}
    for word, shift in (("od", 0), ("os", 1)):
        book = openpyxl.Workbook()
        if header == "one":
            book.active.append(["patient no", "years", "grade"])
        else:  # as pandas writes the name of row labels
            book.active.append(["", "years", "grade", "lens", ""])
            book.active.append(["patient no", "", "", "left 1", "right"])
        for n in range(1, 21):
            number, grade = n * 3, (n * 7 // 3 + shift) % 3
            rest = [] if header == "one" else [0.5 * n, 1.5]
            book.active.append([f"#{number:03}", 40 + n, grade, *rest])
            path = f"eyes/{name.format(number=number, side=word.upper())}.jpg"
            put(data / path, number + shift * 100)
            grades[path] = str(grade)
        book.save(data / f"facts_{word}.xlsx")
    for n in range(6):
        put(data / f"test/t{n}.jpg", 300 + n)
    return grades


@pytest.mark.parametrize("header", ["one", "two"])
@pytest.mark.parametrize("name", ["RET{number:03}{side}", "{side}_{number:04}", "f{number}_{side}"])
def test_tables_of_a_side_each_are_rows_of_the_images_of_that_side(
    tmp_path: Path, name: str, header: str
) -> None:
    grades = eyes_of_two_tables(tmp_path / "data", name, header=header)
    found, notes = begin(tmp_path, "grade")
    assert (found.folds.scheme, found.folds.group) == ("stratified_group", "patient no")
    samples = load_samples(found, "train")
    labels = dict(zip(samples["id"], samples["label"].map(lambda n: found.classes[n]), strict=True))
    assert labels == grades
    assert "with the image of each patient no, od and os" in notes


def test_a_table_of_a_side_that_lacks_an_image_is_not_joined(tmp_path: Path) -> None:
    eyes_of_two_tables(tmp_path / "data", "RET{number:03}{side}")
    put(tmp_path / "data/eyes/RET999OS.jpg", 999)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)

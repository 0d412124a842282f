"""A row for two images of a patient, with a column for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
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

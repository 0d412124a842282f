"""Rows of a quantity each of what photos are of: surveys, measured in two years' tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

Row = tuple[int, str, int, str, str]


def photos() -> list[Row]:
    """Return key, camera, number, survey and lot of each photo."""
    rng = np.random.default_rng(2)
    numbers = {one: iter(rng.permutation(80)) for one in ("Nord", "Sud")}
    keys = iter(rng.permutation(3000))
    found = []
    for n in range(50):
        lot = "evaluation" if n % 4 == 3 else "apprentissage"
        cameras = ("Nord", "Sud") if n % 3 else ("Sud",)
        found += [
            (int(next(keys)) + 1, one, int(next(numbers[one])) + 1, f"R{20 + n % 2}-{n:03}", lot)
            for one in cameras
        ]
    return found


def write_surveys(data: Path, rows: list[Row], *, evaluation: str = "evaluation") -> None:
    for key, camera, number, *_ in rows:
        put(data / f"photos/CAM-{camera.upper()}/DSC{number:05}.png", key)
    header = ("cle", "camera", "compteur", "releve", "lot")
    lots = {"evaluation": evaluation, "apprentissage": "apprentissage"}
    table(data / "photos.csv", header, *((*row[:4], lots[row[4]]) for row in rows), sign=";")
    surveys = sorted({(survey, lot) for *_, survey, lot in rows})
    for year in (20, 21):
        lines = []
        for n, (survey, lot) in enumerate(surveys):
            if not survey.startswith(f"R{year}"):
                continue
            lines.append((survey, "TA", "air", f"{n},5", "°C"))
            if lot == "apprentissage":
                lines.append((survey, "H", "hauteur", f"{3 * n},25", "cm"))
            if lot == "apprentissage" and n % 5:
                lines.append((survey, "TU", "turbidite", f"{n + 40},75", "FNU"))
        header = ("releve", "code", "grandeur", "valeur", "unite")
        table(data / f"mesures_20{year}.csv", header, *lines, sign=";")
    sent = [(f"EST_{row[0]:05}", -1, -1) for row in rows if row[4] == "evaluation"]
    table(data / "sample_submission.csv", ("photo", "TU", "H"), *sent)
    (data / "README.md").write_text("Scored by MCRMSE.")


@pytest.mark.parametrize("evaluation", ["evaluation", "évaluation", "test", "final"])
def test_quantities_of_surveys_are_the_answers_of_photos(tmp_path: Path, evaluation: str) -> None:
    rows = photos()
    write_surveys(tmp_path / "data", rows, evaluation=evaluation)
    found, _ = begin(tmp_path)
    assert (found.folds.group, found.classes) == ("releve", ["TU", "H"])
    train, test = (load_samples(found, part) for part in ("train", "test"))
    path = {f"CAM-{row[1].upper()}/DSC{row[2]:05}.png": row for row in rows}
    surveys = sorted({row[3] for row in rows})
    for (image,), label in zip(train["images"], train["label"], strict=True):
        n = surveys.index(path["/".join(Path(image).parts[-2:])][3])
        assert np.array_equal(label, [n + 40.75 if n % 5 else np.nan, 3 * n + 0.25], equal_nan=True)
    for (image,), name in zip(test["images"], test["id"], strict=True):
        assert name == f"EST_{path['/'.join(Path(image).parts[-2:])][0]:05}"
    assert len(train) + len(test) == len(rows)


def test_a_quantity_in_two_units_is_not_taken(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_surveys(data, photos())
    text = (data / "mesures_2020.csv").read_text()
    (data / "mesures_2020.csv").write_text(text.replace(";cm\n", ";m\n", 3))
    with pytest.raises(DataError, match="no column of such numbers was found"):
        begin(tmp_path)

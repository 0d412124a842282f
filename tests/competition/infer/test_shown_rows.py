"""The first rows of the file to send, as a text beside the data shows them, are its form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from podium.workflows.initialising import infer_data

RULES = """\
Boats in the harbour. The folder learn has a folder for each kind of boat.

Send one file with two columns, with a semicolon between them:

bild;boot
{first};ketch
{second};yawl

The score is the accuracy.
"""


def save(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (12, 12, 3))
    Image.fromarray(pixels.astype(np.uint8)).save(path)


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    for number in range(24):
        save(data / f"train/{('ketch', 'yawl', 'sloop')[number % 3]}/quay_{number:03}.jpg", number)
    for number in range(9):
        save(data / f"test/{number + 1:03}.jpg", 100 + number)
    return data


def inferred(data: Path):
    return yaml.safe_load(infer_data(data, data.parent).text)


@pytest.mark.parametrize(("first", "second"), [("001.jpg", "002.jpg"), ("001", "002")])
def test_rows_that_a_text_shows_are_the_form_of_the_file(harbour, first, second):
    (harbour / "rules.txt").write_text(RULES.format(first=first, second=second))
    found = inferred(harbour)["submission"]
    assert found["columns"] == {"bild": "id", "boot": "value"}
    assert found["file"] == {"sep": ";"}
    assert found["value"] == "name"
    sample = (harbour.parent / found["sample"]).read_text().splitlines()
    assert sample[:3] == ["bild,boot", f"{first},ketch", f"{second},yawl"]
    assert len(sample) == 1 + 9


@pytest.mark.parametrize(
    "text",
    [
        RULES.format(first="quay_001.jpg", second="quay_002.jpg"),  # rows of train
        RULES.format(first="901.jpg", second="902.jpg"),  # of no image
        "The camera, and the time of the day;\n001.jpg; is the first image.",  # a sentence
        RULES.format(first="001.jpg", second="002.jpg") + "\nimage,kind\n001.jpg,ketch\n",  # two
    ],
)
def test_other_rows_of_texts_are_no_form(harbour, text):
    (harbour / "rules.txt").write_text(text)
    assert inferred(harbour)["submission"]["columns"] == {"id": "id", "class": "value"}


def test_a_sample_submission_counts_more_than_what_a_text_shows(harbour):
    (harbour / "rules.txt").write_text(RULES.format(first="001.jpg", second="002.jpg"))
    rows = "".join(f"{number + 1:03}.jpg,ketch\n" for number in range(9))
    (harbour / "sample_submission.csv").write_text(f"image,kind\n{rows}")
    found = inferred(harbour)["submission"]
    assert found["columns"] == {"image": "id", "kind": "value"}
    assert "file" not in found


APART = """\
A line for each photograph:
`{first};yawl likelihood;sails;oars`
`yawl likelihood` is any real number; the others are 0 or 1. Example:
```
001;0.92;1;0
```
"""


@pytest.mark.parametrize(("first", "is_form"), [("berth", True), ("the camera", False)])
def test_lines_may_stand_between_the_header_and_its_rows(harbour, first, is_form):
    (harbour / "rules.txt").write_text(APART.format(first=first))
    names = [f"quay_{number:03}.jpg,{('ketch', 'yawl')[number % 2]}\n" for number in range(24)]
    (harbour / "boats.csv").write_text("berth,boat\n" + "".join(names))
    for file in harbour.glob("train/*/*"):
        file.rename(harbour / "train" / file.name)
    found = inferred(harbour)["submission"]
    assert ("sample" in found) == is_form
    if is_form:
        header, row, *_ = (harbour.parent / found["sample"]).read_text().splitlines()
        assert (header, row) == ("berth,yawl likelihood,sails,oars", "001,0.92,1,0")
        assert found["file"] == {"sep": ";"}

"""Images to predict beside references, and labels in a list for each reference."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

PLACES = {"train": range(8), "test": range(8, 12)}
EACH = 4
"""Images of a place."""


def pairs(data: Path, *, ref: str = "ref", name: str = "p{n}") -> list[str]:
    """Write images of places, with a picture of each place beside them; return those of test."""
    sent = []
    for part, numbers in PLACES.items():
        for n in numbers:
            put(data / f"{part}/{part}_{ref}/{name.format(n=n)}.png", n)
            for k in range(EACH):
                put(data / f"{part}/{part}_dis/p{n}_{k}.png", 100 + 10 * n + k)
                sent += [f"p{n}_{k}.png"] if part == "test" else []
    return sent


def rows_of(n: int) -> list[tuple[str, str]]:
    return [(f"p{n}_{k}.png", f"{n * 7 % 5 + k / 3:.3f}") for k in range(EACH)]


def lists(data: Path) -> None:
    for n in PLACES["train"]:
        text = "".join(f"{image},{label}\n" for image, label in rows_of(n))
        (data / "train/labels").mkdir(exist_ok=True)
        (data / f"train/labels/p{n}.txt").write_text(text)


def test_a_short_list_beside_others_may_name_an_image_that_is_not_there(tmp_path: Path) -> None:
    pairs(tmp_path / "data")
    lists(tmp_path / "data")
    (tmp_path / "data/train/train_dis/p3_2.png").unlink()
    found, told = begin(tmp_path)
    assert found.data.train.exclude == ["p3_2.png"]
    train = load_samples(found, "train")
    assert len(train) == EACH * len(PLACES["train"]) - 1
    assert {"p3_0.png", "p3_1.png", "p3_3.png"} <= {*train["id"]}
    assert "'p3_2.png') and are left out" in told


@pytest.mark.parametrize("is_list", [True, False], ids=["lists", "table"])
def test_a_list_in_an_example_is_the_sample_and_references_are_not_predicted(
    tmp_path: Path, is_list: bool
) -> None:
    sent = pairs(tmp_path / "data")
    if is_list:
        lists(tmp_path / "data")
    else:
        rows = [row for n in PLACES["train"] for row in rows_of(n)]
        table(tmp_path / "data/train.csv", ("image", "label"), *rows)
    kit = tmp_path / "data/kit/example_files"
    kit.mkdir(parents=True)
    (kit / "output.txt").write_text("".join(f"{one},{n / 7:.3f}\n" for n, one in enumerate(sent)))
    found, told = begin(tmp_path)
    assert not found.submission.file.header
    assert sorted(load_samples(found, "test")["id"]) == sorted(sent)
    assert "4 images in 'test/test_ref' are not to be predicted" in told
    written = yaml.safe_load((tmp_path / "competition.yaml").read_text())
    assert written["submission"]["sample"] == "made/tables/output.csv"


@pytest.mark.parametrize(
    ("ref", "name", "is_reference"),
    [("ref", "p{n}", True), ("reference", "p{n}_0", True), ("north", "p{n}_0", False)],
)
def test_folders_whose_names_begin_anew_are_no_references(
    tmp_path: Path, ref: str, name: str, is_reference: bool
) -> None:
    pairs(tmp_path / "data", ref=ref, name=name)
    rows = [(f"train/train_dis/{image}", label) for n in range(8) for image, label in rows_of(n)]
    table(tmp_path / "data/train.csv", ("image", "label"), *rows)
    found, told = begin(tmp_path)
    n = EACH * len(PLACES["test"])
    assert len(load_samples(found, "test")) == n + (not is_reference) * len(PLACES["test"])
    assert ("are not to be predicted" in told) is is_reference
    assert ("where they are not asked for" in told) is not is_reference


def test_the_sample_tells_which_of_two_folders_is_to_be_predicted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"train/a{n}.png", n)
    for n in range(24, 40):
        put(data / f"test/{'first' if n < 32 else 'second'}/a{n}.png", n)
    rows = [(f"a{n}.png", ("elm", "fir")[n % 2]) for n in range(24)]
    table(data / "train.csv", ("image", "label"), *rows)
    asked = [(f"a{n}.png", "elm") for n in range(24, 32)]
    table(data / "sample_submission.csv", ("image", "label"), *asked)
    found, told = begin(tmp_path)
    assert sorted(load_samples(found, "test")["id"]) == sorted(image for image, _ in asked)
    assert "8 images in test/second are not to be predicted" in told

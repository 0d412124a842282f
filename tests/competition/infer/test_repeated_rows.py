"""Rows of a table of train that stand twice by mistake are left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table


def photos(data: Path, n: int) -> list[str]:
    names = [f"p{one:02}.png" for one in range(n)]
    files = [*(f"train/{name}" for name in names), "test/q0.png", "test/q1.png"]
    for seed, one in enumerate(files):
        put(data / one, seed)
    return names


@pytest.mark.parametrize(("again", "n_rows"), [
    ([("0", "red;round")], 20),
    ([("0", "round;red"), ("1", "flat")], 20),
    ([("0", "red;flat")], None),  # another label: a person decides
])  # fmt: skip
def test_a_few_rows_that_stand_twice_are_left_out(
    tmp_path: Path, again: list[tuple[str, str]], n_rows: int | None
) -> None:
    data = tmp_path / "data"
    names = photos(data, 20)
    labels = ["red;round", "flat", "red", "round;flat"] * 5
    rows = [*zip(names, labels, strict=True), *((names[int(n)], one) for n, one in again)]
    table(data / "train.csv", ("image", "tags"), *rows)
    found, notes = begin(tmp_path)
    if n_rows is None:
        assert "1 id stands more than once" in notes
        return
    assert len(load_samples(found, "train")) == n_rows
    assert "stood twice" in notes


def test_a_row_an_object_is_no_mistake(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = photos(data, 20)
    fruits = ["apple", "pear", "plum", "pear"] * 5
    rows = [one for n, one in enumerate(zip(names, fruits, strict=True)) for _ in range(1 + n % 3)]
    table(data / "train.csv", ("image", "label"), *rows)
    _, notes = begin(tmp_path)
    assert "stood twice" not in notes


def boxes(data: Path, *sentences: str, remark: str = "Measured again") -> None:
    names = photos(data, 20)
    rows = [(name, 3 + n, "") for n, name in enumerate(names)]
    again = [("p03.png", 50, remark), ("p07.png", 60, remark)]
    table(data / "train.csv", ("image", "apples", "remark"), *rows, *again)
    table(data / "sample_submission.csv", ("image", "apples"), ("q0.png", 0), ("q1.png", 0))
    (data / "README.md").write_text(" ".join(sentences) + "\n")


COUNTS = 'Of boxes with two rows the one with the\nremark "measured again" is right.'


def test_a_later_row_whose_remark_a_text_names_counts(tmp_path: Path) -> None:
    boxes(tmp_path / "data", "Apples in boxes.", COUNTS)
    found, notes = begin(tmp_path)
    samples = load_samples(found, "train")
    read = dict(zip(samples["id"], map(float, samples["label"]), strict=True))
    assert read == {f"p{n:02}.png": {3: 50, 7: 60}.get(n, 3 + n) for n in range(20)}
    assert "whose remark is 'Measured again', as README.md tells" in notes


@pytest.mark.parametrize(("sentences", "remark"), [
    (["Apples in boxes."], "Measured again"),
    (["Rows with the remark measured again do not count."], "Measured again"),
    ([COUNTS], "Measured"),  # by Jo, as any row may be
])  # fmt: skip
def test_two_rows_of_an_image_of_which_no_text_names_the_right_one_are_shown(
    tmp_path: Path, sentences: list[str], remark: str
) -> None:
    boxes(tmp_path / "data", *sentences, remark=remark)
    if remark == "Measured":
        file = tmp_path / "data/train.csv"
        file.write_text(file.read_text().replace("p00.png,3,", f"p00.png,3,{remark}"))
    _, notes = begin(tmp_path)
    assert "2 ids stand more than once" in notes

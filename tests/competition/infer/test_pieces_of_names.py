"""Numbers and words between signs in names of files: which of them is the label is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put

N = 24


def people(data: Path, name: str, test: str = "test/{n}.png") -> None:
    for n in range(N):
        values = {"n": n, "age": 7 + n * 13 % 83, "place": "ab"[n % 2], "day": 20170100 + n * 7}
        put(data / "faces" / name.format(**values), n)
        if n < 5:
            put(data / test.format(**values), 50 + n)


def test_of_numbers_in_names_which_one_is_the_label_is_asked(tmp_path: Path) -> None:
    people(tmp_path / "data", "{day}_{age}_{place}.png")
    found, told = begin(tmp_path)
    assert found.data.train.label == "piece_2"
    assert str(found.tasks["classify"]) == "regression"
    assert "choose data.train.label" in told
    samples = load_samples(found, "train")
    assert sorted(samples["label"]) == sorted(7 + n * 13 % 83 for n in range(N))


@pytest.mark.parametrize(("name", "test"), [
    ("{day}_{n}_{place}.png", "test/{n}.png"),  # a counter
    ("{day}_{age}_{n}.png", "test/{n}.png"),  # one number, and nothing else
    ("{day}_{age}_{place}.png", "test/{day}_{age}_{place}.png"),  # of test it is known
], ids=["counter", "alone", "of test"])  # fmt: skip
def test_counters_and_what_names_of_test_hold_are_no_labels(
    tmp_path: Path, name: str, test: str
) -> None:
    people(tmp_path / "data", name, test)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


def test_numbers_in_names_beside_a_file_of_another_form_are_no_labels(tmp_path: Path) -> None:
    people(tmp_path / "data", "{day}_{age}_{place}.png")
    (tmp_path / "data/labels.mat").write_bytes(b"MATLAB")
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


@pytest.mark.parametrize(("text", "classes"), [
    ("Each name ends with its labels, [tumour, stroma, fat].", ["tumour", "stroma", "fat"]),
    ("Each name ends with its labels. Values are in [0, 1].", ["1", "2", "3"]),
], ids=["listed", "not listed"])  # fmt: skip
@pytest.mark.parametrize("sign", [", ", ",", " "])
def test_bits_in_brackets_that_names_end_with_are_a_label_for_each_class(
    tmp_path: Path, text: str, classes: list[str], sign: str
) -> None:
    data, bits = tmp_path / "data", {}
    for n in range(N):
        each = [n % 2, int(n % 3 == 0), int(n % 5 < 2)]
        path = f"train/{n * 37 % 101}-{n}-[{sign.join(map(str, each))}].png"
        put(data / path, n)
        bits[f"data/{path}"] = each
    for n in range(6):
        put(data / f"test/{n}.png", 100 + n)
    (data / "README.txt").write_text(text, encoding="utf-8")
    found, told = begin(tmp_path)
    assert (str(found.tasks["classify"]), found.classes) == ("multilabel", classes)
    samples = load_samples(found, "train")
    read = zip(samples["images"], samples["label"], strict=True)
    assert {paths[0]: [*map(int, label)] for paths, label in read} == bits
    assert "bits in brackets" in told


def test_bits_that_names_of_images_to_predict_have_are_no_labels(tmp_path: Path) -> None:
    for n in range(N):
        part = "train" if n < 18 else "test"
        put(tmp_path / f"data/{part}/{n}-[{n % 2}, {n % 3 % 2}].png", n)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)

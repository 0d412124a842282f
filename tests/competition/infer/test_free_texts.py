"""Sentences and JSON in cells tell of images, and name no classes where something else does."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from podium.competition.infer.labels.free_texts import are_free_texts
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from tests.competition.infer.test_odd_labels import begin, put, table

SHAPES = ("round", "long", "flat")
TOLD = ("The page shows a seal, and it is {}.", "Nothing but a {} seal can be seen here.")


def written(path: Path, *rows: Sequence[object]) -> None:
    """Write a table whose cells may have commas and quotation marks."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def images(data: Path, n_train: int = 24) -> None:
    for n in range(n_train):
        put(data / f"train/p{n}.png", n)
    for n in range(6):
        put(data / f"test/q{n}.png", 100 + n)


def names_of(found: Competition) -> dict[str, str]:
    """Return the name of the label of each image of train."""
    train = load_samples(found, "train")
    each = zip(train["id"], train["label"], strict=True)
    return {str(one): found.classes[int(label)] for one, label in each}


def test_records_of_json_in_the_column_called_label_are_no_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    images(data)
    shapes = [SHAPES[n % 3] for n in range(24)]
    cells = [json.dumps({"seal": [{"state": one, "at": [{"x": 3, "y": 4}]}]}) for one in shapes]
    drawn = [(f"r{n}", one, f"p{n}.png") for n, one in enumerate(cells)]
    written(data / "drawn.csv", ("row", "Label", "file"), *drawn)
    pairs = [(f"p{n}.png", one) for n, one in enumerate(shapes)]
    table(data / "shapes.csv", ("file", "shape"), *pairs)
    found, _ = begin(tmp_path)
    assert names_of(found) == {f"p{n}.png": one for n, one in enumerate(shapes)}


def test_lists_of_names_in_pieces_come_before_captions_in_pieces(tmp_path: Path) -> None:
    data = tmp_path / "data"
    images(data)
    for n in range(8):
        put(data / f"valid/v{n}.png", 200 + n)
    lists: dict[str, list[str]] = {}
    for part, front, count in (("train", "p", 24), ("valid", "v", 8)):
        rows = [(f"{front}{n}", SHAPES[n % 3], n % 2) for n in range(count)]
        told = [(name, TOLD[n % 2].format(one)) for n, (name, one, _) in enumerate(rows)]
        written(data / f"captions_{part}.csv", ("image", "caption"), *told)
        has = [(name, one if not more else f"{one};old") for name, one, more in rows]
        table(data / f"concepts_{part}.csv", ("image", "found"), *has)
        lists |= {name: sorted(cell.split(";")) for name, cell in has}
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "multilabel"}
    train = load_samples(found, "train")
    read = {
        str(one): sorted(name for name, bit in zip(found.classes, label, strict=True) if bit)
        for one, label in zip(train["id"], train["label"], strict=True)
    }
    assert read == lists


def test_of_a_number_and_a_sentence_that_are_sent_the_number_is_learnt(tmp_path: Path) -> None:
    data = tmp_path / "data"
    images(data)
    marks = [round(1.5 + n * 7 % 24 / 8, 3) for n in range(24)]
    rows = [(f"p{n}", one, TOLD[n % 2].format(SHAPES[n % 3])) for n, one in enumerate(marks)]
    written(data / "train.csv", ("image", "mark", "remark"), *rows)
    sent = [(f"q{n}", 1, "A nice image.") for n in range(6)]
    written(data / "sample_submission.csv", ("image", "mark", "remark"), *sent)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    train = load_samples(found, "train")
    assert list(train["label"]) == marks
    assert "podium init --label remark" in notes


def test_sentences_that_are_sent_alone_are_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    images(data)
    rows = [(f"p{n}", "ABC"[n * 5 % 3], TOLD[n % 2].format("flat")) for n in range(24)]
    written(data / "train.csv", ("image", "shelf", "remark"), *rows)
    written(data / "sample_submission.csv", ("image", "remark"), *((f"q{n}", "") for n in range(6)))
    found, _ = begin(tmp_path)
    assert found.data.train.label == "remark"
    assert found.classes == sorted(one.format("flat") for one in TOLD)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["Malus domestica (Suckow) Borkh.", "Acer platanoides L.", "Carex sp."], False),
        (["haze agriculture road water primary", "clear primary"], False),
        (["invasive carcinoma of no special type", "lobular carcinoma in situ"], False),
        (['["round", "flat"]', '["long"]', "[]"], False),
        (["St. John's wort", "not sure?"], True),
        (["", ""], False),
        (["Great shot!", "The light is good and the subject sharp."], True),
        (["光线很好，主体清晰。", "颜色不错，但是有点太暗。"], True),
        (['{"a": 1}', '[{"a": 2}]', "x"], True),
    ],
)
def test_what_are_sentences(cells: list[str], expected: bool) -> None:
    assert are_free_texts(pd.Series(cells, dtype=object)) is expected

"""Two lists that cut a list of all images in two are train and test."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

LINES = [f"{n}.png {1.5 + n * 7 % 30 / 10}" for n in range(30)]


def text(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def ratings(data: Path, test: list[str]) -> None:
    """Write images, a table of each rater, the list of all, a split, and three folds."""
    for n in range(30):
        put(data / f"photos/{n}.png", n)
    rows = [(f"{n % 30}.png", f"P{n // 30}", n % 5 + 1) for n in range(60)]
    table(data / "raters.csv", ("file", "person", "rating"), *rows)
    text(data / "lists/all.txt", LINES)
    text(data / "lists/split/test.txt", test)
    text(data / "lists/split/train.txt", LINES[:20])
    for fold in range(3):
        held = LINES[fold::3]
        text(data / f"lists/fold_{fold}/test_{fold}.txt", held)
        text(data / f"lists/fold_{fold}/train_{fold}.txt", [x for x in LINES if x not in held])


def test_the_lists_that_cut_the_whole_are_the_parts(tmp_path: Path) -> None:
    ratings(tmp_path / "data", LINES[20:])
    found, notes = begin(tmp_path)
    train, test = (load_samples(found, one) for one in ("train", "test"))
    assert set(test["id"]) == {f"{n}.png" for n in range(20, 30)}
    labels = dict(zip(train["id"], train["label"], strict=True))
    assert labels == {line.split()[0]: float(line.split()[1]) for line in LINES[:20]}
    assert "3 further splits of it, numbered as folds, not" in notes


@pytest.mark.parametrize("test", [LINES[19:], LINES[21:]], ids=["one in both", "one in none"])
def test_lists_that_do_not_cut_it_exactly_are_none(tmp_path: Path, test: list[str]) -> None:
    ratings(tmp_path / "data", test)
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)

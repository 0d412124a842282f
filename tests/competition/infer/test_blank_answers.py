"""Rows without an answer in the one table: wines whose sugar nobody measured yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from podium.workflows.initialising import init_workspace
from tests.competition.infer.test_odd_labels import begin, put, table

WINES = [f"w{n}.png" for n in range(36)]
ASKED = WINES[1::3]
TOLD = "The column sugar is empty for the wines that you have to predict."


def wines(data: Path, *, asked: list[str] = ASKED, text: str = "") -> None:
    for n, name in enumerate(WINES):
        put(data / "photos" / name, n)
    rows = [
        (name, f"cellar {n // 6}", "" if name in asked else f"{10 + n % 7}.{n % 9}")
        for n, name in enumerate(WINES)
    ]
    table(data / "wines.csv", ("photo", "cellar", "sugar"), *rows)
    if text:
        (data / "README.txt").write_text(text)


def test_rows_without_an_answer_are_asked_about_where_nothing_else_is_to_predict(
    tmp_path: Path,
) -> None:
    wines(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert found.to_choose == ["data.test"]
    text = (tmp_path / "competition.yaml").read_text()
    assert "# or test: null" in text
    assert "made/tables/wines_test.csv may be unlabelled" in text
    assert "rows without an answer are taken for those to predict" in notes
    train, test = (load_samples(found, part) for part in ("train", "test"))
    assert list(test["id"]) == ASKED
    assert list(train["id"]) == [name for name in WINES if name not in ASKED]
    assert train["label"].notna().all()
    assert found.data.unlabelled is None


@pytest.mark.parametrize("text", [
    TOLD,
    "sugar : vide pour les vins à prédire.",
    "Die Spalte sugar ist leer, wo sie vorherzusagen ist.",
])  # fmt: skip
def test_a_text_that_tells_of_blank_answers_answers_it(tmp_path: Path, text: str) -> None:
    wines(tmp_path / "data", text=text)
    found, notes = begin(tmp_path)
    assert found.to_choose == []
    assert "rows without an answer are to be predicted: README.txt says" in notes
    assert list(load_samples(found, "test")["id"]) == ASKED


@pytest.mark.parametrize("text", [
    "No cell of what you predict may be empty.",
    "Some photos show an empty glass.",
])  # fmt: skip
def test_a_text_of_other_blanks_leaves_the_question(tmp_path: Path, text: str) -> None:
    wines(tmp_path / "data", text=text)
    found, _ = begin(tmp_path)
    assert found.to_choose == ["data.test"]


def test_few_rows_without_an_answer_are_no_part_to_predict(tmp_path: Path) -> None:
    wines(tmp_path / "data", asked=ASKED[:3], text=TOLD)
    with pytest.raises(DataError, match="no images to predict"):
        init_workspace(tmp_path / "data", tmp_path / "ws")


def test_images_that_no_table_names_may_be_those_to_predict_and_blanks_are_none(
    tmp_path: Path,
) -> None:
    wines(tmp_path / "data")
    for n in range(12):
        put(tmp_path / f"data/photos/x{n}.png", 100 + n)
    with pytest.raises(DataError, match="no images to predict"):
        init_workspace(tmp_path / "data", tmp_path / "ws")


def test_beside_images_of_test_rows_without_an_answer_are_unlabelled(tmp_path: Path) -> None:
    wines(tmp_path / "data", text=TOLD)
    for n in range(12):
        put(tmp_path / f"data/test/x{n}.png", 100 + n)
    found, _ = begin(tmp_path)
    assert sorted(load_samples(found, "unlabelled")["id"]) == sorted(ASKED)
    assert len(load_samples(found, "test")) == 12

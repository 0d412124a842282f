"""Values of a label that say that nobody gave one yet: leaves that no one has looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from podium.competition.infer.labels.no_results import is_called_no_result, is_called_unknown
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from tests.competition.infer.test_odd_labels import begin, put, table

CLASSES = ("rust", "scab", "mildew")
ASKED = ["data.train.table", "data.unlabelled", "classes"]
N = 48


def leaves(
    data: Path,
    value: str,
    *,
    text: str = "",
    columns: Sequence[str] = (),
    cells: Sequence[str] = (),
    classes: Sequence[str] = CLASSES,
) -> None:
    """Write leaves of which every sixth has a further value, with a sample where it has columns."""
    labels = [value if n % 6 == 5 else classes[n % len(classes)] for n in range(N)]
    for n in range(N):
        put(data / f"train/{n:03}.png", n)
    for n in range(12):
        put(data / f"test/t{n:03}.png", N + n)
    rows = [(f"{n:03}.png", f'"{one}"') for n, one in enumerate(labels)]
    table(data / "train.csv", ("photo", "finding"), *rows)
    if columns:
        answers = [(f"t{n:03}.png", *["0.2"] * len(columns)) for n in range(12)]
        table(data / "sample_submission.csv", ("photo", *columns), *answers)
    if cells:
        answers = [(f"t{n:03}.png", cells[n % len(cells)]) for n in range(12)]
        table(data / "sample_submission.csv", ("photo", "finding"), *answers)
    if text:
        (data / "README.md").write_text(text, encoding="utf-8")


def n_of(found: Competition) -> tuple[int, int]:
    """Return the number of labelled and of unlabelled images."""
    if found.data.unlabelled is None:
        return len(load_samples(found, "train")), 0
    return len(load_samples(found, "train")), len(load_samples(found, "unlabelled"))


@pytest.mark.parametrize("value", [
    "pending", "Chưa có", "?", "unlabelled", "TBD", "N/A", "not graded", "Not yet read", "unknown",
    "ausstehend", "noch nicht bewertet", "pendiente", "sin valorar", "en attente", "non évalué",
    "ещё не оценено", "未判定", "待定", "판독 전", "henüz yok", "ainda não avaliado",
    "belum dinilai", "nog niet beoordeeld", "lukematta", "unbekannt", "inconnu", "неизвестно",
    "不明", "미상",
])  # fmt: skip
def test_a_word_for_no_result_is_asked_about_and_its_images_are_unlabelled_at_first(
    tmp_path: Path, value: str
) -> None:
    leaves(tmp_path / "data", value)
    found, notes = begin(tmp_path)
    assert found.to_choose == ASKED
    assert sorted(found.classes) == sorted(CLASSES)
    assert n_of(found) == (40, 8)
    assert f"without 8 cells whose finding is {value!r}, taken for no result" in notes
    text = (tmp_path / "competition.yaml").read_text(encoding="utf-8")
    assert "# or table: data/train.csv" in text
    assert "# or unlabelled: null" in text
    assert value in next(one for one in text.splitlines() if one.startswith("# or classes"))


def test_the_other_reading_has_the_value_as_a_class(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "unknown")
    found, _ = begin(tmp_path)
    train = found.data.train.model_copy(update={"table": "data/train.csv"})
    data = found.data.model_copy(update={"train": train, "unlabelled": None})
    chosen = found.model_copy(update={"data": data, "classes": [*CLASSES, "unknown"]})
    labels = load_samples(chosen.at(tmp_path), "train")["label"]
    assert (len(labels), int((labels == 3).sum())) == (N, 8)


@pytest.mark.parametrize(("value", "text"), [
    ("Chưa có", "Ảnh có finding là 'Chưa có' là ảnh chưa được đọc."),
    ("unknown", "Images whose finding is `unknown` have not been read yet."),
    ("pending", "Leaves with the finding pending: nobody has looked at them, no result yet."),
    ("unbekannt", "Bilder mit finding `unbekannt` wurden noch nicht bewertet."),
    ("desconocido", "Las imágenes con finding `desconocido` todavía no se han leído."),
    ("不明", "findingが「不明」の画像は未判定です。"),
])  # fmt: skip
def test_a_text_that_states_it_too_answers_it(tmp_path: Path, value: str, text: str) -> None:
    leaves(tmp_path / "data", value, text=text)
    found, notes = begin(tmp_path)
    assert found.to_choose == []
    assert n_of(found) == (40, 8)
    assert "README.md says" in notes


def test_a_text_alone_is_asked_about(tmp_path: Path) -> None:
    text = "Images whose finding is 'zz' have not been read yet."
    leaves(tmp_path / "data", "zz", text=text)
    found, _ = begin(tmp_path)
    assert found.to_choose == ASKED
    assert n_of(found) == (40, 8)


def test_a_sample_of_the_other_classes_answers_it(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "unknown", columns=CLASSES)
    found, notes = begin(tmp_path)
    assert found.to_choose == []
    assert list(found.classes) == list(CLASSES)
    assert n_of(found) == (40, 8)
    assert "sample_submission.csv has the other classes" in notes


@pytest.mark.parametrize("value", ["unknown", "other", "pending"])
@pytest.mark.parametrize("where", ["columns", "cells", "list"])
def test_what_a_sample_or_a_list_names_is_a_class(tmp_path: Path, value: str, where: str) -> None:
    every = (*CLASSES, value)
    columns, cells = (every if where == one else () for one in ("columns", "cells"))
    leaves(tmp_path / "data", value, columns=columns, cells=cells)
    if where == "list":
        rows = [(n, one) for n, one in enumerate(every)]
        table(tmp_path / "data/classes.csv", ("id", "name"), *rows)
    found, _ = begin(tmp_path)
    assert found.to_choose == []
    assert sorted(found.classes) == sorted(every)
    assert n_of(found) == (N, 0)


@pytest.mark.parametrize("text", [
    "The finding is one of rust, scab, mildew and unknown.",
    "Findings:\n\n- rust: orange spots\n- scab: dark spots\n- mildew: white\n- unknown: else\n",
    "| finding |  |\n| --- | --- |\n| rust | a |\n| scab | b |\n| mildew | c |\n| unknown | d |",
])  # fmt: skip
def test_what_a_text_names_among_the_classes_is_one(tmp_path: Path, text: str) -> None:
    leaves(tmp_path / "data", "unknown", text=text)
    found, _ = begin(tmp_path)
    assert found.to_choose == []
    assert n_of(found) == (N, 0)


def test_a_value_that_is_explained_as_no_result_among_classes_is_none(tmp_path: Path) -> None:
    text = "The finding is rust, scab, mildew, or unknown where nobody has looked at it yet."
    leaves(tmp_path / "data", "unknown", text=text)
    found, _ = begin(tmp_path)
    assert found.to_choose == []
    assert n_of(found) == (40, 8)


@pytest.mark.parametrize("value", ["other", "healthy", "none", "border", "unclear", "missing", "-"])
def test_other_values_stay_classes(tmp_path: Path, value: str) -> None:
    leaves(tmp_path / "data", value)
    found, _ = begin(tmp_path)
    assert found.to_choose == []
    assert n_of(found) == (N, 0)


def test_grades_without_a_result_are_of_the_kind_that_the_others_are(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "?", classes=("ill", "well"))
    found, _ = begin(tmp_path)
    assert {"tasks", "classes"} <= {*found.to_choose}
    assert str(found.tasks["classify"]) == "binary"
    assert n_of(found) == (40, 8)


def test_numbers_beside_a_word_for_no_result_are_numbers(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "pending", classes=[str(3 * n * n) for n in range(41)])
    found, _ = begin(tmp_path)
    assert str(found.tasks["classify"]) == "regression"
    assert "data.train.table" not in found.to_choose
    assert n_of(found) == (40, 8)


def test_one_class_beside_no_result_is_not_left_alone(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "unknown", classes=("rust",))
    found, _ = begin(tmp_path)
    assert sorted(found.classes) == ["rust", "unknown"]
    assert n_of(found) == (N, 0)


def test_rows_are_left_out_where_a_folder_has_the_unlabelled_images(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "pending")
    for n in range(5):
        put(tmp_path / f"data/unlabelled/u{n}.png", 90 + n)
    found, notes = begin(tmp_path)
    assert found.to_choose == ["data.train.table", "classes"]
    assert n_of(found) == (40, 5)
    assert "without 8 rows whose finding is 'pending'" in notes


@pytest.mark.parametrize("value", ["none", "no", "na", "ka", "other", "void", "healthy", "1", "x"])
def test_words_of_classes_are_no_words_for_no_result(value: str) -> None:
    assert not is_called_no_result(value)
    assert not is_called_unknown(value)

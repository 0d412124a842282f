"""A column beside others that says the same: probability and label, mean and counts, findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.competition.sections.submission import AnswerColumns
from podium.workflows.checking import check_format
from tests.competition.infer.test_odd_labels import begin, put, table


def two_classes(data: Path, header: tuple[str, ...], *sent: object) -> None:
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/{n}.png", n)
    table(data / "train.csv", ("image", "label"), *((n, n % 2) for n in range(24)))
    table(data / "sample_submission.csv", header, *((n, *sent) for n in range(24, 30)))


def test_a_probability_beside_the_label_is_sent_as_both_and_asked_about(tmp_path: Path) -> None:
    two_classes(tmp_path / "data", ("image", "proba", "label"), "0.5", 1)
    found, _ = begin(tmp_path)
    assert found.to_choose == ["submission.columns"]
    assert found.tasks == {"classify": "binary"}
    columns = found.submission.columns
    assert isinstance(columns, AnswerColumns)
    assert [one.value for one in columns.listed] == ["id", "prob", "name"]
    assert check_format(found) == []
    written = (tmp_path / "competition.yaml").read_text()
    assert "# or columns: {image: id, proba: 'text[0.5]', label: value}" in written


@pytest.mark.parametrize(("name", "cell"), [("proba", "50"), ("share", "0.5")])
def test_a_number_beside_the_label_that_is_called_otherwise_or_above_one_stays_as_it_is(
    name: str, cell: str, tmp_path: Path
) -> None:
    two_classes(tmp_path / "data", ("image", name, "label"), cell, 1)
    found, _ = begin(tmp_path)
    assert found.submission.columns == {"image": "id", name: f"text[{cell}]", "label": "value"}
    assert found.to_choose == ["submission.columns"]


def opinions(data: Path, *, is_mean: bool = True) -> None:
    for n in range(24):
        put(data / f"images/{n}.png", n)
    for n in range(6):
        put(data / f"test/t{n}.png", 30 + n)
    rows = []
    for n in range(24):
        counts = (n, 12, 24 - n, 4)
        mean = (n + 2 * 12 + 3 * (24 - n) + 4 * 4) / 40
        rows.append((f"{n}.png", *counts, 40, f"{mean + (n == 7 and not is_mean):.4f}", f"0.{n}"))
    header = ("image", "c1", "c2", "c3", "c4", "n", "MOS", "scaled")
    table(data / "opinions.csv", header, *rows)
    measures = [(f"{n}.png", f"0.{300 + n}", f"{5 + n}.{n}") for n in range(24)]
    table(data / "measures.csv", ("image", "brightness", "colour"), *measures)


def test_the_mean_of_counted_opinions_is_the_label_before_other_measures(tmp_path: Path) -> None:
    opinions(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.data.train.label == "MOS"
    assert found.tasks == {"classify": "regression"}
    # Another number of the table may be asked for, and none that the counts tell.
    offered = [
        line.strip() for line in (tmp_path / "competition.yaml").read_text().splitlines()
        if "# or label: " in line
    ]  # fmt: skip
    assert offered == ["# or label: scaled"]


def test_a_number_that_is_not_the_mean_in_one_row_is_none(tmp_path: Path) -> None:
    opinions(tmp_path / "data", is_mean=False)
    found, _ = begin(tmp_path)
    assert found.data.train.label != "MOS"


def findings(data: Path, cells: str) -> None:
    for n in range(24):
        put(data / f"images/{n}.png", n)
    for n in range(6):
        put(data / f"test/t{n}.png", 30 + n)
    rows = []
    for n in range(24):
        each = [cells.split()[(n * 5 + 2 * k) % 7].strip("_") for k in range(4)]
        rows.append((f"{n}.png", "FM"[n % 2], 40 + n, *each))
    header = ("image", "Sex", "Age", "Edema", "Opacity", "Device", "Fracture")
    table(data / "findings.csv", header, *rows)


def test_findings_that_are_unsure_or_blank_are_several_labels_unknown_there(tmp_path: Path) -> None:
    findings(tmp_path / "data", "_ 1.0 _ 0.0 -1.0 1.0 _")
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multilabel"}
    assert found.data.train.label == ["Edema", "Opacity", "Device", "Fracture"]
    assert "that are blank or -1, and unknown" in notes
    samples = load_samples(found, "train")
    # As the cells repeat after seven: 1.0 stands in the second and in the sixth place.
    known = {1: 1, 5: 1, 3: 0}
    expected = [[known.get((n * 5 + 2 * k) % 7, -1) for k in range(4)] for n in range(24)]
    rows = [n for n in range(24) if set(expected[n]) != {-1}]
    assert [list(one) for one in samples["label"]] == [expected[n] for n in rows]


def test_votes_of_three_kinds_without_a_blank_cell_are_no_findings(tmp_path: Path) -> None:
    findings(tmp_path / "data", "0 1 0 0 -1 1 0")
    found, notes = begin(tmp_path)
    assert "unknown" not in notes
    assert found.tasks != {"classify": "multilabel"}


@pytest.mark.parametrize("blank", ["", "0"])
def test_a_grade_is_the_label_before_two_answers_of_yes_or_no_which_are_offered(
    blank: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'images' if n < 24 else 'test'}/{n}.png", n)
    rows = []
    for n in range(24):
        known = n % 8 != 5
        rows.append((n, n * 3 % 5 if known else blank, n % 2 if known else blank, int(known)))
    table(data / "grades.csv", ("image", "eye_grade", "oedema", "gradable"), *rows)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "eye_grade"
    assert found.classes == ["0", "1", "2", "3", "4"]
    assert found.to_choose == ["data.train.label"]
    written = (tmp_path / "competition.yaml").read_text()
    assert "# or label: oedema" in written
    assert "# or label: gradable" in written
    # An image that nobody could judge has no label, and not the least one.
    assert len(load_samples(found, "train")) == (21 if blank == "" else 24)
    of_one, _ = begin(tmp_path, "oedema")
    assert len(load_samples(of_one, "train")) == (21 if blank == "" else 24)


def ages(data: Path, count: str) -> None:
    for n in range(24):
        put(data / f"train/{n}.png", n)
    for n in range(6):
        put(data / f"test/t{n}.png", 30 + n)
    means = [(f"{n}.png", 3 + n % 4, f"{20 + n}.25", f"0.{30 + n}", 21 + n) for n in range(24)]
    table(data / "mean_train.csv", ("file", count, "age_avg", "age_std", "real_age"), *means)
    each = [(f"{n % 24}.png", 20 + n % 24 + n // 24, 30 + n * 7 % 33) for n in range(72)]
    table(data / "all_train.csv", ("file", "age", "worker_age"), *each)


def test_the_mean_of_ratings_is_the_label_before_a_table_of_each(tmp_path: Path) -> None:
    ages(tmp_path / "data", "num_ratings")
    found, _ = begin(tmp_path)
    assert found.data.train.table == "data/mean_train.csv"
    assert found.data.train.label == "age_avg"
    assert found.to_choose == ["data.train.label"]
    assert "# or label: real_age" in (tmp_path / "competition.yaml").read_text()


def test_a_table_with_a_row_an_image_comes_before_one_of_several(tmp_path: Path) -> None:
    ages(tmp_path / "data", "area")
    found, _ = begin(tmp_path)
    assert found.data.train.table == "data/mean_train.csv"
    assert found.data.train.label != "age_avg"
    assert len(load_samples(found, "train")) == 24


@pytest.mark.parametrize(("sent", "is_asked"), [("0", True), ("0.5", False)])
def test_words_are_asked_for_beside_fractions_where_whole_numbers_are_sent(
    tmp_path: Path, sent: str, is_asked: bool
) -> None:
    """A grade may be sent by its number: the temperature of the day is a number by chance."""
    data = tmp_path / "data"
    for n in range(40):
        put(data / f"{'train' if n < 30 else 'test'}/{n}.png", n)
    words = ("none", "little", "much")
    rows = ((n, f"{18 + n % 9}.{n % 5 + 1}", words[n % 3]) for n in range(30))
    table(data / "train.csv", ("image", "warmth", "rust"), *rows)
    table(data / "sample_submission.csv", ("image", "grade"), *((n, sent) for n in range(30, 40)))
    found, _ = begin(tmp_path)
    assert found.data.train.label == "warmth"
    assert ("data.train.label" in found.to_choose) == is_asked
    assert ("# or label: rust" in (tmp_path / "competition.yaml").read_text()) == is_asked

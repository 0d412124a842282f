"""A column beside others that says the same: probability and label, mean and counts, findings."""

from __future__ import annotations

from pathlib import Path

import pytest

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

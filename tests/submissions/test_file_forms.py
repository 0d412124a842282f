"""Files to send in the form of the host's sample: written, read back, checked."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import yaml

from podium.competition.spec import Competition
from podium.errors import SubmissionError
from podium.hosting.scoring.score import score_file
from podium.hosting.scoring.solution import read_solution
from podium.hosting.setup.from_competition import init_host
from podium.submissions.format.checking import check
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.reading import read_labels
from podium.submissions.format.spec import format_of
from podium.submissions.format.writing import write_submission

IDS = ["a;1", "b,2", 'c"3', "d"]


def competition(root: Path, submission: str, **more: object) -> Competition:
    data = {
        "name": "made",
        "tasks": {"classify": "multilabel"},
        "classes": ["cat", "dog,big", "fox;red"],
        "data": {
            "train": {"table": "t.csv", "id": "id", "images": "{id}", "label": "label"},
            "test": {"images": "*.png"},
        },
        "metric": {"name": "auc"},
        "submission": yaml.safe_load(submission),
    }
    return Competition.model_validate({**data, **more}).at(root)


WIDE = "{id: id, cat: 'prob[cat]', dog: 'prob[dog,big]', fox: 'prob[fox;red]'}"


def sample(root: Path) -> None:
    with (root / "sample.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "cat", "dog", "fox"], *([one, 0, 0, 0] for one in IDS)])


def test_semicolons_and_decimal_commas_come_back_to_the_bit(tmp_path: Path) -> None:
    sample(tmp_path)
    form = f"{{sample: sample.csv, columns: {WIDE}, file: {{sep: ';', decimal: ','}}}}"
    spec = competition(tmp_path, form)
    probs = np.random.default_rng(0).random((4, 3)) * [1, 1e-7, 1]
    probs[0] = 0, 1, 0.5
    file = write_submission(tmp_path / "sent.csv", spec, IDS, probs)
    with file.open(newline="") as stream:
        header, *rows = csv.reader(stream, delimiter=";")
    assert header == ["id", "cat", "dog", "fox"]
    assert [row[0] for row in rows] == IDS
    assert [[float(cell.replace(",", ".")) for cell in row[1:]] for row in rows] == probs.tolist()
    assert all("." not in cell for row in rows for cell in row[1:])
    assert check(file, spec) == []
    wanted = expected_of_ids(format_of(spec), IDS)
    np.testing.assert_array_equal(read_labels(file, wanted), probs)


def test_lists_of_classes_keep_their_signs(tmp_path: Path) -> None:
    with (tmp_path / "sample.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "tags"], *([one, ""] for one in IDS)])
    form = "{sample: sample.csv, columns: {id: id, tags: value}, value: labels, sep: '|', "
    form += "file: {sep: ';'}}"
    spec = competition(tmp_path, form)
    answers = np.array([[1, 1, 1], [0, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.uint8)
    file = write_submission(tmp_path / "sent.csv", spec, IDS, None, answers)
    assert file.read_text().splitlines()[1] == '"a;1";"cat|dog,big|fox;red"'
    wanted = expected_of_ids(format_of(spec), IDS)
    np.testing.assert_array_equal(read_labels(file, wanted), answers)


@pytest.mark.parametrize(
    ("old", "new", "told", "line"),
    [
        (";", ",", "cells are not separated by ';'", 1),
        ("0,25", "0.25", "a number has a decimal point: '0.25'", 2),
        ("0,25", "2,25", "outside", 2),
        ("0,25", "x", "no number", 2),
        ("b,2", "b", "ids that are not in sample.csv", 3),
        ("d;0,25;0,25;0,25\n", "", "missing", None),
        ("id;cat", "id;cow", "header", 1),
    ],
)
def test_a_wrong_file_is_refused_with_the_line(
    tmp_path: Path, old: str, new: str, told: str, line: int | None
) -> None:
    sample(tmp_path)
    form = f"{{sample: sample.csv, columns: {WIDE}, file: {{sep: ';', decimal: ','}}}}"
    spec = competition(tmp_path, form)
    file = write_submission(tmp_path / "sent.csv", spec, IDS, np.full((4, 3), 0.25))
    file.write_text(file.read_text().replace(old, new, -1 if old == ";" else 1))
    found = [(one.message, one.line) for one in check(file, spec)]
    assert any(told in message and at == line for message, at in found), found


def test_a_row_that_the_table_of_ids_lacks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("Row,image,name\n1,d,cat\n")
    (tmp_path / "sample.csv").write_text("image,name,value\nd,cat,0\nd,fox;red,0\n")
    form = (
        "{sample: sample.csv, columns: {image: id, name: class_name, value: value}, value: prob, "
        "rows: image_class, file: {lookup: {table: ids.csv, id: Row}}}"
    )
    with pytest.raises(SubmissionError, match="no row of the table of ids is 'd', 'fox;red'"):
        write_submission(tmp_path / "sent.csv", competition(tmp_path, form), ["d"], np.ones((1, 3)))
    assert not (tmp_path / "sent.csv").exists()


def test_a_host_takes_and_gives_out_the_form_of_the_sample(tmp_path: Path) -> None:
    sample(tmp_path)
    form = "{sample: sample.csv, value: prob, file: {sep: ';', decimal: ','}}"
    spec = competition(tmp_path, form, classes=["cat", "dog", "fox"])
    truth = np.eye(4, 3)
    truth[3] = 1, 1, 0
    with (tmp_path / "solution.csv").open("w", newline="") as file:
        rows = [[one, *map(int, row)] for one, row in zip(IDS, truth, strict=True)]
        csv.writer(file).writerows([["id", "cat", "dog", "fox"], *rows])
    host = init_host(tmp_path / "host", spec, tmp_path / "solution.csv")
    given = (host.files / "sample.csv").read_text().splitlines()
    assert given[0] == "id;cat;dog;fox"
    assert len(given) == 5
    sent = write_submission(tmp_path / "sent.csv", spec, IDS, truth * 0.5)
    loaded = host.spec()
    answers = read_solution(host.solution, loaded.format)
    assert score_file(sent, loaded, answers).public == 1.0
    sent.write_text(sent.read_text().replace(";", ","))
    with pytest.raises(SubmissionError, match="cells are not separated by ';'"):
        score_file(sent, loaded, answers)

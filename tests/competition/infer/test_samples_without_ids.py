"""Sample submissions of answers alone: the rows are those of the list of test, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import SubmissionError
from podium.submissions.format.checking import check
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.writing import write_submission
from podium.workflows.reading_summary import reading_summary

LISTED = ["s29", "s24", "s27", "s25", "s28", "s26"]
CONTENT = ["cod", "eel", "eel", "cod", "eel", "eel"]


def of_shells(root: Path, sample: Sequence[str], listed: Sequence[str] = LISTED) -> Competition:
    """Return what is inferred of shells, whose sample has answers alone."""
    data = root / "data"
    for n in range(30):
        put(data / f"shells/s{n}.png", n)
    rows = [[f"s{n}", ("cod", "eel")[n % 2]] for n in range(24)]
    table(data / "train.csv", ["shell", "found_by"], *rows)
    table(data / "test.csv", ["shell"], *([one] for one in listed))
    table(data / "sample_submission.csv", ["found_by"], *([one] for one in sample))
    return begin(root)[0]


def test_a_sample_without_ids_has_the_order_of_the_list_of_test(tmp_path: Path) -> None:
    found = of_shells(tmp_path, CONTENT)
    ids = found.submission.file.ids
    assert ids is not None
    assert (ids.table, ids.id) == ("data/test.csv", "shell")
    # Predictions come in any order: the file has that of the list.
    mixed = sorted(LISTED)
    answers = [CONTENT[LISTED.index(one)] for one in mixed]
    places = np.array([found.label_names.index(one) for one in answers])
    path = write_submission(tmp_path / "sent.csv", found, mixed, None, places)
    assert path.read_text(encoding="utf-8").split() == ["found_by", *CONTENT]
    assert not check(path, found)
    assert expected_of_test(found).form.header == ["shell", "found_by"]


@pytest.mark.parametrize("n_rows", [5, 7])
def test_a_file_without_ids_of_another_length_is_told(tmp_path: Path, n_rows: int) -> None:
    found = of_shells(tmp_path, CONTENT)
    (tmp_path / "sent.csv").write_text("\n".join(["found_by", *["cod"] * n_rows]) + "\n")
    assert any(one.level == "error" for one in check(tmp_path / "sent.csv", found))


def test_a_sample_of_another_length_has_no_ids_of_the_list(tmp_path: Path) -> None:
    found = of_shells(tmp_path, CONTENT[:4])
    assert found.submission.file.ids is None
    assert found.submission.sample is None


def test_ids_of_another_order_than_the_table_are_refused(tmp_path: Path) -> None:
    found = of_shells(tmp_path, CONTENT)
    table(tmp_path / "data/test.csv", ["shell"], *([one] for one in sorted(LISTED)))
    with pytest.raises(SubmissionError, match="another row"):
        write_submission(tmp_path / "sent.csv", found, LISTED, None, np.zeros(6, dtype=np.int64))


WAYS = ["east", "north", "up"]


def of_drives(root: Path, *, n_rows: int = 8, cells: str = "0.5") -> tuple[Competition, str]:
    """Return what is read of drives, three pictures each, whose sample has three numbers alone."""
    data = root / "data"
    names = [f"d{n * 7 % 30:02}" for n in range(30)]
    for n, name in enumerate(names):
        for k, moment in enumerate(("now", "before", "long_before")):
            put(data / f"pictures/{name}/{moment}.png", 3 * n + k)
    learnt = [[one, n, *(n * k / 7 for k in (1, 2, 3))] for n, one in enumerate(names[:22])]
    table(data / "drives_train.csv", ["drive", "speed", *WAYS], *learnt)
    table(data / "drives_test.csv", ["drive", "speed"], *([one, 4] for one in names[22:]))
    table(data / "sample_submission.csv", WAYS, *([cells] * 3 for _ in range(n_rows)))
    return begin(root)


def test_several_answers_without_ids_have_the_order_of_folders_that_test_lists(
    tmp_path: Path,
) -> None:
    found, notes = of_drives(tmp_path)
    ids, listed = found.submission.file.ids, [f"d{n * 7 % 30:02}" for n in range(22, 30)]
    assert ids is not None
    assert (ids.table, ids.id) == ("data/drives_test.csv", "drive")
    assert list(found.label_names) == WAYS
    assert "their rows are in the order of that table" in notes
    values = np.arange(24.0).reshape(8, 3)
    path = write_submission(tmp_path / "sent.csv", found, listed, values, None)
    lines = path.read_text(encoding="utf-8").split()
    assert lines[0] == ",".join(WAYS)
    assert [[float(one) for one in line.split(",")] for line in lines[1:]] == values.tolist()
    assert not check(path, found)
    # A person is shown the file as it is sent.
    samples = {one: load_samples(found, one) for one in ("train", "test", "unlabelled")}
    shown = reading_summary(found, samples)
    assert "to send: east,north,up, with rows as 0.5,0.5,0.5" in shown


def test_several_answers_of_another_number_of_rows_have_no_order(tmp_path: Path) -> None:
    assert of_drives(tmp_path, n_rows=7)[0].submission.file.ids is None

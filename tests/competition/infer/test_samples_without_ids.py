"""Sample submissions of answers alone: the rows are those of the list of test, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.spec import Competition
from podium.errors import SubmissionError
from podium.submissions.format.checking import check
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.writing import write_submission

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

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from podium.errors import SubmissionError
from podium.submissions import check
from podium.submissions.format.answers import write_answers
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.writing import PredictionBatch

PROBS = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])


def test_batches_in_any_order_leave_in_the_order_of_the_sample(competition_of, tmp_path):
    sample = "id,cat,dog,eel\nb,0,0,1\nc,0,0,1\na,0,0,1\n"
    competition = competition_of(sample, metric="log_loss")
    parts = (
        PredictionBatch(["a", "c"], PROBS[[0, 2]]),
        PredictionBatch([], np.zeros((0, 3))),
        PredictionBatch(["b"], PROBS[1:2]),
    )
    path = write_answers(tmp_path / "s.csv", expected_of_test(competition), iter(parts))
    assert path.read_text() == ("id,cat,dog,eel\nb,0.1,0.8,0.1\nc,0.2,0.2,0.6\na,0.7,0.2,0.1\n")
    assert check(path, competition) == []


def test_rows_of_a_sample_may_lie_apart_as_they_do_in_the_sample(competition_of, tmp_path):
    rows = ["y / eel", "x / cat", "x / dog", "y / cat", "x / eel", "y / dog"]
    sample = "id,class,p\n" + "".join(f"{row.replace(' / ', ',')},0\n" for row in rows)
    competition = competition_of(
        sample,
        submission="value: prob\n  rows: image_class\n"
        "  columns: {id: id, class: class_name, p: value}",
    )
    batches = [PredictionBatch(["x"], PROBS[:1]), PredictionBatch(["y"], PROBS[1:2])]
    path = write_answers(tmp_path / "s.csv", expected_of_test(competition), batches)
    assert path.read_text() == (
        "id,class,p\ny,eel,0.1\nx,cat,0.7\nx,dog,0.2\ny,cat,0.1\nx,eel,0.1\ny,dog,0.8\n"
    )
    assert check(path, competition) == []


def test_rows_of_classes_that_the_sample_does_not_ask_for_are_left_out(competition_of, tmp_path):
    """The host asks for two classes of x and one of y; of z, which it does not know, for none."""
    competition = competition_of(
        "id,class,p\ny,eel,0\nx,cat,0\nx,dog,0\n",
        submission="value: prob\n  rows: image_class\n"
        "  columns: {id: id, class: class_name, p: value}",
    )
    batches = [PredictionBatch(["x", "y"], PROBS[:2])]
    path = write_answers(tmp_path / "s.csv", expected_of_test(competition), batches)
    assert path.read_text() == "id,class,p\ny,eel,0.1\nx,cat,0.7\nx,dog,0.2\n"
    assert [one for one in check(path, competition) if one.level == "error"] == []
    batches = [PredictionBatch(["x", "y", "z"], PROBS[:3])]
    with pytest.raises(SubmissionError, match=r"3 predictions have no row in .*: 'z / cat'"):
        write_answers(tmp_path / "other.csv", expected_of_test(competition), batches)
    assert not (tmp_path / "other.csv").exists()


def test_ids_of_the_sample_that_unicode_composes_otherwise_are_explained(competition_of, tmp_path):
    competition = competition_of("id,cat,dog,eel\nJose\u0301,0,0,1\nb,0,0,1\n", metric="log_loss")
    batches = [PredictionBatch(["Jos\u00e9", "b"], PROBS[:2])]
    with pytest.raises(SubmissionError) as caught:
        write_answers(tmp_path / "s.csv", expected_of_test(competition), batches)
    assert r"sample.csv has 'Jose\u0301', the data 'Jos\xe9'" in str(caught.value.fix)


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ([["a"], ["b"]], "1 row without a prediction: 'c'"),
        ([["a", "b"], ["c", "d"]], "1 prediction has no row in sample.csv: 'd'"),
        ([["a", "b"], ["b", "c"]], "more than once in the predictions: 'b'"),
    ],
)
def test_rows_that_are_missing_extra_or_repeated_across_batches_write_nothing(
    competition_of, tmp_path, ids, words
):
    competition = competition_of("id,cat,dog,eel\na,0,0,1\nb,0,0,1\nc,0,0,1\n", metric="log_loss")
    batches = [PredictionBatch(some, PROBS[: len(some)]) for some in ids]
    with pytest.raises(SubmissionError, match=words):
        write_answers(tmp_path / "s.csv", expected_of_test(competition), batches)
    assert not (tmp_path / "s.csv").exists()


STREAM = """
import sys
import numpy as np
from pathlib import Path
from podium.submissions.format.answers import write_answers
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.format.writing import PredictionBatch

c = 400
form = SubmissionFormat(
    kind="multilabel", classes=tuple(f"class_{i}" for i in range(c)), value="prob",
    columns={"id": "id"} | {f"class_{i}": f"prob[class_{i}]" for i in range(c)},
)
for n in map(int, sys.argv[2:]):
    probs = (np.full((1, c), 0.123456789 + i * 1e-9) for i in range(n))
    batches = (PredictionBatch([f"x{i}"], each) for i, each in enumerate(probs))
    write_answers(Path(sys.argv[1]), expected_of_ids(form, [f"x{i}" for i in range(n)]), batches)
    # Of this program alone: ru_maxrss begins with what the program that started it had.
    [line] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
    print(line.split()[1])
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_what_the_rows_hold(tmp_path):
    """A row has five kilobytes of text here: 2,000 more of them would be ten megabytes more."""
    command = [sys.executable, "-c", STREAM, str(tmp_path / "s.csv"), "200", "2200"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    few, many = (int(peak) * 1024 for peak in done.stdout.split())
    assert (tmp_path / "s.csv").stat().st_size > 9_000_000
    assert many - few < 4_000_000

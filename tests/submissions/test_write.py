from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.errors import DataError, SubmissionError
from podium.submissions import check, write_submission
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.format.writing import PredictionBatch

IDS = ["a.png", "b.png", "c.png"]
PROBS = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]], dtype=np.float32)


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_names_of_classes_stand_in_the_sample_s_order(competition_of, tmp_path):
    competition = competition_of()
    path = write_submission(
        tmp_path / "s.csv", competition, IDS[::-1], PROBS[::-1], np.array([2, 1, 0])
    )
    assert path.read_bytes() == b"id,label\na.png,cat\nb.png,dog\nc.png,eel\n"
    assert check(path, competition) == []


def test_each_probability_stands_in_the_column_of_its_class(competition_of, tmp_path):
    sample = "image,eel,cat,dog\n" + "".join(f"{one},0,0,1\n" for one in IDS)
    competition = competition_of(sample, metric="log_loss")
    path = write_submission(tmp_path / "s.csv", competition, IDS, PROBS)
    assert rows_of(path)[1] == ["a.png", "0.1", "0.7", "0.2"]
    assert check(path, competition) == []


def test_a_binary_file_holds_the_positive_probability(competition_of, tmp_path):
    competition = competition_of(
        "id,p\nx,0.5\n", kind="binary", classes=["no", "yes"], submission="value: prob"
    )
    path = write_submission(tmp_path / "s.csv", competition, ["x"], np.array([[0.25]]))
    assert rows_of(path) == [["id", "p"], ["x", "0.25"]]


def test_a_multilabel_file_joins_the_names_and_may_be_blank(competition_of, tmp_path):
    competition = competition_of(
        "id,labels\nx,cat\ny,cat\n", kind="multilabel", submission="value: labels\n  sep: ';'"
    )
    decisions = np.array([[1, 0, 1], [0, 0, 0]], dtype=np.uint8)
    path = write_submission(
        tmp_path / "s.csv", competition, ["x", "y"], decisions.astype(float), decisions
    )
    assert rows_of(path)[1:] == [["x", "cat;eel"], ["y", ""]]


def test_multilabel_columns_hold_decisions_when_the_value_is_label(competition_of, tmp_path):
    competition = competition_of(
        "id,cat,dog,eel\nx,0,0,0\n", kind="multilabel", submission="value: label"
    )
    decisions = np.array([[1, 0, 1]])
    path = write_submission(tmp_path / "s.csv", competition, ["x"], decisions * 0.9, decisions)
    assert rows_of(path)[1] == ["x", "1", "0", "1"]


def test_a_row_for_each_image_and_class_reads_back_in_any_order(competition_of, tmp_path):
    sample = "id,p\n" + "".join(f"{i}_{c},0\n" for c in ("cat", "dog", "eel") for i in "xy")
    competition = competition_of(
        sample, submission='value: prob\n  rows: image_class\n  id: "{id}_{class}"'
    )
    probs = np.array([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]])
    path = write_submission(tmp_path / "s.csv", competition, ["x", "y"], probs)
    assert rows_of(path)[1:4] == [["x_cat", "0.1"], ["y_cat", "0.3"], ["x_dog", "0.2"]]
    lines = path.read_text().splitlines()
    shuffled = tmp_path / "t.csv"
    shuffled.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n")
    from podium.submissions.format.spec import format_of

    back = read_answers(shuffled, expected_of_ids(format_of(competition), ["x", "y"]))
    np.testing.assert_array_equal(back, probs)


def test_a_regression_file_holds_the_values(competition_of, tmp_path):
    competition = competition_of(
        "id,y\nx,0\n", kind="regression", submission="value: scalar", metric="rmse"
    )
    path = write_submission(tmp_path / "s.csv", competition, ["x"], np.array([[-3.25]]))
    assert rows_of(path)[1] == ["x", "-3.25"]


@pytest.mark.parametrize(
    ("ids", "probs", "decisions", "words"),
    [
        (["a.png", "b.png", "d.png"], PROBS, [0, 1, 2], "c.png"),
        (["a.png", "b.png"], PROBS[:2], [0, 1], "c.png"),
        (["a.png", "b.png", "b.png"], PROBS, [0, 1, 2], "more than once"),
        (IDS, PROBS, None, "needs decisions"),
        (IDS, PROBS, [0, 1], "shape"),
        (IDS, PROBS, [0, 1, 3], "c.png"),
        (IDS, PROBS, [0.5, 1, 2], "a.png"),
    ],
)
def test_predictions_that_do_not_fit_write_nothing(
    competition_of, tmp_path, ids, probs, decisions, words
):
    path = tmp_path / "s.csv"
    path.write_text("old")
    given_ = None if decisions is None else np.array(decisions)
    with pytest.raises(SubmissionError, match=words):
        write_submission(path, competition_of(), ids, probs, given_)
    assert path.read_text() == "old"


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1.01, -0.01])
def test_probabilities_must_be_probabilities(competition_of, tmp_path, bad):
    sample = "id,cat,dog,eel\n" + "".join(f"{one},0,0,1\n" for one in IDS)
    probs = PROBS.copy()
    probs[1, 2] = bad
    with pytest.raises(SubmissionError, match=r"b\.png"):
        write_submission(tmp_path / "s.csv", competition_of(sample), IDS, probs)
    assert not (tmp_path / "s.csv").exists()


def test_what_does_not_read_back_never_takes_the_file_s_name(tmp_path):
    """Two classes whose names cannot be told apart once they are joined by blanks."""
    form = SubmissionFormat(
        kind="multilabel",
        classes=("red cat", "red", "cat"),
        columns={"id": "id", "labels": "value"},
        value="labels",
    )
    path = tmp_path / "s.csv"
    path.write_text("old")
    with pytest.raises(SubmissionError, match="read back"):
        write_answers(
            path,
            expected_of_ids(form, ["x"]),
            [PredictionBatch(["x"], decisions=np.array([[1, 0, 0]], dtype=np.uint8))],
        )
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


ids_text = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(data=st.data(), width=st.sampled_from([np.float32, np.float64]))
def test_every_probability_and_id_survives_the_file_to_the_bit(tmp_path_factory, data, width):
    ids = data.draw(st.lists(ids_text, min_size=1, max_size=6, unique=True))
    bits = 32 if width is np.float32 else 64
    cell = st.floats(0, 1, width=bits)
    probs = np.array(
        data.draw(st.lists(st.tuples(cell, cell), min_size=len(ids), max_size=len(ids))),
        dtype=width,
    )
    form = SubmissionFormat(
        kind="multilabel",
        classes=("a", "b"),
        columns={"id": "id", "a": "prob[a]", "b": "prob[b]"},
        value="prob",
    )
    path = tmp_path_factory.mktemp("written") / "s.csv"
    write_answers(path, expected_of_ids(form, ids), [PredictionBatch(ids, probs)])
    back = read_answers(path, expected_of_ids(form, ids))
    np.testing.assert_array_equal(back.astype(width), probs)


def with_a_column_of_another_file(competition_of):
    """Return a competition of periods and materials, one of which another workspace predicts."""
    sample = "id,period,label\n" + "".join(f"{one},early,cat\n" for one in IDS)
    return competition_of(
        sample,
        submission="columns: {id: id, period: 'file[other.csv]', label: value}\n  value: name",
    )


def test_a_column_is_taken_from_another_file_by_the_ids_of_its_rows(competition_of, tmp_path):
    competition = with_a_column_of_another_file(competition_of)
    other = competition.root / "other.csv"
    other.write_text("period,id\nlate,c.png\nearly,a.png\nlate,b.png\nlate,x.png\n")
    path = write_submission(tmp_path / "s.csv", competition, IDS, PROBS, np.array([0, 1, 2]))
    assert rows_of(path)[1:] == [
        ["a.png", "early", "cat"],
        ["b.png", "late", "dog"],
        ["c.png", "late", "eel"],
    ]
    assert check(path, competition) == []
    other.write_text("id,period\na.png,early\nb.png,early\nc.png,late\n")
    (problem,) = check(path, competition)
    assert (problem.level, problem.line) == ("warning", 3)
    assert "cells of 'period' that are not those of other.csv: 1" in problem.message


@pytest.mark.parametrize("form", ["", "\n  file: {sep: ';', decimal: ','}"])
def test_a_word_where_another_file_has_a_number_is_an_error(competition_of, tmp_path, form):
    """As a spreadsheet makes of 7.02 the second of July; of what was a word nothing is asked."""
    competition = competition_of(
        "id,period,label\n" + "".join(f"{one},1.5,cat\n" for one in IDS),
        submission="columns: {id: id, period: 'file[other.csv]', label: value}\n  value: name"
        + form,
    )
    other = competition.root / "other.csv"
    other.write_text("id,period\na.png,7.02\nb.png,1.5\nc.png,unknown\n")
    path = write_submission(tmp_path / "s.csv", competition, IDS, PROBS, np.array([0, 1, 2]))
    assert check(path, competition) == []
    written = path.read_text()
    number = "7,02" if form else "7.02"
    path.write_text(written.replace(number, "02-Jul"))
    first, second = check(path, competition)
    assert (first.level, first.line) == ("error", 2)
    assert "no number, where other.csv has numbers (1): '02-Jul'" in first.message
    assert second.level == "warning"
    path.write_text(written.replace(number, "702"))
    assert [one.level for one in check(path, competition)] == ["warning"]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (None, DataError, "takes 'period' from other.csv, and there is no such file"),
        ("id,epoch\na.png,late\n", DataError, "has no column 'period'"),
        ("id,period\na.png,late\na.png,early\n", DataError, "the same id stands more than once"),
        ("id,period\na.png,late\nb.png,late\n", SubmissionError, "'c.png' is to be taken from"),
    ],
)
def test_a_column_that_another_file_cannot_give_stops_the_writing(
    competition_of, tmp_path, text, error, message
):
    competition = with_a_column_of_another_file(competition_of)
    if text is not None:
        (competition.root / "other.csv").write_text(text)
    with pytest.raises(error, match=message):
        write_submission(tmp_path / "s.csv", competition, IDS, PROBS, np.array([0, 1, 2]))
    assert not (tmp_path / "s.csv").exists()


def test_a_column_of_a_file_with_semicolons_is_taken_as_that_host_writes_it(
    competition_of, tmp_path
):
    competition = competition_of(
        "id,period,label\n" + "".join(f"{one},1.5,cat\n" for one in IDS),
        submission="columns: {id: id, period: 'file[other.csv]', label: value}\n  value: name\n"
        "  file: {sep: ';', decimal: ',', encoding: cp1252}",
    )
    rows = [f"{one};{cell}\n" for one, cell in zip(IDS, ("0,5", "1,5", "zäh"), strict=True)]
    (competition.root / "other.csv").write_bytes(("id;period\n" + "".join(rows)).encode("cp1252"))
    path = write_submission(tmp_path / "s.csv", competition, IDS, PROBS, np.array([0, 1, 2]))
    text = path.read_bytes().decode("cp1252")
    assert text.splitlines() == [
        "id;period;label", "a.png;0,5;cat", "b.png;1,5;dog", "c.png;zäh;eel"
    ]  # fmt: skip
    assert check(path, competition) == []

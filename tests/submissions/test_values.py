from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.errors import DataError, SubmissionError
from podium.submissions import check, values, write_submission
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.csv_text import CellError
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.spec import SubmissionFormat, format_of, misfits
from podium.submissions.format.writing import PredictionBatch
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

ONE = {"id": "id", "answer": "value"}
PLACES = SubmissionFormat(
    kind="multiclass", classes=("a", "b", "c"), columns=ONE, value="topk", k=2, unknown="new"
)
SURE = SubmissionFormat(
    kind="multiclass",
    classes=("el gr 4", "8815"),
    columns=ONE,
    value="name",
    item="{label} {conf}",
)
# Every kind of label value, in a form that has each of its possibilities.
FORMS = {
    "prob": SubmissionFormat(
        kind="multiclass",
        classes=("a", "b"),
        columns={"id": "id", "p_b": "prob[b]", "p_a": "prob[a]"},
        value="prob",
    ),
    "score": SubmissionFormat(kind="binary", columns=ONE, value="score"),
    "scalar": SubmissionFormat(kind="regression", columns=ONE, value="scalar"),
    "label": SubmissionFormat(kind="ordinal", classes=("0", "1", "2"), columns=ONE, value="label"),
    "name": SURE,
    "labels": SubmissionFormat(
        kind="multilabel", classes=("a", "b"), columns=ONE, value="labels", item="{number}"
    ),
    "topk": PLACES,
}
# A value that only one kind has stands in the folder of that kind, and needs no line here.
OF_ONE_KIND = {
    kind.cell: SubmissionFormat(kind=kind, columns=ONE, value=kind.cell)
    for kind in map(image_kind, kind_names(IMAGES))
    if kind.cell not in FORMS
}
FORMS |= OF_ONE_KIND


def is_label(name: str) -> bool:
    return isinstance(values.get(name), values.LabelValue)


def test_every_value_of_labels_has_a_form_here():
    assert set(FORMS) == set(filter(is_label, values.names()))
    assert [
        (name, list(misfits(form))) for name, form in FORMS.items() if list(misfits(form))
    ] == []


def answers(form: SubmissionFormat, n: int) -> st.SearchStrategy[np.ndarray]:
    """Return possible answers of `n` samples, as the docstrings of the values have them."""
    value, finite = values.label_value(form), st.floats(allow_nan=False, allow_infinity=False)
    if form.value in OF_ONE_KIND:
        numbers = st.one_of(st.integers(0, 400).map(float), st.floats(0, 400))
        can_be = value.allowed(form)[1]
        meant = numbers.filter(lambda one: bool(np.all(can_be(np.array([[one]])))))
        made = st.lists(meant, min_size=n, max_size=n)
        return made.map(lambda rows: np.array(rows, dtype=value.dtype(form)))
    one = {
        "prob": st.tuples(st.floats(0, 1), st.floats(0, 1)),
        "score": st.tuples(finite),
        "scalar": finite,
        "label": st.integers(0, 2),
        "name": st.one_of(st.just((-1.0, 0.0)), st.tuples(st.sampled_from([0.0, 1.0]), finite)),
        "labels": st.tuples(st.integers(0, 1), st.integers(0, 1)),
        "topk": st.lists(st.integers(0, 3), max_size=2, unique=True).map(
            lambda row: tuple(row + [-1] * (2 - len(row)))
        ),
    }[form.value]
    dtype = value.dtype(form)
    return st.lists(one, min_size=n, max_size=n).map(lambda rows: np.array(rows, dtype=dtype))


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back_to_the_bit(tmp_path_factory, name, data):
    form, n = FORMS[name], data.draw(st.integers(1, 4))
    meant = data.draw(answers(form, n))
    path = tmp_path_factory.mktemp("written") / "s.csv"
    ids = [f"x{i}" for i in range(n)]
    wanted = expected_of_ids(form, ids)
    write_answers(path, wanted, [PredictionBatch(ids, meant, meant)])
    back = read_answers(path, wanted)
    assert back.dtype == meant.dtype
    np.testing.assert_array_equal(back, meant)


@pytest.mark.parametrize(
    ("form", "text", "answer"),
    [
        (PLACES, "b a", [1, 0]),
        (PLACES, "new", [3, -1]),
        (PLACES, "", [-1, -1]),
        (SURE, "el gr 4 0.25", [0, 0.25]),
        (SURE, "8815 -3e-5", [1, -3e-5]),
        (SURE, "", [-1, 0]),
        (FORMS["labels"], "2 1", [1, 1]),
        (FORMS["score"], "-1e300", -1e300),
    ],
)
def test_a_cell_means(form, text, answer):
    np.testing.assert_array_equal(values.label_value(form).parser(form)(text), answer)


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        (PLACES, "a b c", "more than 2 answers"),
        (PLACES, "a  b", "a blank answer"),
        (PLACES, "a b ", "a blank answer"),
        (PLACES, "nan", "missing values"),
        (PLACES, "d", "unknown classes"),
        (SURE, "8815", "not '{label} {conf}'"),
        (SURE, "8815 nan", "missing values"),
        (SURE, "8815 inf", "not finite"),
        (SURE, "88 0.5", "unknown classes"),
        (FORMS["labels"], "0", "unknown classes"),
        (FORMS["labels"], "1 1", "twice"),
        (FORMS["score"], "nan", "missing values"),
        (FORMS["score"], "1_0", "no number"),
        (FORMS["label"], "3", "not 0 to 2"),
        (FORMS["label"], "1.0", "decimal point"),
        (FORMS["prob"], "1.5", "outside"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_with_the_reason(form, text, words):
    with pytest.raises(CellError, match=words):
        values.label_value(form).parser(form)(text)


def test_a_label_with_a_decimal_point_is_read_and_is_a_warning(competition_of, tmp_path):
    """A column of labels with one that is missing becomes one of floats in pandas."""
    competition = competition_of(
        "id,label\nx0,0\nx1,0\n", classes=["a", "b", "c"], submission="value: label"
    )
    (tmp_path / "s.csv").write_text("id,label\nx0,2.0\nx1,1\n")
    [problem] = check(tmp_path / "s.csv", competition)
    assert (problem.level, problem.line) == ("warning", 2)
    assert "write 2, not 2.0" in problem.fix
    (tmp_path / "s.csv").write_text("id,label\nx0,2.5\nx1,3.0\n")
    assert [one.level for one in check(tmp_path / "s.csv", competition)] == ["error"]


def places(competition_of, *rows: str):
    sample = "Image,Id\n" + "".join(f"x{i},a\n" for i in range(max(1, len(rows))))
    return competition_of(
        sample,
        classes=["a", "b", "c"],
        metric="map_at_k",
        submission="value: topk\n  k: 2\n  unknown: new",
    )


def test_repeated_value_in_a_cell_is_a_warning(competition_of, tmp_path):
    """It costs a rank and no more, so the host takes the file; it is refused when it is written."""
    competition = places(competition_of, "", "")
    (tmp_path / "s.csv").write_text("Image,Id\nx0,a b\nx1,b b\n")
    [problem] = check(tmp_path / "s.csv", competition)
    assert (problem.level, problem.line) == ("warning", 3)
    assert "twice" in problem.message
    with pytest.raises(SubmissionError, match=r"none twice.*'x1'"):
        write_submission(
            tmp_path / "t.csv", competition, ["x0", "x1"], np.zeros((2, 3)), [[0, 1], [1, 1]]
        )


def test_short_rankings_are_padded(competition_of, tmp_path):
    competition = places(competition_of)
    path = write_submission(
        tmp_path / "s.csv", competition, ["x0"], np.zeros((1, 3)), np.array([[3]])
    )
    assert path.read_text() == "Image,Id\nx0,new\n"


@pytest.mark.parametrize("ranking", [[[0, 4]], [[-1, 0]], [[0.5, 1]], [[0, 1, 2]]])
def test_a_ranking_that_is_none_writes_nothing(competition_of, tmp_path, ranking):
    with pytest.raises(SubmissionError):
        write_submission(
            tmp_path / "s.csv", places(competition_of), ["x0"], np.zeros((1, 3)), np.array(ranking)
        )
    assert not (tmp_path / "s.csv").exists()


def nearest(competition_of):
    return competition_of(
        "id,images\nq,g1 g2\n",
        metric="map_at_k",
        submission='value: topk\n  k: 3\n  item: "{id}"',
    )


def test_the_nearest_images_are_written_by_their_ids(competition_of, tmp_path):
    path = write_submission(
        tmp_path / "s.csv",
        nearest(competition_of),
        ["q"],
        np.zeros((1, 3)),
        np.array([[2, 0]]),
        gallery=["g0", "g1", "g2"],
    )
    assert path.read_text() == "id,images\nq,g2 g0\n"
    assert check(path, nearest(competition_of)) == []


@pytest.mark.parametrize(
    ("gallery", "words"),
    [
        (None, "`gallery` is missing"),
        (["g0"], "gallery of 1"),
        (["g0", "g1", "g 2"], "not what was"),
    ],
)
def test_unknown_or_ambiguous_ids_write_nothing(competition_of, tmp_path, gallery, words):
    with pytest.raises(SubmissionError, match=words):
        write_submission(
            tmp_path / "s.csv",
            nearest(competition_of),
            ["q"],
            np.zeros((1, 3)),
            np.array([[2, 0]]),
            gallery=gallery,
        )
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize(
    ("submission", "words"),
    [
        ("value: topk", "needs submission.k"),
        ("value: topk\n  k: 5\n  unknown: cat", "'cat' is one of the classes"),
        ("value: topk\n  k: 5\n  item: '{conf}'", r"of a list is \{index\}, \{label\}"),
        ("value: topk\n  k: 5\n  sep: a", "hold the separator 'a': 'cat'"),
        ("value: name\n  item: '{label}{conf}'", "nothing between"),
        ("value: name\n  item: '{mask}'", r"holds \{label\}"),
        ("value: name\n  item: '{label} {index} {conf}'", r"holds \{label\}"),
        ("value: coco64", "needs a task segment"),
        ("value: name\n  rows: pixel", "need a task segment"),
        ("value: name\n  columns: {id: id, w: width, v: value}", "those of a mask"),
    ],
)
def test_a_format_that_cannot_be_is_refused(competition_of, submission, words):
    with pytest.raises(DataError, match=words):
        format_of(competition_of(None, submission=submission))


def test_a_column_may_hold_the_same_text_in_every_row(competition_of, tmp_path):
    competition = competition_of(
        "id,label,by\nx,cat,\n",
        submission='value: name\n  columns: {id: id, label: value, by: "text[me, too]"}',
    )
    path = write_submission(tmp_path / "s.csv", competition, ["x"], np.zeros((1, 3)), [1])
    assert path.read_text() == 'id,label,by\nx,dog,"me, too"\n'
    assert check(path, competition) == []


def test_empty_prediction_may_be_written_as_a_text(competition_of, tmp_path):
    """As the boxes of chest images have it: a class, a confidence and a box stand for nothing."""
    competition = competition_of(
        "id,labels\nx,cat\n",
        kind="multilabel",
        submission='value: labels\n  empty: "14 1 0 0 1 1"',
        metric="macro_f1",
    )
    nothing = np.zeros((1, 3), dtype=np.uint8)
    path = write_submission(tmp_path / "s.csv", competition, ["x"], nothing, nothing)
    assert path.read_text() == "id,labels\nx,14 1 0 0 1 1\n"
    back = read_answers(path, expected_of_ids(format_of(competition), ["x"]))
    np.testing.assert_array_equal(back, nothing)


def test_confidences_of_32_bits_are_written_as_what_they_are(competition_of, tmp_path):
    competition = competition_of(
        "id,label\nx,\ny,\n", metric="gap", submission="value: name\n  item: '{conf}:{label}'"
    )
    sure = np.array([[1, 0.1], [-1, 0]], dtype=np.float32)
    path = write_submission(tmp_path / "s.csv", competition, ["x", "y"], np.zeros((2, 3)), sure)
    assert check(path, competition) == []
    back = read_answers(path, expected_of_ids(format_of(competition), ["x", "y"]))
    np.testing.assert_array_equal(back, sure.astype(np.float64))
    assert path.read_text().endswith(":dog\ny,\n")


def test_a_number_of_several_outputs_is_written_as_it_was_decided(tmp_path):
    angle = Kind("angle", IMAGES, is_continuous=True, is_circular=True, fixed_outputs=2)
    form = FORMS["scalar"].model_copy(update={"kind": angle})
    assert list(misfits(form)) == []
    vectors, degrees = np.array([[0.0, 1.0], [-1.0, 0.0]]), np.array([90.0, 180.0])
    path = tmp_path / "s.csv"
    write_answers(
        path, ExpectedRows(form, ["a", "b"]), [PredictionBatch(["a", "b"], vectors, degrees)]
    )
    assert path.read_text().split() == ["id,answer", "a,90.0", "b,180.0"]
    with pytest.raises(SubmissionError, match="needs decisions"):
        write_answers(path, ExpectedRows(form, ["a", "b"]), [PredictionBatch(["a", "b"], vectors)])

from __future__ import annotations

import pytest
from PIL import Image

from podium.errors import DataError
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.spec import format_of


def test_columns_come_from_the_sample_s_header(competition_of):
    form = format_of(competition_of("image_id,species\nx,cat\n"))
    assert form.columns == {"image_id": "id", "species": "value"}
    wide = format_of(competition_of("image_id,dog,cat,eel\nx,1,0,0\n"))
    assert wide.value == "prob"
    assert wide.prob_columns == {1: 1, 2: 0, 3: 2}


def test_ids_of_the_sample_stay_text(competition_of):
    competition = competition_of("id,label\n007,cat\nNA,cat\n1.0,cat\n")
    wanted = expected_of_test(competition)
    assert list(wanted.rows) == ["007", "NA", "1.0"]
    assert wanted.rows_source == "sample.csv"


def test_a_byte_order_mark_and_blanks_of_the_sample_are_not_part_of_names(competition_of):
    form = format_of(competition_of("﻿ id , label\nx,cat\n"))
    assert form.header == ["id", "label"]


def test_the_rows_of_a_code_competition_may_come_with_its_hidden_images(competition_of):
    given = competition_of("id,label\n")
    (given.root / "test").mkdir()
    for name in ("b", "a"):
        Image.new("RGB", (4, 4)).save(given.root / f"test/{name}.png")
    code = given.model_copy(update={"kaggle": given.kaggle.model_copy(update={"kind": "code"})})
    wanted = expected_of_test(code)
    assert (wanted.form.header, wanted.rows_source) == (["id", "label"], "the test set")
    assert wanted.rows == ["a", "b"]
    with pytest.raises(DataError, match="has no rows"):
        expected_of_test(given)


@pytest.mark.parametrize(
    ("sample", "options", "words"),
    [
        ("id,fish,cat\nx,1,0\n", {}, "no class: 'fish'"),
        ("id\nx\n", {}, "only one column"),
        ("", {}, "empty"),
        ("id,label\nx\n", {}, "has 1 cell, the header 2"),
        ("id,label\nx,cat\ny,cat\nx,cat\n", {}, "more than once: 'x'"),
        ("id,label\n", {}, "has no rows"),
        (None, {"submission": 'columns: {id: id, p: "prob[cow]"}'}, "do not exist: 'cow'"),
        (
            None,
            {"submission": 'columns: {id: id, p: "prob[cat]"}'},
            "no column for the classes 'dog'",
        ),
        (None, {"submission": "columns: {p: value}"}, "exactly one column must be the id"),
        (None, {"submission": "columns: {id: id, p: oops, v: value}"}, "unknown fields 'oops'"),
        (None, {"submission": "columns: {id: id, p: value}\n  value: labels"}, "not possible"),
        (None, {"submission": "columns: {id: id, p: value}\n  value: prob"}, "a column for each"),
        (None, {"submission": "columns: {id: id, p: value}\n  rows: image_class"}, "{class}"),
        (
            None,
            {"kind": "multilabel", "classes": ["red cat", "dog"], "submission": "value: labels"},
            "hold the separator ' ': 'red cat'",
        ),
        (
            None,
            {
                "kind": "multilabel",
                "classes": ["none", "dog"],
                "submission": "value: labels\n  empty: none",
            },
            "'none' is a class and",
        ),
    ],
)
def test_a_format_that_cannot_be_is_refused_with_its_reason(competition_of, sample, options, words):
    competition = competition_of(sample, **options)
    with pytest.raises(DataError) as caught:
        expected_of_test(competition)
    assert words in str(caught.value)
    assert caught.value.fix


def test_a_missing_sample_is_named(competition_of, tmp_path):
    competition = competition_of()
    (tmp_path / "sample.csv").unlink()
    with pytest.raises(DataError, match=r"sample\.csv"):
        format_of(competition)


def test_two_key_columns_name_a_row_together(competition_of):
    competition = competition_of(
        "id,class,p\nx,cat,0\nx,dog,0\nx,eel,0\n",
        submission="value: prob\n  rows: image_class\n"
        "  columns: {id: id, class: class_name, p: value}",
    )
    form = format_of(competition)
    assert list(form.keys(["x"])) == ["x / cat", "x / dog", "x / eel"]
    assert list(expected_of_test(competition).rows) == list(form.keys(["x"]))


def test_without_a_sample_the_ids_come_from_the_test_folder(competition_of, tmp_path):
    from PIL import Image

    for name in ("test/b.png", "test/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    competition = competition_of(None)
    wanted = expected_of_test(competition)
    assert (sorted(wanted.rows), wanted.rows_source) == (["a", "b"], "the test set")

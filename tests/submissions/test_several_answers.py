"""Files whose rows hold several answers, against files written by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from podium.competition.spec import Competition
from podium.competition.truths.instances import Instances
from podium.errors import DataError, SubmissionError
from podium.submissions.format.answers import read_answers, write_answers
from podium.submissions.format.cells import ExpectedRows
from podium.submissions.format.checking import check_expected
from podium.submissions.format.expected import expected_of_ids
from podium.submissions.format.mask_sizes import MaskSizes
from podium.submissions.format.spec import SubmissionFormat, format_of
from podium.submissions.format.writing import PredictionBatch

ID = {"name": "id", "value": "id"}
LABEL = {"name": "label", "value": "name", "task": "classify"}
RLE = {"name": "rle", "value": "rle", "task": "segment"}
TRAIN = {
    "table": "t.csv", "id": "id", "images": "{id}", "label": "label", "mask": "m/{id}.png"
}  # fmt: skip


def competition(
    listed: Any, *, segment: str = "binary", classify: str = "multiclass",
    **submission: Any,
) -> Competition:  # fmt: skip
    several = segment == "instance" or classify == "multilabel"
    train = {**TRAIN, "mask": {"table": "m.csv", "id": "id", "rle": "rle", "label": "class"}}
    return Competition.model_validate(
        {
            "name": "both",
            "tasks": {"classify": classify, "segment": segment},
            "classes": ["cat", "dog, wild"],
            "data": {"train": {**train, "label": ["cat", "dog"]} if classify == "multilabel"
                     else train if several else TRAIN},
            "frame": [2, 3],
            "metric": {"name": "mean_dice", "task": "segment"}
            if segment != "instance" else {"name": "mask_map", "task": "segment"},
            "submission": {"columns": listed, **submission},
        }
    )  # fmt: skip


def expected_rows(form: SubmissionFormat, ids: list[str]) -> ExpectedRows:
    return expected_of_ids(form, ids, MaskSizes(frame=(2, 3)))


def mask(*rows: str) -> NDArray[np.uint8]:
    return np.array([[int(one) for one in row] for row in rows], dtype=np.uint8)


IDS = ["b", "a", "c"]
MASKS = {"a": mask("110", "000"), "b": mask("000", "000"), "c": mask("001", "001")}
LABELS = {"a": 1, "b": 0, "c": 0}
# Down the columns, from 1: a has the pixels 1 and 3, c the pixels 5 and 6.
BY_HAND = 'id,label,rle\nb,cat,\na,"dog, wild",1 1 3 1\nc,cat,5 2\n'


def both() -> SubmissionFormat:
    return format_of(competition([ID, LABEL, RLE]))


def write(path: Path, rows: ExpectedRows, labels: list[str], masks: list[str]) -> Path:
    batch = PredictionBatch(labels, decisions=np.array([LABELS[one] for one in labels]))
    return write_answers(path, rows, [[batch], ((one, MASKS[one]) for one in masks)])


def test_label_and_mask_are_written_in_one_row_whatever_the_order_of_the_answers(tmp_path):
    file = write(tmp_path / "s.csv", expected_rows(both(), IDS), ["a", "b", "c"], ["c", "a", "b"])
    assert file.read_text() == BY_HAND


def test_label_and_mask_are_read_from_a_file_written_by_hand(tmp_path):
    file = tmp_path / "s.csv"
    file.write_text(BY_HAND)
    rows = expected_rows(both(), ["a", "b", "c"])
    assert check_expected(file, expected_rows(both(), IDS)) == []
    labels, masks = read_answers(file, rows)
    assert labels.tolist() == [1, 0, 0]
    for one, found in zip("abc", masks, strict=True):
        np.testing.assert_array_equal(found, MASKS[one])


def test_options_of_an_entry_come_before_those_of_the_section(tmp_path):
    listed = [
        {**RLE, "name": "first", "empty": "-", "rle": {"base": 0, "order": "C"}},
        ID,
        {**LABEL, "value": "label"},
        {**RLE, "name": "second"},
    ]
    form = format_of(competition(listed, empty="1 0", rle={"order": "F"}))
    answers = ((one, MASKS[one]) for one in "abc"), ((one, MASKS[one]) for one in "abc")
    batch = PredictionBatch(list("abc"), decisions=np.array([1, 0, 0]))
    file = tmp_path / "s.csv"
    write_answers(file, expected_rows(form, IDS), [answers[0], [batch], answers[1]])
    assert (
        file.read_text() == "first,id,label,second\n-,b,0,1 0\n0 2,a,1,1 1 3 1\n2 1 5 1,c,0,5 2\n"
    )
    first, _, second = read_answers(file, replace(expected_rows(form, IDS), ids=["c"]))
    np.testing.assert_array_equal(first[0], MASKS["c"])
    np.testing.assert_array_equal(second[0], MASKS["c"])


def test_every_fault_of_every_column_is_reported_with_its_line(tmp_path):
    file = tmp_path / "s.csv"
    file.write_text("id,label,rle\nb,cow,\na,cat,1 1 3\nc,cat,5 3\nd,cat,\n")
    found = check_expected(file, expected_rows(both(), IDS))
    errors = [(one.line, one.message) for one in found if one.level == "error"]
    assert [line for line, _ in errors] == [2, 3, 4, 5]
    unknown, pairs, size, strange = (text for _, text in errors)
    assert unknown.startswith("column 'label': unknown classes: 'cow' (line 2)")
    assert pairs.startswith("column 'rle': ")
    assert size.startswith("column 'rle': runs that end beyond the image")
    assert strange.startswith("ids that are not in the test set: 'd' (line 5)")
    with pytest.raises(SubmissionError) as refused:
        read_answers(file, expected_rows(both(), IDS))
    assert refused.value.where == f"{file}:2"


def test_shape_of_a_row_is_reported_once(tmp_path):
    file = tmp_path / "s.csv"
    file.write_text("id,label,rle\nb,cat\na,cat,\nc,cat,\na,cat,\n")
    errors = [
        one for one in check_expected(file, expected_rows(both(), IDS)) if one.level == "error"
    ]
    assert [(one.line, one.message.partition(":")[0]) for one in errors] == [
        (2, "rows that have not 3 cells"),
        (5, "repeated ids"),
        (None, "ids of the test set that are missing (1 of 3)"),
    ]


def test_columns_that_disagree_on_the_images_are_refused(tmp_path):
    with pytest.raises(SubmissionError, match="column 'label' has 1 row more than another column"):
        write(tmp_path / "s.csv", expected_rows(both(), IDS), ["a", "b", "c"], ["a", "b"])
    with pytest.raises(SubmissionError, match="column 'rle' has 1 row more"):
        write(tmp_path / "s.csv", expected_rows(both(), IDS), ["a", "b", "c"], ["a", "a", "b", "c"])
    assert not (tmp_path / "s.csv").exists()


def test_a_row_of_a_class_holds_its_probability_and_its_mask(tmp_path):
    listed = [
        ID,
        {"name": "class", "value": "class_name"},
        {"name": "prob", "value": "prob", "task": "classify"},
        RLE,
    ]
    spec = competition(listed, segment="multilabel", classify="multilabel", rows="image_class")
    form = format_of(spec)
    layers = np.stack([MASKS["a"], MASKS["c"]], axis=2)
    batch = PredictionBatch(["a"], probs=np.array([[0.25, 1.0]]))
    file = write_answers(tmp_path / "s.csv", expected_rows(form, ["a"]), [[batch], [("a", layers)]])
    lines = ["id,class,prob,rle", "a,cat,0.25,1 1 3 1", 'a,"dog, wild",1.0,5 2']
    assert file.read_text().splitlines() == lines
    assert check_expected(file, expected_rows(form, ["a"])) == []
    probs, masks = read_answers(file, expected_rows(form, ["a"]))
    assert probs.tolist() == [[0.25, 1.0]]
    np.testing.assert_array_equal(masks[0], layers)


def test_rows_of_objects_repeat_the_label_of_their_image(tmp_path):
    listed = [ID, LABEL, {"name": "class", "value": "class_name"}, RLE]
    form = format_of(competition(listed, segment="instance", rows="instance"))
    planes = [MASKS["a"].astype(bool), MASKS["c"].astype(bool)]
    objects = Instances.from_planes((2, 3), planes, [1, 0], np.ones(2, dtype=np.float32))
    nothing = Instances.from_planes((2, 3), [], [], np.ones(0, dtype=np.float32))
    batch = PredictionBatch(["a", "b"], decisions=np.array([0, 1]))
    file, rows = tmp_path / "s.csv", expected_rows(form, ["a", "b"])
    write_answers(file, rows, [[batch], [("b", nothing), ("a", objects)]])
    assert file.read_text().splitlines() == [
        "id,label,class,rle",
        'a,cat,"dog, wild",1 1 3 1',
        "a,cat,cat,5 2",
        'b,"dog, wild",cat,',
    ]
    assert check_expected(file, rows) == []
    labels, found = read_answers(file, rows)
    assert labels.tolist() == [0, 1]
    assert [found[0].classes.tolist(), len(found[1])] == [[1, 0], 0]
    file.write_text(file.read_text().replace("a,cat,cat,5 2", 'a,"dog, wild",cat,5 2'))
    [error] = [one for one in check_expected(file, rows) if one.level == "error"]
    assert error.line == 3
    assert error.message.startswith("column 'label': other answers than in the image's first row")


def test_list_with_one_answer_is_the_mapping():
    listed = competition([ID, {**RLE, "empty": "-"}], rle={"base": 0})
    mapped = competition({"id": "id", "rle": "value"}, value="rle", empty="-", rle={"base": 0})
    assert format_of(listed) == format_of(mapped)


def test_format_of_several_answers_is_read_back_from_its_dump():
    form = both()
    assert SubmissionFormat.model_validate(form.model_dump(mode="json")) == form
    assert "parts" not in form.parts[0].model_dump(mode="json")


REFUSED = {
    "two ids": ([ID, {**ID, "name": "id2"}, LABEL, RLE], {}, "exactly one column must be the id"),
    "same answer": (
        [ID, LABEL, {**LABEL, "name": "l2"}, RLE],
        {},
        "columns 'label', 'l2' would hold the same answer",
    ),
    "classes": ([ID, {**LABEL, "value": "rle"}, RLE], {}, "value rle needs a task segment"),
    "drop": (
        [ID, LABEL, RLE],
        {"segment": "instance", "rows": "instance", "empty_row": "drop"},
        "leaves an image without a row",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_format_that_cannot_be_is_refused(case):
    listed, options, why = REFUSED[case]
    with pytest.raises(DataError, match=why):
        format_of(competition(listed, **options))


def test_spec_names_the_column_that_is_wrong():
    with pytest.raises(ValueError, match="'label' needs task: classify or segment"):
        competition([ID, {"name": "label", "value": "name"}, RLE])
    with pytest.raises(ValueError, match="segment is scored, and no column holds it"):
        competition([ID, LABEL])
    with pytest.raises(ValueError, match="there is no value 'rl': write rle"):
        competition([ID, LABEL, {**RLE, "value": "rl"}])
    with pytest.raises(ValueError, match="own is a file of podium/submissions/values, not of the"):
        competition([ID, LABEL, {**RLE, "value": "my_value:VALUE"}])
    with pytest.raises(ValueError, match="'id' stands more than once"):
        competition([ID, ID, RLE])

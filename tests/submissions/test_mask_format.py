from __future__ import annotations

import pytest

from podium.errors import DataError
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.spec import format_of

SIZES = {"a": (4, 6), "b": (4, 6)}


def test_a_competition_of_masks_writes_rle_by_default(masks_of):
    form = format_of(masks_of(sample="img,pixels\na,1 1\nb,1 1\n"))
    assert (form.task, form.kind, form.value) == ("segment", "binary", "rle")
    assert form.columns == {"img": "id", "pixels": "value"}
    assert (form.n_masks, form.mask_classes) == (1, ("foreground",))


def test_without_a_sample_there_are_an_id_and_runs_for_each_test_image(masks_of):
    competition = masks_of(sizes=SIZES)
    form = format_of(competition)
    assert form.columns == {"id": "id", "rle": "value"}
    wanted = expected_of_test(competition)
    assert (wanted.rows, wanted.rows_source) == (["a", "b"], "the test set")


@pytest.mark.parametrize(
    ("submission", "keys"),
    [
        ('rows: image_class, id: "{id}_{number}"', ["a.png_1", "a.png_2", "a.png_3"]),  # Severstal
        (
            'rows: image_class, id: "{id}_{class}"',
            ["a.png_cat", "a.png_dog", "a.png_eel"],
        ),  # Clouds
        ('rows: image_class, id: "{id}-{index}"', ["a.png-0", "a.png-1", "a.png-2"]),
        (
            # UW-Madison
            "rows: image_class, columns: {id: id, class: class_name, predicted: value}",
            ["a.png / cat", "a.png / dog", "a.png / eel"],
        ),
        (
            "rows: image_class, columns: {ImageId: id, Runs: value, ClassId: class_number}",
            ["a.png / 1", "a.png / 2", "a.png / 3"],
        ),
        (
            "rows: image_class, columns: {id: id, n: class, rle: value}",
            ["a.png / 0", "a.png / 1", "a.png / 2"],
        ),
    ],
)
def test_a_row_for_each_class_is_named_as_real_competitions_do(masks_of, submission, keys):
    form = format_of(masks_of(kind="multilabel", submission=f"{{{submission}}}"))
    assert list(form.keys(["a.png"])) == keys


def test_the_metric_s_task_decides_what_a_file_holds(masks_of, tmp_path):
    masks_of(sample="id,rle\na,\n")
    text = (tmp_path / "competition.yaml").read_text()
    text = text.replace("tasks: {segment: binary}", "tasks: {segment: binary, classify: binary}")
    joint = tmp_path / "joint"
    joint.mkdir()
    (joint / "sample.csv").write_text("id,label\na,0\n")
    (joint / "competition.yaml").write_text(text.replace("mean_dice", "accuracy, task: classify"))
    from podium.competition.spec import load_competition

    form = format_of(load_competition(joint))
    assert (form.task, form.value) == ("classify", "label")
    (joint / "competition.yaml").write_text(text)
    form = format_of(load_competition(joint))
    assert (form.task, form.value) == ("segment", "rle")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "multiclass"}, "one row an image holds one mask, and there are 3 classes"),
        ({"kind": "multilabel", "submission": "{rows: image_class}"}, "need {class} or {number}"),
        ({"submission": "{rows: image_class}"}, "a binary mask has one row an image"),
        ({"submission": "{value: label}"}, "value rle, not label"),
        ({"submission": '{empty: "1 1"}'}, "'1 1' reads as a mask"),
        ({"submission": '{id: "{stem}"}'}, "does not hold {id}"),
        ({"submission": '{id: "{id}{suffix}"}'}, "may use {id}, {class}, {index}, {number}"),
        ({"submission": "{columns: {id: id, class: class_name, rle: value}}"}, "rows: image_class"),
        ({"sample": "id,class,predicted\na,cat,\n"}, "no class: 'class', 'predicted'"),
    ],
)
def test_a_format_that_cannot_hold_the_masks_is_refused(masks_of, options, words):
    with pytest.raises(DataError) as caught:
        format_of(masks_of(**options))
    assert words in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize("empty", ["", "-1", "-", "1 0"])
def test_what_real_competitions_write_for_nothing_is_possible(masks_of, empty):
    form = format_of(masks_of(submission=f'{{empty: "{empty}"}}'))
    assert form.empty == empty


def test_runs_in_a_competition_of_labels_are_refused(competition_of):
    with pytest.raises(DataError, match="needs a task segment"):
        format_of(competition_of(submission="value: rle"))


def test_one_class_of_a_multilabel_task_needs_no_row_a_class(masks_of):
    assert format_of(masks_of(kind="multilabel", classes=["cat"])).n_masks == 1

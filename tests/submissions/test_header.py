from __future__ import annotations

import numpy as np
import pytest
from submissions.preset_cases import competition_of_preset

from podium.competition.presets import find_preset
from podium.errors import DataError
from podium.submissions import write_submission
from podium.submissions.format.spec import format_of

CLASSES = ["0", "3", "372"]


def test_the_sample_s_name_of_a_column_wins_over_the_preset_s(tmp_path):
    """iWildCam's page and grader say Category, its data Predicted."""
    competition = competition_of_preset(
        tmp_path, find_preset("iwildcam-2020"), sample="Id,Category\nx,0\n", classes=CLASSES
    )
    assert format_of(competition).columns == {"Id": "id", "Category": "value"}
    path = write_submission(tmp_path / "s.csv", competition, ["x"], np.zeros((1, 3)), [2])
    assert path.read_text() == "Id,Category\nx,372\n"


def test_columns_that_are_spelt_out_win_over_the_sample(tmp_path):
    competition = competition_of_preset(
        tmp_path,
        find_preset("iwildcam-2020"),
        sample="Id,Category\nx,0\n",
        classes=CLASSES,
        submission={"columns": {"Id": "id", "Guess": "value"}},
    )
    assert format_of(competition).header == ["Id", "Guess"]


def test_the_order_of_the_sample_s_columns_wins_over_the_preset_s(tmp_path):
    competition = competition_of_preset(
        tmp_path,
        find_preset("uw-madison"),
        sample="predicted,class,id\n,stomach,x\n",
    )
    assert format_of(competition).columns == {
        "predicted": "value",
        "class": "class_name",
        "id": "id",
    }


@pytest.mark.parametrize(
    ("preset", "sample"),
    [
        ("uw-madison", "id,predicted\nx,\n"),
        ("uw-madison", "class,id,predicted_\nx,stomach,\n"),
        ("plant-pathology-2020", "image_id,a,b,c,d\nx,0,0,0,0\n"),
    ],
)
def test_a_sample_submission_that_does_not_match_is_refused_with_both_headers(
    tmp_path, preset, sample
):
    competition = competition_of_preset(tmp_path, find_preset(preset), sample=sample)
    with pytest.raises(DataError, match="the sample's columns are") as caught:
        format_of(competition)
    assert str(caught.value.where).endswith("sample.csv:1")


@pytest.mark.parametrize(
    ("sample", "header"),
    [
        (None, ["id", "p_cat", "p_dog", "p_eel"]),
        ("p_eel,id,p_cat,p_dog\n0,x,0,1\n", ["p_eel", "id", "p_cat", "p_dog"]),
    ],
)
def test_a_column_each_class_needs_no_list(competition_of, sample, header):
    form = format_of(
        competition_of(
            sample,
            metric="log_loss",
            submission='value: prob\n  columns: {id: id, "p_*": "prob[*]"}',
        )
    )
    assert form.header == header
    names = {header[at]: form.classes[i] for at, i in form.prob_columns.items()}
    assert names == {"p_cat": "cat", "p_dog": "dog", "p_eel": "eel"}

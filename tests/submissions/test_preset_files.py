"""Anyone's file for a known competition, without a workspace."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.presets import all_presets
from podium.errors import UsageError
from podium.submissions.format.checking import check_expected, expected_of_preset
from tests.submissions.preset_cases import golden

CLASSES = {
    "herbarium-2022": ["7", "10", "11", "15504"],
    "hotel-id-2021": ["36363", "18807", "53586", "64314", "5"],
    "inaturalist-2019": 5,
    "iwildcam-2020": 700,
    "landmark-recognition-2019": ["8815", "17", "204", "9"],
    "landmark-recognition-2020": ["8815", "17", "204", "9"],
    "open-images-2019": ["/m/0c9ph5", "/m/01g317"],
    "imet-2019": 1103,
    "imet-2020": 3474,
    "imaterialist-2019": 46,
    "imaterialist-2020": 46,
    "humpback-whale": ["w_1287fbc", "w_0003639", "w_23a388d", "w_11", "w_98baff9"],
    "whale-categorization": ["w_1287fbc", "w_0003639", "w_23a388d", "w_11", "w_98baff9"],
}


@pytest.mark.parametrize("preset", all_presets(), ids=lambda one: one.name)
def test_what_a_host_takes_has_no_error_by_the_preset_alone(preset):
    known = CLASSES.get(preset.name, ())
    classes = [str(i) for i in range(known)] if isinstance(known, int) else known
    file = golden(preset)
    for sample in (None, file):
        wanted = expected_of_preset(preset.name, classes=classes, file=file, sample=sample)
        errors = [str(one) for one in check_expected(file, wanted) if one.level == "error"]
        if preset.image_size is not None and "height" in preset.submission.columns:
            assert any("another height than the image's" in one for one in errors)  # a miniature
        else:
            assert errors == []


def check(*words):
    done = CliRunner().invoke(app, ["check", *map(str, words)])
    return done.exit_code, done.output


def test_the_command_needs_no_workspace_and_finds_what_is_wrong(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file, sample = tmp_path / "s.csv", tmp_path / "sample.csv"
    file.write_text("ImageId_ClassId,EncodedPixels\na.jpg_1,1 2\na.jpg_2,257 1 3 9\n")
    sample.write_text("ImageId_ClassId,EncodedPixels\na.jpg_1,1 1\na.jpg_2,1 1\na.jpg_3,1 1\n")
    code, text = check(file, "--preset", "severstal")
    assert code == 2
    assert "line 3" in text
    assert "ids of" not in text
    file.write_text(file.read_text().replace("257 1 3 9", "257 409600"))
    code, text = check(file, "--preset", "severstal-steel-defect-detection", "--size", "512x1600")
    assert code == 0
    assert "--sample sample_submission.csv" in text
    code, text = check(file, "--preset", "severstal", "--sample", sample)  # knows 256 x 1600
    assert code == 2
    assert "'a.jpg_2'" in text
    assert "ids of sample.csv that are missing (1 of 3): 'a.jpg_3'" in text
    code, text = check(file, "--preset", "severstal", "--json")
    assert json.loads(text)[0]["line"] == 3


def test_classes_are_named_counted_or_listed_in_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file, names = tmp_path / "s.csv", tmp_path / "names.txt"
    file.write_text("Id,Predicted\n1,2\n2,3\n")
    assert check(file, "--preset", "iwildcam-2020", "--classes", 4)[0] == 0
    code, text = check(file, "--preset", "iwildcam-2020", "--classes", "3")
    assert code == 2
    assert "line 3: column 'Predicted': unknown classes: '3'\n" in text
    names.write_text("w_1\nw_9\nnew_whale\n")
    file.write_text("Image,Id\na,w_1 new_whale\n")
    assert check(file, "--preset", "humpback-whale", "--classes", names)[0] == 0
    file.write_text("Image,Id\na,w_1 w_2\n")
    assert (
        "line 2: column 'Id': unknown classes: 'w_2'\n"
        in check(file, "--preset", "humpback-whale", "--classes", names)[1]
    )
    with pytest.raises(UsageError, match="does not name the classes"):
        expected_of_preset("humpback-whale", file=file)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--preset", "severstall"], "severstal"),
        (["--sample", "x.csv"], "--sample needs --preset"),
        (["--preset", "severstal", "--size", "256"], "256x1600"),
        (["--preset", "severstal", "--fold", "0"], "no folds"),
        (["--preset", "severstal", "--sample", "nowhere.csv"], "no such file"),
    ],
)
def test_impossible_options_of_a_preset_are_refused(tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.csv").write_text("ImageId_ClassId,EncodedPixels\na.jpg_1,1 2\n")
    done = CliRunner().invoke(app, ["check", "s.csv", *words])
    assert done.exit_code != 0
    assert message in str(done.exception) + done.output

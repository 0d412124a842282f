"""`calibrate` finds how masks are written, from miniatures in the codecs of real competitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import codec_miniatures
import numpy as np
import pandas as pd
import pytest
from miniatures import write_table
from PIL import Image

from podium.competition.calibrate import calibration
from podium.competition.calibrate.calibration import Calibration, calibrate, write_parameters
from podium.competition.calibrate.preset import match_preset
from podium.competition.calibrate.sample import CalibratedParameter, pixel_form
from podium.competition.ids.rows import groups_of_rows
from podium.competition.infer.sample.submission import SampleSubmission, slices_hint, unit_template
from podium.competition.infer.spec import infer
from podium.competition.presets import all_presets
from podium.competition.spec import load_competition
from podium.errors import UsageError
from podium.tasks.protocols.find import image_kind, pixel_kind

PLAIN = "{base: 1, order: F}"


def workspace(root: Path, make: Callable[[Path], None]) -> Path:
    """Write a miniature, and a competition.yaml whose codecs are the usual ones."""
    make(root / "data")
    inferred = infer(root / "data", root)
    text = [
        f"{line.split(':')[0]}: {PLAIN}"
        if line.strip().startswith(("mask_codec:", "rle: {"))
        else line
        for line in inferred.text.splitlines()
    ]
    (root / "competition.yaml").write_text("\n".join(text) + "\n", encoding="utf-8")
    return root


def found(calibration: Calibration, name: str) -> CalibratedParameter:
    return next(one for one in calibration.parameters if one.name == name)


DOWN = {"base": 1, "order": "F", "relative": False}
ALONG = {**DOWN, "order": "C"}


@pytest.mark.other_cases("slow", every=3)
@pytest.mark.parametrize(
    ("make", "codec", "preset", "order"),
    [
        (codec_miniatures.severstal, DOWN, "severstal", "likely"),
        (
            codec_miniatures.pneumothorax,
            {"base": 0, "order": "F", "relative": True},
            "siim-pneumothorax",
            "likely",
        ),
        (codec_miniatures.sartorius, ALONG, "sartorius", "likely"),
        (codec_miniatures.vesuvius, ALONG, None, "certain"),
        (codec_miniatures.uw_madison, ALONG, "uw-madison", "likely"),
        (codec_miniatures.clouds, DOWN, "clouds", "likely"),
    ],
)
def test_the_codec_of_a_miniature_is_found_and_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], None],
    codec: dict[str, Any],
    preset: str | None,
    order: str,
) -> None:
    codec_miniatures.take_for_real_sizes(monkeypatch)
    root = workspace(tmp_path, make)
    calibration = calibrate(load_competition(root))
    of_train = {
        one.name.rpartition(".")[2]: one
        for one in calibration.parameters
        if one.name.startswith(("data.train.mask_codec.", "runs of "))
    }
    assert {name: of_train[name].value for name in codec} == codec
    assert of_train["order"].sure == order
    assert of_train["relative"].sure == "certain"
    assert all(one.sure != "not sure" and one.why for one in of_train.values())
    if preset is not None:
        assert (found(calibration, "preset").value, found(calibration, "preset").sure) == (
            preset,
            "likely",
        )
    comments = [
        line for line in (root / "competition.yaml").read_text().splitlines() if "#" in line
    ]
    write_parameters(calibration, root / "competition.yaml")
    competition = load_competition(root)
    assert competition.submission.rle.options == codec
    if "runs of" not in of_train["order"].name:
        assert competition.data.train.mask_codec.options == codec
    after = (root / "competition.yaml").read_text()
    assert all(line in after for line in comments)
    assert not calibrate(competition).changes


def test_cloud_table_is_recognised_by_its_ids(tmp_path: Path) -> None:
    calibration = calibrate(load_competition(workspace(tmp_path, codec_miniatures.clouds)))
    assert found(calibration, "frame").value == [350, 525]
    assert found(calibration, "extension of ids").value == ".jpg"


def test_data_override_the_preset_of_a_known_competition(tmp_path: Path) -> None:
    root = workspace(tmp_path, codec_miniatures.uw_madison)
    text = (root / "competition.yaml").read_text()
    text = text.replace("slug: null", "slug: tgs-salt-identification-challenge")
    (root / "competition.yaml").write_text(text)
    calibration = calibrate(load_competition(root))
    assert found(calibration, "preset").value == "tgs-salt"
    assert found(calibration, "data.train.mask_codec.order").value == "C"
    assert any("has order F, the training masks C" in note for note in calibration.notes)
    assert any("multilabel" in note and "tgs-salt" in note for note in calibration.notes)


def test_the_preset_fills_in_what_the_data_leave_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec_miniatures.take_for_real_sizes(monkeypatch)

    def square(data: Path) -> None:
        for n in range(6):
            codec_miniatures.picture(data / f"train/{n}.png", [], (20, 20), n)
            codec_miniatures.picture(data / f"test/t{n}.png", [], (20, 20), n)
        write_table(data / "train.csv", ["img", "pixels"], [[str(n), "85 2"] for n in range(6)])
        rows = [[f"t{n}", ""] for n in range(6)]
        write_table(data / "sample_submission.csv", ["img", "pixels"], rows)

    root = workspace(tmp_path, square)
    competition = load_competition(root)
    calibration = calibrate(competition)
    assert found(calibration, "preset").value == "ultrasound-nerve"
    assert {one.sure for one in calibration.parameters if "mask_codec" in one.name} == {"likely"}
    sample = tmp_path / "data/sample_submission.csv"
    sample.write_text(sample.read_text().replace("img,pixels", "img,mask"))
    again = calibrate(competition)
    assert found(again, "preset").value is None
    of_train = [one for one in again.parameters if "mask_codec" in one.name]
    assert {one.sure for one in of_train} == {"not sure"}
    assert all(one.fix for one in of_train)
    assert not [one for one in again.changes if "rle" in one.name or "codec" in one.name]
    assert any("img,mask" in note for note in again.notes)


def test_a_stale_sample_is_reported(tmp_path: Path) -> None:
    root = workspace(tmp_path, codec_miniatures.uw_madison)
    sample = tmp_path / "data/sample_submission.csv"
    lines = sample.read_text().splitlines()
    (tmp_path / "data/test/case9_day0_slice_0003.png").rename(tmp_path / "data/test/new_0004.png")
    calibration = calibrate(load_competition(root))
    assert any("no row of 1 test image ('new_0004')" in note for note in calibration.notes)
    assert any("1 id without a test image" in note for note in calibration.notes)
    sample.write_text("\n".join(line.replace("case9", "other") for line in lines))
    calibration = calibrate(load_competition(root))
    assert any("none of the test images'" in note for note in calibration.notes)


def test_a_key_that_cannot_be_set_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "competition.yaml"
    file.write_text("submission: &a [1]\n")
    one = CalibratedParameter("submission.empty", "-", "certain", "why", "", is_key=True)
    with pytest.raises(UsageError, match="submission"):
        write_parameters(Calibration((one,), ()), file)


@pytest.mark.parametrize("preset", all_presets(), ids=lambda one: one.name)
def test_a_preset_is_among_those_that_its_own_sample_leads_to(preset: Any) -> None:
    form = preset.submission
    classes = preset.classes or ["a", "b"]
    header = [column for column in form.columns if column != "*"]
    header += classes if "*" in form.columns else []
    ids = [form.id.replace("{id}", "x").replace("{class}", name) for name in classes]
    rows = []
    for name, one in zip(classes, ids, strict=True):
        fields = {"id": one, "class_name": name, "value": form.empty}
        rows.append([fields.get(form.columns.get(column, ""), "0.5") for column in header])
    sample = SampleSubmission(
        "sample_submission.csv", pd.DataFrame(rows, columns=header, dtype=str)
    )
    match = match_preset(sample, tasks=preset.tasks)
    matches = [match.preset.name] if match.preset else [one.name for one in match.others]
    generic = "*" in form.columns and not preset.classes and header[0] == "id"
    assert preset.name in matches or generic
    assert match_preset(sample, names=[preset.slug]).sure == "certain"


def test_ids_of_pixels_and_of_units_are_taken_apart() -> None:
    along = [f"7_{row}_{column}" for row in range(3) for column in range(4)]
    assert pixel_form(along) == (0, "C", "'7_0_0', '7_0_1' …: the column runs fastest")
    assert pixel_form(["kidney_5_0001", "kidney_5_0002"]) is None
    assert pixel_form([f"case{n}_1_{n}" for n in range(9)]) is None
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": [str(n) for n in rng.integers(0, 5, 40)], "b": list("LR") * 20})
    assert unit_template(sorted(set(table["a"] + "_" + table["b"])), table) == "{a}_{b}"
    assert unit_template(["9_L"], table) is None


def test_ids_of_slices_are_distinguished_from_other_numbers() -> None:
    slices = [f"case{k}_day0_slice_{n:04d}" for k in range(3) for n in range(1, 40)]
    assert "3 volumes" in slices_hint(slices)
    rng = np.random.default_rng(1)
    assert slices_hint([f"img_{n}" for n in rng.choice(10**6, 60, replace=False)]) == ""
    assert slices_hint([f"{n:032x}" for n in range(40)]) == ""
    assert slices_hint(["patient1_01", "patient2_01"] * 15) == ""
    assert slices_hint([f"img_{n:04d}.png" for n in range(40)]) == ""  # a camera's, or a class's
    of_classes = [f"{name}_{n:03d}" for name in ("cat", "dog") for n in range(30)]
    assert slices_hint(of_classes, ["cat"] * 30 + ["dog"] * 30) == ""
    assert "2 volumes" in slices_hint(of_classes, ["yes", "no"] * 30)
    for parts in (("train", "val"), ("dev", "train"), ("training", "validierung")):
        of_parts = [f"{name}_{n:06d}.jpg" for name in parts for n in range(30)]
        assert slices_hint(of_parts, ["yes", "no"] * 30) == ""


def test_a_hint_of_slices_names_the_group_to_write() -> None:
    for form, key in (
        ("case{}_day0_slice_{:04d}", "id={group}_*"),
        ("case{}/slice_{:04d}", "id={group}/*"),
        ("left/case{}_{:02d}", "id=*/{group}_*"),
        ("left/case{}/slice_{:02d}", "id=*/{group}/*"),
    ):
        slices = [form.format(k, n) for k in range(3) for n in range(1, 40)]
        assert f"group: '{key}'" in slices_hint(slices)
        groups = groups_of_rows(pd.DataFrame({"id": slices}), key)
        assert [groups.count(one) for one in dict.fromkeys(groups)] == [39, 39, 39]
    # Volumes of two folders are called alike: no one part of the path tells them apart.
    sides = [f"{side}/case{k}" for side in ("left", "right") for k in range(2)]
    alike = [f"{side}_{n:02d}" for side in sides for n in range(1, 40)]
    assert "(folds.group)" in slices_hint(alike)


def test_uncertain_values_are_never_written() -> None:
    kept = CalibratedParameter("submission.empty", "-", "not sure", "why", "", is_key=True)
    assert not kept.changes
    assert replace(kept, sure="likely").changes
    assert not replace(kept, sure="certain", is_key=False).changes
    assert not replace(kept, sure="certain", now="-").changes


def test_empty_cells_and_classes_distinguish_competitions_of_one_header() -> None:
    def matches(header: str, *rows: str) -> str | None:
        cells = [row.split(",") for row in rows]
        sample = SampleSubmission(
            "sample.csv", pd.DataFrame(cells, columns=header.split(","), dtype=str)
        )
        match = match_preset(sample)
        return None if match.preset is None else match.preset.name

    assert matches("ImageId,EncodedPixels", "a,-1", "b,-1") == "siim-pneumothorax"
    assert matches("ImageId,EncodedPixels", "a,", "b,") is None
    assert matches("Image_Label,EncodedPixels", "a.jpg_Fish,", "a.jpg_Sugar,") == "clouds"
    assert matches("Image_Label,EncodedPixels", "a.jpg_Zebra,", "a.jpg_Sugar,") is None
    assert matches("id,class,predicted", "1,stomach,", "1,liver,") is None


def test_the_preset_gives_the_empty_cell_where_the_sample_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec_miniatures.take_for_real_sizes(monkeypatch)
    root = workspace(tmp_path, codec_miniatures.severstal)
    empty = found(calibrate(load_competition(root)), "submission.empty")
    assert (empty.value, empty.sure) == ("", "likely")
    assert "severstal" in empty.why


def test_images_of_another_size_are_of_another_competition(tmp_path: Path) -> None:
    root = workspace(tmp_path, partial(codec_miniatures.severstal, n=8))
    preset = found(calibrate(load_competition(root)), "preset")
    assert (preset.value, preset.sure) == ("severstal", "not sure")
    assert "256 × 1,600 (height × width) and 0000.jpg is 32 × 200" in preset.why
    inferred = infer(root / "data", root)
    (note,) = [note for note in inferred.notes if "Severstal" in note]
    assert note.startswith("this may be Severstal")
    assert " is 32 × 200" in note
    # A person named it, so its metric stands; the sizes are told.
    slug = "severstal-steel-defect-detection"
    named = infer(root / "data", root, slug=slug)
    assert named.competition.metric.name == "mean_dice"
    (note,) = [note for note in named.notes if "Severstal" in note]
    assert " is 32 × 200" in note
    assert "frame: [256, 1600]" in note
    for file in root.rglob("*.jpg"):
        Image.new("L", (1600, 256)).save(file)
    preset = found(calibrate(load_competition(root)), "preset")
    assert (preset.value, preset.sure) == ("severstal", "likely")
    (note,) = [note for note in infer(root / "data", root).notes if "Severstal" in note]
    assert note.startswith("this seems to be Severstal")


def test_runs_of_the_sample_beyond_the_mask_are_reported(tmp_path: Path) -> None:
    root = workspace(tmp_path, codec_miniatures.vesuvius)
    competition = load_competition(root)
    assert not [one for one in calibrate(competition).notes if "go beyond" in one]
    sample = tmp_path / "data/sample_submission.csv"
    sample.write_text(sample.read_text().replace("1 1 5 1", "1 1 5399 3"))
    notes = calibrate(competition).notes
    assert [one for one in notes if "'a' go beyond 90 × 60 pixels" in one and "frame" in one]


def test_a_header_of_objects_is_no_header_of_masks() -> None:
    header = ["ImageId", "EncodedPixels", "ClassId"]
    sample = SampleSubmission(
        "s.csv", pd.DataFrame([["a.jpg", "1 9", "1"]], columns=header, dtype=str)
    )
    of_objects = match_preset(sample, tasks={"segment": pixel_kind("instance")})
    assert of_objects.preset is not None
    assert of_objects.preset.name == "imaterialist-2019"
    of_masks = match_preset(sample, tasks={"segment": pixel_kind("multilabel")})
    assert (of_masks.preset, of_masks.runs_value("base")) == (None, None)
    assert "of another kind" in of_masks.why


def test_a_common_header_identifies_no_competition() -> None:
    sample = SampleSubmission("sample.csv", pd.DataFrame({"id": ["a1", "b2"], "label": ["0", "0"]}))
    match = match_preset(sample, tasks={"classify": image_kind("binary")})
    assert match.preset is None
    assert match.sure == "not sure"
    assert "many competitions" in match.why


def test_a_sample_of_the_workspace_is_read_and_nothing_beside_the_data(tmp_path: Path) -> None:
    """Data beside the workspace: what holds both may hold anything."""
    root = tmp_path / "work"
    codec_miniatures.uw_madison(tmp_path / "data")
    inferred = infer(tmp_path / "data", root)
    (root / "made").mkdir(parents=True)
    sample_text = (tmp_path / "data/sample_submission.csv").read_text()
    (root / "made/sample.csv").write_text(sample_text)
    spelt = next(line for line in inferred.text.splitlines() if line.startswith("  sample: "))
    text = inferred.text.replace(spelt, "  sample: made/sample.csv")
    (root / "competition.yaml").write_text(text)
    (tmp_path / "others").mkdir()
    (tmp_path / "others/sample_submission.csv").write_text("id,label\n1,cat\n")
    competition = load_competition(root)
    folder, _ = calibration._data_folder(competition)
    assert folder.resolve() == (tmp_path / "data").resolve()
    _, sample = calibration._tables(competition, calibration.scan_data(folder, "../data"))
    assert sample is not None
    assert sample.path == "made/sample.csv"
    why = [one.why for one in calibrate(competition).parameters]
    assert why
    assert not any("there is no sample submission" in one for one in why)

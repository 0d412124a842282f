"""A data folder becomes a spec: layouts of real competitions, and errors that name the fault."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from layouts.judging import readings_of
from miniatures import write_table
from PIL import Image

from podium.competition.folds import make_folds
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.errors import DataError
from podium.submissions.format.expected import expected_of_test


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2)).save(buffer, "PNG")
    return buffer.getvalue()


PNG = _png()


def put(data: Path, paths: Iterable[str]) -> None:
    """Write a tiny image at each path; its suffix does not matter here."""
    for path in paths:
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        (data / path).write_bytes(PNG)


def table(data: Path, name: str, header: str, rows: Iterable[str]) -> None:
    data.mkdir(parents=True, exist_ok=True)
    (data / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def look(data: Path) -> Inferred:
    """Infer, and check what holds for every layout: text and spec agree, the samples load."""
    root = data.parent
    found = infer(data, root)
    (root / "competition.yaml").write_text(found.text, encoding="utf-8")
    assert load_competition(root) == found.competition
    for split in ("train", "unlabelled", "test"):
        load_samples(found.competition, split)
    for line in found.text.splitlines():
        assert len(line) <= 100 or "[" in line or "http" in line or "inferred it from" in line, line
    return found


def test_class_folders_give_classes_by_folder_name(tmp_path: Path, miniatures: ModuleType) -> None:
    miniatures.class_folders(tmp_path / "data")
    spec = look(tmp_path / "data").competition
    assert spec.kind == "multiclass"
    assert spec.classes == ["cat", "dog", "fox"]
    assert spec.data.train.images == "data/train/{class}/*.png"
    assert spec.data.test.images == "data/test/*.png"
    assert (spec.folds.scheme, spec.metric.name) == ("stratified", "accuracy")
    assert spec.submission.columns == {"id": "id", "class": "value"}


def test_classes_of_one_image_are_counted_in_the_singular(tmp_path: Path) -> None:
    put(tmp_path / "data", [*(f"train/{name}/{name}.png" for name in "abc"), "test/1.png"])
    assert "Each has 1 image." in look(tmp_path / "data").text
    put(tmp_path / "data", ["train/a/2.png"])
    text = " ".join(look(tmp_path / "data").text.replace("#", "").split())
    assert "The rarest, b, has 1 image, the commonest 2." in text


def test_a_table_with_an_image_folder_and_a_group(tmp_path: Path, miniatures: ModuleType) -> None:
    miniatures.table_and_images(tmp_path / "data")
    found = look(tmp_path / "data")
    spec = found.competition
    assert spec.data.train.images == "data/train_images/{image_id}.jpg"
    assert spec.data.train.label == "species"
    assert (spec.folds.scheme, spec.folds.group) == ("stratified_group", "animal_id")
    assert spec.data.unlabelled is not None
    assert spec.submission.value == "name"
    assert spec.submission.sample == "data/sample_submission.csv"
    assert "10 values over 40 rows, each 4 times" in found.text
    assert found.notes == []


def test_probability_columns_ask_for_probabilities(tmp_path: Path, miniatures: ModuleType) -> None:
    miniatures.table_and_images(tmp_path / "data", groups=False, probabilities=True)
    spec = look(tmp_path / "data").competition
    assert (spec.submission.value, spec.metric.name) == ("prob", "log_loss")
    assert spec.submission.columns["dog"] == "prob[dog]"


def test_two_classes_are_binary_unless_the_sample_has_a_column_for_each(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    for place, probabilities, kind in (("a", False, "binary"), ("b", True, "multiclass")):
        data = tmp_path / place / "data"
        miniatures.table_and_images(data, classes=("cat", "dog"), probabilities=probabilities)
        spec = look(data).competition
        assert spec.kind == kind
        assert spec.classes == ["cat", "dog"]


@pytest.mark.parametrize("in_one_cell", [False, True])
def test_several_labels_with_patients(
    tmp_path: Path, miniatures: ModuleType, in_one_cell: bool
) -> None:
    miniatures.multilabel_with_groups(tmp_path / "data", in_one_cell=in_one_cell)
    spec = look(tmp_path / "data").competition
    assert spec.kind == "multilabel"
    assert spec.classes == ["cat", "dog", "fox"]
    assert (spec.folds.scheme, spec.folds.group) == ("stratified_group", "PatientID")
    assert spec.data.test.id == "{name}"
    assert spec.submission.value == ("labels" if in_one_cell else "prob")
    assert spec.metric.name == ("macro_f1" if in_one_cell else "auc")


def test_the_emoji_layout_is_found_whole(tmp_path: Path) -> None:
    data = tmp_path / "data"
    classes = ["animal", "food", "tool"]
    ids = [f"tr_{n:06x}" for n in range(60, 60 + 72)]
    rows = [f"{name},{classes[n // 24]},u1f{400 + n // 3}" for n, name in enumerate(ids)]
    table(data, "train.csv", "image_id,class,emoji", rows)
    tests = [f"te_{n:06x}" for n in range(9)]
    table(data, "sample_submission.csv", "image_id,class", [f"{name},animal" for name in tests])
    put(data, (f"train/{name}.jpg" for name in ids))
    put(data, (f"masks/{name}.png" for name in ids))
    put(data, (f"test/{name}.jpg" for name in tests))
    put(data, (f"unlabelled/un_{n}.jpg" for n in range(5)))
    found = look(data)
    _check_emoji(found, "24 values over 72 rows, each 3 times")
    spec = found.competition
    assert spec.metric.name == "accuracy"
    assert spec.submission.value == "name"
    assert spec.submission.columns == {"image_id": "id", "class": "value"}
    assert any("masks" in note for note in found.notes)


def test_the_demo_data_is_found_whole(tmp_path: Path) -> None:
    archive = resources.files("podium.workflows.demo_data") / "emoji.zip"
    with archive.open("rb") as file, zipfile.ZipFile(file) as zipped:
        zipped.extractall(tmp_path)
    found = look(tmp_path / "data")
    _check_emoji(found, "values over")
    spec = found.competition
    assert spec.tasks == {"classify": "multiclass", "segment": "multiclass"}
    assert spec.data.train.mask == "data/masks/{id}.png"
    assert (spec.metric.name, spec.metric.task) == ("mean_dice", "segment")
    assert (spec.submission.value, spec.submission.rows) == ("rle", "image_class")
    assert spec.submission.id == "{id}_{class}"


def _check_emoji(found: Inferred, reason: str) -> None:
    spec = found.competition
    assert spec.kind == "multiclass"
    assert spec.data.train.table == "data/train.csv"
    assert spec.data.train.images == "data/train/{image_id}.jpg"
    assert spec.data.train.label == "class"
    assert spec.data.unlabelled is not None
    assert spec.data.unlabelled.images == "data/unlabelled/*.jpg"
    assert spec.data.test.images == "data/test/*.jpg"
    assert (spec.folds.scheme, spec.folds.group) == ("stratified_group", "emoji")
    assert reason in found.text


def test_cassava_ids_with_extension_and_numbers_as_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = [f"{1000 + n}.jpg" for n in range(20)]
    table(data, "train.csv", "image_id,label", [f"{name},{n % 5}" for n, name in enumerate(names)])
    table(data, "sample_submission.csv", "image_id,label", ["2216849948.jpg,4"])
    put(data, [*(f"train_images/{name}" for name in names), "test_images/2216849948.jpg"])
    spec = look(data).competition
    assert spec.classes == ["0", "1", "2", "3", "4"]
    assert spec.data.train.images == "data/train_images/{image_id}"
    assert spec.data.test.id == "{name}"
    assert list(load_samples(spec, "test")["id"]) == ["2216849948.jpg"]


def test_plant_pathology_one_folder_for_both_parts_and_one_hot_columns(tmp_path: Path) -> None:
    data = tmp_path / "data"
    bits = ["1,0,0,0", "0,1,0,0", "0,0,1,0", "0,0,0,1"]
    header = "image_id,healthy,multiple_diseases,rust,scab"
    table(data, "train.csv", header, [f"Train_{n},{bits[n % 4]}" for n in range(16)])
    table(data, "test.csv", "image_id", [f"Test_{n}" for n in range(4)])
    table(
        data, "sample_submission.csv", header, [f"Test_{n},0.25,0.25,0.25,0.25" for n in range(4)]
    )
    put(data, [f"images/Train_{n}.jpg" for n in range(16)])
    put(data, [f"images/Test_{n}.jpg" for n in range(4)])
    spec = look(data).competition
    assert spec.kind == "multiclass"
    assert spec.data.train.label == ["healthy", "multiple_diseases", "rust", "scab"]
    assert spec.data.test.table == "data/test.csv"
    assert list(load_samples(spec, "train")["label"][:5]) == [0, 1, 2, 3, 0]
    assert spec.submission.value == "prob"


def test_cifar_same_ids_in_train_and_test_and_a_table_in_camel_case(tmp_path: Path) -> None:
    data = tmp_path / "data"
    labels = ["frog", "truck", "deer"]
    table(data, "trainLabels.csv", "id,label", [f"{n},{labels[n % 3]}" for n in range(1, 13)])
    table(data, "sampleSubmission.csv", "id,label", [f"{n},cat" for n in range(1, 7)])
    put(data, [f"train/{n}.png" for n in range(1, 13)])
    put(data, [f"test/{n}.png" for n in range(1, 7)])
    spec = look(data).competition
    assert spec.data.train.images == "data/train/{id}.png"
    assert spec.data.test.images == "data/test/*.png"
    assert spec.folds.group is None
    assert spec.submission.value == "name"


def test_pawpularity_whole_numbers_with_a_fractional_sample_are_a_measure(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [f"a{n},{n % 2},{n // 2 % 2},{(n * 37) % 100 + 1}" for n in range(30)]
    table(data, "train.csv", "Id,Eyes,Face,Pawpularity", rows)
    table(data, "test.csv", "Id,Eyes,Face", ["t1,0,1", "t2,1,1"])
    table(data, "sample_submission.csv", "Id,Pawpularity", ["t1,43.75", "t2,83.74"])
    put(data, [*(f"train/a{n}.jpg" for n in range(30)), "test/t1.jpg", "test/t2.jpg"])
    spec = look(data).competition
    assert spec.kind == "regression"
    assert spec.data.train.label == "Pawpularity"
    assert (spec.metric.name, spec.submission.value, spec.folds.group) == ("rmse", "scalar", None)


def test_dog_breed_a_column_for_each_class_in_the_samples_order(tmp_path: Path) -> None:
    data = tmp_path / "data"
    breeds = [f"breed_{n:02d}" for n in range(24)]
    order = breeds[::-1]
    table(data, "labels.csv", "id,breed", [f"x{n},{breeds[n % 24]}" for n in range(48)])
    share = ",".join(["0.04"] * 24)
    table(
        data, "sample_submission.csv", ",".join(["id", *order]), [f"y{n},{share}" for n in range(3)]
    )
    put(data, [*(f"train/x{n}.jpg" for n in range(48)), *(f"test/y{n}.jpg" for n in range(3))])
    spec = look(data).competition
    assert spec.classes == order
    assert spec.submission.columns == {}
    assert spec.submission.value == "prob"


def test_protein_atlas_label_numbers_in_one_cell(tmp_path: Path) -> None:
    data = tmp_path / "data"
    sets = ["16 0", "7 1 2 0", "5", "1", "18", "0", "25 2", "2", "7"]
    table(data, "train.csv", "Id,Target", [f"p{n},{cell}" for n, cell in enumerate(sets)])
    table(data, "sample_submission.csv", "Id,Predicted", ["q0,0", "q1,0"])
    put(data, [*(f"train/p{n}.png" for n in range(9)), "test/q0.png", "test/q1.png"])
    spec = look(data).competition
    assert spec.kind == "multilabel"
    assert spec.classes == ["0", "1", "2", "5", "7", "16", "18", "25"]
    assert (spec.data.train.label, spec.data.train.label_sep) == ("Target", " ")


def test_names_with_spaces_are_not_lists_of_labels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = ["Black-grass", "Common wheat", "Fat Hen", "Common Chickweed"]
    for name in names:
        put(data, [f"train/{name}/{name[:2]}{n}.png" for n in range(5)])
    put(data, ["test/a.png"])
    table(data, "sample_submission.csv", "file,species", ["a.png,Fat Hen"])
    assert look(data).competition.classes == sorted(names)
    other = tmp_path / "other" / "data"
    table(other, "train.csv", "file,species", [f"f{n}.png,{names[n % 4]}" for n in range(12)])
    put(other, [*(f"train/f{n}.png" for n in range(12)), "test/a.png"])
    assert look(other).competition.kind == "multiclass"


@pytest.mark.parametrize("names", ["red blue green", "red;dark red;blue;dark blue;green"])
def test_names_of_several_words_are_not_lists_of_labels(tmp_path: Path, names: str) -> None:
    data = tmp_path / "data"
    colours = names.split(";") if ";" in names else names.split()
    classes = [f"{colour} {animal}" for colour in colours for animal in ("cat", "dog", "fox")]
    rows = [f"f{n},{classes[n % len(classes)]}" for n in range(30)]
    table(data, "train.csv", "file,label", rows)
    put(data, [*(f"train/f{n}.png" for n in range(30)), "test/a.png"])
    spec = look(data).competition
    assert (spec.kind, spec.classes) == ("multiclass", sorted(classes))


_MIXTURES = [
    *("rust scab", "blight rust", "mold rot", "blight mold rust", "rot rust scab", "blight rot"),
    *("mold rot scab", "blight mold scab", "blight rot scab", "mold scab"),
]


def test_mixtures_of_few_words_that_hardly_repeat_are_lists(tmp_path: Path) -> None:
    data = tmp_path / "data"
    table(data, "train.csv", "file,label", [f"f{n},{one}" for n, one in enumerate(_MIXTURES)])
    put(data, [*(f"train/f{n}.png" for n in range(len(_MIXTURES))), "test/a.png"])
    spec = look(data).competition
    assert (spec.kind, spec.classes) == ("multilabel", ["blight", "mold", "rot", "rust", "scab"])


def test_init_offers_lists_of_labels_where_mixtures_of_few_words_repeat(tmp_path: Path) -> None:
    data = tmp_path / "data"
    table(data, "train.csv", "file,label", [f"f{n},{_MIXTURES[n % 10]}" for n in range(40)])
    put(data, [*(f"train/f{n}.png" for n in range(40)), "test/a.png"])
    table(data, "sample_submission.csv", "file,label", ["a,rust scab"])
    found = look(data)
    keys = ["tasks", "classes", "metric.name", "submission.value"]
    assert found.competition.to_choose == keys
    offered = readings_of(found.text)
    document = yaml.safe_load(found.text)
    del document["to_choose"]
    document["tasks"], document["classes"] = offered["tasks"][-1], offered["classes"][-1]
    document["metric"]["name"] = offered["metric.name"][-1]
    document["submission"]["value"] = offered["submission.value"][-1]
    spec = Competition.model_validate(document)
    assert (spec.kind, spec.classes) == ("multilabel", ["blight", "mold", "rot", "rust", "scab"])
    assert (spec.submission.value, spec.data.train.label_sep) == ("labels", " ")


@pytest.mark.parametrize("column", ["labels", "tags", "image_attributes", "classes"])
@pytest.mark.parametrize(("separator", "shown"), [(" ", "a space"), ("|", "'|'")])
def test_a_plural_column_with_parts_that_stand_alone_elsewhere_holds_lists(
    tmp_path: Path, column: str, separator: str, shown: str
) -> None:
    data = tmp_path / "data"
    cells = ["top", f"top{separator}long", "shoe"]
    table(data, "train.csv", f"file,{column}", [f"f{n},{cells[n % 3]}" for n in range(30)])
    put(data, [*(f"train/f{n}.png" for n in range(30)), "test/a.png"])
    found = look(data)
    spec = found.competition
    assert (spec.kind, spec.classes) == ("multilabel", ["long", "shoe", "top"])
    assert (spec.data.train.label, spec.data.train.label_sep) == (column, separator)
    text = " ".join(found.text.replace("#", " ").split())
    assert f"separated by {shown}" in text
    assert f"'top' of 'top{separator}long' also stands alone" in text


@pytest.mark.parametrize(
    ("column", "cells"),
    [("label", ["top", "top long", "shoe"]), ("labels", ["Fat Hen", "Common wheat", "Maize"])],
)
def test_a_singular_column_or_parts_that_never_stand_alone_are_whole_names(
    tmp_path: Path, column: str, cells: list[str]
) -> None:
    data = tmp_path / "data"
    table(data, "train.csv", f"file,{column}", [f"f{n},{cells[n % 3]}" for n in range(30)])
    put(data, [*(f"train/f{n}.png" for n in range(30)), "test/a.png"])
    spec = look(data).competition
    assert (spec.kind, spec.classes) == ("multiclass", sorted(cells))


def test_images_spread_over_folders_that_no_column_names(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [f"L{n // 2},i{n},{'nv' if n % 4 < 2 else 'mel'},{20 + n}" for n in range(16)]
    table(data, "metadata.csv", "lesion_id,image_id,dx_class,age", rows)
    put(data, [f"images_part_{1 + n % 2}/i{n}.jpg" for n in range(16)])
    put(data, ["test/z.jpg"])
    spec = look(data).competition
    assert spec.data.train.images == "data/**/{image_id}.jpg"
    assert spec.data.train.id == "image_id"
    assert spec.folds.group == "lesion_id"


def test_a_column_names_the_folder_and_extensions_differ(tmp_path: Path) -> None:
    data = tmp_path / "data"
    suffix = [".jpg", ".png"]
    rows = [f"i{n},{'ab'[n % 2]},{'xyz'[n % 3]}" for n in range(12)]
    table(data, "train.csv", "name,site,label", rows)
    put(data, [f"train/{'ab'[n % 2]}/i{n}{suffix[n // 6]}" for n in range(12)])
    put(data, ["test/z.jpg"])
    spec = look(data).competition
    assert spec.data.train.images == "data/train/{site}/{name}.*"
    assert spec.folds.group is None


def test_folders_inside_class_folders_are_groups(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data, [f"train/{['ill', 'well'][n % 2]}/patient{n // 4}/{n % 4}.png"])
    put(data, ["test/z.png"])
    spec = look(data).competition
    assert spec.data.train.images == "data/train/{class}/{folder}/*.png"
    assert spec.data.train.id == "{path}"
    assert (spec.folds.scheme, spec.folds.group) == ("stratified_group", "folder")
    assert load_samples(spec, "train")["group"].nunique() == 6


def test_there_are_no_more_folds_than_folders_that_are_groups(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data, [f"train/{['ill', 'well'][n % 2]}/patient{n // 6}/{n % 6}.png"])
    put(data, ["test/z.png"])
    spec = look(data).competition
    assert (spec.folds.group, spec.folds.n) == ("folder", 4)
    folds = make_folds(load_samples(spec, "train"), scheme=spec.folds.scheme, n=spec.folds.n)
    assert set(folds) == {0, 1, 2, 3}


def test_classes_of_a_face_mask_competition_are_not_taken_for_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"{kind}/{n}.png" for kind in ("with_mask", "without_mask") for n in range(6)])
    put(data, [f"test/{n}.png" for n in range(6)])
    assert look(data).competition.classes == ["with_mask", "without_mask"]


def test_the_sample_names_the_test_images_where_there_is_no_test_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    table(data, "train.csv", "id,label", [f"i{n},{'ab'[n % 2]}" for n in range(10)])
    table(data, "sample_submission.csv", "id,label", ["j1,a", "j2,a"])
    put(data, [*(f"images/i{n}.png" for n in range(10)), "images/j1.png", "images/j2.png"])
    spec = look(data).competition
    assert spec.data.test.table == "data/sample_submission.csv"
    assert list(load_samples(spec, "test")["id"]) == ["j1", "j2"]


def test_values_that_the_test_table_repeats_are_no_group(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [f"i{n},{'ab'[n % 2]},loc{n % 6}" for n in range(24)]
    table(data, "train.csv", "id,label,location", rows)
    table(data, "test.csv", "id,location", [f"j{n},loc{n % 6}" for n in range(6)])
    put(data, [*(f"train/i{n}.png" for n in range(24)), *(f"test/j{n}.png" for n in range(6))])
    found = look(data)
    assert found.competition.folds.group is None
    assert any("location" in note for note in found.notes)


def test_fold_numbers_that_came_with_the_data_are_used(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [f"i{n},{'ab'[n // 2 % 2]},{n % 4}" for n in range(16)]
    table(data, "train.csv", "id,label,fold", rows)
    put(data, [*(f"train/i{n}.png" for n in range(16)), "test/z.png"])
    spec = look(data).competition
    assert (spec.folds.scheme, spec.folds.column, spec.folds.n) == ("column", "fold", 4)


def test_words_that_yaml_would_read_as_something_else_come_back_as_text(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("no", "yes", "007", "1e3", "a: b", "null"):
        put(data, [f"train/{name}/{name[:1]}{n}.png" for n in range(3)])
    put(data, ["test/z.png"])
    assert look(data).competition.classes == sorted(["no", "yes", "007", "1e3", "a: b", "null"])


def test_faults_for_a_person_to_mend_are_noted_not_raised(tmp_path: Path) -> None:
    data = tmp_path / "data"
    table(data, "train.csv", "id,label", [f"i{n},{'ab'[n % 2]}" for n in range(10)])
    put(data, [*(f"train/i{n}.png" for n in range(8)), "test/z.png"])
    notes = infer(data, tmp_path).notes
    assert any("'data/train/i9.png' (line 11)" in note for note in notes)


def test_sample_ids_that_are_no_test_images_are_noted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [*(f"train/{'ab'[n % 2]}/{n}.png" for n in range(6)), "test/z1.png", "test/z2.png"])
    rows = [f"q{n}.png_{name},0.5" for n in (1, 2) for name in "ab"]
    table(data, "sample_submission.csv", "image_class,value", rows)
    notes = infer(data, tmp_path).notes
    assert any("'q1.png_a'" in note and "submission.rows" in note for note in notes)


def test_a_row_of_each_image_and_one_of_two_classes_is_no_yes_or_no(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [*(f"train/{'ab'[n % 2]}/{n}.png" for n in range(6)), "test/z1.png", "test/z2.png"])
    rows = [f"z{n}.png_{name},0.5" for n in (1, 2) for name in "ab"]
    table(data, "sample_submission.csv", "image_class,value", rows)
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"classify": "multiclass"}
    assert list(expected_of_test(found.competition).rows or ()) == [
        one.partition(",")[0] for one in rows
    ]
    assert not any("submission" in note for note in found.notes)


def test_data_outside_the_workspace_is_named_by_its_absolute_path(tmp_path: Path) -> None:
    data = tmp_path / "elsewhere"
    put(data, [*(f"train/{'ab'[n % 2]}/{n}.png" for n in range(6)), "test/z.png"])
    spec = infer(data, tmp_path / "workspace").competition
    assert spec.data.train.images == f"{data}/train/{{class}}/*.png"
    assert len(load_samples(spec, "train")) == 6
    assert spec.name == "elsewhere"


def _no_labels(data: Path) -> None:
    put(data, ["images/a.png", "images/b.png"])


def _packed(data: Path) -> None:
    table(data, "train.csv", "id,label", ["a,x", "b,y"])
    (data / "train.zip").write_bytes(b"PK")


def _table_without_names(data: Path) -> None:
    table(data, "train.csv", "number,label", ["1,x", "2,y"])
    put(data, ["images/a.png", "images/b.png"])


def _no_test(data: Path) -> None:
    put(data, [f"train/{'ab'[n % 2]}/{n}.png" for n in range(6)])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (_no_labels, ["looked for a table", "class folders", "2 images in images"]),
        (_packed, ["no image", "unpack train.zip"]),
        (_table_without_names, ["train.csv (columns number, label)", "file names"]),
        (_no_test, ["no images to predict", "test_images/", "sample submission"]),
    ],
)
def test_an_error_lists_what_was_searched_and_found(
    tmp_path: Path, build: object, message: Sequence[str]
) -> None:
    build(tmp_path / "data")  # type: ignore[operator]
    with pytest.raises(DataError) as caught:
        infer(tmp_path / "data", tmp_path)
    for part in message:
        assert part in str(caught.value)
    assert caught.value.fix


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        infer(tmp_path / "nothing", tmp_path)


def test_a_table_that_cannot_be_read_is_named_in_the_error(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"train/x{n}.jpg" for n in range(20)])
    table(data, "train.csv", "id;label", [f"x{n};{'ab'[n % 2]};;" for n in range(20)])
    with pytest.raises(DataError) as caught:
        look(data)
    assert "train.csv" in caught.value.message
    assert "separated by ';'" in caught.value.message


def test_equal_file_names_in_every_class_are_no_beginnings(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"train/{name}/{n}.jpg" for name in ("cat", "dog") for n in range(10)])
    put(data, [f"test/{n}.jpg" for n in range(4)])
    assert not [note for note in look(data).notes if "beginning" in note]


@pytest.mark.parametrize("sign", ["_", "-"])
def test_frames_named_by_their_video_are_hinted_at_with_a_pattern_that_finds_them(
    sign: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    names = [f"{name}/v{v}{sign}{n}" for name in ("cat", "dog") for v in range(5) for n in range(4)]
    put(data, [f"train/{name}.jpg" for name in names])
    put(data, ["test/1.jpg"])
    found = look(data)
    (note,) = [note for note in found.notes if "beginning" in note]
    written = note.split("group: '")[1].split("'")[0]
    folds = found.competition.folds.model_copy(update={"scheme": "group", "group": written})
    samples = load_samples(found.competition.model_copy(update={"folds": folds}), "train")
    assert sorted(samples["group"]) == sorted(f"v{v}" for v in range(5) for _ in range(8))


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("diagnosis", "01234", "ordinal"),
        ("AdoptionSpeed", "01234", "ordinal"),
        ("label", "01234", "multiclass"),
        ("diagnosis", "0134", "multiclass"),
        ("diagnosis", ["cnv", "dme", "ok"], "multiclass"),
        ("grade", "01", "binary"),
    ],
)
def test_whole_numbers_without_a_gap_and_an_ordinal_name_are_ratings(
    tmp_path: Path, column: str, values: Sequence[str], kind: str
) -> None:
    data = tmp_path / "data"
    for n in range(20):
        put(data, [f"train/{n}.png"])
        put(data, [f"test/t{n}.png"])
    rows = [[str(n), values[n % len(values)]] for n in range(20)]
    write_table(data / "train.csv", ["key", column], rows)
    sample = [[f"t{n}", values[0]] for n in range(20)]
    write_table(data / "sample_submission.csv", ["key", column], sample)
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"classify": kind}
    if kind == "ordinal":
        assert found.competition.classes == list(values)
        assert found.competition.metric.name == "qwk"
        assert "likely, and not certain" in found.text.replace("\n# ", " ")


def test_labels_of_a_competition_of_ratings_are_ratings_by_whatever_name(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(10):
        put(data, [f"train/{n}.png"])
        put(data, [f"test/t{n}.png"])
    write_table(data / "train.csv", ["id_code", "y"], [[str(n), str(n % 5)] for n in range(10)])
    sample = [[f"t{n}", "0"] for n in range(10)]
    write_table(data / "sample_submission.csv", ["id_code", "y"], sample)
    assert infer(data, tmp_path).competition.tasks == {"classify": "multiclass"}
    found = infer(data, tmp_path, slug="aptos2019-blindness-detection")
    assert found.competition.tasks == {"classify": "ordinal"}
    assert found.competition.metric.name == "qwk"


@pytest.mark.parametrize("best", ["w_3 w_1 none w_2 w_4", "w_3 w_1"])
def test_several_classes_in_a_cell_of_the_sample_are_a_ranking(tmp_path: Path, best: str) -> None:
    data = tmp_path / "data"
    names = ["none", "w_1", "w_2", "w_3", "w_4"]
    put(data, [f"train/{n}.png" for n in range(15)])
    put(data, ["test/t0.png", "test/t1.png"])
    write_table(
        data / "train.csv", ["Image", "Id"], [[f"{n}.png", names[n % 5]] for n in range(15)]
    )
    write_table(
        data / "sample_submission.csv", ["Image", "Id"], [["t0.png", best], ["t1.png", "w_1"]]
    )
    found = look(data)
    k = len(best.split())
    assert (found.competition.submission.value, found.competition.submission.k) == ("topk", k)
    assert found.competition.metric.name == "map_at_k"
    assert found.competition.metric.options == {"k": k}
    assert "open_set" in found.text


@pytest.mark.parametrize(("ranked", "open_set", "is_ranking"), [
    (("new", "w_1 w_2"), "new", True), (("new old", "w_1 w_2 w_3"), None, True),
    (("new", "w_1"), None, False), (("new old other", "w_1 w_2 w_3 w_4"), None, False),
])  # fmt: skip
def test_a_name_that_cells_rank_beside_those_of_train_is_of_none_of_the_classes(
    tmp_path: Path, ranked: tuple[str, str], open_set: str | None, is_ranking: bool
) -> None:
    data, names = tmp_path / "data", ["w_1", "w_2", "w_3", "w_4"]
    put(data, [f"train/{n}.png" for n in range(16)])
    put(data, ["test/t0.png", "test/t1.png"])
    rows = [[f"{n}.png", names[n % 4]] for n in range(16)]
    write_table(data / "train.csv", ["Image", "Id"], rows)
    cell = " ".join(ranked)
    sample = [["t0.png", cell], ["t1.png", cell]]
    write_table(data / "sample_submission.csv", ["Image", "Id"], sample)
    found = look(data).competition
    assert found.open_set == open_set
    assert (found.submission.value == "topk") == is_ranking
    if is_ranking:
        assert (found.metric.name, found.submission.k) == ("map_at_k", len(cell.split()))
        assert found.classes == names


def test_the_preset_of_a_known_competition_is_noted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"train/{n}.png" for n in range(12)])
    put(data, ["test/t0.png"])
    rows = [[str(n), "cat" if n % 2 else "dog"] for n in range(12)]
    write_table(data / "train.csv", ["id_code", "diagnosis"], rows)
    write_table(data / "sample_submission.csv", ["id_code", "diagnosis"], [["t0", "cat"]])
    (note,) = [note for note in infer(data, tmp_path).notes if "seems to be" in note]
    assert "tasks: {classify: ordinal} and metric: qwk" in note


@pytest.mark.parametrize("differs", [False, True])
def test_ids_of_a_sample_that_are_made_of_two_columns_name_the_units(
    tmp_path: Path, differs: bool
) -> None:
    data = tmp_path / "data"
    header = ["site", "patient_id", "image_id", "laterality", "cancer"]
    rows, test = [], []
    for n in range(48):
        patient, side, view = n // 4, "LR"[n // 2 % 2], n % 2
        cancer = patient % 3 == 0 and side == "L" and not (differs and view)
        rows.append(["1", f"10{patient}", f"7{n:03d}", side, str(int(cancer))])
        put(data, [f"train_images/10{patient}/7{n:03d}.png"])
        test.append(["1", f"20{patient}", f"9{n:03d}", side])
        put(data, [f"test_images/20{patient}/9{n:03d}.png"])
    write_table(data / "train.csv", header, rows)
    write_table(data / "test.csv", header[:-1], test)
    units = dict.fromkeys(f"{row[1]}_{row[3]}" for row in test)
    sample = [[unit, "0.5"] for unit in units]
    write_table(data / "sample_submission.csv", ["prediction_id", "cancer"], sample)
    found = infer(data, tmp_path)
    spec = found.competition
    assert spec.data.train.unit == spec.data.test.unit == "{patient_id}_{laterality}"
    assert spec.units.truth == ("max" if differs else "agree")
    assert spec.folds.group == "patient_id"
    assert set(load_samples(spec, "test")["unit"]) == set(units)
    assert not [note for note in found.notes if "mend" in note]
    assert any("RSNA Screening" in note for note in found.notes)


def test_files_whose_names_end_in_a_channel_are_one_image(tmp_path: Path) -> None:
    data = tmp_path / "data"
    colours = ("blue", "green", "red", "yellow")
    put(data, [f"train/c{n}_{colour}.png" for n in range(20) for colour in colours])
    put(data, [f"test/t{n}_{colour}.png" for n in range(6) for colour in colours])
    table(data, "train.csv", "Id,Target", [f"c{n},{n % 3} {3 + n % 2}" for n in range(20)])
    table(data, "sample_submission.csv", "Id,Predicted", [f"t{n},0" for n in range(6)])
    spec = look(data).competition
    order = ["red", "green", "blue", "yellow"]
    assert spec.data.train.images == {one: f"data/train/{{Id}}_{one}.png" for one in order}
    assert spec.data.test.images == {one: f"data/test/{{id}}_{one}.png" for one in order}
    assert spec.data.reader == {"name": "image", "mode": "grey"}
    samples = load_samples(spec, "train")
    assert list(samples["id"]) == [f"c{n}" for n in range(20)]
    assert samples["images"][3] == tuple(f"data/train/c3_{one}.png" for one in order)
    assert sorted(load_samples(spec, "test")["id"]) == [f"t{n}" for n in range(6)]


def test_eyes_that_have_rows_of_their_own_are_images_of_their_own(tmp_path: Path) -> None:
    data = tmp_path / "data"
    eyes = [f"{n}_{side}" for n in range(10) for side in ("left", "right")]
    put(data, [*(f"train/{eye}.png" for eye in eyes), "test/90_left.png", "test/90_right.png"])
    table(
        data, "labels.csv", "image,group,label", [f"{e},{e.split('_')[0]},{len(e)}" for e in eyes]
    )
    spec = look(data).competition
    assert spec.data.train.images == "data/train/{image}.png"
    assert len(load_samples(spec, "train")) == 20


def test_numbers_of_a_table_find_files_with_zeros_in_front(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, (f"imgs/{n:05}.png" for n in range(1, 121)))
    table(data, "labels.csv", "frame,kind", (f"{n},{'ab'[n % 2]}" for n in range(1, 101)))
    table(data, "sample_submission.csv", "frame,kind", (f"{n},a" for n in range(101, 121)))
    spec = look(data).competition
    assert spec.data.train.images == "data/imgs/{frame:05}.png"
    train = load_samples(spec, "train")
    assert list(train["id"])[:2] == ["1", "2"]
    assert train["images"].iloc[0] == ("data/imgs/00001.png",)
    assert list(load_samples(spec, "test")["id"]) == [str(n) for n in range(101, 121)]


def test_numbers_of_a_sample_name_test_files_with_zeros_in_front(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, (f"train/{kind}/{n}.png" for n in range(20) for kind in ("cat", "dog")))
    put(data, (f"test/{n:04}.png" for n in range(12)))
    table(data, "sample_submission.csv", "id,label", (f"{n},cat" for n in range(12)))
    found = look(data)
    assert sorted(load_samples(found.competition, "test")["id"], key=int) == [
        str(n) for n in range(12)
    ]
    assert found.notes == []


def test_folders_of_patients_in_the_paths_of_a_table_are_groups(tmp_path: Path) -> None:
    data = tmp_path / "data"
    paths = [f"patient{n:03}/study1/view{v}.png" for n in range(12) for v in (1, 2)]
    put(data, (f"train/{path}" for path in paths))
    put(data, (f"test/patient{n:03}/study1/view1.png" for n in range(50, 56)))
    rows = (f"{path},{n // 2 % 3 > 0:d}" for n, path in enumerate(paths))
    table(data, "train.csv", "Path,Edema", rows)
    spec = look(data).competition
    assert (spec.folds.scheme, spec.folds.group) == ("stratified_group", "Path={group}/*/*")
    groups = load_samples(spec, "train")["group"]
    assert sorted(set(groups)) == [f"patient{n:03}" for n in range(12)]


def test_a_group_that_cells_do_not_have_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, (f"train/{n}.png" for n in range(8)))
    put(data, ["test/9.png"])
    table(data, "train.csv", "file,label", (f"{n}.png,{'ab'[n % 2]}" for n in range(8)))
    spec = infer(data, tmp_path).competition
    folds = spec.folds.model_copy(update={"scheme": "group", "group": "file={group}/*"})
    with pytest.raises(DataError, match=r"8 cells of file are not of the form \{group\}/\*"):
        load_samples(spec.model_copy(update={"folds": folds}).at(tmp_path), "train")


@pytest.mark.parametrize("name", ["sample.csv", "submission.csv", "example.csv"])
def test_a_table_called_sample_with_equal_rows_is_the_sample_submission(
    tmp_path: Path, name: str
) -> None:
    data = tmp_path / "data"
    put(data, (f"train/{kind}/{n}.png" for n in range(8) for kind in ("cat", "dog")))
    put(data, (f"test/{n}.png" for n in range(4)))
    table(data, name, "file,animal", (f"{n},cat" for n in range(4)))
    assert look(data).competition.submission.sample == f"data/{name}"


def test_a_box_in_each_row_is_no_label_beside_class_folders(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = [f"{kind}/{kind}{n}.png" for kind in ("bun", "roll") for n in range(12)]
    put(data, names)
    rows = (f"{one},{n},{n + 1},{n + 9 + n % 3},{n + 12}" for n, one in enumerate(names))
    table(data, "boxes.csv", "img,x1,y1,x2,y2", rows)
    found = infer(data, tmp_path, has_test=False)
    assert list(found.competition.classes) == ["bun", "roll"]


@pytest.mark.parametrize("listed", [False, True], ids=["one table", "a register"])
@pytest.mark.parametrize(("word", "end"), [("ZD-", ""), ("photo no. ", "a")])
def test_ids_that_begin_with_a_word_that_files_lack_name_them(
    tmp_path: Path, word: str, end: str, listed: bool
) -> None:
    data = tmp_path / "data"
    put(data, [f"pictures/{n:05}{end}.png" for n in range(101, 131)])
    train, test = range(101, 125), range(125, 131)
    kinds = ("good", "burnt", "flat")
    if listed:
        rows = (f"{word}{n:05}{end},B{(n + 1) // 2}" for n in (*train, *test))
        table(data, "pictures.csv", "picture,bun", rows)
        rows = (f"B{n},{kinds[n % 3]}" for n in range(51, 63))
        table(data, "verdicts.csv", "bun,verdict", rows)
    else:
        rows = (f"{word}{n:05}{end},{kinds[n % 3]}" for n in train)
        table(data, "verdicts.csv", "picture,verdict", rows)
    rows = (f"{word}{n:05}{end},good" for n in test)
    table(data, "sample_submission.csv", "picture,verdict", rows)
    competition = infer(data, tmp_path).competition
    assert competition.data.train.label == "verdict"
    assert list(competition.classes) == sorted(kinds)
    assert list(load_samples(competition, "test")["id"]) == [f"{word}{n:05}{end}" for n in test]


def test_numbers_of_places_behind_a_letter_name_no_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"pictures/{n}.png" for n in range(1, 25)])
    rows = (f"{n}.png,T{n % 4 + 1},{('up', 'down')[n % 3 == 0]}" for n in range(1, 25))
    table(data, "train.csv", "file,tray,side", rows)
    found = infer(data, tmp_path, has_test=False).competition
    assert (found.data.train.id, found.data.train.label) == ("file", "side")

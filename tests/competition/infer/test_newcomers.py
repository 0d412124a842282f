"""Odd downloads become a competition that reads them as their truth has it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import newcomers
import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.conversions.tables.dialects.spreadsheets import of_other_dialect
from podium.competition.infer.encodings import FoundPage
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError, UsageError
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from podium.workflows.initialising import init_workspace, initialise


def labels_of(spec: Competition) -> dict[str, object]:
    """Return the classes of each train image by the name of its file."""
    samples = load_samples(spec, "train")
    found: dict[str, object] = {}
    for images, label in zip(samples["images"], samples["label"], strict=True):
        named = (
            frozenset(spec.classes[k] for k in np.flatnonzero(label))
            if isinstance(label, np.ndarray)
            else spec.classes[int(label)]
        )
        found[Path(images[0]).name] = named
    return found


def test_a_zip_of_a_spreadsheet_and_a_zip_of_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = newcomers.course_of_a_spreadsheet(tmp_path / "download", n=30)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    started = initialise(str(made.source))
    spec = load_competition(started.root)
    assert labels_of(spec) == made.train
    assert set(load_samples(spec, "test")["id"]) == set(made.test)
    assert spec.classes == ["grün", "reif", "überreif"]
    assert spec.submission.sample is not None
    assert (started.root / spec.submission.sample).read_text().startswith("Bildname,Reifegrad\n")
    table = (started.root / str(spec.data.train.table)).read_text()
    assert "Größe" in table
    assert ";" not in table
    assert (spec.submission.file.sep, spec.submission.file.decimal) == (";", ",")
    with pytest.raises(UsageError, match="there is data already"):
        initialise(str(made.source), force=True)


def test_ids_without_their_zeros_and_test_images_among_those_of_train(tmp_path: Path) -> None:
    made = newcomers.lost_zeros(tmp_path / "data", n=36)
    spec = infer(tmp_path / "data", tmp_path).competition
    assert labels_of(spec) == made.train
    assert set(load_samples(spec, "test")["id"]) == set(made.test)
    assert spec.classes == ["brick", "roof", "tree"]


def test_outlines_become_masks(tmp_path: Path) -> None:
    made = newcomers.outlined_tiles(tmp_path / "data", n=12)
    started = init_workspace(tmp_path / "data", tmp_path)
    spec = load_competition(tmp_path)
    assert spec.tasks == {"segment": "binary"}
    samples = load_samples(spec, "train")
    assert len(samples) == len(made.masks)
    masks = truth_masks(spec, samples)
    for row, images in enumerate(samples["images"]):
        np.testing.assert_array_equal(masks[row] > 0, made.masks[Path(images[0]).name])
    assert set(load_samples(spec, "test")["id"]) == set(made.test)
    assert spec.pixels.high == 4095  # the brightest pixel is 3,399
    (record,) = json.loads((started.root / "made/made.json").read_text())["files"]
    assert len(record["sources"]) == len(made.masks)


def test_classes_of_outlines_count_in_the_order_of_their_names(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "train").mkdir(parents=True)
    (data / "test").mkdir()
    corners = {
        "rectangle": [[2, 3], [5, 7]],
        "circle": [[10, 10], [13, 10]],
        "line": [[0, 0], [9, 9]],
    }
    for n in range(8):
        part = "train" if n < 6 else "test"
        Image.new("RGB", (16, 14)).save(data / part / f"{n}.png")
        forms = [("wall", "rectangle"), ("roof", "circle"), ("wall", "line")]
        shapes = [
            {"label": one, "shape_type": form, "points": corners[form]} for one, form in forms
        ]
        (data / part / f"{n}.json").write_text(json.dumps({"shapes": shapes}))
    found = infer(data, tmp_path)
    spec = found.competition
    assert (spec.tasks, spec.classes) == ({"segment": "multiclass"}, ["roof", "wall"])
    mask = np.asarray(Image.open(tmp_path / "made/masks/0.png"))
    assert mask.shape == (14, 16)
    assert (mask[3:7, 2:5] == 2).all()
    assert (mask == 2).sum() == 4 * 3
    assert np.flatnonzero(mask[10] == 1).tolist() == [7, 8, 9, 10, 11, 12]
    assert any("6 shapes are points or lines" in note for note in found.notes)


def test_paths_of_another_machine_are_found_by_as_many_folders_as_agree(tmp_path: Path) -> None:
    made = newcomers.paths_of_windows(tmp_path / "data", n=30)
    # A copy of a name in another folder is another file.
    Image.new("RGB", (8, 8)).save(tmp_path / "data/pets/IMG_1001.JPG")
    spec = infer(tmp_path / "data", tmp_path).competition
    assert labels_of(spec) == made.train
    assert all("training" in str(images[0]) for images in load_samples(spec, "train")["images"])
    assert set(load_samples(spec, "test")["id"]) == set(made.test)  # as the host's table has them
    assert spec.classes == ["Cat", "Dog", "Fox"]


def test_numbers_with_a_decimal_comma_are_predicted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = newcomers.weights_with_commas(tmp_path / "download", n=30)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    spec = load_competition(initialise(str(made.source)).root)
    assert spec.tasks == {"classify": "regression"}
    samples = load_samples(spec, "train")
    files = [Path(images[0]).name for images in samples["images"]]
    assert dict(zip(files, samples["label"], strict=True)) == made.train
    assert set(load_samples(spec, "test")["id"]) == set(made.test)


def test_two_cameras_of_a_plot_are_a_unit(tmp_path: Path) -> None:
    made = newcomers.two_cameras(tmp_path / "data")
    spec = infer(tmp_path / "data", tmp_path).competition
    samples = load_samples(spec, "train")
    found = {
        unit: spec.classes[int(label)]
        for unit, label in zip(samples["unit"], samples["label"], strict=True)
    }
    assert found == made.train
    assert len(samples) == 2 * len(made.train)
    assert set(load_samples(spec, "test")["unit"]) == set(made.test)
    assert spec.to_choose == []


def test_images_that_a_list_of_test_names_are_not_trained_on(tmp_path: Path) -> None:
    made = newcomers.pets_of_lists(tmp_path / "data")
    found = infer(tmp_path / "data", tmp_path)
    spec = found.competition
    samples = load_samples(spec, "train")
    assert set(samples["id"]) == set(made.train)
    assert set(load_samples(spec, "test")["id"]) == set(made.test)
    masks = truth_masks(spec, samples)
    for row, images in enumerate(samples["images"]):
        np.testing.assert_array_equal(masks[row] == 1, made.masks[Path(images[0]).name])
    assert any("'field_2', 'field_3', 'field_4' of" in note for note in found.notes)


def test_the_pages_of_stacks_are_images_and_masks(tmp_path: Path) -> None:
    made = newcomers.pages_of_a_volume(tmp_path / "data")
    started = init_workspace(tmp_path / "data", tmp_path)
    spec = load_competition(tmp_path)
    assert spec.name == tmp_path.name
    samples = load_samples(spec, "train")
    masks = truth_masks(spec, samples)
    assert len(samples) == len(made.masks)
    for row, images in enumerate(samples["images"]):
        np.testing.assert_array_equal(masks[row] > 0, made.masks[Path(images[0]).name])
    assert set(load_samples(spec, "test")["id"]) == set(made.test)
    sources = [
        one["sources"][0]["path"]
        for one in json.loads((started.root / "made/made.json").read_text())["files"]
    ]
    assert sources == ["data/train-volume.tif", "data/train-labels.tif", "data/test-volume.tif"]


def test_rows_of_a_table_of_ids_are_numbers_of_faces(tmp_path: Path) -> None:
    made = newcomers.faces_in_cells(tmp_path / "data")
    init_workspace(tmp_path / "data", tmp_path)
    spec = load_competition(tmp_path)
    assert spec.tasks == {"classify": "multitarget"}
    assert spec.positions
    samples = load_samples(spec, "train")
    for images, label in zip(samples["images"], samples["label"], strict=True):
        expected = [np.nan if one is None else one for one in made.train[Path(images[0]).name]]
        np.testing.assert_allclose(np.asarray(label, dtype=float), expected)
    ids = list(load_samples(spec, "test")["id"])
    truth = {(image, point): value for image, point, value in made.test.values()}
    values = np.array([[truth.get((one, name), 99.0) for name in spec.classes] for one in ids])
    file = write_submission(tmp_path / "sent.csv", spec, ids, values)
    with file.open(newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["RowId", "Location"]
    assert {row: float(value) for row, value in rows} == {
        row: value for row, (_, _, value) in made.test.items()
    }
    assert check(file, spec) == []
    file.write_text(file.read_text().replace("\n3,", "\n9999,", 1))
    printed = " ".join(one.message for one in check(file, spec))
    assert "9999 (RowId)" in printed


def test_a_mask_task_without_masks_is_an_error(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(12):
        folder = data / ("test" if n > 8 else f"train/site{'ab'[n % 2]}")
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (n, 0, 0)).save(folder / f"{n}.png")
    (data / "sample_submission.csv").write_text("id,rle\n9,\n10,\n11,\n")
    with pytest.raises(DataError, match="asks for masks") as caught:
        infer(data, tmp_path)
    assert caught.value.fix


def test_runs_that_nothing_in_train_answers_are_no_labels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = []
    for n in range(12):
        folder = data / ("test" if n > 8 else "train")
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (n, 0, 0)).save(folder / f"{n}.png")
        rows += [f"{n},{row},{n % 3}" for row in range(4) if n <= 8]
    (data / "spans.csv").write_text("tile,row,first\n" + "\n".join(rows) + "\n")
    (data / "sample_submission.csv").write_text("tile,runs\n9,0 3 16 2\n10,-\n11,-\n")
    with pytest.raises(DataError, match=r"asks for masks \(runs\), and train has none"):
        infer(data, tmp_path)


@pytest.mark.parametrize("n_codes", [4, 8])
def test_rows_of_a_joined_table_that_are_the_classes_are_no_groups(
    tmp_path: Path, n_codes: int
) -> None:
    data = tmp_path / "data"
    codes = [f"C{n}" for n in range(n_codes)]
    for n in range(48):
        name = f"train/{codes[n % n_codes]}_{n:02d}" if n < 40 else f"test/T{n}"
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (n * 5, 0, 0)).save(data / f"{name}.png")
    styles = "\n".join(f"{code},style {n % 4}" for n, code in enumerate(codes))
    (data / "styles.csv").write_text(f"code,style\n{styles}\n")
    sample = "\n".join(f"T{n},style 0" for n in range(40, 48))
    (data / "sample_submission.csv").write_text(f"id,style\n{sample}\n")
    spec = infer(data, tmp_path).competition
    assert spec.data.train.label == "style"
    assert spec.folds.group == (None if n_codes == 4 else "code")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a;b\r\n1,5;x\r\n-2;y\r\n", [["1.5", "x"], ["-2", "y"]]),
        ("a;b\r\n1,5,2;x\r\n2;y\r\n", [["1,5,2", "x"], ["2", "y"]]),  # a list of labels
        ('a;b\r\n"1;2";x\r\n3;y\r\n', [["1;2", "x"], ["3", "y"]]),
        ("a\tb\n1,5\tx\n", [["1.5", "x"]]),
        ("a,b\nä,x\n", [["ä", "x"]]),
        ("only one column\nx\n", None),
        ("a;b\n1;2;3\n", None),
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_tables_of_spreadsheets(
    tmp_path: Path, text: str, rows: list[list[str]] | None, encoding: str
) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    found = of_other_dialect(scan_folder(tmp_path, "."), "t.csv", FoundPage("cp1252"))
    assert (None if found is None else found.table.to_numpy().tolist()) == rows

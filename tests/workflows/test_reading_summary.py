"""What `podium init` prints of its reading: numbers, and an example of each part."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from command_line import podium
from PIL import Image

from podium.competition.infer.notes import loaded_parts
from podium.competition.spec import load_competition
from podium.workflows.initialising import init_workspace
from podium.workflows.reading_summary import main_keys, reading_summary


def _put(file: Path, pixels: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(file)


def _summary(tmp_path: Path) -> list[str]:
    started = init_workspace(tmp_path / "data", tmp_path / "ws")
    return list(reading_summary(started.competition, started.samples, started.unread))


@pytest.mark.parametrize("packed", [False, True])
def test_classes_are_counted_and_one_image_of_each_part_is_shown(
    tmp_path: Path, packed: bool
) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    counts = {"cat": 7, "dog": 5, "fox": 4}
    for name, n in counts.items():
        for number in range(n):
            _put(data / f"train/{name}/{name}{number}.png", rng.integers(0, 255, (16, 20, 3)))
    for number in range(6):
        _put(data / f"test/{number}.png", rng.integers(0, 255, (16, 20, 3)))
    rows = "".join(f"{number},fox\n" for number in range(6))
    text = f"id,label\n{rows}".encode()
    name = "sample_submission.csv" + (".gz" if packed else "")
    (data / name).write_bytes(gzip.compress(text) if packed else text)
    learnt, predicted, sent = _summary(tmp_path)
    assert learnt.startswith("to learn from: 16 images; train/cat/cat0.png is cat")
    assert learnt.endswith("3 classes: cat 7, dog 5, fox 4")
    assert predicted == "to predict: 6 images, as data/test/0.png, whose id is 0"
    assert sent == "to send: id,label, with rows as 0,fox"


def test_an_image_to_predict_is_shown_with_the_unit_that_is_scored(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(24):
        part = "train" if number < 16 else "test"
        for view in range(2 + number % 3):
            _put(data / f"{part}/case{number}/view{view}.png", rng.integers(0, 255, (16, 20, 3)))
    rows = "".join(f"case{number},{('cat', 'dog')[number % 2]}\n" for number in range(16))
    (data / "train.csv").write_text(f"case,label\n{rows}")
    rows = "".join(f"case{number},cat\n" for number in range(16, 24))
    (data / "sample_submission.csv").write_text(f"case,label\n{rows}")
    _, predicted, _ = _summary(tmp_path)
    assert predicted == "to predict: 25 images of 8 units, as test/case16/view0.png, of unit case16"


def test_an_empty_cell_of_the_sample_is_called_an_empty_mask(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(12):
        _put(data / f"train/images/{number}.png", rng.integers(0, 255, (16, 20, 3)))
        mask = np.zeros((16, 20))
        mask[3 + number % 4 : 9, 4:12] = 255
        _put(data / f"train/masks/{number}.png", mask)
    for number in range(6):
        _put(data / f"test/images/{100 + number}.png", rng.integers(0, 255, (16, 20, 3)))
    rows = "".join(f"{100 + number},\n" for number in range(6))
    (data / "sample_submission.csv").write_text(f"id,rle\n{rows}")
    *_, sent = _summary(tmp_path)
    assert sent == "to send: id,rle, with rows as 100, (an empty mask)"


@pytest.mark.parametrize("runs", [None, "", "4 6 24 6"])
def test_init_tells_that_the_order_of_runs_is_a_guess(tmp_path: Path, runs: str | None) -> None:
    """Of no sample and of a blank one; cells of a sample with runs show it as little."""
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(12):
        _put(data / f"train/images/{number}.png", rng.integers(0, 255, (20, 20, 3)))
        mask = np.zeros((20, 20))
        mask[3 + number % 4 : 9, 4:12] = 255
        _put(data / f"train/masks/{number}.png", mask)
        _put(data / f"test/images/{100 + number}.png", rng.integers(0, 255, (20, 20, 3)))
    if runs is not None:
        rows = "".join(f"{100 + number},{runs}\n" for number in range(12))
        (data / "sample_submission.csv").write_text(f"id,rle\n{rows}")
    started = init_workspace(data, tmp_path / "ws")
    text = (tmp_path / "ws/competition.yaml").read_text()
    lines = main_keys(started.competition, started.origins, text)
    line = next(n for n, one in enumerate(text.splitlines(), 1) if one.startswith("  rle: "))
    assert lines[-1] == (
        "runs to send: base 1, order F: pixels are numbered from 1, down the columns; a guess: say "
        f"otherwise in line {line}"
    )
    (data / "README.md").write_text("Pixels are numbered from 1, down the columns.\n")
    told = init_workspace(data, tmp_path / "told")
    text = (tmp_path / "told/competition.yaml").read_text()
    lines = main_keys(told.competition, told.origins, text)
    assert not any(one.startswith("runs to send") for one in lines)


def test_an_image_is_shown_with_its_mask(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(12):
        _put(data / f"train/images/{number}.png", rng.integers(0, 255, (16, 20, 3)))
        mask = np.zeros((16, 20))
        mask[3:9, 4 : 9 + number % 4] = 255
        _put(data / f"train/masks/{number}.png", mask)
        _put(data / f"test/images/{100 + number}.png", rng.integers(0, 255, (16, 20, 3)))
    learnt, *_ = _summary(tmp_path)
    # 6 rows of 5 of the 20 × 16 pixels.
    shown = "train/images/0.png has the mask train/masks/0.png: 9.4 % of 20 × 16"
    assert learnt == f"to learn from: 12 images; {shown}"


@pytest.mark.parametrize("kind", ["multilabel", "multiclass", "instance"])
def test_runs_are_shown_as_classes_with_their_share_of_the_pixels(
    tmp_path: Path, kind: str
) -> None:
    """As runs are numbers, nobody could verify them; drawn here, column by column, by hand."""
    rng = np.random.default_rng(0)
    for part, n in (("train", 4), ("test", 2)):
        for number in range(n):
            _put(tmp_path / f"{part}/{number}.png", rng.integers(0, 255, (10, 20, 3)))
    # Two columns of ten are solar, and two pixels pool; then one more place of solar.
    rows = "0,1 20,solar\n0,101 2,pool\n0,151 4,solar\n1,1 20,solar\n2,,\n3,1 2,pool\n"
    (tmp_path / "masks.csv").write_text(f"id,rle,label\n{rows}")
    (tmp_path / "competition.yaml").write_text(
        f"name: roofs\ntasks: {{segment: {kind}}}\nclasses: [pool, solar]\n"
        "data:\n  train: {images: 'train/*.png', mask: {table: masks.csv, id: id, rle: rle, "
        "label: label}}\n  test: {images: 'test/*.png'}\n"
        f"metric: {{name: {'mask_map' if kind == 'instance' else 'mean_dice'}}}\n"
    )
    competition = load_competition(tmp_path)
    learnt, *_ = reading_summary(competition, loaded_parts(competition)[0])
    shown = {
        "instance": "3 objects: solar 2, pool 1 in 20 × 10",
    }.get(kind, "2 masks: solar 12.0 %, pool 1.0 % of 20 × 10")
    assert learnt.endswith(f"/train/0.png has {shown}")


def test_images_of_no_part_are_reported(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(12):
        _put(data / f"photos/{number}.png", rng.integers(0, 255, (16, 20, 3)))
        _put(data / f"to_predict/{100 + number}.png", rng.integers(0, 255, (16, 20, 3)))
    for name in ("map", "boat", "plan"):
        _put(data / f"about/{name}.png", rng.integers(0, 255, (30, 40, 3)))
    _put(data / "logo.png", rng.integers(0, 255, (30, 40, 3)))
    rows = "".join(f"{number},{('crab', 'eel')[number % 2]}\n" for number in range(12))
    (data / "train.csv").write_text(f"id,label\n{rows}")
    rows = "".join(f"{100 + number},eel\n" for number in range(12))
    (data / "sample_submission.csv").write_text(f"id,label\n{rows}")
    *_, left = _summary(tmp_path)
    assert left == "not read: 4 pictures, as about/boat.png, 3 of them in its folder"
    (tmp_path / "linked").symlink_to(data, target_is_directory=True)
    started = init_workspace(tmp_path / "linked", tmp_path / "other")
    assert len(started.unread) == 4


def test_where_nothing_shows_the_file_to_send_its_form_is_called_a_guess(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(12):
        _put(data / f"train/{'ab'[number % 2]}/{number}.png", rng.integers(0, 255, (16, 20, 3)))
        _put(data / f"test/{100 + number}.png", rng.integers(0, 255, (16, 20, 3)))
    *_, sent = _summary(tmp_path)
    assert sent.startswith("to send: id,class; a guess, as there is no sample submission")
    (data / "rules.txt").write_text("Send a file:\n\nbild;boot\n100.png;a\n")
    started = init_workspace(data, tmp_path / "ws", force=True)
    *_, sent = reading_summary(started.competition, started.samples)
    assert sent == "to send: bild;boot, with rows as 100.png;a"


def test_the_row_of_a_made_sample_has_the_decimal_sign_of_the_file(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(24):
        _put(data / f"fotos/{number}.5.png", rng.integers(0, 255, (16, 20, 3)))
    known = "".join(f"{number}.5;{number % 7},25\n" for number in range(16))
    asked = "".join(f"{number}.5;0,50\n" for number in range(16, 24))
    (data / "train.csv").write_text(f"foto;breite\n{known}")
    (data / "sample_submission.csv").write_text(f"foto;breite\n{asked}")
    *_, sent = _summary(tmp_path)
    assert sent == "to send: foto;breite, with rows as 16.5;0,50"


def test_a_part_that_cannot_be_loaded_is_named_and_the_others_are_told(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(12):
        _put(data / f"train/{'ab'[number % 2]}/{number}.png", rng.integers(0, 255, (16, 20, 3)))
        _put(data / f"test/{100 + number}.png", rng.integers(0, 255, (16, 20, 3)))
    competition = init_workspace(data, tmp_path / "ws").competition
    (data / "test/100.png").unlink()
    (data / "train/a/0.png").unlink()
    assert len(reading_summary(competition, loaded_parts(competition)[0])) == 3
    for file in data.glob("train/*/*.png"):
        file.unlink()
    train, test, sent = reading_summary(competition, loaded_parts(competition)[0])
    assert train.startswith("to learn from: it could not be loaded")
    assert test == "to predict: 11 images, as data/test/101.png, whose id is 101"
    assert sent.startswith("to send: ")


def test_rows_without_their_image_are_counted_beside_the_images_that_are_there(
    tmp_path: Path,
) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(40):
        part = "train" if number < 24 else "test"
        if number not in (3, 4, 5, 6, 7, 8, 30):  # a piece of train, and one to predict
            _put(data / f"{part}/{number}.png", rng.integers(0, 255, (16, 20, 3)))
    known = "".join(f"{number}.png,{'ab'[number % 2]}\n" for number in range(24))
    asked = "".join(f"{number}.png\n" for number in range(24, 40))
    sent = "".join(f"{number}.png,a\n" for number in range(24, 40))
    (data / "train.csv").write_text(f"photo,label\n{known}")
    (data / "test.csv").write_text(f"photo\n{asked}")
    (data / "sample_submission.csv").write_text(f"photo,label\n{sent}")
    started = init_workspace(data, tmp_path / "ws")
    lines = reading_summary(started.competition, started.samples)
    assert [one.partition(": ")[0] for one in lines] == ["to learn from", "to predict", "to send"]
    assert lines[0].startswith(
        "to learn from: 18 images, and 6 rows without an image that is there"
    )
    assert lines[0].endswith("2 classes: a 9, b 9")
    assert lines[1].startswith("to predict: 15 images, and 1 row without an image that is there")
    assert lines[2] == "to send: photo,label, with rows as 24.png,a"


@pytest.mark.parametrize("cell", [1, 4])
def test_a_zip_of_masks_is_named_with_its_files_and_not_with_the_rows_of_a_table(
    tmp_path: Path, cell: int
) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    side = 32 // cell
    for number in range(16):
        part = "train" if number < 12 else "test"
        _put(data / f"{part}/images/{number}.png", rng.integers(0, 255, (32, 32, 3)))
        mask = np.zeros((side, side))
        mask[: side // 2] = number < 12
        _put(data / ("train/masks" if number < 12 else "sample") / f"{number}.png", 255 * mask)
    of_size = "" if cell == 1 else ", of 8 × 8 (height × width)"
    expected = f"to send: a ZIP with a PNG for each image, as 12.png{of_size}"
    assert [one for one in _summary(tmp_path) if one.startswith("to send")] == [expected]


def test_init_prints_the_summary_before_the_next_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    for number in range(12):
        _put(data / f"train/{'ab'[number % 2]}/{number}.png", rng.integers(0, 255, (16, 20, 3)))
        _put(data / f"test/{100 + number}.png", rng.integers(0, 255, (16, 20, 3)))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    root = tmp_path / "ws"
    lines = podium(root, "init", data).splitlines()
    read = next(n for n, line in enumerate(lines) if line.startswith("read, "))
    heading = lines.index("next:")
    assert read < heading
    assert [line.split(":")[0].strip() for line in lines[read + 1 : heading]] == [
        "kind", "metric", "folds", "to learn from", "to predict", "to send"
    ]  # fmt: skip
    assert lines[read + 4].endswith("2 classes: a 6, b 6")
    # No recipe whose weights cannot be had is proposed.
    typed = [line.split(str(root))[1] for line in lines[heading + 1 :]]
    assert typed == [" check", " recipes suggest --write"]

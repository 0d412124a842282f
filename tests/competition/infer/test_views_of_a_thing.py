"""Photographs of one thing by several views: colours are kept, and a lacking view makes a unit."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from podium.competition.infer.reader import are_grey
from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N_TEST = 24, 8


def _beans(data: Path, *, lacking: int = 0, grey: bool = False, slips: int = 0) -> None:
    """Write two views of each bean, of every `lacking`th one alone, and `slips` small letters."""
    rng = np.random.default_rng(0)
    for n in range(N_TRAIN + N_TEST):
        for view in ("A",) if lacking and n % lacking == 1 else ("A", "B"):
            file = data / f"fotos/finca {n % 3}/G{n:04}_{view}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 255, (12, 16) if grey else (12, 16, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(file)
    kinds = ("Sano", "Negro", "Partido")
    rows = [(f"G{n:04}", "ACG", kinds[n % 3]) for n in range(N_TRAIN)]
    for n in range(2, 2 + 3 * slips, 3):
        rows[n] = (*rows[n][:2], "partido")
    table(data / "etiquetas.csv", ("id_grano", "catador", "clase"), *rows)
    sent = [(f"G{n:04}", "Sano") for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    table(data / "ejemplo_envio.csv", ("id_grano", "clase"), *sent)


@pytest.mark.parametrize("grey", [False, True])
def test_views_are_channels_that_keep_their_colours(tmp_path: Path, grey: bool) -> None:
    _beans(tmp_path / "data", grey=grey)
    found, _ = begin(tmp_path)
    assert len(found.data.train.patterns) == 2
    assert (found.data.reader == {"name": "image", "mode": "grey"}) == grey


def test_a_lacking_view_makes_each_view_an_image_of_a_unit(tmp_path: Path) -> None:
    _beans(tmp_path / "data", lacking=12)
    found, _ = begin(tmp_path)
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert (len(train), train["unit"].nunique()) == (2 * N_TRAIN - 2, N_TRAIN)
    assert (len(test), test["unit"].nunique()) == (2 * N_TEST - 1, N_TEST)
    assert found.data.train.unit == "id_grano"


def test_a_blank_behind_a_class_is_told(tmp_path: Path) -> None:
    _beans(tmp_path / "data")
    [path] = [one for one in (tmp_path / "data").glob("*.csv") if ",Partido" in one.read_text()]
    path.write_text(path.read_text().replace(",Partido\n", ",Partido \n", 1))
    found, told = begin(tmp_path)
    assert found.classes == ["Negro", "Partido", "Sano"]
    n = N_TRAIN // 3 - 1
    said = f"{path.name}: clase: 'Partido ' (1 row) is read as 'Partido' ({n} rows)"
    assert told.count(said) == 1


def test_blanks_behind_every_class_are_how_a_table_is_written(tmp_path: Path) -> None:
    _beans(tmp_path / "data")
    [path] = [one for one in (tmp_path / "data").glob("*.csv") if ",Partido" in one.read_text()]
    path.write_text(path.read_text().replace(",Partido\n", ",Partido \n"))
    assert "is read as" not in begin(tmp_path)[1]


def test_a_class_typed_in_small_letters_is_the_class(tmp_path: Path) -> None:
    _beans(tmp_path / "data", slips=2)
    found, told = begin(tmp_path)
    assert found.classes == ["Negro", "Partido", "Sano"]
    assert "clase: 'partido' (2 rows) is read as 'Partido' (6 rows)" in told
    labels = [found.classes[one] for one in load_samples(found, "train")["label"]]
    assert labels.count("Partido") == N_TRAIN // 3


def test_spellings_as_common_as_each_other_are_left_to_a_person(tmp_path: Path) -> None:
    _beans(tmp_path / "data", slips=4)
    found, told = begin(tmp_path)
    assert found.classes == ["Negro", "Partido", "Sano", "partido"]
    assert "'Partido' (4) and 'partido' (4) differ by case or blanks alone" in told


@pytest.mark.parametrize(("kind", "expected"), [
    ("grey", True), ("RGB of grey", True), ("red alone", True), ("photograph", False),
    ("a small thing with colours", False), ("JPEG of grey", True),
])  # fmt: skip
def test_colours_are_seen(tmp_path: Path, kind: str, expected: bool) -> None:
    rng = np.random.default_rng(0)
    level = rng.integers(0, 255, (40, 50)).astype(np.uint8)
    pixels = np.repeat(level[:, :, None], 3, axis=2)
    match kind:
        case "grey":
            pixels = level
        case "red alone":
            pixels[:, :, 1:] = 0
        case "photograph":
            pixels = rng.integers(0, 255, (40, 50, 3)).astype(np.uint8)
        case "a small thing with colours":
            pixels[:8, :10] = (200, 40, 30)
    file = tmp_path / ("7.jpg" if "JPEG" in kind else "7.png")
    Image.fromarray(pixels).save(file)
    assert are_grey([file]) == expected


WHEELS = [f"W-{1000 + 7 * n}" for n in range(30)]
BLIND = [f"X-{100 + 3 * n}" for n in range(12)]


def _wheels(
    data: Path,
    *,
    train: str = "cellar/{unit}/{view}.jpg",
    test: str = "blind/{unit}__{view}.jpg",
    lacking: int = 4,
    id_: str = "Wheel",
) -> dict[str, tuple[str, str]]:
    """Write up to three views of each wheel; return the wheel and the grade of each image.

    A grade of "" is of a wheel to predict. Every `lacking`th wheel has no view `cut`; 0: all have.
    """
    truth: dict[str, tuple[str, str]] = {}
    for n, unit in enumerate([*WHEELS, *BLIND]):
        pattern = train if unit in WHEELS else test
        grade = "abc"[n % 3] if unit in WHEELS else ""
        for view in ("top", "rind") if lacking and n % lacking == 1 else ("top", "rind", "cut"):
            path = pattern.format(unit=unit, view=view)
            put(data / path, len(truth))
            truth[path] = (unit, grade)
    rows = [(unit, f"D{n % 5}", "abc"[n % 3]) for n, unit in enumerate(WHEELS)]
    table(data / "grading_sheet.csv", ("Wheel", "Dairy", "Grade"), *rows, sign=";")
    # A table of other columns than train has is a sample submission by its name alone.
    sample = "blind_example.csv" if id_ == "Wheel" else "sample_submission.csv"
    table(data / sample, (id_, "Grade"), *((one, "b") for one in BLIND), sign=";")
    return truth


@pytest.mark.parametrize("lacking", [4, 0])
@pytest.mark.parametrize(("train", "test"), [
    ("cellar/{unit}/{view}.jpg", "blind/{unit}__{view}.jpg"),
    ("cellar/{unit}__{view}.jpg", "blind/{unit}/{view}.jpg"),
    ("cellar/{unit}__{view}.jpg", "blind/{unit}__{view}.jpg"),
    ("cellar/{unit}/{view}.jpg", "test/{unit}__{view}.jpg"),
    ("train/{unit}__{view}.jpg", "test/{unit}/{view}.jpg"),
    ("train/{unit}/{view}.jpg", "test/{unit}_{view}.jpg"),
])  # fmt: skip
def test_views_in_folders_of_one_part_and_flat_in_the_other_are_images_of_units(
    tmp_path: Path, train: str, test: str, lacking: int
) -> None:
    truth = _wheels(tmp_path / "data", train=train, test=test, lacking=lacking)
    _is_read(tmp_path, truth)


def _is_read(root: Path, truth: dict[str, tuple[str, str]]) -> None:
    """Fail unless all images are read, each with its wheel, and those of train with its grade."""
    found, _ = begin(root)
    read: dict[str, tuple[str, str]] = {}
    for part in ("train", "test"):
        samples = load_samples(found, part)
        labels = [found.classes[one] for one in samples["label"]] if part == "train" else []
        labels = labels or [""] * len(samples)
        for path, unit, label in zip(samples["images"], samples["unit"], labels, strict=True):
            [file] = path
            read[Path(os.path.relpath(found.root / file, root / "data")).as_posix()] = (unit, label)
    assert read == truth


@pytest.mark.parametrize(("train", "test"), [
    ("cellar/{unit}/{view}.jpg", "blind/{unit}/{view}.jpg"),
    ("train/{unit}/{view}.jpg", "test/{unit}/{view}.jpg"),
])  # fmt: skip
def test_a_view_that_some_folders_lack_is_read_of_the_others(
    tmp_path: Path, train: str, test: str
) -> None:
    _is_read(tmp_path, _wheels(tmp_path / "data", train=train, test=test))


def test_views_that_all_folders_have_are_one_image(tmp_path: Path) -> None:
    _wheels(tmp_path / "data", test="blind/{unit}/{view}.jpg", lacking=0)
    found, _ = begin(tmp_path)
    assert len(load_samples(found, "train")) == len(WHEELS)
    assert len(found.data.train.patterns) == 3


def test_units_of_the_file_to_send_may_be_called_otherwise(tmp_path: Path) -> None:
    _is_read(tmp_path, _wheels(tmp_path / "data", id_="Laib"))


@pytest.mark.parametrize("folder", ["blind", "test"])
def test_a_refusal_names_the_folders_that_were_looked_at_and_its_fix_leads_on(
    tmp_path: Path, folder: str
) -> None:
    data = tmp_path / "data"
    truth = _wheels(data, test=f"{folder}/{{unit}}/{{view}}.jpg")
    to_predict = [path for path, (_, grade) in truth.items() if not grade]
    for n, path in enumerate(to_predict):
        (data / path).rename(data / folder / f"P{n:03}.jpg")
    with pytest.raises(DataError, match="no images to predict") as error:
        begin(tmp_path)
    told = error.value.message
    assert f"looked in {folder} (33 images, as P000.jpg)" in told, told
    assert "cellar/W-1000" in told
    assert "grading_sheet.csv" in told
    fix = error.value.fix
    assert fix is not None
    assert f"{folder}/X-100__P000.jpg" in fix, fix
    followed = {path: one for path, one in truth.items() if one[1]}
    for n, path in enumerate(to_predict):
        unit = truth[path][0]
        made = f"{folder}/{unit}__P{n:03}.jpg"
        (data / folder / f"P{n:03}.jpg").rename(data / made)
        followed[made] = truth[path]
    _is_read(tmp_path, followed)


def test_pictures_beside_channels_are_named_and_a_draft_names_files_that_are_there(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    _wheels(data, test="blind/{unit}/{view}.jpg", lacking=0)
    for n, unit in enumerate(BLIND):
        (data / f"blind/{unit}/top.jpg").rename(data / f"blind/P{n:03}.jpg")
        for view in ("rind", "cut"):
            (data / f"blind/{unit}/{view}.jpg").unlink()
    with pytest.raises(DataError) as error:
        begin(tmp_path)
    fix = error.value.fix
    assert fix is not None
    assert "12 pictures in blind" in error.value.message
    assert "'blind/X-100/cut.jpg'" in fix
    draft = (tmp_path / "competition.draft.yaml").read_text()
    assert "as cellar/W-1000/cut.jpg" in draft
    assert "cellar/W-1000.jpg" not in draft
    images = yaml.safe_load(draft)["data"]["train"]["images"]
    for view in ("top", "rind", "cut"):
        assert (tmp_path / images[view].format(Wheel="W-1000")).is_file()


@pytest.mark.parametrize("is_told", [True, False])
def test_units_of_several_photos_in_train_may_have_one_each_in_test(
    tmp_path: Path, is_told: bool
) -> None:
    data, places = tmp_path / "data", ("north", "south", "east")
    for n in range(20):
        for k in range(3):
            put(data / f"people/{n}/{n}_{k}.png", 10 * n + k)
    for n in range(12):
        put(data / f"test/{(n * 7 + 1) % 31:02}c.png", 900 + n)
    files = sorted(path.name for path in (data / "test").iterdir())
    # A place in each row is told of persons; a name of its own of classes, which are no persons.
    rows = [(n, places[n % 3] if is_told else f"{places[n % 3]}{n}") for n in range(20)]
    table(data / "train.csv", ("number", "place"), *rows)
    table(data / "submission.csv", ("id", "place"), *[(one, rows[0][1]) for one in files])
    found, _ = begin(tmp_path)
    if not is_told:
        assert set(found.classes) == {place for _, place in rows}
        assert len(load_samples(found, "test")) == len(files)
        return
    samples = load_samples(found, "train")
    of_people = zip(samples["images"], samples["label"], samples["group"], strict=True)
    assert {(one[0], found.classes[label], group) for one, label, group in of_people} == {
        (f"data/people/{n}/{n}_{k}.png", place, str(n)) for n, place in rows for k in range(3)
    }
    assert [one[0] for one in load_samples(found, "test")["images"]] == [
        f"data/test/{one}" for one in files
    ]

"""Mask files of single objects beside each image: which files are masks, and what names say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.masks.object_names import ClassLists, read_object_names
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks
from podium.competition.truths.objects import truth_instances
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, table

Plane = NDArray[np.uint8]
SIZE = (24, 30)
TRAIN = [f"S{n:03}" for n in range(1, 21)]
TEST = [f"S{n:03}" for n in range(60, 66)]
EMPTY = TRAIN[::7]
SPECIES = ("ash", "fir", "elm")


def save(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def photo(path: Path, number: int) -> None:
    save(path, np.random.default_rng(number).integers(0, 255, (*SIZE, 3)).astype(np.uint8))


def cells(name: str, *, at_least: int = 1) -> list[tuple[str, Plane]]:
    """Return the objects of an image: the class of each, and its mask of 0 and 1."""
    n = TRAIN.index(name)
    found = []
    for k in range(0 if name in EMPTY else at_least + n % 4):
        plane = np.zeros(SIZE, dtype=np.uint8)
        plane[1 + n % 5 : 4 + n % 5 + k, 1 + 6 * k : 5 + 6 * k] = 1
        found.append((SPECIES[(n + k) % 3], plane))
    return found


def write(
    data: Path,
    file: Callable[[str, int, str], str],
    *,
    image: str = "scan.png",
    value: int = 255,
    where: Callable[[str], str] = lambda name: f"{'train' if name in TRAIN else 'test'}/{name}",
    rows: Sequence[Sequence[str]] | None = None,
    head: Sequence[str] = ("sheet", "pixels"),
) -> None:
    """Write images, a mask file for each object and a sample submission of `head` and `rows`."""
    for n, name in enumerate([*TRAIN, *TEST]):
        photo(data / where(name) / image.format(name), n)
        for k, (species, plane) in enumerate(cells(name) if name in TRAIN else (), start=1):
            save(data / where(name) / file(name, k, species), value * plane)
    table(data / "sample_submission.csv", head, *(rows or [(name, "1 1") for name in TEST]))


WITH_SPECIES = [(name, "elm", "1 1") for name in TEST]


def read(tmp_path: Path) -> tuple[Competition, str]:
    """Return what is read, after its objects were compared with those that were drawn."""
    found, told = begin(tmp_path)
    assert found.tasks == {"segment": "instance"}
    train = load_samples(found, "train")
    assert sorted(train["id"]) == TRAIN
    assert sorted(load_samples(found, "test")["id"]) == TEST
    for name, objects in zip(train["id"], truth_instances(found, train), strict=True):
        assert objects is not None
        pairs = zip(objects.classes, objects.planes(), strict=True)
        seen = sorted(
            (found.classes[int(place)] if found.classes else "", plane.tobytes())
            for place, plane in pairs
        )
        drawn = [(one if found.classes else "", two.astype(bool)) for one, two in cells(name)]
        assert seen == sorted((one, plane.tobytes()) for one, plane in drawn)
    return found, told


@pytest.mark.parametrize(
    ("file", "names"),
    [
        (lambda name, k, one: f"grains/{k}_{one}_drawn.png", "*_{class}_drawn.png"),
        (lambda name, k, one: f"grains/{one} ({k}).png", "{class} (*).png"),
        (lambda name, k, one: f"grains/{one}{k}.png", "{class}?.png"),
        (lambda name, k, one: f"grains/{name}-{k:02}-{one}.png", "S*-{class}.png"),
        (lambda name, k, one: f"grains/c{k}-non-{one}.png", "c*-non-{class}.png"),
    ],
)
def test_the_class_is_a_part_of_the_name_that_comes_back(
    tmp_path: Path, file: Callable[[str, int, str], str], names: str
) -> None:
    write(tmp_path / "data", file, head=("sheet", "tree", "pixels"), rows=WITH_SPECIES)
    found, _ = read(tmp_path)
    assert found.classes == sorted(SPECIES)
    assert found.data.train.mask == f"data/train/{{id}}/grains/{names}"
    assert dict(found.submission.columns) == {
        "sheet": "id",
        "tree": "class_name",
        "pixels": "value",
    }
    assert found.to_choose == ["submission.rle"]


def test_a_class_with_a_sign_in_it_is_read_where_numbers_are_of_one_length(tmp_path: Path) -> None:
    spelt = {"ash": "old-ash", "fir": "fir", "elm": "elm"}
    write(
        tmp_path / "data",
        lambda name, k, one: f"grains/g{k:02}-{spelt[one]}.png",
        head=("sheet", "tree", "pixels"),
        rows=WITH_SPECIES,
    )
    table(tmp_path / "data/trees.csv", ("code", "age"), *((one, "") for one in spelt.values()))
    found, _ = begin(tmp_path)
    assert found.classes == list(spelt.values())
    assert found.data.train.mask == "data/train/{id}/grains/g??-{class}.png"


def test_folders_of_images_lie_in_folders_of_places(tmp_path: Path) -> None:
    def where(name: str) -> str:
        return f"{'train' if name in TRAIN else 'test'}/site{int(name[1:]) % 3}/{name}"

    write(tmp_path / "data", lambda name, k, one: f"cells/{k}.png", where=where)
    found, _ = read(tmp_path)
    assert found.classes == []


def test_masks_may_have_any_one_value_beside_0(tmp_path: Path) -> None:
    write(tmp_path / "data", lambda name, k, one: f"cells/c{k}.png", value=77)
    found, _ = read(tmp_path)
    assert found.data.train.mask_values == {0: "background", 77: "foreground"}


def test_files_that_are_no_masks_are_none(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n, name in enumerate([*TRAIN, *TEST]):
        where = data / ("train" if name in TRAIN else "test") / name
        photo(where / "scan.png", n)
        for k in range(1 + n % 3 if name in TRAIN else 0):
            photo(where / f"details/d{k}.png", 100 * n + k)
    table(data / "sample_submission.csv", ("sheet", "pixels"), *((one, "1 1") for one in TEST))
    with pytest.raises(DataError, match=r"asks for masks \(pixels\), and train has none") as error:
        infer(data, tmp_path)
    assert "a folder beside the one image of each folder" in str(error.value)
    assert "train/17/masks/01.png" in str(error.value.fix)


def test_without_labels_and_masks_both_were_looked_for(tmp_path: Path) -> None:
    for n in range(8):
        photo(tmp_path / f"data/{'train' if n < 6 else 'test'}/{n}.png", n)
    with pytest.raises(DataError, match=r"no labels: .*no masks: looked for mask files"):
        infer(tmp_path / "data", tmp_path)


@pytest.mark.parametrize("gaps", [False, True])
def test_numbers_of_objects_are_no_classes_where_the_sample_has_none(
    tmp_path: Path, gaps: bool
) -> None:
    """Each image has two, or a host lost some: then the sample alone shows it."""
    data = tmp_path / "data"
    for n, name in enumerate([*TRAIN, *TEST]):
        where = data / ("train" if name in TRAIN else "test") / name
        photo(where / f"images/{name}.png", n)
        for k, (_, plane) in enumerate(cells(name, at_least=2)[:2] if name in TRAIN else ()):
            number = k + 1 + (n + k) % 3 if gaps else k + 1
            save(where / f"masks/n{number:02}.png", 255 * plane)
    table(data / "sample_submission.csv", ("sheet", "pixels"), *((one, "1 1") for one in TEST))
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "instance"}
    assert found.submission.rows == "instance"


@pytest.mark.parametrize("image", ["scan.png", "images/{}.png"])
def test_names_that_every_image_has_are_classes(tmp_path: Path, image: str) -> None:
    data, organs = tmp_path / "data", ("1_liver", "2_spleen", "3_kidney")
    for n, name in enumerate([*TRAIN, *TEST]):
        where = data / ("train" if name in TRAIN else "test") / name
        photo(where / image.format(name), n)
        for k, organ in enumerate(organs if name in TRAIN else ()):
            plane = np.zeros(SIZE, dtype=np.uint8)
            plane[3 : 6 + n % 9, 7 * k : 7 * k + 9] = 255
            save(where / f"organs/{organ}.png", plane)
    table(
        data / "sample_submission.csv",
        ("sheet", "pixels"),
        *((f"{name}_{organ}", "") for name in TEST for organ in organs),
    )
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "multilabel"}
    assert found.classes == list(organs)
    masks = truth_masks(found, load_samples(found, "train"))
    assert all(mask is not None and mask.any(axis=(0, 1)).all() for mask in masks)


def test_one_mask_file_of_one_name_is_the_mask_of_the_image(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n, name in enumerate([*TRAIN, *TEST]):
        where = data / ("train" if name in TRAIN else "test") / name
        photo(where / "scan.png", n)
        if name in TRAIN:
            plane = np.zeros(SIZE, dtype=np.uint8)
            plane[2 : 3 + n, 4:9] = 255
            save(where / "water/drawn.png", plane)
    table(data / "sample_submission.csv", ("sheet", "pixels"), *((one, "1 1") for one in TEST))
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert found.data.train.mask == "data/train/{id}/water/drawn.png"
    assert sorted(load_samples(found, "train")["id"]) == TRAIN


def test_objects_have_no_class_where_the_sample_has_no_place_for_it(tmp_path: Path) -> None:
    write(tmp_path / "data", lambda name, k, one: f"grains/g{k:02}-{one}.png")
    found, told = read(tmp_path)
    assert found.classes == []
    assert found.data.train.mask == "data/train/{id}/grains/*.png"
    assert "may be classes (ash, elm" in told.replace("'", "")


def test_a_column_of_one_cell_is_written_so_where_masks_tell_no_class(tmp_path: Path) -> None:
    write(
        tmp_path / "data",
        lambda name, k, one: f"masks/g{k:02}.png",
        head=("sheet", "tree", "pixels"),
        rows=WITH_SPECIES,
    )
    found, told = read(tmp_path)
    assert found.submission.columns["tree"] == "text[elm]"
    assert "tree is 'elm' in every row of the sample and is written so" in told


def test_a_sample_that_shows_some_classes_takes_none_away(tmp_path: Path) -> None:
    rows = [(name, one, "1 1") for name in TEST for one in ("ash", "elm")]
    head = ("sheet", "label", "pixels")
    write(tmp_path / "data", lambda name, k, one: f"m/{k}-{one}.png", head=head, rows=rows)
    found, _ = read(tmp_path)
    assert set(found.classes) == set(SPECIES)


COUNTS = {
    "counted": (lambda n: n, "empty", []),
    "some elsewhere": (lambda n: n or 2, None, ["data.unlabelled", "data.train.absent"]),
    "not counted": (None, "empty", []),
}


@pytest.mark.parametrize("way", COUNTS)
def test_an_image_without_a_file_of_an_object_has_none(tmp_path: Path, way: str) -> None:
    counted, absent, asked = COUNTS[way]
    data = tmp_path / "data"
    write(data, lambda name, k, one: f"cells/c{k}.png")
    if counted is not None:
        rows = [(name, counted(len(cells(name)))) for name in TRAIN]
        table(data / "counts.csv", ("sheet", "n"), *rows)
    found = infer(data, tmp_path).competition
    assert found.data.train.absent == absent
    assert found.to_choose == [*asked, "submission.rle"]


@pytest.mark.parametrize("is_counted", [True, False])
def test_a_table_that_counts_nothing_tells_what_a_missing_mask_is(
    tmp_path: Path, is_counted: bool
) -> None:
    """Of one mask for all, or of one whose values number objects, no file is no evidence."""
    data = tmp_path / "data"
    for n, name in enumerate([*TRAIN, *TEST]):
        part = "train" if name in TRAIN else "test"
        photo(data / part / f"images/{name}.png", n)
        planes = [plane for _, plane in cells(name)] if name in TRAIN else []
        if planes:
            numbers = np.max([(k + 1) * one for k, one in enumerate(planes)], axis=0)
            save(data / part / f"masks/{name}.png", numbers.astype(np.uint8))
    if is_counted:
        rows = [(f"{name}.png", len(cells(name)), 7) for name in TRAIN]
        table(data / "counts.csv", ("file", "n_cells", "microscope"), *rows)
    rows = [(name, "1 1") for name in TEST for _ in range(2)]
    table(data / "sample_submission.csv", ("sheet", "pixels"), *rows)
    found = infer(data, tmp_path).competition
    assert found.tasks == {"segment": "instance"}
    assert found.data.train.absent == ("empty" if is_counted else None)
    assert ("data.train.absent" in found.to_choose) is not is_counted


def test_a_word_that_all_files_of_an_image_share_is_no_class() -> None:
    of_image = {f"s{n}": [f"{'ab'[n % 2]}rea-{k}" for k in range(1, 3 + n % 3)] for n in range(12)}
    assert read_object_names(of_image, ClassLists()) is None
    listed = ClassLists((("code of areas.csv", ("brea", "area")),))
    found = read_object_names(of_image, listed)
    assert found is not None
    assert found.classes == ["brea", "area"]


def test_numbers_that_do_not_count_are_classes_where_nothing_else_shows() -> None:
    grades = {f"s{n}": [f"grade{k}" for k in (3, 4, 5)[n % 3 :]] for n in range(12)}
    assert read_object_names(grades, ClassLists()) is None
    assert read_object_names(grades, ClassLists(sent=(frozenset("345"),))) is None
    assert read_object_names(grades, ClassLists(sent=())) is not None

"""Masks that come as numbers, a number a pixel: texts, tables and arrays with numbers below 0."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.truths.mask_files import MaskError
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError

Grid = NDArray[np.int64]
SIZE = (10, 14)
TRAIN, TEST = range(100, 112), range(112, 117)


def photo(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(number).integers(0, 255, (*SIZE, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def grid(number: int, low: int = -1, high: int = 3) -> Grid:
    return np.random.default_rng(number).integers(low, high + 1, SIZE)


def lines(path: Path, numbers: Grid, sign: str = " ") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(sign.join(map(str, row)) for row in numbers.tolist()) + "\n")


def array(path: Path, numbers: Grid) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, numbers.astype(np.int8))


FORMS: dict[str, Callable[[Path, int, Grid], None]] = {
    "texts with blanks": lambda d, n, one: lines(d / f"labels/{n}.regions.txt", one),
    "texts with tabs": lambda d, n, one: lines(d / f"labels/{n}.txt", one, "\t"),
    "tables": lambda d, n, one: lines(d / f"masks/{n}.csv", one, ","),
    "tables with an end": lambda d, n, one: lines(d / f"drawn/{n}_drawn.csv", one, ", "),
    "arrays": lambda d, n, one: array(d / f"masks/{n}.npy", one),
}


def written(data: Path, form: str, grids: dict[int, Grid]) -> None:
    for n in (*TRAIN, *TEST):
        photo(data / f"images/{n}.png", n)
    for n, one in grids.items():
        FORMS[form](data, n, one)
    rows = [f"{n},{name}," for n in TEST for name in ("sky", "tree", "road", "house")]
    (data / "to_send.csv").write_text("\n".join(["image,region,pixels", *rows]) + "\n")


@pytest.mark.parametrize("form", FORMS)
def test_masks_as_numbers_keep_these_and_255_is_not_labelled(tmp_path: Path, form: str) -> None:
    data, grids = tmp_path / "data", {n: grid(n) for n in TRAIN}
    written(data, form, grids)
    found = infer(data, tmp_path)
    for n, one in grids.items():
        drawn = np.asarray(Image.open(tmp_path / f"made/masks/{n}.png"))
        np.testing.assert_array_equal(drawn, np.where(one < 0, 255, one))
    competition = found.competition
    assert competition.data.train.ignore == 255
    assert competition.tasks == {"segment": "multiclass"}
    n_below = sum(int((one < 0).sum()) for one in grids.values())
    told = [note for note in found.notes if note.startswith("the masks hold -1")]
    assert len(told) == 1
    assert f"-1 ({n_below:,} pixels)" in told[0]
    assert not any("left out" in note for note in found.notes)
    samples = load_samples(competition, "train")
    masks = [one for one in truth_masks(competition, samples) if one is not None]
    assert len(masks) == len(TRAIN)
    assert len(load_samples(competition, "test")) == len(TEST)
    values = {value: n for n, value in enumerate(competition.data.train.mask_values or {})}
    assert values.keys() <= {0, 1, 2, 3}


@pytest.mark.parametrize("form", ["texts with blanks", "arrays"])
def test_spaced_numbers_and_255_for_those_that_are_not_labelled(tmp_path: Path, form: str) -> None:
    data, numbers = tmp_path / "data", np.array([-1, 0, 60, 120])
    written(data, form, {n: numbers[grid(n, 0)] for n in TRAIN})
    competition = infer(data, tmp_path).competition
    assert competition.data.train.ignore == 255
    assert set(competition.data.train.mask_values or {}) == {0, 60, 120}


def test_a_number_beside_0_alone_is_what_is_drawn(tmp_path: Path) -> None:
    data = tmp_path / "data"
    written(data, "arrays", {n: grid(n, -1, 0) for n in TRAIN})
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"segment": "binary"}
    assert found.competition.data.train.ignore is None
    assert any("beside 0 alone it is taken for what is drawn" in note for note in found.notes)


def test_a_list_of_classes_names_the_numbers_of_the_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    written(data, "texts with blanks", {n: grid(n, 0) for n in TRAIN})
    names = ["sky", "tree", "road", "house"]
    (data / "classes.txt").write_text("".join(f"{n} {name}\n" for n, name in enumerate(names)))
    values = infer(data, tmp_path).competition.data.train.mask_values
    assert values == dict(enumerate(names))


def test_arrays_without_a_number_below_0_stay(tmp_path: Path) -> None:
    data = tmp_path / "data"
    written(data, "arrays", {n: grid(n, 0) for n in TRAIN})
    mask = infer(data, tmp_path).competition.data.train.mask
    assert isinstance(mask, str)
    assert mask.endswith("masks/{id}.npy")
    assert not (tmp_path / "made/masks").exists()


def _smaller(data: Path) -> None:
    lines(data / "labels/101.regions.txt", grid(101)[:-1])


def _torn(data: Path) -> None:
    file = data / "labels/101.regions.txt"
    file.write_text(file.read_text() + "1 2\n")


def _two_kinds(data: Path) -> None:
    for n in TRAIN:
        lines(data / f"labels/{n}.surfaces.txt", grid(n, 0, 1))


def _too_high(data: Path) -> None:
    lines(data / "labels/101.regions.txt", grid(101) * 100)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_smaller, "9 rows of 14 numbers, and its image 10 rows of 14 pixels"),
        (_torn, "not as many whole numbers each"),
        (
            _two_kinds,
            r"several kinds .*12 files labels/\*.regions.txt, 12 files labels/\*.surfaces",
        ),
        (_too_high, "from -100 to 300"),
    ],
)
def test_numbers_that_are_no_mask_are_refused(
    tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    data = tmp_path / "data"
    written(data, "texts with blanks", {n: grid(n) for n in TRAIN})
    spoil(data)
    with pytest.raises(DataError, match=message) as caught:
        infer(data, tmp_path)
    assert caught.value.fix


def test_heights_beside_images_with_labels_are_no_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in (*TRAIN, *TEST):
        photo(data / f"{'train' if n in TRAIN else 'test'}/{n}.png", n)
        lines(data / f"heights/{n}.txt", grid(n, 0, 4000))
    rows = [f"{n},{('oak', 'elm')[n % 2]}" for n in TRAIN]
    (data / "train.csv").write_text("\n".join(["image,species", *rows]) + "\n")
    competition = infer(data, tmp_path).competition
    assert competition.tasks == {"classify": "binary"}
    assert not (tmp_path / "made/masks").exists()


def test_files_that_could_be_masks_are_named_where_nothing_asks_for_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in (*TRAIN, *TEST):
        photo(data / f"{'train' if n in TRAIN else 'test'}/{n}.png", n)
        (data / f"{'train' if n in TRAIN else 'test'}/{n}.regions.bin").write_text("?")
    with pytest.raises(DataError, match=r"12 files train/\*.regions.bin") as caught:
        infer(data, tmp_path)
    assert (caught.value.fix or "").startswith(
        "write masks as PNG files into a folder called masks"
    )


@pytest.mark.parametrize("end", [".regions.bin", ".csv"])
def test_files_that_could_be_masks_are_named_in_the_refusal(tmp_path: Path, end: str) -> None:
    data = tmp_path / "data"
    written(data, "arrays", {})
    for n in TRAIN:
        (data / "drawn").mkdir(exist_ok=True)
        (data / f"drawn/{n}{end}").write_text("x,x\n1,2,3\n" if end == ".csv" else "?")
    with pytest.raises(DataError, match="train has none") as caught:
        infer(data, tmp_path)
    named = f"12 files drawn/*{end}, each named as an image, are of no form that podium reads"
    assert caught.value.message.count(named) == 1
    assert "drawn/100" not in caught.value.message
    assert caught.value.message.count("left out") == (end == ".csv")


def test_a_number_below_0_that_came_later_has_a_fix_that_the_file_takes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    written(data, "arrays", {n: grid(n, 0) for n in TRAIN})
    competition = infer(data, tmp_path).competition
    array(data / "masks/100.npy", grid(100))
    samples = load_samples(competition, "train")
    with pytest.raises(MaskError, match="values that mean nothing") as caught:
        list(truth_masks(competition, samples))
    fix = caught.value.fix or ""
    assert "write the masks with 255 in place of those below 0" in fix
    assert infer(data, tmp_path).competition.data.train.ignore == 255

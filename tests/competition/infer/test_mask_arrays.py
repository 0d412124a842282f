"""Masks as arrays and archives of arrays are read, or refused with what converts them."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import savemat

from podium.competition.infer.conversions.masks.planes import planes_of
from podium.competition.infer.spec import infer
from podium.errors import DataError
from tests.competition.infer.test_odd_masks import SIZE, box, photo, read, text

WORDS = ("road", "tree", "water")
TRAIN, TEST = [f"p{n:02}" for n in range(14)], [f"p{n:02}" for n in range(14, 18)]
Write = Callable[[Path, NDArray[np.uint8]], None]


def drawn(number: int) -> NDArray[np.uint8]:
    found = np.zeros(SIZE, np.uint8)
    for value in (1, 2, 3):
        found[box(number + 1, shift=value)] = value
    return found


def planes(mask: NDArray[np.uint8], first: int = 1) -> NDArray[np.bool_]:
    return np.stack([mask == value for value in range(first, 4)], axis=-1)


def layout(
    data: Path, write: Callable[[Path, int], None], where: str = "masks/{}", *, listed: bool = True
) -> None:
    for number, name in enumerate([*TRAIN, *TEST]):
        photo(data / ("train" if name in TRAIN else "test") / f"{name}.png", number)
    for number, name in enumerate(TRAIN):
        path = data / where.format(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, number)
    if listed:
        rows = [f"{value},{word}" for value, word in enumerate(("background", *WORDS))]
        text(data / "classes.csv", "id,name", *rows)
    text(
        data / "sample_submission.csv", "id,class,rle", *(f"{n},{w}," for n in TEST for w in WORDS)
    )


def npz(path: Path, **arrays: NDArray[np.generic]) -> None:
    np.savez(path.with_suffix(".npz"), **arrays)  # type: ignore[arg-type]


FORMS: dict[str, Callable[[Path, int], None]] = {
    "npz": lambda path, n: npz(path, mask=drawn(n)),
    "npz of one unnamed": lambda path, n: npz(path, arr_0=drawn(n)[..., None]),
    "npz with the image": lambda path, n: npz(path, image=np.zeros((*SIZE, 3)), gt=drawn(n)),
    "npz of planes": lambda path, n: npz(path, mask=planes(drawn(n))),
    "mat": lambda path, n: savemat(path.with_suffix(".mat"), {"GT": drawn(n), "size": SIZE}),
    "planes behind": lambda path, n: np.save(path.with_suffix(".npy"), planes(drawn(n))),
    "planes in front": lambda path, n: np.save(
        path.with_suffix(".npy"), np.moveaxis(planes(drawn(n)), -1, 0).astype(np.uint8) * 255
    ),
    "planes of all pixels": lambda path, n: np.save(
        path.with_suffix(".npy"), planes(drawn(n), first=0).astype(np.float32)
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_arrays_are_read_as_masks(tmp_path: Path, form: str) -> None:
    layout(tmp_path / "data", FORMS[form])
    found, masks = read(tmp_path / "data")
    assert found.competition.tasks == {"segment": "multiclass"}
    assert found.competition.classes == [*WORDS]
    assert masks.keys() == {*TRAIN}
    assert all(np.array_equal(masks[name], drawn(n)) for n, name in enumerate(TRAIN))


def overlapping(path: Path, number: int) -> None:
    mask = drawn(number)
    np.save(path.with_suffix(".npy"), np.stack([mask == 1, mask > 0, mask == 3], axis=-1))


def test_planes_that_share_pixels_are_files_of_the_listed_classes(tmp_path: Path) -> None:
    layout(tmp_path / "data", overlapping)
    found, masks = read(tmp_path / "data")
    assert found.competition.tasks == {"segment": "multilabel"}
    assert found.competition.classes == [*WORDS]
    assert all(np.array_equal(masks[name][..., 1], drawn(n) > 0) for n, name in enumerate(TRAIN))


def test_planes_without_names_are_no_guess(tmp_path: Path) -> None:
    layout(tmp_path / "data", overlapping, listed=False)
    with pytest.raises(DataError, match="3 planes without names") as raised:
        infer(tmp_path / "data", tmp_path)
    assert "write classes.txt" in str(raised.value)
    text(tmp_path / "data/classes.txt", *WORDS)
    assert read(tmp_path / "data")[0].competition.classes == [*WORDS]


def test_colours_in_arrays_are_colours(tmp_path: Path) -> None:
    colours = np.array([(0, 0, 0), (200, 0, 0), (0, 200, 0), (0, 0, 200)], np.uint8)
    layout(
        tmp_path / "data",
        lambda path, n: np.save(path.with_suffix(".npy"), colours[drawn(n)]),
        listed=False,
    )
    text(
        tmp_path / "data/colours.csv",
        "name,r,g,b",
        *(f"{word},{r},{g},{b}" for word, (r, g, b) in zip(WORDS, colours[1:], strict=True)),
    )
    _, masks = read(tmp_path / "data")
    assert all(np.array_equal(masks[name], drawn(n)) for n, name in enumerate(TRAIN))


def test_archives_that_images_to_predict_have_too_are_no_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    layout(data, lambda path, n: npz(path, mask=drawn(n)), where="masks/{}")
    for number, name in enumerate(TEST):
        npz(data / f"masks/{name}", mask=drawn(number))
    with pytest.raises(DataError, match="train has none"):
        infer(data, tmp_path)


def test_texts_of_yolo_without_names_are_no_guess(tmp_path: Path) -> None:
    def corners(path: Path, number: int) -> None:
        lines = [f"{k} 0.1 0.1 0.7 0.1 0.7 0.{5 + k} 0.1 0.{5 + k}" for k in range(3)]
        text(path.with_suffix(".txt"), *lines)

    layout(tmp_path / "data", corners, where="labels/{}", listed=False)
    with pytest.raises(DataError, match="3 numbers of classes without names"):
        infer(tmp_path / "data", tmp_path)


def pickled(path: Path, number: int) -> None:
    path.with_suffix(".pkl").write_bytes(pickle.dumps(drawn(number)))


def objects(path: Path, number: int) -> None:
    array = np.array([drawn(number), None], dtype=object)
    np.save(path.with_suffix(".npy"), array, allow_pickle=True)


def hdf5(path: Path, number: int) -> None:
    path.with_suffix(".h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200))


def voc(path: Path, number: int) -> None:
    box = "<xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>4</ymax>"
    boxes = f"<object><name>road</name><bndbox>{box}</bndbox></object>"
    path.with_suffix(".xml").write_text(f"<annotation>{boxes}</annotation>")


def stack(path: Path, number: int) -> None:
    masks = np.stack([drawn(n) for n in range(len(TRAIN))])
    np.save(path.parents[1] / "train_masks.npy", masks)


REFUSED: dict[str, tuple[Callable[[Path, int], None], tuple[str, ...]]] = {
    "pickle": (pickled, ("masks/p00.pkl", "pickle.load(", "Image.fromarray(")),
    "objects": (objects, (".npy", "allow_pickle=True", "Image.fromarray(")),
    "hdf5": (hdf5, ("masks/p00.h5", "h5py.File(", "Image.fromarray(")),
    "voc": (voc, ("masks/p00.xml", "no boxes", "train.csv")),
    "stack": (stack, ("train_masks.npy holds 14 arrays", "Path('train')", "Image.fromarray(")),
}


@pytest.mark.parametrize("form", REFUSED)
def test_other_forms_are_refused_with_what_converts_them(tmp_path: Path, form: str) -> None:
    write, told = REFUSED[form]
    layout(tmp_path / "data", write)
    with pytest.raises(DataError) as raised:
        infer(tmp_path / "data", tmp_path)
    assert raised.value.fix is not None
    assert all(one in raised.value.fix for one in told)


@pytest.mark.parametrize(
    ("shape", "n_slices"), [((8, 24, 24), 8), ((24, 20, 6), 6), ((9, 8, 9), 0)]
)
def test_a_mask_of_several_values_in_a_plane_may_be_a_volume_of_slices(
    tmp_path: Path, shape: tuple[int, int, int], n_slices: int
) -> None:
    mask = np.random.default_rng(0).integers(0, 3, shape).astype(np.uint8)
    with pytest.raises(DataError, match="a plane of the mask holds several values") as error:
        planes_of(mask, None, tmp_path / "p105.npy")
    fix = error.value.fix
    assert fix is not None
    assert (f"a volume of {n_slices} slices, write a file for each slice" in fix) == (n_slices > 0)

"""Images and masks side by side that differ by the end of their names, which come back in folders.

part_1/tile_07_photo.png, tile_07_mask.png; part_2/tile_07_photo.png, tile_07_mask.png; …
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.image_tables import numbers_behind
from podium.competition.infer.sample.submission import slices_hint
from podium.competition.samples import load_samples
from tests.competition.infer.test_infer_masks import SIZE, look, put, stripes, table


def box(n: int) -> np.ndarray:
    mask = np.zeros(SIZE, np.uint8)
    mask[1 : 2 + n % 4, 1 : 3 + n % 5] = 255
    return mask


def photo(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 255, (*SIZE, 3)).astype(np.uint8)


ENDS = [("_photo", "_mask"), ("_bild", "_maske"), ("_a", "_b")]


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize(
    "around", [[f"part_{k}" for k in range(5)], ["n/x", "n/y"], ["c/1", "d/2"]]
)
def test_each_image_has_the_mask_of_its_own_folder(
    tmp_path: Path, ends: tuple[str, str], around: list[str]
) -> None:
    data, wanted = tmp_path / "data", dict[str, np.ndarray]()
    for k, where in enumerate(around):
        for n in range(1, 7 + k):
            put(data, [f"train/{where}/tile_{n:03}{ends[0]}.png"], photo(10 * k + n))
            put(data, [f"train/{where}/tile_{n:03}{ends[1]}.png"], box(3 * k + n))
            wanted[f"train/{where}/tile_{n:03}{ends[0]}.png"] = box(3 * k + n) > 0
    put(data, [f"test/tile_{n:03}{ends[0]}.png" for n in range(1, 4)], photo(99))
    table(data, "sample.csv", "tile,rle", [f"{n}," for n in (3, 1, 2)])
    found, masks = look(data)
    spec = found.competition
    train, test = load_samples(spec, "train"), load_samples(spec, "test")
    paths = [path.removeprefix("data/") for (path,) in train["images"]]
    assert sorted(paths) == sorted(wanted)
    for path, mask in zip(paths, masks, strict=True):
        assert np.array_equal(np.asarray(mask).squeeze() > 0, wanted[path])
    # The numbers of the sample are those of the files, without zeros in front.
    of_number = {str(n): f"test/tile_{n:03}{ends[0]}.png" for n in (1, 2, 3)}
    read = (path.removeprefix("data/") for (path,) in test["images"])
    assert dict(zip(test["id"], read, strict=True)) == of_number
    assert spec.folds.group is None


def test_a_folder_of_test_inside_and_rows_of_numbers_and_classes_are_read_together(
    tmp_path: Path,
) -> None:
    data, values = tmp_path / "data", (0, 30, 180, 255)
    for k in (1, 2, 3):
        for n in range(1, 6):
            put(data, [f"training/Teil_{k}/kachel_{n:04}_bild.png"], photo(10 * k + n))
            put(data, [f"training/Teil_{k}/kachel_{n:04}_maske.png"], stripes(values[: 2 + n % 3]))
    put(data, [f"training/pruefung/kachel_{n:04}_bild.png" for n in range(1, 4)], photo(99))
    names = ("Sonstiges", "Straße", "Gewässer", "Wolke")
    pairs = [f"{value},{name}" for value, name in zip(values, names, strict=True)]
    table(data, "klassen.csv", "Grauwert,Klasse", pairs)
    rows = [f"{n},{name}," for name in ("Gewässer", "Straße") for n in (3, 1, 2)]
    table(data, "beispiel_abgabe.csv", "Kachel,Klasse,RLE", rows)
    (data / "README.md").write_text(
        "Unter Wolken (255) ist nicht bekannt, was dort liegt.\n\nDie Pixel werden ab 1 gezählt,"
        " zeilenweise von links nach rechts und dann von oben nach unten.\n",
        encoding="utf-8",
    )
    found, masks = look(data)
    spec = found.competition
    assert (spec.to_choose, spec.data.train.ignore, len(masks)) == ([], 255, 15)
    assert spec.data.train.mask_values == {0: "background", 30: "Straße", 180: "Gewässer"}
    test = load_samples(spec, "test")
    paths = [f"data/training/pruefung/kachel_000{n}_bild.png" for n in test["id"]]
    assert [path for (path,) in test["images"]] == paths
    assert "rle: {base: 1, order: C}" in found.text


@pytest.mark.parametrize("lost", [True, False])
def test_names_that_come_once_lead_to_masks_whatever_the_sample_makes_of_their_numbers(
    tmp_path: Path, lost: bool
) -> None:
    data = tmp_path / "data"
    for n in range(95, 107):
        put(data, [f"train/tile_{n:04}_photo.png"], photo(n))
        put(data, [f"train/tile_{n:04}_mask.png"], box(n))
    put(data, [f"test/tile_{n:04}_photo.png" for n in range(98, 103)], photo(99))
    rows = [f"{n if lost else f'tile_{n:04}'}," for n in range(98, 103)]
    table(data, "sample.csv", "tile,rle", rows)
    found, masks = look(data)
    samples = load_samples(found.competition, "train")
    for (path,), mask in zip(samples["images"], masks, strict=True):
        assert np.array_equal(np.asarray(mask).squeeze() > 0, box(int(path[-14:-10])) > 0)
    paths = [path for (path,) in load_samples(found.competition, "test")["images"]]
    assert paths == [f"data/test/tile_{n:04}_photo.png" for n in range(98, 103)]


def test_folders_that_tell_names_apart_are_groups_where_they_are_called_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for k in range(12):
        for n in range(1, 4):
            put(data, [f"train/patient{k:02}/{n:03}_photo.png"], photo(10 * k + n))
            put(data, [f"train/patient{k:02}/{n:03}_mask.png"], box(3 * k + n))
    put(data, [f"test/{n:03}_photo.png" for n in range(1, 4)], photo(99))
    table(data, "sample.csv", "tile,rle", [f"{n:03}," for n in range(1, 4)])
    spec = look(data)[0].competition
    samples = load_samples(spec, "train")
    assert [path.split("/")[2] for (path,) in samples["images"]] == list(samples["group"])


def test_tiles_of_the_pieces_of_a_part_are_no_slices_of_volumes() -> None:
    for folder, is_hint in (("Teil_{}", False), ("lote{}", False), ("knee_{}", True)):
        ids = [f"{folder.format(k)}/tile_{n:04}" for k in (1, 2, 3) for n in range(1, 60)]
        assert ("volumes" in slices_hint(ids)) == is_hint, folder


def test_numbers_stand_between_the_same_texts_in_all_names() -> None:
    assert numbers_behind(["a_009_x", "a_010_x"]) == ("a_", "_x", 3, ["9", "10"])
    assert numbers_behind(["9_x", "10_x"]) == ("", "_x", 1, ["9", "10"])
    for names in (["a_009_x", "a_010_y"], ["9", "10"], ["a_09_x", "a_010_x"], ["a_x", "a_y"]):
        assert numbers_behind(names) is None

"""Rows of a table of train whose image is not there."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

TREES = [f"tree_{n * 37 % 97:03d}" for n in range(60)]
KINDS = ("beech", "fir", "oak")


def trees(data: Path, absent: Collection[int], *, head: str = "", **columns: list[str]) -> None:
    """Write a table of trees, of which the rows with these numbers have no image.

    Args:
        data: the folder.
        absent: numbers of rows.
        head: the folder that cells of the table have before the name.
        columns: further ones.
    """
    for n, name in enumerate(TREES):
        if n not in absent:
            put(data / f"crowns/{name}.jpg", n)
    rows = [
        (f"{head}{name}", KINDS[n % 3], *(cells[n] for cells in columns.values()))
        for n, name in enumerate(TREES)
    ]
    table(data / "trees.csv", ("tree", "kind", *columns), *rows)
    for n in range(60, 66):
        put(data / f"test/{n}.jpg", n)


def test_a_few_rows_without_an_image_are_left_out_with_a_note(tmp_path: Path) -> None:
    trees(tmp_path / "data", (9, 30, 58))
    found, told = begin(tmp_path)
    lost = [TREES[9], TREES[30], TREES[58]]
    assert found.data.train.exclude == lost
    assert list(load_samples(found, "train")["id"]) == [one for one in TREES if one not in lost]
    assert f"3 of 60 rows of trees.csv have no image in the data ('{lost[0]}', '{lost[1]}'" in told
    assert "to mend before training" not in told


def test_one_row_without_an_image_is_left_out(tmp_path: Path) -> None:
    trees(tmp_path / "data", (30,))
    found, told = begin(tmp_path)
    assert found.data.train.exclude == [TREES[30]]
    assert "left out: exclude, below data.train, names the row." in told


def test_more_than_a_tenth_without_an_image_are_to_be_mended(tmp_path: Path) -> None:
    trees(tmp_path / "data", range(0, 56, 8))
    found, told = begin(tmp_path)
    assert not found.data.train.exclude
    assert "to mend before training" in told


def test_rows_one_behind_the_other_are_a_piece_that_is_to_be_mended(tmp_path: Path) -> None:
    trees(tmp_path / "data", (20, 21, 22, 23))
    found, told = begin(tmp_path)
    assert not found.data.train.exclude
    assert "to mend before training" in told
    for stale in (tmp_path / "data/crowns").iterdir():
        stale.unlink()
    in_order = sorted(range(60), key=lambda n: TREES[n])
    trees(tmp_path / "data", in_order[20:24])
    found, told = begin(tmp_path)
    assert not found.data.train.exclude
    assert "to mend before training" in told


def test_all_rows_of_a_batch_are_a_piece_that_is_to_be_mended(tmp_path: Path) -> None:
    batch = ["7" if n in (3, 19, 40, 52) else str(n % 5) for n in range(60)]
    trees(tmp_path / "data", (3, 19, 40, 52), flight=batch)
    found, told = begin(tmp_path)
    assert not found.data.train.exclude
    assert "to mend before training" in told


def test_beside_an_archive_rows_without_an_image_are_to_be_mended(tmp_path: Path) -> None:
    trees(tmp_path / "data", (9, 30, 58))
    (tmp_path / "data/more.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(64))
    found, told = begin(tmp_path)
    assert not found.data.train.exclude
    assert "to mend before training" in told


def test_images_under_another_name_are_to_be_mended(tmp_path: Path) -> None:
    trees(tmp_path / "data", (9, 30))
    put(tmp_path / "data/crowns" / f"{TREES[9].upper()}.jpg", 9)
    found, told = begin(tmp_path)
    assert not found.data.train.exclude
    assert "to mend before training" in told


def test_a_class_without_an_image_is_to_be_mended(tmp_path: Path) -> None:
    kinds = [{9: "rowan", 31: "ash"}.get(n, KINDS[n % 3]) for n in range(60)]
    data = tmp_path / "data"
    trees(data, (9, 31))
    rows = zip(TREES, kinds, strict=True)
    table(data / "trees.csv", ("tree", "kind"), *rows)
    found, told = begin(tmp_path)
    assert not found.data.train.exclude
    assert "to mend before training" in told


def test_masks_of_rows_that_are_left_out_are_none_too_many(tmp_path: Path) -> None:
    data = tmp_path / "data"
    trees(data, (9, 30, 58))
    rows = [(name, f"{1 + n} 4 {40 + n} 3" if n % 4 else "") for n, name in enumerate(TREES)]
    table(data / "trees.csv", ("tree", "EncodedPixels"), *rows)
    found, told = begin(tmp_path)
    assert found.data.train.exclude == [TREES[9], TREES[30], TREES[58]]
    samples = load_samples(found, "train")
    assert len(samples) == 57
    assert "to mend before training" not in told


def test_rows_of_runs_without_an_image_are_left_out_and_hide_no_group(tmp_path: Path) -> None:
    """Two photographs were withdrawn: rows of runs, and of what is known of photographs, are left.

    These share their site with images that are there, and are none of those to predict.
    """
    data, withdrawn = tmp_path / "data", (11, 29)
    names = [f"{n * 37 % 97:03d}a.jpg" for n in range(40)]
    for n, name in enumerate(names):
        if n not in withdrawn:
            put(data / f"train_images/{name}", n)
    others = [f"{n:03d}b.jpg" for n in range(12)]
    for n, name in enumerate(others):
        put(data / f"test_images/{name}", 50 + n)
    cells = {0: "", 1: "1 4 17 4", 2: "3 2"}
    rows = [
        (f"{name}_{kind}", cells[(n + at) % 3])
        for n, name in enumerate(names)
        for at, kind in enumerate(("Algae", "Coral"))
    ]
    table(data / "train.csv", ("Image_Label", "EncodedPixels"), *rows)
    sent = [(f"{name}_{kind}", "1 1") for name in others for kind in ("Algae", "Coral")]
    table(data / "sample_submission.csv", ("Image_Label", "EncodedPixels"), *sent)
    sites = [(name, f"T{n % 8}", "4.5") for n, name in enumerate(names)]
    sites += [(name, f"T{20 + n % 3}", "3.5") for n, name in enumerate(others)]
    table(data / "metadata.csv", ("image", "transect", "depth"), *sites)
    found, told = begin(tmp_path)
    assert sorted(found.data.train.exclude) == sorted(names[n] for n in withdrawn)
    assert "2 of 40 images that train.csv names are not in the data" in told
    assert found.folds.group == "transect"
    samples = load_samples(found, "train")
    assert len(samples) == 38
    sites_of = dict(zip(samples["id"], samples["group"], strict=True))
    assert sites_of == {name: site for name, site, _ in sites[:40] if name in sites_of}
    misspelt = found.model_copy(
        update={
            "data": found.data.model_copy(
                update={"train": found.data.train.model_copy(update={"exclude": ["none.jpg"]})}
            )
        }
    )
    with pytest.raises(DataError, match=r"exclude names no sample: 'none.jpg'"):
        load_samples(misspelt, "train")

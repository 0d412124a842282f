"""Parquet files with a column of encoded images are written as files, once, with their table."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table


def encoded(pixels: np.ndarray) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


def photo(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 255, (12, 16, 3)).astype(np.uint8)


def write(path: Path, numbers: range, names: list[str], *, paths: str = "") -> None:
    """Write a piece: a photograph and the number of its class a row."""
    rows = [{"bytes": encoded(photo(n)), "path": paths.format(n) or None} for n in numbers]
    labels = [n % 3 if "train" in path.name else -1 for n in numbers]
    features = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
    schema = pa.schema(
        [
            ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
            ("label", pa.int64()),
        ],
        metadata={"huggingface": json.dumps(features)},
    )
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table({"image": rows, "label": labels}, schema=schema), path)


@pytest.mark.parametrize(
    ("cell", "classes"), [("cat", ["cat", "dog", "fox"]), ("0", ["0", "1", "2"])]
)
def test_pieces_become_images_and_labels_as_the_sample_has_them(
    tmp_path: Path, cell: str, classes: list[str]
) -> None:
    data = tmp_path / "data"
    for number, rows in enumerate((range(12), range(12, 24))):
        write(data / f"train-0000{number}-of-00002.parquet", rows, ["cat", "dog", "fox"])
    write(data / "test-00000-of-00001.parquet", range(24, 30), ["cat", "dog", "fox"])
    rows = [(f"q{n}", cell) for n in range(6)]
    table(data / "sample_submission.csv", ("id", "label"), *rows)
    found, _ = begin(tmp_path)
    assert found.classes == classes
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert dict(zip(train["id"], train["label"], strict=True)) == {str(n): n % 3 for n in range(24)}
    assert list(test["id"]) == [f"q{n}" for n in range(6)]
    for samples, first in ((train, 0), (test, 24)):
        for name, [path] in zip(samples["id"], samples["images"], strict=True):
            n = first + int(name.removeprefix("q"))
            assert np.array_equal(np.asarray(Image.open(tmp_path / path)), photo(n))


def test_paths_of_rows_are_the_ids_where_the_sample_has_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write(data / "train.parquet", range(24), [], paths="a/img_{}.png")
    write(data / "test.parquet", range(24, 30), [], paths="b/img_{}.png")
    rows = [(f"img_{n}", 0) for n in (29, 24, 25, 26, 27, 28)]
    table(data / "sample_submission.csv", ("id", "label"), *rows)
    found, _ = begin(tmp_path)
    test = load_samples(found, "test")
    for name, [path] in zip(test["id"], test["images"], strict=True):
        assert np.array_equal(
            np.asarray(Image.open(tmp_path / path)), photo(int(name.removeprefix("img_")))
        )


MEADOWS = [f"{n * 7919 % 4096:03x}q" for n in range(48)]
"""Names of photographs: the first 36 are of train."""


def meadows(data: Path, column: str, cell: str, *, inside: bool, long: bool) -> None:
    """Write photographs as Parquet, with heights and covers of train in it or beside it.

    The months, 3 to 10, are numbers of rows, too.
    """
    data.mkdir()
    for part, start, end in (("train", 0, 36), ("test", 36, 48)):
        names = MEADOWS[start:end]
        given = [cell.format(name) for name in names]
        facts = {"farm": [f"F{n // 6}" for n in range(start, end)]}
        facts["month"] = [str(3 + n * 5 % 8) for n in range(start, end)]
        if part == "train":
            facts["height_cm"] = [f"{4 + n * 11 % 37 + 0.5}" for n in range(36)]
            facts["cover"] = [f"{1 + n * 29 % 91 + 0.25}" for n in range(36)]
        pictures = [encoded(photo(n)) for n in range(start, end)]
        columns: dict[str, list[object]] = {}
        if column == "path":
            columns["image"] = [
                {"bytes": one, "path": path} for one, path in zip(pictures, given, strict=True)
            ]
        else:
            columns = {column: [*given], "image": [*pictures]}
        if inside:
            columns |= {
                name: [*cells] if name in ("farm", "month") else [*map(float, cells)]
                for name, cells in facts.items()
            }
        else:
            header = ("image_id", *facts)
            # In another order than the photographs.
            rows = [*zip(names, *facts.values(), strict=True)][::-1]
            table(data / f"{part}.csv", header, *rows)
        pq.write_table(pa.table(columns), data / f"{part}_images.parquet")
    targets = ("cover", "height_cm")
    if long:
        rows = [(f"{name}__{target}", 0.5) for name in MEADOWS[:35:-1] for target in targets]
        table(data / "sample_submission.csv", ("sample_id", "value"), *rows)
    else:
        rows = [(name, 0.5, 0.5) for name in MEADOWS[:35:-1]]
        table(data / "sample_submission.csv", ("image_id", *targets), *rows)


@pytest.mark.parametrize(
    ("column", "cell", "inside", "long"),
    [
        ("image_id", "{}", False, True),
        ("image_id", "{}", True, True),
        ("image_id", "{}", False, False),
        ("id", "{}", False, True),
        ("file_name", "{}.png", False, True),
        ("file_name", "{}.png", True, False),
        ("path", "meadows/{}.jpg", False, True),
        ("path", "meadows/{}.jpg", True, True),
        ("quadrat", "{}", False, True),
    ],
)
def test_images_are_called_as_a_column_or_their_paths_name_them(
    tmp_path: Path, column: str, cell: str, inside: bool, long: bool
) -> None:
    meadows(tmp_path / "data", column, cell, inside=inside, long=long)
    found, notes = begin(tmp_path)
    assert "to mend" not in notes
    assert found.tasks == {"classify": "multitarget"}
    assert found.folds.group == "farm"
    assert found.submission is not None
    if long:
        assert (found.submission.rows, found.submission.id) == ("image_class", "{id}__{class}")
    train, test = load_samples(found, "train"), load_samples(found, "test")
    for samples, numbers in ((train, range(36)), (test, range(36, 48))):
        by_name = {Path(name).stem: row for row, name in enumerate(samples["id"])}
        assert by_name.keys() == {MEADOWS[n] for n in numbers}
        for n in numbers:
            [path] = samples["images"].iloc[by_name[MEADOWS[n]]]
            assert np.array_equal(np.asarray(Image.open(tmp_path / path)), photo(n))
    labels = {Path(name).stem: row for name, row in zip(train["id"], train["label"], strict=True)}
    for n in range(36):
        height, cover = 4 + n * 11 % 37 + 0.5, 1 + n * 29 % 91 + 0.25
        truth = {"height_cm": height, "cover": cover}
        assert list(labels[MEADOWS[n]]) == [truth[name] for name in found.classes]


def test_facts_beside_images_in_parquet_are_kept_where_a_table_has_the_same_name(
    tmp_path: Path,
) -> None:
    meadows(tmp_path / "data", "image_id", "{}", inside=False, long=False)
    path = tmp_path / "data/train_images.parquet"
    farms = [f"orchard {n % 4}" for n in range(36)]
    pq.write_table(pq.read_table(path).append_column("orchard", pa.array(farms)), path)
    begin(tmp_path)
    written = (tmp_path / "made/images/train_images.csv").read_text().splitlines()
    assert written == [
        "image_id,orchard",
        *(f"{name},{farm}" for name, farm in zip(MEADOWS[:36], farms, strict=True)),
    ]


def test_months_do_not_name_images_that_are_called_by_numbers(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = []
    for n in range(60):
        put(data / f"train/{n}.png", n)
        rows.append((f"x{n:03}y", 3 + n % 8, f"{n % 7}.5"))
    for n in range(60, 66):
        put(data / f"test/{n}.png", n)
    table(data / "train.csv", ("code", "month", "height"), *rows)
    table(data / "sample_submission.csv", ("id", "height"), *((str(n), 0.5) for n in range(60, 66)))
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)


def test_a_second_column_of_images_that_is_called_a_mask_is_the_masks(tmp_path: Path) -> None:
    data, planes = tmp_path / "data", {}
    for part, numbers in (("train", range(16)), ("test", range(16, 20))):
        columns = {"image": [{"bytes": encoded(photo(n)), "path": f"{n}.png"} for n in numbers]}
        if part == "train":
            for n in numbers:
                planes[str(n)] = np.zeros((12, 16), np.uint8)
                planes[str(n)][2 : 3 + n % 5, 3:9] = 1
            columns["mask"] = [{"bytes": encoded(planes[str(n)]), "path": None} for n in numbers]
        data.mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), data / f"{part}.parquet")
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    samples = load_samples(found, "train")
    masks = truth_masks(found, samples)
    for name, mask in zip(samples["id"], masks, strict=True):
        assert mask is not None
        assert np.array_equal(mask, planes[name])


def test_a_row_without_an_image_and_a_damaged_file_are_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows = [{"bytes": encoded(photo(n)) if n != 7 else None, "path": None} for n in range(12)]
    pq.write_table(pa.table({"image": rows, "label": [0, 1] * 6}), data / "train.parquet")
    with pytest.raises(DataError, match="row of '7' has no image"):
        begin(tmp_path)
    (data / "train.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match="the Parquet file cannot be read"):
        begin(tmp_path)

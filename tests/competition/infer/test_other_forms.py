"""Data that is no folder of images with a table: lists, JSON, split columns, numbers for pixels."""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.workflows.initialising import init_workspace

KINDS = ("cat", "dog", "fox")


def draw(data: Path, names: list[str]) -> None:
    for n, name in enumerate(names):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (n, 0, 0)).save(data / name)


def labels_of(spec: Competition) -> dict[str, Any]:
    """Return the class of each train image by the name of its file."""
    samples = load_samples(spec, "train")
    labels = [spec.classes[int(label)] for label in samples["label"]]
    files = (Path(images[0]).name for images in samples["images"])
    return dict(zip(files, labels, strict=True))


@pytest.mark.parametrize("sign", [" ", ",", "\t"])
def test_lists_of_images_with_labels_are_tables(tmp_path: Path, sign: str) -> None:
    data = tmp_path / "data"
    names = [f"images/{n:03}.png" for n in range(40)]
    draw(data, names)
    lines = [f"{name}{sign}{KINDS[n % 3]}" for n, name in enumerate(names[:30])]
    (data / "train.txt").write_text("\n".join(lines) + "\n")
    (data / "test.txt").write_text("\n".join(names[30:]) + "\n")
    spec = infer(data, tmp_path).competition
    assert labels_of(spec) == {f"{n:03}.png": KINDS[n % 3] for n in range(30)}
    assert len(load_samples(spec, "test")) == 10
    assert spec.data.train.table == "made/tables/train.csv"
    assert sorted(path.name for path in data.iterdir()) == ["images", "test.txt", "train.txt"]


@pytest.mark.parametrize("kind", ["txt", "json"])
def test_labels_in_a_file_beside_each_image_are_a_table(tmp_path: Path, kind: str) -> None:
    data = tmp_path / "data"
    draw(data, [f"train/{n:03}.png" for n in range(30)] + [f"test/x{n}.png" for n in range(6)])
    for n in range(30):
        label = KINDS[n % 3]
        text = f"{label}\n" if kind == "txt" else json.dumps({"label": label, "year": 2000 + n})
        (data / f"train/{n:03}.{kind}").write_text(text)
    spec = infer(data, tmp_path).competition
    assert labels_of(spec) == {f"{n:03}.png": KINDS[n % 3] for n in range(30)}
    assert spec.data.train.table == "made/tables/beside_images.csv"


@pytest.mark.parametrize("sign", [", ", ";", "\t"])
def test_a_text_beside_an_image_may_name_the_image_before_its_label(
    tmp_path: Path, sign: str
) -> None:
    data = tmp_path / "data"
    draw(data, [f"train/{n:03}.png" for n in range(30)] + [f"test/x{n}.png" for n in range(6)])
    for n in range(30):
        (data / f"train/{n:03}.txt").write_text(f"{n:03}.png{sign}{KINDS[n % 3]}\n")
    assert labels_of(infer(data, tmp_path).competition) == {
        f"{n:03}.png": KINDS[n % 3] for n in range(30)
    }


@pytest.mark.parametrize(
    "text", ["0 0.5 0.5 0.1 0.1", "cat\ndog", '{"shapes": [], "label": "cat"}', ""]
)
def test_what_is_no_label_beside_an_image_is_not_read_as_one(tmp_path: Path, text: str) -> None:
    data = tmp_path / "data"
    draw(data, [f"train/{n}.png" for n in range(10)])
    for n in range(10):
        (data / f"train/{n}.{'json' if text.startswith('{') else 'txt'}").write_text(text)
    with pytest.raises(DataError):
        infer(data, tmp_path)


@pytest.mark.parametrize("first", ["", "Unnamed: 0"])
def test_row_numbers_of_pandas_are_no_ids(tmp_path: Path, first: str) -> None:
    data = tmp_path / "data"
    # Numbered as the rows are, so that ids could be made of the numbers.
    draw(data, [f"train/a{n:03}.png" for n in range(30)] + [f"test/b{n:03}.png" for n in range(6)])
    rows = [f"{n},a{n:03},{KINDS[n % 3]}" for n in range(30)]
    (data / "train.csv").write_text("\n".join([f"{first},image,label", *rows, ""]))
    rows = [f"{n},b{n:03},cat" for n in range(6)]
    (data / "sample_submission.csv").write_text("\n".join([f"{first},image,label", *rows, ""]))
    found = infer(data, tmp_path)
    assert labels_of(found.competition) == {f"a{n:03}.png": KINDS[n % 3] for n in range(30)}
    assert list(load_samples(found.competition, "test")["id"]) == [f"b{n:03}" for n in range(6)]
    assert any("without the first column" in note for note in found.notes)


def test_row_numbers_that_name_the_images_stay(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, [f"train/{n}.png" for n in range(30)] + [f"test/{n}.png" for n in range(6)])
    rows = [f"{n},{KINDS[n % 3]},x" for n in range(30)]
    (data / "train.csv").write_text("\n".join([",label,source", *rows, ""]))
    rows = [f"{n},.3,.3,.4" for n in range(6)]
    (data / "sample_submission.csv").write_text("\n".join([f",{','.join(KINDS)}", *rows, ""]))
    spec = infer(data, tmp_path).competition
    assert labels_of(spec) == {f"{n}.png": KINDS[n % 3] for n in range(30)}
    assert list(load_samples(spec, "test")["id"]) == [f"{n}" for n in range(6)]


def test_a_column_of_parts_splits_a_table(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, [f"images/{n}.png" for n in range(40)])
    parts = ["train"] * 25 + ["val"] * 5 + ["test"] * 10
    kinds = [KINDS[n % 3] if n < 30 else "" for n in range(40)]
    rows = [f"{n}.png,{kinds[n]},{parts[n]}" for n in range(40)]
    (data / "metadata.csv").write_text("\n".join(["file,kind,split", *rows]) + "\n")
    spec = infer(data, tmp_path).competition
    assert labels_of(spec) == {f"{n}.png": KINDS[n % 3] for n in range(30)}
    assert len(load_samples(spec, "test")) == 10


def categories(data: Path) -> None:
    images = [{"id": 7 + n, "file_name": f"train/{n}a.png"} for n in range(30)]
    notes = [{"id": n, "image_id": 7 + n, "category_id": 1 + n % 3} for n in range(30)]
    named = [{"id": 1 + n, "name": name} for n, name in enumerate(KINDS)]
    train = {"images": images, "annotations": notes, "categories": named}
    (data / "train.json").write_text(json.dumps(train))
    test = {"images": [{"id": 100 + n, "file_name": f"test/{n}b.png"} for n in range(10)]}
    (data / "test.json").write_text(json.dumps(test))


def records(data: Path) -> None:
    rows = [{"file": f"{n}a.png", "kind": KINDS[n % 3], "tags": ["x"]} for n in range(30)]
    (data / "train.json").write_text(json.dumps(rows))


def lines(data: Path) -> None:
    rows = [{"file": f"{n}a.png", "kind": KINDS[n % 3]} for n in range(30)]
    (data / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))


def names_to_labels(data: Path) -> None:
    (data / "labels.json").write_text(json.dumps({f"{n}a.png": KINDS[n % 3] for n in range(30)}))


@pytest.mark.parametrize("write", [categories, records, lines, names_to_labels])
def test_labels_in_json_are_read(tmp_path: Path, write: Any) -> None:
    data = tmp_path / "data"
    draw(data, [*(f"train/{n}a.png" for n in range(30)), *(f"test/{n}b.png" for n in range(10))])
    write(data)
    spec = infer(data, tmp_path).competition
    assert labels_of(spec) == {f"{n}a.png": KINDS[n % 3] for n in range(30)}
    assert len(load_samples(spec, "test")) == 10


def test_the_sample_names_the_column_of_ids(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, [*(f"train/{n}a.png" for n in range(30)), *(f"test/{n}b.png" for n in range(10))])
    categories(data)
    sample = [f"{100 + n},cat" for n in range(10)]
    (data / "sample_submission.csv").write_text("\n".join(["Id,Kind", *sample]) + "\n")
    spec = infer(data, tmp_path).competition
    assert list(load_samples(spec, "test")["id"]) == [str(100 + n) for n in range(10)]
    assert list(load_samples(spec, "train")["id"]) == [str(7 + n) for n in range(30)]


def pictures(n: int) -> NDArray[np.uint8]:
    return np.random.default_rng(n).integers(0, 256, (n, 5, 5), dtype=np.uint8)


def as_table(data: Path) -> None:
    for name, n in (("train", 24), ("test", 6)):
        pixels = pictures(n).reshape(n, -1)
        header = [*(["label"] if name == "train" else []), *(f"pixel{k}" for k in range(25))]
        rows = [
            [*([k % 3] if name == "train" else []), *row] for k, row in enumerate(pixels.tolist())
        ]
        text = "\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n"
        with gzip.open(data / f"{name}.csv.gz", "wt") as stream:
            stream.write(text)


def as_one_archive(data: Path) -> None:
    np.savez(
        data / "mnist.npz",
        x_train=pictures(24),
        y_train=np.arange(24) % 3,
        x_test=pictures(6)[..., None],
    )


def as_arrays(data: Path) -> None:
    np.save(data / "train_images.npy", pictures(24) / 255)
    np.save(data / "train_labels.npy", np.arange(24)[:, None] % 3)
    np.save(data / "test_images.npy", pictures(6))


@pytest.mark.parametrize("write", [as_table, as_one_archive, as_arrays])
def test_numbers_become_images(tmp_path: Path, write: Any) -> None:
    data = tmp_path / "download"
    data.mkdir()
    write(data)
    (data / "sample_submission.csv").write_text(
        "\n".join(["ImageId,Label", *(f"{n + 1},0" for n in range(6))]) + "\n"
    )
    started = init_workspace(data, tmp_path / "workspace")
    root = started.root
    for split, n in (("train", 24), ("test", 6)):
        samples = load_samples(started.competition, split)
        assert len(samples) == n
        read = [np.asarray(Image.open(root / images[0])) for images in samples["images"]]
        assert np.array_equal(np.stack(read), pictures(n))
    assert list(load_samples(started.competition, "test")["id"]) == [str(n + 1) for n in range(6)]
    assert list(load_samples(started.competition, "train")["label"]) == [n % 3 for n in range(24)]


def cells_of_pixels(data: Path, *, usage: bool) -> None:
    """FER2013: all pixels of an image in a cell, in one table or in two."""
    rows = [
        [str(k % 3), " ".join(map(str, one.reshape(-1).tolist()))]
        for k, one in enumerate(pictures(30))
    ]
    if usage:
        parts = ["Training"] * 24 + ["PublicTest"] * 3 + ["PrivateTest"] * 3
        lines = [f"{label},{text},{part}" for (label, text), part in zip(rows, parts, strict=True)]
        (data / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *lines]) + "\n")
        return
    lines = [f"{label},{text}" for label, text in rows[:24]]
    (data / "train.csv").write_text("\n".join(["emotion,pixels", *lines]) + "\n")
    (data / "test.csv").write_text("\n".join(["pixels", *(text for _, text in rows[24:])]) + "\n")


@pytest.mark.parametrize("usage", [(True,), (False,), (True, False)], ids=str)
def test_pixels_in_a_cell_become_images(tmp_path: Path, usage: tuple[bool, ...]) -> None:
    data = tmp_path / "download"
    data.mkdir()
    for one in usage:  # a table of all rows may lie beside those of the parts
        cells_of_pixels(data, usage=one)
    started = init_workspace(data, tmp_path / "workspace")
    for split, expected in (("train", pictures(30)[:24]), ("test", pictures(30)[24:])):
        samples = load_samples(started.competition, split)
        read = [np.asarray(Image.open(started.root / one[0])) for one in samples["images"]]
        assert np.array_equal(np.stack(read), expected)
    assert list(load_samples(started.competition, "train")["label"]) == [n % 3 for n in range(24)]
    left_out = any("fer2013.csv is left out: its rows are those of" in one for one in started.notes)
    assert left_out == (len(usage) > 1)


def test_a_cell_of_other_pixels_is_named_with_its_row(tmp_path: Path) -> None:
    data = tmp_path / "download"
    data.mkdir()
    cells_of_pixels(data, usage=False)
    text = (data / "train.csv").read_text().splitlines()
    text[9] = text[9].rpartition(" ")[0]
    (data / "train.csv").write_text("\n".join(text) + "\n")
    with pytest.raises(DataError, match="has not the 25 numbers") as caught:
        init_workspace(data, tmp_path / "workspace")
    assert str(caught.value.where).endswith("train.csv:10")


# Workbooks

_SHEET = """<?xml version="1.0"?><worksheet
 xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>
</worksheet>"""
_PARTS = {
    "[Content_Types].xml": """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>""",
    "_rels/.rels": """<Relationships
 xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": """<workbook
 xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="Labels" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships
 xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
 Target="worksheets/sheet1.xml"/></Relationships>""",
}


def workbook(file: Path, rows: list[list[str | int | float]]) -> None:
    """Write the least that is a workbook: numbers as numbers, text in its cell."""

    def cell(value: str | int | float) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    text = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, content)
        archive.writestr("xl/worksheets/sheet1.xml", _SHEET.format(rows=text))


def drawn_workbook(data: Path) -> None:
    draw(data, [*(f"train/{n:04}.png" for n in range(30)), *(f"test/{n:04}.png" for n in range(5))])
    rows: list[list[str | int | float]] = [[n, KINDS[n % 3]] for n in range(30)]
    workbook(data / "labels.xlsx", [["image", "kind"], *rows])


def test_the_sheet_of_a_workbook_is_a_table(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    drawn_workbook(tmp_path / "data")
    spec = infer(tmp_path / "data", tmp_path).competition
    assert labels_of(spec) == {f"{n:04}.png": KINDS[n % 3] for n in range(30)}
    (tmp_path / "data/labels.xlsx").write_bytes(b"PK no workbook")
    with pytest.raises(DataError, match="the workbook cannot be read"):
        infer(tmp_path / "data", tmp_path)


def test_a_workbook_without_its_reader_is_refused_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    drawn_workbook(tmp_path / "data")
    with pytest.raises(DataError, match="openpyxl, which is not installed") as caught:
        infer(tmp_path / "data", tmp_path)
    assert "pip install" in str(caught.value.fix)
    rows = [f"{n},{KINDS[n % 3]}" for n in range(30)]
    (tmp_path / "data/train.csv").write_text("\n".join(["image,kind", *rows]) + "\n")
    found = infer(tmp_path / "data", tmp_path)
    assert any("left out labels.xlsx" in one and "pip install" in one for one in found.notes)


def test_a_file_an_image_is_left_to_the_reader(tmp_path: Path) -> None:
    data = tmp_path / "download"
    for part, n in (("train/a", 12), ("train/b", 12), ("test", 6)):
        (data / part).mkdir(parents=True)
        for k in range(n):
            np.save(data / part / f"{part[-1]}{k}.npy", pictures(3))
    started = init_workspace(data, tmp_path / "workspace")
    assert not (started.root / "made").exists()
    assert len(load_samples(started.competition, "train")) == 24


# Rows that name several images


def pairs(data: Path, columns: str, *, test: bool = True) -> None:
    draw(data, [*(f"pics/{n}a.png" for n in range(40)), *(f"pics/{n}b.png" for n in range(40))])
    rows = [f"{n},{n}a.png,{(7 * n) % 30}b.png,{KINDS[n % 3]}" for n in range(30)]
    (data / "train.csv").write_text("\n".join([f"row,{columns},kind", *rows]) + "\n")
    if test:
        rows = [f"{n},{n}a.png,{n}b.png" for n in range(30, 40)]
        (data / "test.csv").write_text("\n".join([f"row,{columns}", *rows]) + "\n")


def images_of(spec: Competition, split: Any) -> list[list[str]]:
    return [[Path(one).name for one in images] for images in load_samples(spec, split)["images"]]


@pytest.mark.parametrize("columns", ["image1,image2", "before,after", "photo_left,photo_right"])
def test_the_images_of_a_row_are_one_sample(tmp_path: Path, columns: str) -> None:
    pairs(tmp_path / "data", columns)
    found = infer(tmp_path / "data", tmp_path)
    spec = found.competition
    assert images_of(spec, "train") == [[f"{n}a.png", f"{(7 * n) % 30}b.png"] for n in range(30)]
    assert images_of(spec, "test") == [[f"{n}a.png", f"{n}b.png"] for n in range(30, 40)]
    assert "images" not in str(spec.to_choose)
    one, other = columns.split(",")
    (note,) = [note for note in found.notes if "stacked as channels" in note]
    assert f"2 columns of train.csv name images: {one}, {other}" in note


def test_a_column_that_may_be_of_another_image_is_a_choice(tmp_path: Path) -> None:
    pairs(tmp_path / "data", "image,most_similar")
    spec = infer(tmp_path / "data", tmp_path).competition
    assert images_of(spec, "train") == [[f"{n}a.png"] for n in range(30)]
    assert list(spec.to_choose) == ["data.train.images", "data.test.images"]


def test_images_that_test_lacks_are_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pairs(data, "image1,image2", test=False)
    draw(data, [f"test/{n}.png" for n in range(5)])
    found = infer(data, tmp_path)
    assert all(len(images) == 1 for images in images_of(found.competition, "train"))
    assert any("the images to predict were read without" in note for note in found.notes)


def test_files_that_columns_name_are_one_sample_where_the_sample_has_a_row_for_both(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    names = [f"{n:03}_{side}.png" for n in range(40) for side in ("left", "right")]
    draw(data, [f"{'train' if int(one[:3]) < 30 else 'test'}/{one}" for one in names])
    rows = [f"{n:03},{n:03}_left.png,{n:03}_right.png,{KINDS[n % 3]}" for n in range(30)]
    (data / "train.csv").write_text("\n".join(["id,left,right,kind", *rows]) + "\n")
    sample = [f"{n:03},cat" for n in range(30, 40)]
    (data / "sample_submission.csv").write_text("\n".join(["id,kind", *sample]) + "\n")
    spec = infer(data, tmp_path).competition
    assert images_of(spec, "test") == [
        [f"{n:03}_left.png", f"{n:03}_right.png"] for n in range(30, 40)
    ]
    assert list(load_samples(spec, "test")["id"]) == [f"{n:03}" for n in range(30, 40)]


def idx(path: Path, array: np.ndarray) -> None:
    """Write an array of bytes as those of MNIST are: two zeros, type, number of axes, lengths."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))


def test_files_of_mnist_are_images_and_labels_and_the_test_labels_are_no_input(
    tmp_path: Path,
) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(0)
    pixels = rng.integers(0, 255, (30, 8, 8), dtype=np.uint8)
    idx(data / "train-images-idx3-ubyte.gz", pixels[:24])
    idx(data / "train-labels-idx1-ubyte.gz", np.arange(24) % 3)
    idx(data / "t10k-images-idx3-ubyte.gz", pixels[24:])
    idx(data / "t10k-labels-idx1-ubyte.gz", np.arange(6) % 3)
    rows = "".join(f"{n + 1},0\n" for n in range(6))
    (data / "sample_submission.csv").write_text("ImageId,Label\n" + rows)
    found = init_workspace(data, tmp_path).competition
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert [found.classes[k] for k in train["label"]] == [str(n % 3) for n in range(24)]
    assert list(test["id"]) == [str(n + 1) for n in range(6)]
    for samples, first in ((train, 0), (test, 24)):
        for n, [path] in enumerate(samples["images"], start=first):
            assert np.array_equal(np.asarray(Image.open(tmp_path / path)), pixels[n])
    (data / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"\0\0\x08\x03\0\0\0\x09"))
    with pytest.raises(DataError, match="no whole array of bytes"):
        init_workspace(data, tmp_path, force=True)


@pytest.mark.parametrize("name", ["train_x.h5", "data_batch_1", "train.mat"])
def test_files_of_a_form_that_is_not_read_are_named(tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / name).write_bytes(b"\x89HDF" + bytes(100))
    with pytest.raises(DataError, match=f"of no form that is read: {name}") as error:
        init_workspace(data, tmp_path)
    assert "write them as train_images.npy" in str(error.value.fix)

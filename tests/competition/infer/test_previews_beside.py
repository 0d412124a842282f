"""Previews beside rasters, lists of parts, and a sample of PNGs: the rasters are the images."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import tifffile
from competition.infer.test_odd_labels import begin, put
from numpy.typing import NDArray
from PIL import Image

from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.mask_files import write_masks

SIZE = (12, 16)
TRAIN = [f"F{k // 6:02}_{k:03}" for k in range(24)]
VALID = [f"F07_{k:03}" for k in range(6)]
TEST = [f"F09_{k:03}" for k in range(8)]
LOST = TRAIN[3]
PALETTE = [0, 0, 0, 200, 30, 30, 30, 200, 30, 30, 30, 200]
TEXT = """# Fields

`masks/<field>.png`: 8-bit palette PNG, the *index* is the crop.

| index | crop |
|---|---|
| 0 | cloud - **ignored** in the score |
| 1 | maize |
| 2 | rape |
| 3 | winter-wheat |

The metric is the mean intersection over union (mIoU).
"""


def bands(path: Path, seed: int, n_bands: int = 4, dtype: str = "uint16") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(1, 4_000, (*SIZE, n_bands)).astype(dtype)
    tifffile.imwrite(path, values, photometric="minisblack", planarconfig="contig")


def crops(number: int) -> NDArray[np.uint8]:
    mask = np.full(SIZE, 1 + number % 3, np.uint8)
    mask[: 2 + number % 4, :6] = 1 + (number + 1) % 3
    mask[-1, -3:] = 0 if number % 2 else 1
    return mask


def palette_png(mask: NDArray[np.uint8]) -> bytes:
    image, file = Image.fromarray(mask), BytesIO()
    image.putpalette(PALETTE)
    image.save(file, format="PNG")
    return file.getvalue()


def fields(data: Path, *, previews: str = "quicklook", text: str = TEXT) -> None:
    """Write rasters of fields with previews in JPEG, masks of train, and lists of the parts."""
    for number, name in enumerate([*TRAIN, *VALID, *TEST]):
        bands(data / f"images/{name}.tif", number)
        put(data / f"{previews}/{name}.jpg", 900 + number)
        if name not in TEST and name != LOST:
            (data / "masks").mkdir(exist_ok=True)
            (data / f"masks/{name}.png").write_bytes(palette_png(crops(number)))
    (data / "lists").mkdir()
    for part, names in (("train", TRAIN), ("val", VALID), ("test", TEST)):
        (data / f"lists/{part}.txt").write_text("\n".join(names) + "\n")
    (data / "README.md").write_text(text)


def sample(data: Path) -> None:
    with zipfile.ZipFile(data / "sample_submission.zip", "w") as archive:
        for name in TEST:
            archive.writestr(f"{name}.png", palette_png(np.full(SIZE, 3, np.uint8)))


@pytest.mark.parametrize("previews", ["quicklook", "Vorschau", "缩略图", "rgb8"])
def test_rasters_with_bands_are_the_images_and_not_their_previews(
    tmp_path: Path, previews: str
) -> None:
    data = tmp_path / "data"
    fields(data, previews=previews)
    found, notes = begin(tmp_path)
    assert f"38 pictures in {previews!r} are not used: they are previews of the images in" in notes
    assert found.data.reader["name"] == "tiff"
    assert found.data.reader["channels"] == 4
    parts = [load_samples(found, one) for one in ("train", "unlabelled", "test")]
    ids = [[*map(str, one["id"])] for one in parts]
    assert ids == [[one for one in [*TRAIN, *VALID] if one != LOST], [LOST], TEST]
    assert all(paths[0].endswith(".tif") for one in parts for paths in one["images"])
    assert found.to_choose == []  # no pixel of a mask is nothing: that of LOST is not empty


def test_a_table_in_a_text_names_the_values_and_a_zip_of_masks_those_to_send(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    fields(data)
    sample(data)
    found, _ = begin(tmp_path)
    assert found.classes == ["maize", "rape", "winter wheat"]
    train = found.data.train
    assert train.mask_values == {1: "maize", 2: "rape", 3: "winter wheat"}
    assert train.ignore == 0
    form = found.submission
    assert (form.file.kind, form.file.name) == ("png", "{id}.png")
    assert form.file.mask_values == {1: "maize", 2: "rape", 3: "winter wheat"}
    assert [*map(str, load_samples(found, "test")["id"])] == TEST
    assert found.to_choose == []
    masks = [(one, crops(2 * number)) for number, one in enumerate(TEST)]
    sent = write_masks(tmp_path / "sent.zip", found, masks)
    assert check(sent, found) == []


def test_a_table_of_which_no_line_on_masks_speaks_names_no_value(tmp_path: Path) -> None:
    data = tmp_path / "data"
    fields(data, text=TEXT.replace("the *index* is the crop", "64 colours"))
    found, _ = begin(tmp_path)
    assert found.classes == ["class 1", "class 2", "class 3"]


def test_pictures_in_colour_beside_alike_rasters_are_no_previews(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number, name in enumerate([*TRAIN, *TEST]):
        part = "train" if name in TRAIN else "test"
        bands(data / f"{part}/scans/{name}.tif", number, 3, "uint8")
        put(data / f"{part}/photos/{name}.jpg", number)
    (data / "sample_submission.csv").write_text("id,rle\n" + "".join(f"{one},\n" for one in TEST))
    (data / "train/masks").mkdir()
    for number, name in enumerate(TRAIN):
        Image.fromarray(crops(number) // 2 * 255).save(data / f"train/masks/{name}.png")
    _, notes = begin(tmp_path)
    assert "previews" not in notes

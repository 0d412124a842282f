"""Pieces of masks that a table places in images: pasted pixel for pixel, or asked about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.errors import DataError

SIZES = [(40, 30), (30, 40), (36, 36)]  # (width, height), in turn
N_TRAIN, N_TEST = 12, 4
BLANK = {"s03", "s07"}


def photo(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    return Image.fromarray(rng.integers(0, 255, (height, width, 3), dtype=np.uint8))


def draw(
    data: Path,
    *,
    base: int = 0,
    at_edges: bool = True,
    value: int = 255,
    columns: tuple[str, ...] = ("stueck", "scan", "links", "oben"),
    classes: tuple[str, ...] = (),
    text: str = "",
    cell: Callable[[int, int], str] = lambda width, height: f"{width * height}",
) -> dict[str, np.ndarray]:
    """Draw a competition of scans with pieces, and return the mask of each scan by hand."""
    rng = np.random.default_rng(5)
    masks: dict[str, np.ndarray] = {}
    rows = []
    for number in range(N_TRAIN + N_TEST):
        name = f"s{number:02}"
        width, height = SIZES[number % 3]
        part = "train" if number < N_TRAIN else "test"
        (data / part).mkdir(parents=True, exist_ok=True)
        photo(rng, width, height).save(data / part / f"{name}.png")
        if part == "test":
            continue
        masks[name] = np.zeros((height, width), dtype=int)
        for piece in range(0 if name in BLANK else 1 + number % 3):
            w, h = int(rng.integers(4, 9)), int(rng.integers(3, 8))
            # One that touches the left and one that touches the right edge tell the first pixel.
            x = int(rng.integers(2, width - w - 2))
            y = int(rng.integers(2, height - h - 2))
            if at_edges and number in (0, 1):
                x, y = (0, 0) if number == 0 else (width - w, height - h)
            pixels = rng.random((h, w)) < 0.7
            pixels[0, 0] = pixels[-1, -1] = True
            pixels[0, -1] = False
            kind = (number + piece) % len(classes) if classes else 0
            shown = masks[name][y : y + h, x : x + w]
            shown[pixels] = kind + 1
            file = f"q{100 + len(rows) * 7}"
            (data / "stuecke").mkdir(exist_ok=True)
            grey = np.where(pixels, value, 0).astype(np.uint8)
            Image.fromarray(grey).save(data / "stuecke" / f"{file}.png")
            more = [classes[kind]] if classes else []
            rows.append([file, name, str(x + base), str(y + base), *more])
    names = [*columns, *(["art"] if classes else [])]
    pd.DataFrame(rows, columns=names).to_csv(data / "stuecke.csv", index=False)
    sent = [f"s{number:02}" for number in range(N_TRAIN, N_TRAIN + N_TEST)]
    cells = [cell(*SIZES[number % 3]) for number in range(N_TRAIN, N_TRAIN + N_TEST)]
    pd.DataFrame({"scan": sent, "zaehlung": cells}).to_csv(
        data / "sample_submission.csv", index=False
    )
    if text:
        (data / "LIESMICH.md").write_text(text)
    return masks


def written(root: Path, folder: str = "masks") -> dict[str, list[list[int]]]:
    files = (root / "made" / folder).glob("*.png")
    return {file.stem: np.asarray(Image.open(file)).astype(int).tolist() for file in files}


def expected(masks: dict[str, np.ndarray]) -> dict[str, list[list[int]]]:
    return {name: mask.tolist() for name, mask in masks.items() if name not in BLANK}


def read(data: Path, root: Path) -> Inferred:
    return infer(data, root)


TOLD = "Ein Scan, der nicht in stuecke.csv steht, zeigt keine Risse (leere Maske). "
ROWS = "Die Pixel werden zeilenweise gezählt. "


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize(
    "columns", [("piece", "scan", "x", "y"), ("stueck", "scan", "links", "oben")]
)
def test_pieces_are_pasted_where_they_stay_inside(
    tmp_path: Path, base: int, columns: tuple[str, ...]
) -> None:
    data = tmp_path / "data"
    masks = draw(data, base=base, columns=columns, text=TOLD + ROWS)
    found = read(data, tmp_path)
    assert written(tmp_path) == expected(masks)
    spec = found.competition
    assert spec.to_choose == []
    assert spec.tasks == {"segment": "binary"}
    assert (spec.data.train.absent, spec.data.unlabelled) == ("empty", None)
    assert "LIESMICH.md" in found.text
    assert spec.submission.rle.model_dump()["counts"] is True
    assert spec.submission.rle.order == "C"


def test_two_ways_that_fit_are_both_written_and_asked(tmp_path: Path) -> None:
    data = tmp_path / "data"
    masks = draw(data, at_edges=False, columns=("piece", "scan", "x", "y"), text=TOLD + ROWS)
    found = read(data, tmp_path)
    assert found.competition.to_choose == ["data.train.mask"]
    assert written(tmp_path) == expected(masks)
    shifted = {
        name: np.roll(mask, (-1, -1), axis=(0, 1)).tolist()
        for name, mask in masks.items()
        if name not in BLANK
    }
    assert written(tmp_path, "masks_2") == shifted
    assert "made/masks_2/{id}.png" in found.text


def test_scans_without_a_piece_are_asked_about_where_no_text_tells(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, text=ROWS)
    spec = read(data, tmp_path).competition
    assert spec.to_choose == ["data.unlabelled", "data.train.absent"]


def test_a_text_that_speaks_of_other_things_tells_no_blank_mask(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, text=ROWS + "Scans, die nicht in stuecke.csv stehen, sind nicht annotiert. ")
    assert "data.train.absent" in read(data, tmp_path).competition.to_choose


def test_pieces_with_a_class_are_masks_of_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, classes=("naht", "riss"), columns=("piece", "scan", "x", "y"), text=TOLD + ROWS)
    table = pd.read_csv(data / "stuecke.csv").rename(columns={"art": "class"})
    table.to_csv(data / "stuecke.csv", index=False)
    names = [f"s{number:02}_{one}" for number in range(12, 16) for one in ("naht", "riss")]
    pd.DataFrame({"scan": names, "rle": ""}).to_csv(data / "sample_submission.csv", index=False)
    found = read(data, tmp_path)
    assert found.competition.classes == ["naht", "riss"]
    right = {}
    for number in range(N_TRAIN):
        width, height = SIZES[number % 3]
        for one in ("naht", "riss") if f"s{number:02}" not in BLANK else ():
            right[f"s{number:02}_{one}"] = np.zeros((height, width), dtype=int)
    for row in table.itertuples():
        piece = np.asarray(Image.open(data / "stuecke" / f"{row.piece}.png"))
        high, wide = piece.shape
        part = right[f"{row.scan}_{row[5]}"][row.y : row.y + high, row.x : row.x + wide]
        part[piece > 0] = 255
    assert written(tmp_path) == {name: mask.tolist() for name, mask in right.items()}


def test_pieces_called_as_their_scans_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    data = tmp_path / "data"
    masks = draw(data, columns=("piece", "scan", "x", "y"), text=TOLD + ROWS)
    table = pd.read_csv(data / "stuecke.csv", dtype=str)
    new = [f"s{n:02}" for n in range(len(table))]
    for old, name in zip(table["piece"], new, strict=True):
        (data / "stuecke" / f"{old}.png").rename(data / "stuecke" / f"{name}.png")
    table["piece"] = [f"stuecke/{one}.png" for one in new]
    table.to_csv(data / "stuecke.csv", index=False)
    read(data, tmp_path)
    assert written(tmp_path) == expected(masks)


def test_a_piece_outside_its_image_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, columns=("piece", "scan", "x", "y"))
    table = pd.read_csv(data / "stuecke.csv", dtype=str)
    table.loc[5, "x"] = "39"
    table.to_csv(data / "stuecke.csv", index=False)
    with pytest.raises(DataError, match=r"1 of \d+ pieces would leave the image") as caught:
        read(data, tmp_path)
    assert table.loc[5, "piece"] in caught.value.message


def test_crops_of_photographs_are_no_pieces(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, columns=("crop", "scan", "x", "y"))
    rng = np.random.default_rng(0)
    for file in (data / "stuecke").iterdir():
        with Image.open(file) as piece:
            size = piece.size
        photo(rng, *size).save(file)
    with pytest.raises(DataError, match="asks for masks"):
        read(data, tmp_path)


def test_drawings_whose_class_is_asked_for_are_images(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, classes=("alif", "ba"), columns=("glyph", "page", "x", "y"))
    table = pd.read_csv(data / "stuecke.csv", dtype=str).rename(columns={"art": "letter"})
    train, test = table.iloc[:-6], table.iloc[-6:].drop(columns="letter")
    (data / "stuecke.csv").unlink()
    train.to_csv(data / "train.csv", index=False)
    test.to_csv(data / "test.csv", index=False)
    test[["glyph"]].assign(letter="alif").to_csv(data / "sample_submission.csv", index=False)
    spec = read(data, tmp_path).competition
    assert spec.tasks.keys() == {"classify"}
    assert spec.data.train.label == "letter"


def test_whole_masks_beside_pieces_are_the_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    masks = draw(data, columns=("piece", "scan", "x", "y"), text=ROWS)
    (data / "masks").mkdir()
    for name, mask in masks.items():
        Image.fromarray((255 * mask).astype(np.uint8)).save(data / "masks" / f"{name}.png")
    found = read(data, tmp_path)
    assert not (tmp_path / "made" / "masks").exists()
    assert str(found.competition.data.train.mask).startswith("data/masks/")


@pytest.mark.parametrize("is_sent", [True, False], ids=["sample", "none"])
def test_drawings_to_predict_are_images_whatever_is_beside_them(
    tmp_path: Path, is_sent: bool
) -> None:
    data = tmp_path / "data"
    draw(data, classes=("alif", "ba"), columns=("glyph", "page", "x", "y"))
    table = pd.read_csv(data / "stuecke.csv", dtype=str).rename(columns={"art": "letter"})
    (data / "sample_submission.csv").unlink()
    (data / "stuecke.csv").unlink()
    table.iloc[:-6].to_csv(data / "train.csv", index=False)
    for page in (data / "test").iterdir():
        page.unlink()
    for name in table["glyph"].iloc[-6:]:
        (data / "stuecke" / f"{name}.png").rename(data / "test" / f"{name}.png")
    if is_sent:
        sent = pd.DataFrame({"glyph": table["glyph"].iloc[-6:], "answer": "?"})
        sent.to_csv(data / "sample_submission.csv", index=False)
    spec = read(data, tmp_path).competition
    assert spec.tasks.keys() == {"classify"}
    assert spec.data.train.label == "letter"


def test_where_a_number_of_each_scan_is_sent_no_mask_is_made(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, columns=("piece", "scan", "x", "y"), cell=lambda *_: "0")
    with pytest.raises(DataError, match="no labels"):
        read(data, tmp_path)
    assert not (tmp_path / "made" / "masks").exists()

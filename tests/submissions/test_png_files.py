"""Files to send that are a ZIP of PNG or TIFF masks: written, read, checked, scored by a host."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image

from podium.competition.spec import Competition
from podium.errors import DataError, SubmissionError
from podium.hosting.course_material import describe_format
from podium.hosting.scoring import pool
from podium.hosting.scoring.score import score_file
from podium.hosting.scoring.solution import read_solution
from podium.hosting.setup.from_competition import init_host
from podium.submissions.format import png_files
from podium.submissions.format.checking import check
from podium.submissions.format.expected import expected_of_test
from podium.submissions.format.mask_files import read_masks, write_masks
from podium.submissions.format.spec import format_of

SIZES = {"a": (3, 4), "b": (2, 5), "sub c": (4, 4)}


def competition(root: Path, kind: str, file: str, *, sample: str | None = None) -> Competition:
    """Return a competition with three test images of their own sizes, which may have a sample."""
    for name, (height, width) in SIZES.items():
        (root / "test").mkdir(exist_ok=True)
        Image.new("RGB", (width, height)).save(root / f"test/{name}.png")
    rows = "image" if kind == "binary" else "image_class"
    named = f"sample: {sample}, " if sample else ""
    data = {
        "name": "made",
        "tasks": {"segment": kind},
        "classes": [] if kind == "binary" else ["cat", "big dog"],
        "data": {
            "train": {"images": "train/*.png", "mask": "masks/{id}.png"},
            "test": {"images": "test/*.png"},
        },
        "frame": "native",
        "metric": {"name": "mean_dice"},
        "submission": yaml.safe_load(f"{{{named}rows: {rows}, file: {{kind: png, {file}}}}}"),
    }
    return Competition.model_validate(data).at(root)


@pytest.mark.parametrize(
    ("of_train", "expected"),
    [
        ({0: "cat", 7: "big dog", 255: "void"}, {"cat": 0, "big dog": 7}),
        ({3: "background", 4: "cat", 5: "big dog"}, {"background": 3, "cat": 4, "big dog": 5}),
        ({0: "background", 1: "cat"}, {"background": 0, "cat": 1, "big dog": 2}),  # one lacks
        ({"#ff0000": "cat", "#00ff00": "big dog"}, {"background": 0, "cat": 1, "big dog": 2}),
    ],
)
def test_values_of_pngs_are_those_of_the_masks_of_train(
    tmp_path: Path, of_train: dict[Any, str], expected: dict[str, int]
) -> None:
    made = competition(tmp_path, "multiclass", "name: '{id}.png'")
    train = made.data.train.model_copy(update={"mask_values": of_train})
    data = made.data.model_copy(update={"train": train})
    found = format_of(made.model_copy(update={"data": data}).at(tmp_path)).png_values
    assert found == expected
    named = competition(
        tmp_path, "multiclass", "name: '{id}.png', mask_values: {9: cat, 8: 'big dog'}"
    )
    data = named.data.model_copy(update={"train": train})
    assert format_of(named.model_copy(update={"data": data}).at(tmp_path)).png_values["cat"] == 9


def format_by_name(name: str) -> str:
    """Return what Pillow calls a file that ends so."""
    return {"tif": "TIFF", "tiff": "TIFF", "bmp": "BMP"}.get(name.rpartition(".")[2], "PNG")


def in_zip(file: Path) -> dict[str, NDArray[np.uint8]]:
    """Return the pixels of the masks in a ZIP, by plain zipfile and Pillow."""
    found = {}
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            with Image.open(io.BytesIO(archive.read(name))) as image:
                pixels = np.array(image)
                mode = "L" if pixels.ndim == 2 else "RGB"
                assert (image.format, image.mode) == (format_by_name(name), mode)
                found[name] = pixels
    return found


def pack(file: Path, pngs: Mapping[str, Image.Image | NDArray[np.uint8] | bytes]) -> Path:
    """Write a ZIP as a participant does."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in pngs.items():
            if not isinstance(one, bytes):
                content = io.BytesIO()
                image = one if isinstance(one, Image.Image) else Image.fromarray(one)
                image.save(content, format=format_by_name(name))
                one = content.getvalue()
            archive.writestr(name, one)
    return file


def masks_of(kind: str, seed: int = 0) -> dict[str, NDArray[np.uint8]]:
    """Return a mask of each image: 0 and 1; 0, 1 and 2; or 0 and 1 of each class."""
    rng = np.random.default_rng(seed)
    shape = {"multilabel": (2,)}.get(kind, ())
    top = 3 if kind == "multiclass" else 2
    found = {
        name: rng.integers(0, top, (*size, *shape)).astype(np.uint8) for name, size in SIZES.items()
    }
    found["b"][:] = 0
    return found


CASES: dict[str, tuple[str, str]] = {
    "binary": ("binary", "name: '{id}.png'"),
    "TIFFs": ("binary", "name: '{id}.tif', mask_values: {0: background, 1: foreground}"),
    "BMPs": (
        "multiclass",
        "name: 's/{id}.bmp', mask_values: {0: cat, 128: 'big dog', 255: background}",
    ),
    "BMPs in colours": (
        "binary",
        "name: '{id}.bmp', mask_values: {'#0000ff': background, '#ff00ff': foreground}",
    ),
    "binary of other values": (
        "binary",
        "name: 'm/{id}_x.png', mask_values: {0: foreground, 1: background}",
    ),
    "numbers": ("multiclass", "name: '{id}.png'"),
    "values": (
        "multiclass",
        "name: '{id}.png', mask_values: {9: background, 0: 'big dog', 200: cat}",
    ),
    "colours": (
        "multiclass",
        "name: '{id}_mask.png', mask_values: {'#000000': background, '#0040FF': cat, "
        "'#a06428': 'big dog'}",
    ),
    "TIFFs in colours": (
        "binary",
        "name: '{id}.tif', mask_values: {'#0000ff': background, '#ff00ff': foreground}",
    ),
    "exclusive, a PNG a class": ("multiclass", "name: '{class}/{id}.png'"),
    "a PNG a class": (
        "multilabel",
        "name: '{id}/{class}.png', mask_values: {0: background, 1: foreground}",
    ),
}


def expected_pngs(name: str, masks: Mapping[str, NDArray[np.uint8]]) -> dict[str, NDArray[Any]]:
    """Return by hand what a case's ZIP must hold."""
    found: dict[str, NDArray[Any]] = {}
    for one, mask in masks.items():
        match name:
            case "binary":
                found[f"{one}.png"] = mask * 255
            case "TIFFs":
                found[f"{one}.tif"] = mask
            case "BMPs":
                found[f"s/{one}.bmp"] = np.array([255, 0, 128])[mask]
            case "BMPs in colours":
                found[f"{one}.bmp"] = np.array([[0, 0, 255], [255, 0, 255]])[mask]
            case "binary of other values":
                found[f"m/{one}_x.png"] = 1 - mask
            case "numbers":
                found[f"{one}.png"] = mask
            case "values":
                found[f"{one}.png"] = np.array([9, 200, 0])[mask]
            case "colours":
                table = np.array([[0, 0, 0], [0, 64, 255], [160, 100, 40]])
                found[f"{one}_mask.png"] = table[mask]
            case "TIFFs in colours":
                found[f"{one}.tif"] = np.array([[0, 0, 255], [255, 0, 255]])[mask]
            case "exclusive, a PNG a class":
                found[f"cat/{one}.png"] = (mask == 1) * 255
                found[f"big dog/{one}.png"] = (mask == 2) * 255
            case _:
                found[f"{one}/cat.png"] = mask[:, :, 0]
                found[f"{one}/big dog.png"] = mask[:, :, 1]
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_pngs_are_those_made_by_hand_and_come_back(tmp_path: Path, name: str) -> None:
    kind, file = CASES[name]
    spec, masks = competition(tmp_path, kind, file), masks_of(kind)
    sent = write_masks(tmp_path / "sent.zip", spec, reversed(masks.items()))
    found, expected = in_zip(sent), expected_pngs(name, masks)
    assert list(found) == list(expected)
    for path, pixels in expected.items():
        np.testing.assert_array_equal(found[path], pixels, err_msg=path)
    assert check(sent, spec) == []
    back = read_masks(sent, expected_of_test(spec))
    for one, mask in zip(back.keys, back, strict=True):
        np.testing.assert_array_equal(mask, masks[one])
    first = sent.read_bytes()
    assert write_masks(tmp_path / "again.zip", spec, masks.items()).read_bytes() == first


@pytest.mark.parametrize("name", CASES)
def test_a_zip_made_by_hand_is_read_whatever_its_order(tmp_path: Path, name: str) -> None:
    kind, file = CASES[name]
    spec, masks = competition(tmp_path, kind, file), masks_of(kind, 1)
    pngs: dict[str, Any] = {
        path: pixels.astype(np.uint8) for path, pixels in expected_pngs(name, masks).items()
    }
    pngs = dict(reversed(pngs.items())) | {"__MACOSX/._a.png": b"?", "m/.DS_Store": b"?"}
    sent = pack(tmp_path / "sent.zip", pngs)
    assert check(sent, spec) == []
    for one, mask in zip(SIZES, read_masks(sent, expected_of_test(spec)), strict=True):
        np.testing.assert_array_equal(mask, masks[one])


def test_the_numbers_of_a_palette_are_those_of_classes(tmp_path: Path) -> None:
    spec, masks = competition(tmp_path, "multiclass", "name: '{id}.png'"), masks_of("multiclass")
    pngs = {}
    for name, mask in masks.items():
        image = Image.fromarray(mask)
        image.putpalette([255, 0, 0, 0, 0, 0, 7, 7, 7])
        assert image.mode == "P"
        pngs[f"{name}.png"] = image
    sent = pack(tmp_path / "sent.zip", pngs)
    assert check(sent, spec) == []
    for one, mask in zip(SIZES, read_masks(sent, expected_of_test(spec)), strict=True):
        np.testing.assert_array_equal(mask, masks[one])


@settings(max_examples=10, deadline=None)
@given(mask=arrays(np.uint8, SIZES["a"], elements=st.integers(0, 2)))
def test_every_mask_comes_back(tmp_path_factory: pytest.TempPathFactory, mask: Any) -> None:
    root = tmp_path_factory.getbasetemp() / "every mask"
    root.mkdir(exist_ok=True)
    spec = competition(root, "multiclass", "mask_values: {0: cat, 255: 'big dog', 3: background}")
    masks = masks_of("multiclass") | {"a": mask}
    sent = write_masks(root / "sent.zip", spec, masks.items())
    np.testing.assert_array_equal(in_zip(sent)["a.png"], np.array([3, 0, 255])[mask])
    np.testing.assert_array_equal(read_masks(sent, expected_of_test(spec))[0], mask)


def good() -> dict[str, Any]:
    return {f"{name}.png": np.zeros(size, np.uint8) for name, size in SIZES.items()} | {
        "a.png": np.eye(3, 4, dtype=np.uint8) * 255
    }


def header_of(height: int, width: int, bits: int = 8, colour: int = 0) -> bytes:
    """Return a PNG that declares a size and has no pixels."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunks


def encoded(pixels: Any, **options: Any) -> bytes:
    content = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(content, format="PNG", **options)
    return content.getvalue()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no PNG": ({"b.png": b"GIF89a" * 9}, "files that are no PNG: b.png"),
    "RGB": (
        {"b.png": Image.new("RGB", (5, 2))},
        "have not one number a pixel: b.png is RGB",
    ),
    "alpha": ({"b.png": Image.new("LA", (5, 2))}, "a pixel: b.png is grey with alpha"),
    "bit": ({"b.png": Image.new("1", (5, 2))}, "PNGs that have not 8 bits a pixel: b.png has 1"),
    "deep": (
        {"b.png": np.zeros((2, 5), np.uint16)},
        "have not 8 bits a pixel: b.png has 16",
    ),
    "no class": ({"b.png": np.full((2, 5), 7, np.uint8)}, "pixels of no class: b.png has 7"),
    "size": ({"b.png": np.zeros((5, 2), np.uint8)}, "5 × 2, not 2 × 5 (b.png)"),
    "missing": ({"b.png": None}, "files that are missing (1): 'b.png'"),
    "too many": (
        {"d.png": np.zeros((5, 2), np.uint8)},
        "files of no row of the test set (1): 'd.png'",
    ),
    "name": ({"b.txt": b"x"}, "files that are not called as <id>.png: 'b.txt'"),
    "cut off": ({"b.png": encoded(np.zeros((2, 5), np.uint8))[:-26]}, "damaged files: b.png ("),
    "path": ({"../b.png": b"x"}, "paths that lead out of the ZIP: '../b.png'"),
    "root": ({"/b.png": b"x"}, "paths that lead out of the ZIP: '/b.png'"),
    "drive": ({"C:b.png": b"x"}, "paths that lead out of the ZIP: 'C:b.png'"),
    "bomb": ({"b.png": header_of(60_000, 60_000)}, "b.png has 60,000 × 60,000"),
    "padding": ({"b.png": header_of(2, 5) + bytes(2 << 20)}, "bytes for 2 × 5 pixels"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_zip_is_refused_with_the_png(tmp_path: Path, fault: str) -> None:
    spec = competition(tmp_path, "binary", "name: '{id}.png'")
    assert check(pack(tmp_path / "good.zip", good()), spec) == []
    change, expected = WRONG[fault]
    pngs = {name: one for name, one in (good() | change).items() if one is not None}
    found = check(pack(tmp_path / "sent.zip", pngs), spec)
    assert [one.level for one in found] == ["error"], found
    assert expected in found[0].message
    assert found[0].line is None
    assert found[0].fix


def test_all_faults_of_a_zip_are_found_at_once(tmp_path: Path) -> None:
    """By kind, with the file of each: a fault of one hides no other, nor which are missing."""
    spec = competition(tmp_path, "binary", "name: '{id}.png'")
    wrong: dict[str, Any] = {
        "a.png": np.full((4, 3), 7, np.uint8),  # of another size, too
        "b.png": encoded(np.zeros((2, 5), np.uint8))[:-26],
        "d.txt": b"x",
        "e.png": b"GIF89a" * 9,
        "f.png": np.zeros((3, 4, 3), np.uint8),
        "g.png": np.full((3, 4), 9, np.uint8),
    }
    found = [one.message for one in check(pack(tmp_path / "sent.zip", wrong), spec)]
    assert "files that are not called as <id>.png: 'd.txt'" in found
    assert "files that are no PNG: e.png" in found
    assert "PNGs that have not one number a pixel: f.png is RGB" in found
    assert any(one.startswith("damaged files: b.png (") for one in found)
    assert "pixels of no class: a.png has 7, g.png has 9" in found
    assert any(one.endswith("4 × 3, not 3 × 4 (a.png)") for one in found)
    assert "files that are missing (1): 'sub c.png'" in found
    assert "files of no row of the test set (3): 'e.png', 'f.png', 'g.png'" in found
    with pytest.raises(SubmissionError, match=r"pixels of no class: a\.png has 7"):
        read_masks(tmp_path / "sent.zip", expected_of_test(spec))


def test_the_error_of_a_cut_off_file_names_no_object_in_memory(tmp_path: Path) -> None:
    spec = competition(tmp_path, "binary", "name: '{id}.png'")
    cut = good() | {"b.png": header_of(2, 5)[:30]}
    found = [one.message for one in check(pack(tmp_path / "sent.zip", cut), spec)]
    assert found == ["damaged files: b.png (it is no PNG, or is cut off)"]


def test_each_problem_of_a_refused_file_has_its_fix_below_it(tmp_path: Path) -> None:
    spec = competition(tmp_path, "binary", "name: '{id}.png'")
    wrong: dict[str, Any] = {
        "a.png": np.full((3, 4), 7, np.uint8),
        "d.txt": b"x",
        "b.png": b"GIF89a" * 9,
    }
    sent = pack(tmp_path / "sent.zip", wrong)
    found = check(sent, spec)
    with pytest.raises(SubmissionError) as refused:
        read_masks(sent, expected_of_test(spec))
    assert len(found) == 4
    assert str(refused.value) == "\n".join(
        f"{sent}: {one.message}\n  fix: {one.fix}" for one in found
    )


def test_faults_of_a_kind_are_counted_and_the_first_five_named(tmp_path: Path) -> None:
    spec = competition(tmp_path, "binary", "name: '{id}.png'")
    strange = {f"{n}.txt": b"x" for n in range(8)}
    (found,) = check(pack(tmp_path / "sent.zip", strange), spec)
    assert found.message.endswith("'0.txt', '1.txt', '2.txt', '3.txt', '4.txt' and 3 more")
    assert found.n == 8


WRONG_COLOURS: dict[str, tuple[Any, str]] = {
    "grey": (np.zeros((2, 5), np.uint8), "PNGs that have not three numbers a pixel: b.png is grey"),
    "palette": (Image.new("P", (5, 2)), "three numbers a pixel: b.png is of a palette"),
    "alpha": (Image.new("RGBA", (5, 2)), "b.png is RGB with alpha"),
    "no class": (np.full((2, 5, 3), 1, np.uint8), "pixels of no class: b.png has '#010101'"),
    "size": (np.zeros((5, 2, 3), np.uint8), "5 × 2, not 2 × 5 (b.png)"),
}


@pytest.mark.parametrize("fault", WRONG_COLOURS)
def test_a_wrong_png_in_colours_is_refused_by_name(tmp_path: Path, fault: str) -> None:
    file = "name: '{id}.png', mask_values: {'#000000': background, '#ff0000': foreground}"
    spec = competition(tmp_path, "binary", file)
    pngs = {name: Image.fromarray(one).convert("RGB") for name, one in good().items()}
    pngs["a.png"] = Image.new("RGB", (4, 3), "#ff0000")
    assert check(pack(tmp_path / "good.zip", pngs), spec) == []
    wrong, expected = WRONG_COLOURS[fault]
    found = check(pack(tmp_path / "sent.zip", pngs | {"b.png": wrong}), spec)
    assert [one.level for one in found] == ["error"], found
    assert expected in found[0].message
    assert found[0].fix


def tiff_of(pixels: Any, **options: Any) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, format="TIFF", **options)
    return content.getvalue()


def declared(height: int, width: int) -> bytes:
    """Return a TIFF whose first directory declares a size, with next to no pixels."""
    tags = {256: (4, width), 257: (4, height), 258: (3, 8), 259: (3, 1), 262: (3, 1)}
    tags |= {273: (4, 8), 277: (3, 1), 278: (4, height), 279: (4, 4)}
    body = b"".join(struct.pack("<HHII", tag, kind, 1, one) for tag, (kind, one) in tags.items())
    return b"II*\0" + struct.pack("<IIH", 12, 0, len(tags)) + body + bytes(8)


BLANK = np.zeros((2, 5), np.uint8)
WRONG_TIFFS: dict[str, tuple[bytes, str]] = {
    "a PNG": (encoded(BLANK), "files that are no TIFF that can be read: b.tif ("),
    "cut off": (tiff_of(np.zeros((2, 500), np.uint8))[:90], "b.tif"),
    "deep": (tiff_of(BLANK.astype(np.uint16)), "with pixels of mode I;16"),
    "RGB": (tiff_of(np.zeros((2, 5, 3), np.uint8)), "with pixels of mode RGB"),
    "pages": (
        tiff_of(BLANK, save_all=True, append_images=[Image.fromarray(BLANK)]),
        "TIFFs that are no masks: b.tif is of 2 pages",
    ),
    "no class": (tiff_of(BLANK + 7), "pixels of no class: b.tif has 7"),
    "size": (tiff_of(BLANK.T), "5 × 2, not 2 × 5 (b.tif)"),
    "bomb": (declared(60_000, 60_000), "b.tif (Image size"),
    "padding": (tiff_of(BLANK) + bytes(2 << 20), "bytes for 2 × 5 pixels"),
}


@pytest.mark.parametrize("fault", WRONG_TIFFS)
def test_a_wrong_tiff_is_refused_by_name(tmp_path: Path, fault: str) -> None:
    spec = competition(tmp_path, "binary", "name: '{id}.tif'")
    right = {name.replace(".png", ".tif"): pixels for name, pixels in good().items()}
    assert check(pack(tmp_path / "good.zip", right), spec) == []
    wrong, expected = WRONG_TIFFS[fault]
    found = check(pack(tmp_path / "sent.zip", right | {"b.tif": wrong}), spec)
    assert [one.level for one in found] == ["error"], found
    assert expected in found[0].message
    assert found[0].fix


def bmp_of(pixels: Any) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, format="BMP")
    return content.getvalue()


def resized(height: int, width: int) -> bytes:
    """Return a BMP whose header declares another size than it has."""
    content = bytearray(bmp_of(BLANK))
    content[18:26] = struct.pack("<ii", width, height)
    return bytes(content)


WRONG_BMPS: dict[str, tuple[bytes, str]] = {
    "a PNG": (encoded(BLANK), "files that are no BMP that can be read: b.bmp ("),
    "cut off": (bmp_of(np.zeros((2, 500), np.uint8))[:1500], "b.bmp"),
    "RGB": (bmp_of(np.zeros((2, 5, 3), np.uint8)), "with pixels of mode RGB"),
    "no class": (bmp_of(BLANK + 7), "pixels of no class: b.bmp has 7"),
    "size": (bmp_of(BLANK.T), "5 × 2, not 2 × 5 (b.bmp)"),
    "bomb": (resized(60_000, 60_000), "b.bmp"),
    "large": (resized(16_000, 10_000), "b.bmp"),
}


@pytest.mark.parametrize("fault", WRONG_BMPS)
def test_a_wrong_bmp_is_refused_by_name(tmp_path: Path, fault: str) -> None:
    spec = competition(tmp_path, "binary", "name: '{id}.bmp'")
    right = {name.replace(".png", ".bmp"): bmp_of(pixels) for name, pixels in good().items()}
    assert check(pack(tmp_path / "good.zip", right), spec) == []
    wrong, expected = WRONG_BMPS[fault]
    found = check(pack(tmp_path / "sent.zip", right | {"b.bmp": wrong}), spec)
    assert [one.level for one in found] == ["error"], found
    assert expected in found[0].message
    assert found[0].fix


@pytest.mark.parametrize("packing", ["raw", "tiff_lzw", "tiff_deflate", "packbits"])
def test_a_tiff_is_read_however_its_pixels_are_packed(tmp_path: Path, packing: str) -> None:
    spec, masks = competition(tmp_path, "binary", "name: '{id}.tif'"), masks_of("binary", 3)
    tiffs = {f"{one}.tif": tiff_of(mask * 255, compression=packing) for one, mask in masks.items()}
    sent = pack(tmp_path / "sent.zip", tiffs)
    assert check(sent, spec) == []
    for one, mask in zip(SIZES, read_masks(sent, expected_of_test(spec)), strict=True):
        np.testing.assert_array_equal(mask, masks[one])


def test_large_png_of_a_wrong_size_is_reported_by_its_size(tmp_path: Path) -> None:
    spec = competition(tmp_path, "binary", "name: '{id}.png'")
    rows, columns = np.ogrid[:2000, :2000]
    large = np.where((rows + columns) % 2, 255, 0).astype(np.uint8)  # 20 MB of runs
    sent = pack(tmp_path / "sent.zip", good() | {"b.png": large})
    (found,) = check(sent, spec)
    assert found.message.endswith("2000 × 2000, not 2 × 5 (b.png)")


@pytest.mark.parametrize("order", ["F", "C"])
def test_noise_is_refused(tmp_path: Path, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png_files, "_MOST_CHANGES", 8)
    spec = competition(tmp_path, "binary", f"name: '{{id}}.png'}}, rle: {{order: {order}")
    stripes = np.zeros((4, 4), np.uint8)
    stripes[:, ::2] = 255  # 4 rows with 3 changes each; none down a column
    sent = pack(tmp_path / "sent.zip", good() | {"sub c.png": stripes})
    found = [one.message for one in check(sent, spec)]
    told = "masks of noise, whose class changes more than 8 times: sub c.png"
    assert found == ([told] if order == "C" else [])


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    spec = competition(tmp_path, "binary", "name: '{id}.png'")
    sent = tmp_path / "sent.zip"
    for content, expected in [
        (b"", "the file is empty"),
        (b"id,rle\na,1 2\n", "the file is no ZIP"),
        (pack(sent, {}).read_bytes(), "there are no PNGs in the ZIP"),
        (pack(sent, good()).read_bytes()[:-30], "the file is no ZIP"),
    ]:
        sent.write_bytes(content)
        assert expected in check(sent, spec)[0].message


def test_a_repeated_png_and_a_folder_around_all_are_refused(tmp_path: Path) -> None:
    spec, sent = competition(tmp_path, "binary", "name: '{id}_m.png'"), tmp_path / "sent.zip"
    pngs = {name.replace(".png", "_m.png"): one for name, one in good().items()}
    pack(sent, pngs)
    with zipfile.ZipFile(sent, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a_m.png", encoded(np.zeros((3, 4), np.uint8)))
    assert "more than once in the ZIP: 'a_m.png'" in check(sent, spec)[0].message
    spec = competition(tmp_path, "binary", "name: 'masks/{id}_m.png'")
    pack(sent, {f"out/masks/{name}": one for name, one in pngs.items()})
    assert check(sent, spec)[0].fix == "pack the content of the folder out, not the folder"


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_masks_in_a_folder_of_the_zip_are_one_error_that_names_the_folder(
    tmp_path: Path, kind: str
) -> None:
    values = ", mask_values: {0: background, 9: cat, 8: 'big dog'}" if kind == "multiclass" else ""
    spec = competition(tmp_path, kind, f"name: '{{id}}.png'{values}")
    blank = {name: np.zeros(size, np.uint8) for name, size in SIZES.items()}
    filled = blank | {"a": np.full((3, 4), 9 if values else 255, np.uint8)}
    sent = tmp_path / "sent.zip"
    (found,) = check(pack(sent, {f"zz/y/{one}.png": mask for one, mask in filled.items()}), spec)
    assert found.message.startswith("all files lie in the folder zz/y/: 'zz/y/a.png', ")
    assert found.fix == "pack them without the folder"
    moved = {f"zz/{one}.png": mask for one, mask in filled.items() if one != "b"}
    assert [one.message for one in check(pack(sent, moved | {"0.png": filled["a"]}), spec)] == [
        "2 files lie in the folder zz/: 'zz/a.png', 'zz/sub c.png'",
        "files of no row of the test set (1): '0.png'",
        "files that are missing (1): 'b.png'",
    ]


def test_a_folder_that_the_name_of_a_file_asks_for_is_named_where_it_lacks(tmp_path: Path) -> None:
    spec = competition(tmp_path, "binary", "name: 'masks/{id}.png'")
    found = check(pack(tmp_path / "sent.zip", good()), spec)
    assert found[0].message.startswith("files that are not called as masks/<id>.png: 'a.png'")
    assert found[0].fix == "pack them in the folder masks"


def test_pixels_changed_in_the_zip_are_damage(tmp_path: Path) -> None:
    spec, sent = competition(tmp_path, "binary", "name: '{id}.png'"), tmp_path / "sent.zip"
    write_masks(sent, spec, masks_of("binary").items())
    content = bytearray(sent.read_bytes())
    content[content.index(b"IDAT") + 8] ^= 0xFF
    sent.write_bytes(content)
    assert "damaged files: a.png (" in check(sent, spec)[0].message


MISFITS = {
    "value": ("value: coco", "file.kind: png is for masks, value rle"),
    "rows": ("rows: pixel, id: '{id}_{row}_{column}', value: label", "file.kind: png is for masks"),
    "size": ("columns: {id: id, class: class_name, rle: value}", "needs columns for the size"),
    "id": ("id: '{id}_{class}'", "needs id: '{id}'"),
    "shared": ("file: {kind: png, name: '{id}.png'}", "classes of a multilabel task share pixels"),
    "class": (
        "file: {kind: png, name: '{id}{class}.png'}",
        "is no template",
    ),
    "no class": (
        "file: {kind: png, name: '{id}_{class}.png', mask_values: {3: cow, 1: foreground}}",
        "file.mask_values names 'cow'",
    ),
    "no background": (
        "file: {kind: png, name: '{id}_{class}.png', mask_values: {0: foreground}}",
        "file.mask_values lacks 'background'",
    ),
    "lacks": (
        "file: {kind: png, name: '{id}_{class}.png', mask_values: {0: background}}",
        "file.mask_values lacks 'foreground'",
    ),
    "path": ("file: {kind: png, name: '../{id}_{class}.png'}", "a path inside the ZIP"),
    "field": ("file: {kind: png, name: '{stem}_{class}.png'}", "name holds {id}"),
    "other key": ("file: {kind: png, name: '{id}_{class}.png', sep: ';'}", "has no sep"),
    "256": ("file: {kind: png, mask_values: {256: cat}}", "pixels of 8 bits are 0 to 255"),
    "a colour beside a number": (
        "file: {kind: png, mask_values: {0: background, '#ff0000': cat}}",
        "either numbers or colours",
    ),
    "a colour by its name": (
        "file: {kind: png, mask_values: {red: cat}}",
        "a colour is written as '#ff0000', got 'red'",
    ),
    "not png": ("file: {name: '{id}_{class}.png'}", "write file.kind: png"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_a_format_that_no_png_can_have_is_refused(tmp_path: Path, name: str) -> None:
    change, expected = MISFITS[name]
    base = competition(tmp_path, "multilabel", "name: '{id}_{class}.png'")
    submission = {
        "rows": "image_class",
        "file": {"kind": "png", "name": "{id}_{class}.png"},
        **yaml.safe_load(f"{{{change}}}"),
    }
    spec = {**base.model_dump(exclude_unset=True), "submission": submission}
    with pytest.raises((DataError, ValueError), match=re.escape(expected)):
        format_of(Competition.model_validate(spec).at(tmp_path))


@pytest.mark.parametrize(
    ("change", "fix"),
    [
        ({}, "mend submission.file.mask_values"),
        ({"id": "{id}_{class}"}, "mend submission.columns, submission.rows or submission.value"),
    ],
)
def test_the_fix_of_a_misfit_names_its_key(
    tmp_path: Path, change: dict[str, str], fix: str
) -> None:
    base = competition(tmp_path, "multilabel", "name: '{id}_{class}.png'")
    spec = base.model_dump(exclude_unset=True)
    spec["submission"]["file"]["mask_values"] = {0: "background"}
    spec["submission"] |= change
    with pytest.raises(DataError, match=r"file\.mask_values lacks 'foreground'") as error:
        format_of(Competition.model_validate(spec).at(tmp_path))
    assert error.value.fix == fix


def test_classes_that_a_name_cannot_tell_apart_are_refused(tmp_path: Path) -> None:
    base = competition(tmp_path, "multilabel", "name: '{id}_{class}.png'")
    spec = base.model_dump(exclude_unset=True) | {"classes": ["dog", "big_dog"]}
    with pytest.raises(DataError, match="'big_dog' and 'dog' cannot be told apart"):
        format_of(Competition.model_validate(spec).at(tmp_path))
    spec["submission"]["file"]["name"] = "{class}/{id}.png"
    assert format_of(Competition.model_validate(spec).at(tmp_path)).file.is_by_class


def test_pixels_of_no_class_are_refused_where_background_has_no_value(tmp_path: Path) -> None:
    file = "mask_values: {0: cat, 1: 'big dog'}"
    spec, masks = competition(tmp_path, "multiclass", file), masks_of("multiclass")
    whole = {name: np.maximum(mask, 1) for name, mask in masks.items()}
    sent = write_masks(tmp_path / "sent.zip", spec, whole.items())
    np.testing.assert_array_equal(in_zip(sent)["a.png"], whole["a"] - 1)
    before = sent.read_bytes()
    whole["b"][0, :3] = 0
    with pytest.raises(SubmissionError, match=r"b\.png has 3 pixels of no class"):
        write_masks(sent, spec, whole.items())
    assert sent.read_bytes() == before


def test_a_host_gives_out_scores_and_refuses_pngs(tmp_path: Path) -> None:
    rows = ["id,class,rle,height,width"]
    rows += [
        f"{name},{one},,{height},{width}"
        for one in ("big dog", "cat")
        for name, (height, width) in SIZES.items()
    ]
    (tmp_path / "sample.csv").write_text("\n".join(rows) + "\n")
    file = "name: 'out/{id}.png', mask_values: {0: background, 40: cat, 90: 'big dog'}"
    spec = competition(tmp_path, "multiclass", file, sample="sample.csv")
    solution = [rows[0], "a,cat,1 2,3,4", "a,big dog,4 1,3,4", "b,cat,,2,5", "b,big dog,1 10,2,5"]
    solution += ["sub c,cat,1 4,4,4", "sub c,big dog,,4,4"]
    (tmp_path / "solution.csv").write_text("\n".join(solution) + "\n")
    host = init_host(tmp_path / "host", spec, tmp_path / "solution.csv")
    given_out = in_zip(host.files / "sample.zip")
    assert {name: (one.shape, one.max()) for name, one in given_out.items()} == {
        f"out/{name}.png": (size, 0) for name, size in SIZES.items()
    }
    assert check(host.files / "sample.zip", spec)[0].message == "every mask is empty"
    own = masks_of("multiclass")  # the sample's rows of an image lie apart, its classes turned
    np.testing.assert_array_equal(
        in_zip(write_masks(tmp_path / "own.zip", spec, own.items()))["out/a.png"],
        np.array([0, 40, 90])[own["a"]],
    )
    loaded = host.spec()
    told = "PNG for each test image, called `out/<id>.png`, in the size of the image"
    assert told in describe_format(loaded)
    assert "40 for cat, 90 for big dog" in describe_format(loaded)
    answers = read_solution(host.solution, loaded.format)
    pngs = {name: np.zeros(one.shape, np.uint8) for name, one in given_out.items()}
    pngs["out/a.png"][:2, 0], pngs["out/a.png"][0, 1] = 40, 90  # runs go down the columns
    pngs["out/b.png"][:] = 90
    pngs["out/sub c.png"][:, 0] = 40
    sent = pack(tmp_path / "sent.zip", pngs)
    assert check(sent, spec) == []
    assert score_file(sent, loaded, answers).public == 1.0
    assert answers.is_light(loaded)
    assert not pool._is_light(sent, loaded, answers)  # it may be a bomb: not in the host's process
    pngs["out/a.png"][1, 0] = 0  # Dice of cat in a: 2 · 1 / (1 + 2)
    pack(sent, pngs)
    assert score_file(sent, loaded, answers).public == pytest.approx(1 - (1 / 3) / 6)
    pngs["out/b.png"] = np.zeros((5, 2), np.uint8)
    pack(sent, pngs)
    with pytest.raises(SubmissionError, match=r"5 × 2, not 2 × 5 \(out/b.png\)"):
        score_file(sent, loaded, answers)
    del pngs["out/b.png"]
    pack(sent, pngs)
    with pytest.raises(SubmissionError, match=r"missing \(1\): 'out/b.png'"):
        score_file(sent, loaded, answers)


def test_sample_of_some_classes_requires_only_their_pngs(tmp_path: Path) -> None:
    rows = "id,class,rle,height,width\na,cat,,3,4\nsub c,big dog,,4,4\n"
    (tmp_path / "sample.csv").write_text(rows)
    spec = competition(tmp_path, "multilabel", "name: '{class}/{id}.png'", sample="sample.csv")
    masks = {name: masks_of("multilabel")[name] for name in ("a", "sub c")}
    sent = write_masks(tmp_path / "sent.zip", spec, masks.items())
    assert list(in_zip(sent)) == ["cat/a.png", "big dog/sub c.png"]
    spec = competition(tmp_path, "multiclass", "name: '{id}.png'", sample="sample.csv")
    with pytest.raises(SubmissionError, match=r"a\.png has no row of 'big dog'"):
        write_masks(
            tmp_path / "sent.zip",
            spec,
            [(name, masks_of("multiclass")[name]) for name in ("a", "sub c")],
        )

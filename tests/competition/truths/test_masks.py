"""Masks from pixels of files and rows of runs, and errors for invalid ones."""

from __future__ import annotations

import base64
import zlib
from fractions import Fraction
from math import floor
from pathlib import Path
from types import ModuleType
from typing import Any

import mask_miniatures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import (
    IGNORE,
    MaskError,
    MaskRef,
    mask_digests,
    read_mask,
    resize_nearest,
    to_frame,
    truth_masks,
)
from podium.workspace.layout import Workspace

TABLE: dict[str, Any] = {"mask": {"table": "t.csv", "id": "i={id}_{class}", "rle": "runs"}}
BINARY_TABLE: dict[str, Any] = {"mask": {"table": "t.csv", "id": "i", "rle": "runs"}}
GRID = np.array([[0, 1, 1], [2, 0, 2]], dtype=np.uint8)


def spec_of(root: Path, kind: str = "multiclass", **train: Any) -> Competition:
    mask = train.pop("mask", "m/{id}.png")
    fields = {
        "name": "tiny",
        "tasks": {"segment": kind},
        "classes": [] if kind == "binary" else ["coat", "dress"],
        "frame": train.pop("frame", "native"),
        "data": {
            "train": {"images": "i/*.png", "mask": mask, **train},
            "test": {"images": "t/*.png"},
        },
        "metric": {"name": "mean_dice"},
    }
    return Competition.model_validate(fields).at(root)


def read(spec: Competition, *files: str, size: tuple[int, int] = (2, 3)) -> np.ndarray:
    mask = read_mask(MaskRef(files), spec, size)
    assert mask.dtype == np.uint8
    return mask


def save(path: Path, pixels: np.ndarray, mode: str | None = None, **options: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(path, **options)


def indexed(path: Path, pixels: np.ndarray) -> None:
    """A file whose palette shows index 0 as white, 1 as red and 2 as a second red."""
    image = Image.new("P", pixels.shape[::-1])
    image.putpalette([255, 255, 255, 255, 0, 0, 250, 0, 0])
    image.putdata(pixels.ravel().tolist())
    image.save(path)


def test_the_index_of_an_indexed_file_is_the_value_and_not_its_colour(tmp_path: Path) -> None:
    indexed(tmp_path / "a.png", GRID)
    np.testing.assert_array_equal(read(spec_of(tmp_path), "a.png"), GRID)


def test_an_indexed_file_is_read_by_its_colours_where_values_are_colours(tmp_path: Path) -> None:
    indexed(tmp_path / "a.png", GRID)
    values = {"#ffffff": "background", "#FF0000": "dress", "#fa0000": "coat"}
    expected = np.array([[0, 2, 2], [1, 0, 1]])
    np.testing.assert_array_equal(read(spec_of(tmp_path, mask_values=values), "a.png"), expected)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_grey_of_any_mode_is_one_value(mode: str, tmp_path: Path) -> None:
    save(tmp_path / "a.png", GRID, mode)
    np.testing.assert_array_equal(read(spec_of(tmp_path), "a.png"), GRID)


def test_sixteen_bits_and_named_values(tmp_path: Path) -> None:
    save(tmp_path / "a.png", GRID.astype(np.uint16) * 1000)
    values = {0: "background", 1000: "dress", 2000: "coat"}
    found = read(spec_of(tmp_path, mask_values=values), "a.png")
    np.testing.assert_array_equal(found, np.array([[0, 2, 2], [1, 0, 1]]))
    save(tmp_path / "b.png", (GRID > 0).astype(np.uint16) * 65535)
    np.testing.assert_array_equal(read(spec_of(tmp_path, "binary"), "b.png"), GRID > 0)


@pytest.mark.parametrize("white", [1, 255])
def test_a_binary_mask_is_zero_and_something(white: int, tmp_path: Path) -> None:
    save(tmp_path / "a.png", (GRID > 0).astype(np.uint8) * np.uint8(white))
    np.testing.assert_array_equal(read(spec_of(tmp_path, "binary"), "a.png"), GRID > 0)


@pytest.mark.parametrize("values", [None, {0: "background", 255: "foreground"}])
def test_a_file_of_one_bit_a_pixel(values: dict[int, str] | None, tmp_path: Path) -> None:
    Image.fromarray(GRID > 0).save(tmp_path / "a.png")
    spec = spec_of(tmp_path, "binary", mask_values=values)
    np.testing.assert_array_equal(read(spec, "a.png"), GRID > 0)


def test_a_mask_of_both_1_and_255_is_refused_as_ambiguous(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.array([[0, 1, 255]], dtype=np.uint8))
    with pytest.raises(MaskError, match=r"both 1 \(1 pixel\) and 255 \(1 pixel\)"):
        read(spec_of(tmp_path, "binary"), "a.png", size=(1, 3))
    found = read(spec_of(tmp_path, "binary", ignore=255), "a.png", size=(1, 3))
    assert found.tolist() == [[0, 1, IGNORE]]


@pytest.mark.parametrize(("ignore", "colour"), [(7, None), ("#070707", "#")])
def test_ignored_pixels(ignore: int | str, colour: str | None, tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.array([[0, 1, 7, 2]], dtype=np.uint8), "RGB")
    values = {"#000000": "background", "#010101": "coat", "#020202": "dress"} if colour else None
    spec = {"ignore": ignore, "mask_values": values}
    one = read(spec_of(tmp_path, **spec), "a.png", size=(1, 4))
    assert one.tolist() == [[0, 1, IGNORE, 2]]
    each = read(spec_of(tmp_path, "multilabel", **spec), "a.png", size=(1, 4))
    assert each[0].tolist() == [[0, 0], [1, 0], [IGNORE, IGNORE], [0, 1]]


def test_unknown_values_are_counted_and_the_file_is_named(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.array([[0, 1, 2, 3, 9, 9]], dtype=np.uint8))
    with pytest.raises(MaskError) as caught:
        read(spec_of(tmp_path), "a.png", size=(1, 6))
    assert caught.value.fault == "values"
    assert str(caught.value).startswith(
        f"{tmp_path}/a.png: the mask has values that mean nothing: 9 (2 pixels), 3 (1 pixel); "
        "known are 0, 1, 2"
    )
    assert "JPEG" not in str(caught.value)


def disc(side: int = 64) -> np.ndarray:
    rows, columns = np.indices((side, side))
    return ((rows - 30) ** 2 + (columns - 25) ** 2 < 300).astype(np.uint8) * np.uint8(255)


def test_jpeg_noise_is_called_so_in_a_jpeg_and_in_a_png_made_of_one(tmp_path: Path) -> None:
    save(tmp_path / "a.jpg", disc(), quality=85)
    decoded = np.asarray(Image.open(tmp_path / "a.jpg"))
    assert len(np.unique(decoded)) > 5
    save(tmp_path / "b.png", decoded)
    save(tmp_path / "c.png", np.stack([disc(), 0 * disc(), 0 * disc()], axis=-1))
    Image.open(tmp_path / "c.png").save(tmp_path / "c.jpg", quality=85)
    colours = {"#000000": "background", "#ff0000": "foreground"}
    for file, values in (("a.jpg", None), ("b.png", None), ("c.jpg", colours)):
        with pytest.raises(MaskError, match="look like JPEG noise") as caught:
            read(spec_of(tmp_path, "binary", mask_values=values), file, size=(64, 64))
        assert "PNG" in str(caught.value.fix)


def test_a_coloured_mask_without_values_is_refused_with_its_colours(tmp_path: Path) -> None:
    pixels = np.zeros((2, 3, 3), dtype=np.uint8)
    pixels[0, :2] = 0, 255, 0
    save(tmp_path / "a.png", pixels)
    with pytest.raises(MaskError, match=r"does not define .*: #00ff00 \(2 pixels\)") as caught:
        read(spec_of(tmp_path), "a.png")
    assert "mask_values" in str(caught.value.fix)
    values = {"#000000": "background", "#0000ff": "coat"}
    with pytest.raises(MaskError, match=r"mean nothing: #00ff00 \(2 pixels\); known are #000000"):
        read(spec_of(tmp_path, mask_values=values), "a.png")


def test_a_wrong_size_is_reported_and_whether_it_is_swapped(tmp_path: Path) -> None:
    save(tmp_path / "a.png", GRID)
    with pytest.raises(MaskError, match=r"the mask is 2 × 3, its image 4 × 3 \(h") as caught:
        read(spec_of(tmp_path), "a.png", size=(4, 3))
    assert caught.value.fault == "size"
    with pytest.raises(MaskError, match="height and width are swapped"):
        read(spec_of(tmp_path), "a.png", size=(3, 2))


def test_an_image_with_an_exif_turn_and_a_mask_without_is_reported(tmp_path: Path) -> None:
    turned = Image.new("RGB", (3, 2))
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "i").mkdir()
    turned.save(tmp_path / "i/a.png", exif=exif)
    save(tmp_path / "m/a.png", GRID)
    spec = spec_of(tmp_path)
    with pytest.raises(MaskError, match=r"EXIF turn \(orientation 6\).*it is 3 × 2 then .* 2 × 3"):
        truth_masks(spec, load_samples(spec, "train"))[0]
    save(tmp_path / "m/a.png", GRID.T.copy())
    np.testing.assert_array_equal(truth_masks(spec, load_samples(spec, "train"))[0], GRID.T)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "the mask is missing"),
        (b"", "empty"),
        (b"<html>", "web page"),
        (b"GIF89a", "no image"),
    ],
)
def test_a_file_that_is_no_image_is_a_mask_error(
    content: bytes | None, message: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(MaskError, match=message) as caught:
        read(spec_of(tmp_path), "a.png")
    assert caught.value.fault == "file"
    assert "a.png" in str(caught.value.where)


def test_one_file_a_class_comes_to_one_mask(tmp_path: Path) -> None:
    save(tmp_path / "c.png", (GRID == 1).astype(np.uint8) * 255)
    save(tmp_path / "d.png", (GRID == 2).astype(np.uint8))
    by_class = {"mask": "m/{class}/{id}.png"}
    spec = spec_of(tmp_path, **by_class)
    np.testing.assert_array_equal(read(spec, "c.png", "d.png"), GRID)
    np.testing.assert_array_equal(read(spec, "", "d.png"), np.where(GRID == 2, 2, 0))
    each = read(spec_of(tmp_path, "multilabel", **by_class), "c.png", "c.png")
    np.testing.assert_array_equal(each, np.stack([GRID == 1] * 2, axis=-1))
    with pytest.raises(MaskError, match="2 pixels are dress and also coat") as caught:
        read(spec, "c.png", "c.png")
    assert "multilabel" in str(caught.value.fix)


def test_a_pixel_labelled_in_one_file_is_labelled(tmp_path: Path) -> None:
    save(tmp_path / "c.png", np.array([[7, 7, 1]], dtype=np.uint8))
    save(tmp_path / "d.png", np.array([[0, 1, 7]], dtype=np.uint8))
    by_class = {"mask": "m/{class}/{id}.png", "ignore": 7}
    for files, expected in (
        (("c.png", "d.png"), [[IGNORE, 2, 1]]),
        (("d.png", "c.png"), [[IGNORE, 1, 2]]),
    ):
        assert read(spec_of(tmp_path, **by_class), *files, size=(1, 3)).tolist() == expected
    each = read(spec_of(tmp_path, "multilabel", **by_class), "c.png", "d.png", size=(1, 3))
    assert each[0].tolist() == [[IGNORE, 0], [IGNORE, 1], [1, IGNORE]]


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_a_mask_without_file_and_runs_is_empty(kind: str, tmp_path: Path) -> None:
    shape = (2, 3, 2) if kind == "multilabel" else (2, 3)
    for table, train in ((False, {}), (True, BINARY_TABLE if kind == "binary" else TABLE)):
        mask = read_mask(MaskRef(is_table=table), spec_of(tmp_path, kind, **train), (2, 3))
        np.testing.assert_array_equal(mask, np.zeros(shape))


def runs(*rows: tuple[int, str]) -> MaskRef:
    return MaskRef(runs=tuple((c, text, 2 + i) for i, (c, text) in enumerate(rows)), is_table=True)


@pytest.mark.parametrize(
    ("codec", "expected"),
    [
        ({}, [[0, 1, 0], [1, 1, 0]]),  # "2 3": pixels 2, 3, 4, down the columns
        ({"order": "C"}, [[0, 1, 1], [1, 0, 0]]),
        ({"base": 0}, [[0, 1, 1], [0, 1, 0]]),
    ],
)
def test_runs_are_decoded_by_the_codec(
    codec: dict[str, Any], expected: list[list[int]], tmp_path: Path
) -> None:
    spec = spec_of(tmp_path, "binary", **BINARY_TABLE, mask_codec=codec)
    assert read_mask(runs((0, "2 3")), spec, (2, 3)).tolist() == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    # Down the columns 0 1 | 1 1 | 0 0: counts 1 3 2. As pycocotools writes them, and packed.
    [("coco", "132"), ("coco64", base64.b64encode(zlib.compress(b"132")).decode())],
)
def test_a_table_may_hold_the_counts_of_coco(kind: str, text: str, tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "binary", **BINARY_TABLE, mask_codec={"kind": kind})
    assert read_mask(runs((0, text)), spec, (2, 3)).tolist() == [[0, 1, 0], [1, 1, 0]]
    with pytest.raises(MaskError) as caught:
        read_mask(runs((0, text)), spec, (2, 2))
    assert str(caught.value).startswith("t.csv:2: column 'runs', character ")
    with pytest.raises(ValueError, match="counts down the columns from the first pixel"):
        spec_of(tmp_path, "binary", **BINARY_TABLE, mask_codec={"kind": kind, "base": 1})


def test_rows_of_a_class_are_united_and_classes_stay_apart(tmp_path: Path) -> None:
    ref = runs((0, "1 2"), (1, "3 1"), (0, "2 1 5 1"))
    each = read_mask(ref, spec_of(tmp_path, "multilabel", **TABLE), (2, 3))
    assert each[..., 0].tolist() == [[1, 0, 1], [1, 0, 0]]
    assert each[..., 1].tolist() == [[0, 1, 0], [0, 0, 0]]
    one = read_mask(ref, spec_of(tmp_path, **TABLE), (2, 3))
    assert one.tolist() == [[1, 2, 1], [1, 0, 0]]
    binary = spec_of(tmp_path, "binary", **BINARY_TABLE)
    assert read_mask(runs((0, "1 2"), (0, "2 2")), binary, (2, 3)).tolist() == [
        [1, 1, 0],
        [1, 0, 0],
    ]


def test_two_classes_on_one_pixel_are_an_error_that_names_both_and_the_line(tmp_path: Path) -> None:
    with pytest.raises(MaskError, match="1 pixel is dress and also coat") as caught:
        read_mask(runs((0, "1 2"), (1, "2 2")), spec_of(tmp_path, **TABLE), (2, 3))
    assert caught.value.where == "t.csv:3"


@pytest.mark.parametrize(("text", "column"), [("1 2 x", 5), ("1 2 3", 5), ("6 2", 3), ("9 1", 1)])
def test_bad_runs_name_table_line_and_character(text: str, column: int, tmp_path: Path) -> None:
    with pytest.raises(MaskError) as caught:
        read_mask(runs((0, "1 1"), (1, text)), spec_of(tmp_path, **TABLE), (2, 3))
    assert caught.value.fault == "runs"
    assert str(caught.value).startswith(f"t.csv:3: column 'runs', character {column}: ")
    assert "2 × 3 = 6 pixels" in str(caught.value)


def test_nearest_takes_the_pixel_under_the_centre() -> None:
    mask = np.arange(6, dtype=np.uint8).reshape(2, 3)
    np.testing.assert_array_equal(resize_nearest(mask, (4, 6)), mask.repeat(2, 0).repeat(2, 1))
    np.testing.assert_array_equal(resize_nearest(mask.repeat(3, 0).repeat(5, 1), (2, 3)), mask)
    assert resize_nearest(mask, (2, 1)).tolist() == [[1], [4]]
    assert resize_nearest(np.zeros((2, 3, 4), np.uint8), (5, 1)).shape == (5, 1, 4)


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.integers(1, 40)] * 4), st.integers(0, 2**32 - 1))
def test_nearest_is_exact_for_every_pair_of_sizes(
    sizes: tuple[int, int, int, int], seed: int
) -> None:
    height, width, new_height, new_width = sizes
    mask = np.random.default_rng(seed).integers(0, 4, (height, width), dtype=np.uint8)
    half = Fraction(1, 2)
    expected = [
        [
            mask[floor((r + half) * height / new_height), floor((c + half) * width / new_width)]
            for c in range(new_width)
        ]
        for r in range(new_height)
    ]
    np.testing.assert_array_equal(resize_nearest(mask, (new_height, new_width)), expected)


def test_truth_in_a_frame_of_its_own_and_at_the_images_sizes(tmp_path: Path) -> None:
    for name, side in (("a", 2), ("b", 4)):
        save(tmp_path / f"i/{name}.png", np.zeros((side, 3 * side, 3), dtype=np.uint8))
        mask = np.zeros((side, 3 * side), dtype=np.uint8)
        mask[:, :side] = 1
        save(tmp_path / f"m/{name}.png", mask)
    native = spec_of(tmp_path)
    truth = truth_masks(native, load_samples(native, "train"))
    assert truth.sizes == [(2, 6), (4, 12)]
    assert [mask.shape for mask in truth if mask is not None] == [(2, 6), (4, 12)]
    framed = spec_of(tmp_path, frame=[4, 6])
    truth = truth_masks(framed, load_samples(framed, "train"))
    assert truth.sizes == [(4, 6), (4, 6)]
    for mask in truth[:]:
        assert mask is not None
        assert mask.tolist() == [[1, 1, 0, 0, 0, 0]] * 4
    assert to_frame(np.zeros((2, 2), np.uint8), native).shape == (2, 2)
    assert len(truth) == 2


def test_digests_change_with_content_and_reading_and_with_nothing_else(tmp_path: Path) -> None:
    save(tmp_path / "i/a.png", np.zeros((2, 3, 3), dtype=np.uint8))
    save(tmp_path / "m/a.png", GRID)
    save(tmp_path / "n/a.png", GRID)
    workspace = Workspace(tmp_path)

    def digest(**train: Any) -> str:
        spec = spec_of(tmp_path, **train)
        return mask_digests(workspace, spec, load_samples(spec, "train"))[0]

    first = digest()
    assert len(first) == 64
    assert digest(mask="n/{id}.png") == first
    assert digest(mask_values={0: "background", 1: "coat", 2: "dress"}) == first
    others = [
        digest(mask_values={0: "background", 1: "dress", 2: "coat"}),
        digest(ignore=3),
        digest(kind="multilabel"),
    ]
    save(tmp_path / "n/a.png", GRID[::-1].copy())
    others.append(digest(mask="n/{id}.png"))
    table = {"mask": {"table": "t.csv", "id": "i", "rle": "r", "label": "c"}}
    (tmp_path / "t.csv").write_text("i,c,r\na,1,1 1\na,2,2 1\n")
    runs_digest = digest(**table)
    (tmp_path / "t.csv").write_text("i,c,r\na,2,2 1\na,1,\na,1,1 1\n")
    assert digest(**table) == runs_digest
    others += [runs_digest, digest(**table, mask_codec={"base": 0})]
    (tmp_path / "t.csv").write_text("i,c,r\na,1,1 1\n")
    others.append(digest(**table))
    assert len({first, *others}) == len(others) + 1


@pytest.mark.parametrize("layout", ["pictures_and_masks", "defects", "salt", "tissue"])
def test_masks_of_real_layouts_are_the_drawn_ones(
    layout: str, tmp_path: Path, miniatures: ModuleType
) -> None:
    made = getattr(mask_miniatures, layout)(tmp_path / "data")
    spec = Competition.model_validate(made.spec).at(tmp_path)
    samples = load_samples(spec, "train")
    kind = spec.tasks["segment"]
    for name, mask in zip(samples["id"], truth_masks(spec, samples), strict=True):
        if name not in made.train:
            assert mask is None
            continue
        layers = made.train[name]  # (C, H, W)
        each = layers.transpose(1, 2, 0)
        number = np.arange(1, len(layers) + 1)
        expected = {"binary": layers[0], "multilabel": each, "multiclass": each @ number}[kind]
        np.testing.assert_array_equal(mask, expected)
    assert sum(mask is not None for mask in samples["mask"]) == len(made.train)
    assert set(load_samples(spec, "test")["id"]) == set(made.truth)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 30), st.integers(1, 30), st.integers(2, 9),
    st.sampled_from([0.0, 0.25, 0.5, 0.9]), st.integers(0, 99),
)  # fmt: skip
def test_a_patch_is_foreground_where_more_than_its_share_of_labelled_pixels_is(
    height: int, width: int, patch: int, above: float, seed: int
) -> None:
    mask = np.random.default_rng(seed).choice([0, 1, IGNORE], (height, width), p=[0.6, 0.3, 0.1])
    spec = spec_of(Path("root"), "binary", frame={"patch": patch, "above": above})
    found = to_frame(mask.astype(np.uint8), spec)
    assert found.shape == (-(-height // patch), -(-width // patch))
    for row, column in np.ndindex(*found.shape):
        part = mask[patch * row : patch * (row + 1), patch * column : patch * (column + 1)]
        known = part[part != IGNORE]
        expected = IGNORE if not known.size else int((known == 1).sum() > above * known.size)
        assert found[row, column] == expected


def test_a_mask_of_patches_comes_back_as_it_was(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "binary", frame={"patch": 4, "above": 0.25})
    save(tmp_path / "m" / "a.png", GRID.astype(bool).astype(np.uint8) * 255)
    native = read(spec, "m/a.png", size=(8, 12))
    assert native.shape == (8, 12)
    assert np.array_equal(to_frame(native, spec), GRID > 0)


@pytest.mark.parametrize(
    ("kind", "mask"), [("multiclass", "m/{id}.png"), ("instance", "m/{class}/{id}.png")]
)
def test_patches_are_of_a_class_or_not(tmp_path: Path, kind: str, mask: str) -> None:
    with pytest.raises(ValueError, match="patches are of a class or not"):
        spec_of(tmp_path, kind, mask=mask, frame={"patch": 4})

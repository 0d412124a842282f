"""Samples whose rows are patches or pixels: which number is which, and how large a patch is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from podium.competition.sections.frame import PatchFrame
from podium.submissions.format.spec import format_of

RNG = np.random.default_rng(3)


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def roads(
    data: Path,
    *,
    size: tuple[int, int] = (64, 96),
    step: int = 16,
    patch: int | None = None,
    template: str = "{id}_{x}_{y}",
    value: str = "0",
    text: str = "",
    test: str = "test/images/satimage_{n}.png",
    name: str = "{n}",
    base: int = 0,
) -> Inferred:
    """Return what is read of road masks with a sample of patches, `step` from one to the next."""
    for n in range(12):
        save(data / f"training/images/satimage_{n}.png", RNG.integers(0, 255, (*size, 3), np.uint8))
        mask = np.zeros(size, np.uint8)
        mask[:, 5 * n : 5 * n + 9] = 255
        save(data / f"training/groundtruth/satimage_{n}.png", mask)
    rows = ["id,prediction"]
    for n in range(12, 16):
        file = data / test.format(n=n)
        save(file, RNG.integers(0, 255, (*size, 3), np.uint8))
        side = patch or step
        for x in range(-(-size[1] // side)):
            for y in range(-(-size[0] // side)):
                place = {"x": base + x * step, "y": base + y * step}
                rows.append(f"{template.format(id=name.format(n=n), **place)},{value}")
    (data / "sample_submission.csv").write_text("\n".join([*rows, ""]))
    if text:
        (data / "README.md").write_text(text)
    return infer(data, data.parent)


@pytest.mark.parametrize(
    ("template", "expected"),
    [("{id}_{x}_{y}", "{id}_{column}_{row}"), ("{id}_{y}_{x}", "{id}_{row}_{column}")],
)
def test_sizes_show_which_number_counts_the_rows(
    tmp_path: Path, template: str, expected: str
) -> None:
    found = roads(tmp_path / "data", template=template, text="A patch is road if a quarter is.")
    spec = found.competition
    assert spec.submission.id == expected
    assert (spec.submission.rows, spec.submission.value) == ("pixel", "label")
    assert (spec.submission.index_base, spec.submission.index_step) == (0, 16)
    assert isinstance(spec.frame, PatchFrame)
    assert spec.frame.patch == 16
    assert "submission.id" not in spec.to_choose
    assert format_of(spec).named("12", row=2, column=3) == template.format(id=12, x=48, y=32)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The id has the x and the y coordinate of the patch.", "{id}_{column}_{row}"),
        ("Each id is image, row and column of the patch.", "{id}_{row}_{column}"),
        ("The id is `image_row_col` of a patch.", "{id}_{row}_{column}"),
    ],
)
def test_a_text_shows_which_number_counts_the_rows_of_squares(
    tmp_path: Path, text: str, expected: str
) -> None:
    spec = roads(tmp_path / "data", size=(64, 64), text=text).competition
    assert spec.submission.id == expected
    assert "submission.id" not in spec.to_choose


def test_a_script_of_the_host_shows_rows_and_share(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "mask_to_submission.py").write_text(
        "foreground_threshold = 0.4\n"
        "for a in range(0, image.shape[0], 16):\n"
        "    for b in range(0, image.shape[1], 16):\n"
        "        print('{}_{}_{},{}'.format(number, a, b, label))\n"
    )
    spec = roads(data, size=(64, 64)).competition
    assert spec.submission.id == "{id}_{row}_{column}"
    assert spec.frame == PatchFrame(patch=16, above=0.4)
    assert not spec.to_choose


def test_of_squares_without_a_text_both_readings_are_offered(tmp_path: Path) -> None:
    found = roads(tmp_path / "data", size=(64, 64))
    assert set(found.competition.to_choose) == {"submission.id", "frame"}
    for one in ("{id}_{column}_{row}", "{id}_{row}_{column}"):
        assert f"id: '{one}'" in found.text
    for share in ("0.25", "0.5"):
        assert f"frame: {{patch: 16, above: {share}}}" in found.text


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("A patch is foreground if more than 30 % of its pixels are.", 0.3),
        ("A patch is road when over 0.125 of it is.", 0.125),
        ("A patch counts as road if more than half of it is.", 0.5),
    ],
)
def test_a_text_shows_the_share_of_a_patch(tmp_path: Path, text: str, share: float) -> None:
    spec = roads(tmp_path / "data", text=text).competition
    assert spec.frame == PatchFrame(patch=16, above=share)


def test_numbers_of_patches_may_count_patches(tmp_path: Path) -> None:
    spec = roads(tmp_path / "data", step=1, patch=16, base=1).competition
    assert isinstance(spec.frame, PatchFrame)
    assert spec.frame.patch == 16
    assert (spec.submission.index_base, spec.submission.index_step) == (1, 1)


def test_rows_of_single_pixels_have_the_frame_of_the_images(tmp_path: Path) -> None:
    spec = roads(tmp_path / "data", size=(8, 12), step=1, value="0.5").competition
    assert spec.frame == "native"
    assert (spec.submission.value, spec.submission.id) == ("prob", "{id}_{column}_{row}")


def test_padded_numbers_are_those_of_files_that_begin_with_a_word(tmp_path: Path) -> None:
    found = roads(tmp_path / "data", test="test_set_images/test_{n}/test_{n}.png", name="{n:03d}")
    assert sorted(found.samples["test"]["id"]) == ["012", "013", "014", "015"]


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("Scored by the F1 score of the patches.", ("pixel_fbeta", {"beta": 1, "over": "all"})),
        ("Evaluation: classification accuracy.", ("pixel_accuracy", {})),
        ("", ("pixel_fbeta", {"beta": 1, "over": "all"})),
    ],
)
def test_the_metric_of_labels_is_that_of_all_patches(
    tmp_path: Path, text: str, metric: tuple[str, dict[str, object]]
) -> None:
    spec = roads(tmp_path / "data", text=text).competition
    assert (spec.metric.name, spec.metric.options) == metric


def test_tiles_that_are_called_by_their_place_are_images(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for part in ("train", "test"):
        for x in range(4):
            for y in range(4):
                save(
                    data / f"{part}/images/{part}_{x}_{y}.png",
                    RNG.integers(0, 255, (16, 16, 3), np.uint8),
                )
                if part == "train":
                    mask = np.zeros((16, 16), np.uint8)
                    mask[: 4 + x, : 5 + y] = 255
                    save(data / f"train/masks/train_{x}_{y}.png", mask)
    rows = [f"test_{x}_{y},1 2" for x in range(4) for y in range(4)]
    (data / "sample_submission.csv").write_text("\n".join(["id,rle", *rows, ""]))
    spec = infer(data, tmp_path).competition
    assert (spec.submission.rows, spec.submission.value) == ("image", "rle")

"""Folders of flat pictures are masks, by the colours that they share, or no classes at least."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.errors import DataError

RNG = np.random.default_rng(8)
SIZE = (24, 32)


def photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 255, (*SIZE, 3), dtype=np.uint8)).save(path)


def grey(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 255, SIZE, dtype=np.uint8)).save(path)


def stripes(path: Path, colours: np.ndarray) -> None:
    """Write a picture of upright stripes in these colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.repeat(colours, -(-SIZE[1] // len(colours)), axis=0)[: SIZE[1]]
    Image.fromarray(np.tile(pixels, (SIZE[0], *[1] * pixels.ndim)).astype(np.uint8)).save(path)


def test_masks_of_many_colours_that_recur_are_read_with_their_names(tmp_path: Path) -> None:
    data = tmp_path / "data"
    palette = RNG.permutation(250)[:, None][:24] * [1, 0, 0] + np.arange(24)[:, None] * [0, 9, 3]
    for place in ("creek", "park"):
        for number in range(14):
            photo(data / f"frames-with-annotations/{place}/{place}_{number:05d}.png")
            some = palette[[0, *(RNG.permutation(23)[:6] + 1)]]
            stripes(data / f"the_annotations/{place}/{place}_{number:05d}.png", some)
    for number in range(6):
        photo(data / f"test/{number}.png")
    lines = [
        f"{n} {'void' if n == 0 else f'thing-{chr(97 + n)}'} {' '.join(map(str, colour))}"
        for n, colour in enumerate(palette)
    ]
    (data / "the_annotations/colormap.txt").write_text("\n".join(lines))
    spec = infer(data, tmp_path).competition
    assert spec.tasks.keys() == {"segment"}
    assert set(spec.classes) <= {f"thing-{chr(97 + n)}" for n in range(1, 24)}
    assert len(spec.classes) > 16


def test_drawings_each_in_its_own_colours_are_no_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for place in ("creek", "park"):
        for number in range(14):
            photo(data / f"frames/{place}/{place}_{number:05d}.png")
            own = RNG.integers(0, 255, (6, 3))
            stripes(data / f"drawn/{place}/{place}_{number:05d}.png", own)
    for number in range(6):
        photo(data / f"test/{number}.png")
    try:
        found = infer(data, tmp_path).competition
    except DataError:
        return
    assert "segment" not in found.tasks


@pytest.mark.parametrize("has_test", [True, False])
def test_numbered_cells_beside_photographs_are_no_classes(tmp_path: Path, has_test: bool) -> None:
    data = tmp_path / "data"
    for series in ("01", "02"):
        for number in range(12):
            grey(data / f"cells/{series}/t{number:03d}.tif")
            for kind, name in (("SEG", "man_seg"), ("TRA", "man_track")):
                numbers = RNG.integers(1, 200, 6) * [0, 1, 0, 1, 1, 0]
                stripes(data / f"cells/{series}_GT/{kind}/{name}{number:03d}.tif", numbers)
    for number in range(6 * has_test):
        grey(data / f"test/{number}.tif")
    with pytest.raises(DataError, match=r"like no classes|no images to predict"):
        infer(data, tmp_path)


def test_class_folders_of_drawings_and_photographs_of_all_sizes_stay_classes(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for number in range(12):
        photo(data / f"train/photo/{number}.png")
        path = data / f"train/sketch/{number}.png"
        stripes(path, np.array([[0, 0, 0], [255, 255, 255]]))
        Image.open(path).resize((20 + number, 18)).save(path)
        photo(data / f"test/{number}.png")
    assert infer(data, tmp_path).competition.classes == ["photo", "sketch"]

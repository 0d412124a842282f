"""Values of masks without names: whether 0 is a class, or another value lies around all others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.spec import Inferred, infer
from tests.competition.infer.test_infer_masks import SIZE, put


def tiles(data: Path, mask: NDArray[np.uint8]) -> None:
    put(data, [f"train/images/p{n}.png" for n in range(8)])
    put(data, [f"test/images/q{n}.png" for n in range(3)])
    (data / "train/masks").mkdir(parents=True)
    for n in range(8):
        Image.fromarray(mask).save(data / f"train/masks/p{n}.png")


def found_of(tmp_path: Path, mask: NDArray[np.uint8]) -> Inferred:
    tiles(tmp_path / "data", mask)
    return infer(tmp_path / "data", tmp_path)


def striped(*values: int) -> NDArray[np.uint8]:
    """Return a mask with the same share of each value."""
    columns = np.arange(SIZE[1]) * len(values) // SIZE[1]
    return np.tile(np.array(values, np.uint8)[columns], (SIZE[0], 1))


def test_zero_may_be_a_class_where_another_value_is_unlabelled(tmp_path: Path) -> None:
    found = found_of(tmp_path, striped(0, 1, 2, 3, 255))

    assert {"data.train.mask_values", "classes"} <= {*found.competition.to_choose}
    assert "# or classes: [class 0, class 1, class 2, class 3]" in found.text


def test_zero_that_most_pixels_have_is_background(tmp_path: Path) -> None:
    assert not found_of(tmp_path, striped(0, 0, 0, 0, 0, 1, 2, 255)).competition.to_choose


def test_a_value_around_all_others_may_be_the_background(tmp_path: Path) -> None:
    mask = np.full(SIZE, 255, np.uint8)
    mask[1:-1, 1:-1] = striped(0, 80, 160)[1:-1, 1:-1]

    found = found_of(tmp_path, mask)

    assert found.competition.to_choose == ["data.train.mask_values"]
    assert "255: background" in found.text


def test_a_legend_in_a_table_of_markdown_ends_at_its_bar(tmp_path: Path) -> None:
    data = tmp_path / "data"
    tiles(data, striped(0, 0, 0, 100, 200))
    legend = "| masks/ | a PNG mask of each: 0 = background, 100 = root, 200 = seed |\n"
    (data / "README.md").write_text(f"| folder | what |\n| --- | --- |\n{legend}", encoding="utf-8")

    assert infer(data, tmp_path).competition.classes == ["root", "seed"]

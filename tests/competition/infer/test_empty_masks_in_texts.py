"""The cell of an empty mask that a text names, where the sample shows none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.competition.infer.test_odd_labels import begin, put, table


def roofs(data: Path, text: str, cell: str = "1 1") -> None:
    for n in range(16):
        put(data / f"{'train' if n < 12 else 'test'}/r{n:02}.png", n)
        if n < 12:
            mask = np.zeros((12, 16), dtype=np.uint8)
            mask[2 : 4 + n % 5, 3:9] = 255 * (n % 3 > 0)
            (data / "masks").mkdir(exist_ok=True)
            Image.fromarray(mask).save(data / f"masks/r{n:02}.png")
    table(
        data / "sample_submission.csv", ("id", "pixels"), *((f"r{n}", cell) for n in range(12, 16))
    )
    (data / "README.md").write_text(text)


@pytest.mark.parametrize(("text", "cell", "empty", "is_asked"), [
    ("RLE of the roofs. Sem objeto: `-1`.", "1 1", "-1", True),
    ("Write -1 where there is no roof.", "1 1", "-1", True),
    ("Images were taken at -1 degrees C.", "1 1", "", False),
    ("The score, MCC, goes from -1 to 1.", "1 1", "", False),
    ("Version 2-1 of pages 3-17, at -1.5 degrees.", "1 1", "", False),
    ("Sem objeto: `-1`.", "", "", False),  # the sample shows one
])  # fmt: skip
def test_minus_one_in_a_text_may_be_the_cell_of_an_empty_mask(
    tmp_path: Path, text: str, cell: str, empty: str, is_asked: bool
) -> None:
    roofs(tmp_path / "data", text, cell)
    found, _ = begin(tmp_path)
    assert found.submission.empty == empty
    assert ("submission.empty" in found.to_choose) == is_asked

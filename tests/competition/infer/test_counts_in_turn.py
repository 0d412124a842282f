"""Samples whose masks are counts in turn: told by their sum, and near misses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.spec import infer

SIZES = [(24, 10), (20, 12), (16, 16)]  # (width, height): 240, 240, 256


def draw(data: Path, cells: list[str], *, column: str = "secuencia", text: str = "") -> None:
    rng = np.random.default_rng(1)
    for number in range(9 + len(cells)):
        width, height = SIZES[number % 3]
        part = "entrenamiento" if number < 9 else "prueba"
        for folder in ("fotos", "mascaras") if number < 9 else ("fotos",):
            file = data / part / folder / f"h{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 255, (height, width, 3), dtype=np.uint8)
            if folder == "mascaras":
                pixels = np.zeros((height, width), dtype=np.uint8)
                pixels[2:5, number % 5 : number % 5 + 6] = 255
            Image.fromarray(pixels).save(file)
    ids = [f"h{number}" for number in range(9, 9 + len(cells))]
    table = pd.DataFrame({"foto": ids, column: cells})
    table.to_csv(data / "sample_submission.csv", index=False)
    if text:
        (data / "LEEME.md").write_text(text)


BLANKS = ["240", "240", "256", "240"]
SHOWN = ["240", "100 7 133", "0 3 253", "240"]


@pytest.mark.parametrize("cells", [BLANKS, SHOWN])
def test_cells_that_sum_to_the_pixels_are_counts(tmp_path: Path, cells: list[str]) -> None:
    draw(tmp_path / "data", cells, text="Los píxeles se cuentan por filas, de arriba abajo.")
    found = infer(tmp_path / "data", tmp_path)
    sent = found.competition.submission
    assert found.competition.tasks == {"segment": "binary"}
    assert (sent.value, sent.rle.counts, sent.empty) == ("rle", True, "")
    assert dict(sent.columns) == {"foto": "id", "secuencia": "value"}
    assert sent.rle.order == "C"
    assert "submission.rle" not in found.competition.to_choose


def test_their_order_is_asked_where_no_text_tells_it(tmp_path: Path) -> None:
    draw(tmp_path / "data", BLANKS)
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.to_choose == ["submission.rle"]
    assert found.competition.submission.rle.order == "F"
    assert "rle: {counts: true, order: C}" in found.text


@pytest.mark.parametrize(
    "cells",
    [
        ["240", "240", "256", "241"],  # one is of another size
        ["240", "100 7 132", "256", "240"],
        ["240", "100 0 140", "256", "240"],  # only the first may be 0
        ["1 5", "1 5", "1 5", "1 5"],
    ],
)
def test_other_numbers_are_none(tmp_path: Path, cells: list[str]) -> None:
    draw(tmp_path / "data", cells, column="rle")
    found = infer(tmp_path / "data", tmp_path)
    assert not found.competition.submission.rle.counts


def test_a_number_that_train_has_is_a_label(tmp_path: Path) -> None:
    """The area of each photo: a table of train has it, and no cell has two numbers."""
    data = tmp_path / "data"
    draw(data, BLANKS, column="area")
    areas = [str(width * height - 7 * n) for n, (width, height) in enumerate(SIZES * 3)]
    pd.DataFrame({"foto": [f"h{n}" for n in range(9)], "area": areas}).to_csv(
        data / "train.csv", index=False
    )
    found = infer(data, tmp_path)
    assert not found.competition.submission.rle.counts
    assert found.competition.data.train.label == "area"

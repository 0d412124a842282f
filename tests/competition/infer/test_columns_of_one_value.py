"""A column that is the same in all rows that have it is no label; no inference ends in a crash."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.errors import DataError


def put(data: Path, names: Sequence[str]) -> None:
    for n, name in enumerate(names):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(n).integers(0, 255, (8, 8, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(data / name)


def table(path: Path, *rows: Sequence[str]) -> None:
    path.write_text("".join(f"{','.join(row)}\n" for row in rows), encoding="utf-8")


@pytest.mark.parametrize("cells", [["polyp"], [""], ["polyp", ""]], ids=["one", "blank", "some"])
def test_a_label_of_one_value_beside_class_folders_is_none(
    cells: list[str], tmp_path: Path
) -> None:
    names = [f"train/{'ab'[n % 2]}/{n}.png" for n in range(12)]
    put(tmp_path / "data", [*names, "test/50.png", "test/51.png"])
    rows = [(f"{n}.png", cells[n % len(cells)]) for n in range(12)]
    table(tmp_path / "data/boxes.csv", ("image", "label"), *rows)
    assert infer(tmp_path / "data", tmp_path).competition.classes == ["a", "b"]


@pytest.mark.parametrize("cell", ["polyp", ""], ids=["one", "blank"])
@pytest.mark.parametrize("named", ["by the sample", "by a person"])
def test_the_column_to_predict_without_two_values_is_refused_with_what_to_do(
    cell: str, named: str, tmp_path: Path
) -> None:
    put(tmp_path / "data", [f"images/{n}.png" for n in range(14)])
    rows = [(f"{n}.png", cell, "lr"[n % 2]) for n in range(12)]
    table(tmp_path / "data/train.csv", ("image", "finding", "side"), *rows)
    header = ("image", "finding" if named == "by the sample" else "x")
    sent = [(f"{n}.png", "polyp") for n in (12, 13)]
    table(tmp_path / "data/sample_submission.csv", header, *sent)
    with pytest.raises(DataError, match=r"'finding' of train\.csv") as caught:
        infer(tmp_path / "data", tmp_path, label=None if named == "by the sample" else "finding")
    assert "at least 2" in str(caught.value)
    assert "--label COLUMN, one of 'side'" in caught.value.fix

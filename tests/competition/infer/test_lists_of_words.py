"""A list of classes without a header speaks for the column that has its words, before sizes do.

So does a deviation for the mean beside it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.competition.infer.test_odd_labels import begin, put, table

GLAZES = ("ash", "celadon", "salt", "tenmoku")


def _pots(data: Path, listed: str, *words: str) -> None:
    """Write pots with their glaze, kiln and sizes, and a list of words."""
    rows = []
    for n in range(48):
        put(data / f"{'train' if n < 40 else 'test'}/{n:03}.png", n)
        tall, wide = 100 + n * 7, 90 + n * 13
        shape = f"{tall / wide:.5f}"
        rows.append((f"{n:03}.png", GLAZES[n % 4], "NSE"[n % 3], tall, wide, shape))
    columns = ("file", "glaze", "kiln", "height", "width", "aspect ratio")
    table(data / "pots.csv", columns, *rows[:40])
    table(data / listed, *enumerate(words))


def test_a_list_without_a_header_speaks_for_a_column(tmp_path: Path) -> None:
    _pots(tmp_path / "data", "pot_labels.csv", *GLAZES)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "glaze"
    assert found.classes == list(GLAZES)
    assert "data.train.label" in found.to_choose  # the kiln is offered below it


def test_a_list_by_another_name_decides_nothing(tmp_path: Path) -> None:
    _pots(tmp_path / "data", "merchants.csv", *GLAZES)
    found, _ = begin(tmp_path)
    assert "data.train.label" in found.to_choose


@pytest.mark.parametrize(
    ("columns", "label"),
    [(("mean", "stdv"), "mean"), (("mean", "std_dev"), "mean"), (("mean", "peak"), "peak")],
)
def test_the_mean_beside_its_deviation_is_the_label(
    tmp_path: Path, columns: tuple[str, str], label: str
) -> None:
    data = tmp_path / "data"
    for n in range(48):
        put(data / f"{'train' if n < 40 else 'test'}/{n:03}.png", n)
    rows = [(f"{n:03}.png", 4 + n * 37 % 71 / 7, 1.9 + n % 6 / 1.7) for n in range(40)]
    table(data / "loudness.csv", ("file", *columns), *rows)
    found, _ = begin(tmp_path)
    assert found.data.train.label == label
    assert ("data.train.label" in found.to_choose) == (label != "mean")

"""Columns of hashes, sizes and times of files are no labels, whatever else a table has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.competition.infer.test_odd_labels import begin
from tests.competition.infer.test_odd_masks import photo, text

N = 24


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("md5_hash", lambda n: hashlib.md5(bytes([n]), usedforsecurity=False).hexdigest()),
        ("fingerprint", lambda n: hashlib.sha256(bytes([n])).hexdigest()),
        ("filesize_bytes", lambda n: str(40_000 + n * n)),
        ("file_size", lambda n: str(2560 + n % 2)),
    ],
)
def test_a_fact_of_files_is_no_label(
    tmp_path: Path, column: str, cell: Callable[[int], str]
) -> None:
    data = tmp_path / "data"
    for n in range(N + 4):
        photo(data / ("train" if n < N else "test") / f"p{n:03}.png", n, (8, 8))
    rows = (f"p{n:03}.png,{('oak', 'ash', 'elm')[n % 3]},{cell(n)}" for n in range(N))
    text(data / "train.csv", f"file,kept,{column}", *rows)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "kept"
    assert found.classes == ["ash", "elm", "oak"]
    assert "data.train.label" not in found.to_choose


def test_classes_called_by_hashes_are_labels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = [hashlib.md5(bytes([n]), usedforsecurity=False).hexdigest() for n in range(3)]
    for n in range(N + 4):
        photo(data / ("train" if n < N else "test") / f"p{n:03}.png", n, (8, 8))
    text(data / "train.csv", "file,whale", *(f"p{n:03}.png,{names[n % 3]}" for n in range(N)))
    found, _ = begin(tmp_path)
    assert found.data.train.label == "whale"
    assert found.classes == sorted(names)

"""Numbers behind words in names of files, one of them called as the sample's column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N = 24
DEPTHS = [1.5 + 37 * n % 50 for n in range(N)]


def _frames(
    data: Path, name: Callable[[int], str], column: str, test: Callable[[int], str]
) -> None:
    for n in range(N):
        put(data / f"train/{name(n)}.png", n)
    for n in range(6):
        put(data / f"test/{test(n)}.png", 900 + n)
    rows = [(test(n), 3.5) for n in range(6)]
    table(data / "sample_submission.csv", ("photo", column), *rows)


@pytest.mark.parametrize(("name", "column"), [
    (lambda n: f"dive{n // 6:02}_f{n:04}_depth{DEPTHS[n]}_speed{n % 5}", "depth"),
    (lambda n: f"dive{n // 6:02}-f{n:04}-dep{DEPTHS[n]}", "depth_m"),
    (lambda n: f"f={n:04}_Depth={DEPTHS[n]}".replace(".", ","), "depth"),
])  # fmt: skip
def test_the_number_that_the_sample_calls_is_the_label(
    tmp_path: Path, name: Callable[[int], str], column: str
) -> None:
    _frames(tmp_path / "data", name, column, lambda n: f"{n:06}")
    found, told = begin(tmp_path)
    assert str(found.tasks["classify"]) == "regression"
    assert sorted(load_samples(found, "train")["label"]) == sorted(DEPTHS)
    assert "the numbers in the names of images" in told


@pytest.mark.parametrize(("name", "test"), [
    (lambda n: f"f{n:04}_w{DEPTHS[n]}", lambda n: f"{n:06}"),  # called otherwise
    (lambda n: f"f{n:04}_depth{DEPTHS[n]}", lambda n: f"f9{n}_depth3"),  # known of test
    (lambda n: f"dep{n:04}_depth{DEPTHS[n]}", lambda n: f"{n:06}"),  # two that are called so
], ids=["another word", "known", "two"])  # fmt: skip
def test_other_numbers_in_names_are_no_label(
    tmp_path: Path, name: Callable[[int], str], test: Callable[[int], str]
) -> None:
    _frames(tmp_path / "data", name, "depth", test)
    with pytest.raises(DataError, match="no labels"):
        begin(tmp_path)

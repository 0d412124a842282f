"""A table of runs with a few cells that are none is refused by these cells, and has no draft."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N = 30


def salt(data: Path, faults: dict[int, str], *, runs: str = "rle_mask") -> None:
    for n in range(N + 4):
        put(data / ("train" if n < N else "test") / f"p{n:02}.png", n)
    cells = {n: "" if n % 3 == 1 else f"{1 + n} 3 {90 + n} 2" for n in range(N)}
    table(data / "train.csv", ("id", runs), *((f"p{n:02}", c) for n, c in (cells | faults).items()))
    sent = ((f"p{n}", "1 1") for n in range(N, N + 4))
    table(data / "sample_submission.csv", ("id", runs), *sent)


@pytest.mark.parametrize("runs", ["rle_mask", "salt"])  # called so, and asked for by the sample
@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("2 3 90 2 5", "start 5 has no length"),
        ("x2 3 90 2", "'x2' is not a whole number"),
        ("2 3 90.5 2", "'90.5' is not a whole number"),
    ],
)
def test_a_broken_cell_is_named_by_line_and_id(
    tmp_path: Path, cell: str, fault: str, runs: str
) -> None:
    salt(tmp_path / "data", {0: cell}, runs=runs)
    with pytest.raises(DataError) as caught:
        begin(tmp_path)
    assert caught.value.where == str(tmp_path / "data/train.csv")
    assert caught.value.message == (
        f"1 of 20 masks in {runs} is no run of start and length: line 2 (p00): {fault}"
    )
    assert caught.value.fix == "mend the cell"
    assert not (tmp_path / "competition.draft.yaml").exists()


def test_a_column_with_many_other_cells_is_no_table_of_runs(tmp_path: Path) -> None:
    words = {n: f"word{n}" for n in range(12)}
    salt(tmp_path / "data", words)
    with pytest.raises(DataError, match="train has none"):
        begin(tmp_path)


def test_whole_runs_are_read(tmp_path: Path) -> None:
    salt(tmp_path / "data", {})
    assert begin(tmp_path)[0].data.train.mask is not None

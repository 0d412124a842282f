"""Two columns that mark rows to validate: those of the final part are to be predicted."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table


def insects(data: Path, first: str, final: str, *, both: bool = False) -> None:
    rows = []
    for n in range(32):
        put(data / f"photos/{n}.png", n)
        rows.append(
            (f"{n}.png", int(n % 4 == 2 or (both and n == 3)), int(n % 4 == 3), "ab"[n % 2])
        )
    table(data / "labels.csv", ("image", first, final, "label"), *rows)


@pytest.mark.parametrize("first", ["is_validation", "valid"])
def test_the_rows_of_the_final_validation_are_to_be_predicted(tmp_path: Path, first: str) -> None:
    insects(tmp_path / "data", first, "is_final_validation" if "_" in first else "final_valid")
    found, notes = begin(tmp_path)
    assert set(load_samples(found, "test")["id"]) == {f"{n}.png" for n in range(3, 32, 4)}
    assert len(load_samples(found, "train")) == 24
    assert "marks other rows, which are of train" in notes


@pytest.mark.parametrize(("final", "both"), [("is_final_validation", True), ("is_final", False)])
def test_marks_that_overlap_or_are_called_otherwise_part_nothing(
    tmp_path: Path, final: str, both: bool
) -> None:
    insects(tmp_path / "data", "is_validation", final, both=both)
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)

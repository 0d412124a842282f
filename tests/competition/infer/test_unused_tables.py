"""Tables that `podium init` reads and uses nowhere: one note names each, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from podium.competition.infer.spec import infer


def written(path: Path, *rows: Sequence[str]) -> None:
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twenty images of two classes in train, four in test, and the sample of these."""
    data = tmp_path / "data"
    for k in range(24):
        file = data / ("train" if k < 20 else "test") / f"IMG_{k:03}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (k * 9, 50, 9)).save(file)
    rows = [(f"IMG_{k:03}", f"S{k % 5}", ("cat", "dog")[k % 2]) for k in range(20)]
    written(data / "train.csv", ("id", "station", "label"), *rows)
    sent = [(f"IMG_{k:03}", "cat") for k in range(20, 24)]
    written(data / "sample_submission.csv", ("id", "label"), *sent)
    return data


def unused(data: Path, root: Path) -> list[str]:
    return [one for one in infer(data, root).notes if " read and not used: " in one]


def test_there_is_no_note_where_each_table_is_used(data: Path, tmp_path: Path) -> None:
    assert unused(data, tmp_path) == []


def test_one_note_names_each_table_that_nothing_is_from(data: Path, tmp_path: Path) -> None:
    written(data / "shops.csv", ("shop", "town"), ("7", "Ulm"), ("8", "Bonn"))
    written(data / "weather.csv", ("station", "rain"), *((f"S{k}", f"{k}.5") for k in range(5)))
    shots = [(f"IMG_{k:03}", f"{k}.25") for k in range(24)]
    written(data / "exposures.csv", ("file", "seconds"), *shots)
    (told,) = unused(data, tmp_path)
    assert told.startswith("3 tables are read and not used: exposures.csv (its 'file' names images")
    assert "shops.csv (none of its columns names images, or is one of another table)" in told
    assert "weather.csv (its 'station' is that of train.csv" in told


def test_a_table_that_was_made_and_is_not_used_is_named_as_it_was_given(
    data: Path, tmp_path: Path
) -> None:
    (data / "shops.csv").write_text("shop;price\n7;1,5\n8;2,5\n")
    (told,) = unused(data, tmp_path)
    assert told.startswith("1 table is read and not used: shops.csv (none of its columns")


def test_a_table_that_the_group_is_from_is_used(data: Path, tmp_path: Path) -> None:
    rows = [(f"IMG_{k:03}", f"P{k // 2}") for k in range(24)]
    written(data / "patients.csv", ("id", "patient"), *rows)
    assert infer(data, tmp_path).competition.folds.group == "patient"
    assert unused(data, tmp_path) == []


def test_what_tells_of_the_data_is_no_table_of_them(data: Path, tmp_path: Path) -> None:
    written(data / "README.csv", ("written", "by"), ("2024", "Ann"))
    meanings = [("id", "the image"), ("station", "where"), ("label", "what it shows")]
    written(data / "columns.csv", ("column", "meaning"), *meanings)
    (data / "LICENSE.txt").write_text("CC BY 4.0\n")
    assert unused(data, tmp_path) == []


def test_a_second_sample_submission_is_told(data: Path, tmp_path: Path) -> None:
    sent = [(f"IMG_{k:03}", "dog") for k in range(20, 24)]
    written(data / "sample_submission_2.csv", ("id", "label"), *sent)
    (told,) = unused(data, tmp_path)
    assert "(another sample submission)" in told


def test_a_sample_in_another_dialect_whose_ids_are_joined_is_used(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for k in range(84):
        file = data / f"photos/plate_{k // 12 + 1:02}/A{k % 12 + 1}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (k * 3, 50, 9)).save(file)
    rows = [f"{k // 12 + 1};A{k % 12 + 1};{'SIR'[k % 3]}" for k in range(60)]
    (data / "train.csv").write_text("\n".join(["plate;well;result", *rows]) + "\n")
    sent = [f"{k // 12 + 1};A{k % 12 + 1};0,3;0,3;0,4" for k in range(60, 84)]
    (data / "answer.csv").write_text("\n".join(["plate;well;S;I;R", *sent]) + "\n")
    found = infer(data, tmp_path)
    assert "made/tables/answer.csv" in found.text
    assert [one for one in found.notes if " read and not used: " in one] == []


def test_reasons_tell_of_tables_that_were_written_again_and_of_other_unused_ones(
    data: Path, tmp_path: Path
) -> None:
    notes = [(f"IMG_{k:03}", f"n{k}", ("ok", "bad")[k % 2]) for k in range(20) for _ in range(2)]
    written(data / "checks.csv", ("id", "check", "state"), *notes)
    states = (("ok", "as it should be"), ("bad", "blurred"))
    written(data / "states.csv", ("state", "meaning"), *states)
    (told,) = unused(data, tmp_path)
    assert "no table of train, test or a key" not in told
    assert "states.csv (its 'state' is that of checks.csv" in told

"""Rows that are of the images of a range of numbers, which names of files end in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.rows.number_ranges import rows_of_number_ranges
from podium.competition.infer.scan import scan_folder
from podium.competition.samples import load_samples
from podium.competition.tables import read_table
from tests.competition.infer.test_odd_labels import begin, put, table

SPANS = [(1, 3), (4, 4), (6, 10), (11, 13), (14, 15), (18, 21), (22, 24), (25, 30), (31, 33),
         (34, 36), (38, 41), (42, 44), (45, 46), (47, 50), (51, 53), (54, 57)]  # fmt: skip
"""Numbers between them are of no row."""
TEST = [(58, 60), (61, 61), (62, 66), (67, 69)]
DELETED = {6, 12, 30, 31, 63}
"""Files that are not there, of which two would be the first, and one the last, of a range."""


def plane(number: int) -> str:
    return f"zdj{number:04}"


def moisture(row: int) -> str:
    return f"{8 + row * 7 % 11 + row / 16:.2f}"


def planks(
    data: Path,
    end: Callable[[int], str] = str,
    *,
    folders: tuple[str, str] = ("deski", "deski"),
    spans: Sequence[tuple[int, int]] = SPANS,
) -> None:
    """Write pictures of planks, a diary of what was measured, one of what was not, and a sample.

    Args:
        data: the folder.
        end: how the diary writes a number.
        folders: of train and test; numbers begin anew in a folder of test.
        spans: of the rows of train.
    """
    is_pool = folders[0] == folders[1]
    test = TEST if is_pool else [(a - 57, b - 57) for a, b in TEST]
    for folder, each in zip(folders, (SPANS, test), strict=True):
        for number in (n for a, b in each for n in range(a, b + 1)):
            if number not in DELETED:
                put(data / folder / f"{plane(number)}.png", number + 100 * (each is test))
    rows = [(f"P-{n:02}", end(a), end(b), moisture(n)) for n, (a, b) in enumerate(spans)]
    table(data / "train_dziennik.csv", ("partia", "od", "do", "wilgotnosc"), *rows)
    of_test = [(f"Q-{n:02}", end(a), end(b)) for n, (a, b) in enumerate(test)]
    table(data / "test_dziennik.csv", ("partia", "od", "do"), *of_test)
    numbers = [n for a, b in test for n in range(a, b + 1)]
    sent = [plane(n) for n in numbers if (data / folders[1] / f"{plane(n)}.png").exists()]
    sample = (("zdjecie", "wilgotnosc"), *((one, "10.0") for one in sent))
    table(data / "sample_submission.csv", *sample)


def truth() -> dict[str, float]:
    return {
        f"{plane(number)}.png": float(moisture(n))
        for n, (a, b) in enumerate(SPANS)
        for number in range(a, b + 1)
        if number not in DELETED
    }


@pytest.mark.parametrize("end", [str, plane, lambda n: f"{plane(n)}.png"])
@pytest.mark.parametrize("folders", [("deski", "deski"), ("train", "test")])
def test_each_image_has_the_row_of_its_range(
    tmp_path: Path, end: Callable[[int], str], folders: tuple[str, str]
) -> None:
    planks(tmp_path / "data", end, folders=folders)
    found, notes = begin(tmp_path)
    assert not found.to_choose
    train = load_samples(found, "train")
    labels = {
        Path(path).name: float(label)
        for (path,), label in zip(train["images"], train["label"], strict=True)
    }
    assert labels == truth()
    asked = (tmp_path / "data/sample_submission.csv").read_text().splitlines()[1:]
    assert [*load_samples(found, "test")["id"]] == [one.partition(",")[0] for one in asked]
    # No two folds have images of one range.
    groups = dict(
        zip(train["images"].map(lambda one: Path(one[0]).stem), train["group"], strict=True)
    )
    of_rows = [{groups[plane(n)] for n in range(a, b + 1) if n not in DELETED} for a, b in SPANS]
    assert all(len(one) == 1 for one in of_rows)
    assert len(set().union(*of_rows)) == len(SPANS)
    assert "whose number is from od to do" in notes


def test_a_lot_in_several_ranges_is_the_group(tmp_path: Path) -> None:
    data = tmp_path / "data"
    planks(data)
    own = [(f"P-{n % 12:02}", a, b, moisture(n % 12)) for n, (a, b) in enumerate(SPANS)]
    table(data / "train_dziennik.csv", ("partia", "od", "do", "wilgotnosc"), *own)
    found, _ = begin(tmp_path)
    assert found.folds.group == "partia"
    assert load_samples(found, "train")["group"].nunique() == 12


OVER = [(a, b + 2) for a, b in SPANS]
BACK = [(b, a) for a, b in SPANS]
PAIRS = [(2 * n + 1, 2 * n + 2) for n in range(16)]
SINGLE = [(n, n) for n in range(1, 17)]
FAR = [(a + 500, b + 500) for a, b in SPANS]


@pytest.mark.parametrize("spans", [OVER, BACK, PAIRS, SINGLE, FAR, SPANS[:3]])
def test_other_pairs_of_numbers_are_no_ranges(
    tmp_path: Path, spans: Sequence[tuple[int, int]]
) -> None:
    data = tmp_path / "data"
    planks(data, spans=spans)
    tables = {one: read_table(data / one) for one in ("train_dziennik.csv", "test_dziennik.csv")}
    assert rows_of_number_ranges(CompetitionData(scan_folder(data, "data"), tables)) == {}


def test_numbers_beside_the_names_of_images_are_no_ranges(tmp_path: Path) -> None:
    """The rows are of an image each, and two of their columns are ages, in order and disjoint."""
    data = tmp_path / "data"
    for n in range(30):
        put(data / f"{'train' if n < 24 else 'test'}/p{n + 1:02}.png", n)
    rows = [(f"p{n + 1:02}", 3 * n, 3 * n + 2, "ab"[n % 2]) for n in range(24)]
    table(data / "train.csv", ("name", "age_from", "age_to", "kind"), *rows)
    sample = (("name", "kind"), *((f"p{n + 1:02}", "a") for n in range(24, 30)))
    table(data / "sample_submission.csv", *sample)
    found, _ = begin(tmp_path)
    train = load_samples(found, "train")
    assert len(train) == 24
    assert list(train["id"]) == [row[0] for row in rows]

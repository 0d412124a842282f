"""Tables that have the path of each file, and its name, which several folders have."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N = 40


def visits(data: Path) -> list[tuple[str, str, str]]:
    """Write images whose numbers begin anew in each folder; return id, path and name of each."""
    rows = []
    for n in range(N):
        path = f"photos/site_{n % 4}/{n // 4}.png"
        put(data / path, n)
        rows.append((f"m{n * 37 % 101:03}", path, path.rpartition("/")[2]))
    return rows


def test_a_path_without_its_file_is_no_file_of_another_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = visits(data)
    (data / rows[5][1]).unlink()
    for n in range(8):
        put(data / f"test/t{n}.png", 100 + n)
    labelled = [(*row, ("elm", "fir")[n // 3 % 2]) for n, row in enumerate(rows)]
    table(data / "train.csv", ("visit", "path", "name", "label"), *labelled)
    found, told = begin(tmp_path)
    assert found.data.train.images == "data/{path}"
    assert f"1 of {N} images is missing: 'data/{rows[5][1]}'" in told


@pytest.mark.parametrize("column", ["code", "tree"])
def test_few_absent_files_keep_no_table_from_joining_ids_with_images(
    tmp_path: Path, column: str
) -> None:
    data = tmp_path / "data"
    rows = visits(data)
    (data / rows[5][1]).unlink()
    table(data / "media.csv", ("visit", "path"), *(row[:2] for row in rows))
    seen = [(visit, ("elm", "fir")[n % 2]) for n, (visit, *_) in enumerate(rows[:30])]
    table(data / "seen.csv", ("visit", column), *seen)
    asked = [(visit, "elm") for visit, *_ in rows[30:]]
    table(data / "sample_submission.csv", ("visit", "code"), *asked)
    if column == "tree":  # what is to be predicted may be anything else
        with pytest.raises(DataError, match="are the values of tree in seen"):
            begin(tmp_path)
        return
    found, _ = begin(tmp_path)
    assert len(load_samples(found, "test")) == N - 30
    assert found.data.train.table == "made/tables/seen_files.csv"
    assert found.data.train.label == "code"


def test_a_table_that_joins_ids_with_images_is_named_where_folders_are_units(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    rows = visits(data)
    lit = [(visit, path, ("day", "night")[n % 3 % 2]) for n, (visit, path, _) in enumerate(rows)]
    table(data / "media.csv", ("visit", "path", "light"), *lit)
    sites = [(f"site_{n}", ("hill", "lake")[n % 2]) for n in range(4)]
    table(data / "sites.csv", ("site", "habitat"), *sites)
    asked = [(visit, "E") for visit, *_ in rows[30:]]
    table(data / "sample_submission.csv", ("visit", "code"), *asked)
    with pytest.raises(DataError, match="has its ids in visit, each with an image") as e:
        begin(tmp_path)
    assert "as test.csv (visit,path), and the others" in str(e.value.fix)

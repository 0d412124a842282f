"""Tables of several kinds of one thing, whose paths name folders of a single file."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

KINDS = ("moth", "wasp")
STAGES = ("EGG", "LARVA", "PUPA")


def insects(data: Path, *, kinds: tuple[str, ...] = KINDS, files: int = 1) -> None:
    for place, kind in enumerate(kinds):
        for part, n_images in (("train", 18), ("test", 6)):
            rows = []
            for n in range(n_images):
                number = 1000 * (1 + place) + 100 * (part == "test") + n
                for k in range(files):
                    put(data / f"photos/s{number}/{7 + n}-{k}.png", number * 3 + k)
                rows.append([f"x{number}", STAGES[n % 3], f"Store/s{number}/raw.png"])
            header = [("wing_span", "wing span")[place], "stage", "file path"]
            table(data / f"{kind}_{part}_rows.csv", header, *rows)


def begin_insects(tmp_path: Path) -> Competition:
    found, _ = begin(tmp_path, label="stage")
    return found


def test_kinds_with_a_table_of_each_part_are_learnt_together(tmp_path: Path) -> None:
    insects(tmp_path / "data")
    found = begin_insects(tmp_path)
    assert list(found.classes) == list(STAGES)
    assert (len(load_samples(found, "train")), len(load_samples(found, "test"))) == (36, 12)


def test_tables_of_one_kind_stay_as_they_are(tmp_path: Path) -> None:
    insects(tmp_path / "data", kinds=KINDS[:1])
    found = begin_insects(tmp_path)
    assert "of_kinds" not in str(found.data.train.table)
    assert len(load_samples(found, "train")) == 18


def test_kinds_of_which_one_has_no_table_of_test_are_not_joined(tmp_path: Path) -> None:
    insects(tmp_path / "data")
    (tmp_path / "data/wasp_test_rows.csv").unlink()
    found = begin_insects(tmp_path)
    assert len(load_samples(found, "train")) == 18


def test_a_path_to_a_folder_of_several_files_names_none_of_them(tmp_path: Path) -> None:
    insects(tmp_path / "data", files=2)
    with pytest.raises(DataError):
        begin_insects(tmp_path)

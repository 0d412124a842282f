"""Folders of a sample each, whose files are called as the folder: no classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from competition.infer.test_odd_labels import put

from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.conversions.parts.records_of_folders import table_of_folder_records
from podium.competition.infer.parts.folders import ends_of_folders
from podium.competition.infer.spec import infer
from podium.errors import DataError

BANDS = ("B01", "B02", "B8A")


def samples(data: Path, ends: Sequence[str] = BANDS, n: int = 12) -> list[str]:
    names = [f"S2_{7 * k}_{45 + k}" for k in range(n)]
    for k, name in enumerate(names):
        for band in ends:
            put(data / f"all/{name}/{name}_{band}.png", k)
    return names


def known(data: Path, names: Sequence[str]) -> list[list[str]]:
    lists = [[one for place, one in enumerate("abc") if (k + place) % 3 < 2] for k in range(12)]
    for name, each in zip(names, lists, strict=True):
        file = data / f"all/{name}/{name}_known.json"
        file.write_text(json.dumps({"labels": each, "where": {"x": 1}, "day": f"d{name}"}))
    return lists


def test_a_json_in_the_folder_of_each_sample_has_its_labels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = samples(data)
    lists = known(data, names)
    found = infer(data, tmp_path, has_test=False).competition
    assert found.classes == ["a", "b", "c"]
    assert isinstance(found.data.train.images, dict)
    assert [*found.data.train.images] == [*BANDS]
    made = table_of_folder_records(scan_data(data, "data"))
    assert made is not None
    rows = made.table.set_index("image")
    of_table = [[one for one in "abc" if rows.loc[name, one] == "1"] for name in names]
    assert of_table == lists


def test_a_folder_without_its_json_is_no_row(tmp_path: Path) -> None:
    names = samples(tmp_path)
    known(tmp_path, names)
    (tmp_path / f"all/{names[3]}/{names[3]}_known.json").unlink()
    assert table_of_folder_records(scan_data(tmp_path, "data")) is None


def test_folders_of_the_same_files_are_refused_as_classes(tmp_path: Path) -> None:
    samples(tmp_path / "data")
    with pytest.raises(DataError, match=r"each of 12 folders .* has the same 3 files.*no classes"):
        infer(tmp_path / "data", tmp_path, has_test=False)


@pytest.mark.parametrize("ends", [("1", "2", "3"), ("im0", "im1")])
def test_images_of_a_class_may_be_counted(tmp_path: Path, ends: Sequence[str]) -> None:
    samples(tmp_path, ends)
    assert ends_of_folders(scan_data(tmp_path, "data").images) == ()

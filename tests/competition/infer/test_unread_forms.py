"""A refusal names the form of a file that is not read, and how that one is converted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat

from podium.competition.infer.spec import infer
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import put


def fix_of(tmp_path: Path) -> str:
    with pytest.raises(DataError) as caught:
        infer(tmp_path / "data", tmp_path)
    return str(caught.value)


@pytest.mark.parametrize(("name", "told"), [
    ("train/00-462.tfrec", "TFRecord"), ("train.bson", "BSON"), ("data.mdb", "LMDB"),
])  # fmt: skip
def test_files_of_many_images_are_named_by_their_form(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "data" / name).parent.mkdir(parents=True)
    (tmp_path / "data" / name).write_bytes(b"\0" * 100)
    fix = fix_of(tmp_path)
    assert f"images inside {told} files are not read" in fix
    assert name in fix.partition("beginning with")[2]
    assert "MATLAB" not in fix


def test_labels_of_matlab_are_written_as_a_table_by_the_code_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, labels = tmp_path / "data", np.arange(12)[None] % 3
    for n in range(12):
        put(data / f"jpg/image_{n:05}.png", n)
    savemat(data / "imagelabels.mat", {"labels": labels})
    savemat(data / "setid.mat", {"trnid": np.arange(8)[None]})
    fix = fix_of(tmp_path)
    assert "HDF5" not in fix
    monkeypatch.chdir(data)
    exec("\n".join(line.strip() for line in fix.split("\n") if line.startswith("    ")))
    written = pd.read_csv(data / "train.csv")
    assert list(written["label"]) == labels.ravel().tolist()
    assert list(written["image"]) == [f"image_{n:05}.png" for n in range(12)]


@pytest.mark.parametrize("columns", [("maize_ha", "beans_ha"), ("area",)])
def test_numbers_of_outlines_are_written_as_a_table(
    tmp_path: Path, columns: tuple[str, ...]
) -> None:
    data = tmp_path / "data"
    for n in range(6):
        put(data / f"train_tiles/t{n}.png", n)
        put(data / f"test_tiles/q{n}.png", n)
    fields = '{"type": "FeatureCollection", "features": []}'
    (data / "fields.geojson").write_text(fields, encoding="utf-8")
    rows = [[f"q{n}", *(0 for _ in columns)] for n in range(6)]
    pd.DataFrame(rows, columns=["ID", *columns]).to_csv(data / "SampleSubmission.csv", index=False)

    fix = fix_of(tmp_path)

    assert "outlines in GeoJSON" in fix
    told = "write train.csv with a row an image of train and the columns ID, maize_ha, beans_ha, 0"
    assert (told in fix) == (len(columns) > 1)


@pytest.mark.parametrize("form", ["Point", "Polygon"])
def test_points_in_geojson_are_no_outlines_of_masks(tmp_path: Path, form: str) -> None:
    for n in range(6):
        put(tmp_path / f"data/train/t{n}.png", n)
    place = f'{{"type": "Feature", "geometry": {{"type": "{form}", "coordinates": []}}}}'
    text = f'{{"type": "FeatureCollection", "features": [{place}]}}'
    (tmp_path / "data/centres.geojson").write_text(text, encoding="utf-8")
    assert ("outlines in GeoJSON" in fix_of(tmp_path)) == (form == "Polygon")

"""A package of a workspace whose data lie elsewhere predicts what the workspace does."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import yaml
from command_line import podium
from packed_workspaces import Packed

from podium.competition.spec import load_competition
from podium.errors import UsageError
from podium.submissions.packages import PackFolder
from podium.workflows.packs.packing import pack, predict_packed
from podium.workflows.packs.places import folder_of_data, places_of_data
from podium.workspace.layout import Workspace

SPEC = """\
name: leaves
tasks: {classify: binary}
data:
  train: {table: TRAIN/train.csv, id: id, images: 'TRAIN/train/{id}.png', label: l, label_sep: /}
  test: {images: 'TEST/test/*.png'}
submission: {sample: SAMPLE, columns: {id: id, l: value}}
metric: {name: log_loss}
"""


def spec_of(root: Path, train: str, test: str, sample: str, *, kind: str = "file") -> str:
    """Write competition.yaml with the data in these folders; return its text."""
    text = SPEC.replace("TRAIN", train).replace("TEST", test).replace("SAMPLE", sample)
    text += f"kaggle: {{kind: {kind}}}\n"
    root.mkdir(exist_ok=True)
    (root / "competition.yaml").write_text(text)
    return text


@pytest.mark.parametrize("outside", ["/downloads/leaves", "../leaves", "/d/Äpfel & Co/data"])
def test_the_one_folder_that_has_the_data_becomes_data(tmp_path: Path, outside: str) -> None:
    text = spec_of(tmp_path, outside, outside, f"{outside}/sample.csv")
    competition = load_competition(tmp_path)
    assert folder_of_data(competition, text) == outside
    packed, tables = places_of_data(competition, text)
    (tmp_path / "inside").mkdir()
    inside = yaml.safe_load(spec_of(tmp_path / "inside", "data", "data", "data/sample.csv"))
    assert yaml.safe_load(packed) == inside
    assert tables == {}


@pytest.mark.parametrize(
    ("train", "test", "sample"),
    [
        ("data", "/downloads/leaves", "data/sample.csv"),
        ("/downloads/leaves", "../leaves", "/downloads/leaves/sample.csv"),
        ("/one", "/other", "/one/sample.csv"),
    ],
)
def test_data_of_several_folders_are_refused(
    tmp_path: Path, train: str, test: str, sample: str
) -> None:
    text = spec_of(tmp_path, train, test, sample)
    with pytest.raises(UsageError, match="does not lie below data/"):
        places_of_data(load_competition(tmp_path), text)


def test_a_made_sample_goes_along_unless_the_host_hides_rows(tmp_path: Path) -> None:
    sample = "made/tables/sample.csv"
    (tmp_path / "made/tables").mkdir(parents=True)
    (tmp_path / sample).write_bytes(b"id,l\n7,0\n")
    text = spec_of(tmp_path, "/d", "/d", sample)
    packed, tables = places_of_data(load_competition(tmp_path), text)
    assert tables == {Path(sample): b"id,l\n7,0\n"}
    assert yaml.safe_load(packed)["submission"]["sample"] == sample
    text = spec_of(tmp_path, "/d", "/d", sample, kind="code")
    with pytest.raises(UsageError, match="hidden images have no row in it"):
        places_of_data(load_competition(tmp_path), text)


@pytest.mark.slow
def test_a_package_of_data_elsewhere_writes_the_file_of_its_workspace(
    packed_labels: Packed, tmp_path: Path
) -> None:
    root, data = tmp_path / "workspace", tmp_path / "downloads" / "lights"
    shutil.copytree(packed_labels.root, root, ignore=shutil.ignore_patterns("pack", "data"))
    shutil.copytree(packed_labels.root / "data", data)
    text = (root / "competition.yaml").read_text()
    (root / "competition.yaml").write_text(text.replace("data/t", f"{data}/t"))
    with packed_labels.file.open(newline="") as file:
        ids = [row[0] for row in csv.reader(file)][1:]
    sample = "id,light\n" + "".join(f"{one},0\n" for one in ids)
    (root / "made/tables").mkdir(parents=True)
    (root / "made/tables/sample.csv").write_text(sample)
    spec = yaml.safe_load((root / "competition.yaml").read_text())
    spec["submission"]["sample"] = "made/tables/sample.csv"
    (root / "competition.yaml").write_text(yaml.safe_dump(spec))
    podium(root, "submit", "both", "--dry-run")
    made = pack(
        Workspace(root), load_competition(root), "both", to=tmp_path / "pack", wheels_from=tmp_path
    )
    assert PackFolder(made.root).problems() == []
    shutil.rmtree(root)
    elsewhere = data.rename(tmp_path / "host")
    to = predict_packed(made.root, data=elsewhere, to=tmp_path / "mine.csv")
    assert to.read_bytes() == packed_labels.file.read_bytes()

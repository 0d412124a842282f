"""Files that `podium init` makes are checked as artefacts, and a source that changed is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.made_files import changed_sources
from podium.competition.spec import load_competition
from podium.errors import UsageError
from podium.training.runs.content import data_changes
from podium.workflows.checking import check_workspace
from podium.workflows.initialising import init_workspace
from podium.workflows.verifying import verify
from podium.workspace.layout import Workspace


def lists(data: Path) -> None:
    for n in range(12):
        (data / "images").mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (n, 0, 0)).save(data / f"images/{n}.png")
    lines = [f"images/{n}.png {'ab'[n % 2]}" for n in range(10)]
    (data / "train.txt").write_text("\n".join(lines) + "\n")
    (data / "test.txt").write_text("images/10.png\nimages/11.png\n")


def arrays(data: Path) -> None:
    data.mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 256, (14, 5, 5), dtype=np.uint8)
    np.savez(data / "a.npz", x_train=pixels[:10], y_train=np.arange(10) % 2, x_test=pixels[10:])


def test_a_table_is_recorded_with_its_source(tmp_path: Path) -> None:
    lists(tmp_path / "data")
    root = init_workspace(tmp_path / "data", tmp_path).root
    record = json.loads((root / "made/made.json").read_text())
    one = next(one for one in record["files"] if one["path"] == "made/tables/train.csv")
    (source,) = one["sources"]
    assert (source["path"], one["reader"]) == ("data/train.txt", "a list of images")
    assert source["bytes"] == (tmp_path / "data/train.txt").stat().st_size
    assert not changed_sources(Workspace(root))
    found = verify(Workspace(root), load_competition(root))
    assert (found.faults, found.unknown, found.other_data) == ((), (), ())


def test_init_stopped_before_the_record_is_written_leaves_no_competition_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one, the same command would be refused, and what files were made of be unknown."""
    lists(tmp_path / "data")
    replace = Path.replace

    def stopped(path: Path, target: Path) -> Path:
        if target.name == "made.json":
            raise KeyboardInterrupt
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stopped)
        with pytest.raises(KeyboardInterrupt):
            init_workspace(tmp_path / "data", tmp_path)
    assert not (tmp_path / "competition.yaml").exists()
    init_workspace(tmp_path / "data", tmp_path)
    assert (tmp_path / "made/made.json").is_file()


def test_a_source_that_changed_is_named_and_made_again(tmp_path: Path) -> None:
    lists(tmp_path / "data")
    root = init_workspace(tmp_path / "data", tmp_path).root
    kept = (root / "competition.yaml").read_text() + "# mine\n"
    (root / "competition.yaml").write_text(kept)
    source = tmp_path / "data/train.txt"
    source.write_text(source.read_text().replace("images/0.png a", "images/0.png b"))
    (change,) = data_changes(Workspace(root), load_competition(root))
    assert change.artefact == "made/tables/train.csv"
    assert "data/train.txt (content)" in str(change)
    assert "`podium init data --remake`" in str(change)
    assert verify(Workspace(root), load_competition(root)).other_data == (change,)
    found = check_workspace(Workspace(root), load_competition(root), adversarial=False)
    assert [one.mend for one in found if "made/tables/train.csv" in one.title] == [change.command]
    init_workspace(tmp_path / "data", tmp_path, remake=True)
    assert (root / "competition.yaml").read_text() == kept
    assert "images/0.png,b" in (root / "made/tables/train.csv").read_text()
    assert not changed_sources(Workspace(root))
    source.unlink()
    (gone,) = changed_sources(Workspace(root))
    assert gone.sources == ("data/train.txt (gone)",)


def test_damage_of_a_made_image_names_the_command(tmp_path: Path) -> None:
    arrays(tmp_path / "download")
    workspace = Workspace(init_workspace(tmp_path / "download", tmp_path / "w").root)
    record = json.loads((workspace.root / "made/made.json").read_text())
    paths = [one["path"] for one in record["files"]]
    assert paths == ["made/images/train", "made/images/test"]
    assert {one["sources"][0]["path"] for one in record["files"]} == {f"{tmp_path}/download/a.npz"}
    (workspace.root / "made/images/train/3.png").write_bytes(b"no picture")
    (fault,) = verify(workspace, load_competition(workspace.root)).faults
    assert (fault.file, fault.what) == ("made/images/train/3.png", "damaged")
    assert f"`podium init {tmp_path}/download --remake`" in fault.fix


def test_there_is_nothing_to_make_again_in_another_folder(tmp_path: Path) -> None:
    lists(tmp_path / "data")
    with pytest.raises(UsageError, match="nothing was made"):
        init_workspace(tmp_path / "data", tmp_path / "other", remake=True)

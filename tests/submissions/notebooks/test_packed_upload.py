"""From a trained blend to a score: the notebook of the stand-in predicts with the package."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from command_line import podium

from podium.competition.spec import load_competition
from podium.errors import RunError, SubmissionError
from podium.submissions.packages import PackFolder, wheels
from podium.workflows.packs.packing import pack, predict_packed
from podium.workflows.submission.submitting import submit_package
from podium.workspace.layout import Workspace
from tests.submissions.kaggle_stand_in import SLUG, KaggleStandIn
from tests.submissions.notebooks.packages import ADDRESS, count


def with_wheels(wanted: dict[str, str], to: Path, **_: object) -> None:
    """Write empty wheels, for what would be downloaded."""
    for name, version in wanted.items():
        (to / f"{name.replace('-', '_')}-{version}-py3-none-any.whl").touch()


def without_network(*_: object, **__: object) -> None:
    raise RunError("pip download failed: no network")


@pytest.fixture
def root(packed_labels, tmp_path: Path, host: KaggleStandIn, monkeypatch) -> Path:
    """A workspace whose competition is the stand-in's; a notebook there predicts for real."""
    root = Path(shutil.copytree(packed_labels.root, tmp_path / "ws"))
    shutil.rmtree(root / "pack")
    spec = yaml.safe_load((root / "competition.yaml").read_text())
    spec["kaggle"] = {"slug": SLUG, "kind": "code", "host": host.url}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec))
    monkeypatch.setenv("KAGGLE_API_TOKEN", host.token)
    monkeypatch.setattr(wheels, "downloaded", with_wheels)

    def notebook(work: Path) -> None:
        dataset = work.parent / "input" / f"{SLUG}-podium"
        predict_packed(dataset, data=root / "data", to=work / "submission.csv")

    host.hook = notebook
    return root


@pytest.mark.slow
def test_a_packed_blend_comes_back_with_the_score_of_the_file_that_the_workspace_writes(
    root, host, packed_labels
):
    (root / "wheels").mkdir()
    with_wheels(wheels.pins(), root / "wheels")
    workspace, competition = Workspace(root), load_competition(root)
    made = pack(workspace, competition, "both", to=root / "pack", wheels_from=root / "wheels")
    assert made.read().incomplete == ""
    receipt = submit_package(workspace, competition, wait_s=60)
    assert (receipt.state, receipt.public_score, receipt.ref) == ("complete", 0.75, 1)
    assert count(host) == (1, 1, 1)
    (saved,) = host.kernels[ADDRESS]
    assert saved.output["submission.csv"] == packed_labels.file.read_bytes()
    sent = root / "submissions" / receipt.id / "submission.csv"
    assert sent.read_bytes() == packed_labels.file.read_bytes()


@pytest.mark.slow
def test_a_blend_is_packed_on_the_way_once(root, host, packed_labels):
    printed = podium(root, "submit", "--code", "both", "--wait", "60s")
    (made,) = (root / "packs").iterdir()
    assert f"packing {made.name} into packs/{made.name}" in printed
    assert made.name == PackFolder(made).read().blend
    (saved,) = host.kernels[ADDRESS]
    assert saved.output["submission.csv"] == packed_labels.file.read_bytes()
    before = {one.name: one.stat().st_mtime_ns for one in made.iterdir()}
    workspace, competition = Workspace(root), load_competition(root)
    with pytest.raises(SubmissionError, match="same content"):
        submit_package(workspace, competition, "both")
    assert {one.name: one.stat().st_mtime_ns for one in made.iterdir()} == before
    assert count(host) == (1, 1, 1)


@pytest.mark.slow
def test_a_package_without_its_wheels_is_not_sent_and_is_made_anew_by_the_next_command(
    root, host, monkeypatch
):
    monkeypatch.setattr(wheels, "downloaded", without_network)
    workspace, competition = Workspace(root), load_competition(root)
    with pytest.raises(SubmissionError, match="wheels were not resolved: pip download failed"):
        submit_package(workspace, competition, "both")
    assert count(host) == (0, 0, 0)
    monkeypatch.setattr(wheels, "downloaded", with_wheels)
    assert submit_package(workspace, competition, "both", wait_s=60).state == "complete"


@pytest.mark.slow
def test_a_package_of_something_else_is_not_taken_for_the_one_that_is_named(root, host):
    (root / "wheels").mkdir()
    with_wheels(wheels.pins(), root / "wheels")
    workspace, competition = Workspace(root), load_competition(root)
    pack(workspace, competition, "small", to=root / "pack", wheels_from=root / "wheels")
    submit_package(workspace, competition, "small", dry_run=True)
    assert not (root / "packs").exists()
    submit_package(workspace, competition, "own", dry_run=True)
    (made,) = (root / "packs").iterdir()
    assert made.name.startswith("only-own-")

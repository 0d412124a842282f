"""Notes of a blend over time folds, and a blend whose writing was interrupted."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from podium.competition.spec import load_competition
from podium.ensembling import read_blend
from podium.training.runs.content import DATA_FILE, RowContents
from podium.training.runs.train import train
from podium.workflows.blends.blending import blend_runs
from podium.workflows.initialising import init_workspace
from podium.workspace.layout import Workspace

TINY = """\
model: {backbone: cnn, pretrained: false, options: {widths: [4]}}
input: {size: 16, train: none}
phases: [{name: all, epochs: 1}]
"""


def test_a_blend_over_time_folds_warns_that_it_looked_ahead(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    made = miniatures.table_and_images(tmp_path / "data", n=48, groups=False)
    lines = (made.data / "train.csv").read_text().splitlines()
    dated = [
        f"{lines[0]},day",
        *(f"{row},2024-01-{i % 28 + 1:02d}" for i, row in enumerate(lines[1:])),
    ]
    (made.data / "train.csv").write_text("\n".join(dated) + "\n")
    spec = init_workspace(made.data).root / "competition.yaml"
    text = spec.read_text().replace("scheme: stratified", "scheme: time\n  time: day", 1)
    spec.write_text(text.replace("n: 5", "n: 2", 1))
    workspace, competition = Workspace(tmp_path), load_competition(tmp_path)
    (workspace.recipes / "tiny.yaml").write_text(TINY)
    train(workspace, competition, workspace.recipes / "tiny.yaml")
    blend, _ = read_blend(blend_runs(workspace, competition, trials=2))
    assert any("later folds" in note for note in blend.notes)
    assert blend.n_scored < 48  # the first block is never validated


def test_a_blend_that_is_there_has_the_contents_of_its_rows_whatever_interrupted_it(
    miniatures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = miniatures.table_and_images(tmp_path / "data", n=24, groups=False)
    spec = init_workspace(made.data).root / "competition.yaml"
    spec.write_text(spec.read_text().replace("n: 5", "n: 2", 1))
    workspace, competition = Workspace(tmp_path), load_competition(tmp_path)
    (workspace.recipes / "tiny.yaml").write_text(TINY)
    train(workspace, competition, workspace.recipes / "tiny.yaml")
    whole = RowContents.write

    def interrupted(contents: RowContents, folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(RowContents, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        blend_runs(workspace, competition, trials=2)
    assert not list(workspace.blends.glob("blend-*"))
    monkeypatch.setattr(RowContents, "write", whole)
    assert (blend_runs(workspace, competition, trials=2) / DATA_FILE).is_file()

"""`podium check` warns of a column of the file that is one text, though it varies in train."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
from command_line import podium
from PIL import Image
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.spec import load_competition
from podium.workflows.auto import plan, run
from podium.workflows.checking import check_constant_columns

FORCES = ["calm", "breeze", "strong", "storm"]
SPEC = """
name: vanes
tasks: {classify: angle}
data:
  train: {table: data/train.csv, id: file, images: 'data/train/{file}', label: direction}
  test: {id: '{name}', images: 'data/test/*.png'}
metric: {name: mean_angular_error}
submission:
  value: degrees
  columns: {file: id, direction: value, force: 'text[calm]', site: 'text[A]', note: 'text[]'}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    rng, rows = np.random.default_rng(0), []
    for n in range(40):
        folder = tmp_path / "ws/data" / ("train" if n < 30 else "test")
        folder.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{n:02d}.png")
        rows.append(f"{n:02d}.png,{37 * n % 360},{FORCES[n % 4]},{'A' if n % 3 else ''}\n")
    data = tmp_path / "ws/data"
    (data / "train.csv").write_text("file,direction,force,site\n" + "".join(rows[:30]))
    sample = "".join(f"{row.split(',')[0]},0,calm\n" for row in rows[30:])
    (data / "sample_submission.csv").write_text(f"file,direction,force\n{sample}")
    (tmp_path / "ws/competition.yaml").write_text(SPEC)
    return tmp_path / "ws"


def test_a_constant_that_varies_in_train_is_warned_of(root: Path) -> None:
    (found,) = check_constant_columns(load_competition(root))
    assert found.level == "warning"
    assert found.title == "column force is the same in every row of the file to send"
    assert found.detail == "'calm', and train.csv has 4 values of it"
    line = SPEC.splitlines().index(next(one for one in SPEC.splitlines() if "columns" in one)) + 1
    assert found.where == f"competition.yaml:{line}"
    printed = CliRunner().invoke(app, ["-w", str(root), "check", "--no-adversarial"]).output
    assert "! column force is the same in every row of the file to send" in printed
    assert "nothing was found that may cost you points" not in printed


def test_auto_tells_of_it_beside_the_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "make_plan", lambda *_, **__: plan.Plan((), ()))  # trains nothing
    lines = podium(root, "auto").splitlines()
    (at,) = (n for n, line in enumerate(lines) if line.startswith("the file, checked: "))
    told = lines[at + 1]
    assert told.startswith("but column force is the same in every row of the file to send: 'calm'")
    assert told.endswith("podium -w ../ws-force init data --label force")
    (root / "competition.yaml").write_text(SPEC.replace("force: 'text[calm]', ", ""))
    assert "is the same in every row" not in podium(root, "auto")


def test_its_command_makes_a_workspace_of_that_column(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = check_constant_columns(load_competition(root))
    monkeypatch.chdir(root)
    command = found.fix.rpartition(": ")[2]
    assert command == "podium -w ../ws-force init data --label force"
    done = CliRunner().invoke(app, shlex.split(command)[1:])
    assert done.exit_code == 0, done.output
    made = load_competition(root.parent / "ws-force")
    assert made.data.train.label == "force"


def test_a_column_that_is_predicted_or_that_train_lacks_is_right(root: Path) -> None:
    file = root / "competition.yaml"
    file.write_text(SPEC.replace("force: 'text[calm]', ", ""))
    assert check_constant_columns(load_competition(root)) == []

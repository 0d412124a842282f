"""docs/extending.md is a workspace that trains, on the real command line and without PYTHONPATH."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import command_line
import numpy as np
import pytest
from loaded_python import loaded_python

PAGE = Path(__file__).resolve().parents[1] / "docs/extending.md"
FILE = re.compile(r"```(?:yaml|python)\n# (?P<name>[\w./]+)\n(?P<text>.*?)```", re.DOTALL)
CLASSES = ("left", "right")
N, N_TEST, LARGEST = 16, 4, 4095


def files_of_page() -> dict[str, str]:
    """Return name → text of every block that begins with a file's name."""
    return {found["name"]: found["text"] for found in FILE.finditer(PAGE.read_text("utf-8"))}


def write_data(root: Path) -> None:
    """Write 16-bit arrays of two channels; the class is the side that is bright."""
    rng = np.random.default_rng(0)
    rows = []
    for number in range(N + N_TEST):
        folder = root / "data" / ("train" if number < N else "test")
        folder.mkdir(parents=True, exist_ok=True)
        image = rng.integers(0, 1000, (2, 40, 36)).astype(np.uint16)
        left = number % 2 == 0
        image[:, :, :18] += 2000 * left
        image[:, :, 18:] += 2000 * (not left)
        np.save(folder / f"{number:02d}.npy", image)
        rows += [f"{number:02d},{CLASSES[number % 2]}"] if number < N else []
    (root / "data/train.csv").write_text("id,label\n" + "\n".join(rows) + "\n")


def members_like(run: Path, n: int = 4) -> list[str]:
    """Return a run and teammates of it, who say the same."""
    [said] = (run / "predictions").iterdir()
    mates = [run.parents[2] / f"mate-{m}" / "predictions" / said.name for m in range(1, n)]
    for one in mates:
        shutil.copytree(said, one)
    return [run.name, *map(str, mates)]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "own"
    write_data(root)
    for name, text in files_of_page().items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


ONE_AFTER_ANOTHER = """\
import json, sys
from pathlib import Path
from podium.cli.app import main
commands, own = json.loads(sys.argv.pop()), Path(sys.argv.pop())
for words in commands:
    if words is commands[-1]:
        own.write_text(own.read_text().replace("// 4", "// 3"))
    sys.argv[1:] = words
    try:
        main()
    except SystemExit as end:
        if end.code and words is not commands[-1]:
            sys.exit(f"{words}: {end.code}")
        if words is commands[-1]:
            sys.exit(3 if end.code else "nothing was refused")
"""


def podium(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command from another folder, with nothing on PYTHONPATH."""
    return python(root, "from podium.cli.app import main; main()", "-w", str(root), *words)


def python(
    root: Path, program: str, *words: str, executable: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    environment = {key: one for key, one in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [executable, "-c", program, *words],
        cwd=root.parent,
        env={**environment, "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_page_has_every_kind_of_part() -> None:
    assert set(files_of_page()) == {
        "competition.yaml", "recipes/own.yaml", "my_reader.py", "my_layers.py", "my_net.py",
        "my_decoder.py", "my_parts.py", "my_method.py", "my_blend.py",
    }  # fmt: skip


@pytest.mark.slow
def test_a_workspace_of_own_parts_trains_and_is_scored(workspace: Path) -> None:
    done = podium(workspace, "train", "own", "-o", "workers=1")
    assert done.returncode == 0, done.stderr
    [run] = (workspace / "runs").glob("own-*")
    record = json.loads((run / "record.json").read_text())
    assert record["status"] == "finished"
    assert record["scores"]["metric"] == "my_parts:RECALL"
    assert 0 <= record["scores"]["oof"] <= 1
    sources = record["inputs"]["sources"]
    assert set(sources) == {"my_layers", "my_method", "my_net", "my_parts", "my_reader"}
    history = (run / "fold-0/metrics.csv").read_text()
    assert "my_parts:RECALL" in history
    assert "classify/my_parts:LOSS" in history
    assert not list(workspace.rglob("__pycache__"))

    # What the first training did is found again in another process; nothing is trained.
    again = ["train", "own", "-o", "workers=1"]
    blending = ["blend", *members_like(run), "--method", "my_blend:METHOD"]
    submit = ["submit", "blend", "--dry-run"]
    # Before the last one the blend's own method is edited, which has to be noticed.
    commands = (again, ["check"], blending, submit, ["report"], [*submit, "--again"])
    others = python(
        workspace,
        ONE_AFTER_ANOTHER,
        str(workspace / "my_blend.py"),
        json.dumps([["-w", str(workspace), *words] for words in commands]),
        executable=loaded_python(),
    )
    assert others.returncode == 3, others.stderr
    assert "my_blend:METHOD is not what the blend was fitted with" in others.stderr
    assert len(list((workspace / "runs").glob("own-*"))) == 1
    [blend] = (workspace / "blends").glob("*-*")
    details = json.loads((blend / "record.json").read_text())["details"]
    assert details["metric"] == "my_parts:RECALL"
    assert details["method"] == "my_blend:METHOD"
    assert details["params"] == {"cut": 1, "sum_to_one": True}


def test_a_mistake_in_ones_own_code_is_reported_with_its_line(workspace: Path) -> None:
    method = workspace / "my_method.py"
    line = "        batch = batches[LABELLED]\n"
    number = method.read_text().splitlines().index(line.rstrip()) + 1
    method.write_text(method.read_text().replace(line, "        batch = batches['labeled']\n"))
    said = command_line.podium(workspace, "train", "own", "--folds", "0", code=1)
    assert f"my_method.py:{number}: KeyError: 'labeled'" in said
    assert "Traceback" not in said

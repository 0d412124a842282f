"""What SIGTERM, SIGHUP and Ctrl-C do to a command, and what its death leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from forked import ForkedScript
from typer.testing import CliRunner

from podium.cli.app import StoppedBySignal, app
from podium.competition.spec import load_competition
from podium.workspace import atomic
from podium.workspace.layout import Workspace

COMMAND = """
import os, signal, sys, time
from podium.cli import app as program

forks = "forks" in sys.argv

@program.app.command("work")
def work() -> None:
    if forks and os.fork() == 0:
        time.sleep(60)
    print("begun", flush=True)
    try:
        time.sleep(60)
    finally:
        print("left in order", flush=True)

if "nohup" in sys.argv:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.default_int_handler)
words = [word for word in sys.argv[1:] if word not in ("nohup", "forks")]
sys.argv = ["podium", *words]
program.main()
"""


def begun(*words):
    process = ForkedScript(COMMAND, ["-w", "a place", "work", *words])
    until = time.monotonic() + 60
    while "begun" not in process.printed():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)
    return process


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("SIGTERM", "stopped by SIGTERM"),
        ("SIGHUP", "stopped by SIGHUP"),
        ("SIGINT", "interrupted"),
    ],
)
def test_a_signal_ends_a_command_in_order_with_a_line_and_its_exit_code(name, how):
    process = begun()
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(60)
    assert process.returncode == 128 + getattr(signal, name)
    assert out == "begun\nleft in order\n"
    assert err == (f"podium: {how}: what is finished is kept; to go on: podium -w 'a place' work\n")


@pytest.mark.slow
def test_nohup_is_respected():
    process = begun("nohup")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(60)
    assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.slow
def test_a_terminated_child_prints_nothing():
    process = begun("forks")
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGTERM)
    time.sleep(0.2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(60)
    assert out.count("left in order") == 1
    assert err.count("podium: stopped by SIGTERM") == 1


KILLED = """
import os, sys
from pathlib import Path
from podium.workspace import atomic
from podium.workspace.layout import Workspace
with atomic.replacing(Path(sys.argv[1])) as file:
    file.write_text("half")
    with atomic.temporary_folder("podium-task") as folder:
        (folder / "answer").write_text("half")
        os._exit(9)
"""


def test_what_a_killed_command_left_goes_with_the_next_one(tmp_path, monkeypatch):
    scratch, root = tmp_path / "tmp", tmp_path / "here"
    checked = root / ".podium" / "cache" / "checked"
    for folder in (scratch, checked):
        folder.mkdir(parents=True)
    (root / "competition.yaml").write_text("name: x\n")
    sent = root / "submissions" / "mix.csv"
    env = {**os.environ, "TMPDIR": str(scratch)}
    for file in (checked / "images.parquet", root / "competition.yaml", sent):
        subprocess.run([sys.executable, "-c", KILLED, file], env=env, check=False)
    assert len(list(scratch.iterdir())) == 1  # the second removed what the first had left
    assert len(list(checked.iterdir())) == 1
    assert len(list(root.iterdir())) == 4
    assert len(list(sent.parent.iterdir())) == 1
    CliRunner().invoke(app, ["-w", str(root), "board", "--offline"])
    assert list(checked.iterdir()) == []
    assert list(sent.parent.iterdir()) == []
    assert {one.name for one in root.iterdir()} >= {".podium", "competition.yaml"}
    assert not [one for one in root.iterdir() if atomic.is_temporary(one)]
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with atomic.temporary_folder("podium-task") as folder:
        assert list(scratch.iterdir()) == [folder]
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(("stop", "code"), [(KeyboardInterrupt(), 0), (None, 128 + 15)])
def test_ctrl_c_is_how_a_served_report_ends(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop: BaseException | None,
    code: int,
) -> None:
    def serve(*_: object, **__: object) -> Iterator[str]:
        yield "http://127.0.0.1:8124/"
        raise stop or StoppedBySignal(signal.SIGTERM)

    monkeypatch.setattr("podium.reporting.serve_report", serve)
    monkeypatch.setattr("podium.cli.commands.report.open_workspace", lambda _: opened(tmp_path))
    done = CliRunner().invoke(app, ["report", "--serve"])
    assert (done.exit_code, "what is finished is kept" in done.output) == (code, code != 0)


@pytest.mark.parametrize(
    ("stop", "how", "code"),
    [(KeyboardInterrupt(), "interrupted", 130), (StoppedBySignal(signal.SIGTERM), "SIGTERM", 143)],
)
def test_init_that_ends_behind_its_files_names_them_and_the_next_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    miniatures: ModuleType,
    stop: BaseException,
    how: str,
    code: int,
) -> None:
    def interrupted(*_: object) -> None:
        raise stop

    miniatures.class_folders(tmp_path / "data", n=6, size=8, n_test=2)
    monkeypatch.setattr("podium.workflows.reading_summary.reading_summary", interrupted)
    root = tmp_path / "here"
    call = ["-w", str(root), "init", str(tmp_path / "data")]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == code
    said = done.output.splitlines()[-1]
    assert f"{how}: competition.yaml and the recipes are written whole in {root}" in said
    assert said.endswith(f"podium -w {root} check")
    monkeypatch.undo()
    assert load_competition(root).name
    again = CliRunner().invoke(app, call)  # what the message does not propose
    assert "this folder is a workspace already" in again.output
    command = f"podium -w {root} init {tmp_path / 'data'} --force"
    assert command in again.output.replace("\n", " "), "the command has the data that was typed"


def opened(root: Path) -> tuple[Workspace, None]:
    return Workspace(root), None

"""A study of loss weights on the demo's competition, killed in the middle, goes on to its end."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from podium.training.recipe import load_recipe
from podium.workflows.demo import lay_out
from podium.workspace.layout import Workspace

TRIALS = 12
# The signs of life of a worker, once a second instead of twice a minute: who repeats the command
# finds the killed trial after three seconds.
MAIN = (
    "import podium.tuning.studies.storages as storages; storages.HEARTBEAT_S = 1;"
    "from podium.cli.app import main; main()"
)
SHORT = {
    "input.size": 32,
    "phases[0].epochs": 1,
    "phases[1].epochs": 2,
    "phases[0].steps_per_epoch": 2,
    "phases[1].steps_per_epoch": 10,
    "phases[0].freeze": [],
    "phases[1].freeze": [],
    "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]}},
}


def command(workspace: Workspace) -> list[str]:
    words = ["-w", str(workspace.root), "tune", "losses", "joint", "--trials", str(TRIALS)]
    for key, value in SHORT.items():
        flow = yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()
        words += ["-o", f"{key}={flow}"]
    return [sys.executable, "-c", MAIN, *words]


def trials_of(workspace: Workspace) -> list[Any]:
    """Return the trials of the one study, without podium."""
    import optuna

    if not is_made(workspace.studies_db):
        return []
    storage = optuna.storages.RDBStorage(f"sqlite:///{workspace.studies_db}")
    try:
        studies = storage.get_all_studies()
        return storage.get_all_trials(studies[0]._study_id) if studies else []
    finally:
        storage.remove_session()
        storage.engine.dispose()


def is_made(database: Path) -> bool:
    """Return whether the tables are there: who opens it before makes them, beside who does now."""
    if not database.is_file():
        return False
    with closing(sqlite3.connect(database)) as reading:
        try:
            return bool(reading.execute("SELECT version_num FROM alembic_version").fetchall())
        except sqlite3.OperationalError:
            return False


def wait_for(is_there: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 150
    while not is_there():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.alone
def test_a_killed_study_of_the_demo_goes_on_to_its_end(tmp_path: Path) -> None:
    workspace, _ = lay_out(tmp_path)

    def is_in_the_middle() -> bool:
        """Whether some trials ended and another one is past its first fold."""
        return any(
            one.state.name == "RUNNING" and one.number >= 3 and "0" in one.user_attrs["folds"]
            for one in trials_of(workspace)
            if "folds" in one.user_attrs
        )

    process = subprocess.Popen(
        command(workspace), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(is_in_the_middle, process)
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    before = trials_of(workspace)
    [killed] = [one for one in before if one.state.name == "RUNNING"]
    trained = done_folds(workspace)
    assert 3 <= len(before) < TRIALS
    recipe = workspace.recipes / "joint-losses.yaml"
    assert not recipe.exists()

    done = subprocess.run(command(workspace), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    after = trials_of(workspace)
    ended = [one for one in after if one.state.name in ("COMPLETE", "PRUNED")]
    assert len(ended) == TRIALS
    assert [one.number for one in after if one not in ended] == [killed.number]
    assert after[killed.number].state.name == "FAIL"
    [again] = [one for one in ended if one.params == killed.params]
    assert again.number > killed.number
    assert sum(one.state.name == "PRUNED" for one in ended) >= 1
    # What was trained before was not trained again.
    now = done_folds(workspace)
    assert {file: now[file] for file in trained} == trained
    assert len(now) == sum(len(one.user_attrs["folds"]) for one in ended)

    complete = [one for one in ended if one.state.name == "COMPLETE"]
    best = max(complete, key=lambda one: one.value)
    written = recipe.read_text().replace("\n# ", " ")
    assert f"trial {best.number} of study losses-joint-" in written
    assert f"{len(complete)} complete, {TRIALS - len(complete)} pruned, 0 failed" in written
    loss = load_recipe(recipe).phases[1].loss
    assert loss is not None
    assert loss["segment"]["dice"] == pytest.approx(best.params["factor segment.dice"], rel=1e-3)
    assert load_recipe(recipe).input.size == 128  # the recipe's own, not the trials'
    assert done.stdout.startswith("honest mean_iou: ")
    assert f"{TRIALS} trials" in done.stdout


def done_folds(workspace: Workspace) -> dict[Path, int]:
    """Return when each fold that is trained was done."""
    done = (workspace.private / "trials").glob("*/fold-*/done.json")
    return {file: file.stat().st_mtime_ns for file in done}

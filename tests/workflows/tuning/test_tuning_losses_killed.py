"""A study of loss weights on the demo's competition, killed in the middle, goes on to its end."""

from __future__ import annotations

import signal
import subprocess
import sys
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
# Ended by itself, at the same place on a slow machine and on a fast one: some trials ended, and
# another one is past its first fold.
KILLED = """
import os, signal
from podium.tuning.studies import RunningTrial
note = RunningTrial.note
def note_and_die(running, name, value):
    note(running, name, value)
    if running.number == 3 and name == "folds":
        os.kill(os.getpid(), signal.SIGKILL)
RunningTrial.note = note_and_die
"""
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


def command(workspace: Workspace, main: str = MAIN) -> list[str]:
    words = ["-w", str(workspace.root), "tune", "losses", "joint", "--trials", str(TRIALS)]
    for key, value in SHORT.items():
        flow = yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()
        words += ["-o", f"{key}={flow}"]
    return [sys.executable, "-c", main, *words]


def trials_of(workspace: Workspace) -> list[Any]:
    """Return the trials of the one study, without podium."""
    import optuna

    storage = optuna.storages.RDBStorage(f"sqlite:///{workspace.studies_db}")
    try:
        studies = storage.get_all_studies()
        return storage.get_all_trials(studies[0]._study_id) if studies else []
    finally:
        storage.remove_session()
        storage.engine.dispose()


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.alone
def test_a_killed_study_of_the_demo_goes_on_to_its_end(tmp_path: Path) -> None:
    workspace, _ = lay_out(tmp_path)

    killed_one = command(workspace, KILLED + MAIN)
    done = subprocess.run(killed_one, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    before = trials_of(workspace)
    [killed] = [one for one in before if one.state.name == "RUNNING"]
    trained = done_folds(workspace)
    assert len(before) == 4
    assert list(killed.user_attrs["folds"]) == ["0"]
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

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from types import ModuleType

import optuna
import pytest
from loaded_python import loaded_python
from search_workspaces import RECIPE, workspace

from podium.competition.spec import Competition
from podium.training.runs.job import TrainingData
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

pytestmark = pytest.mark.slow

Made = tuple[Workspace, Competition]

LONGER = RECIPE.replace("epochs: 1", "epochs: 2")


@pytest.fixture(scope="module")
def forked() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "forked_search", Path(__file__).with_name("forked_search.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def trials_of(root: Path) -> list[optuna.trial.FrozenTrial]:
    url = f"sqlite:///{root / 'studies.db'}"
    # Workers write meanwhile: a reader waits for them.
    storage = optuna.storages.RDBStorage(url, engine_kwargs={"connect_args": {"timeout": 60}})
    try:
        (name,) = optuna.get_all_study_names(storage)
        return list(optuna.load_study(study_name=name, storage=storage).trials)
    finally:
        storage.remove_session()
        storage.engine.dispose()


def ended(root: Path) -> list[optuna.trial.FrozenTrial]:
    return [one for one in trials_of(root) if one.state.name in ("COMPLETE", "PRUNED")]


@pytest.mark.long
def test_a_worker_that_is_killed_loses_its_trial_which_the_other_does_again(
    tmp_path: Path, forked: ModuleType
) -> None:
    made = workspace(tmp_path, recipe=LONGER)
    forked.in_another_process(tmp_path, 5, [0, 6])
    trials = trials_of(tmp_path)
    assert len(ended(tmp_path)) == 5
    (dead,) = [one for one in trials if one.state.name == "FAIL"]
    again = [one for one in ended(tmp_path) if one.params == dead.params]
    assert len(again) == 1
    assert again[0].user_attrs["run"] == dead.user_attrs["run"]
    points = Counter(tuple(one.params.values()) for one in ended(tmp_path))
    assert set(points.values()) == {1}
    assert len(list((tmp_path / "runs").iterdir())) == 5
    data = TrainingData.load(*made)  # the workers made folds.csv, once
    for one in ended(tmp_path):
        record = read_record(tmp_path / "runs" / one.user_attrs["run"])
        assert set(record.scores["folds"]) >= set(one.user_attrs["folds"])
    assert len(data.folds) == 24


@pytest.mark.long
def test_a_study_that_was_killed_goes_on_in_the_same_fold_to_the_same_score(
    tmp_path: Path, forked: ModuleType
) -> None:
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    workspace(broken, recipe=LONGER)
    workspace(whole, recipe=LONGER)
    forked.in_another_process(broken, 2, [7])  # a step of the first trial's second fold
    (first,) = trials_of(broken)
    run = broken / "runs" / first.user_attrs["run"]
    assert first.state.name == "RUNNING"
    assert (run / "fold-0/done.json").is_file()
    assert not (run / "fold-1/done.json").exists()
    before = (run / "fold-0/last.pt").stat().st_mtime_ns
    forked.in_another_process(broken, 2, [0])
    assert (run / "fold-0/last.pt").stat().st_mtime_ns == before
    forked.in_another_process(whole, 2, [0])  # with as many threads: to the bit
    of_own = [one.value for one in ended(broken) if one.params == first.params]
    assert of_own == [one.value for one in trials_of(whole) if one.params == first.params]
    assert [one.state.name for one in trials_of(broken)].count("FAIL") == 1


# The command is a fork of a loaded Python, and the engine's processes are forks of another one, in
# which no thread holds a lock: each does `at_a_trial` first when a trial of its begins; `meet` is a
# folder. test_engines.py spawns them.
LATE_NOTES = """
import os, pathlib, time
import podium.workflows.training
from podium.tuning.studies import RunningTrial
note, meet = RunningTrial.note, pathlib.Path({meet!r})
def note_late(running, name, value):
    if name == "run":
        assert os.getpid() != int(os.environ["COMMAND"]), "no process of the engine runs this trial"
        {at_a_trial}
    note(running, name, value)
RunningTrial.note = note_late
"""
SCRIPT = """
import multiprocessing, os, pathlib, signal, sys
os.environ["COMMAND"] = str(os.getpid())
os.environ["PYTHONPATH"] = os.pathsep.join([{folder!r}, *filter(None, sys.path)])
sys.path.insert(0, {folder!r})
import late_notes
from podium.cli.app import main
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["late_notes"])
multiprocessing.get_context = lambda _: forks
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run in the background
os.setpgid(0, 0)
pathlib.Path({pid!r}).write_text(str(os.getpid()))
main()
"""
# So slow a start of one worker that the other does all trials would be no mistake.
BOTH_BEGAN = """(meet / str(os.getpid())).touch()
        until = time.monotonic() + 120
        while len(list(meet.iterdir())) < 2 and time.monotonic() < until:
            time.sleep(0.05)"""
# What ends the workers comes before all trials are done, however late it is.
STAYS_FROM = """while running.number >= {} and (meet / "stay").exists():
            time.sleep(0.05)"""


def command(root: Path, *words: str, at_a_trial: str = "pass") -> list[str]:
    space, meet, script = str(root / "space.yaml"), root / "meet", root / "watched.py"
    meet.mkdir()
    late = LATE_NOTES.format(meet=str(meet), at_a_trial=at_a_trial)
    (root / "late_notes.py").write_text(late)
    script.write_text(SCRIPT.format(folder=str(root), pid=str(root / "pid")))
    watched = [loaded_python(), str(script)]
    return [*watched, "-w", str(root), "tune", "recipe", "base", "--space", space, *words]


def test_two_workers_share_a_study_of_exactly_so_many_trials(tmp_path: Path) -> None:
    workspace(tmp_path, recipe=LONGER)
    words = command(
        tmp_path, "--workers", "2", "--trials", "4", "-o", "batch_size=4", at_a_trial=BOTH_BEGAN
    )
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(trials_of(tmp_path)) == len(ended(tmp_path)) == 4
    lines = [line for line in done.stderr.splitlines() if ": trial " in line]
    assert len(lines) == 4
    assert len({line.partition(":")[0] for line in lines}) == 2
    assert len({one.user_attrs["worker"] for one in ended(tmp_path)}) == 2
    assert "honest log_loss" in done.stdout
    assert (tmp_path / "recipes/base-tuned.yaml").is_file()
    for one in ended(tmp_path):
        record = read_record(tmp_path / "runs" / one.user_attrs["run"])
        assert record.inputs["recipe"]["batch_size"] == 4


@pytest.mark.first
def test_ctrl_c_ends_all_workers_and_the_same_command_goes_on(tmp_path: Path) -> None:
    workspace(tmp_path, recipe=LONGER)
    words = command(tmp_path, "--workers", "2", "--trials", "6", at_a_trial=STAYS_FROM.format(3))
    (tmp_path / "meet/stay").touch()
    with subprocess.Popen(
        words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stderr is not None
        assert any(": trial " in line for line in parent.stderr)
        os.killpg(pid_of(tmp_path), signal.SIGINT)  # as a terminal does
        _, said = parent.communicate(timeout=300)
    assert parent.returncode == 130, said
    assert "what is finished is kept; to go on: podium" in said
    n = len(ended(tmp_path))
    assert 1 <= n < 6
    (tmp_path / "meet/stay").unlink()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(ended(tmp_path)) == 6
    # On a machine so slow that a worker was killed before it gave its trial back, too.
    assert not [one for one in trials_of(tmp_path) if one.state.name == "RUNNING"]


@pytest.mark.long
def test_killing_the_command_ends_its_workers(tmp_path: Path) -> None:
    workspace(tmp_path, recipe=LONGER)
    # Who does not say a line meets no broken pipe, which would end it, too.
    words = command(tmp_path, "--workers", "2", "--trials", "9", at_a_trial=STAYS_FROM.format(1))
    (tmp_path / "meet/stay").touch()
    with subprocess.Popen(
        words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stderr is not None
        assert any(": trial " in line for line in parent.stderr)
        os.kill(pid_of(tmp_path), signal.SIGKILL)
        until = time.monotonic() + 120
        while not is_over(trials_of(tmp_path)):
            assert time.monotonic() < until
            time.sleep(0.2)


def pid_of(root: Path) -> int:
    """Return the process of the command itself: what was started hands its words to a fork."""
    return int((root / "pid").read_text())


def is_over(trials: list[optuna.trial.FrozenTrial]) -> bool:
    """Return whether no trial runs, and all that ran one have ended."""
    workers = {one.user_attrs["worker"] for one in trials if "worker" in one.user_attrs}
    return not any(one.state.name == "RUNNING" for one in trials) and not any(
        is_running(int(one.rpartition(":")[2])) for one in workers
    )


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False

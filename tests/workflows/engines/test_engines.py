"""Engines: tasks in processes of this machine, and trainings on them that are killed on the way."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import engine_tasks
import pytest
from command_line import finished, podium, start, wait_for
from engine_tasks import Inline, epochs_of, predictions_of, telling_workspace
from hypothesis import given
from hypothesis import strategies as st
from loaded_python import loaded_python

from podium.errors import DataError, PodiumError, RunError, UsageError
from podium.workflows.engines import Engine, Task, TaskEnd, local, open_engine, run_tasks
from podium.workflows.engines.local import LocalEngine, cores_of_processes, environment_of
from podium.workspace.jobs import (
    JobRecord,
    begin_jobs,
    cancel_job,
    end_job,
    jobs_of,
    recorded,
    this_process,
    timestamp,
)
from podium.workspace.layout import Workspace
from tests.recorded_progress import RecordedProgress


def task(folder: Path, name: str, function: Callable[..., Any], **arguments: Any) -> Task:
    return Task(name, f"the {name}", folder / ".podium/jobs", function, arguments)


def ends(engine: Engine, *tasks: Task, said: RecordedProgress | None = None) -> dict[str, TaskEnd]:
    return {one.name: one for one in run_tasks(engine, tasks, progress=said or RecordedProgress())}


@given(n_cores=st.integers(1, 70), n=st.integers(1, 40))
def test_processes_share_the_cores_evenly_and_no_core_twice_if_there_are_enough(
    n_cores: int, n: int
) -> None:
    cores = [3 * core for core in range(n_cores)]
    shares = cores_of_processes(cores, n)
    assert len({len(share) for share in shares}) == 1
    each = [core for share in shares for core in share]
    assert set(each) <= set(cores)
    if n <= n_cores:
        assert len(shares[0]) == n_cores // n
        assert len(set(each)) == len(each)
    else:
        assert max(map(each.count, each)) <= -(-n // n_cores)


def test_gpus_are_assigned_round_robin_and_a_smaller_thread_count_is_kept() -> None:
    asked = {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "9"}
    said = [environment_of(at, 3, 12, ["0", "1"], asked) for at in range(3)]
    assert [one["CUDA_VISIBLE_DEVICES"] for one in said] == ["0", "1", "0"]
    assert {one["OMP_NUM_THREADS"] for one in said} == {"2"}
    assert {one["MKL_NUM_THREADS"] for one in said} == {"4"}
    assert "CUDA_VISIBLE_DEVICES" not in environment_of(0, 1, 1, [], {})


@pytest.mark.parametrize(
    ("on", "message"),
    [
        ("locl:2", "there is no 'locl' among the engines"),
        ("local:two", "takes a number of processes, got 'two'"),
        ("local:0", "takes a number of processes, got '0'"),
    ],
)
def test_an_engine_that_is_none_is_refused_with_a_fix(on: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as refused, open_engine(on):
        pass
    assert refused.value.fix is not None


def test_where_processes_have_no_sessions_the_engine_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("os.setsid")
    with (
        pytest.raises(UsageError, match="which this system lacks") as refused,
        open_engine("local:2"),
    ):
        pass
    assert refused.value.fix == "leave --on out, or use --on ray"


def test_misspelt_engine_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UsageError) as refused, open_engine("locl:2"):
        pass
    assert str(refused.value.fix) == "write local:2; others: ray"


def test_of_engines_alone_one_is_proposed() -> None:
    with pytest.raises(UsageError) as refused, open_engine("cluster"):
        pass
    assert str(refused.value.fix) == "choose one of local, ray, or give module:object"


def test_a_missing_package_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match="needs the package ray") as refused, open_engine("ray"):
        pass
    assert refused.value.fix == "pip install 'podium-kaggle[ray]'"


def test_here_is_no_engine() -> None:
    with open_engine("local:1") as engine:
        assert engine is None


def test_ends_and_lines_of_tasks_come_back_and_stay_in_their_records(tmp_path: Path) -> None:
    said = RecordedProgress()
    found = ends(
        Inline(),
        task(tmp_path, "sum", engine_tasks.add, a=2, b=3),
        task(tmp_path, "refusal", engine_tasks.refuse),
        task(tmp_path, "mistake", engine_tasks.stumble),
        said=said,
    )
    assert found["sum"].value == 5
    refused = found["refusal"].error
    assert isinstance(refused, DataError)
    assert (refused.where, refused.fix) == ("train.csv", "write one")
    assert "the mistake: KeyError: 'label'" in str(found["mistake"].error)
    assert said.lines == ["the sum: 2 + 3 = 5"]
    kept = {one.name: one for one in jobs_of(Workspace(tmp_path))}
    states = {name: one.state for name, one in kept.items()}
    assert states == {"sum": "done", "refusal": "failed", "mistake": "failed"}
    assert kept["refusal"].line == "train.csv: there is no row"
    assert (kept["sum"].attempts, kept["sum"].worker) == (1, this_process())
    assert all(one.ended is not None for one in kept.values())


def test_what_the_caller_does_not_wait_for_is_cancelled(tmp_path: Path) -> None:
    engine = Inline()
    both = [task(tmp_path, name, engine_tasks.add, a=1, b=1) for name in ("one", "two")]
    running = run_tasks(engine, both)
    assert next(running).name == "one"
    assert isinstance(running, Iterator)
    running.close()  # type: ignore[attr-defined]
    assert engine.cancelled == ["two"]
    states = {one.name: one.state for one in jobs_of(Workspace(tmp_path))}
    assert states == {"one": "done", "two": "interrupted"}


def test_a_process_that_notices_late_that_it_was_cancelled_leaves_the_record(
    tmp_path: Path,
) -> None:
    begin_jobs(tmp_path, [JobRecord("one", "podium train", "ray", this_process(), timestamp())])
    with recorded(tmp_path, "one") as progress:
        end_job(tmp_path, "one", "cancelled")
        with progress.bar("rows", 2) as advance:
            advance(2)
    kept = json.loads((tmp_path / "one.json").read_text())
    assert (kept["state"], kept["attempts"]) == ("cancelled", 1)


def test_jobs_lists_tasks_and_knows_those_of_a_command_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "competition.yaml").write_text("name: one\n")
    assert "no tasks" in podium(tmp_path, "jobs")
    ends(Inline(), task(tmp_path, "sum", engine_tasks.add, a=2, b=3))
    file = tmp_path / ".podium/jobs/sum.json"
    record = json.loads(file.read_text())
    del record["checksum"]  # of what podium wrote, and this is changed
    gone = subprocess.Popen(["true"])
    gone.wait()
    host = this_process().rpartition(":")[0]
    progress = {"event": "progress", "label": "rows", "done": 3, "total": 9}
    lost = record | {"name": "lost", "state": "running", "waiter": f"{host}:{gone.pid}"}
    away = lost | {"name": "away", "waiter": f"elsewhere:{gone.pid}", "progress": progress}
    for one in (lost, away | {"ended": None, "attempts": 2, "updated": record["began"]}):
        file.with_name(f"{one['name']}.json").write_text(json.dumps(one))
    found = {one["name"]: one for one in json.loads(podium(tmp_path, "jobs", "--json"))}
    assert found["sum"]["state"] == "done"
    assert found["lost"]["state"] == "lost"
    assert found["away"]["state"] == "running"  # of another machine nothing is known
    assert found["away"]["line"] == "rows: 3 of 9"
    assert "running, attempt 2" in podium(tmp_path, "jobs")
    assert "away will be cancelled" in podium(tmp_path, "jobs", "--cancel", "aw")
    assert file.with_name("away.cancel").exists()
    said = podium(tmp_path, "jobs", "--cancel", "sum", code=2)
    assert "no task 'sum' waits or runs" in said
    assert "away" in said


@pytest.mark.slow
def test_a_process_that_dies_takes_no_other_along_and_its_task_is_run_again(
    tmp_path: Path,
) -> None:
    for marks in ("once", "always"):
        (tmp_path / marks).mkdir()
    once, always = (str(tmp_path / one) for one in ("once", "always"))
    with open_engine("local:2") as engine:
        assert engine is not None
        found = ends(
            engine,
            task(tmp_path, "always", engine_tasks.die, marks=always, times=99),
            task(tmp_path, "once", engine_tasks.die, marks=once, times=1),
            task(tmp_path, "sum", engine_tasks.add, a=2, b=3),
            task(tmp_path, "refusal", engine_tasks.refuse),
        )
    assert found["once"].value == "alive"
    assert found["sum"].value == 5
    assert isinstance(found["refusal"].error, DataError)
    error = found["always"].error
    assert isinstance(error, RunError)
    assert "its process was killed 4 times" in error.message
    attempts = {one.name: one.attempts for one in jobs_of(Workspace(tmp_path))}
    assert attempts == {"once": 2, "always": 4, "sum": 1, "refusal": 1}


@pytest.mark.slow
def test_a_task_that_is_cancelled_is_interrupted_or_never_begun(tmp_path: Path) -> None:
    workspace, engine = Workspace(tmp_path), LocalEngine("1")
    tasks = [
        task(tmp_path, name, engine_tasks.sit, mark=str(tmp_path / name)) for name in ("a", "b")
    ]

    def cancel() -> None:
        wait_for(lambda: (tmp_path / "a.begun").exists(), 120)
        cancel_job(workspace, "b")
        cancel_job(workspace, "a")

    canceller = threading.Thread(target=cancel)
    canceller.start()
    try:
        found = ends(engine, *tasks, task(tmp_path, "c", engine_tasks.add, a=1, b=2))
    finally:
        canceller.join()
        engine.close()
    assert found["a"].is_cancelled
    assert found["b"].is_cancelled
    assert found["c"].value == 3
    assert (tmp_path / "a.interrupted").exists()
    assert not (tmp_path / "b.begun").exists()
    states = {one.name: one.state for one in jobs_of(workspace)}
    assert states == {"a": "cancelled", "b": "cancelled", "c": "done"}


PARENT = """
import signal, sys
from pathlib import Path
import engine_tasks
from podium.workflows.engines import Task, open_engine, run_tasks
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run in the background
    jobs = Path(sys.argv[1]) / ".podium/jobs"
    marks = [str(Path(sys.argv[1]) / one) for one in ("one", "two")]
    tasks = [Task(m[-3:], m, jobs, engine_tasks.sit, {"mark": m}) for m in marks]
    with open_engine("local:2") as engine:
        list(run_tasks(engine, tasks))
"""


def parent_of_two(folder: Path) -> subprocess.Popen[str]:
    script = folder / "parent.py"
    script.write_text(PARENT)
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    parent = subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    wait_for(lambda: len(list(folder.glob("*.begun"))) == 2, 120)
    return parent


@pytest.mark.slow
@pytest.mark.parametrize("how", ["interrupted", "killed"])
def test_tasks_of_a_command_that_ends_are_interrupted(tmp_path: Path, how: str) -> None:
    parent = parent_of_two(tmp_path)
    if how == "killed":
        parent.kill()
    else:
        os.killpg(parent.pid, signal.SIGINT)  # as a terminal does
    _, said = parent.communicate(timeout=120)
    wait_for(lambda: len(list(tmp_path.glob("*.interrupted"))) == 2, 120)
    states = {one.state for one in jobs_of(Workspace(tmp_path))}
    if how == "killed":
        assert states == {"lost"}
    else:
        assert said.rstrip().endswith("KeyboardInterrupt")
        assert states == {"interrupted"}


EPOCHS, PACE_S = 4, 0.2
WORDS = ("train", "base", "wide")


# The processes of the engine are forks of one that has loaded what trains, and not each loads it
# anew. They are no forks of the command: what its other threads lock would stay locked in them.
FORKING = """
import multiprocessing
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["podium.training.fit.fold", "podium.workflows.training"])
multiprocessing.get_context = lambda _: forks
from podium.cli.app import main
main()
"""


def command(workspace: Workspace, *words: str, **how: Any) -> subprocess.Popen[str]:
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PODIUM_TRUST": "all"}
    return start(workspace.root, *words, env=env, **how)


@pytest.mark.first
@pytest.mark.slow
def test_a_command_that_is_killed_goes_on_and_its_runs_are_those_of_one_process_to_the_bit(
    tmp_path: Path,
) -> None:
    loaded = {"program": (loaded_python(), "-c", FORKING)}  # cannot be killed
    alone = telling_workspace(tmp_path / "alone", epochs=EPOCHS, pace_s=0.0)
    finished(command(alone, *WORDS, **loaded), 600)
    both = telling_workspace(tmp_path / "both", epochs=EPOCHS, pace_s=PACE_S)
    killable = (sys.executable, "-c", FORKING)
    first = command(both, *WORDS, "--on", "local:2", program=killable)
    wait_for(lambda: sum(epochs_of(both).values()) >= EPOCHS, 300)  # in the middle of folds
    first.kill()
    first.communicate()
    wait_for(lambda: not any(alive(one.worker) for one in jobs_of(both) if one.worker), 120)
    before = epochs_of(both)
    finished(command(both, *WORDS, "--on", "local:2", **loaded), 600)
    assert predictions_of(both) == predictions_of(alone)
    every = epochs_of(both)
    assert len(every) == 2 * 3 * EPOCHS
    # Of the two folds that were under way, at most the epoch that was told of and not saved.
    twice = {one: n for one, n in every.items() if n > 1}
    assert len(twice) <= 2, twice
    assert set(twice) <= set(before)


@pytest.mark.slow
def test_a_fold_that_fails_or_is_cancelled_leaves_the_others_and_the_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = telling_workspace(tmp_path / "ws", epochs=1, pace_s=0.0)

    class Troubled(Inline):
        def __init__(self, address: str) -> None:
            super().__init__()

        def wait(self, timeout_s: float) -> list[TaskEnd]:
            name = self.tasks[0].name
            if name.startswith("base") and name.endswith("fold-1"):
                return [TaskEnd(self.tasks.pop(0).name, error=RunError("it fell over"))]
            if name.startswith("wide") and name.endswith("fold-2"):
                return [TaskEnd(self.tasks.pop(0).name, is_cancelled=True)]
            return super().wait(timeout_s)

    monkeypatch.setattr(local, "ENGINE", Troubled)
    monkeypatch.setenv("PODIUM_TRUST", "all")
    said = podium(workspace.root, "train", "base", "wide", "wide", "--on", "local:2", code=1)
    assert "it fell over" in said
    assert "cancelled; the same command continues" in said
    assert len(epochs_of(workspace)) == 4
    assert "2 failed" not in podium(workspace.root, "status")
    assert "1 failed (podium jobs)" in podium(workspace.root, "status")
    done = podium(workspace.root, "train", "base", "wide")
    assert set(epochs_of(workspace).values()) == {1}
    assert len(epochs_of(workspace)) == 6
    assert done.count("finished") >= 2


def alive(process: str) -> bool:
    stat = Path(f"/proc/{process.rpartition(':')[2]}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_error_of_podiums_comes_whole_through_a_pipe() -> None:
    error = RunError("it is full", where="disk", fix="empty it")
    came = pickle.loads(pickle.dumps(TaskEnd("one", error=error))).error
    assert isinstance(came, PodiumError)
    assert str(came) == str(error)

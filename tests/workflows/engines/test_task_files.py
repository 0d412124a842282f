"""Tasks whose machines share no disk: their files come and go through object storage."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import engine_tasks
import pytest
from engine_tasks import Inline, predictions_of, watch_disks
from search_workspaces import RECIPE, workspace

from podium.errors import DataError, RunError, UsageError
from podium.workflows import task_files
from podium.workflows.engines import Task, TaskEnd, local, open_engine, run_tasks
from podium.workflows.predicting import predict_sets
from podium.workflows.task_files import EngineWithFiles
from podium.workflows.training import train_recipes
from podium.workspace.digests import state_of
from podium.workspace.jobs import JobRecord, begin_jobs, jobs_of, this_process, timestamp
from podium.workspace.layout import Workspace
from podium.workspace.storage.objects import ObjectStore
from tests.recorded_progress import RecordedProgress

WRITES = ("runs/a/fold-0",)


@pytest.fixture
def url() -> str:
    return f"memory://{uuid4().hex}"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(task_files, "SAVE_EVERY_S", 0.02)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "node"))


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    """The workspace of the command."""
    root = tmp_path / "leaves"
    (root / "data").mkdir(parents=True)
    (root / "competition.yaml").write_text("name: leaves\n")
    (root / "data/train.csv").write_text("id,label\n")
    return Workspace(root)


def task(home: Workspace, function: Callable[..., Any], **arguments: Any) -> Task:
    about = {"root": str(home.root), "scratch": None}
    name = "a.fold-0"
    return Task(name, "fold 0", home.jobs, function, {**about, **arguments}, writes=WRITES)


def end_of(one: Task, url: str, said: RecordedProgress | None = None) -> TaskEnd:
    engine = EngineWithFiles(Inline(), url)
    (end,) = run_tasks(engine, [one], progress=said or RecordedProgress())
    return end


def test_a_task_finds_its_files_elsewhere_and_what_it_writes_comes_back(
    home: Workspace, url: str
) -> None:
    said = RecordedProgress()
    end = end_of(task(home, engine_tasks.keep, text="weights"), url, said)
    assert end.error is None
    where, table = end.value
    assert Path(where) != home.root
    assert table == "id,label\n"
    assert (home.root / "runs/a/fold-0/last.pt").read_text() == "weights"
    assert said.lines == ["fold 0: keeping"]
    (record,) = jobs_of(home)
    assert (record.state, record.attempts, record.worker) == ("done", 1, this_process())


def test_an_error_comes_back_with_what_was_written_before(home: Workspace, url: str) -> None:
    end = end_of(task(home, engine_tasks.keep, text="half", refuse=True), url)
    assert isinstance(end.error, DataError)
    assert (home.root / "runs/a/fold-0/last.pt").read_text() == "half"


def test_what_was_begun_here_the_task_finds_elsewhere(home: Workspace, url: str) -> None:
    fold = home.root / "runs/a/fold-0"
    fold.mkdir(parents=True)
    (fold / "resume.pt").write_text("epoch 7")
    assert end_of(task(home, engine_tasks.keep, text="weights"), url).error is None
    found = {file.name: file.read_text() for file in fold.iterdir()}
    assert found == {"resume.pt": "epoch 7", "last.pt": "weights"}


def test_paths_of_the_workspace_are_those_of_the_machine_and_others_are_refused(
    home: Workspace, url: str, tmp_path: Path
) -> None:
    table = str(home.root / "data/train.csv")
    submitted = Inline()
    engine = EngineWithFiles(submitted, url)
    engine.submit(task(home, engine_tasks.keep, text="weights", table=table))
    (home.root / "data/train.csv").write_text("not seen elsewhere")
    (end,) = engine.wait(0)
    assert end.value[1] == "id,label\n"
    (tmp_path / "own.csv").touch()
    with pytest.raises(UsageError, match="lies outside the workspace") as refused:
        engine.submit(task(home, engine_tasks.keep, text="", table=str(tmp_path / "own.csv")))
    assert refused.value.where == str(tmp_path / "own.csv")


def test_a_task_that_writes_nowhere_is_refused_before_it_runs(home: Workspace, url: str) -> None:
    one = Task("sum", "the sum", home.jobs, engine_tasks.add, {"a": 1, "b": 2})
    with pytest.raises(UsageError, match="the sum needs a disk that its machines share"):
        end_of(one, url)


def test_a_task_from_which_nothing_comes_back_has_failed(home: Workspace, url: str) -> None:
    end = end_of(task(home, engine_tasks.keep, text=None), url)
    assert "nothing came back" in str(end.error)


def test_task_taken_over_is_interrupted_and_names_the_new_owner(
    home: Workspace, url: str, tmp_path: Path
) -> None:
    began = time.monotonic()
    end = end_of(task(home, engine_tasks.sit_taken_over, url=url, other=(str(tmp_path),)), url)
    assert "a.fold-0 was taken over by two:2" in str(end.error)
    assert time.monotonic() - began < 30
    # What the other one has counts, for this command, too.
    assert (home.root / "runs/a/fold-0/last.pt").read_text() == "of the other"


def test_storage_that_is_away_for_a_while_costs_nothing(
    home: Workspace, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_file, left = ObjectStore.put_file, [3]

    def away(self: ObjectStore, name: str, file: Path) -> None:
        if name.startswith("parts") and left[0]:
            left[0] -= 1
            raise RunError("there is no network")
        put_file(self, name, file)

    monkeypatch.setattr(ObjectStore, "put_file", away)
    assert end_of(task(home, engine_tasks.keep, text="weights"), url).error is None
    assert left == [0]
    assert (home.root / "runs/a/fold-0/last.pt").read_text() == "weights"


def test_storage_that_stays_away_is_an_error_of_the_task(
    home: Workspace, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: ObjectStore, name: str, file: Path) -> None:
        raise RunError("there is no network")

    engine = EngineWithFiles(Inline(), url)
    one = task(home, engine_tasks.keep, text="weights")
    begin_jobs(home.jobs, [JobRecord(one.name, "", "", this_process(), timestamp())])
    engine.submit(one)
    monkeypatch.setattr(ObjectStore, "put_file", away)
    monkeypatch.setattr(task_files, "_SAVE_AT_THE_END_WITHIN_S", 0.05)
    (end,) = engine.wait(0)
    assert "there is no network" in str(end.error)


@pytest.mark.parametrize(
    ("on", "message"),
    [("local:2,s3:/x", "is no address of object storage"), ("locl:2,memory://x", "no 'locl'")],
)
def test_on_refuses_an_address_or_an_engine_that_is_none(on: str, message: str) -> None:
    with pytest.raises(UsageError, match=message), open_engine(on):
        pass


def test_one_process_with_storage_is_a_process_of_its_own(url: str) -> None:
    with open_engine(f"local:1,{url}") as engine:
        assert isinstance(engine, EngineWithFiles)
        assert engine.slots == 1


@pytest.mark.slow
@pytest.mark.long
def test_training_from_a_run_and_predictions_through_storage_are_those_of_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name, value in watch_disks(tmp_path / "site").items():
        monkeypatch.setenv(name, value)
    environment_of = local.environment_of

    def of_a_node(at: int, *rest: Any) -> dict[str, str]:
        own = {"XDG_CACHE_HOME": f"{tmp_path}/node-{at}", "NOT_SHARED": f"{tmp_path}/through"}
        return {**environment_of(at, *rest), **own}

    monkeypatch.setattr(local, "environment_of", of_a_node)
    found = []
    for name, on in (("here", "local:1"), ("through", f"local:2,file://{tmp_path}/store")):
        made, competition = workspace(tmp_path / name / "leaves")
        train_recipes(made, competition, ["base"], folds=[1], on=on)
        start = next(made.runs.iterdir()).name
        recipe = RECIPE.replace("pretrained: false", f"from: {start}")
        (made.recipes / "next.yaml").write_text(recipe)
        attempts = train_recipes(made, competition, ["next"], folds=[1], on=on)
        run = attempts[0].result().run
        predict_sets(made, competition, run, tta=["hflip"], splits=["test"], folds=[1], on=on)
        found.append(predictions_of(made))
        assert {state_of(file) for file in made.runs.rglob("*.pt")} == {"intact"}
    assert len(found[0]) > 10
    assert found[0] == found[1]

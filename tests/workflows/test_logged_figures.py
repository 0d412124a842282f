"""A finished run's figures reach the loggers of its recipe once; no fault of theirs fails it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reporting.conftest import Made, made_labels

from podium.training.runs.train import Trained
from podium.workflows import training
from podium.workflows.engines import Flow
from podium.workflows.training import log_figures, train_recipes
from podium.workspace.records import read_record, write_record

MINE = """\
from podium.training.loggers import Logger

class Mine(Logger):
    def log_all(self, history):
        raise AssertionError("there is no history to tell")

    log = log_all

    def figure(self, name, figure):
        with (self.folder / "mine").open("a") as file:
            file.write(f"{name}, {len(figure.axes)}\\n")

    def close(self):
        with (self.folder / "mine").open("a") as file:
            file.write("closed\\n")

class Broken(Mine):
    def figure(self, name, figure):
        raise ZeroDivisionError("the server is away")
"""


class RecordedProgress:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = made_labels(tmp_path_factory.mktemp("loggers"))
    (made.workspace.root / "logging_of_mine.py").write_text(MINE)
    made.workspace.recipes.mkdir()
    recipe = "phases: [{name: all, epochs: 1}]\nloggers: ['logging_of_mine:Mine']\n"
    (made.workspace.recipes / "tiny.yaml").write_text(recipe)
    made.add_run("tiny-0a0a0a0a")
    return made


def progress_of(made: Made, *loggers: str) -> RecordedProgress:
    progress: Any = RecordedProgress()
    run = made.workspace.runs / "tiny-0a0a0a0a"
    log_figures(made.workspace, made.competition, run, loggers, progress=progress)
    return progress


def test_figures_are_logged_once_until_the_run_changes(made: Made) -> None:
    run = made.workspace.runs / "tiny-0a0a0a0a"
    progress_of(made, "csv")  # takes none: nothing is drawn, nothing written
    assert not (run / "figures").exists()
    for _ in range(2):
        assert progress_of(made, "csv", "logging_of_mine:Mine").lines == []
    expected = ["Training: Loss, 1", "Training: accuracy, 1", "Training: Learning rate, 1"]
    lines = (run / "figures/mine").read_text().splitlines()
    assert lines[:3] == expected
    assert lines.count("closed") == 1
    assert json.loads((run / "figures/logged.json").read_text())["loggers"] == [
        "logging_of_mine:Mine"
    ]
    write_record(run, read_record(run).model_copy(update={"status": "unfinished"}))
    progress_of(made, "logging_of_mine:Mine")
    assert (run / "figures/mine").read_text().splitlines() == lines * 2


def test_a_failing_logger_is_reported_closed_and_tried_again(made: Made) -> None:
    run = made.workspace.runs / "tiny-0a0a0a0a"
    (run / "figures/mine").unlink(missing_ok=True)
    for _ in range(2):
        (line,) = progress_of(made, "logging_of_mine:Broken").lines
        assert "the figures of tiny-0a0a0a0a are not logged: ZeroDivisionError" in line
    assert (run / "figures/mine").read_text() == "closed\n" * 2


@pytest.mark.parametrize(("missing", "stopped"), [((), None), ((1,), None), ((), "time is over")])
def test_training_a_list_tells_figures_of_the_runs_that_are_finished(
    made: Made,
    monkeypatch: pytest.MonkeyPatch,
    missing: tuple[int, ...],
    stopped: str | None,
) -> None:
    run = made.workspace.runs / "tiny-0a0a0a0a"
    for file in ("mine", "logged.json"):
        (run / "figures" / file).unlink(missing_ok=True)

    def trained(*args: Any, **kwargs: Any) -> Flow[Trained]:
        yield from ()
        return Trained(run, (0, 1, 2), missing, stopped, {})

    monkeypatch.setattr(training, "training", trained)
    (attempt,) = train_recipes(made.workspace, made.competition, ["tiny"])
    assert attempt.error is None
    is_finished = not missing and stopped is None
    assert (run / "figures" / "mine").exists() == is_finished


def test_a_folder_that_is_no_run_stops_nothing(made: Made) -> None:
    progress: Any = RecordedProgress()
    nowhere = made.workspace.runs / "gone-0f0f0f0f"
    names = ["logging_of_mine:Mine"]
    log_figures(made.workspace, made.competition, Path(nowhere), names, progress=progress)
    assert len(progress.lines) == 1

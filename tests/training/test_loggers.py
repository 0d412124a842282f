"""Loggers hold exactly the history, however often a training is killed and resumed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from training import killed
from training.fold_fits import lines
from training.logged import tensorboard_pictures, tensorboard_points, wandb_rows

from podium.errors import RecipeError, RunError
from podium.training import loggers
from podium.training.loggers import find_loggers, open_loggers, pixels_of
from podium.training.runs.history import HistoryRow
from podium.training.runs.train import train
from podium.workspace import extensions

HISTORY: list[HistoryRow] = [
    {"phase": "head", "epoch": 1, "lr": 0.1, "train_loss": 2.0},
    {"phase": "whole", "epoch": 1, "lr": 0.2, "train_loss": 1.5, "accuracy": 0.25},
    {"phase": "whole", "epoch": 2, "lr": 0.1, "train_loss": 1.25, "accuracy": 0.5},
    {"phase": "whole", "epoch": 3, "lr": 0.05, "train_loss": 1.0, "accuracy": float("nan")},
]
SETTINGS = {"seed": 3, "optimizer": {"lr": 0.1, "name": "adamw"}, "phases": [{"epochs": 2}]}
RECIPE = """\
model: {backbone: cnn, pretrained: false, options: {widths: [8, 16]}}
input: {size: 32}
batch_size: 8
phases:
  - {name: head, epochs: 2, freeze: [backbone]}
  - {name: whole, epochs: 2}
loggers: [csv, tensorboard, wandb]
"""


def test_names_are_files_and_csv_writes_nothing_of_its_own(tmp_path: Path) -> None:
    assert extensions.names(loggers) == ["csv", "tensorboard", "wandb"]
    (one,) = open_loggers(["csv", "csv"], tmp_path, title="fold 0")
    one.log_all(HISTORY[:1])
    one.log(HISTORY[1], 2)
    one.close()
    assert list(tmp_path.iterdir()) == []


def test_naming_loggers_imports_nothing_and_only_named_ones_are_required() -> None:
    code = (
        "import sys; from podium.training.loggers import find_loggers;"
        "print(len(find_loggers(['csv', 'tensorboard', 'wandb'])));"
        "heavy = ('wandb', 'tensorboard', 'torch', 'lightning_fabric');"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["3", "[]"]


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match="no 'tensorbord' among the loggers") as raised:
        find_loggers(["tensorbord"])
    assert "write tensorboard" in (raised.value.fix or "")


def test_a_missing_package_is_reported_with_its_extra_before_anything_is_trained(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = make()
    find_spec = loggers.importlib.util.find_spec
    monkeypatch.setattr(
        loggers.importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "wandb" else find_spec(name, *rest),
    )
    recipe = workspace.recipes / "tiny.yaml"
    with pytest.raises(RecipeError, match="needs wandb, which is not installed") as raised:
        train(workspace, competition, recipe, overrides=("loggers=[wandb]",))
    assert "pip install 'podium-kaggle[wandb]'" in (raised.value.fix or "")
    assert not workspace.runs.exists()


MINE = """\
import json
import subprocess
import sys
from podium.training.loggers import Logger

class Mine(Logger):
    def _tell(self, *what):
        with (self.folder / "mine").open("a") as file:
            file.write(json.dumps(what) + "\\n")

    def log_all(self, history):
        self._tell(len(history), self.title, self.settings["batch_size"])

    def log(self, row, number):
        self._tell(number, row["phase"], row["epoch"])

    def close(self):
        self._tell("closed")
"""


def test_a_users_logger_gets_every_epoch(make: Callable) -> None:
    workspace, competition = make()
    (workspace.root / "mine.py").write_text(MINE)
    file, use = workspace.recipes / "tiny.yaml", ("loggers=['mine:Mine']",)
    run = train(workspace, competition, file, folds=[0], overrides=use).run
    told = [json.loads(line) for line in (run / "fold-0/mine").read_text().splitlines()]
    epochs = [[1, "head", 1], [2, "whole", 1], [3, "whole", 2]]
    assert told == [[0, f"fold 0 of {run.name}", 8], *epochs, ["closed"]]


def test_tensorboard_holds_the_history_after_repeated_epochs(tmp_path: Path) -> None:
    for known in (0, 2):  # the second process has two epochs, the first logged three
        (logger,) = open_loggers(["tensorboard"], tmp_path, title="fold 0", settings=SETTINGS)
        logger.log_all(HISTORY[:known])
        for number in range(known, known + 3 if known == 0 else len(HISTORY)):
            logger.log(HISTORY[number], number + 1)
        if known == 2:
            logger.close()
    points, settings = tensorboard_points(tmp_path / "tensorboard")
    assert points["train_loss"] == [(1, 2.0), (2, 1.5), (3, 1.25), (4, 1.0)]
    assert points["epoch"] == [(1, 1.0), (2, 1.0), (3, 2.0), (4, 3.0)]
    assert [step for step, _ in points["accuracy"]] == [2, 3, 4]
    assert points["lr"][1] == (2, pytest.approx(0.2))
    assert "phase" not in points
    assert settings == {
        "seed": 3.0,
        "optimizer.lr": 0.1,
        "optimizer.name": "adamw",
        "phases": '[{"epochs": 2}]',
    }


def test_an_epoch_is_on_disk_once_it_is_logged(tmp_path: Path) -> None:
    (logger,) = open_loggers(["tensorboard"], tmp_path, title="fold 0", settings=SETTINGS)
    logger.log_all([])
    for number, row in enumerate(HISTORY, start=1):
        logger.log(row, number)
        points, _ = tensorboard_points(tmp_path / "tensorboard")
        assert len(points["train_loss"]) == number
    logger.close()


class Server:
    """W&B as seen from the client: it keeps rows by id, and a resumed run begins after its last."""

    __spec__ = "installed"
    Settings = staticmethod(dict)
    Image = staticmethod(np.asarray)

    class errors:  # noqa: N801 — the name of W&B's module
        class Error(Exception):
            """As W&B's."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[int, dict[str, Any]]] = {}
        self.asked: list[dict[str, Any]] = []
        self.pictures: dict[str, Any] = {}
        self.finished = 0
        self.is_closed = False

    def init(self, **asked: Any) -> Any:
        if self.is_closed:
            raise self.errors.Error("you are not logged in")
        self.asked.append(asked)
        rows = self.rows.setdefault(asked["id"], {})

        def log(row: dict[str, Any], *, step: int | None = None, commit: bool = True) -> None:
            assert commit
            if step is None:
                self.pictures |= row
                return
            assert step not in rows, f"step {step} is logged twice"
            rows[step] = row

        def finish() -> None:
            self.finished += 1

        return SimpleNamespace(starting_step=max(rows, default=-1) + 1, log=log, finish=finish)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()
    monkeypatch.setitem(sys.modules, "wandb", found)  # type: ignore[arg-type]
    return found


def test_wandb_online_goes_on_with_the_fold_s_run_where_it_ended(
    tmp_path: Path, server: Server
) -> None:
    for known, last in ((0, 3), (2, 4)):  # three epochs are logged, two of them were saved
        (logger,) = open_loggers(["wandb"], tmp_path / "run-1/fold-0", title="f", settings=SETTINGS)
        logger.log_all(HISTORY[:known])
        for number in range(known, last):
            logger.log(HISTORY[number], number + 1)
        logger.close()
        logger.close()
    (rows,) = server.rows.values()
    assert list(rows) == [1, 2, 3, 4]
    assert [rows[step]["train_loss"] for step in rows] == [2.0, 1.5, 1.25, 1.0]
    first, second = server.asked
    assert first == second
    assert (first["group"], first["name"], first["config"]) == ("run-1", "f", SETTINGS)
    assert (first["resume"], first["reinit"]) == ("allow", "create_new")
    assert server.finished == 2


def test_a_wandb_error_is_reported_with_a_fix(tmp_path: Path, server: Server) -> None:
    server.is_closed = True
    (logger,) = open_loggers(["wandb"], tmp_path, title="fold 0 of x", settings=SETTINGS)
    with pytest.raises(RunError, match="not logged in") as raised:
        logger.log_all([])
    assert "WANDB_MODE=offline" in (raised.value.fix or "")
    logger.close()


def drawn() -> Figure:
    """Return 100 x 50 points with the left half of a light red, transparent elsewhere."""
    figure = Figure(figsize=(100 / 72, 50 / 72), facecolor="none")
    figure.add_artist(Rectangle((0, 0), 0.5, 1, color="red", alpha=0.5, lw=0))
    return figure


def is_red_and_white(pixels: np.ndarray) -> bool:
    is_red = (np.abs(pixels[:, :95].astype(int) - (255, 127, 127)) <= 1).all()
    return bool(pixels.shape == (100, 200, 3) and is_red and (pixels[:, 105:] == 255).all())


def test_a_figure_is_logged_once_on_white_however_often_it_is_passed(
    tmp_path: Path, server: Server
) -> None:
    folder = tmp_path / "tiny-0a0a0a0a" / "figures"
    folder.mkdir(parents=True)
    for _ in range(2):
        for logger in open_loggers(["csv", "tensorboard", "wandb"], folder, title="figures of x"):
            logger.figure("Loss", drawn())
            logger.figure("Confusion: Counts", drawn())
            logger.close()
    pictures = tensorboard_pictures(folder / "tensorboard")
    assert [name for name, _ in pictures] == ["Loss", "Confusion: Counts"]  # written anew
    assert all(is_red_and_white(pixels) for _, pixels in pictures)
    assert list(server.pictures) == ["Loss", "Confusion: Counts"]
    assert all(is_red_and_white(pixels) for pixels in server.pictures.values())
    assert {one["group"] for one in server.asked} == {"tiny-0a0a0a0a"}
    assert server.finished == 2


def test_a_figure_of_hundreds_of_classes_stays_within_memory() -> None:
    tall = Figure(figsize=(520 / 72, 14_400 / 72))
    height, width, _ = pixels_of(tall).shape
    assert height * width == pytest.approx(16_000_000, rel=0.01)


@pytest.mark.slow
# 36 images, 24 of them in training, 8 a step: three steps an epoch. In an epoch, and between two.
@pytest.mark.parametrize("moment", [4, pytest.param(6, marks=pytest.mark.long)])
def test_after_kills_and_resumes_there_are_neither_holes_nor_doubles(
    make: Callable, moment: int
) -> None:
    workspace, _ = make(recipe=RECIPE)
    root = workspace.root
    folders = {f"WANDB_{name}_DIR": str(root.parent / name) for name in ("CONFIG", "CACHE", "DATA")}
    killed.in_another_process(root, [moment], WANDB_MODE="offline", WANDB_SILENT="true", **folders)
    (unbroken,) = (root / "runs").glob("tiny-*")
    identities = set()
    for of in (root, root.with_name(f"{root.name}-{moment}")):
        fold = of / "runs" / unbroken.name / "fold-0"  # loggers are not in a run's id
        history = lines(fold / "metrics.csv")
        assert len(history) == 4
        points, settings = tensorboard_points(fold / "tensorboard")
        for name in history[0].keys() - {"phase"}:
            expected_points = [
                (step, pytest.approx(float(row[name]))) for step, row in enumerate(history, 1)
            ]
            assert points[name] == expected_points, (of.name, name)
        assert settings["batch_size"] == 8
        identity, rows, config = wandb_rows(fold / "wandb")
        identities.add(identity)
        assert identity == (fold / "wandb-id").read_text().strip()
        assert [row["_step"] for row in rows] == [1, 2, 3, 4], of.name
        for row, truth in zip(rows, history, strict=True):
            assert row["phase"] == truth.pop("phase")
            numbers = {name: float(text) for name, text in truth.items()}
            assert {name: row[name] for name in numbers} == pytest.approx(numbers)
        assert config["optimizer"]["name"] == "adamw"
        assert config["batch_size"] == 8
    assert len(identities) == 2

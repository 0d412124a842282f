"""Tasks of engines for tests, importable in any process; and workspaces whose trainings tell."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

from search_workspaces import RECIPE, workspace

from podium.errors import DataError
from podium.workflows.engines import Task, TaskEnd, run_task
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress
from podium.workspace.storage.objects import ObjectStore
from podium.workspace.storage.parts import StoredPart

__all__ = ["Inline", "epochs_of", "predictions_of", "telling_workspace", "watch_disks"]


class Inline:
    """An engine that runs each task here when it is waited for."""

    name, slots = "inline", 1

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.cancelled: list[str] = []

    def submit(self, task: Task) -> None:
        self.tasks.append(task)

    def wait(self, timeout_s: float) -> list[TaskEnd]:
        return [run_task(self.tasks.pop(0))] if self.tasks else []

    def cancel(self, name: str) -> None:
        self.cancelled.append(name)

    def close(self) -> None:
        self.tasks.clear()


def add(*, a: int, b: int, progress: Progress) -> int:
    """Return a sum, and say it."""
    progress.say(f"{a} + {b} = {a + b}")
    return a + b


def refuse(*, progress: Progress) -> None:
    """Refuse as podium does."""
    raise DataError("there is no row", where="train.csv", fix="write one")


def stumble(*, progress: Progress) -> None:
    """Fail as a mistake does."""
    raise KeyError("label")


def die(*, marks: str, times: int, progress: Progress) -> str:
    """Be killed the first `times` that it is called; then return who lived."""
    folder = Path(marks)
    if len(list(folder.iterdir())) < times:
        (folder / f"{time.monotonic_ns()}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def sit(*, mark: str, progress: Progress) -> None:
    """Wait for a minute; when interrupted take a second, as saving does, and leave a mark."""
    place = Path(mark)
    try:
        place.with_suffix(".begun").touch()
        with progress.bar("sitting", 600) as advance:
            for _ in range(600):
                advance(1)
                time.sleep(0.1)
    except KeyboardInterrupt:
        time.sleep(1)
        place.with_suffix(".interrupted").touch()
        raise


# A logger of the workspace's own: it slows an epoch down, tells of it, and has every step saved.
_PACE = """\
import time
from pathlib import Path
from podium.training.fit import fold
from podium.training.loggers import Logger

fold.fit_fold.__kwdefaults__["checkpoint_every_s"] = 0.0

class Pace(Logger):
    def log_all(self, history):
        pass

    def log(self, row, epoch):
        with (Path(__file__).parent / "pace.txt").open("a") as told:
            told.write(f"{self.title}|{epoch}|{time.time()}\\n")
        time.sleep(PACE)

    def close(self):
        pass

LOGGER = Pace
"""


def telling_workspace(root: Path, *, epochs: int, pace_s: float) -> Workspace:
    """Return a workspace of two recipes, `base` and `wide`, whose trainings tell of each epoch."""
    recipe = RECIPE.replace("epochs: 1", f"epochs: {epochs}") + 'loggers: [csv, "pace:LOGGER"]\n'
    made, _ = workspace(root, recipe=recipe)
    (root / "recipes/wide.yaml").write_text(recipe.replace("[4]", "[6]"))
    (root / "pace.py").write_text(_PACE.replace("PACE", str(pace_s)))
    return made


def epochs_of(workspace: Workspace) -> Counter[tuple[str, int]]:
    """Return how often each epoch of each fold was trained."""
    told = workspace.root / "pace.txt"
    lines = told.read_text().splitlines() if told.exists() else []
    return Counter((title, int(epoch)) for title, epoch, _ in (one.split("|") for one in lines))


def predictions_of(workspace: Workspace) -> dict[str, Any]:
    """Return the digest of each file of predictions, and the scores of each run."""
    found: dict[str, Any] = {}
    for file in sorted(workspace.runs.glob("*/predictions/**/*")):
        if file.suffix in (".npy", ".npz", ".parquet"):
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            found[str(file.relative_to(workspace.runs))] = digest
    for file in sorted(workspace.runs.glob("*/record.json")):
        found[file.parent.name] = json.loads(file.read_text())["scores"]
    return found


def keep(
    *,
    root: str,
    scratch: None,
    text: str | None,
    table: str | None = None,
    refuse: bool = False,
    progress: Progress,
) -> tuple[str, str] | None:
    """Write a fold's weights, and return the workspace and what its table has."""
    progress.say("keeping")
    if text is None:
        return None
    file = Path(root) / "runs/a/fold-0/last.pt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    if refuse:
        raise DataError("there is no row", where="train.csv", fix="write one")
    return root, Path(table or f"{root}/data/train.csv").read_text()


# Processes of nodes open no file of a workspace that is not theirs.
_NO_SHARED_DISK = """\
import os, sys

def refuse(event, arguments):
    forbidden = os.environ.get("NOT_SHARED")
    if event in ("open", "os.listdir", "os.scandir") and forbidden and arguments:
        if isinstance(arguments[0], str) and arguments[0].startswith(forbidden):
            raise PermissionError(f"{arguments[0]} is on another machine")

sys.addaudithook(refuse)
"""


def watch_disks(site: Path) -> dict[str, str]:
    """Return the environment in which the variable NOT_SHARED names a folder of another machine."""
    site.mkdir()
    (site / "sitecustomize.py").write_text(_NO_SHARED_DISK)
    return {"PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])}


def sit_taken_over(
    *, root: str, scratch: None, url: str, other: tuple[str], progress: Progress
) -> None:
    """Wait for a minute, while another process takes the task over and writes."""
    part = StoredPart(ObjectStore(url), "a.fold-0", Path(*other), ("runs/a/fold-0",))
    part.claim("two:2")
    file = Path(*other) / "runs/a/fold-0/last.pt"
    file.parent.mkdir(parents=True)
    file.write_text("of the other")
    part.publish()
    for _ in range(600):
        time.sleep(0.1)

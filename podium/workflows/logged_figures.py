"""The figures of a finished run, given to the loggers that its recipe names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.workspace.atomic import write_json
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["log_figures"]

FOLDER, LOGGED = "figures", "logged.json"


def log_figures(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    loggers: Sequence[str],
    *,
    progress: Progress = SILENT,
) -> None:
    """Give every figure of `run` to those of `loggers` that take figures.

    They are given once: a run that has not changed since is left alone. Whatever goes wrong is told
    and stops nothing, for the run is trained.

    Args:
        workspace: where it lies.
        competition: what it is about.
        run: its folder.
        loggers: names, as in a recipe.
        progress: is told what could not be logged.
    """
    try:
        _log(workspace, competition, run, loggers, progress)
    except Exception as error:  # a logger may be of one's own, or its server away
        why = error if isinstance(error, PodiumError) else f"{type(error).__name__}: {error}"
        progress.say(f"the figures of {run.name} are not logged: {why}")


def _log(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    names: Sequence[str],
    progress: Progress,
) -> None:
    from podium.training.loggers import Logger, find_loggers, open_loggers

    kinds = zip(dict.fromkeys(names), find_loggers(names, root=workspace.root), strict=True)
    taking = [name for name, kind in kinds if kind.figure is not Logger.figure]
    record = hashlib.sha256((run / "record.json").read_bytes()).hexdigest()
    state, folder = {"record": record, "loggers": taking}, run / FOLDER
    if not taking or _read(folder / LOGGED) == state:
        return
    from podium.reporting.figures_of import figures_of

    folder.mkdir(exist_ok=True)
    loggers = open_loggers(taking, folder, title=f"figures of {run.name}", root=workspace.root)
    try:
        # What cannot be drawn is told on the page, which is where one looks.
        for heading, plot in figures_of(workspace, competition, run, problems=[]):
            title = plot.title if plot.title == heading else f"{heading}: {plot.title}"
            for logger in loggers:
                logger.figure(title, plot.figure)
    finally:
        for logger in loggers:
            logger.close()
    write_json(folder / LOGGED, state)


def _read(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None

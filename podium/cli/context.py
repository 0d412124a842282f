"""Start of every command: the workspace, its competition, and progress on stderr.

Progress is bars on a terminal and plain lines elsewhere; for a machine, objects of JSON on stdout.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import typer

from podium.cli.commands import COMMANDS
from podium.errors import UsageError
from podium.workspace.atomic import sweep
from podium.workspace.extensions import ask_before_code
from podium.workspace.layout import ARTEFACT_ROOMS, Workspace
from podium.workspace.machine import busy_note
from podium.workspace.progress import JsonLines, Status, line_progress
from podium.workspace.trust import allow_code

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = [
    "Session",
    "TerminalProgress",
    "called_with",
    "command_line",
    "json_lines",
    "note_busy_machine",
    "open_workspace",
    "print_lines",
    "print_to_type",
    "program_name",
    "progress",
    "session",
    "to_type_here",
    "typed",
]

STATUS_EVERY_S = 1.0
STATUS_BAR = 10  # characters: the text beside it is what a person reads


class TerminalProgress:
    """Reports to a person: `say` prints a line, `bar` draws one while its work lasts."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()

    def say(self, message: str) -> None:
        """Print `message` on a line of its own."""
        print(to_type_here(message), file=sys.stderr, flush=True)

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show how much of `total` is done; the value is called with each advance."""
        if self._is_terminal:
            with self._drawn(label, total) as advance:
                yield advance
        else:
            yield line_progress(self.say, label, total)

    @contextmanager
    def status_bar(
        self, label: str, total: int, status: Callable[[], Status]
    ) -> Iterator[Callable[[int], None]]:
        """Show the status of the work beside how much of it is done."""
        if self._is_terminal:
            with self._drawn(label, total, status) as advance:
                yield advance
        else:
            yield line_progress(self.say, label, total, status)

    @contextmanager
    def _drawn(
        self, label: str, total: int, status: Callable[[], Status] | None = None
    ) -> Iterator[Callable[[int], None]]:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.table import Column

        text = TextColumn("  {task.description}")
        columns = (
            (text, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            if status is None
            else (
                BarColumn(bar_width=STATUS_BAR),
                MofNCompleteColumn(),
                # Wrapped on a narrow terminal: cut off, it would lose the time that is left.
                TextColumn("{task.description}", table_column=Column(no_wrap=False)),
            )
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task(escape(label), total=total)
            due = monotonic()

            def advance(n: int = 1) -> None:
                nonlocal due
                bars.advance(task, n)
                if status is not None and monotonic() >= due:
                    due = monotonic() + STATUS_EVERY_S
                    bars.update(task, description=escape(status().line()))

            yield advance


@dataclass(frozen=True)
class Session:
    """The global options of one call."""

    start: Path | None = None
    scratch: Path | None = None
    debug: bool = False
    told: set[str] = field(default_factory=set, compare=False, repr=False)
    """Lines that were reported: several steps of a command look for one name."""

    def workspace(self) -> Workspace:
        """Return the workspace at or above `--workspace` (default: the current folder)."""
        return Workspace.find(self.start, scratch=self.scratch, tell=self._say_once)

    def workspace_if_any(self) -> Workspace | None:
        """Return the workspace, or None where none was named and this is none."""
        try:
            return self.workspace()
        except UsageError:
            if self.start is not None:
                raise
            return None

    def _say_once(self, line: str) -> None:
        if line not in self.told:
            self.told.add(line)
            progress().say(line)


def session(ctx: typer.Context) -> Session:
    """Return the global options that this command was called with."""
    assert isinstance(ctx.obj, Session)
    return ctx.obj


def open_workspace(ctx: typer.Context) -> tuple[Workspace, Competition]:
    """Return the workspace and the competition that it describes."""
    from podium.competition.spec import load_competition

    workspace = session(ctx).workspace()
    rooms = [workspace.root / room for room in ARTEFACT_ROOMS]
    for folder in (workspace.root, *rooms, workspace.checked_images.parent):
        sweep(folder)  # what a killed command left there; what else it wrote, its own lock's holder
    ask_before_code(_allow_code)
    return workspace, load_competition(workspace.competition_file)


def _allow_code(root: Path, file: Path) -> None:
    is_attended = sys.stdin.isatty() and sys.stderr.isatty()
    allow_code(
        root,
        file,
        report=lambda text: print(text, file=sys.stderr, flush=True),
        ask=partial(typer.confirm, err=True) if is_attended else None,
    )


def program_name() -> str:
    """Return what to type for `podium` in this shell: its path where it is not on the PATH."""
    called = Path(sys.argv[0])
    if shutil.which("podium") or called.name != "podium":
        return "podium"
    return str(called.relative_to(Path.cwd()) if called.is_relative_to(Path.cwd()) else called)


_called_with = ContextVar[tuple[str, ...]]("called_with", default=())

_ANYWHERE = {"completion", "demo", "doctor", "host", "presets"}
_OF_WORKSPACE = re.compile(rf"\bpodium (?=({'|'.join(set(COMMANDS) - _ANYWHERE)})\b)")
"""A command in a text, but those that work on no workspace."""


def called_with(ctx: typer.Context) -> None:
    """Keep, until the command of `ctx` is over, with which options it names its workspace.

    What stands in the environment holds for the next command, too.
    """
    words: list[str] = []
    for option, name in (("-w", "workspace"), ("--scratch", "scratch")):
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            words += [option, str(ctx.params[name])]
    token = _called_with.set(tuple(words))
    ctx.call_on_close(lambda: _called_with.reset(token))


def command_line(*words: str) -> str:
    """Return a command to type in this shell, for the workspace of the one that runs."""
    return shlex.join([program_name(), *_called_with.get(), *words])


def typed() -> str:
    """Return the command that runs, as it was typed."""
    return shlex.join([program_name(), *sys.argv[1:]])


def to_type_here(text: str) -> str:
    """Return a text whose commands name the workspace as the command that runs was told it."""
    if not (words := _called_with.get()):
        return text
    return _OF_WORKSPACE.sub(lambda _: f"podium {shlex.join(words)} ", text)


def print_to_type(text: object) -> None:
    """Print a text whose commands are as `to_type_here` has them."""
    print(to_type_here(str(text)))


_is_by_lines = ContextVar("is_by_lines", default=False)


def print_lines(ctx: typer.Context, is_by_lines: bool) -> bool:
    """Print objects of JSON, a line each, until the command of `ctx` is over; the value again."""
    token = _is_by_lines.set(is_by_lines)
    ctx.call_on_close(lambda: _is_by_lines.reset(token))
    return is_by_lines


def progress() -> TerminalProgress | JsonLines:
    """Return the progress reporter: bars and messages on stderr; --json-lines: as that has it."""
    return json_lines() or TerminalProgress()


def note_busy_machine() -> None:
    """Print that other programs make longer what is measured next, where they do."""
    if (note := busy_note()) is not None:
        progress().say(note)


def json_lines() -> JsonLines | None:
    """Return what prints an object of JSON a line, on stdout; None without --json-lines."""
    return JsonLines(lambda line: print(line, flush=True)) if _is_by_lines.get() else None

"""The `podium` program: its commands, its global options, and what it does with errors."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer
from typer._completion_classes import completion_init
from typer.core import TyperGroup

from podium import __version__
from podium.cli.commands import COMMANDS, status
from podium.cli.context import Session, called_with, program_name, to_type_here, typed
from podium.errors import PodiumError, from_memory_error, from_os_error, is_out_of_memory
from podium.workspace.extensions import user_code_location
from podium.workspace.layout import DRAFT_FILE

__all__ = ["app", "main"]

_COMPLETION = "_PODIUM_COMPLETE"  # by which the scripts of `podium completion` ask
# Beside Ctrl-C, which raises of its own: a batch system's end, and a terminal that was closed.
_STOPPING = ("SIGTERM", "SIGHUP")
# What typer itself turns into a message and an exit code. The class of its errors about the words
# of a command lies elsewhere in every version; what all of them derive from does not.
_TYPERS_OWN: tuple[type[BaseException], ...] = (
    typer.Exit,
    typer.Abort,
    BrokenPipeError,
    next(kind for kind in typer.BadParameter.__mro__ if Exception in kind.__bases__),
)


# What guides are called that no command is.
_OTHER_NAMES = {
    "drift": "`podium check` finds drift",
    "progress": "commands print it, and `--json-lines` of `train` for a script",
}


class StoppedBySignal(KeyboardInterrupt):
    """A signal ended this process: what Ctrl-C leaves in order, it leaves in order, too."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number
        super().__init__(number.name)


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Raise `StoppedBySignal` in the body; a signal that was ignored (nohup) stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = os.getpid()

    def stop(number: int, _: object) -> None:
        # A child that was forked from here dies of it, as it would have without us; so does this
        # process of a second one. A terminal that closes may send several.
        is_hangup = signal.Signals(number).name == "SIGHUP"
        signal.signal(number, signal.SIG_IGN if is_hangup else signal.SIG_DFL)
        if os.getpid() != ours:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        raise StoppedBySignal(signal.Signals(number))

    every = [getattr(signal, name) for name in _STOPPING if hasattr(signal, name)]
    before = {one: signal.getsignal(one) for one in every}
    replaced = {one: known for one, known in before.items() if known is signal.SIG_DFL}
    for one in replaced:
        signal.signal(one, stop)
    try:
        yield
    finally:
        for one, known in replaced.items():
            signal.signal(one, known)


class _Guarded(TyperGroup):
    """Turns errors into one message on stderr and the right exit code, for every command below."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except _TYPERS_OWN as error:
            if args and args[0] in _OTHER_NAMES:
                found = f"No such command {args[0]!r}: {_OTHER_NAMES[args[0]]}."
                error.message = found  # type: ignore[attr-defined]
            raise

    def _name_commands(self, error: BaseException) -> None:
        """Add to the message about a command that a group does not have those that it has."""
        ctx = getattr(error, "ctx", None)
        message = getattr(error, "message", "")
        if (
            ctx is None
            or ctx.command is self
            or not re.fullmatch(r"No such command '.*'\.", message)
        ):
            return
        known = ", ".join(ctx.command.list_commands(ctx))
        error.message = f"{message} Choose one of {known}."  # type: ignore[attr-defined]

    def _place_option(self, error: BaseException, ctx: Any) -> None:
        """Add to the message about an option of all commands behind one where it stands."""
        option = getattr(error, "option_name", None)
        if any(option in one.opts for one in self.params):
            error.message = (  # type: ignore[attr-defined]
                f"{option} stands before the command: {program_name()} {option} … "
                f"{ctx.invoked_subcommand}"
            )

    def _keep_near_options(self, error: BaseException) -> None:
        """Leave in the message about an unknown option those that are like it without the dashes.

        These make `--class` like `--layers`.
        """
        option, known = getattr(error, "option_name", ""), getattr(error, "possibilities", None)
        if option and known:
            bare = {one.lstrip("-"): one for one in known}
            near = difflib.get_close_matches(option.lstrip("-"), bare)
            error.possibilities = [bare[one] for one in near]  # type: ignore[attr-defined]

    def _give_example(self, error: BaseException) -> None:
        """Add an example to the message about an argument that is missing."""
        command = getattr(getattr(error, "ctx", None), "command", None)
        is_missing = type(error).__name__ == "MissingParameter"
        example = re.search(r"Examples?: (.+?)(?:   | · |$)", getattr(command, "epilog", "") or "")
        if is_missing and example is not None:
            error.message = f"For example: {example[1]}"  # type: ignore[attr-defined]

    def invoke(self, ctx: Any) -> Any:
        try:
            with _stopped_by_signals():
                return super().invoke(ctx)
        except _TYPERS_OWN as error:
            self._name_commands(error)
            self._place_option(error, ctx)
            self._keep_near_options(error)
            self._give_example(error)
            raise
        except KeyboardInterrupt as interrupt:
            number = interrupt.number if isinstance(interrupt, StoppedBySignal) else signal.SIGINT
            how = "interrupted" if number == signal.SIGINT else f"stopped by {number.name}"
            with contextlib.suppress(OSError):  # the terminal may be gone
                kept = " ".join(getattr(interrupt, "__notes__", ()))
                kept = kept or f"what is finished is kept; to go on: {typed()}"
                _complain(f"{how}: {kept}", ctx)
            raise typer.Exit(128 + number) from interrupt
        except PodiumError as error:
            _complain(str(error), ctx)
            raise typer.Exit(error.exit_code) from error
        except OSError as os_error:
            _complain(str(from_os_error(os_error)), ctx)
            raise typer.Exit(1) from os_error
        except Exception as bug:
            if is_out_of_memory(bug):
                _complain(str(from_memory_error(bug)), ctx)
                raise typer.Exit(1) from bug
            place = user_code_location(bug)
            if place is not None:
                _complain(
                    f"{place}: {type(bug).__name__}: {bug}\n"
                    "  fix: mend that line, which is yours; `podium --debug …` shows how it was "
                    "reached",
                    ctx,
                )
                raise typer.Exit(1) from bug
            # The last resort: what we did not foresee is still one message, not a page of frames.
            _complain(
                f"unexpected {type(bug).__name__}: {bug}\n"
                "  fix: repeat it as `podium --debug …`, and report what it prints",
                ctx,
            )
            raise typer.Exit(1) from bug


def _complain(message: str, ctx: Any) -> None:
    if isinstance(ctx.obj, Session) and ctx.obj.debug:
        traceback.print_exc()
    print(f"podium: {_with_fix_to_type(message)}", file=sys.stderr)


def _with_fix_to_type(message: str) -> str:
    """Return the message with commands to type in its fix; the problem itself stays as it is."""
    problem, mark, fix = message.partition("\n  fix: ")
    return problem + mark + to_type_here(fix)


def _print_version(is_requested: bool) -> None:
    if is_requested:
        print(f"podium {__version__}")
        raise typer.Exit


_FIRST_STEPS = """\
There is no competition.yaml here. First steps:
  podium demo        the whole path, on a small competition that it makes
  podium init DATA   in an empty folder; DATA is a folder, a zip or a Kaggle competition
podium --help lists all commands."""

app = typer.Typer(
    cls=_Guarded,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="From a folder of competition images to a ranked submission.",
    epilog="First steps: podium demo, or podium init DATA in an empty folder.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _global_options(
    ctx: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace", "-w", envvar="PODIUM_WORKSPACE", help="Folder of competition.yaml."
        ),
    ] = None,
    scratch: Annotated[
        Path | None,
        typer.Option(
            envvar="PODIUM_SCRATCH", help="Folder for the cache and databases; default: .podium."
        ),
    ] = None,
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    ctx.obj = Session(start=workspace, scratch=scratch, debug=debug)
    called_with(ctx)
    if ctx.invoked_subcommand is None:
        has_draft = workspace is None and (Path.cwd() / DRAFT_FILE).is_file()
        if not has_draft and ctx.obj.workspace_if_any() is None:
            print(_FIRST_STEPS)
        else:
            status.run(ctx)


def _add(name: str, module: ModuleType) -> None:
    group = getattr(module, "app", None)
    if isinstance(group, typer.Typer):
        for command in group.registered_commands:
            command.help = _paragraphs(command.help or getattr(command.callback, "__doc__", None))
        app.add_typer(group, name=name)
    else:
        text = _paragraphs(module.run.__doc__)
        app.command(name, help=text, epilog=f"Example: {module.EXAMPLE}")(module.run)


def _paragraphs(text: str | None) -> str | None:
    r"""Return a docstring with each paragraph on one line.

    The lines of the source are longer than those of most terminals, and typer keeps their ends.

    Example:
        >>> _paragraphs("What it does.\n\n    A paragraph of\n    two lines.")
        'What it does.\n\nA paragraph of two lines.'
    """
    if text is None:
        return None
    return "\n\n".join(" ".join(one.split()) for one in inspect.cleandoc(text).split("\n\n"))


for _name in COMMANDS:
    _add(_name, importlib.import_module(f"podium.cli.commands.{_name}"))


def main() -> None:
    """Run the command line, or answer a shell that completes a word of it."""
    if _COMPLETION in os.environ:
        completion_init()
        # Under another name, as of a script that runs `python -m podium`, click would look for
        # another variable, and what it would print instead would be the shell's candidates.
        app(prog_name="podium", complete_var=_COMPLETION)
    app()

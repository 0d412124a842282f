"""The `podium` program: its commands, its global options, and what it does with errors."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from podium import __version__
from podium.cli.context import Session
from podium.errors import PodiumError, from_os_error
from podium.workspace.extensions import user_code_location

__all__ = ["app", "main"]

# In the order in which a competition is worked through: that is how `podium --help` prints them.
COMMANDS = (
    "demo", "doctor", "verify", "init", "auto", "calibrate", "presets", "check", "folds",
    "recipes", "train", "show", "predict", "explain", "import", "soup", "pseudo", "label", "tune",
    "study", "blend", "submit", "pack", "board", "finals", "report", "host", "ledger",
)  # fmt: skip

INTERRUPTED = 130
# What typer itself turns into a message and an exit code. The class of its errors about the words
# of a command lies elsewhere in every version; what all of them derive from does not.
_TYPERS_OWN: tuple[type[BaseException], ...] = (
    typer.Exit,
    typer.Abort,
    BrokenPipeError,
    next(kind for kind in typer.BadParameter.__mro__ if Exception in kind.__bases__),
)


class _Guarded(TyperGroup):
    """Turns errors into one message on stderr and the right exit code, for every command below."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except _TYPERS_OWN:
            raise
        except KeyboardInterrupt as interrupt:
            _complain("interrupted: what is finished is kept; the same command continues", ctx)
            raise typer.Exit(INTERRUPTED) from interrupt
        except PodiumError as error:
            _complain(str(error), ctx)
            raise typer.Exit(error.exit_code) from error
        except OSError as os_error:
            _complain(str(from_os_error(os_error)), ctx)
            raise typer.Exit(1) from os_error
        except Exception as bug:
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
    print(f"podium: {message}", file=sys.stderr)


def _print_version(is_requested: bool) -> None:
    if is_requested:
        print(f"podium {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=_Guarded,
    no_args_is_help=True,
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


def _add(name: str, module: ModuleType) -> None:
    group = getattr(module, "app", None)
    if isinstance(group, typer.Typer):
        app.add_typer(group, name=name)
    else:
        app.command(name, epilog=f"Example: {module.EXAMPLE}")(module.run)


for _name in COMMANDS:
    _add(_name, importlib.import_module(f"podium.cli.commands.{_name}"))


def main() -> None:
    """Run the command line."""
    app()

"""`podium demo`: the whole path on the embedded competition."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from podium import cli
from podium.cli.context import program_name, progress

EXAMPLE = "podium demo"


def run(
    folder: Annotated[Path, typer.Argument(help="Where to put it.")] = Path("demo"),
) -> None:
    """Go from a folder of images to a scored submission, on this machine alone.

    Run again, it keeps what is finished and takes seconds.
    """
    from podium.workflows.demo import demo

    shown = demo(folder, progress=progress())
    cli.board.print_board(shown.board, root=shown.report.parent.parent)
    print(f"report: {shown.report}")
    print(f"took {sum(shown.seconds.values()):.0f} s; next steps to try:")
    for words in shown.next_commands:
        print(f"  {shlex.join([program_name(), *words])}")

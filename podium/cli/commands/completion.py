"""`podium completion`: what a shell needs to complete podium's commands by the Tab key."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from typer._completion_classes import completion_init

EXAMPLE = (
    'eval "$(podium completion bash)"   (in ~/.bashrc; zsh alike)   ·   podium completion fish > '
    "~/.config/fish/completions/podium.fish"
)


def run(
    shell: Annotated[
        Literal["bash", "zsh", "fish"], typer.Argument(help="The shell that runs the script.")
    ],
) -> None:
    """Print the script by which a shell completes commands, options, recipes, runs and classes."""
    from typer._completion_shared import get_completion_script

    completion_init()
    print(get_completion_script(prog_name="podium", complete_var="_PODIUM_COMPLETE", shell=shell))

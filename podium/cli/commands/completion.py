"""`podium completion`: what a shell needs to complete podium's commands by the Tab key."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from typer._completion_classes import completion_init

EXAMPLE = (
    'eval "$(podium completion bash)"   (in ~/.bashrc; zsh alike)   ·   podium completion fish > '
    "~/.config/fish/completions/podium.fish"
)
_BASH = r"""_podium_completion() {
    local IFS=$'\n' line="${COMP_LINE:0:COMP_POINT}" at=-1 word cut=""
    [[ $line == *[[:space:]] ]] && at=${#line}    # behind a space a new word begins
    COMPREPLY=( $( env COMP_WORDS="$line" COMP_CWORD=$at _PODIUM_COMPLETE=complete_bash $1 ) )
    # bash takes `-o key=value` and `--on local:4` for several words, and completes the last one.
    word="${line##*[[:space:]]}"
    [[ $COMP_WORDBREAKS == *=* && $word == *=* ]] && cut="${word%"${word##*=}"}"
    [[ $COMP_WORDBREAKS == *:* && ${word#"$cut"} == *:* ]] && cut="${word%"${word##*:}"}"
    COMPREPLY=( "${COMPREPLY[@]#"$cut"}" )
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -o default -F _podium_completion podium"""
"""As typer's, but the line is parted into words as podium parts it."""


def run(
    shell: Annotated[
        Literal["bash", "zsh", "fish"], typer.Argument(help="The shell that runs the script.")
    ],
) -> None:
    """Print the script by which a shell completes commands, options, recipes, runs and classes."""
    if shell == "bash":
        print(_BASH)
        return
    from typer._completion_shared import get_completion_script

    completion_init()
    print(get_completion_script(prog_name="podium", complete_var="_PODIUM_COMPLETE", shell=shell))

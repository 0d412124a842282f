"""Problems of a submission file on a terminal, and those of a name that is no file.

Nothing heavy is loaded here: a misspelt name is answered at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from podium.cli.context import print_to_type
from podium.cli.tables import print_json
from podium.errors import plural
from podium.submissions.format.problems import Problem, absent_file
from podium.workspace.layout import name_of_id

if TYPE_CHECKING:
    from podium.workspace.layout import Workspace

__all__ = ["print_absent", "print_problems", "printed"]

_TO_SEND = {"runs": "a run", "blends": "a blend"}


def print_absent(file: Path, workspace: Workspace | None, *, as_json: bool) -> list[Problem]:
    """Print and return the problem of a path to no file.

    In a workspace a person may have written the name of a recipe, or of a run or blend.
    """
    found = absent_file(file)
    if workspace is not None:
        found = _with_meant_name(workspace, file, found)
    return printed(file, [found], as_json=as_json)


def _with_meant_name(workspace: Workspace, file: Path, problem: Problem) -> Problem:
    """Return the problem of a file that is not there, with the command for what may be meant."""
    recipes = [one.stem for one in workspace.recipes.glob("*.yaml")]
    made = [one.name for one in workspace.artefact_folders() if one.parent.name in _TO_SEND]
    names = [*recipes, *made, *map(name_of_id, made)]
    near = next(iter(get_close_matches(str(file), names, n=1, cutoff=0.8)), None)
    fix = problem.fix
    if near in recipes:
        fix = f"{near} is a recipe: `podium train {near}` trains it"
    elif near is not None:
        what = _TO_SEND[workspace.artefact(near, rooms=tuple(_TO_SEND)).parent.name]
        fix = f"{near} is {what}: `podium submit {near} --dry-run` writes its file and checks it"
    message = f"{problem.message}; podium check takes a file to send"
    return replace(problem, message=message, fix=fix)


def printed(file: Path, problems: list[Problem], *, as_json: bool) -> list[Problem]:
    """Return problems of a file after printing them, for a person or as JSON."""
    if as_json:
        print_json([asdict(problem) for problem in problems])
    else:
        print_problems(file, problems)
    return problems


def print_problems(file: Path, problems: Sequence[Problem]) -> None:
    """Print a verdict that names the file, and below it what is wrong."""
    if problems:
        n_errors = sum(one.level == "error" for one in problems)
        n_warnings = len(problems) - n_errors
        errors = plural(n_errors, "error") if n_errors else "no error"
        warnings = f", {plural(n_warnings, 'warning')}" if n_warnings else ""
        print(f"{file}: {errors}{warnings}")
    for problem in problems:
        print_to_type(problem)
    if not problems:
        print(f"{file}: no problem found")

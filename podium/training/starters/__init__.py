"""Starter recipes: commented YAML files that `podium init` copies into a new workspace."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from podium.errors import UsageError, suggest
from podium.workspace.marked_yaml import load_plain_yaml

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = [
    "Starter",
    "first_recipe",
    "fitting_recipes",
    "read_starter",
    "starters",
    "tasks_of",
]

_MARK = "# "
_QUICKEST = ("probe", "short", "quick")
"""How names of recipes end that take minutes, in the order in which they are suggested."""


@dataclass(frozen=True)
class Starter:
    """A starter recipe: its name, and its first line, which describes its purpose."""

    name: str
    summary: str


def starters() -> list[Starter]:
    """Return the starter recipes, by name."""
    files = sorted(
        (one for one in resources.files(__name__).iterdir() if one.name.endswith(".yaml")),
        key=lambda one: one.name,
    )
    return [
        Starter(file.name.removesuffix(".yaml"), _first_line(file.read_text(encoding="utf-8")))
        for file in files
    ]


def read_starter(name: str) -> str:
    """Return the text of a starter recipe.

    Raises:
        UsageError: there is none of this name.
    """
    known = [starter.name for starter in starters()]
    if name not in known:
        others = f"choose one of {', '.join(known)}"
        fix = suggest(name, known, "did you mean {}?", otherwise=others)
        raise UsageError(f"there is no starter recipe {name!r}", fix=fix)
    return (resources.files(__name__) / f"{name}.yaml").read_text(encoding="utf-8")


def first_recipe(folder: Path, competition: Competition) -> str | None:
    """Return the name of the recipe to begin with: the first with a head for the scored task.

    Those with a head for a task that the competition has not, which are of another reading of the
    data, come last. Where no recipe names its heads, it is the first of all; None: there is no
    recipe.
    """
    fitting, of_other = _recipes_of_scored_task(folder, competition)
    every = [file.stem for file in _recipe_files(folder)]
    return next(iter((*fitting, *of_other, *every)), None)


def fitting_recipes(folder: Path, competition: Competition) -> list[str]:
    """Return the names of the recipes that predict what is scored, in the order to begin with.

    `baseline` comes first, then those that take minutes, and then the order is that of names.
    """
    return _recipes_of_scored_task(folder, competition)[0]


def _recipes_of_scored_task(folder: Path, competition: Competition) -> tuple[list[str], list[str]]:
    """Return the recipes with a head for the scored task: of tasks that are there, and others."""
    fitting, of_other = list[str](), list[str]()
    for file in _recipe_files(folder):
        try:
            found = tasks_of(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, OSError, UnicodeDecodeError, KeyError, TypeError):
            continue  # its errors are those of `podium train`
        if competition.scored_task in found:
            (fitting if found <= {*competition.tasks} else of_other).append(file.stem)
    return fitting, of_other


def _recipe_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"), key=_sort_key)


def _sort_key(file: Path) -> tuple[bool, int, str]:
    """Return what puts a recipe before another: those that take minutes come first."""
    kind = file.stem.rpartition("-")[2]
    place = _QUICKEST.index(kind) if kind in _QUICKEST else len(_QUICKEST)
    return file.stem != "baseline", place, file.stem


def tasks_of(text: str) -> set[str]:
    """Return the tasks that a recipe has heads for."""
    return set(load_plain_yaml(text)["model"]["heads"])


def _first_line(text: str) -> str:
    return text.partition("\n")[0].removeprefix(_MARK)

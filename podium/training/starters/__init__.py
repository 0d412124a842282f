"""Starter recipes: commented YAML files that `podium init` copies into a new workspace."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from podium.errors import UsageError
from podium.workspace.atomic import write_text

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = ["Starter", "copy_starters", "read_starter", "starters"]

_MARK = "# "


@dataclass(frozen=True)
class Starter:
    """A starter recipe: its name, and its first line, which says what it is for."""

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
        near = difflib.get_close_matches(name, known, n=1)
        fix = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}"
        raise UsageError(f"there is no starter recipe {name!r}", fix=fix)
    return (resources.files(__name__) / f"{name}.yaml").read_text(encoding="utf-8")


def copy_starters(folder: Path, competition: Competition) -> tuple[Path, ...]:
    """Write the starter recipes into `folder`; return those that were not there.

    A regression cannot mix labels by class nor smooth them: such lines are left out of its recipes.
    """
    written = []
    for starter in starters():
        path = folder / f"{starter.name}.yaml"
        if not path.exists():
            write_text(path, _fitted(read_starter(starter.name), competition))
            written.append(path)
    return tuple(written)


def _fitted(text: str, competition: Competition) -> str:
    if competition.kind != "regression":
        return text
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith("label_smoothing:")
    )


def _first_line(text: str) -> str:
    return text.partition("\n")[0].removeprefix(_MARK)

"""Starter recipes: commented YAML files that `podium init` copies into a new workspace."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from podium.competition.metrics import kind_to_learn
from podium.errors import UsageError
from podium.tasks.protocols.names import of_images
from podium.workspace.atomic import write_text
from podium.workspace.marked_yaml import load_plain_yaml

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = [
    "Starter",
    "copy_starters",
    "first_recipe",
    "read_fitted_starter",
    "read_starter",
    "starters",
]

_MARK = "# "


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
        near = difflib.get_close_matches(name, known, n=1)
        fix = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}"
        raise UsageError(f"there is no starter recipe {name!r}", fix=fix)
    return (resources.files(__name__) / f"{name}.yaml").read_text(encoding="utf-8")


def read_fitted_starter(name: str, competition: Competition) -> tuple[str, list[str]]:
    """Return a starter recipe as `copy_starters` writes it, and its tasks that `competition` lacks.

    Raises:
        UsageError: there is none of this name.
    """
    text = read_starter(name)
    return _fitted(text, competition), sorted(_tasks_of(text) - set(competition.tasks))


def copy_starters(folder: Path, competition: Competition) -> tuple[Path, ...]:
    """Write the starter recipes that fit into `folder`; return those that were not there.

    A recipe with a head for a task that the competition does not have is left out. Losses are
    those of the tasks' kinds and of the metric. Label smoothing is for classes: its lines are left
    out where labels are numbers or ratings; flips are where a label would have to turn with its
    image.
    """
    written = []
    for starter in starters():
        path, text = folder / f"{starter.name}.yaml", read_starter(starter.name)
        if _tasks_of(text) <= set(competition.tasks) and not path.exists():
            write_text(path, _fitted(text, competition))
            written.append(path)
    return tuple(written)


def first_recipe(folder: Path, competition: Competition) -> str | None:
    """Return the name of the recipe to begin with: the first with a head for the scored task.

    `baseline` comes before the others, which are in the order of their names. Where no recipe names
    its heads, it is the first of all; None: there is no recipe.
    """
    files = sorted(folder.glob("*.yaml"), key=lambda one: (one.stem != "baseline", one.stem))
    for file in files:
        try:
            found = _tasks_of(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, OSError, UnicodeDecodeError, KeyError, TypeError):
            continue  # its errors are those of `podium train`
        if competition.scored_task in found:
            return file.stem
    return files[0].stem if files else None


def _tasks_of(text: str) -> set[str]:
    """Return the tasks that a recipe has heads for."""
    return set(load_plain_yaml(text)["model"]["heads"])


def _fitted(text: str, competition: Competition) -> str:
    kind = of_images(competition.tasks)
    if kind is not None and not kind.is_prob:
        lines = text.splitlines(keepends=True)
        text = "".join(line for line in lines if not line.startswith("label_smoothing:"))
    if kind is not None and kind.turns_with_image:
        text = re.sub(r"train: (weak|strong)\b", "train: photometric", text)
        text = re.sub(r"^predict: {tta: \[hflip\]}.*\n", "", text, flags=re.MULTILINE)
    for task in competition.tasks:
        name, setting = next(iter(kind_to_learn(competition, task).usual_loss.items()))
        if isinstance(setting, Mapping):
            options = ", ".join(f"{key}: {value}" for key, value in setting.items())
            text = re.sub(rf"({task}: {{)ce: 1", rf"\g<1>{name}: {{{options}}}", text)
        else:
            text = re.sub(rf"({task}: {{)ce:", rf"\g<1>{name}:", text)
    return text


def _first_line(text: str) -> str:
    return text.partition("\n")[0].removeprefix(_MARK)

"""A recipe of the workspace that is another one than that of the run which its name stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.errors import PodiumError
from podium.training.recipe import Recipe, load_recipe
from podium.workspace.layout import Workspace

__all__ = ["RecipeEdit", "recipe_edit"]

_SHOWN = 3
_WITHOUT_RESULT: Any = {"seed", "loggers", "keep", "workers", "devices"}


@dataclass(frozen=True)
class RecipeEdit:
    """A recipe's file that differs from the recipe of the run that its name gives.

    Attributes:
        file: of the recipe, from the workspace.
        run: id of the run.
        keys: that differ, each with the value of the file and that of the run.
        command: trains what the file has now.
    """

    file: str
    run: str
    keys: tuple[str, ...]
    command: str

    def __str__(self) -> str:
        more = f" and {len(self.keys) - _SHOWN:,} more" * (len(self.keys) > _SHOWN)
        return (
            f"{self.file} is another recipe than that of {self.run}, which is taken: "
            f"{'; '.join(self.keys[:_SHOWN])}{more}; to train what it has now: `{self.command}`"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "file": self.file,
            "run": self.run,
            "keys": list(self.keys),
            "command": self.command,
        }


def recipe_edit(workspace: Workspace, name: str, run: Path) -> RecipeEdit | None:
    """Return how the recipe `name` differs from that of the run which was found by this name.

    Seeds do not count, as runs of several seeds are of one recipe; nor does what cannot change a
    prediction, as loggers. What `-o` changed for the run counts: its name alone does not tell that.

    Args:
        workspace: of both.
        name: as it was given on the command line; an id or a path names a run, and no recipe.
        run: the folder that was found.

    Returns:
        None where they are the same, where `name` is none of a recipe, or the run's own recipe
        cannot be read, as that of a soup or an import.
    """
    file = workspace.recipes / f"{name}.yaml"
    if run.parent.name != "runs" or run.name.rpartition("-")[0] != name or not file.is_file():
        return None
    try:
        own = _facts(load_recipe(run / "recipe.yaml"))
    except (PodiumError, OSError):  # whoever needs it refuses
        return None
    shown = file.relative_to(workspace.root).as_posix()
    command = f"podium train {name}"
    try:
        now = _facts(load_recipe(file))
    except (PodiumError, OSError) as error:
        return RecipeEdit(shown, run.name, (f"it cannot be read: {error}",), command)
    keys = tuple(_differences(now, own))
    return RecipeEdit(shown, run.name, keys, command) if keys else None


def _facts(recipe: Recipe) -> dict[str, Any]:
    return recipe.model_dump(mode="json", by_alias=True, exclude=_WITHOUT_RESULT)


def _differences(now: Any, then: Any, key: str = "") -> Iterator[str]:
    """Yield the values that differ, by their key as `-o` has it: `optimizer.lr 0.1, there 0.2`."""
    if isinstance(now, dict) and isinstance(then, dict):
        for one in dict.fromkeys([*now, *then]):
            yield from _differences(now.get(one), then.get(one), f"{key}.{one}" if key else one)
    elif isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        for number, pair in enumerate(zip(now, then, strict=True)):
            yield from _differences(*pair, key=f"{key}[{number}]")
    elif now != then:
        yield f"{key} {_text(now)}, in the run {_text(then)}"


def _text(value: Any) -> str:
    shown = "nothing" if value is None else str(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"

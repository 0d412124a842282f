"""Runs whose recipe is another one than their file's: edited since, or changed by `-o`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.errors import PodiumError
from podium.training.recipe import Recipe, load_recipe
from podium.workspace.auto_record import auto_records
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, read_record

__all__ = [
    "OVERRIDES",
    "RecipeEdit",
    "RunOverrides",
    "effective_overrides",
    "override_lines",
    "overrides_of",
    "recipe_edit",
    "runs_with_overrides",
]

OVERRIDES = "overrides"
"""Key of a run's record, under `details`: the changes to its recipe's file, as `-o` takes them."""

_SHOWN = 3
_WITHOUT_RESULT: Any = {"seed", "loggers", "keep", "workers", "devices", "sharded"}


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


@dataclass(frozen=True)
class RunOverrides:
    """A run that was trained with other settings than its recipe's file had.

    Attributes:
        run: its id.
        overrides: what was changed, as `-o` takes it.
    """

    run: str
    overrides: tuple[str, ...]

    def __str__(self) -> str:
        options = " ".join(f"-o {shlex.quote(one)}" for one in self.overrides)
        return f"{self.run} was trained with {options}, which its recipe's file had not"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"run": self.run, "overrides": list(self.overrides)}


def effective_overrides(
    workspace: Workspace, file: Path, overrides: Sequence[str]
) -> tuple[str, ...]:
    """Return `overrides` of the recipe in `file`; none where it is the same recipe without them.

    Before them come those that the recipe of a run has in it already.
    """
    inherited: tuple[str, ...] = ()
    folder = file.resolve().parent
    if file.name == "recipe.yaml" and folder.parent == workspace.runs.resolve():
        with suppress(PodiumError, OSError):  # whoever needs that record refuses
            inherited = overrides_of(read_record(folder))
    with suppress(PodiumError):  # without them it may be no recipe
        if not overrides or load_recipe(file) == load_recipe(file, tuple(overrides)):
            return inherited
    return (*inherited, *overrides)


def overrides_of(record: Record) -> tuple[str, ...]:
    """Return the overrides that a run's record has; () for runs without, and of older versions."""
    return tuple(record.details.get(OVERRIDES, ()))


def runs_with_overrides(workspace: Workspace, *folders: Path) -> list[RunOverrides]:
    """Return the runs that were trained with overrides, among those in `folders` and their members.

    Overrides that cannot change a prediction do not count, nor does the seed.

    Args:
        workspace: where members of blends and soups are looked for.
        folders: of artefacts.
    """
    queue, found = list(folders), dict[str, RunOverrides]()
    while queue:
        folder = queue.pop(0)
        try:
            record = read_record(folder)
        except (PodiumError, OSError):  # whoever needs the record refuses
            continue
        if record.kind == "blend" or "soup" in record.inputs:
            queue += [workspace.runs / one for one in record.parents]
        counted = tuple(one for one in overrides_of(record) if _has_result(one))
        if record.kind == "run" and counted:
            found.setdefault(record.id, RunOverrides(record.id, counted))
    return list(found.values())


def override_lines(found: Sequence[RunOverrides]) -> list[str]:
    """Return a line for each run, and from the fourth on their number."""
    n = len(found) - _SHOWN
    runs = "run was" if n == 1 else "runs were"
    more = f"and {n:,} more {runs} trained with overrides: `podium show RUN`"
    return [*map(str, found[:_SHOWN]), *([more] if len(found) > _SHOWN else [])]


def _has_result(override: str) -> bool:
    key = override.partition("=")[0].strip()
    return re.split(r"[.\[]", key)[0] not in _WITHOUT_RESULT


def recipe_edit(workspace: Workspace, name: str, run: Path) -> RecipeEdit | None:
    """Return how the recipe `name` differs from that of the run which was found by this name.

    Seeds do not count, as runs of several seeds are of one recipe; nor does what cannot change a
    prediction, as loggers. What `-o` changed for the run counts: its name alone does not show that.

    Args:
        workspace: of both.
        name: as it was given on the command line; an id or a path names a run, and no recipe.
        run: the folder that was found.

    Returns:
        None where they are the same, where `name` is none of a recipe, or the run's own recipe
        cannot be read, as that of a soup or an import, or is one of `podium auto`.
    """
    file = workspace.recipes / f"{name}.yaml"
    if run.parent.name != "runs" or run.name.rpartition("-")[0] != name or not file.is_file():
        return None
    if _is_of_auto(workspace, run.name):
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


def _is_of_auto(workspace: Workspace, run: str) -> bool:
    """Return whether a run is a step of `podium auto`, whose recipes stand in its own folder."""
    with suppress(PodiumError, OSError):  # whoever needs these records refuses
        trained = (one for one in auto_records(workspace) if run not in one.known)
        return any(step.run == run for one in trained for step in one.steps)
    return False


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

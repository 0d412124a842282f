"""What a run's extra images did to its score: the run beside its twin without them (no torch)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.errors import PodiumError
from podium.training.recipe import Recipe, load_recipe
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, read_record

__all__ = ["ExtraUse", "Twin", "extra_use", "twin_digits"]

WITHOUT = "extra={}"


@dataclass(frozen=True)
class Twin:
    """The run that differs in nothing but that it learnt from no extra image.

    Attributes:
        id: of its folder.
        is_finished: whether all its folds are trained and predicted.
        scores: as in its record.
    """

    id: str
    is_finished: bool
    scores: dict[str, Any]


@dataclass(frozen=True)
class ExtraUse:
    """The extra images that a run learnt from.

    Attributes:
        sources: name → `samples`, `weight` and `content`, as in the run's record.
        twin: the run without them; None where nobody trained it.
        command: what trains the twin, or what is left of it.
    """

    sources: dict[str, dict[str, Any]]
    twin: Twin | None
    command: str


def extra_use(workspace: Workspace, run: Path) -> ExtraUse | None:
    """Return the extra images of the run in the folder `run`; None where it has none.

    Raises:
        RunError: the run's record is missing or damaged.
    """
    record = read_record(run)
    sources = record.inputs.get("extra")
    if not sources:
        return None
    return ExtraUse(sources, _twin(workspace, record.inputs), _command(workspace, run, record))


def _twin(workspace: Workspace, inputs: Mapping[str, Any]) -> Twin | None:
    wanted = twin_digits(inputs)
    for folder in workspace.artefact_folders():
        # The name before the digits is that of the recipe's file, which may be another one.
        if folder.parent.name == "runs" and folder.name.rpartition("-")[2] == wanted:
            record = read_record(folder)
            return Twin(record.id, record.status == "finished", dict(record.scores))
    return None


def twin_digits(inputs: Mapping[str, Any]) -> str:
    """Return the 8 hex digits of the run that differs in nothing but that it has no extra images.

    Args:
        inputs: of the run's record.
    """
    recipe = {key: value for key, value in inputs["recipe"].items() if key != "extra"}
    others = {key: value for key, value in inputs.items() if key != "extra"}
    return short_digest({**others, "recipe": recipe})


def _command(workspace: Workspace, run: Path, record: Record) -> str:
    """Return a command that trains the twin: with the recipe's own file if that still says it."""
    wanted = load_recipe(run / "recipe.yaml", (WITHOUT,))
    file = workspace.recipes / f"{record.name}.yaml"
    words = ["podium", "train", f"runs/{run.name}/recipe.yaml", "-o", WITHOUT]
    for seed in ((), (f"seed={wanted.seed}",)):
        if _says(file, (WITHOUT, *seed), wanted):
            changes = [word for one in (WITHOUT, *seed) for word in ("-o", one)]
            words = ["podium", "train", f"recipes/{file.name}", *changes]
            break
    again = record.inputs.get("again", 0)
    return shlex.join([*words, *(["--again", str(again)] if again else [])])


def _says(file: Path, overrides: tuple[str, ...], wanted: Recipe) -> bool:
    try:
        said = load_recipe(file, overrides)
    except PodiumError:
        return False  # it was moved or is being edited; the run's own copy serves
    # What changes no id: another value there trains the same twin.
    kept = {"predict": wanted.predict, "loggers": wanted.loggers, "workers": wanted.workers}
    return said.model_copy(update=kept) == wanted

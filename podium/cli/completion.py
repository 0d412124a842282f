"""What a shell completes: names of the workspace, and of podium's parts.

Each function returns every name; typer keeps those that begin with what was typed. They read names
of files alone, and outside a workspace return nothing: a Tab key must neither wait nor complain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import typer
import yaml

from podium.errors import PodiumError
from podium.workspace.layout import Workspace
from podium.workspace.marked_yaml import load_plain_yaml

__all__ = [
    "artefact_names",
    "class_names",
    "member_names",
    "part_names",
    "recipe_names",
    "run_names",
    "starter_names",
]

_PACKAGE = Path(__file__).parents[1]


def part_names(folder: str) -> Callable[[], list[str]]:
    """Return what lists the parts in a folder of the package, as `competition/metrics`."""
    return lambda: [file.stem for file in sorted((_PACKAGE / folder).glob("[a-z]*.*"))]


def starter_names() -> list[str]:
    """Return the starter recipes."""
    return [file.stem for file in sorted((_PACKAGE / "training/starters").glob("*.yaml"))]


def recipe_names(ctx: typer.Context) -> list[str]:
    """Return the names in `recipes/` that are not on the line yet."""
    workspace = _workspace(ctx)
    files = [] if workspace is None else sorted(workspace.recipes.glob("*.yaml"))
    return _not_typed(ctx, (file.stem for file in files))


def run_names(ctx: typer.Context) -> list[str]:
    """Return the runs that are not on the line yet."""
    return _artefacts(ctx, "runs")


def member_names(ctx: typer.Context) -> list[str]:
    """Return the runs and imports that are not on the line yet."""
    return _artefacts(ctx, "runs", "imports")


def artefact_names(ctx: typer.Context) -> list[str]:
    """Return everything in the workspace that has an id."""
    return _artefacts(ctx, "runs", "blends", "imports", "pseudo", "studies", "labels")


def class_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the classes of the competition, behind those that are typed: `cat,d` → `cat,dog`."""
    workspace = _workspace(ctx)
    try:
        text = "" if workspace is None else workspace.competition_file.read_text(encoding="utf-8")
        read = load_plain_yaml(text)
    except (OSError, ValueError, yaml.YAMLError):
        return []
    classes = read.get("classes") if isinstance(read, dict) else None
    typed = incomplete.rpartition(",")[0].split(",") if "," in incomplete else []
    known = map(str, classes) if isinstance(classes, list) else ()
    return [",".join([*typed, one]) for one in known if one not in typed]


def _artefacts(ctx: typer.Context, *rooms: str) -> list[str]:
    workspace = _workspace(ctx)
    folders = [] if workspace is None else workspace.artefact_folders()
    return _not_typed(ctx, sorted(one.name for one in folders if one.parent.name in rooms))


def _workspace(ctx: typer.Context) -> Workspace | None:
    try:
        return Workspace.find(ctx.find_root().params.get("workspace"))
    except (PodiumError, OSError):
        return None


def _not_typed(ctx: typer.Context, names: Iterable[str]) -> list[str]:
    typed = {
        word
        for value in ctx.params.values()
        for word in (value if isinstance(value, list | tuple) else [value])
    }
    return [name for name in names if name not in typed]

"""What a shell completes: names of the workspace, and of podium's parts.

Each function returns every name; typer keeps those that begin with what was typed. They read names
of files, and the YAML of a competition or of recipes as plain text; outside a workspace they return
nothing: a Tab key must neither wait nor complain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import typer
import yaml

from podium.errors import PodiumError
from podium.workspace.layout import Workspace
from podium.workspace.machine import n_cores
from podium.workspace.marked_yaml import load_plain_yaml

__all__ = [
    "artefact_names",
    "class_names",
    "engine_names",
    "member_names",
    "override_texts",
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


def engine_names() -> list[str]:
    """Return what `--on` takes: one, two, four … processes up to the cores, and other engines."""
    doubled = [2**power for power in range(n_cores().bit_length())]
    counts = sorted({*doubled, n_cores()})
    others = [name for name in part_names("workflows/engines")() if name != "local"]
    return [*(f"local:{count}" for count in counts), *others]


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
    classes = None if workspace is None else _mapping_in(workspace.competition_file).get("classes")
    typed = incomplete.rpartition(",")[0].split(",") if "," in incomplete else []
    known = map(str, classes) if isinstance(classes, list) else ()
    return [",".join([*typed, one]) for one in known if one not in typed]


def override_texts(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the keys of the recipes on the line, `optimizer.lr=`; behind one, its values.

    Without a recipe on the line, and for values, all recipes of the workspace count.
    """
    workspace = _workspace(ctx)
    files = [] if workspace is None else sorted(workspace.recipes.glob("*.yaml"))
    typed = _typed(ctx)
    key, is_key, _ = incomplete.partition("=")
    if is_key:
        pairs = [pair for file in files for pair in _settings(_recipe(file))]
        values = {text for name, text in pairs if name == key and text}
        return [f"{key}={text}" for text in sorted(values)]
    named = [file for file in files if typed & {file.stem, file.name, f"recipes/{file.name}"}]
    keys = {name for file in named or files for name, _ in _settings(_recipe(file))}
    taken = {one.partition("=")[0] for one in typed}
    return [f"{name}=" for name in sorted(keys - taken)]


def _recipe(file: Path, below: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Return a recipe over what it extends, key by key; what cannot be read has no keys."""
    read = _mapping_in(file)
    parent = read.pop("extends", None)
    if isinstance(parent, str) and file not in below:
        read = _merged(_recipe(file.parent / parent, (*below, file)), read)
    return read


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = {key for key in base.keys() & over if isinstance(base[key], dict)}
    deep = {key: _merged(base[key], over[key]) for key in both if isinstance(over[key], dict)}
    return {**base, **over, **deep}


def _settings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield each key of a recipe, as `-o` takes it, with its value as text; "" for a list."""
    if isinstance(value, dict) and (value or not key):
        for name, one in value.items():
            yield from _settings(one, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        # By its name, where it has one: to some shells `phases[0]` is a pattern of files.
        names = [one.get("name") for one in value]
        for at, one in enumerate(value):
            is_named = isinstance(names[at], str) and names.count(names[at]) == 1
            yield from _settings(one, f"{key}.{names[at]}" if is_named else f"{key}[{at}]")
    else:
        yield key, "" if isinstance(value, list | dict) else _as_yaml(value)


def _as_yaml(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mapping_in(file: Path) -> dict[str, Any]:
    """Return the mapping of a YAML file; an empty one where there is none that can be read."""
    try:
        read = load_plain_yaml(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return read if isinstance(read, dict) else {}


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
    typed = _typed(ctx)
    return [name for name in names if name not in typed]


def _typed(ctx: typer.Context) -> set[str]:
    """Return the words on the line, without the one that is completed."""
    given = [one if isinstance(one, list | tuple) else [one] for one in ctx.params.values()]
    # Behind an option that still lacks its value, click leaves all arguments unread.
    return {str(word) for words in [*given, ctx.args] for word in words}

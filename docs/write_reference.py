"""Write docs/recipes.md and docs/competition.md from the models that check those files.

Run: python docs/write_reference.py   (`make docs`)
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.models import backbones, decoders
from podium.predictions.views import NAMES as VIEWS
from podium.training import losses, methods, policies
from podium.training.recipe import Recipe
from podium.workspace import extensions
from podium.workspace.extensions import names

HERE = Path(__file__).parent
PAGES = {
    "recipes.md": ("Recipes: every key", "`recipes/*.yaml`; unknown keys are refused.", Recipe),
    "competition.md": (
        "competition.yaml: every key",
        "Written by `podium init` with a comment on every line; paths are relative to it.",
        Competition,
    ),
}
# Parts that are found by their file names, so that a new file shows here, too.
NAMES: dict[type[BaseModel], list[tuple[str, Callable[[], list[str]]]]] = {
    Recipe: [
        ("Names for `input.train`", lambda: names(policies)),
        ("Names in `phases[].loss.classify`", lambda: losses_of("classify")),
        ("Names in `phases[].loss.segment`", lambda: losses_of("segment")),
        ("Names for `phases[].method.name`", lambda: names(methods)),
        ("Backbones beside timm's", lambda: names(backbones)),
        ("Names for `model.heads.segment.decoder`", lambda: names(decoders)),
        ("Names in `phases[].freeze`", lambda: ["backbone", "classify", "segment"]),
        ("Names in `predict.tta`", lambda: [*VIEWS, "scale:1.25"]),
    ],
    Competition: [
        ("Names for `metric.name`, of labels (task classify)", lambda: metrics_of("classify")),
        ("Names for `metric.name`, of masks (task segment)", lambda: metrics_of("segment")),
    ],
}
SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "at least"}


def page(title: str, intro: str, model: type[BaseModel]) -> str:
    """Return the page of one model: a table for it and one for each model inside it."""
    parts = [f"# {title}", intro, "Made by `make docs` from the models that read these files."]
    for name, inner in sections(model):
        doc = " ".join((inner.__doc__ or "").split("\n\n")[0].split())
        heading = f"## `{name}`" if name else "## Top level"
        parts += [heading, *([doc] if doc and name else []), table(inner)]
    if model is Recipe:
        parts += options_of_methods()
    for title_of_names, package in NAMES[model]:
        found = ", ".join(f"`{name}`" for name in package())
        parts.append(f"## {title_of_names}\n\n{found}")
    return "\n\n".join(parts) + "\n"


def table(model: type[BaseModel]) -> str:
    """Return the keys of one model."""
    rows = [row(key, field) for key, field in model.model_fields.items()]
    return "\n".join(["| key | value | default | |", "| --- | --- | --- | --- |", *rows])


def options_of_methods() -> list[str]:
    """Return a heading and a table for each learning method that has options."""
    parts = []
    for name in names(methods):
        options = extensions.load(methods, name, "METHOD").Options
        for path, inner in sections(options) if options.model_fields else []:
            of = f"its `{path}`" if path else "further keys"
            parts += [f"## `method: {{name: {name}}}`: {of}", table(inner)]
    return parts


def metrics_of(task: str) -> list[str]:
    """Return the names of the metrics that score labels or masks."""
    return [name for name in names(metrics) if metrics.get(name).task == task]


def losses_of(task: str) -> list[str]:
    """Return the names of the losses that fit labels or masks."""
    found = {name: extensions.load(losses, name, "LOSS") for name in names(losses)}
    if task == "classify":
        return [name for name, loss in found.items() if loss.form == "pixelwise"]
    return [name for name, loss in found.items() if loss.kinds != {"regression"}]


def sections(model: type[BaseModel], name: str = "") -> list[tuple[str, type[BaseModel]]]:
    """Return the model and every model inside it, with its path of keys, each once."""
    found = [(name, model)]
    for key, field in model.model_fields.items():
        for inner in models_in(field.annotation):
            path = f"{name}.{field.alias or key}".strip(".")
            found += [one for one in sections(inner, path) if one[1] not in {m for _, m in found}]
    return found


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the pydantic models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def row(key: str, field: Any) -> str:
    """Return the table row of one key."""
    bounds = ", ".join(
        f"{sign} {getattr(one, name)}"
        for one in field.metadata
        for name, sign in SIGNS.items()
        if hasattr(one, name)
    )
    described = " ".join((field.description or "").split())
    text = ". ".join(part for part in (described, bounds) if part)
    cells = (f"`{field.alias or key}`", kind(field.annotation), default(field), text)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def kind(annotation: Any) -> str:
    """Return an annotation as a reader of YAML would say it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if origin in (Union, UnionType):
        return " or ".join(kind(one) for one in arguments if one is not NoneType)
    if origin in (list, tuple):
        inside = [kind(one) for one in arguments if one is not ...]
        return f"list of {' and '.join(dict.fromkeys(inside))}"
    if origin is dict:
        return f"{kind(arguments[0])}: {kind(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "see below"
    names = {
        str: "text",
        int: "whole number",
        float: "number",
        bool: "true, false",
        Any: "anything",
    }
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))


def default(field: Any) -> str:
    """Return the default of a key as YAML would hold it."""
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_unset=True)
    if value is PydanticUndefined:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "" if value is None or value in ({}, [], ()) else f"`{value}`"


def main() -> None:
    """Write the pages."""
    for name, (title, intro, model) in PAGES.items():
        (HERE / name).write_text(page(title, intro, model), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Formats, metrics and frames of known competitions: one YAML file each, found by its name.

`submission: {preset: severstal}` in competition.yaml stands for the keys of `severstal.yaml`; keys
of competition.yaml itself override them. The files were written from the competitions' pages and
from participants' code; the sample submission of the real data overrides both.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal

from pydantic import Field, PositiveInt, ValidationError

from podium.competition.sections.data import SpecSection
from podium.competition.sections.frame import Frame
from podium.competition.sections.submission import FormatParameters
from podium.competition.sections.tasks import MetricSpec, Tasks
from podium.errors import DataError
from podium.workspace.marked_yaml import parse_yaml, plain_value

__all__ = [
    "Preset",
    "all_presets",
    "find_preset",
    "preset_names",
    "preset_text",
    "with_preset_values",
]

_STANDS_IN = ("metric", "frame", "tasks")


class Preset(SpecSection):
    """Format, metric and frame of a known competition, available before its data."""

    name: str = Field(description="of its file; `submission.preset`")
    slug: str = Field(description="Kaggle's name of it")
    title: str
    tasks: Tasks
    classes: list[str] = Field(
        default_factory=list, description="where they are few and fixed; else those of the data"
    )
    frame: Frame = "native"
    image_size: tuple[PositiveInt, PositiveInt] | None = Field(
        default=None, description="height and width, where all images have one size"
    )
    metric: MetricSpec
    submission: FormatParameters
    kind: Literal["file", "code"] = Field(
        default="file", description="whether a file is sent, or a notebook that writes it"
    )
    note: str = Field(default="", description="errors of its pages, and pitfalls")

    @property
    def summary(self) -> tuple[str, ...]:
        """Name, kind of task, value, metric, file or code, and slug, as a table has them."""
        kind = ", ".join(self.tasks.values())
        return (self.name, kind, self.submission.value, self.metric.name, self.kind, self.slug)


def preset_names() -> list[str]:
    """Return the names of the presets; none is read."""
    files = resources.files(__name__).iterdir()
    return sorted(one.name.removesuffix(".yaml") for one in files if one.name.endswith(".yaml"))


def all_presets() -> list[Preset]:
    """Return the presets, by name."""
    return [find_preset(name) for name in preset_names()]


@functools.cache
def find_preset(name: str) -> Preset:
    """Return the preset of a name, or of a competition's slug.

    Raises:
        DataError: there is none; the nearest names are suggested.
    """
    known = preset_names()
    if name in known:
        return _read(name)
    by_slug = {_read(one).slug: one for one in known}
    if name in by_slug:
        return _read(by_slug[name])
    near = [one for one in known if name and name in one]
    near += [by_slug.get(one, one) for one in difflib.get_close_matches(name, [*known, *by_slug])]
    hint = " or ".join(dict.fromkeys(near[:3]))
    hint = f"write {hint}" if hint else "`podium presets` lists them"
    raise DataError(f"there is no preset {name!r}", fix=hint)


def preset_text(name: str) -> str:
    """Return the YAML of a preset, found as `find_preset` does."""
    return _file(find_preset(name).name).read_text(encoding="utf-8")


def with_preset_values(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a competition.yaml, filled in with those of its preset.

    `submission` is filled in key by key; `metric`, `frame` and `tasks` stand in where they are
    absent, `classes` and (of `submission.unknown`) `open_set` where the tasks are the preset's, and
    `kaggle.kind` for the competition itself. An unknown preset is left to the check of
    `submission.preset`.

    Example:
        >>> document = {"submission": {"preset": "severstal", "empty": "-"}}
        >>> with_preset_values(document)["metric"]["name"]
        'mean_dice'
    """
    found = dict(document)
    given = found.get("submission")
    given = given.model_dump(exclude_unset=True) if isinstance(given, SpecSection) else given
    name = given.get("preset") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(name, str):
        return found
    try:
        preset = find_preset(name)
    except DataError:
        return found
    known = preset.model_dump(exclude_unset=True)
    found["submission"] = {**known["submission"], **given}
    runs = given.get("rle")
    if isinstance(runs, Mapping):
        found["submission"]["rle"] = {**known["submission"].get("rle", {}), **runs}
    stands_in = [key for key in _STANDS_IN if key in known and found.get(key) is None]
    found |= {key: known[key] for key in stands_in}
    if "metric" in stands_in and found["tasks"] != known["tasks"]:
        # Of several tasks the competition's own is scored, and not the one that is beside it.
        found["metric"] = {"task": next(iter(known["tasks"])), **known["metric"]}
    if preset.classes and "classes" not in found and found["tasks"] == known["tasks"]:
        found["classes"] = known["classes"]
    unknown = found["submission"].get("unknown")
    if unknown is not None and "open_set" not in found and found["tasks"] == known["tasks"]:
        found["open_set"] = unknown
    kaggle = found.get("kaggle")
    if isinstance(kaggle, Mapping) and kaggle.get("slug") == preset.slug:
        found["kaggle"] = {"kind": preset.kind, **kaggle}
    return found


@functools.cache
def _read(name: str) -> Preset:
    file = _file(name)
    marked, problems = parse_yaml(file.read_text(encoding="utf-8"), file.name)
    if marked is None or problems:
        raise DataError(f"the preset {name} is no YAML: {problems[:1]}")
    try:
        return Preset.model_validate({"name": name, **plain_value(marked)})
    except ValidationError as error:
        raise DataError(f"the preset {name} cannot be read: {error}") from error


def _file(name: str) -> Traversable:
    return resources.files(__name__) / f"{name}.yaml"

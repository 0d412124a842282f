"""The tasks of a competition with their kinds, and its metric."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    field_validator,
)
from pydantic_core import PydanticCustomError

from podium.tasks.protocols.find import find_kind, kind_names, with_kinds
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName

__all__ = ["MetricSpec", "Tasks", "metric_names"]


def _named(name: Any) -> Kind:
    """Return the kind `name` of either task: which of them, `tasks` alone defines."""
    for task in (IMAGES, PIXELS):
        if name in kind_names(task):
            return find_kind(task, name)
    known = list(dict.fromkeys([*kind_names(IMAGES), *kind_names(PIXELS)]))
    expected = f"{', '.join(map(repr, known[:-1]))} or {known[-1]!r}"
    raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})


def _of_their_task(tasks: dict[TaskName, Kind]) -> dict[TaskName, Kind]:
    """Return the kinds of that name of each task; one that the task lacks is refused later."""
    return {
        task: find_kind(task, kind) if kind in kind_names(task) else kind
        for task, kind in tasks.items()
    }


Tasks = Annotated[
    dict[TaskName, Annotated[Kind, PlainValidator(_named), PlainSerializer(str, return_type=str)]],
    AfterValidator(_of_their_task),
]
"""The kind of each task, as `tasks:` has them."""


# Listed by their file names: that package imports this one, so it cannot be imported here.
_METRICS = Path(__file__).parent / "metrics"


def metric_names() -> list[str]:
    """Return the names of podium's metrics."""
    folders = map(Path, with_kinds([str(_METRICS)], "metrics"))
    return sorted(file.stem for folder in folders for file in folder.glob("[!_]*.py"))


class MetricSpec(BaseModel):
    """A metric by name; every further key is an option of that metric (`eps`, `average` …)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    task: TaskName | None = Field(default=None, description="default: the only task, or segment")

    @field_validator("name")
    @classmethod
    def _is_a_metric(cls, name: str) -> str:
        known = metric_names()
        if ":" in name or name in known:  # `module:object` is the user's own, loaded when it scores
            return name
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"write {near[0]}" if near else f"choose one of {', '.join(known)}"
        raise ValueError(f"there is no metric {name!r}: {hint}")

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})

"""The tasks of a competition with their kinds, and its metric."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    Tag,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from podium import competition
from podium.competition.sections.data import SpecSection
from podium.competition.sections.expressions import expression_names
from podium.competition.sections.sums import sum_labels, sum_name, sum_terms
from podium.tasks.protocols.find import find_kind, is_kind_name, kind_names, with_kinds
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName

__all__ = [
    "BY_OUTPUT",
    "Combination",
    "CombinedMetricSpec",
    "MetricPart",
    "MetricSpec",
    "Tasks",
    "WrittenMetric",
    "combination_of",
    "with_each_part",
    "written_combination",
]


def _named(name: Any) -> Kind:
    """Return the kind `name` of either task: which of them, `tasks` alone defines."""
    for task in (IMAGES, PIXELS):
        if isinstance(name, str) and is_kind_name(task, name):
            return find_kind(task, name)
    known = list(dict.fromkeys([*kind_names(IMAGES), *kind_names(PIXELS)]))
    expected = f"{', '.join(map(repr, known[:-1]))} or {known[-1]!r}"
    raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})


def _of_their_task(tasks: dict[TaskName, Kind]) -> dict[TaskName, Kind]:
    """Return the kinds of that name of each task; one that the task lacks is refused later."""
    return {
        task: find_kind(task, kind) if is_kind_name(task, kind) else kind
        for task, kind in tasks.items()
    }


Tasks = Annotated[
    dict[TaskName, Annotated[Kind, PlainValidator(_named), PlainSerializer(str, return_type=str)]],
    AfterValidator(_of_their_task),
]
"""The kind of each task, as `tasks:` has them."""


# Listed by their file names: that package imports this one, so it cannot be imported here.
_METRICS = Path(__file__).parents[1] / "metrics"


BY_OUTPUT = "_by_output"
"""The end of the name of a mean over outputs; what stands before it is the metric of each."""


def metric_names() -> list[str]:
    """Return the names of podium's metrics."""
    folders = map(Path, with_kinds([str(_METRICS)], "metrics"))
    return sorted(file.stem for folder in folders for file in folder.glob("[!_]*.py"))


class MetricSpec(BaseModel):
    """A metric by name; every further key is an option of that metric (`eps`, `average` …).

    The name of a sum is that of its terms, `0.5 auc + 0.5 f1`; it has their options by their names.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    task: TaskName | None = Field(default=None, description="default: the only task, or segment")

    @field_validator("name")
    @classmethod
    def _is_a_metric(cls, name: str) -> str:
        terms = sum_terms(name)
        if terms is not None:
            return sum_name([(weight, _known_metric(one)) for weight, one in terms])
        return _known_metric(name)

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


def _known_metric(name: str) -> str:
    if ":" in name or name.removesuffix(BY_OUTPUT) in metric_names():
        return name  # `module:object` is the user's own, loaded when it scores
    raise ValueError(f"there is no metric {name!r}: {competition.metrics.advice(name)}")


class MetricPart(MetricSpec):
    """One score of several: a metric, its task, and how it enters the combined score.

    Every further key is an option of that metric.
    """

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    weight: float = Field(
        default=1.0, description="of the score in the sum; negative turns a loss into a gain"
    )
    alias: str = Field(default="", alias="as", description="its name in expression")

    @field_validator("weight")
    @classmethod
    def _is_a_weight(cls, weight: float) -> float:
        if not math.isfinite(weight) or weight == 0:
            raise ValueError(f"a weight is a number other than 0, got {weight:g}")
        return weight

    @property
    def label(self) -> str:
        """Its name in the expression: the alias, else the metric's name."""
        return self.alias or self.name

    @property
    def alone(self) -> MetricSpec:
        """The same metric as it stands without others."""
        return MetricSpec(name=self.name, task=self.task, **self.options)


class Combination(SpecSection):
    """How a score is made of several: of one task, or of several tasks.

    Without `expression` it is the sum of weight times score of each part. With one, each part, of
    another task each, is scored for each row alone, `expression` makes a number of them, and the
    score is its mean.
    """

    name: str = Field(
        default="combined",
        description="what the score of several tasks is called; that of one task is called by its "
        "parts, as 0.5 auc + 0.5 f1",
    )
    parts: Annotated[list[MetricPart], Field(min_length=2)]
    expression: str | None = Field(
        default=None,
        description="of the scores of a row, by name, with + - * / min max: right * iou",
    )

    @model_validator(mode="after")
    def _parts_and_expression_fit(self) -> Self:
        if self.is_of_one_task:
            return self._checked_of_one_task()
        if self.expression is None:
            return self
        tasks = Counter(one.task for one in self.parts)
        if len(tasks) < len(self.parts):
            raise ValueError(
                f"expression: {next(task for task, n in tasks.items() if n > 1)} has two parts; "
                "name one of each task"
            )
        names = [one.label for one in self.parts]
        twice = [name for name, n in Counter(names).items() if n > 1]
        if twice:
            raise ValueError(f"parts: {twice[0]!r} stands twice: name one of them by as")
        if any("weight" in one.model_fields_set for one in self.parts):
            raise ValueError("expression: parts have no weights beside it; write them in it")
        used = expression_names(self.expression)
        strange = sorted(used - set(names))
        if strange:
            raise ValueError(f"expression: there is no part {strange[0]!r}: {', '.join(names)}")
        unused = [name for name in names if name not in used]
        if unused:
            raise ValueError(f"expression: it does not use {unused[0]!r}")
        return self

    def _checked_of_one_task(self) -> Self:
        if self.expression is not None:
            raise ValueError(
                "expression: it is of one metric of each task: name their tasks; parts of one task "
                "are added with weights"
            )
        if "name" in self.model_fields_set:
            raise ValueError(
                f"name: a score of one task is called by its parts, {self.parts_of_tasks[0].name}: "
                "leave it out"
            )
        return self

    @property
    def is_of_one_task(self) -> bool:
        """Whether all parts score one task."""
        return len({one.task for one in self.parts}) == 1

    @cached_property
    def parts_of_tasks(self) -> tuple[MetricPart, ...]:
        """One part a task: where a task has several, their weighted sum is one metric."""
        of_tasks: dict[TaskName | None, list[MetricPart]] = {}
        for one in self.parts:
            of_tasks.setdefault(one.task, []).append(one)
        return tuple(_sum_of_parts(own) if len(own) > 1 else own[0] for own in of_tasks.values())

    def part_of(self, task: str) -> MetricPart | None:
        """Return the part that scores `task`, or None; of several their sum."""
        return next((one for one in self.parts_of_tasks if one.task == task), None)

    @property
    def leading(self) -> MetricPart:
        """The part of masks, if there is one: it is tuned and shown as a single metric is."""
        return self.part_of(PIXELS) or self.parts_of_tasks[0]

    def describe(self) -> str:
        """Return the name and how the score is made, as combined: 0.5 accuracy + 0.5 mean_dice."""
        if self.expression is not None:
            named = [f"{one.label} {one.name}" for one in self.parts if one.alias]
            return f"{self.name}: mean of {self.expression}" + (
                f" ({', '.join(named)})" if named else ""
            )
        terms = " + ".join(f"{one.weight:g} {one.name}" for one in self.parts)
        return f"{self.name}: {terms}".replace("+ -", "- ")

    def written(self) -> dict[str, Any]:
        """Return it as competition.yaml has it."""
        found = self.model_dump(by_alias=True, exclude_unset=True)
        return found if self.is_of_one_task else {"name": self.name, **found}


def _sum_of_parts(parts: Sequence[MetricPart]) -> MetricPart:
    """Return the weighted sum of parts of one task, as one part with the options of each."""
    labels = sum_labels([one.name for one in parts])
    options = {label: one.options for label, one in zip(labels, parts, strict=True) if one.options}
    name = sum_name([(one.weight, one.name) for one in parts])
    return MetricPart.model_validate({"name": name, "task": parts[0].task, **options})


_SHORT_NAMES: dict[str, dict[str, Any]] = {
    "right": {"name": "accuracy", "task": IMAGES},
    "iou": {"name": "mean_iou", "task": PIXELS, "over": "image", "empty": "one"},
    "dice": {"name": "mean_dice", "task": PIXELS, "over": "image", "empty": "one"},
}
"""Parts that an expression may name without a list of them."""


def _short_parts(expression: Any) -> list[dict[str, Any]]:
    try:
        names = sorted(expression_names(str(expression)))
    except ValueError:
        names = []  # refused with its reason by `Combination`
    unknown = [name for name in names if name not in _SHORT_NAMES]
    if unknown or not names:
        known = ", ".join(_SHORT_NAMES)
        raise ValueError(
            f"expression: list the parts of {expression!r} under parts; without them it may use "
            f"{known}"
        )
    return [{**_SHORT_NAMES[name], "as": name} for name in names]


def _is_sum(given: Any) -> bool:
    """Return whether a metric is written by the name of a sum alone: `0.5 auc + 0.5 f1`."""
    name = given.get("name") if isinstance(given, Mapping) else None
    is_alone = not (isinstance(given, Mapping) and {"parts", "expression"} & {*given})
    return is_alone and isinstance(name, str) and sum_terms(name) is not None


def _parts_of_sum(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of a sum that is written by its name, with its task and their options."""
    terms, others = sum_terms(given["name"]) or [], {**given}
    del others["name"]
    task = {"task": others.pop("task")} if "task" in others else {}
    parts = []
    for label, (weight, name) in zip(sum_labels([one for _, one in terms]), terms, strict=True):
        options = others.pop(label, {})
        if not isinstance(options, Mapping):
            raise ValueError(f"{label}: its options are written as {label}: {{option: value}}")
        parts.append({**options, "name": name, **task, "weight": weight})
    if others:
        raise ValueError(
            f"{next(iter(others))}: of a sum, name the metric whose option it is, as "
            f"{terms[0][1]}: {{{next(iter(others))}: …}}"
        )
    return parts


class CombinedMetricSpec(MetricSpec):
    """A score of several. `name`, `task` and options are those of its leading part."""

    combination: Combination

    @field_validator("name")
    @classmethod
    def _is_a_metric(cls, name: str) -> str:
        return name  # each part has been checked

    @model_validator(mode="before")
    @classmethod
    def _is_led_by_a_part(cls, given: Any) -> Any:
        if not isinstance(given, list | Mapping):
            return given
        written = {"parts": given} if isinstance(given, list) else dict(given)
        if _is_sum(given):
            written = {"parts": _parts_of_sum(written)}
        if "parts" not in written:
            written["parts"] = _short_parts(written.get("expression"))
        # The name and the task of the leading part are set once the parts are known to be right.
        return {"name": "combined", "combination": written}

    @model_validator(mode="after")
    def _has_the_options_of_its_leading_part(self) -> Self:
        self._follow_its_leading_part()
        return self

    def _follow_its_leading_part(self) -> None:
        leading = self.combination.leading
        object.__setattr__(self, "name", leading.name)
        object.__setattr__(self, "task", leading.task)
        object.__setattr__(self, "__pydantic_extra__", dict(leading.options))

    def with_parts(self, parts: Sequence[MetricSpec]) -> CombinedMetricSpec:
        """Return the same score of other parts."""
        combination = self.combination.model_copy(update={"parts": list(parts)})
        combination.__dict__.pop("parts_of_tasks", None)  # a copy has what was cached
        found = self.model_copy(update={"combination": combination})
        found._follow_its_leading_part()
        return found

    @model_serializer(mode="plain")
    def _as_written(self) -> dict[str, Any]:
        return self.combination.written()


def _is_combined(given: Any) -> str:
    if isinstance(given, list | CombinedMetricSpec):
        return "combined"
    is_made_of_parts = isinstance(given, Mapping) and ("parts" in given or "expression" in given)
    return "combined" if is_made_of_parts or _is_sum(given) else "single"


if TYPE_CHECKING:
    WrittenMetric = MetricSpec
else:
    WrittenMetric = Annotated[
        Annotated[MetricSpec, Tag("single")] | Annotated[CombinedMetricSpec, Tag("combined")],
        Discriminator(_is_combined),
    ]
"""A metric as competition.yaml has it: one, a sum, or several in a list or under `parts`."""


def written_combination(metric: MetricSpec) -> Combination | None:
    """Return how the score is made of several, as competition.yaml has it; None: it is of one."""
    return metric.combination if isinstance(metric, CombinedMetricSpec) else None


def combination_of(metric: MetricSpec) -> Combination | None:
    """Return how the score is made of several tasks; None: one metric, or one sum, scores one."""
    written = written_combination(metric)
    return None if written is None or written.is_of_one_task else written


def with_each_part(metric: MetricSpec, change: Callable[[MetricSpec], MetricSpec]) -> MetricSpec:
    """Return the metric with `change` of each of its parts, or of itself where it is one."""
    if not isinstance(metric, CombinedMetricSpec):
        return change(metric)
    return metric.with_parts([change(one) for one in metric.combination.parts])

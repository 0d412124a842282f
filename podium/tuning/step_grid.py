"""Grids of decisions that a user writes: steps in which any value may be one of several.

    - threshold: {try: [0.3, 0.5]}                    these values, the first one plain
    - min_area: {from: 0, to: 400, n: 5}              0, 100, 200, 300, 400
    - threshold: {from: 0.1, to: 0.9, n: 9, first: 0.5}   0.5, then the others in order
    - hysteresis: {low: {try: [0.3, 0.4]}, high: 0.6}
    - largest: [1, {try: [1, 2]}]                     a list is one value a class, as ever

`try` and `from` stand in place of a value, so that they cannot be taken for one value a class. The
grid is the product of all of them. Its candidates come plainest first: those that differ from the
first values in fewer places, then by how far down the lists they are. What is tried is fixed before
anything is scored, so that one table of counts serves every fold (see `masks/space.py`).

`read_steps` reads such a list from a YAML file.
"""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from podium.errors import UsageError, plural, suggest
from podium.predictions.decisions.labels import Step, label_steps, name_and_parameter
from podium.predictions.decisions.masks import BEFORE, REGIONS, decision_names
from podium.predictions.decisions.parameters import is_list
from podium.tasks.protocols.find import kind_names, pixel_kind
from podium.tasks.protocols.names import PIXELS
from podium.workspace.documents import read_marked
from podium.workspace.marked_yaml import SourceLocation, plain_value

__all__ = ["PlacedStep", "StepCandidate", "StepGrid", "are_alike", "merged", "read_steps"]


_RANGE = frozenset({"from", "to", "n", "first"})  # the last may be left out
MOST_VALUES = 1000  # of one `from … to`
MOST_REFUSED = 100_000  # combinations that cannot be meant, before the search for others ends


class PlacedStep(dict[str, Any]):
    """A step as a file has it, which knows its line: what refuses it later names that.

    Attributes:
        place: the file and the line; None in a copy, as a record has one.
    """

    def __init__(self, step: Any = (), place: SourceLocation | None = None) -> None:
        super().__init__(step)
        self.place = place


@dataclass(frozen=True)
class StepCandidate:
    """Steps that are tried.

    Attributes:
        text: the steps as JSON, by which two candidates are the same.
    """

    text: str

    @classmethod
    def of(cls, steps: Sequence[Step]) -> StepCandidate:
        """Return the candidate of these steps."""
        return cls(json.dumps([dict([name_and_parameter(one)]) for one in steps]))

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps, each a mapping of its name to its parameter."""
        found: list[dict[str, Any]] = json.loads(self.text)
        return found


@dataclass(frozen=True)
class StepGrid:
    """A grid of steps.

    Attributes:
        steps: as written, each a name and a parameter.
        axes: name → values, for each value that may be one of several, as written.
        places: of each step, where it stands; None: in no file.
    """

    steps: tuple[tuple[str, Any], ...]
    axes: dict[str, list[Any]]
    places: tuple[SourceLocation | None, ...]

    @classmethod
    def of(cls, steps: Sequence[Step | str]) -> StepGrid:
        """Return the grid of steps as a user writes them.

        Raises:
            UsageError: there is no step, or a `try` or `from` cannot be meant; names the value.

        Example:
            >>> StepGrid.of([{"threshold": {"try": [0.3, 0.5]}}, "fill_holes"]).axes
            {'threshold': [0.3, 0.5]}
        """
        if not is_list(steps) or not len(steps):
            raise UsageError(
                f"decide: a grid is a list of steps, got {steps!r}",
                fix="write - threshold: {try: [0.3, 0.5]}",
            )
        named = tuple(name_and_parameter(one) for one in steps)
        axes: dict[str, list[Any]] = {}
        for path, parameter in _paths(named):
            axes |= dict(_axes(path, parameter))
        places = tuple(one.place if isinstance(one, PlacedStep) else None for one in steps)
        return cls(named, axes, places)

    @property
    def n_points(self) -> int:
        """The number of combinations: of many classes more than `len` can return."""
        return math.prod(len(values) for values in self.axes.values())

    def candidates(
        self, at_most: int, check: Callable[[list[dict[str, Any]]], None]
    ) -> dict[tuple[int, ...], StepCandidate]:
        """Return the plainest candidates, by the place of each value in its axis.

        A combination that `check` refuses, as low above high, is none.

        Args:
            at_most: how many.
            check: raises UsageError for steps that cannot be meant.

        Raises:
            UsageError: every combination is refused; the message is the first one's, the place that
                of the first step that must not stand there.
        """
        found: dict[tuple[int, ...], StepCandidate] = {}
        refused: list[UsageError] = []
        for places in _plainest_first([len(values) for values in self.axes.values()]):
            if len(found) == at_most or len(refused) == MOST_REFUSED:
                break
            steps = self.at(places)
            try:
                check(steps)
                _check_probabilities(steps)
            except UsageError as error:
                refused.append(error)
                continue
            found[places] = StepCandidate.of(steps)
        if not found:
            raise self._with_place(refused[0], check)
        return found

    def _with_place(
        self, error: UsageError, check: Callable[[list[dict[str, Any]]], None]
    ) -> UsageError:
        """Return what the plainest steps were refused with, and where the first such one stands."""
        steps = self.at((0,) * len(self.axes))
        for number, place in enumerate(self.places, 1):
            try:
                check(steps[:number])
                _check_probabilities(steps[:number])
            except UsageError:
                return UsageError(error.message, where=place, fix=error.fix)
        return error

    def check_each(self, name: str, check: Callable[[Any], None]) -> list[Any]:
        """Return the values that the step `name` takes in turn, all of which `check` takes.

        Raises:
            UsageError: it has several values at once, or `check` refuses one.
        """
        try:
            _, values = self.without(name)
            for one in values:
                check(one)
                _check_probabilities([{name: one}])
        except UsageError as error:
            raise UsageError(error.message, where=self.place_of(name), fix=error.fix) from None
        return values

    def place_of(self, name: str) -> SourceLocation | None:
        """Return where the last step of this name stands; None: it is in no file."""
        named = zip(self.steps, self.places, strict=True)
        return next((place for (one, _), place in reversed([*named]) if one == name), None)

    def notes(self, n_tried: int, trials: int) -> tuple[str, ...]:
        """Return a note where `n_tried` candidates, of at most `trials`, are not the whole grid."""
        if n_tried == self.n_points:
            return ()
        return (
            f"of the {plural(self.n_points, 'decision')} of the grid {n_tried:,} are tried, "
            "plainest first: the rest is invalid, or beyond --trials "
            f"{trials:,}",
        )

    def at(self, places: Sequence[int]) -> list[dict[str, Any]]:
        """Return the steps at a point of the grid: the place of each value in its axis."""
        values = {
            axis: of_axis[place]
            for (axis, of_axis), place in zip(self.axes.items(), places, strict=True)
        }
        return [
            {name: _filled(path, parameter, values)}
            for (name, _), (path, parameter) in zip(self.steps, _paths(self.steps), strict=True)
        ]

    def without(self, name: str) -> tuple[StepGrid | None, list[Any]]:
        """Return the grid without the step `name`, and the values that the step takes in turn.

        None: nothing is left. No values: there is no such step.

        Raises:
            UsageError: the step has several values at once, as one a class.
        """
        chosen = [step for step in self.steps if step[0] == name]
        if not chosen:
            return self, []
        rest = [
            PlacedStep({one: parameter}, place)
            for (one, parameter), place in zip(self.steps, self.places, strict=True)
            if one != name
        ]
        values = _values(name, chosen[0][1])
        values = [chosen[0][1]] if values is None else values
        if len(chosen) > 1 or any(is_list(one) or isinstance(one, Mapping) for one in values):
            raise UsageError(
                f"decide: {name} in a grid takes one number, or several to try",
                fix=f"write {name}: {{try: [0.3, 0.5]}}",
            )
        return (StepGrid.of(rest) if rest else None), values


def are_alike(candidates: Sequence[StepCandidate]) -> bool:
    """Return whether each class may have another of these candidates, see `merged`."""
    return len({_form(one.steps) for one in candidates}) == 1


def merged(candidates: Sequence[StepCandidate]) -> list[dict[str, Any]]:
    """Return the steps that decide class c as the candidate c does, `(C,)`; they are alike."""
    steps = [one.steps for one in candidates]
    found = _merged(steps)
    assert isinstance(found, list)
    return found


def _merged(each: Sequence[Any]) -> Any:
    first = each[0]
    if all(one == first for one in each):
        return first
    if isinstance(first, dict):
        return {key: _merged([one[key] for one in each]) for key in first}
    if isinstance(first, list) and isinstance(first[0], dict):
        return [_merged(some) for some in zip(*each, strict=True)]
    return [one[c] if isinstance(one, list) else one for c, one in enumerate(each)]


def _form(value: Any) -> str:
    """Return the form that two values must share to be merged class by class."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_form(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[" + ",".join(map(_form, value)) + "]"
    return "."


def _paths(steps: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield each step's parameter and its label: its name, with a number from the second."""
    seen: dict[str, int] = {}
    for name, parameter in steps:
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), parameter


def _axes(path: str, value: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield every value inside `value` that may be one of several, and where it is."""
    values = _values(path, value)
    if values is not None:
        yield path, values
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _axes(f"{path}.{key}", one)
    elif is_list(value):
        for i, one in enumerate(value):
            yield from _axes(f"{path}[{i}]", one)


def _filled(path: str, value: Any, values: Mapping[str, Any]) -> Any:
    """Return `value` with what `values` has in place of every `try` and `from`."""
    if path in values:
        return values[path]
    if isinstance(value, Mapping):
        return {key: _filled(f"{path}.{key}", one, values) for key, one in value.items()}
    if is_list(value):
        return [_filled(f"{path}[{i}]", one, values) for i, one in enumerate(value)]
    return value


def _values(path: str, value: Any) -> list[Any] | None:
    """Return the values that a `try` or a `from` stands for; None: it is neither."""
    if not isinstance(value, Mapping) or not set(value) & {"try", *_RANGE}:
        return None
    if set(value) == {"try"}:
        tried = value["try"]
        if not is_list(tried) or not len(tried):
            raise UsageError(
                f"decide: {path} has nothing to try: {tried!r}", fix="write {try: [0.3, 0.5]}"
            )
        return [json.loads(text) for text in dict.fromkeys(json.dumps(one) for one in tried)]
    n = value.get("n")
    ends: list[Any] = [value.get("from"), value.get("to")]
    ends += [value["first"]] if "first" in value else []
    if (
        set(value) | {"first"} != _RANGE
        or any(not isinstance(end, int | float) or isinstance(end, bool) for end in ends)
        or not np.isfinite(ends).all()
        or not isinstance(n, int)
        or isinstance(n, bool)
        or not 2 <= n <= MOST_VALUES
    ):
        raise UsageError(
            f"decide: {path} takes a value, {{try: […]}} or {{from: …, to: …, n: …}}, "
            f"got {dict(value)!r}",
            fix="write three numbers, n of them 2 or more: {from: 0, to: 400, n: 5}",
        )
    found = [round(float(one), 6) for one in (*ends[2:], *np.linspace(ends[0], ends[1], n))]
    is_whole = all(isinstance(end, int) for end in ends)
    each = [int(one) if is_whole and one == int(one) else one for one in found]
    return list(dict.fromkeys(each))


def _check_probabilities(steps: Sequence[Mapping[str, Any]]) -> None:
    """Raise UsageError where what is compared with probabilities is not in [0, 1].

    Nobody means it in a file; deciding takes it, as values from elsewhere are no probabilities.
    """
    for step in steps:
        ((name, parameter),) = step.items()
        if name == "objects" and isinstance(parameter, Mapping):
            name, parameter = "objects.seed", parameter.get("seed")
        if name not in ("threshold", "gate", "objects.seed") or parameter is None:
            continue
        values = np.asarray(parameter, dtype=np.float64)
        if (values < 0).any() or (values > 1).any():
            raise UsageError(
                f"decide: {name} is compared with probabilities, and is in [0, 1], "
                f"got {parameter!r}",
                fix="write a number from 0 to 1",
            )


def _plainest_first(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield all places of a grid by how many are not 0, then by their sum, then in order."""
    start = (0,) * len(sizes)
    queue = [(0, 0, start)]
    while queue:
        _, _, places = heapq.heappop(queue)
        yield places
        # Each point has one parent: it less one in the last axis that is not 0.
        last = max((axis for axis, place in enumerate(places) if place), default=0)
        for axis in range(last, len(sizes)):
            if places[axis] + 1 < sizes[axis]:
                following = (*places[:axis], places[axis] + 1, *places[axis + 1 :])
                n_changed = sum(map(bool, following))
                heapq.heappush(queue, (n_changed, sum(following), following))


def read_steps(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the steps that stand in `path`, each a mapping of its name to its parameter.

    Raises:
        UsageError: there is no such file, it is no list of steps, there is no such step (the
            nearest name is suggested), or a `try` or `from` cannot be meant; names the line.
    """
    marked = read_marked(path, UsageError)
    if marked is None or not isinstance(marked.value, list) or not marked.value:
        raise UsageError(
            "a file of steps is a list",
            where=path if marked is None else marked.place,
            fix="write - threshold: {try: [0.3, 0.5]}",
        )
    found: list[dict[str, Any]] = []
    for one in marked.value:
        step = plain_value(one)
        try:
            StepGrid.of([step])
            name, parameter = name_and_parameter(step)
            _check_name(name)
            found.append(PlacedStep({name: parameter}, one.place))
        except UsageError as error:
            raise UsageError(error.message, where=one.place, fix=error.fix) from None
    return tuple(found)


def _check_name(name: str) -> None:
    kinds = [pixel_kind(one) for one in kind_names(PIXELS)]
    of_masks = [one for kind in kinds if not kind.finds_objects for one in decision_names(kind)]
    known = list(dict.fromkeys([*label_steps(), *BEFORE, *of_masks, *REGIONS, "objects"]))
    if name not in known:
        others = f"choose one of {', '.join(known)}"
        raise UsageError(
            f"decide: there is no step {name!r}",
            fix=suggest(name, known, "did you mean {}?", otherwise=others),
        )

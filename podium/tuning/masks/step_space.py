"""Which decisions on masks a user's grid tries, in the form that counting and choosing take.

The first candidate takes the place of the plain decision: another is chosen where it gains more
than the standard error of its gain. A step `gate` is no part of a candidate: it is looked up, as
that of the grid in `space.py` is, since what the classifier says differs from fold to fold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from podium.errors import UsageError
from podium.predictions.decide import Step
from podium.predictions.mask_steps import (
    check_mask_steps,
    check_object_steps,
    default_mask_steps,
    finds_objects,
)
from podium.tuning.step_grid import StepCandidate, StepGrid

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["StepSpace", "step_space"]


@dataclass(frozen=True)
class StepSpace:
    """The candidates of a user's grid for masks.

    Attributes:
        kind: of the task.
        pixels: of what a network says of a pixel: that of the task, but of objects.
        axes: name → values, as an Optuna grid sampler takes them; a value that is no number, text
            or null is given as JSON.
        candidates: `(A,)`, what is written first in front.
        gates: `(G,)` probabilities; 0: no gate.
        points: the place of each value in its axis → number of the candidate.
        notes: what of the grid is not tried.
    """

    kind: TaskKind
    pixels: TaskKind
    axes: dict[str, list[Any]]
    candidates: tuple[StepCandidate, ...]
    gates: tuple[float, ...] = (0.0,)
    points: Mapping[tuple[int, ...], int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def has_gate(self) -> bool:
        """Whether a classifier is asked."""
        return any(self.gates)

    @property
    def studied(self) -> dict[str, list[Any]]:
        """The axes of the study: not a threshold of which one pass gives the whole curve."""
        names = {name for step in self.candidates[0].steps for name in step}
        is_of_levels = self.kind in ("binary", "multilabel") and not names & {"largest"}
        others = {axis: values for axis, values in self.axes.items() if axis != "threshold"}
        return others if is_of_levels and others else self.axes

    def numbers_at(self, point: Mapping[str, Any]) -> list[int]:
        """Return the numbers of the candidates at a point, axis → value; of some axes, or all."""
        places = [
            (i, values.index(point[axis]))
            for i, (axis, values) in enumerate(self.axes.items())
            if axis in point
        ]
        return [
            number
            for its, number in self.points.items()
            if all(its[i] == place for i, place in places)
        ]

    def tried(self) -> list[dict[str, Any]]:
        """Return the points of the study at which something is tried, axis → value, in order."""
        studied = self.studied
        each = [
            tuple(
                (axis, values[i])
                for (axis, values), i in zip(self.axes.items(), places, strict=True)
                if axis in studied
            )
            for places in self.points
        ]
        return [dict(point) for point in dict.fromkeys(each)]


def step_space(
    steps: Sequence[Step | str],
    kind: TaskKind,
    pixels: TaskKind,
    *,
    n_outputs: int,
    trials: int = 50,
) -> StepSpace:
    """Return at most `trials` candidates of the grid `steps`.

    Args:
        steps: as `StepGrid` has them.
        kind: binary, multilabel, multiclass or instance.
        pixels: of what a network says of a pixel.
        n_outputs: channels of the network.
        trials: how many may be tried, the gates not counted.

    Raises:
        UsageError: a step cannot be meant, or a gate has a value for each class.
    """
    if trials < 1:
        raise UsageError(f"trials must be at least 1, got {trials}")
    grid, gates = StepGrid.of(steps).without("gate")
    for gate in gates:
        check_mask_steps([{"gate": gate}], pixels, n_outputs)
    if grid is None:  # a gate alone, before the default decision
        grid = StepGrid.of(default_mask_steps(pixels))

    def check(one: list[dict[str, Any]]) -> None:
        if kind == "instance":
            check_object_steps(one, pixels, n_outputs)
        elif finds_objects(one):
            raise UsageError(
                "decide: objects is a step of tasks of objects",
                fix="leave it out, or score a metric of objects",
            )
        else:
            check_mask_steps(one, pixels, n_outputs)

    found = grid.candidates(trials, check)
    points = {places: number for number, places in enumerate(found)}
    return StepSpace(
        kind,
        pixels,
        {axis: [_scalar(one) for one in values] for axis, values in grid.axes.items()},
        tuple(found.values()),
        tuple(map(float, gates)) or (0.0,),
        points,
        grid.notes(len(found), trials),
    )


def _scalar(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value

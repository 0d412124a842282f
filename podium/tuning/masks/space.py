"""The decisions on masks that are tried: a grid that is fixed before anything is scored.

    binary, multilabel   threshold of a pixel × smallest area × median filter
    multiclass           weight of the background × smallest area × median filter
    instance             threshold × smallest object × pixels between the seeds of a watershed

The gate ("empty if the classifier predicts so") is tried with each of them where a classifier is
there, see `masks/counts.py`. The grid is that of an Optuna study with a grid sampler. Such a
sampler does not use scores: what is tried does not depend on any truth, so one table of counts
serves every fit of a cross-fitting, and each fit finds just what a study on its rows alone would
have found. A sampler that learns from scores (TPE, CMA-ES) would depend on the rows held out.

Thresholds and areas are counted in one pass over an image for each filter
(`masks/level_images.py`), so that a trial buys several of them. More of them, or more areas, are
not better: decision 0023.

`StepSpace` holds the candidates of a user's grid (`tuning/step_grid.py`) in the same form. Its
first candidate takes the place of the plain decision: another is chosen where it gains more than
the standard error of its gain. A step `gate` is no part of a candidate: it is looked up, as that of
podium's own grid is, since what the classifier predicts differs from fold to fold.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from podium.errors import UsageError, either, plural
from podium.predictions.decisions.labels import Step
from podium.predictions.decisions.masks import (
    check_mask_steps,
    check_object_steps,
    default_mask_steps,
    finds_objects,
)
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.step_grid import StepCandidate, StepGrid

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "GATES",
    "MaskCandidate",
    "MaskSpace",
    "StepSpace",
    "mask_space",
    "most_candidates",
    "step_space",
]


GATES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Probabilities of a class below which its mask is made empty."""

THRESHOLDS = (0.05, 0.95)  # of a pixel: first and last
WIDEST = 8.0  # the weight of the background lies in [1/8, 8]
MOST_LEVELS = 37  # thresholds 0.025 apart: finer ones differ by less than the noise of a fold
PER_TRIAL = 4  # decisions on levels that are as cheap as one that is made by itself
MOST_BYTES = 400_000_000  # of a table of counts, 16 of each decision, image and class
AREAS = (0.0005, 0.002, 0.01)  # share of the median image below which an area is dropped
AREAS_OF_CLASSES = (0.0005, 0.005)
MEDIANS = (0, 5)  # pixels; 0: no filter
THRESHOLDS_OF_OBJECTS = (0.2, 0.8)
AREAS_OF_OBJECTS = (0.00005, 0.0004)  # share of the median image below which an object is none
SEEDS_APART = (0.02, 0.05)  # of the side of a square that is as large as the median image


@dataclass(frozen=True)
class MaskCandidate:
    """One decision on masks, without the gate.

    Attributes:
        level: threshold of a pixel; multiclass: weight of the background.
        min_area: smallest area that is kept, in pixels; 0 keeps every area.
        median: edge of the median filter, in pixels; 0: none.
        apart: pixels between the seeds of a watershed; 0: areas that touch are one object; None:
            no objects are looked for.
    """

    level: float
    min_area: int = 0
    median: int = 0
    apart: int | None = None

    @property
    def objects(self) -> dict[str, Any]:
        """The step that finds objects."""
        split = {"split": "watershed", "distance": self.apart} if self.apart else {}
        return {"objects": split}

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps of `decide`; not of a multiclass task, where the level is a weight."""
        return [{"threshold": self.level}, *self.cleaning]

    @property
    def cleaning(self) -> tuple[dict[str, Any], ...]:
        """The steps of `decide` after the decision on single pixels."""
        if self.apart is not None:
            return (self.objects, *([{"min_area": self.min_area}] if self.min_area else []))
        filters = ({"median": self.median},) if self.median else ()
        return (*filters, {"min_area": self.min_area}) if self.min_area else filters


@dataclass(frozen=True)
class MaskSpace:
    """The grid of a task.

    Attributes:
        kind: of the task.
        axes: name → values, as an Optuna grid sampler takes them.
        candidates: the points of the grid, the plain decision first, then the plainest.
        gates: `(G,)` probabilities; the first, 0, is no gate.
        notes: what was requested and is not tried.
    """

    kind: Kind
    axes: dict[str, list[float | int]]
    candidates: tuple[MaskCandidate, ...]
    gates: tuple[float, ...] = (0.0, *GATES)
    notes: tuple[str, ...] = ()

    @property
    def levels(self) -> tuple[float, ...]:
        """Every level that a candidate has, ascending."""
        return tuple(sorted({one.level for one in self.candidates}))

    @property
    def studied(self) -> dict[str, list[float | int]]:
        """The axes of the study: not the threshold, whose curve is inside each of its trials."""
        has_curve = self.kind.is_thresholded
        return {
            axis: values
            for axis, values in self.axes.items()
            if not (has_curve and axis == "threshold")
        }

    def numbers_at(self, point: Mapping[str, Any]) -> list[int]:
        """Return the numbers of the candidates at a point, axis → value; of some axes, or all."""
        names = {"threshold": "level", "background": "level"}
        values = {names.get(axis, axis): value for axis, value in point.items()}
        return [
            a
            for a, one in enumerate(self.candidates)
            if all(getattr(one, name) == value for name, value in values.items())
        ]


def mask_space(
    kind: str,
    sizes: Sequence[tuple[int, int]],
    *,
    trials: int = 50,
    n_classes: int = 1,
) -> MaskSpace:
    """Return the candidates for masks of these sizes: what `trials` trials can pay for.

    Args:
        kind: binary, multilabel, multiclass or instance.
        sizes: (height, width) of the images; areas are shares of the median one.
        trials: how many may be tried; more of them make the steps of the level smaller. Of binary
            and multilabel masks a trial is `PER_TRIAL` decisions; one trial is the plain one alone.
        n_classes: of the masks: counts of many classes in many images leave room for fewer.

    Raises:
        DataError: there is no such kind of masks.
        UsageError: there is no image, or `trials` is below 1.

    Example:
        >>> space = mask_space("binary", [(100, 100)], trials=6)
        >>> space.axes
        {'threshold': [0.05, 0.5, 0.95], 'min_area': [0, 5, 20, 100], 'median': [0, 5]}
        >>> space.candidates[0]
        MaskCandidate(level=0.5, min_area=0, median=0, apart=None)
    """
    task = pixel_kind(kind)
    if trials < 1 or not len(sizes):
        raise UsageError(f"trials must be at least 1 and there must be an image, got {trials}")
    if task.finds_objects:
        return _space_of_objects(task, sizes, trials)
    is_weighted = task.is_exclusive
    areas = _areas(sizes, AREAS_OF_CLASSES if is_weighted else AREAS)
    requested = trials if is_weighted or trials == 1 else PER_TRIAL * trials
    requested = min(requested, MOST_LEVELS * len(areas) * len(MEDIANS))
    n = min(requested, most_candidates(task, len(sizes), n_classes))
    levels = _levels(task, n // (len(areas) * len(MEDIANS)))
    plain = 1.0 if is_weighted else 0.5
    every = [MaskCandidate(*point) for point in itertools.product(levels, areas, MEDIANS)]
    every.sort(key=lambda one: _distance(one, plain))
    axes: dict[str, list[float | int]] = {
        "background" if is_weighted else "threshold": list(levels),
        "min_area": list(areas),
        "median": list(MEDIANS),
    }
    notes = (
        f"{either(n, 'decision is', 'decisions are')} tried, where {requested:,} were requested: "
        "the counts of "
        f"{plural(len(sizes), 'image')} in {either(n_classes, 'class', 'classes')} leave room "
        "for no more"
    )
    return MaskSpace(task, axes, tuple(every[:n]), notes=(notes,) if n < requested else ())


def most_candidates(kind: Kind, n_images: int, n_classes: int) -> int:
    """Return of how many decisions the counts of images fit into `MOST_BYTES`, at least one."""
    return max(1, MOST_BYTES // (16 * n_images * (n_classes + (not kind.is_by_class))))


def _space_of_objects(kind: Kind, sizes: Sequence[tuple[int, int]], trials: int) -> MaskSpace:
    side = float(np.sqrt(np.median([height * width for height, width in sizes])))
    areas = _areas(sizes, AREAS_OF_OBJECTS)
    aparts = sorted({0, *(max(2, round(share * side)) for share in SEEDS_APART)})
    levels = _levels(kind, trials // (len(areas) * len(aparts)))
    every = [
        MaskCandidate(level, area, apart=apart)
        for level, area, apart in itertools.product(levels, areas, aparts)
    ]
    every.sort(key=lambda one: (*_distance(one, 0.5), one.apart))
    axes: dict[str, list[float | int]] = {
        "threshold": list(levels),
        "min_area": list(areas),
        "apart": list(aparts),
    }
    return MaskSpace(kind, axes, tuple(every[:trials]))


def _areas(sizes: Sequence[tuple[int, int]], shares: Sequence[float]) -> list[int]:
    """Return 0 and the areas in pixels that are something, ascending."""
    typical = float(np.median([height * width for height, width in sizes]))
    return [0, *sorted({round(share * typical) for share in shares} - {0, 1})]


def _levels(kind: Kind, n: int) -> list[float]:
    """Return an odd number of levels, at most `n`; the plain one is the middle one."""
    n = min(max(1, n), MOST_LEVELS)
    n -= 1 - n % 2
    if kind.is_exclusive:
        edge = np.log2(WIDEST) if n > 1 else 0.0
        return [float(f"{2**exponent:.3g}") for exponent in np.linspace(-edge, edge, n)]
    ends = THRESHOLDS_OF_OBJECTS if kind.finds_objects else THRESHOLDS
    return [round(float(t), 4) for t in np.linspace(*ends, n)] if n > 1 else [0.5]


def _distance(one: MaskCandidate, plain: float) -> tuple[float, ...]:
    """Return the sort key of candidates: their distance from the plain decision."""
    n_changes = (one.level != plain) + (one.min_area > 0) + (one.median > 0) + bool(one.apart)
    far = abs(one.level - plain) if plain == 0.5 else abs(np.log2(one.level))
    return (n_changes, round(float(far), 6), one.min_area, one.median, one.level)


@dataclass(frozen=True)
class StepSpace:
    """The candidates of a user's grid for masks.

    Attributes:
        kind: of the task.
        pixels: kind of the pixel predictions: that of the task, but of objects.
        axes: name → values, as an Optuna grid sampler takes them; a value that is no number, text
            or null is given as JSON.
        candidates: `(A,)`, what is written first in front.
        gates: `(G,)` probabilities; 0: no gate.
        points: the place of each value in its axis → number of the candidate.
        notes: what of the grid is not tried.
    """

    kind: Kind
    pixels: Kind
    axes: dict[str, list[Any]]
    candidates: tuple[StepCandidate, ...]
    gates: tuple[float, ...] = (0.0,)
    points: Mapping[tuple[int, ...], int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def has_gate(self) -> bool:
        """Whether a classifier is used."""
        return any(self.gates)

    @property
    def studied(self) -> dict[str, list[Any]]:
        """The axes of the study: not a threshold of which one pass gives the whole curve."""
        names = {name for step in self.candidates[0].steps for name in step}
        is_of_levels = self.kind.is_thresholded and not names & {"largest"}
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
    kind: str,
    pixels: str,
    *,
    n_outputs: int,
    trials: int = 50,
) -> StepSpace:
    """Return at most `trials` candidates of the grid `steps`.

    Args:
        steps: as `StepGrid` has them.
        kind: binary, multilabel, multiclass or instance.
        pixels: kind of the pixel predictions.
        n_outputs: channels of the network.
        trials: how many may be tried, the gates not counted.

    Raises:
        UsageError: a step cannot be meant, or a gate has a value for each class.
    """
    if trials < 1:
        raise UsageError(f"trials must be at least 1, got {trials}")
    task, of_pixel = pixel_kind(kind), pixel_kind(pixels)
    written = StepGrid.of(steps)
    gates = written.check_each(
        "gate", lambda gate: check_mask_steps([{"gate": gate}], of_pixel, n_outputs)
    )
    grid, _ = written.without("gate")
    if grid is None:  # a gate alone, before the default decision
        grid = StepGrid.of(default_mask_steps(of_pixel))

    def check(one: list[dict[str, Any]]) -> None:
        if task.finds_objects:
            check_object_steps(one, of_pixel, n_outputs)
        elif finds_objects(one):
            raise UsageError(
                "decide: objects is a step of tasks of objects",
                fix="leave it out, or score a metric of objects",
            )
        else:
            check_mask_steps(one, of_pixel, n_outputs)

    found = grid.candidates(trials, check)
    points = {places: number for number, places in enumerate(found)}
    return StepSpace(
        task,
        of_pixel,
        {axis: [_scalar(one) for one in values] for axis, values in grid.axes.items()},
        tuple(found.values()),
        tuple(map(float, gates)) or (0.0,),
        points,
        grid.notes(len(found), trials),
    )


def _scalar(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value

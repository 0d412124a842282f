"""Blends on disk: `blends/<name>-<8 hex>/record.json`.

A blend has a part for each task that its members predict; the scored one comes first, and its
scores are those of the blend. A member without masks is in the classification part only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.ensembling.blend import Blend, folds_as_text
from podium.ensembling.combined import CombinedScore
from podium.ensembling.honest import UNITS_FILE, OofUnits, write_units
from podium.ensembling.method import method_identity
from podium.ensembling.method_choice import FamilyChoice
from podium.ensembling.plain_decision import KeptPlain
from podium.errors import DataError, RunError, UsageError, plural
from podium.tasks.protocols.find import find_kind
from podium.tasks.protocols.names import IMAGES, is_of_images
from podium.workspace import machine
from podium.workspace.atomic import ExistsError, new_folder, sweep
from podium.workspace.blend_notes import set_owner
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, read_record, write_record

if TYPE_CHECKING:
    from podium.competition.units import Aggregate
    from podium.tasks.protocols.names import TaskName
    from podium.training.runs.content import RowContents

__all__ = [
    "BLEND_FORMAT",
    "BlendPart",
    "add_units",
    "find_parts",
    "part_inputs",
    "read_blend",
    "read_combined",
    "read_parts",
    "sets_of",
    "write_blend",
]

BLEND_FORMAT = 2  # raised by hand when podium changes what a blend's inputs lead to

_TUPLES = ("members", "weights", "decision", "notes")


@dataclass(frozen=True)
class BlendPart:
    """A blend of one task and its honest units.

    Attributes:
        blend: members, weights, decision and scores.
        sets: the prediction sets of its members, in their order.
        units: its honest prediction of each scored unit; None: it was not kept.
    """

    blend: Blend
    sets: tuple[Path, ...]
    units: OofUnits | None = field(default=None, repr=False, compare=False)


def write_blend(
    workspace: Workspace,
    blend: Blend,
    sets: Sequence[Path],
    *,
    name: str = "blend",
    beside: Sequence[BlendPart] = (),
    units: OofUnits | None = None,
    combined: CombinedScore | None = None,
    contents: RowContents | None = None,
) -> Path:
    """Write the record of `blend` and return its folder, `blends/<name>-<8 hex>`.

    The id hashes members and their out-of-fold values, truth, folds, method, metric, seed and
    trials; the same blend made again is the same folder, which is kept as it is.

    Args:
        workspace: where.
        blend: what `LabelFits` or `MaskFits` made: the part that is scored.
        sets: the prediction sets of its members, in their order.
        name: the first part of the id.
        beside: the parts of other tasks.
        combined: the score of all parts together, where they are scored so.
        units: of what is scored; `units.npz` beside the record keeps them. A blend that
            is there and has none gets them, if they have its honest score.
        contents: of the training rows that it was made of, kept with it.

    Raises:
        UsageError: there are as many sets as there are not members.
    """
    parts = [BlendPart(blend, tuple(sets)), *beside]
    together = None if combined is None else combined.identity
    inputs = _inputs([_inputs_of(workspace, part) for part in parts], together)
    identity = f"{name}-{short_digest(inputs)}"
    target = workspace.blends / identity
    if target.is_dir():
        if units is not None:
            add_units(target, units)
        return target
    places = dict.fromkeys(_relative(workspace, one) for part in parts for one in part.sets)
    details = blend.to_json()
    if beside:
        details["beside"] = {one.blend.task: one.blend.to_json() for one in beside}
    if combined is not None:
        details["combined"] = combined.to_json()
    record = Record(
        kind="blend",
        id=identity,
        name=name,
        created=machine.now(),
        status="finished",
        parents=[set_owner(one) for one in places],
        inputs=inputs,
        scores=_scores(blend) if combined is None else combined.scores(),
        details=details,
    )
    workspace.blends.mkdir(parents=True, exist_ok=True)
    sweep(workspace.blends)  # what a killed process left there
    with suppress(ExistsError), new_folder(target) as folder:  # of another process: the same blend
        write_record(folder, record)
        if units is not None:
            write_units(folder, units)
        if contents is not None:
            contents.write(folder)
    return target


def add_units(folder: Path, units: OofUnits) -> bool:
    """Write `units` beside the record of the blend in `folder`, and return whether they fit.

    They do not where they have another honest score: podium changed since the blend was made. Units
    that are there already are kept.
    """
    if (folder / UNITS_FILE).is_file():
        return True
    honest = float(read_record(folder).scores["honest"])
    if not math.isclose(units.score(), honest, rel_tol=1e-9, abs_tol=1e-12):
        return False
    write_units(folder, units)
    return True


def find_parts(
    workspace: Workspace,
    inputs: Sequence[dict[str, Any]],
    *,
    name: str = "blend",
    combined: Mapping[str, Any] | None = None,
) -> Path | None:
    """Return the folder of the blend whose parts have these `part_inputs`, the scored one first.

    `combined` is how they are scored together, as competition.yaml has it.
    """
    target = workspace.blends / f"{name}-{short_digest(_inputs(inputs, combined))}"
    return target if target.is_dir() else None


def part_inputs(
    workspace: Workspace,
    sets: Sequence[Path],
    *,
    data: str,
    method: str | list[str],
    metric: str,
    kind: str,
    seed: int,
    trials: int,
    metric_options: Mapping[str, Any] | None = None,
    task: TaskName = IMAGES,
    aggregate: Aggregate | None = None,
    grid: Sequence[Mapping[str, Any]] = (),
    raw: bool = False,
    plain: bool = False,
) -> dict[str, Any]:
    """Return the facts of one part that a blend's id hashes; arguments as its `Blend` has them.

    The metric is given by its `identity`, and the method by its own, see
    `BlendRequest.identity_of`.
    """
    facts: dict[str, Any] = {
        "sets": [_relative(workspace, one) for one in sets],
        "data": data,
        "method": method,
        "metric": {"name": metric, **(metric_options or {})},
        "kind": kind,
        "seed": seed,
        "trials": trials,
    }
    if aggregate is not None:
        facts["aggregate"] = aggregate
    if grid:
        facts["grid"] = list(grid)
    if raw:
        facts["raw"] = True
    if plain:
        facts["plain"] = True
    return facts if is_of_images(task) else {**facts, "task": task}


def _inputs_of(workspace: Workspace, part: BlendPart) -> dict[str, Any]:
    blend = part.blend
    if len(part.sets) != len(blend.members):
        raise UsageError(
            f"{len(part.sets)} prediction sets for {plural(len(blend.members), 'member')}"
        )
    return part_inputs(
        workspace,
        part.sets,
        data=blend.data,
        method=_method_of(blend),
        metric=f"{blend.metric} {blend.metric_source}".rstrip(),
        metric_options=blend.options,
        kind=blend.kind,
        seed=blend.seed,
        trials=blend.trials,
        task=blend.task,
        aggregate=blend.aggregate,
        grid=blend.grid,
        raw=blend.raw,
        plain=blend.plain,
    )


def _method_of(blend: Blend) -> str | list[str]:
    """Return the facts of the blend's method, or of its candidates, that the id hashes."""
    if blend.choice is None:
        return f"{blend.method} {blend.method_source}".rstrip()
    return [method_identity(one, root=blend.root) for one in blend.choice.asked]


def _inputs(
    parts: Sequence[dict[str, Any]], combined: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the facts that a blend's id hashes."""
    scored, *others = parts
    found = {"format": BLEND_FORMAT, **scored}
    if combined is not None:
        found["combined"] = dict(combined)
    return {**found, "beside": others} if others else found


def read_blend(folder: Path) -> tuple[Blend, list[Path]]:
    """Return the scored part of the blend in `folder` and the prediction sets of its members.

    Raises:
        RunError: the record cannot be read, or is not of a blend.
    """
    scored = next(iter(read_parts(folder).values()))
    return scored.blend, list(scored.sets)


def read_parts(folder: Path) -> dict[TaskName, BlendPart]:
    """Return the parts of the blend in `folder` by task, the scored one first.

    Raises:
        RunError: the record cannot be read, or is not of a blend.
    """
    record = read_record(folder)
    if record.kind != "blend":
        raise RunError(f"this is a {record.kind}, not a blend", where=folder)
    root = folder.resolve().parent.parent
    try:
        details = dict(record.details)
        others = details.pop("beside", {})
        details.pop("combined", None)
        inputs = [record.inputs, *record.inputs.get("beside", [])]
        parts = [
            BlendPart(_blend_from(found, root), tuple(root / str(place) for place in facts["sets"]))
            for found, facts in zip([details, *others.values()], inputs, strict=True)
        ]
    except (KeyError, TypeError, IndexError, ValueError, AttributeError, DataError) as error:
        raise RunError(
            f"this blend's record is not complete: {error}",
            where=folder,
            fix="make the blend again",
        ) from error
    return {part.blend.task: part for part in parts}


def read_combined(folder: Path) -> dict[str, Any] | None:
    """Return what the parts of the blend in `folder` score together; None: one of them is scored.

    Keys are those of `CombinedScore`.
    """
    found: dict[str, Any] | None = read_record(folder).details.get("combined")
    return found


def sets_of(parts: Mapping[TaskName, BlendPart]) -> list[Path]:
    """Return the prediction sets of all parts, each once, in the order that they have in each part.

    The order of its members is in a blend's id: one made of these sets again is the same blend.
    """
    merged: list[Path] = []
    for part in parts.values():
        at = 0
        for one in part.sets:
            if one not in merged:
                merged.insert(at, one)
            at = merged.index(one) + 1
    return merged


def _blend_from(details: Mapping[str, Any], root: Path) -> Blend:
    found = {**details, "root": root, **{key: tuple(details[key]) for key in _TUPLES}}
    found["kind"] = find_kind(found.get("task", IMAGES), found["kind"])
    interval = found["honest_interval"]
    found["honest_interval"] = None if interval is None else (interval[0], interval[1])
    found["grid"] = tuple(found.get("grid", ()))
    if found.get("kept_plain") is not None:
        found["kept_plain"] = KeptPlain(**found["kept_plain"])
    found["by_fold"] = {int(k): one for k, one in found.get("by_fold", {}).items()}
    found["fold_weights"] = {int(k): tuple(one) for k, one in found.get("fold_weights", {}).items()}
    if found.get("choice") is not None:
        found["choice"] = FamilyChoice.from_json(found["choice"])
    return Blend(**found)


def _scores(blend: Blend) -> dict[str, Any]:
    return {
        "honest": blend.honest,
        "honest_interval": blend.honest_interval,
        "optimistic": blend.optimistic,
        "untuned": blend.untuned,
        "metric": blend.metric,
        "greater_is_better": blend.greater_is_better,
        "folds": folds_as_text(blend.by_fold),
        "scored_rows": blend.n_scored,
    }


def _relative(workspace: Workspace, path: Path) -> str:
    """Return `path` relative to the workspace it lies in, so that the workspace can move."""
    whole, root = path.resolve(), workspace.root.resolve()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(whole)

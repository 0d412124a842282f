"""How a blend looks on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podium.cli.curves import print_curves, print_scores
from podium.cli.families import print_families
from podium.cli.tables import number, print_json, print_table

if TYPE_CHECKING:
    from podium.competition.spec import Competition, TaskKind
    from podium.ensembling.blend import Blend
    from podium.tuning.held_curves import NamedCurve
    from podium.workflows.transfer import Transfer

__all__ = ["decision_in_words", "print_blend"]

_TASKS = {"classify": "labels", "segment": "masks"}


def print_blend(
    folder: Path,
    competition: Competition,
    *,
    rates: Sequence[Transfer] = (),
    curves: Sequence[NamedCurve] | None = None,
    as_json: bool = False,
) -> None:
    """Print a blend: members and weights, then decision and scores of each part.

    As JSON, the keys of the scored part are those of the blend; other parts are under `beside`.

    Args:
        folder: of the blend.
        competition: the blend's.
        rates: what becomes of its thresholds on the test set, where that is asked.
        curves: of its decision, where that is what was asked for: scores stand side by side.
        as_json: print JSON.
    """
    from podium.ensembling.artefact import read_parts

    parts = [part.blend for part in read_parts(folder).values()]
    scored, *others = parts
    if as_json:
        beside = {"beside": {one.task: one.to_json() for one in others}} if others else {}
        more: dict[str, Any] = {"rates": [asdict(one) for one in rates]} if rates else {}
        if curves is not None:
            more["curves"] = [one.to_json() for one in curves]
        print_json({"id": folder.name, **scored.to_json(), **beside, **more})
        return
    if scored.choice is not None:
        n = len(scored.choice.families)
        print_families(scored, f"{folder.name}: {n} ways to blend {len(scored.members)} members")
    if others or scored.task == "segment":
        _print_members(folder.name, parts)
    else:
        rows = [(name, f"{w:.3f}") for name, w in zip(scored.members, scored.weights, strict=True)]
        print_table(("member", "weight"), rows, title=f"{folder.name} ({scored.method})")
    for part in parts:
        if others:
            print(_TASKS[part.task] + (":" if part is scored else ", which are not scored:"))
        _print_part(part, competition, side_by_side=part is scored and curves is not None)
        if part is scored and rates:
            _print_rates(rates)
    if curves:
        print_curves(curves, scored.metric)


def _print_members(title: str, parts: list[Blend]) -> None:
    """Print a column of weights for each task; a member without the task has none there."""
    names = list(dict.fromkeys(name for part in parts for name in part.members))
    weights = [dict(zip(part.members, part.weights, strict=True)) for part in parts]
    rows = [(name, *(number(each.get(name), 3) for each in weights)) for name in names]
    columns = [f"weight for {_TASKS[part.task]} ({part.method})" for part in parts]
    print_table(("member", *columns), rows, title=title)


def _print_part(blend: Blend, competition: Competition, *, side_by_side: bool = False) -> None:
    if blend.task == "segment":
        for text in decision_in_words(
            blend.decision, blend.kind, competition.classes, has_objects=competition.has_objects
        ):
            print(f"decision: {text}")
    else:
        for step in blend.decision:
            for name, value in step.items():
                classes = competition.classes_of(blend.task)
                # From a cut point on a rating is of the next class, so the first has none.
                print(f"{name}: {_decision(value, classes[1:] if name == 'cuts' else classes)}")
    if side_by_side:
        print_scores(blend)
    else:
        interval = ""
        if blend.honest_interval is not None:
            interval = f"  [{number(blend.honest_interval[0])}, {number(blend.honest_interval[1])}]"
        print(f"honest {blend.metric}: {number(blend.honest)}{interval}")
        print(f"optimistic (fitted and scored on the same rows): {number(blend.optimistic)}")
    if blend.beats_best is not None:
        print(
            f"beats its best member ({blend.best_member}, honest {number(blend.best_alone)}) in "
            f"{blend.beats_best:.0%} of draws"
        )
    for note in blend.notes:
        print(f"note: {note}")


def _print_rates(rates: Sequence[Transfer]) -> None:
    """Print how often each threshold says yes, out of fold and on the test set."""
    rows = [
        (
            one.name,
            number(one.threshold),
            f"{one.oof_rate:.2%}",
            f"{one.test_rate:.2%}",
            number(one.matched),
            f"{one.matched_rate:.2%}",
        )
        for one in rates
    ]
    columns = ("class", "threshold", "out of fold", "test set", "rate-matched", "test set then")
    first = 0 if any(one.name for one in rates) else 1
    print_table(columns[first:], [row[first:] for row in rows], title="predicted positive")
    print("test predictions average fold models; podium submit --match-rates keeps the first rate")


def decision_in_words(
    decision: Sequence[Mapping[str, Any]],
    kind: TaskKind,
    classes: list[str],
    *,
    has_objects: bool = False,
) -> list[str]:
    """Return what each step of a decision on masks does, one sentence a step."""
    steps = list(decision) or ([{"argmax": None}] if kind == "multiclass" else [{"threshold": 0.5}])
    if has_objects and not any("objects" in step for step in steps):
        steps.append({"objects": None})
    return [_step(name, value, classes) for step in steps for name, value in step.items()]


def _step(name: str, value: Any, classes: list[str]) -> str:
    said = _decision(value, classes) if isinstance(value, list) else f"{value}"
    match name:
        case "gate":
            return f"what the classifier gives a probability below {said} is not there"
        case "class_weights":
            if len(set(value[1:])) == 1 and value[-1]:
                return f"the background counts {value[0] / value[-1]:.3g} times a class"
            return f"probabilities are weighted: {_decision(value, ['background', *classes])}"
        case "argmax":
            return "each pixel is what is most probable"
        case "threshold":
            return f"a pixel belongs to a mask from a probability of {said} on"
        case "hysteresis":
            rules = value if isinstance(value, list) else [value]
            return "an area is there " + "; or ".join(_rule(one, classes) for one in rules)
        case "open":
            return f"where no disc of radius {said} fits into a class, it is dropped"
        case "close":
            return f"gaps into which no disc of radius {said} fits are closed"
        case "min_area":
            return f"areas below {said} pixels are dropped"
        case "median":
            side = f"{value} × {value} pixels"
            where = f"windows of so many pixels: {said}" if isinstance(value, list) else side
            return f"a pixel becomes what is most frequent in {where}"
        case "fill_holes":
            return "holes are filled" + ("" if value is None else f" up to {said} pixels")
        case "largest":
            return f"the {said} largest areas of a class are kept"
        case "objects":
            return _objects(value or {}, classes)
    return f"{name}: {said}"


def _rule(rule: Mapping[str, Any], classes: list[str]) -> str:
    """Return where one rule of `hysteresis` finds an area."""

    def said(key: str, default: Any) -> str:
        value = rule.get(key, default)
        return _decision(value, classes) if isinstance(value, list) else f"{value}"

    low, area = said("low", None), said("area", 1)
    needs = "one pixel" if area == "1" else f"{area} pixels"
    if "high" not in rule and rule.get("within", "component") == "component":
        return f"of {needs} with a probability from {low} on"
    within = {"component": "in it", "image": "in the image"}
    where = within.get(said("within", "component"), "in it or the image, by class")
    reach = "reaches" if area == "1" else "reach"
    return f"from a probability of {low} on, where {needs} {where} {reach} {said('high', low)}"


def _objects(value: Mapping[str, Any], classes: list[str]) -> str:
    touch = "by a side" if value.get("connectivity") == 1 else "by a side or a corner"
    if value.get("split") != "watershed":
        return f"pixels that touch {touch} are one object"
    seeds = []
    if value.get("distance"):
        seeds.append(f"at least {value['distance']:g} pixels apart")
    if value.get("seed") is not None:
        seeds.append(f"of a probability from {_decision(value['seed'], classes)} on")
    return f"areas are split into objects by a watershed from seeds {', '.join(seeds)}"


def _decision(value: object, classes: list[str]) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_decision(one, classes)}" for key, one in value.items())
    if not isinstance(value, list):
        return f"{value:.4f}" if isinstance(value, float) else str(value)
    names = classes if len(classes) == len(value) else map(str, range(len(value)))
    return ", ".join(f"{name} {_one(each)}" for name, each in zip(names, value, strict=True))


def _one(value: object) -> str:
    if value is None:
        return "any"
    return f"{value:.3g}" if isinstance(value, float) else str(value)

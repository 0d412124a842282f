"""A blend on a terminal: members, weights, decision and scores.

`print_members` shows what each member contributes, `print_families` the methods among which a
blend was chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from podium.cli.context import command_line, print_to_type, progress, to_type_here
from podium.cli.tables import fit_columns, print_json, print_table, table_console
from podium.competition.scores.estimates import ONE_EACH
from podium.ensembling.chance import in_draws
from podium.ensembling.estimate_for_test import estimate_of_blend
from podium.ensembling.method import method_names
from podium.ensembling.missing_members import missing_as_json, missing_members
from podium.ensembling.record import read_combined, read_parts
from podium.errors import DataError, RunError, UsageError, plural, some_names
from podium.predictions.decisions.masks import changes_nothing
from podium.predictions.store.reading import single_view, views_in
from podium.submissions.board.best_to_send import finished_work
from podium.submissions.board.blend_order import blends_alike
from podium.tasks.protocols.find import pixel_kind
from podium.tasks.protocols.kind import PIXEL_DECISIONS
from podium.tasks.protocols.names import ANSWERS, is_of_pixels
from podium.training.runs.content import changes_as_json, kept_data_changes
from podium.workflows.blends.blending import blend_runs
from podium.workflows.blends.expected import expected_of_blend
from podium.workflows.blends.matched_rates import (
    has_class_weights,
    matching_evidence,
    threshold_rates,
)
from podium.workflows.status import steps_of_sending
from podium.workspace.blend_notes import better_member, member_to_send
from podium.workspace.display import interval_on_train, number, telling_interval

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from podium.competition.scores.estimates import OnTestLike
    from podium.competition.spec import Competition
    from podium.ensembling.blend import Blend
    from podium.ensembling.members import MemberGain, MemberTable
    from podium.ensembling.method_choice import Family, FamilyChoice
    from podium.ensembling.record import BlendPart
    from podium.submissions.board.best_to_send import BestToSend
    from podium.training.runs.content import DataChange
    from podium.tuning.curves import ParameterCurve
    from podium.tuning.paying import GainEvidence
    from podium.workflows.blends.matched_rates import ThresholdTransfer
    from podium.workspace.layout import Workspace

__all__ = [
    "blend_members",
    "describe_estimate",
    "print_blend",
    "print_families",
    "print_members",
    "print_what_to_expect",
]


def blend_members(
    workspace: Workspace,
    competition: Competition,
    members: Sequence[str] | None,
    *,
    method: str | None,
    families: Sequence[str] | None,
    name: str,
    plain: bool,
    trials: int,
    on: str,
    seed: int,
    as_json: bool,
) -> None:
    """Blend runs and imports, and print the blend.

    Args:
        families: the methods of which one is chosen, none for all; None: `method` is taken.
    """
    folder = blend_runs(
        workspace,
        competition,
        members,
        method=method,
        families=() if families is None else families or method_names(),
        name=name,
        plain=plain,
        trials=trials,
        on=on,
        seed=seed,
        progress=progress(),
    )
    rates = _rates(workspace, competition, folder)
    matching = matching_evidence(workspace, competition, folder) if rates else None
    changes = kept_data_changes(workspace, competition, folder) if as_json else ()
    print_blend(
        workspace,
        folder,
        competition,
        rates=rates,
        matching=matching,
        changes=changes,
        with_next=True,
        as_json=as_json,
    )


def _next_step(
    workspace: Workspace, competition: Competition, folder: Path, best: BestToSend | None
) -> str:
    """Return what comes behind a blend, as `podium status` has it: the best of all is sent."""
    if best is None:
        return command_line("submit", folder.name, "--dry-run")
    step = next(steps_of_sending(workspace, competition, best), None)
    if step is None:
        more = command_line("recipes", "suggest")
        return f"{more}   ({best.name}, which a host has, is still the best: {best.why})"
    other = "" if best.name == folder.name else f"   ({best.why})"
    return to_type_here(f"{step.command or step.purpose}{other}")


def _rates(
    workspace: Workspace, competition: Competition, folder: Path
) -> tuple[ThresholdTransfer, ...]:
    """Return the effect of the thresholds on the test set; nothing where it is unknown.

    Class weights have none here: the folds cannot tell whether matching them would pay.
    """
    if has_class_weights(competition):
        return ()
    try:
        return threshold_rates(workspace, competition, folder, progress=progress())
    except (DataError, RunError, UsageError):  # no thresholds, or no predictions of the test set
        return ()


def print_blend(
    workspace: Workspace,
    folder: Path,
    competition: Competition,
    *,
    rates: Sequence[ThresholdTransfer] = (),
    matching: GainEvidence | None = None,
    curves: Sequence[ParameterCurve] | None = None,
    changes: Sequence[DataChange] = (),
    with_next: bool = False,
    as_json: bool = False,
) -> None:
    """Print a blend: members and weights, then decision and scores of each part.

    As JSON, the keys of the scored part are those of the blend; other parts are under `beside`.

    Args:
        workspace: its last check has the drift of the test set.
        folder: of the blend.
        competition: the blend's.
        rates: the effect of its thresholds on the test set, where that is requested.
        matching: what matching the rates gains across the folds; None: that is unknown.
        curves: of its decision, where requested: scores stand side by side.
        changes: members that saw other data than today's, for the JSON.
        with_next: whether it was made now: the last lines are which others are alike, and what
            comes behind it.
        as_json: print JSON.
    """
    found = read_parts(folder)
    parts = [part.blend for part in found.values()]
    scored, *others = parts
    views = _views_of_members(found.values())
    combined = read_combined(folder)
    alike = blends_alike(workspace, folder) if with_next else []
    on_test_like = estimate_of_blend(workspace, folder)
    expected = expected_of_blend(workspace, competition, folder)
    if as_json:
        beside = {"beside": {one.task: one.to_json() for one in others}} if others else {}
        more: dict[str, Any] = {"rates": [asdict(one) for one in rates]} if rates else {}
        if curves is not None:
            more["curves"] = [one.to_json() for one in curves]
        more |= changes_as_json(changes)
        more |= missing_as_json(missing_members(workspace, folder))
        if combined is not None:
            more["combined"] = combined
        if on_test_like is not None:
            more["on_test_like"] = on_test_like.to_json()
        if expected is not None:
            more["expected"] = expected.to_json()
        if alike:
            more["alike"] = alike
        print_json({"id": folder.name, **scored.to_json(), **beside, **more})
        return
    if scored.choice is not None:
        n = len(scored.choice.families)
        print_families(
            scored,
            f"{folder.name}: {plural(n, 'way')} to blend {plural(len(scored.members), 'member')}",
        )
    if others or is_of_pixels(scored.task):
        _print_members(folder.name, parts, views)
    else:
        members = zip(scored.members, scored.weights, strict=True)
        rows = [(name, f"{w:.3f}", *_cell(views, name)) for name, w in members]
        columns = ("member", "weight", *_VIEWS[: len(views)])
        print_table(columns, rows, title=f"{folder.name} ({scored.method})")
    best = finished_work(workspace, competition).best
    for part in parts:
        if others:
            is_scored = part is scored or combined is not None
            print(ANSWERS[part.task] + (":" if is_scored else ", which are not scored:"))
        _print_part(
            part,
            competition,
            side_by_side=part is scored and curves is not None,
            best=None if best is None else best.name,
        )
        if part is scored and expected is not None:
            print_to_type(expected)
        if part is scored and on_test_like is not None and combined is None:
            print_to_type(describe_estimate(on_test_like))
        if part is scored and rates:
            is_mean = expected is None or expected.n_models > 1
            _print_rates(rates, matching, is_mean=is_mean)
    if combined is not None:
        _print_combined(combined)
        if on_test_like is not None:
            print_to_type(describe_estimate(on_test_like))
    if alike:
        print(f"members, weights and decision are those of {some_names(alike)}: one file for all")
    if with_next:
        print(f"next: {_next_step(workspace, competition, folder, best)}")


def _print_combined(combined: Mapping[str, Any]) -> None:
    """Print what all parts score together, and what each of them adds."""
    interval = interval_on_train(combined["honest_interval"])
    print("together:")
    print(f"honest {combined['metric']}: {number(combined['honest'])}{interval}")
    if combined["expression"]:
        print(f"mean of {combined['expression']} over {plural(combined['n_scored'], 'row')}")
    else:
        terms = [
            f"{one['weight']:g} × {one['metric']} {number(one['honest'])}"
            for one in combined["parts"].values()
        ]
        print(f"= {' + '.join(terms)}")
    if combined["optimistic"] is not None:
        print(f"optimistic (fitted and scored on the same rows): {number(combined['optimistic'])}")


_VIEWS = ("extra views (TTA)",)


def _views_of_members(parts: Iterable[BlendPart]) -> dict[str, str]:
    """Return the views of each member's predictions; nothing where all saw the image as it is."""
    found = {
        name: "" if single_view(root) else views_in(root).description
        for part in parts
        for name, root in zip(part.blend.members, part.sets, strict=True)
        if root.is_dir()
    }
    return found if any(found.values()) else {}


def _cell(views: Mapping[str, str], member: str) -> tuple[str, ...]:
    """Return the cell of a member in the column of views, if there is one."""
    return (views.get(member) or "–",) if views else ()


def _print_members(title: str, parts: list[Blend], views: Mapping[str, str]) -> None:
    """Print a column of weights for each task; a member without the task has none there."""
    names = list(dict.fromkeys(name for part in parts for name in part.members))
    weights = [dict(zip(part.members, part.weights, strict=True)) for part in parts]
    rows = [
        (name, *(number(each.get(name), 3) for each in weights), *_cell(views, name))
        for name in names
    ]
    columns = [f"weight for {ANSWERS[part.task]} ({part.method})" for part in parts]
    columns += _VIEWS[: len(views)]
    print_table(("member", *columns), rows, title=title)


def _print_part(
    blend: Blend, competition: Competition, *, side_by_side: bool = False, best: str | None = None
) -> None:
    """Print decision, scores and notes of a part.

    Args:
        blend: the part.
        competition: the blend's.
        side_by_side: whether scores stand beside each other.
        best: what is sent of all that is finished, by which alone a note ends with a command.
    """
    if is_of_pixels(blend.task):
        for text in describe_decision(
            blend.decision, blend.kind, competition.classes, has_objects=competition.has_objects
        ):
            print(f"decision: {text}")
    else:
        for step in blend.decision:
            for name, value in step.items():
                if name == "class_weights" and len(set(value)) == 1:
                    print("decision: the most probable class")
                    continue
                classes = competition.classes_of(blend.task)
                # From a cut point on a rating is of the next class, so the first has none.
                print(
                    f"{name}: {_format_decision(value, classes[1:] if name == 'cuts' else classes)}"
                )
    if side_by_side:
        _print_scores(blend)
    else:
        interval = interval_on_train(blend.honest_interval)
        print(f"honest {blend.metric}: {number(blend.honest)}{interval}")
        if not interval and blend.honest_interval is not None and not blend.doubt:
            print("no interval: rows of one score are drawn again, and score the same")
        print(f"optimistic (fitted and scored on the same rows): {number(blend.optimistic)}")
    if blend.doubt:
        print_to_type(f"note: {blend.doubt}")
    alone = blend.only_member
    if alone:
        print(f"it is {alone} alone{_which_view(alone, blend)}: the other members have no weight")
    if blend.beats_best is not None and alone != blend.best_member:
        print(
            f"{_what_is_judged(blend)}beats its best member "
            f"({blend.best_member}, honest {number(blend.best_alone)}){in_draws(blend.beats_best)}"
        )
    sendable = member_to_send(blend.notes, blend.members)
    for note in blend.notes:
        is_sent = sendable and better_member(note, blend.members) == sendable
        is_sent = is_sent and best in (None, sendable)
        command = f"; to send it: {command_line('submit', sendable)}" if is_sent else ""
        print(f"note: {to_type_here(note)}{command}")


def _which_view(member: str, blend: Blend) -> str:
    """Return of which view a member is, where others are further views of the same run; else ""."""
    if not any(one.startswith(f"{member}:") for one in blend.members):
        return ""
    return (
        " as it sees the image itself (view identity; the board has the run's own score, of all "
        "views of its recipe)"
    )


def _what_is_judged(blend: Blend) -> str:
    """Return what is compared with the best member, before a verb; "" of what `honest` is of."""
    if blend.choice is not None and blend.choice.is_no_folds:
        return "what the folds chose "
    if blend.kept_plain is not None and blend.untuned not in (None, blend.honest):
        return f"with the plain decision ({number(blend.untuned)}) it "
    return ""


def _print_rates(
    rates: Sequence[ThresholdTransfer], matching: GainEvidence | None, *, is_mean: bool
) -> None:
    """Print the share of positives of each threshold, out of fold and on the test set.

    The thresholds that match them are shown only where they pay: else they look like advice.
    """
    pays = matching is not None and matching.pays
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
    shown = slice(0 if any(one.name for one in rates) else 1, None if pays else 4)
    print_table(columns[shown], [row[shown] for row in rows], title="predicted positive")
    if is_mean:
        print("test predictions average fold models, which thresholds were not fitted on")
    else:
        print(f"the test set has {ONE_EACH}; thresholds were fitted on those out of fold")
    if matching is not None and pays:
        print_to_type(
            f"matching the rate of each fold gains {matching.gain:+.4f} ± {matching.error:.4f} "
            "across the folds: podium submit --match-rates"
        )


def describe_decision(
    decision: Sequence[Mapping[str, Any]],
    kind: str,
    classes: list[str],
    *,
    has_objects: bool = False,
) -> list[str]:
    """Return what each step of a decision on masks does, one sentence a step."""
    plain: dict[str, Any] = (
        {"argmax": None} if pixel_kind(kind).is_exclusive else {"threshold": 0.5}
    )
    steps = list(decision) or [plain]
    if has_objects and not any("objects" in step for step in steps):
        steps.append({"objects": None})
    named = [(name, value) for step in steps for name, value in step.items()]
    return [
        _describe_step(name, value, classes)
        for name, value in named
        if not changes_nothing(name, value)
    ]


def _describe_step(name: str, value: Any, classes: list[str]) -> str:
    shown = _format_decision(value, classes) if isinstance(value, list) else f"{value}"
    match name:
        case "gate":
            return f"a class with a classifier probability below {shown} is absent"
        case "class_weights":
            if len(set(value[1:])) == 1 and value[-1]:
                return f"the background counts {value[0] / value[-1]:.3g} times a class"
            return (
                f"probabilities are weighted: {_format_decision(value, ['background', *classes])}"
            )
        case "argmax" | "threshold":
            return PIXEL_DECISIONS[name].format(shown)
        case "hysteresis":
            rules = value if isinstance(value, list) else [value]
            return "an area is there " + "; or ".join(_describe_rule(one, classes) for one in rules)
        case "open":
            return f"where no disc of radius {shown} fits into a class, it is dropped"
        case "close":
            return f"gaps into which no disc of radius {shown} fits are closed"
        case "min_area":
            return f"areas below {shown} pixels are dropped"
        case "median":
            side = f"{value} × {value} pixels"
            where = f"windows of so many pixels: {shown}" if isinstance(value, list) else side
            return f"a pixel becomes what is most frequent in {where}"
        case "fill_holes":
            return "holes are filled" + ("" if value is None else f" up to {shown} pixels")
        case "largest":
            return f"the {shown} largest areas of a class are kept"
        case "objects":
            return _describe_objects(value or {}, classes)
    return f"{name}: {shown}"


def _describe_rule(rule: Mapping[str, Any], classes: list[str]) -> str:
    """Return where one rule of `hysteresis` finds an area."""

    def text_of(key: str, default: Any) -> str:
        value = rule.get(key, default)
        return _format_decision(value, classes) if isinstance(value, list) else f"{value}"

    low, area = text_of("low", None), text_of("area", 1)
    needs = "one pixel" if area in ("0", "1") else f"{area} pixels"
    is_alike = rule.get("high", rule.get("low")) == rule.get("low")
    if is_alike and rule.get("within", "component") == "component":
        return f"of {needs} with a probability from {low} on"
    within = {"component": "in it", "image": "in the image"}
    where = within.get(text_of("within", "component"), "in it or the image, by class")
    reach = "reach" if needs.endswith("s") else "reaches"
    return f"from a probability of {low} on, where {needs} {where} {reach} {text_of('high', low)}"


def _describe_objects(value: Mapping[str, Any], classes: list[str]) -> str:
    touch = "by a side" if value.get("connectivity") == 1 else "by a side or a corner"
    if value.get("split") != "watershed":
        return f"pixels that touch {touch} are one object"
    seeds = []
    if value.get("distance"):
        seeds.append(f"at least {value['distance']:g} pixels apart")
    if value.get("seed") is not None:
        seeds.append(f"of a probability from {_format_decision(value['seed'], classes)} on")
    return f"areas are split into objects by a watershed from seeds {', '.join(seeds)}"


def _format_decision(value: object, classes: list[str]) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_format_decision(one, classes)}" for key, one in value.items())
    if not isinstance(value, list):
        return f"{value:.4f}" if isinstance(value, float) else str(value)
    names = classes if len(classes) == len(value) else map(str, range(len(value)))
    return ", ".join(
        f"{name} {_format_value(each)}" for name, each in zip(names, value, strict=True)
    )


def _format_value(value: object) -> str:
    if value is None:
        return "any"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


MATRIX_UP_TO = 12
"""More members' correlations do not stand side by side on a terminal; JSON has them."""

LEAST_OF_MEMBERS = ("it adds", "without it", "errs most like", "alone")
"""Columns that a narrow terminal lacks, after the best's; `--json` has them all."""


def print_members(
    identity: str,
    table: MemberTable,
    scored: Blend,
    *,
    is_gated: bool = False,
    as_json: bool = False,
) -> None:
    """Print what each member brings and whose errors are alike; as JSON all correlations.

    The table is of the method by itself; of a `scored` blend that was chosen, its score stands by.

    Args:
        identity: of the blend.
        table: of its members.
        scored: what the blend is scored by.
        is_gated: whether masks are kept by the probabilities of labels.
        as_json: print JSON.
    """
    if as_json:
        alike = [[None if np.isnan(one) else one for one in row] for row in table.correlation]
        chosen = {} if scored.choice is None else {"honest_with_choice": scored.honest}
        print_json({"id": identity, **asdict(table), "correlation": alike, **chosen})
        return
    rows = [_member_row(table, at) for at in range(len(table.members))]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    shown = fit_columns(columns, (f"{table.best} and it", *LEAST_OF_MEMBERS), table_console().width)
    title = f"{identity}: honest {table.metric} {number(table.honest)}"
    if scored.choice is not None:
        title = (
            f"{identity}: honest {table.metric} {number(scored.honest)} with the choice of the "
            f"method; of {scored.method} by itself, as all below: {number(table.honest)}"
        )
    print_table(tuple(shown), list(zip(*shown.values(), strict=True)), title=title)
    print("scores are honest: every blend is fitted anew across the folds; ± one standard error")
    if is_gated:
        print_to_type(
            "the gate of each is by the label probabilities of the whole blend: a run that is sent "
            "by itself has its own, or none, and another score (podium board)"
        )
    if 1 < len(rows) <= MATRIX_UP_TO:
        numbers = [str(at + 1) for at in range(len(rows))]
        print_table(
            ("", "member", *numbers),
            [
                (at, one.name, *("–" if np.isnan(r) else f"{r:.2f}" for r in row))
                for at, one, row in zip(numbers, table.members, table.correlation, strict=True)
            ],
            title="correlation of errors",
        )


def _member_row(table: MemberTable, at: int) -> dict[str, str]:
    one = table.members[at]
    without, gains = _format_gain(one.dropped)
    with_best, adds = _format_gain(one.added)
    return {
        "": str(at + 1),
        "member": one.name,
        "weight": f"{one.weight:.3f}",
        "alone": number(one.alone),
        "without it": without,
        "keeping it gains": gains,
        f"{table.best} and it": with_best,
        "it adds": adds,
        "errs most like": _most_alike(table, at),
    }


def _format_gain(found: MemberGain | None) -> tuple[str, str]:
    if found is None:
        return "–", "–"
    error = "" if found.error is None else f" ± {found.error:.4f}"
    return number(found.score), f"{round(found.gain, 4) + 0.0:+.4f}{error}"  # never -0.0000


def _most_alike(table: MemberTable, at: int) -> str:
    """Return the member whose errors are most like this one's, and how much."""
    alike = np.where(np.arange(len(table.members)) == at, np.nan, table.correlation[at])
    if np.isnan(alike).all():
        return "–"
    other = int(np.nanargmax(alike))
    return f"{table.members[other].name} {alike[other]:.2f}"


LEAST_OF_FAMILIES = ("seconds", "members", "optimistic", "optimism", "beats best member")
"""Columns that a narrow terminal lacks, the first to go first; `--json` has them all."""


def print_families(blend: Blend, title: str, console: Console | None = None) -> None:
    """Print the table of the families that `blend` was chosen of, the best honest score first.

    Args:
        blend: one with a choice.
        title: stands above it.
        console: that prints; None: on stdout.
    """
    from rich.text import Text

    assert blend.choice is not None
    on = console or table_console()
    on.print(Text(title, style="italic"), soft_wrap=True)
    on.print(_family_table(blend, blend.choice, on.width))
    for line in _family_notes(blend.choice):
        on.print(line, soft_wrap=True)


def _family_table(blend: Blend, choice: FamilyChoice, width: int) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    cells = [_family_cells(one, choice, blend) for one in choice.ranked]
    columns = {name: [row[name] for row in cells] for name in cells[0]}
    shown = fit_columns(columns, LEAST_OF_FAMILIES, width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for at, name in enumerate(shown):
        is_number = at > 0 and not name.startswith("honest")
        table.add_column(Text(name), justify="right" if is_number else "left", no_wrap=True)
    for one, row in zip(choice.ranked, zip(*shown.values(), strict=True), strict=True):
        table.add_row(*map(Text, row), style=_family_style(one, choice))
    return table


def _family_cells(one: Family, choice: FamilyChoice, blend: Blend) -> dict[str, str]:
    sign = 1 if blend.greater_is_better else -1
    optimism = round(sign * (one.optimistic - one.honest), 4)
    n_used = sum(weight > 0 for weight in one.weights)
    mark = "→ " if one.method == choice.chosen else "  "
    bounds = telling_interval(one.honest_interval)
    interval = "" if bounds is None else f" [{number(bounds[0])}, {number(bounds[1])}]"
    best = " best" if one.method == choice.best else ""
    return {
        "family": f"{mark}{one.method}",
        "members": f"{n_used} of {len(one.weights)}",
        f"honest {blend.metric}": f"{number(one.honest)}{interval}{best}",
        "optimistic": number(one.optimistic),
        "optimism": f"{optimism + 0.0:+.4f}",  # never -0.0000
        "beats best member": "–" if one.beats_best is None else f"{one.beats_best:.0%}",
        "numbers fitted": str(one.n_fitted),
        "seconds": f"{one.seconds:.1f}",
    }


def _family_style(one: Family, choice: FamilyChoice) -> str:
    if one.method == choice.chosen:
        return "bold green"
    is_near = one.behind_error is not None and one.behind <= one.behind_error
    return "" if is_near or one.method == choice.best else "dim"


def _family_notes(choice: FamilyChoice) -> list[Text]:
    from rich.text import Text

    lines = [Text(f"→ {choice.reason}", style="bold")]
    if choice.nested is not None:
        by_fold = list(dict.fromkeys((choice.nested_by_fold or {}).values()))
        lines.append(
            Text(
                f"honest score of choosing so, each fold by the others: {number(choice.nested)} "
                f"(they choose {', '.join(by_fold)}); those above are of each way by itself"
            )
        )
    lines += [
        Text(f"refused: {name}: {reason}", style="dim") for name, reason in choice.refused.items()
    ]
    return lines


def _print_scores(blend: Blend) -> None:
    """Print what the decision scores: honest, optimistic and not tuned, side by side."""
    rows: list[tuple[str, str, str, str]] = []
    interval = telling_interval(blend.honest_interval)
    bounds = "–" if interval is None else f"[{number(interval[0])}, {number(interval[1])}]"
    rows.append(("honest", number(blend.honest), bounds, f"{_of_honest(blend)}: believe this one"))
    flattery = "fitted and scored on the same rows"
    if blend.optimism > 0:
        flattery += f", which flatters it by {number(blend.optimism)}"
    rows.append(("optimistic", number(blend.optimistic), "–", flattery))
    if blend.untuned is not None:
        rows.append(("not tuned", number(blend.untuned), "–", _of_plain(blend)))
    print_table((blend.metric, "score", "95 % interval on train", "what it is"), rows)


def _of_honest(*blends: Blend) -> str:
    """Return on which rows was fitted what their honest score is of."""
    # They chose a decision that is plain, too.
    is_fitted = any(
        one.fitted_parts or (one.untuned is not None and not one.plain) for one in blends
    )
    if all(len(one.by_fold) == 1 for one in blends):
        [fold], n = blends[0].by_fold, blends[0].n_scored
        how = "fitted on others of these rows" if is_fitted else "nothing is fitted on them"
        return f"of fold {fold} alone, {plural(n, 'row')}: {how}"
    return "fitted on the other folds" if is_fitted else "out of fold, nothing is fitted on it"


def _of_plain(blend: Blend) -> str:
    """Return what the honest score of the plain decision is."""
    decision = "the first value of each step of the file" if blend.grid else "the plain decision"
    if blend.choice is None or blend.choice.nested is None:
        return f"honest, too, with {decision}"
    return f"honest of {blend.method} by itself, with {decision}"


def print_what_to_expect(workspace: Workspace, competition: Competition, folder: Path) -> None:
    """Print the honest score of the blend in `folder`, and what it lets one expect of the test."""
    blends = [one.blend for one in read_parts(folder).values()]
    blend = blends[0]
    combined = read_combined(folder)
    interval = None if combined is not None else blend.honest_interval
    bounds = interval_on_train(interval)
    honest = blend.honest if combined is None else combined["honest"]
    print(f"honest {number(honest)}{bounds}: {_of_honest(*blends)}")
    if combined is None and blend.doubt:
        print_to_type(f"note: {blend.doubt}")
    expected = expected_of_blend(workspace, competition, folder)
    if expected is not None:
        print_to_type(expected)
    estimate = estimate_of_blend(workspace, folder)
    if estimate is not None:
        print_to_type(describe_estimate(estimate))


def describe_estimate(found: OnTestLike) -> str:
    """Return the estimate for this test set as a line."""
    if found.score is None:
        return f"no estimate for this test set: {found.why_not}"
    # How exact it is stands there as rows: a third interval beside those of the honest score and of
    # the test set would be taken for one of these.
    of_all = "" if found.n_rows is None else f" of {found.n_rows:,}"
    return (
        f"on train rows that look like the test: {found.metric} {number(found.score)} "
        f"(effective rows: {found.n_effective:,.0f}{of_all})"
    )

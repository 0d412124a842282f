"""`podium show`: what is known of a run, blend, import, pseudo-labels, a study, or an image."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson
from podium.errors import UsageError

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.training.stages import Stage
    from podium.workspace.layout import Workspace
    from podium.workspace.records import Record

EXAMPLE = "podium show joint"


def run(
    ctx: typer.Context,
    artefact: Annotated[
        str,
        typer.Argument(metavar="RUN|BLEND|IMPORT|PSEUDO|STUDY|IMAGE", help="An id, or a name."),
    ],
    members: Annotated[
        bool, typer.Option("--members", help="Of a blend: what each member brings to it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a run's scores at its start and after each phase, or a blend's members and decision.

    Of a run that learnt without labels its phases, the images that it saw and its last epoch.
    Of a run that learnt from extra images, also its score with and without them.
    Of an image (its id, or its file) what it is and what everything says of it.
    """
    from podium.cli.blends import print_blend
    from podium.cli.imports import print_imports
    from podium.cli.pseudo import print_pseudo
    from podium.cli.studies.printing import print_study
    from podium.workflows.studies.keeping import read_study
    from podium.workspace.records import learnt_without_labels, read_record

    workspace, competition = opened(ctx)
    rooms = ("runs", "blends", "imports", "pseudo", "studies")
    try:
        folder = workspace.artefact(artefact, rooms=rooms)
    except UsageError as no_artefact:
        if members:
            raise
        _show_image(workspace, competition, artefact, no_artefact, as_json=as_json)
        return
    record = read_record(folder)
    if members:
        _show_members(workspace, competition, folder, record, as_json=as_json)
    elif record.kind == "blend":
        print_blend(folder, competition, as_json=as_json)
    elif record.kind == "import":
        print_imports([folder], as_json=as_json)
    elif record.kind == "pseudo":
        print_pseudo(folder, as_json=as_json)
    elif record.kind == "study":
        print_study(read_study(folder), as_json=as_json)
    elif "soup" in record.inputs:
        _show_soup(record, as_json=as_json)
    elif learnt_without_labels(record):
        _show_without_labels(folder, record, as_json=as_json)
    else:
        _show_run(workspace, folder, record, as_json=as_json)


def _show_image(
    workspace: Workspace,
    competition: Competition,
    name: str,
    no_artefact: UsageError,
    *,
    as_json: bool,
) -> None:
    from podium.cli.image import print_image

    try:
        print_image(workspace, competition, name, as_json=as_json)
    except UsageError as no_image:
        if not no_image.message.startswith("there is no image"):
            raise
        fixes = [one.fix for one in (no_artefact, no_image) if one.fix]
        near = [one for one in fixes if one.startswith("did you mean")]
        message = f"{no_artefact.message}, and no image of that name"
        raise UsageError(message, fix=" ".join(near or fixes[:1])) from no_image


def _show_members(
    workspace: Workspace, competition: Competition, folder: Path, record: Record, *, as_json: bool
) -> None:
    from podium.cli.members import print_members
    from podium.workflows.blend_members import members_of

    if record.kind != "blend":
        raise UsageError(f"{record.id} is no blend, and --members is of blends", fix="name a blend")
    table = members_of(workspace, competition, folder, progress=progress())
    print_members(record.id, table, as_json=as_json)


def _show_run(workspace: Workspace, folder: Path, record: Record, *, as_json: bool) -> None:
    from podium.cli.extras import print_extra
    from podium.cli.learnt import learnt_of, print_learnt
    from podium.cli.pools import print_pools
    from podium.cli.tables import number, print_json, print_table
    from podium.training.extra_twin import extra_use
    from podium.training.stages import stages_of
    from podium.training.start_report import lines_of

    stages = stages_of(folder)
    extra = extra_use(workspace, folder)
    if as_json:
        print_json(
            {
                "id": record.id,
                "stages": [asdict(one) for one in stages],
                "scores": record.scores,
                "extra": None if extra is None else asdict(extra),
                "start_weights": lines_of(folder),
                **learnt_of(folder),
            }
        )
        return
    metrics = list(dict.fromkeys(name for stage in stages for name in stage.scores))
    # A run that learns from nothing but labels has no use for these columns.
    has_methods = any(stage.method not in ("", "supervised") for stage in stages)
    rows = [
        (
            stage.phase,
            *((stage.method, _pseudo(stage)) if has_methods else ()),
            "/".join(map(str, dict.fromkeys(stage.epochs))),
            ", ".join(stage.learnt),
            ", ".join(stage.frozen),
            *(number(stage.mean(name)) for name in metrics),
        )
        for stage in stages
    ]
    of_methods = ("method", "pseudo-labels") if has_methods else ()
    columns = ("stage", *of_methods, "epochs", "learnt", "frozen", *metrics)
    print_table(columns, rows, title=f"{record.id}: mean over its folds")
    print("stages are scored at the size of the network's input, with plain decisions and no TTA")
    for task, scores in record.scores.get("tasks", {}).items():
        print(f"OOF {scores['metric']} ({task}): {number(scores['oof'])}")
    for line in lines_of(folder):
        print(line)
    print_learnt(folder)
    print_pools(folder, record)
    if extra is not None:
        print_extra(extra, record.scores)


def _show_without_labels(folder: Path, record: Record, *, as_json: bool) -> None:
    """Print what a network learnt from, and the numbers of its last epoch: it has no scores."""
    from podium.cli.learnt import learnt_of, print_learnt
    from podium.cli.tables import print_json, print_table
    from podium.training.fold_files import FoldFiles
    from podium.training.stages import stages_of
    from podium.training.start_report import lines_of

    stages, facts = stages_of(folder)[1:], FoldFiles(folder, "full").read_done()
    images, last = facts["pools"]["images"], facts["last_epoch"]
    if as_json:
        found = {"id": record.id, "without_labels": True, "images": images, "last_epoch": last}
        found["start_weights"] = lines_of(folder)
        found |= learnt_of(folder)
        print_json({**found, "stages": [asdict(one) for one in stages]})
        return
    rows = [
        (one.phase, one.method, "/".join(map(str, one.epochs)), ", ".join(one.frozen))
        for one in stages
    ]
    title = f"{record.id}: learnt without labels"
    print_table(("phase", "method", "epochs", "frozen"), rows, title=title)
    print(f"images: {', '.join(f'{n:,} {name}' for name, n in images.items())}")
    for line in lines_of(folder):
        print(line)
    print_learnt(folder)
    numbers = {name: one for name, one in last.items() if isinstance(one, float)}
    print(f"last epoch: {', '.join(f'{name} {one:.4g}' for name, one in numbers.items())}")
    print(f"it has no predictions; start a run from it: -o model.from={record.id}")


def _show_soup(record: Record, *, as_json: bool) -> None:
    """Print which runs' weights are averaged in each fold, and the scores of the mean."""
    from podium.cli.tables import number, print_json, print_table

    made = {fold: facts["soup"] for fold, facts in record.details.get("folds", {}).items()}
    if as_json:
        print_json(
            {"id": record.id, **record.inputs["soup"], "made": made, "scores": record.scores}
        )
        return
    scores = record.scores.get("folds", {})
    rows = [(fold, ", ".join(names), number(scores.get(fold))) for fold, names in made.items()]
    columns = ("fold", "runs in the soup", record.scores.get("metric", "score"))
    print_table(columns, rows, title=f"{record.id}: a {record.inputs['soup']['method']} soup")
    for task, of_task in record.scores.get("tasks", {}).items():
        print(f"OOF {of_task['metric']} ({task}): {number(of_task['oof'])}")


def _pseudo(stage: Stage) -> str:
    """Return how many samples were pseudo-labelled, and how many of them rightly, if known."""
    if not stage.selected:
        return ""
    n = "/".join(f"{one:,}" for one in dict.fromkeys(stage.selected))
    if not stage.precision:
        return n
    return f"{n} ({sum(stage.precision) / len(stage.precision):.0%} right)"

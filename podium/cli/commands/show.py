"""`podium show`: a run, blend, import, pseudo-labels, a study, or an image."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from podium.cli.context import open_workspace, progress
from podium.cli.options import AsJson
from podium.cli.tables import number, print_json, print_table
from podium.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from podium.competition.spec import Competition
    from podium.reporting.image_predictions import ImagePrediction
    from podium.reporting.image_view import ImageReport
    from podium.training.runs.history import PhaseScores
    from podium.workspace.layout import Workspace
    from podium.workspace.records import Record

__all__ = ["print_image"]


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

    For a run trained without labels: its phases, its images and its last epoch.
    For a run trained with extra images: also its score with and without them.
    For an image (its id, or its file): its facts, labels and predictions.
    """
    from podium.cli.artefacts import print_imports, print_pseudo, print_study
    from podium.cli.blends import print_blend
    from podium.workflows.studies.table import read_study
    from podium.workspace.records import is_label_free_run, read_record

    workspace, competition = open_workspace(ctx)
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
    elif is_label_free_run(record):
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
    # joined

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
    from podium.cli.blends import print_members
    from podium.workflows.blending import member_contributions

    if record.kind != "blend":
        raise UsageError(f"{record.id} is no blend, and --members is of blends", fix="name a blend")
    table = member_contributions(workspace, competition, folder, progress=progress())
    print_members(record.id, table, as_json=as_json)


def _show_run(workspace: Workspace, folder: Path, record: Record, *, as_json: bool) -> None:
    from podium.cli.artefacts import (
        lora_and_kept,
        print_extra,
        print_lora_and_kept,
        print_training_pools,
    )
    from podium.training.data.extra import extra_use
    from podium.training.runs.fold_files import loaded_lines
    from podium.training.runs.history import phase_scores

    stages = phase_scores(folder)
    extra = extra_use(workspace, folder)
    if as_json:
        print_json(
            {
                "id": record.id,
                "stages": [asdict(one) for one in stages],
                "scores": record.scores,
                "extra": None if extra is None else asdict(extra),
                "start_weights": loaded_lines(folder),
                **lora_and_kept(folder),
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
    for line in loaded_lines(folder):
        print(line)
    print_lora_and_kept(folder)
    print_training_pools(folder, record)
    if extra is not None:
        print_extra(extra, record.scores)


def _show_without_labels(folder: Path, record: Record, *, as_json: bool) -> None:
    """Print the training images of a network, and its last epoch's numbers: it has no scores."""
    from podium.cli.artefacts import lora_and_kept, print_lora_and_kept
    from podium.training.runs.fold_files import FoldFiles, loaded_lines
    from podium.training.runs.history import phase_scores

    stages, facts = phase_scores(folder)[1:], FoldFiles(folder, "full").read_done()
    images, last = facts["pools"]["images"], facts["last_epoch"]
    if as_json:
        found = {"id": record.id, "without_labels": True, "images": images, "last_epoch": last}
        found["start_weights"] = loaded_lines(folder)
        found |= lora_and_kept(folder)
        print_json({**found, "stages": [asdict(one) for one in stages]})
        return
    rows = [
        (one.phase, one.method, "/".join(map(str, one.epochs)), ", ".join(one.frozen))
        for one in stages
    ]
    title = f"{record.id}: trained without labels"
    print_table(("phase", "method", "epochs", "frozen"), rows, title=title)
    print(f"images: {', '.join(f'{n:,} {name}' for name, n in images.items())}")
    for line in loaded_lines(folder):
        print(line)
    print_lora_and_kept(folder)
    numbers = {name: one for name, one in last.items() if isinstance(one, float)}
    print(f"last epoch: {', '.join(f'{name} {one:.4g}' for name, one in numbers.items())}")
    print(f"it has no predictions; start a run from it: -o model.from={record.id}")


def _show_soup(record: Record, *, as_json: bool) -> None:
    """Print which runs' weights are averaged in each fold, and the scores of the mean."""
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


def _pseudo(stage: PhaseScores) -> str:
    """Return the number of pseudo-labelled samples, and of the correct ones, if known."""
    if not stage.selected:
        return ""
    n = "/".join(f"{one:,}" for one in dict.fromkeys(stage.selected))
    if not stage.precision:
        return n
    return f"{n} ({sum(stage.precision) / len(stage.precision):.0%} right)"


def print_image(
    workspace: Workspace, competition: Competition, name: str, *, as_json: bool
) -> None:
    """Print the facts and predictions of the image `name`, in each part of the data that has it.

    Raises:
        UsageError: there is no such image.
    """
    from podium.reporting.image_view import report_image

    every = report_image(workspace, competition, name)
    if as_json:
        print_json([_as_json(one) for one in every])
        return
    for known in every:
        _print_facts(known)
        _print_labels([one for one in known.opinions if one.task == "classify"], known)
        _print_masks([one for one in known.opinions if one.task == "segment"])
        _print_sources(known)
        for problem in known.problems:
            print(f"not read: {problem}")


def _as_json(known: ImageReport) -> dict[str, Any]:
    found = asdict(known)
    given = found.pop("given")
    return {**found, **given, "problems": found["problems"]}


def _print_facts(known: ImageReport) -> None:
    size = "cannot be read" if known.size is None else f"{known.size[0]} × {known.size[1]}"
    rows: list[tuple[str, str]] = [
        ("file" if len(known.files) == 1 else "files", ", ".join(known.files)),
        ("height × width", size),
    ]
    optional = {
        "unit": known.unit,
        "group": known.group,
        "fold": None if known.fold is None else str(known.fold),
        "weight": None if known.weight == 1 else f"{known.weight:g}",
        "label": known.label,
        "label of the unit": None if known.unit_label == known.label else known.unit_label,
        "mask": "empty" if known.mask == "" else known.mask,
    }
    rows += [(name, value) for name, value in optional.items() if value is not None]
    if known.part == "train" and known.fold is None:
        rows.append(("fold", "none"))
    if known.twins is None:
        rows.append(("same picture", "not searched since the image came: podium check"))
    for twin in known.twins or ():
        how = "the same file" if twin.is_same_file else f"{twin.distance} of 64 bits apart"
        where = "" if twin.fold is None else f", fold {twin.fold}"
        of_label = "" if twin.label is None else f", {twin.label}"
        rows.append(("same picture", f"{twin.part} {twin.id}{of_label}{where} ({how})"))
    print(f"{known.id}: an image of {known.part}")
    widest = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"  {name:<{widest}}  {value}")


def _print_labels(opinions: Sequence[ImagePrediction], known: ImageReport) -> None:
    if not opinions:
        return
    is_number = all(one.value is not None for one in opinions)
    has_truth = any(one.of_truth is not None for one in opinions)
    has_right = any(one.is_right is not None for one in opinions)
    columns = ["label by", "fold", "says"]
    columns += ["value"] if is_number else ["probability"]
    columns += ["right"] if has_right else []
    columns += ["of the truth"] if has_truth else []
    columns += [] if is_number else ["likeliest"]
    rows = []
    for one in opinions:
        cells: list[str] = [one.source, _folds(one), one.said]
        cells.append(number(one.value if is_number else one.confidence))
        cells += [_yes(one.is_right)] if has_right else []
        cells += [number(one.of_truth)] if has_truth else []
        likeliest = ", ".join(f"{name} {p:.3f}" for name, p in one.top)
        cells += [] if is_number else [likeliest]
        rows.append(cells)
    print_table(columns, rows)


def _print_masks(opinions: Sequence[ImagePrediction]) -> None:
    if not opinions:
        return
    metric = next((one.metric for one in opinions if one.metric), "")
    columns = ["mask by", "fold", *([f"{metric} of the image"] if metric else []), "says"]
    rows = [
        [one.source, _folds(one), *([number(one.score)] if metric else []), one.said or "empty"]
        for one in opinions
    ]
    print_table(columns, rows)


def _print_sources(known: ImageReport) -> None:
    given = known.given
    if given.pseudo:
        rows = [
            (one.source, one.fold, one.phase or one.teacher, one.label or "a mask",
             number(one.confidence), _yes(one.is_right))
            for one in given.pseudo
        ]  # fmt: skip
        columns = ("pseudo-label of", "fold", "teacher or phase", "label", "confidence", "right")
        print_table(columns, rows)
    if given.answer is not None:
        request = f", request {given.answer.request}" if given.answer.request else ""
        origin = f"{given.answer.who}, {given.answer.when}{request}"
        print(f"label by people: {given.answer.label} ({origin})")
    filled = [one for one in given.cells if any(one.cells.values())]
    if filled:
        cells = [
            (one.submission, number(one.public_score), one.key,
             ", ".join(f"{column} {text}" for column, text in one.cells.items()))
            for one in filled
        ]  # fmt: skip
        print_table(("submission", "public score", "row", "cells"), cells)
    n_empty = len(given.cells) - len(filled)
    if n_empty:
        print(f"rows of submissions that are empty: {n_empty}")


def _folds(one: ImagePrediction) -> str:
    """Return the folds of the models; of a mean over several as a list."""
    return ", ".join(map(str, one.folds))


def _yes(is_right: bool | None) -> str:
    return "–" if is_right is None else "yes" if is_right else "no"

"""`podium label`: request the most informative labels from people, and import their answers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from podium.cli.context import open_workspace, print_to_type, progress
from podium.cli.options import ArtefactName, AsJson
from podium.cli.tables import print_json, print_table
from podium.errors import either, plural
from podium.workspace.records import read_record

if TYPE_CHECKING:
    from podium.workflows.labelling.answers import ImportedAnswers

__all__ = ["print_imported", "print_request"]


_REQUEST_EXAMPLE = "podium label request baseline --n 200 --by margin --diverse"


def _request(
    ctx: typer.Context,
    artefact: ArtefactName,
    n: Annotated[int, typer.Option("--n", min=1, help="How many images, at most.")] = 200,
    by: Annotated[
        Literal["entropy", "margin", "least-confidence", "disagreement"],
        typer.Option(help="Where the models are least sure; disagreement: of folds, or members."),
    ] = "margin",
    diverse: Annotated[
        bool, typer.Option("--diverse", help="Images that are far from each other.")
    ] = False,
    balance: Annotated[
        bool, typer.Option("--balance", help="As many of each predicted class as possible.")
    ] = False,
    repeat: Annotated[
        bool, typer.Option("--repeat", help="Also images of earlier requests without an answer.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a table, thumbnails and a sheet of the most informative unlabelled images to label.

    Open index.html, pick labels, download the answers, and bring them back with
    `podium label import`. Images of earlier requests, and labelled ones, are left out.
    """
    from podium.workflows.labelling.requests import request_labels

    workspace, competition = open_workspace(ctx)
    folder = request_labels(
        workspace,
        competition,
        artefact,
        n=n,
        rule=by,
        diverse=diverse,
        balance=balance,
        repeat=repeat,
        progress=progress(),
    )
    print_request(folder, n, as_json=as_json)


_IMPORT_EXAMPLE = "podium label import label-baseline-3fa1c2d4-answers.csv"


def _import(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Answers: a table with the columns id and label.")],
    who: Annotated[
        str | None, typer.Option(help="Author of the labels; default: your user's name.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace earlier answers that differ.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Keep answers as training labels of every fold; no fold is scored by them.

    folds.csv stays as it is. One wrong row, and nothing is imported. Trainings that begin from now
    on use them, under new ids; `-o imported_labels=false` does without.
    """
    from podium.workflows.labelling.answers import import_answers

    workspace, competition = open_workspace(ctx)
    done = import_answers(
        workspace, competition, file, who=who, replace=replace, progress=progress()
    )
    print_imported(done, as_json=as_json)


_SHOWN_CLASSES = 20


def print_request(folder: Path, n_requested: int, *, as_json: bool = False) -> None:
    """Print the images of a request, and the path of its sheet.

    Raises:
        RunError: there is no record.
    """
    record = read_record(folder)
    details = record.details
    if as_json:
        print_json({"id": record.id, "folder": folder, "from": record.parents, **details})
        return
    n_models = len(details["models"])
    by = f"{details['rule']}, {n_models} model{'' if n_models == 1 else 's'}"
    if details["diverse"]:
        by += f", far from each other by {details['diverse']}"
    if details["balance"]:
        by += ", classes balanced"
    predicted = list(details["predicted"].items())
    title = f"{record.id}: {plural(details['n'], 'image')} by {by}"
    if len(predicted) <= _SHOWN_CLASSES:
        print_table(("predicted label", "images"), predicted, title=title)
    else:
        print(title)
    if details["n"] < n_requested:
        print(f"note: only {either(details['n'], 'image was', 'images were')} left to label")
    print(f"label them: {folder / 'index.html'}")
    print_to_type(f"then: podium label import {record.id}-answers.csv")


def print_imported(done: ImportedAnswers, *, as_json: bool = False) -> None:
    """Print the result of importing a file of answers."""
    if as_json:
        print_json(asdict(done))
        return
    title = f"{plural(done.added, 'answer')} imported, {done.known:,} known already, "
    title += f"{plural(done.skipped, 'row')} without an answer"
    labels = sorted(done.labels.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN_CLASSES]
    if labels:
        print_table(("label", "answers"), labels, title=title)
    else:
        print(title)
    if done.compared:
        print(f"the models had predicted the same for {done.agreed:,} of {done.compared:,}")
    print(
        f"{either(done.total, 'image is', 'images are')} labelled by people now: every training "
        "from now on learns"
    )
    print_to_type(
        "from them, under a new id; to go on from a run: podium train … -o model.from=RUN "
        "-o model.weights=null"
    )


app = typer.Typer(no_args_is_help=True, help="Request labels from people, and import them.")

app.command("request", epilog=f"Example: {_REQUEST_EXAMPLE}")(_request)
app.command("import", epilog=f"Example: {_IMPORT_EXAMPLE}")(_import)

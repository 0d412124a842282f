"""`podium pack`: one folder that predicts where there is no network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium import cli
from podium.cli.completion import artefact_names
from podium.cli.context import open_workspace, session
from podium.cli.options import AsJson, parse_bytes, parse_duration
from podium.errors import UsageError

EXAMPLE = (
    "podium pack blend --to pack   ·   podium pack --rehearse pack --hidden 10000   ·   "
    "podium pack --predict pack --data data --to out.csv"
)


def run(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[BLEND|RUN]",
            help="Default: the best that is finished, as podium status has it; no imports.",
            autocompletion=artefact_names,
        ),
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="The new folder; with --predict, the file.")
    ] = None,
    predict: Annotated[
        Path | None, typer.Option(metavar="PACK", help="Predict with a package instead.")
    ] = None,
    python: Annotated[
        str | None, typer.Option(help="Of the host, for which wheels are downloaded.")
    ] = None,
    wheels: Annotated[
        Path | None, typer.Option(help="Take the wheels from this folder; no download.")
    ] = None,
    bring_all: Annotated[
        bool, typer.Option("--all", help="Also torch and what else the host's image has.")
    ] = False,
    image: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A `pip freeze` there: pack only what it has not."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="With --predict and --rehearse: the test set's data."),
    ] = None,
    rehearse: Annotated[
        Path | None,
        typer.Option(metavar="PACK", help="Run its notebook as the host will: no network, limits."),
    ] = None,
    times: Annotated[
        int, typer.Option(min=1, help="With --rehearse: how many times as large a test set.")
    ] = 3,
    max_time: Annotated[str, typer.Option(help="With --rehearse: what the host allows.")] = "9h",
    max_memory: Annotated[str, typer.Option(help="With --rehearse: of all processes.")] = "13GB",
    hidden: Annotated[
        int | None, typer.Option(min=1, help="With --rehearse: how many images the host hides.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Pack a blend with all that it takes to predict; predict with such a folder; rehearse it."""
    if rehearse is not None:
        cli.packs.rehearse(
            rehearse,
            session(ctx).workspace_if_any(),
            data=data,
            times=times,
            max_time_s=parse_duration(max_time, "--max-time") or 0.0,
            max_memory=parse_bytes(max_memory, "--max-memory"),
            hidden=hidden,
            as_json=as_json,
        )
    elif predict is not None:
        if data is None:
            raise UsageError("--predict needs the data", fix="add --data DIR")
        cli.packs.predict(predict, data, to or Path("submission.csv"))
    else:
        if to is None:
            raise UsageError("the destination folder is missing", fix="add --to FOLDER")
        cli.packs.pack_and_print(
            *open_workspace(ctx),
            what,
            to=to,
            python=python,
            wheels=wheels,
            bring_all=bring_all,
            image=image,
        )

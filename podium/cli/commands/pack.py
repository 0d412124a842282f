"""`podium pack`: one folder that predicts where there is no network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium.cli.context import opened, progress

EXAMPLE = "podium pack blend --to pack   ·   podium pack --predict pack --data data --to out.csv"


def run(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(metavar="[BLEND|RUN]", help="Default: a blend of every finished run."),
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
    data: Annotated[Path | None, typer.Option(help="With --predict: the test set's data.")] = None,
) -> None:
    """Pack a blend with all that it takes to predict, or predict with such a folder."""
    from podium.errors import UsageError

    if predict is not None:
        from podium.workflows.packed import predict_packed

        if data is None:
            raise UsageError("--predict needs the data", fix="add --data DIR")
        target = to or Path("submission.csv")
        print(predict_packed(predict, data=data, to=target, progress=progress()))
        return
    from podium.submissions.packages.wheels import KAGGLE_PYTHON
    from podium.workflows.packing import pack

    if to is None:
        raise UsageError("nobody says where the folder is to be", fix="add --to FOLDER")
    workspace, competition = opened(ctx)
    folder = pack(
        workspace,
        competition,
        what,
        to=to,
        python=python or KAGGLE_PYTHON,
        wheels_from=wheels,
        bring_all=bring_all,
        progress=progress(),
    )
    record = folder.read()
    print(f"{folder.root}: {record.id}, {len(record.files)} files, {record.n_bytes / 1e6:.1f} MB")
    if record.incomplete:
        print(f"not complete for an upload: {record.incomplete}")

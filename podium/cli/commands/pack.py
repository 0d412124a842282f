"""`podium pack`: one folder that predicts where there is no network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium.cli.context import opened, progress, session
from podium.cli.options import AsJson

EXAMPLE = (
    "podium pack blend --to pack   ·   podium pack --rehearse pack --hidden 10000   ·   "
    "podium pack --predict pack --data data --to out.csv"
)


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
    from podium.errors import UsageError

    if rehearse is not None:
        _rehearse(ctx, rehearse, data, times, max_time, max_memory, hidden, as_json)
        return
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
        image=image,
        progress=progress(),
    )
    record = folder.read()
    print(f"{folder.root}: {record.id}, {len(record.files)} files, {record.n_bytes / 1e6:.1f} MB")
    if record.incomplete:
        print(f"not complete for an upload: {record.incomplete}")


def _rehearse(
    ctx: typer.Context,
    pack: Path,
    data: Path | None,
    times: int,
    max_time: str,
    max_memory: str,
    hidden: int | None,
    as_json: bool,
) -> None:
    from podium.cli.pack_rehearsal import print_pack_rehearsal
    from podium.cli.values import byte_count, duration_s
    from podium.errors import UsageError
    from podium.submissions.packages import PackFolder
    from podium.workflows.pack_rehearsing import rehearse_pack

    workspace = session(ctx).workspace_if_any()
    if data is None and workspace is None:
        raise UsageError("--rehearse needs the data", fix="add --data DIR")
    own = None
    if workspace is not None and (data is None or data.resolve() == workspace.data.resolve()):
        data = workspace.data
        file = workspace.submissions / f"{PackFolder(pack).read().blend}.csv"
        own = file if file.is_file() else None
    assert data is not None
    result = rehearse_pack(
        pack,
        data=data,
        times=times,
        max_time_s=duration_s(max_time, "--max-time") or 0.0,
        max_memory=byte_count(max_memory, "--max-memory"),
        hidden=hidden,
        own=own,
        progress=progress(),
    )
    print_pack_rehearsal(result, as_json=as_json)

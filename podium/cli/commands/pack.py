"""`podium pack`: one folder that predicts where there is no network."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.completion import artefact_names
from podium.cli.context import open_workspace, print_to_type, progress, session
from podium.cli.options import AsJson, parse_bytes, parse_duration
from podium.cli.tables import print_json, print_table
from podium.errors import RunError, UsageError, plural, some

if TYPE_CHECKING:
    from podium.submissions.packages.enlarged_test_set import RowComparison
    from podium.workflows.packs.rehearsal import PackRehearsal
    from podium.workspace.layout import Workspace

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
        result = _rehearse(ctx, rehearse, data, times, max_time, max_memory, hidden)
        _print_rehearsal(result, as_json=as_json)
    elif predict is not None:
        if data is None:
            raise UsageError("--predict needs the data", fix="add --data DIR")
        _predict(predict, data, to or Path("submission.csv"))
    else:
        if to is None:
            raise UsageError("the destination folder is missing", fix="add --to FOLDER")
        _pack(ctx, what, to, python, wheels, bring_all, image)


def _pack(
    ctx: typer.Context,
    what: str | None,
    to: Path,
    python: str | None,
    wheels: Path | None,
    bring_all: bool,
    image: Path | None,
) -> None:
    """Pack a blend or a run into the folder `to`, and print what is in it."""
    from podium.submissions.packages.wheels import KAGGLE_PYTHON
    from podium.workflows.packs.packing import pack

    folder = pack(
        *open_workspace(ctx),
        what,
        to=to,
        python=python or KAGGLE_PYTHON,
        wheels_from=wheels,
        bring_all=bring_all,
        image=image,
        progress=progress(),
    )
    record = folder.read()
    print(
        f"{folder.root}: {record.id}, {plural(len(record.files), 'file')}, "
        f"{record.n_bytes / 1e6:.1f} MB"
    )
    if record.incomplete:
        print_to_type(f"not complete for an upload: {record.incomplete}")


def _predict(package: Path, data: Path, to: Path) -> None:
    """Write the submission that a package predicts for `data`; print its path."""
    from podium.workflows.packs.packing import predict_packed

    print(predict_packed(package, data=data, to=to, progress=progress()))


def _rehearse(
    ctx: typer.Context,
    package: Path,
    data: Path | None,
    times: int,
    max_time: str,
    max_memory: str,
    hidden: int | None,
) -> PackRehearsal:
    """Run the notebook of a package as the host will, and return what it needs.

    Raises:
        UsageError: there is no `data`, and no workspace that has it.
    """
    from podium.submissions.packages import PackFolder
    from podium.workflows.packs.rehearsal import rehearse_pack

    workspace = session(ctx).workspace_if_any()
    if data is None and workspace is None:
        raise UsageError("--rehearse needs the data", fix="add --data DIR")
    own = None
    of_workspace = None if workspace is None else _data_of(workspace)
    if (
        workspace is not None
        and of_workspace is not None
        and (data is None or data.resolve() == of_workspace.resolve())
    ):
        data = of_workspace
        file = workspace.submissions / f"{PackFolder(package).read().blend}.csv"
        own = file if file.is_file() else None
    assert data is not None
    return rehearse_pack(
        package,
        data=data,
        times=times,
        max_time_s=parse_duration(max_time, "--max-time") or 0.0,
        max_memory=parse_bytes(max_memory, "--max-memory"),
        hidden=hidden,
        own=own,
        progress=progress(),
    )


def _data_of(workspace: Workspace) -> Path:
    """Return the folder of the workspace's data, which may lie outside."""
    from podium.workflows.packs.packing import data_folder

    return data_folder(workspace)


_NETWORK = {
    "unshare": "none (a network namespace that has none)",
    "guard": "refused by Python (this user may make no network namespace; other programs are not "
    "kept from it)",
}


def _print_rehearsal(result: PackRehearsal, *, as_json: bool) -> None:
    if as_json:
        more = {
            "per_image_s": result.per_image_s,
            "fixed_s": result.fixed_s,
            "projected_s": result.projected_s,
        }
        fields = asdict(result)
        fields["own"] = None if result.own is None else str(result.own)
        print_json(fields | more)
    else:
        print_table(("package", result.pack), _rehearsal_rows(result))
    if result.failures:
        raise RunError("; ".join(result.failures))


def _rehearsal_rows(result: PackRehearsal) -> list[tuple[str, str]]:
    bundle, larger = result.brought, result.runs[0]
    peak = "not measured" if larger.peak_bytes is None else f"{larger.peak_bytes / 1e9:.2f} GB"
    rows = [
        ("network", _NETWORK[result.network]),
        (
            "installed",
            f"{plural(len(bundle.packed), 'wheel')} of the package"
            + _repacked_rows(bundle.repacked),
        ),
        (
            "linked as the image's",
            f"{plural(len(bundle.of_image), 'distribution')} of this machine: "
            f"{some(bundle.of_image, 3)}"
            if bundle.of_image
            else "nothing",
        ),
        ("unlike the host", "/kaggle/input lies elsewhere; the machine, its image and its Python"),
    ]
    rows += [
        (
            f"{plural(run.n_images, 'image')}",
            f"{run.predict_s:.1f} s, {run.n_images / max(run.predict_s, 1e-9):.1f} images/s",
        )
        for run in result.runs
    ]
    rows += [
        ("install", f"{larger.install_s:.1f} s"),
        # One size alone does not separate the time of the start from that of the images.
        ("before the first image", f"{result.fixed_s:.1f} s" if result.times > 1 else "–"),
        ("per image", f"{1000 * result.per_image_s:.1f} ms"),
        ("peak memory", peak),
        ("checked", "by podium check, for the larger test set, too"),
    ]
    if result.sameness is not None:
        rows.append(
            (
                f"shown {result.times} times",
                f"{_format_sameness(result.sameness)} their originals' values",
            )
        )
    if result.own is not None:
        sameness = result.own_sameness
        rows.append(
            (
                result.own.name,
                "the same, byte for byte"
                if sameness is None
                else f"{_format_sameness(sameness)} its values",
            )
        )
    if result.projected_s is not None:
        rows.append(
            (
                f"{result.hidden:,} hidden images",
                f"{result.projected_s / 60:,.1f} min of {result.max_time_s / 60:,.0f} min",
            )
        )
    return rows


def _repacked_rows(names: tuple[str, ...]) -> str:
    return f", {len(names)} made of what is installed here: {some(names, 3)}" if names else ""


def _format_sameness(sameness: RowComparison) -> str:
    same = sameness.n_exact + sameness.n_close
    close = f" ({sameness.n_close:,} of them to {sameness.worst:.0e})" if sameness.n_close else ""
    return f"{same:,} of {plural(sameness.n_rows, 'row')}{close} have"

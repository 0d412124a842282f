"""A code competition's package on a terminal: it is made, predicts, and is rehearsed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podium.cli.context import open_workspace, progress, session
from podium.cli.options import parse_bytes, parse_duration
from podium.cli.tables import print_json, print_table
from podium.errors import RunError, UsageError, some
from podium.submissions.packages import PackFolder
from podium.submissions.packages.wheels import KAGGLE_PYTHON
from podium.workflows.packs.packing import pack, predict_packed
from podium.workflows.packs.rehearsal import rehearse_pack

if TYPE_CHECKING:
    from podium.submissions.packages.enlarged_test_set import RowComparison
    from podium.workflows.packs.rehearsal import PackRehearsal

__all__ = ["make_package", "predict_with_package", "rehearse_package"]


def make_package(
    ctx: typer.Context,
    what: str | None,
    *,
    to: Path | None,
    python: str | None,
    wheels: Path | None,
    bring_all: bool,
    image: Path | None,
) -> None:
    """Pack a blend or a run into the folder `to`.

    Raises:
        UsageError: there is no `to`.
    """
    if to is None:
        raise UsageError("the destination folder is missing", fix="add --to FOLDER")
    workspace, competition = open_workspace(ctx)
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


def predict_with_package(package: Path, *, data: Path | None, to: Path | None) -> None:
    """Write the submission that a package predicts for `data`; print its path.

    Raises:
        UsageError: there is no `data`.
    """
    if data is None:
        raise UsageError("--predict needs the data", fix="add --data DIR")
    target = to or Path("submission.csv")
    print(predict_packed(package, data=data, to=target, progress=progress()))


def rehearse_package(
    ctx: typer.Context,
    package: Path,
    *,
    data: Path | None,
    times: int,
    max_time: str,
    max_memory: str,
    hidden: int | None,
    as_json: bool,
) -> None:
    """Run the notebook of a package as the host will, and print what it needs.

    Raises:
        UsageError: there is no `data`, and no workspace that has it.
        RunError: the package is not as it must be.
    """
    workspace = session(ctx).workspace_if_any()
    if data is None and workspace is None:
        raise UsageError("--rehearse needs the data", fix="add --data DIR")
    own = None
    if workspace is not None and (data is None or data.resolve() == workspace.data.resolve()):
        data = workspace.data
        file = workspace.submissions / f"{PackFolder(package).read().blend}.csv"
        own = file if file.is_file() else None
    assert data is not None
    result = rehearse_pack(
        package,
        data=data,
        times=times,
        max_time_s=parse_duration(max_time, "--max-time") or 0.0,
        max_memory=parse_bytes(max_memory, "--max-memory"),
        hidden=hidden,
        own=own,
        progress=progress(),
    )
    _print_rehearsal(result, as_json=as_json)


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
            f"{len(bundle.packed)} wheels of the package" + _repacked_rows(bundle.repacked),
        ),
        (
            "linked as the image's",
            f"{len(bundle.of_image)} distributions of this machine: {some(bundle.of_image, 3)}"
            if bundle.of_image
            else "nothing",
        ),
        ("unlike the host", "/kaggle/input lies elsewhere; the machine, its image and its Python"),
    ]
    rows += [
        (
            f"{run.n_images:,} images",
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
    return f"{same:,} of {sameness.n_rows:,} rows{close} have"

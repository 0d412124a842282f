"""Packages on a terminal: what is packed, and what a rehearsal of the host's machine measured."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from podium.cli.context import print_to_type, progress
from podium.cli.tables import print_json, print_table
from podium.errors import RunError, UsageError, plural, some
from podium.submissions.packages import PackFolder
from podium.submissions.packages.wheels import KAGGLE_PYTHON
from podium.workflows.packs.packing import data_folder, pack, predict_packed
from podium.workflows.packs.rehearsal import rehearse_pack

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.submissions.packages.enlarged_test_set import RowComparison
    from podium.workflows.packs.rehearsal import PackRehearsal
    from podium.workspace.layout import Workspace

__all__ = ["pack_and_print", "predict", "rehearse"]


def pack_and_print(
    workspace: Workspace,
    competition: Competition,
    what: str | None,
    *,
    to: Path,
    python: str | None,
    wheels: Path | None,
    bring_all: bool,
    image: Path | None,
) -> None:
    """Pack a blend or a run into the folder `to`, and print what is in it."""
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
    print(
        f"{folder.root}: {record.id}, {plural(len(record.files), 'file')}, "
        f"{record.n_bytes / 1e6:.1f} MB"
    )
    if record.incomplete:
        print_to_type(f"not complete for an upload: {record.incomplete}")


def predict(package: Path, data: Path, to: Path) -> None:
    """Write the submission that a package predicts for `data`; print its path."""
    print(predict_packed(package, data=data, to=to, progress=progress()))


def rehearse(
    package: Path,
    workspace: Workspace | None,
    *,
    data: Path | None,
    times: int,
    max_time_s: float,
    max_memory: int,
    hidden: int | None,
    as_json: bool,
) -> None:
    """Run the notebook of a package as the host will, and print what it needs.

    Raises:
        RunError: the rehearsal failed, after all is printed.
        UsageError: there is no `data`, and no workspace that has it.
    """
    if data is None and workspace is None:
        raise UsageError("--rehearse needs the data", fix="add --data DIR")
    own = None
    of_workspace = None if workspace is None else data_folder(workspace)
    if (
        workspace is not None
        and of_workspace is not None
        and (data is None or data.resolve() == of_workspace.resolve())
    ):
        data = of_workspace
        file = workspace.submissions / f"{PackFolder(package).read().blend}.csv"
        own = file if file.is_file() else None
    assert data is not None
    result = rehearse_pack(
        package,
        data=data,
        times=times,
        max_time_s=max_time_s,
        max_memory=max_memory,
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

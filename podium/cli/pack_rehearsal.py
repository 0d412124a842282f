"""A rehearsal of a package on the screen: what was run, whether it held, how long it takes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from podium.cli.tables import print_json, print_table
from podium.errors import RunError, some

if TYPE_CHECKING:
    from podium.submissions.packages.same_rows import Sameness
    from podium.workflows.pack_rehearsing import PackRehearsal

__all__ = ["print_pack_rehearsal"]

_NETWORK = {
    "unshare": "none (a network namespace that has none)",
    "guard": "refused by Python (this user may make no network namespace; other programs are not "
    "kept from it)",
}


def print_pack_rehearsal(result: PackRehearsal, *, as_json: bool) -> None:
    """Print the result.

    Raises:
        RunError: the package is not as it must be.
    """
    if as_json:
        more = {
            "per_image_s": result.per_image_s,
            "fixed_s": result.fixed_s,
            "projected_s": result.projected_s,
        }
        said = asdict(result)
        said["own"] = None if result.own is None else str(result.own)
        print_json(said | more)
    else:
        print_table(("package", result.pack), _rows(result))
    if result.failures:
        raise RunError("; ".join(result.failures))


def _rows(result: PackRehearsal) -> list[tuple[str, str]]:
    brought, larger = result.brought, result.runs[0]
    peak = "not measured" if larger.peak_bytes is None else f"{larger.peak_bytes / 1e9:.2f} GB"
    rows = [
        ("network", _NETWORK[result.network]),
        ("installed", f"{len(brought.packed)} wheels of the package" + _repacked(brought.repacked)),
        (
            "linked as the image's",
            f"{len(brought.of_image)} distributions of this machine: {some(brought.of_image, 3)}"
            if brought.of_image
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
        # One size alone does not tell the start from the images.
        ("before the first image", f"{result.fixed_s:.1f} s" if result.times > 1 else "–"),
        ("per image", f"{1000 * result.per_image_s:.1f} ms"),
        ("peak memory", peak),
        ("checked", "by podium check, for the larger test set, too"),
    ]
    if result.sameness is not None:
        rows.append(
            (f"shown {result.times} times", f"{_said(result.sameness)} their originals' values")
        )
    if result.own is not None:
        told = result.own_sameness
        rows.append(
            (
                result.own.name,
                "the same, byte for byte" if told is None else f"{_said(told)} its values",
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


def _repacked(names: tuple[str, ...]) -> str:
    return f", {len(names)} made of what is installed here: {some(names, 3)}" if names else ""


def _said(sameness: Sameness) -> str:
    same = sameness.n_exact + sameness.n_close
    close = f" ({sameness.n_close:,} of them to {sameness.worst:.0e})" if sameness.n_close else ""
    return f"{same:,} of {sameness.n_rows:,} rows{close} have"

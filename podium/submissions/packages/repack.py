"""An installed distribution back into a wheel: the same files, version and tags, without an index.

A wheel that is installed is unpacked: all that is new is what the installer added (compiled files,
scripts, its own notes), which is left out, and RECORD, which is written again.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from email.parser import HeaderParser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from podium.errors import RunError
from podium.submissions.packages.wheels import record_digest

__all__ = ["fits_here", "installed", "needs_of", "repacked", "site_files"]

_OF_INSTALLER = {
    "INSTALLER",
    "REQUESTED",
    "RECORD",
    "RECORD.jws",
    "direct_url.json",
    "uv_cache.json",
}


def installed(name: str) -> Distribution:
    """Return what is installed here under that name.

    Raises:
        RunError: nothing is.
    """
    try:
        return distribution(name)
    except PackageNotFoundError as error:
        raise RunError(
            f"{name} is not installed here, so there is no wheel of it for this Python",
            fix=f"pip install {name}, or pack with --wheels of a folder that has it",
        ) from error


def fits_here(wheel: Path) -> bool:
    """Return whether this Python on this machine can install the wheel, by the tags of its name."""
    from packaging.tags import sys_tags
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        tags = parse_wheel_filename(wheel.name)[3]
    except InvalidWheelFilename:
        return False
    return not tags.isdisjoint(sys_tags())


def needs_of(names: Iterable[str]) -> list[str]:
    """Return `names` and all that they need and that is installed here, each once, sorted."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: set[tuple[str, str]] = set()
    todo: list[tuple[str, str]] = [(canonicalize_name(name), "") for name in names]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in found:
            continue
        try:
            needs = distribution(name).requires or ()
        except PackageNotFoundError:
            continue
        found.add((name, extra))
        # CUDA's libraries are extras of one distribution: cuda-toolkit[cublas,cufile,…].
        for need in map(Requirement, needs):
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                todo += [(canonicalize_name(need.name), one) for one in ["", *need.extras]]
    return sorted({name for name, _ in found})


def site_files(one: Distribution) -> dict[str, Path]:
    """Return the files of a distribution by their places in site-packages, as in its RECORD.

    Scripts and what else lies elsewhere is left out, and so are compiled files.

    Raises:
        RunError: it has no RECORD, or was installed from its sources (editable).
    """
    name = one.metadata["Name"]
    if one.files is None:
        raise RunError(f"{name} was not installed from a wheel: it has no RECORD")
    found = {}
    for file in one.files:
        place = PurePosixPath(file.as_posix())
        if ".." in place.parts or place.is_absolute() or "__pycache__" in place.parts:
            continue
        if (path := Path(str(one.locate_file(file)))).is_file():
            found[place.as_posix()] = path
    if not any(".dist-info/" not in place and not place.endswith(".pth") for place in found):
        is_editable = "editable" in (one.read_text("direct_url.json") or "")
        if is_editable or any(place.endswith(".pth") for place in found):
            raise RunError(
                f"{name} is installed from its sources (editable)", fix=f"pip install {name}"
            )
    return found


def repacked(name: str, to: Path) -> Path:
    """Write the installed distribution `name` as a wheel in `to`; return its path.

    Raises:
        RunError: it is not installed, or not from a wheel.
    """
    one = installed(name)
    files = site_files(one)
    said = one.read_text("WHEEL")
    info = next((place.split("/")[0] for place in files if place.endswith(".dist-info/WHEEL")), "")
    if said is None or not info:
        raise RunError(f"{name} was not installed from a wheel", fix=f"pip install {name}")
    wheel = to / f"{info.removesuffix('.dist-info')}-{_tag(said)}.whl"
    lines = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_STORED) as archive:
        for place, path in sorted(files.items()):
            if place.startswith(f"{info}/") and place.rpartition("/")[2] in _OF_INSTALLER:
                continue
            content = path.read_bytes()
            entry = zipfile.ZipInfo(place)
            entry.external_attr = (path.stat().st_mode & 0xFFFF) << 16
            archive.writestr(entry, content)
            lines.append(f"{_quoted(place)},{record_digest(content)},{len(content)}")
        lines.append(f"{info}/RECORD,,")
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), "\n".join([*lines, ""]))
    return wheel


def _tag(wheel: str) -> str:
    """Return the tags of a WHEEL file as a wheel's name has them: "py2.py3-none-any"."""
    tags = HeaderParser().parsestr(wheel).get_all("Tag", failobj=["py3-none-any"])
    parts = zip(*(str(tag).strip().split("-") for tag in tags), strict=True)
    return "-".join(".".join(dict.fromkeys(part)) for part in parts)


def _quoted(place: str) -> str:
    return '"' + place.replace('"', '""') + '"' if any(one in place for one in ',"') else place

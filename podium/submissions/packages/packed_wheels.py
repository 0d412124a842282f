"""The wheels that a rehearsal installs: of the package, and those that it lacks for this Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from podium.errors import RunError
from podium.submissions.packages.folder import STATEMENT, PackFolder, PackRecord
from podium.submissions.packages.repack import fits_here, installed, needs_of, repacked
from podium.submissions.packages.wheels import is_of_image

__all__ = ["Brought", "lay_package"]


@dataclass(frozen=True)
class Brought:
    """Where what is installed comes from.

    Attributes:
        packed: wheels of the package, for the host's Python and for this one.
        repacked: distributions that are installed here, made into wheels again.
        of_image: distributions that the host's image brings, with what they need.
    """

    packed: tuple[str, ...]
    repacked: tuple[str, ...]
    of_image: tuple[str, ...]


def lay_package(folder: PackFolder, record: PackRecord, to: Path) -> Brought:
    """Show the package's files in the folder `to` by links, with wheels for this Python.

    Raises:
        RunError: something that is required is neither packed for this Python nor installed here
            in that version.
    """
    to.mkdir(parents=True)
    for name in [STATEMENT, *record.files]:
        if not name.endswith(".whl"):
            (to / name).symlink_to(folder.path(name))
    wanted = _required(folder.path("requirements.txt"))
    fitting = {
        _name_of(name): name
        for name in record.files
        if name.endswith(".whl") and fits_here(Path(name)) and folder.path(name).is_file()
    }
    again = []
    for name, version in wanted.items():
        if (wheel := fitting.get(name)) is not None and wheel.split("-")[1] == version:
            (to / wheel).symlink_to(folder.path(wheel))
            continue
        if (there := installed(name).version) != version:
            raise RunError(
                f"{name} {there} is installed here, the package was made with {version}",
                where=folder.root,
                fix=f"pip install {name}=={version}, or pack again",
            )
        repacked(name, to)
        again.append(name)
    packed = tuple(name for name in wanted if name not in again)
    left = [*record.from_image, *(name for name in wanted if is_of_image(name))]
    of_image = tuple(name for name in needs_of(left) if name not in wanted)
    return Brought(packed, tuple(again), of_image)


def _required(file: Path) -> dict[str, str]:
    """Return the versions that `requirements.txt` asks for."""
    from packaging.utils import canonicalize_name

    parts = [line.strip().split("==") for line in file.read_text(encoding="utf-8").splitlines()]
    return {canonicalize_name(part[0]): part[1] for part in parts if len(part) == 2}


def _name_of(wheel: str) -> str:
    from packaging.utils import canonicalize_name

    return canonicalize_name(wheel.partition("-")[0])

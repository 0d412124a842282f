"""Is this machine ready? Versions, GPU, disk, network and credentials, each with its fix."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import podium
from podium.errors import RunError
from podium.workspace import processes
from podium.workspace.credentials import find_credentials
from podium.workspace.layout import Workspace
from podium.workspace.machine import has_bf16, own_distribution

__all__ = ["Check", "Status", "examine"]

Status = Literal["ok", "warn", "fail"]
Address = tuple[str, int]

_OLDEST_PYTHON = (3, 11)
_REPORTED = (
    "torch",
    "timm",
    "albumentations",
    "lightning-fabric",
    "numpy",
    "pandas",
    "optuna",
    "kaggle",
)
_CORE = (
    *_REPORTED,
    *("torchvision", "opencv-python-headless", "scikit-learn", "scipy", "pyarrow", "pillow"),
    *("pydantic", "sqlalchemy", "typer", "rich", "starlette", "uvicorn", "six", "safetensors"),
)
_KAGGLE: Address = ("api.kaggle.com", 443)
_CONNECT_TIMEOUT_S = 3.0
_TORCH_TIMEOUT_S = 120.0
_GIB = 1 << 30
_LITTLE_BYTES, _TOO_LITTLE_BYTES = 5 * _GIB, _GIB // 2


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `fix` is there when it is not as it should be."""

    name: str
    status: Status
    found: str
    fix: str | None = None


def examine(
    workspace: Workspace | None,
    *,
    env: Mapping[str, str] | None = None,
    home: Path | None = None,
    connect: Callable[[Address], None] | None = None,
    step: str | None = None,
) -> list[Check]:
    """Return the checks of this machine, each with a fix where something is missing.

    Args:
        workspace: its disk and that of its scratch folder are looked at, too.
        env: default: the process's own environment.
        home: default: the user's home folder.
        connect: opens and closes a connection or raises OSError; default: over TCP, for at most
            3 seconds.
        step: "module:function" that measures a training step, in a process of its own; None: not.
    """
    env = os.environ if env is None else env
    return [
        _python(),
        _packages(),
        _torch(),
        *([] if step is None else [_step(step)]),
        *_disks(workspace),
        _network(env, connect or _connect),
        *_credentials(env, home or Path.home()),
    ]


def _step(target: str) -> Check:
    # Nothing of torch is loaded here, where a driver may hang.
    try:
        facts = processes.call(target, None, timeout_s=_TORCH_TIMEOUT_S)
    except RunError as error:
        return Check("training step", "fail", error.message, "repair torch first, see above")
    each = {
        "views": facts["batch_s"],
        "transfer": facts["transfer_s"],
        "arithmetic": facts["arithmetic_s"],
    }
    parts = ", ".join(f"{name} {1000 * seconds:,.0f} ms" for name, seconds in each.items())
    found = (
        f"{facts['images_per_s']:,.0f} images/s, limited by {facts['limit']}: {parts} for"
        f" {facts['batch_size']} images of {facts['size']} px, resnet18;"
        f" decoding, once: {1 / facts['decode_s']:,.0f} photos/s and core"
    )
    if facts["limit"] == "arithmetic":
        return Check("training step", "ok", found)
    if facts["limit"] == "transfer":
        fix = "other programs use the GPU or the bus: end them, and look again"
        return Check("training step", "warn", found, fix)
    fix = f"write workers: {facts['workers']} in recipes, if the machine has so many cores to spare"
    return Check("training step", "warn", found, fix)


def _python() -> Check:
    found = f"Python {platform.python_version()}, podium {podium.__version__}, {platform.system()}"
    if sys.version_info >= _OLDEST_PYTHON:
        return Check("python", "ok", found)
    return Check("python", "fail", found, "use Python 3.11 or newer")


def _packages() -> Check:
    """Compare the installed versions with those that podium requires; nothing is imported."""
    needed = _requirements()
    versions = {name: _version(name) for name in needed}
    wrong = [
        f"{name}{needed[name]}"
        for name, version in versions.items()
        if version is None or not _is_allowed(version, needed[name])
    ]
    reported = ", ".join(f"{name} {versions[name]}" for name in _REPORTED if versions.get(name))
    if not wrong:
        return Check("packages", "ok", reported)
    quoted = " ".join(f"'{one}'" for one in wrong)
    found = f"{reported}; missing or of another version: {', '.join(wrong)}"
    return Check("packages", "fail", found.lstrip("; "), f"pip install {quoted}")


def _requirements() -> dict[str, str]:
    """Return the packages with their version ranges ("" is any), from podium's own metadata."""
    stated: dict[str, str] = {}
    with suppress(ImportError, metadata.PackageNotFoundError):
        parse = importlib.import_module("packaging.requirements").Requirement
        for line in own_distribution().requires or []:
            requirement = parse(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                stated[requirement.name] = str(requirement.specifier)
    return stated or dict.fromkeys(_CORE, "")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _is_allowed(version: str, specifier: str) -> bool:
    if not specifier:
        return True
    specifiers = importlib.import_module("packaging.specifiers")
    return bool(specifiers.SpecifierSet(specifier).contains(version, prereleases=True))


def _torch() -> Check:
    # In a process of its own: a driver that does not fit may hang or crash at the first look.
    try:
        facts = processes.call(f"{__name__}:check_torch", None, timeout_s=_TORCH_TIMEOUT_S)
    except RunError as error:
        return Check("torch", "fail", error.message, "reinstall torch, see pytorch.org/get-started")
    version, threads = facts["version"], facts["threads"]
    if facts["gpus"]:
        kinds = "bf16" if facts["bf16"] else "fp16 only"
        return Check("torch", "ok", f"torch {version}; {', '.join(facts['gpus'])} ({kinds})")
    if facts["mps"]:
        return Check("torch", "ok", f"torch {version}; Apple GPU")
    found = f"torch {version}; no GPU, {threads} CPU threads"
    if facts["driver"]:
        fix = "install a torch with CUDA, see pytorch.org/get-started"
        return Check("torch", "fail", f"{found}, but the machine has {facts['driver']}", fix)
    fix = "small networks train here; take a GPU for large ones"
    if facts.get("cpu_bf16"):
        found += " with bf16"
        fix += "; precision: bf16 is faster for plain convolutions, slower for depthwise ones"
    return Check("torch", "warn", found, fix)


def check_torch(_: None) -> dict[str, Any]:
    """Return torch's version and devices as JSON; called in a process of its own."""
    torch = importlib.import_module("torch")
    cuda = torch.cuda
    n_gpus = cuda.device_count() if cuda.is_available() else 0
    return {
        "version": str(torch.__version__),
        "threads": torch.get_num_threads(),
        "gpus": [_gpu(cuda.get_device_properties(at)) for at in range(n_gpus)],
        # is_bf16_supported() also counts emulation, which is slower than fp16.
        "bf16": n_gpus > 0 and cuda.get_device_capability(0)[0] >= 8,
        "cpu_bf16": has_bf16(),
        "mps": bool(torch.backends.mps.is_available()),
        "driver": _driver(),
    }


def _gpu(properties: Any) -> str:
    return f"{properties.name} {properties.total_memory / _GIB:.0f} GiB"


def _driver() -> str | None:
    """Return the first GPU that the NVIDIA driver lists; None without driver or GPU."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    with suppress(OSError, subprocess.SubprocessError):
        listed = subprocess.run(
            [program, "-L"], capture_output=True, text=True, timeout=20, check=True
        )
        return listed.stdout.partition(" (UUID")[0].strip() or None
    return None


def _disks(workspace: Workspace | None) -> Iterator[Check]:
    folders = {"temporary files": Path(tempfile.gettempdir())}
    if workspace is not None:
        folders["workspace"] = workspace.root
        if workspace.scratch is not None:
            folders["scratch"] = workspace.scratch.expanduser()
    for name, folder in folders.items():
        yield _disk(f"disk: {name}", folder)


def _disk(name: str, folder: Path) -> Check:
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / _GIB:.1f} GiB free in {folder}"
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        why = error.strerror or str(error)
        return Check(name, "fail", f"cannot write in {there}: {why}", "choose a writable folder")
    if free < _LITTLE_BYTES:
        status: Status = "fail" if free < _TOO_LITTLE_BYTES else "warn"
        return Check(name, status, found, "free some space, or move the cache with --scratch DIR")
    return Check(name, "ok", found)


def _network(env: Mapping[str, str], connect: Callable[[Address], None]) -> Check:
    address, via = _way_to_kaggle(env)
    try:
        connect(address)
    except OSError as error:
        found = f"{address[0]}:{address[1]} does not answer{via}: {error.strerror or error}"
        fix = "needed for Kaggle and for pretrained weights only; the embedded host works without"
        return Check("network", "warn", found, fix)
    return Check("network", "ok", f"{_KAGGLE[0]} can be reached{via}")


def _way_to_kaggle(env: Mapping[str, str]) -> tuple[Address, str]:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        proxy = urlsplit(env.get(name, ""))
        if proxy.hostname:
            return (proxy.hostname, proxy.port or 80), f" through the proxy in {name}"
    return _KAGGLE, ""


def _connect(address: Address) -> None:
    socket.create_connection(address, timeout=_CONNECT_TIMEOUT_S).close()


def _credentials(env: Mapping[str, str], home: Path) -> Iterator[Check]:
    found = find_credentials(env, home)
    if not found:
        fix = (
            "make a token at kaggle.com/settings and put it into ~/.kaggle/access_token;"
            " the embedded host needs none"
        )
        yield Check("Kaggle credentials", "warn", "none", fix)
        return
    used, *hidden = found
    yield _which(used.source, used.kind == "token", [one.source for one in hidden])
    open_to_others = [one.file for one in found if one.file and one.is_readable_by_others]
    if open_to_others:
        names = " ".join(map(str, open_to_others))
        problem = f"other users of this machine can read {names}"
        yield Check("Kaggle credentials: privacy", "warn", problem, f"chmod 600 {names}")


def _which(used: str, is_token: bool, hidden: list[str]) -> Check:
    if not hidden:
        return Check("Kaggle credentials", "ok", f"from {used}; not shown")
    found = f"from {used}, which hides {', '.join(hidden)}"
    if not is_token:
        return Check("Kaggle credentials", "ok", found)
    fix = f"if Kaggle answers 401, the token is stale: remove it from {used}"
    return Check("Kaggle credentials", "warn", found, fix)

"""The wheel of podium is one that pip takes, and says what lies in it."""

from __future__ import annotations

import csv
import io
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import podium
from podium.errors import RunError
from podium.submissions.packages import wheels


@pytest.mark.slow
def test_pip_installs_podium_from_its_wheel_without_a_network(tmp_path: Path) -> None:
    wheel = wheels.podium_wheel(tmp_path)
    site = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-compile",
    ]
    subprocess.run([*install, "--no-compile", "--target", str(site), str(wheel)], check=True)
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("podium/")}
    there = {one.relative_to(site).as_posix() for one in (site / "podium").rglob("*")}
    assert packed <= there
    assert {"podium/__init__.py", "podium/workflows/packs/packing.py"} <= packed
    assert any(name.startswith("podium/workflows/demo_data/") for name in packed)


def test_every_file_of_the_wheel_stands_in_its_record(tmp_path: Path) -> None:
    with zipfile.ZipFile(wheels.podium_wheel(tmp_path)) as archive:
        names = set(archive.namelist())
        record = next(name for name in names if name.endswith("/RECORD"))
        rows = list(csv.reader(io.StringIO(archive.read(record).decode())))
    assert {row[0] for row in rows} == names


def test_what_predicts_is_pinned_as_it_is_here_and_what_uploads_is_not() -> None:
    pinned = wheels.pins()
    import numpy as np

    assert pinned["numpy"] == np.__version__
    assert "torch" in pinned
    assert wheels.is_of_image("torch")
    assert not {"kaggle", "optuna", "starlette", "pytest", "podium"} & pinned.keys()


def test_what_torch_needs_is_pinned_only_where_the_image_brings_nothing() -> None:
    assert "sympy" not in wheels.pins()
    assert {"torch", "sympy", "numpy"} <= wheels.pins(bring_all=True).keys()


def test_markers_are_those_of_the_hosts_python_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    class Distribution:
        version = "1.0"

        def __init__(self, *requires: str) -> None:
            self.requires = requires

    needs = Distribution(
        "old; python_version < '3.12'",
        "new; python_version >= '3.12'",
        "apple; sys_platform == 'darwin'",
        "tux; platform_system == 'Linux' and platform_machine == 'x86_64'",
        "more; extra == 'dicom'",
    )
    monkeypatch.setattr(wheels, "own_distribution", lambda: needs)
    monkeypatch.setattr(wheels, "distribution", lambda name: Distribution())
    assert list(wheels.pins(python="3.11")) == ["old", "tux"]
    assert list(wheels.pins(python="3.12")) == ["new", "tux"]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip knows; podium's wheel is in it."""
    folder = tmp_path / "index"
    folder.mkdir()
    wheels.podium_wheel(folder)
    for name in [one for one in os.environ if one.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.mark.slow
def test_wheels_are_downloaded_or_none_is_left_and_the_missing_one_is_named(
    index: Path, tmp_path: Path
) -> None:
    to = tmp_path / "to"
    to.mkdir()
    wanted = {"podium-kaggle": podium.__version__}
    with pytest.raises(RunError, match=r"no wheel of nosuch==1\.0 for Python 3\.12 on Linux"):
        wheels.downloaded({**wanted, "nosuch": "1.0"}, to, python="3.12")
    assert list(to.iterdir()) == []
    wheels.downloaded(wanted, to)
    assert [one.name for one in to.iterdir()] == [one.name for one in index.iterdir()]


def test_nothing_is_downloaded_where_the_image_has_everything(tmp_path: Path) -> None:
    wheels.downloaded({}, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_dead_network_is_reported_as_such(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{taken.getsockname()[1]}"  # bound, and nobody listens
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy)
        for name in ("NO_PROXY", "no_proxy", "PIP_NO_INDEX", "PIP_FIND_LINKS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple")
        monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
        with pytest.raises(RunError, match="the package index does not answer"):
            wheels.downloaded({"podium": "1.0"}, tmp_path)


def test_a_wheel_that_a_folder_lacks_or_has_in_another_version_is_named(tmp_path: Path) -> None:
    source, to = tmp_path / "source", tmp_path / "to"
    source.mkdir()
    to.mkdir()
    (source / "numpy-2.0.0-cp311-none-any.whl").write_bytes(b"")
    (source / "pyyaml-6.0-cp311-none-any.whl").write_bytes(b"")
    wanted = {"numpy": "2.0.0", "pyyaml": "6.1", "timm": "1"}
    assert wheels.copied(wanted, source, to) == ["pyyaml==6.1", "timm==1"]
    assert [file.name for file in to.iterdir()] == ["numpy-2.0.0-cp311-none-any.whl"]

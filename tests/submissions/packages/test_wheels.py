"""The wheel of podium is one that pip takes, and says what lies in it."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from pathlib import Path

from podium.submissions.packages import wheels


def test_pip_installs_podium_from_its_wheel_without_a_network(tmp_path: Path) -> None:
    wheel = wheels.podium_wheel(tmp_path)
    site = tmp_path / "site"
    said = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-compile",
    ]
    subprocess.run([*said, "--no-compile", "--target", str(site), str(wheel)], check=True)
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("podium/")}
    there = {one.relative_to(site).as_posix() for one in (site / "podium").rglob("*")}
    assert packed <= there
    assert {"podium/__init__.py", "podium/workflows/packed.py"} <= packed
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


def test_a_wheel_that_a_folder_lacks_or_has_in_another_version_is_named(tmp_path: Path) -> None:
    source, to = tmp_path / "source", tmp_path / "to"
    source.mkdir()
    to.mkdir()
    (source / "numpy-2.0.0-cp311-none-any.whl").write_bytes(b"")
    (source / "pyyaml-6.0-cp311-none-any.whl").write_bytes(b"")
    wanted = {"numpy": "2.0.0", "pyyaml": "6.1", "timm": "1"}
    assert wheels.copied(wanted, source, to) == ["pyyaml==6.1", "timm==1"]
    assert [file.name for file in to.iterdir()] == ["numpy-2.0.0-cp311-none-any.whl"]

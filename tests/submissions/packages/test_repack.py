"""A distribution that is installed becomes a wheel again, which pip takes as the first one."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from podium.errors import RunError
from podium.submissions.packages.clean_environment import link_distributions
from podium.submissions.packages.wheels import fits_here, needs_of, podium_wheel, repacked


def installed_in(folder: Path, *wheels: Path) -> Path:
    """Return a folder with these wheels, installed by pip without an index."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    words = [*install, "--no-compile", "--target", str(folder), *map(str, wheels)]
    subprocess.run(words, check=True)
    return folder


def imported_in(folder: Path, code: str) -> str:
    """Return what `code` prints where this folder and the standard library are all there is."""
    begin = f"import sys; sys.path.insert(0, {str(folder)!r}); "
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", begin + code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_a_pure_and_a_compiled_distribution_are_installed_from_their_wheels(tmp_path: Path) -> None:
    wheels = [repacked(name, tmp_path) for name in ("pyyaml", "threadpoolctl")]
    site = installed_in(tmp_path / "site", *wheels)
    code = "import yaml, threadpoolctl; print(yaml.__file__); print(yaml.CSafeLoader.__name__)"
    place, loader = imported_in(site, code).splitlines()
    assert place.startswith(str(site))
    assert loader == "CSafeLoader"  # of the compiled part
    assert [fits_here(wheel) for wheel in wheels] == [True, True]


def test_the_wheel_is_named_and_recorded_as_the_one_that_was_installed(tmp_path: Path) -> None:
    wheel = repacked("pyyaml", tmp_path)
    one = distribution("pyyaml")
    tags = [line[5:] for line in (one.read_text("WHEEL") or "").splitlines() if line[:4] == "Tag:"]
    name, version, *_ = wheel.name.split("-")
    assert (name.lower(), version) == ("pyyaml", one.version)
    for tag in tags:
        assert all(part in wheel.stem for part in tag.split("-"))
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        record = next(entry for entry in names if entry.endswith("/RECORD"))
        now = {row[0]: row[1:] for row in csv.reader(io.StringIO(archive.read(record).decode()))}
    assert set(now) == names
    then = {row[0]: row[1:] for row in csv.reader(io.StringIO(one.read_text("RECORD") or ""))}
    # What the index's own wheel said of each file, by its sha256, is what this one says.
    kept = {entry: digest for entry, digest in then.items() if entry in now and entry != record}
    assert len(kept) > 10
    assert {entry: now[entry] for entry in kept} == kept
    dropped = set(then) - set(now)
    assert all("__pycache__" in one or ".." in one or "dist-info" in one for one in dropped)


@pytest.mark.slow
def test_a_wheel_made_again_of_what_was_installed_from_it_has_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = podium_wheel(tmp_path)
    site = installed_in(tmp_path / "site", first)
    monkeypatch.syspath_prepend(str(site))
    again = tmp_path / "again"
    again.mkdir()
    with zipfile.ZipFile(first) as then, zipfile.ZipFile(repacked("podium-kaggle", again)) as now:
        kept = {name: then.read(name) for name in then.namelist() if "/RECORD" not in name}
        assert {name: now.read(name) for name in now.namelist() if "/RECORD" not in name} == kept


def test_what_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no-such-thing is not installed"):
        repacked("no-such-thing", tmp_path)


def test_a_wheel_for_another_python_or_system_does_not_fit() -> None:
    assert fits_here(Path("podium-1.0-py3-none-any.whl"))
    assert not fits_here(Path("numpy-2.0.0-cp39-cp39-manylinux_2_17_x86_64.whl"))
    assert not fits_here(Path("numpy-2.0.0-py3-none-win_arm64.whl"))
    assert not fits_here(Path("no wheel.whl"))


def test_linked_distributions_are_there_and_their_neighbours_are_not(tmp_path: Path) -> None:
    linked = link_distributions(["pyyaml", "six"], tmp_path / "image")
    assert linked["six"] == distribution("six").version
    code = "import importlib.util as u; print(*(u.find_spec(n) is not None for n in sys.argv[1:]))"
    code = code.replace("sys.argv[1:]", "('yaml', 'six', 'numpy', 'pytest')")
    assert imported_in(tmp_path / "image", code) == "True True False False"


def test_a_folder_is_linked_whole_only_where_no_other_distribution_has_a_file_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    own = ("alone/__init__.py", "alone/inner/deep.py", "shared/one/own.py", "shared/own.py", "m.py")
    others = ("shared/other.py", "shared/two/other.py", "alone/__pycache__/__init__.pyc")
    info = ("pair-1.0.dist-info/METADATA", "pair-1.0.dist-info/RECORD")
    for place in (*own, *others, *info):
        (site / place).parent.mkdir(parents=True, exist_ok=True)
        (site / place).write_text("Name: pair\nVersion: 1.0\n" if place == info[0] else "")
    (site / info[1]).write_text("".join(f"{place},,\n" for place in (*own, *info)))
    monkeypatch.syspath_prepend(str(site))
    image = tmp_path / "image"
    link_distributions(["pair"], image)
    links = {path.relative_to(image).as_posix() for path in image.rglob("*") if path.is_symlink()}
    assert links == {"alone", "shared/one", "shared/own.py", "m.py", "pair-1.0.dist-info"}
    assert all((image / place).samefile(site / place) for place in (*own, *info))


def test_what_a_distribution_needs_is_found_through_extras() -> None:
    found = needs_of(["uvicorn"])
    assert {"uvicorn", "click", "h11"} <= set(found)
    assert "pytest" not in found
    # lightning-fabric asks for fsspec[http], and only that for aiohttp.
    assert "aiohttp" in needs_of(["lightning-fabric"])
    assert "aiohttp" not in needs_of(["fsspec"])

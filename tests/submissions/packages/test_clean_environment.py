"""In the room there is what was put there: no network, no neighbours, no more memory or time."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from podium.errors import RunError
from podium.submissions.packages import clean_environment as limited_module
from podium.submissions.packages.clean_environment import (
    CleanEnvironment,
    make_clean_environment,
    network_isolation,
    run_limited,
)

GB = 10**9
NETWORKS = ["guard", *(["unshare"] if network_isolation() == "unshare" else [])]


@pytest.fixture(params=NETWORKS)
def room(request: pytest.FixtureRequest, tmp_path: Path) -> CleanEnvironment:
    return make_clean_environment(
        tmp_path / "room", network=request.param, linked=["six"], with_pip=False
    )


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def printed(room: CleanEnvironment, code: str) -> str:
    output = room.root / "output.txt"
    room.run(["-c", code], max_time_s=60, max_memory=GB, output=output)
    return output.read_text().strip()


CONNECT = """
import socket
try:
    with socket.socket() as one:
        one.connect(("127.0.0.1", {port}))
except OSError as error:
    print("refused", type(error).__name__)
else:
    print("connected")
"""


def test_a_connection_that_works_outside_fails_in_the_room(
    room: CleanEnvironment, listening: int
) -> None:
    code = CONNECT.format(port=listening)
    outside = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert outside.stdout.strip() == b"connected"
    assert printed(room, code).startswith("refused")


def test_a_process_started_in_the_room_has_no_network_either(
    room: CleanEnvironment, listening: int
) -> None:
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CONNECT!r}])"
    assert printed(room, code.replace("{port}", str(listening))).startswith("refused")


def test_processes_of_the_room_still_talk_to_each_other(room: CleanEnvironment) -> None:
    code = "import socket; a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))"
    assert printed(room, code) == "b'x'"


def test_a_name_has_no_address_in_the_room(room: CleanEnvironment) -> None:
    code = (
        "import socket\ntry: socket.getaddrinfo('example.org', 80)\n"
        "except OSError as error: print('no')"
    )
    assert printed(room, code) == "no"


def test_what_is_installed_here_is_not_in_the_room_but_what_was_linked(
    room: CleanEnvironment,
) -> None:
    code = "import importlib.util as u; print(*(u.find_spec(n) is not None for n in {0}))"
    code = code.format(("six", "numpy", "pytest", "podium", "kaggle"))
    assert printed(room, code) == "True False False False False"


def test_the_developers_variables_home_and_paths_do_not_reach_the_room(
    room: CleanEnvironment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "hidden_module.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("KAGGLE_KEY", "secret-of-mine")
    code = "import os, importlib.util as u; print(u.find_spec('hidden_module')); print(os.environ)"
    text = printed(room, code)
    assert text.startswith("None")
    assert "secret-of-mine" not in text
    home = printed(room, "import pathlib; print(pathlib.Path.home())")
    assert home == str(room.root / "home")


def limited(tmp_path: Path, code: str, *, seconds: float = 120, memory: int = GB) -> object:
    return run_limited(
        [sys.executable, "-c", code],
        env={},
        cwd=tmp_path,
        output=tmp_path / "output.txt",
        max_time_s=seconds,
        max_memory=memory,
    )


def test_a_command_that_exceeds_its_time_limit_is_killed_and_the_limit_is_reported(
    tmp_path: Path,
) -> None:
    start = time.monotonic()
    with pytest.raises(RunError, match=r"s more than the 0.5 s that it may"):
        limited(tmp_path, "import time; time.sleep(60)", seconds=0.5)
    assert time.monotonic() - start < 40


@pytest.mark.slow
def test_memory_of_a_child_counts_and_its_tree_is_killed(tmp_path: Path) -> None:
    child = (
        "import time, os; print(os.getpid(), flush=True); x = b'x' * 300_000_000; time.sleep(60)"
    )
    start = f"[sys.executable, '-c', {child!r}], start_new_session=True"
    code = f"import subprocess, sys; subprocess.run({start})"
    with pytest.raises(RunError, match=r"GB more than the 0.2 GB that it may, and was killed"):
        limited(tmp_path, code, memory=200_000_000)
    pid = int((tmp_path / "output.txt").read_text().split()[0])
    deadline = time.monotonic() + 40
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_a_peak_is_the_memory_that_was_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = tmp_path / "looks"
    looks.touch()
    measure = limited_module._ProcessTree.measure

    def measure_and_tell(tree: limited_module._ProcessTree) -> None:
        measure(tree)
        with looks.open("a") as file:
            file.write(".")

    monkeypatch.setattr(limited_module._ProcessTree, "measure", measure_and_tell)
    code = (
        "import os, time\n"
        "def be_looked_at():\n"
        f"    size = lambda: os.stat({str(looks)!r}).st_size\n"
        "    enough = size() + 2  # the first may have begun before\n"
        "    while size() < enough: time.sleep(0.01)\n"
        "x = b'x' * 200_000_000; be_looked_at(); del x; be_looked_at()"
    )
    ran = limited(tmp_path, code)
    assert ran.peak_bytes == pytest.approx(200_000_000 + 12_000_000, abs=25_000_000)


def test_a_failed_command_is_reported_with_the_end_of_its_output(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"exit code 3 .*\n?.*the reason"):
        limited(tmp_path, "print('the reason'); raise SystemExit(3)")

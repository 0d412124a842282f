from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.errors import RunError
from podium.workflows.tuning.workers import cores_of_workers, run_workers, worker_environments

SITS_AND_WAITS = """\
import pathlib, sys, time
from podium.workflows.tuning.workers import end_with_parent
end_with_parent()
place = pathlib.Path(sys.argv[1])
try:
    place.with_suffix(".begun").touch()
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(0.5)  # a second one would come now
    place.with_suffix(".interrupted").touch()
    sys.exit(130)
"""

PARENT = """\
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run in the background
from podium.workflows.tuning.workers import run_workers
run_workers([[one] for one in sys.argv[2:]], program=(sys.executable, sys.argv[1]))
"""


class RecordedProgress:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


def workers(code: str, words: list[list[str]]) -> list[str]:
    told = RecordedProgress()
    run_workers(words, progress=told, program=(sys.executable, "-c", code))  # type: ignore[arg-type]
    return told.lines


@given(n_cores=st.integers(1, 70), n=st.integers(1, 40))
def test_workers_share_the_cores_evenly_and_no_core_twice_if_there_are_enough(
    n_cores: int, n: int
) -> None:
    cores = [3 * core for core in range(n_cores)]
    shares = cores_of_workers(cores, n)
    assert len({len(share) for share in shares}) == 1
    each = [core for share in shares for core in share]
    assert set(each) <= set(cores)
    if n <= n_cores:
        assert len(shares[0]) == n_cores // n
        assert len(set(each)) == len(each)
    else:
        assert max(map(each.count, each)) <= -(-n // n_cores)


def test_gpus_are_dealt_out_in_turn_and_fewer_threads_that_are_asked_for_stay() -> None:
    said = worker_environments(3, 12, ["0", "1"], {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "9"})
    assert [one["CUDA_VISIBLE_DEVICES"] for one in said] == ["0", "1", "0"]
    assert {one["OMP_NUM_THREADS"] for one in said} == {"2"}
    assert {one["MKL_NUM_THREADS"] for one in said} == {"4"}
    assert "CUDA_VISIBLE_DEVICES" not in worker_environments(1, 1, [], {})[0]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system keeps no affinity")
def test_each_worker_runs_on_its_own_cores_and_libraries_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    code = "import os; print(sorted(os.sched_getaffinity(0)), os.environ['NUMBA_NUM_THREADS'])"
    before = os.sched_getaffinity(0)
    lines = workers(code, [["a"], ["b"]])
    shares = cores_of_workers(sorted(before), 2)
    n = max(1, len(before) // 2)
    assert sorted(lines) == [
        f"worker {at + 1}: {list(share)} {n}" for at, share in enumerate(shares)
    ]
    assert os.sched_getaffinity(0) == before


def test_a_dead_worker_is_reported_with_its_reason_and_the_others_continue(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    code = (
        "import os, pathlib, signal, sys, time\n"
        "what, ended = sys.argv[1], pathlib.Path(sys.argv[2])\n"
        "print(f'{what} begins', flush=True)\n"
        "if what == 'killed': os.kill(os.getpid(), signal.SIGKILL)\n"
        "if what == 'refused':\n"
        "    print('noise\\npodium: no space\\n  fix: make some', file=sys.stderr); sys.exit(2)\n"
        "while not ended.exists(): time.sleep(0.01)\n"
        "print('trial 7 done')\n"
    )
    begun: list[str] = []

    class Watched(RecordedProgress):
        def say(self, message: str) -> None:
            super().say(message)
            begun.extend([message] * message.endswith(" begins"))
            if len(begun) == 3:
                ended.touch()

    told = Watched()
    run_workers(
        [[what, str(ended)] for what in ("good", "killed", "refused")],
        progress=told,  # type: ignore[arg-type]
        program=(sys.executable, "-c", code),
    )
    lines = told.lines
    assert sorted(begun) == [
        "worker 1: good begins",
        "worker 2: killed begins",
        "worker 3: refused begins",
    ]
    assert lines[:4] == [*begun, "worker 1: trial 7 done"]
    assert "worker 2 (process " in lines[4]
    assert lines[4].endswith(") was ended by SIGKILL (out of memory?)")
    assert lines[5].endswith(") ended with exit code 2: no space\n  fix: make some")


def test_where_no_worker_lasts_the_reason_is_an_error() -> None:
    code = "import sys; print('podium: there is nothing', file=sys.stderr); sys.exit(2)"
    with pytest.raises(RunError, match=r"no worker lasted: .*exit code 2: there is nothing"):
        workers(code, [["a"], ["b"]])


def test_much_talk_on_both_streams_blocks_nobody() -> None:
    code = (
        "import sys\nfor i in range(3000):\n    print('x' * 100); print('y' * 100, file=sys.stderr)"
    )
    assert len(workers(code, [["a"], ["b"]])) == 6000


def test_a_worker_that_watches_its_parent_ends_in_peace() -> None:
    code = "from podium.workflows.tuning.workers import end_with_parent as watch; watch(); print(1)"
    assert sorted(workers(code, [["a"], ["b"]])) == ["worker 1: 1", "worker 2: 1"]


def parent_of_two(folder: Path) -> subprocess.Popen[str]:
    script, parent = folder / "worker.py", folder / "parent.py"
    script.write_text(SITS_AND_WAITS)
    parent.write_text(PARENT)
    places = [str(folder / "one"), str(folder / "two")]
    process = subprocess.Popen(
        [sys.executable, parent, script, *places],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(lambda: len(list(folder.glob("*.begun"))) == 2)
    return process


def wait_for(condition: Callable[[], bool], seconds: float = 50.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_interrupt_reaches_every_worker_once_and_the_parent_afterwards(tmp_path: Path) -> None:
    parent = parent_of_two(tmp_path)
    os.killpg(parent.pid, signal.SIGINT)  # as a terminal does
    _, said = parent.communicate(timeout=120)
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert len(list(tmp_path.glob("*.interrupted"))) == 2


def test_workers_of_a_parent_that_was_killed_are_interrupted(tmp_path: Path) -> None:
    parent = parent_of_two(tmp_path)
    parent.kill()
    parent.communicate()
    wait_for(lambda: len(list(tmp_path.glob("*.interrupted"))) == 2)


def test_secrets_are_passed_in_the_environment_of_the_workers() -> None:
    told = RecordedProgress()
    code = "import os; print(os.environ['PGPASSWORD'], 'PATH' in os.environ)"
    run_workers(
        [["a"], ["b"]],
        environment={"PGPASSWORD": "s3cret"},
        progress=told,  # type: ignore[arg-type]
        program=(sys.executable, "-c", code),
    )
    assert sorted(told.lines) == ["worker 1: s3cret True", "worker 2: s3cret True"]

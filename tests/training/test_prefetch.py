from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from podium.errors import RunError
from podium.training.data.streams import in_background, in_processes
from podium.training.fit.fold import memory_advice


def test_processes_keep_the_order() -> None:
    assert list(in_processes(lambda i: i * i, range(7), workers=2)) == [i * i for i in range(7)]


def test_a_process_that_is_killed_is_reported_with_a_fix() -> None:
    def make(i: int) -> int:
        if i == 3:
            os.kill(os.getpid(), signal.SIGKILL)  # as the system does that is short of memory
        return i

    with pytest.raises(RunError, match="ended from outside") as caught, memory_advice():
        list(in_processes(make, range(9), workers=2))
    assert caught.value.fix is not None
    assert "workers" in caught.value.fix


@pytest.mark.parametrize(
    "fault", [MemoryError(), RuntimeError("could not create a primitive descriptor")]
)
def test_too_little_memory_ends_one_training_and_no_search(fault: Exception) -> None:
    with pytest.raises(RunError, match="too little memory"), memory_advice():
        raise fault


def test_another_error_of_a_process_keeps_its_name() -> None:
    def make(i: int) -> int:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"), memory_advice():
        list(in_processes(make, range(9), workers=2))


def test_ahead_keeps_the_order() -> None:
    assert list(in_background(lambda i: i * i, range(20))) == [i * i for i in range(20)]


def test_ahead_raises_where_the_result_would_have_come() -> None:
    def make(i: int) -> int:
        if i == 3:
            raise ValueError("broken")
        return i

    items = in_background(make, range(9))
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="broken"):
        next(items)


def test_ahead_ends_its_thread_when_the_caller_leaves() -> None:
    made = []

    def make(i: int) -> int:
        made.append(i)
        return i

    before = threading.active_count()
    items = in_background(make, range(10_000))
    next(items)
    items.close()
    assert threading.active_count() == before
    count = len(made)
    time.sleep(0.02)
    assert len(made) == count <= 4


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="Linux alone tells which threads there are"
)
def test_no_thread_is_left_to_hold_a_lock_when_a_process_is_forked_next() -> None:
    lingering = 0
    for _ in range(5000):
        (thread,) = in_background(lambda _: threading.get_native_id(), range(1))
        lingering += os.path.lexists(f"/proc/self/task/{thread}")
    assert lingering == 0

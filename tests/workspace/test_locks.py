"""Tests of locks between real processes."""

import os
import socket
import subprocess
import sys
import threading

import pytest

from podium.errors import RunError
from podium.workspace.locks import hold

HOLDER = """
import sys, time
from pathlib import Path
from podium.workspace.locks import hold
with hold(Path(sys.argv[1]), what="fold 0"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    file = tmp_path / "fold-0" / ".lock"
    process = subprocess.Popen([sys.executable, "-c", HOLDER, file], stdout=subprocess.PIPE)
    process.stdout.readline()
    yield file, process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_second_process_is_told_at_once_who_holds_it(holder):
    file, process = holder
    with pytest.raises(RunError) as caught, hold(file, what="fold 0 of a-0123abcd"):
        pass
    text = str(caught.value)
    assert caught.value.exit_code == 1
    assert "fold 0 of a-0123abcd is being worked on by" in text
    assert f"process {process.pid} on {socket.gethostname()} since 20" in text


def test_a_killed_holder_frees_the_lock(holder):
    file, process = holder
    process.kill()
    process.wait()
    with hold(file, what="fold 0"):
        assert str(os.getpid()) in file.with_name(".lock.holder").read_text()
    assert not file.with_name(".lock.holder").exists()


def test_what_a_killed_holder_left_half_written_is_swept(tmp_path):
    code = HOLDER.replace(
        'print("held", flush=True)',
        "from podium.workspace import atomic\n"
        "    with atomic.replacing(Path(sys.argv[1]).with_name('last.pt')) as temporary:\n"
        "        temporary.touch(); print('held', flush=True); time.sleep(60)",
    )
    file = tmp_path / ".lock"
    with subprocess.Popen([sys.executable, "-c", code, file], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.kill()
    assert len([one for one in tmp_path.iterdir() if "last.pt" in one.name]) == 1
    with hold(file, what="fold 0"):
        assert not [one for one in tmp_path.iterdir() if "last.pt" in one.name]


def test_two_threads_of_one_process_exclude_each_other(tmp_path):
    inside, done, outcomes = threading.Event(), threading.Event(), []

    def work():
        with hold(tmp_path / ".lock", what="fold 0"):
            inside.set()
            done.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait(10)
    try:
        with hold(tmp_path / ".lock", what="fold 0"):
            outcomes.append("held twice")
    except RunError:
        outcomes.append("refused")
    finally:
        done.set()
        thread.join()
    assert outcomes == ["refused"]


def test_the_body_may_fail_and_the_lock_is_free_again(tmp_path):
    def fail():
        with hold(tmp_path / ".lock", what="x"):
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    with hold(tmp_path / ".lock", what="x"):
        pass


def test_a_damaged_note_about_the_holder_does_not_hide_that_it_is_held(holder):
    file, _ = holder
    file.with_name(".lock.holder").write_text("{")
    with pytest.raises(RunError, match="another process"), hold(file, what="fold 0"):
        pass

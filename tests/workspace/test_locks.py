"""Tests of locks between real processes."""

import errno
import os
import socket
import subprocess
import sys
import threading

import pytest

from podium.errors import RunError
from podium.workspace.locks import (
    find_holder,
    held_descriptors,
    hold,
    machine_lock_file,
    user_lock_file,
    wait_and_hold,
)

HOLDER = """
import sys, time
from pathlib import Path
from podium.workspace.locks import held_descriptors, hold, machine_lock_file, wait_and_hold
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


def test_the_second_process_gets_an_error_at_once_that_names_the_holder(holder):
    file, process = holder
    with pytest.raises(RunError) as caught, hold(file, what="fold 0 of a-0123abcd"):
        pass
    text = str(caught.value)
    assert caught.value.exit_code == 1
    assert "fold 0 of a-0123abcd is being worked on by" in text
    assert f"process {process.pid} on {socket.gethostname()} since 20" in text


def test_the_holder_of_a_lock_is_read_without_the_lock(holder, tmp_path):
    file, process = holder
    found = find_holder(file)
    assert found is not None
    assert (found.pid, found.host) == (process.pid, socket.gethostname())
    process.kill()
    process.wait()
    assert file.read_text(), "a killed process leaves its note"
    assert find_holder(file) is None
    with hold(file, what="fold 0"):
        pass
    assert find_holder(file) is None
    assert find_holder(tmp_path / "fold-1" / ".lock") is None


def test_a_killed_holder_frees_the_lock(holder):
    file, process = holder
    process.kill()
    process.wait()
    with hold(file, what="fold 0"):
        assert str(os.getpid()) in file.read_text()
    assert file.read_text() == ""


def test_a_killed_holder_leaves_no_file_but_the_lock(holder):
    file, process = holder
    process.kill()
    process.wait()
    assert [one.name for one in file.parent.iterdir()] == [".lock"]


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
            done.wait(120)

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(60)
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
    file.write_text("{")
    with pytest.raises(RunError, match="another process"), hold(file, what="fold 0"):
        pass


@pytest.fixture
def lock_holder(tmp_path):
    file = tmp_path / "turns" / ".lock"
    code = HOLDER.replace("hold(", "wait_and_hold(").replace("import hold", "import wait_and_hold")
    process = subprocess.Popen([sys.executable, "-c", code, file], stdout=subprocess.PIPE)
    process.stdout.readline()
    yield file, process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_lock_is_waited_for_and_its_holder_is_reported_once(lock_holder):
    file, process = lock_holder
    reported = []
    with (
        pytest.raises(RunError, match=f"upload .* process {process.pid} on .* since 20"),
        wait_and_hold(file, what="upload", wait_s=0.3, waiting=reported.append),
    ):
        pass
    assert len(reported) == 1
    assert f"process {process.pid}" in reported[0]
    threading.Timer(0.3, process.kill).start()
    with wait_and_hold(file, what="upload", wait_s=50):
        assert str(os.getpid()) in file.read_text()
    assert file.read_text() == ""


def test_what_others_wrote_into_a_shared_lock_is_not_believed(lock_holder):
    file, _ = lock_holder
    for note in (
        '{"pid": "x"}',
        "[]",
        "{",
        '{"pid": 1, "host": "\\u001b[31m\\n", "since": "now"}',
    ):
        file.write_text(note)
        with pytest.raises(RunError) as caught, wait_and_hold(file, what="upload"):
            pass
        assert "\x1b" not in caught.value.message
        assert "\n" not in caught.value.message


def test_two_kinds_of_lock_on_one_file_exclude_each_other(lock_holder):
    file, _ = lock_holder
    with pytest.raises(RunError), hold(file, what="fold 0"):
        pass


def test_a_task_keeps_the_lock_of_its_caller_until_it_ends(tmp_path):
    """Checked by another process, since the lock belongs to the open file, not to this one."""
    ask = (
        "import sys; from pathlib import Path; from podium.workspace.locks import wait_and_hold\n"
        "with wait_and_hold(Path(sys.argv[1]), what='x'): print('free')"
    )
    file = tmp_path / ".lock"

    def is_free():
        done = subprocess.run([sys.executable, "-c", ask, file], capture_output=True, text=True)
        return done.stdout == "free\n"

    with wait_and_hold(file, what="x"):
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=held_descriptors()
        )
    try:
        assert held_descriptors() == ()
        assert not is_free()
    finally:
        child.communicate()
    assert is_free()


def test_the_lock_of_a_user_lies_in_the_folder_of_state(tmp_path, monkeypatch):
    assert user_lock_file("submit-pets", {"XDG_STATE_HOME": str(tmp_path)}) == (
        tmp_path / "podium/locks/submit-pets.lock"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_lock_file("x", {}) == tmp_path / ".local/state/podium/locks/x.lock"


def test_a_lock_for_everyone_may_be_taken_by_everyone(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = machine_lock_file("submit-pets")
    before = os.umask(0o077)
    try:
        with wait_and_hold(file, what="x", everyone=True):
            pass
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o666
    assert file.parent.stat().st_mode & 0o7777 == 0o1777
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"), wait_and_hold(file, what="x", everyone=True):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_drive_without_locks_stops_no_work(tmp_path, monkeypatch):
    def none_here(descriptor, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", none_here)
    with wait_and_hold(tmp_path / ".lock", what="x"), wait_and_hold(tmp_path / ".lock", what="x"):
        pass

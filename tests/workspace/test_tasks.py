"""Tests of tasks: results, errors, time limits and secrets across a real process boundary."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from podium.errors import DataError, QuotaError, RunError, TaskTimeoutError
from podium.workspace import processes
from podium.workspace.processes import call, process_has_ended, process_identity, redact

TARGETS = '''
import os, subprocess, sys, time
from podium.errors import QuotaError

def double(value):
    print("this is captured")
    return {"twice": value["x"] * 2}

def refuse(_):
    raise QuotaError("no submissions left", where="titanic", fix="wait until 00:00 UTC")

class DataError(Exception):
    """Named as one of podium's, and is none of them."""

def foreign(_):
    raise DataError("not podium's")

def look(names):
    return {name: os.environ.get(name) for name in names}

def print_and_exit(text):
    print(text)
    sys.exit(1)

def exit_at_once(text):
    print(text, flush=True)
    os._exit(7)

def read_stdin(_):
    return sys.stdin.read()

def with_child(file):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with open(file, "w") as stream:
        stream.write(f"{os.getpid()} {child.pid}")
    time.sleep(60)

def with_child_left_behind(file):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with open(file, "w") as stream:
        stream.write(f"{os.getpid()} {child.pid}")
    return 1

def not_json(_):
    return {1, 2}

def raise_os_error(path):
    open(path)
'''


@pytest.fixture
def run(tmp_path, monkeypatch):
    (tmp_path / "task_targets.py").write_text(TARGETS)
    monkeypatch.syspath_prepend(tmp_path)

    def run(name, argument=None, timeout_s=120.0, **more):
        return call(f"task_targets:{name}", argument, timeout_s=timeout_s, **more)

    return run


def is_running(pid):
    """A zombie is not running: it waits for a parent that never reaps it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition, within_s=40.0):  # less than the minute that children sleep
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_result_comes_back_and_the_output_does_not(run, capfd):
    assert run("double", {"x": 21}) == {"twice": 42}
    assert capfd.readouterr() == ("", "")


def test_podiums_errors_come_back_as_they_were_raised(run):
    with pytest.raises(QuotaError) as caught:
        run("refuse")
    error = caught.value
    assert (error.message, error.where) == ("no submissions left", "titanic")
    assert error.fix == "wait until 00:00 UTC"


def test_a_foreign_error_is_a_run_error_even_when_its_name_is_one_of_ours(run):
    with pytest.raises(RunError, match="DataError: not podium's") as caught:
        run("foreign")
    assert not isinstance(caught.value, DataError)


def test_a_systems_error_names_its_file(run, tmp_path):
    with pytest.raises(RunError, match="No such file") as caught:
        run("raise_os_error", str(tmp_path / "absent"))
    assert caught.value.where == str(tmp_path / "absent")


def test_a_task_beyond_its_time_is_killed_with_its_children(run, tmp_path, monkeypatch):
    file, limit_s = tmp_path / "pids", 0.25
    wait = subprocess.Popen.wait

    def wait_late(process, timeout=None):
        """Let the time begin when the child is there, however slow the machine is."""
        if timeout == limit_s:
            wait_until(lambda: file.exists() and len(file.read_text().split()) == 2)
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", wait_late)
    with pytest.raises(TaskTimeoutError, match=r"within 0\.25 s"):
        run("with_child", str(file), timeout_s=limit_s)
    pids = file.read_text().split()
    wait_until(lambda: not any(is_running(pid) for pid in pids))


def test_children_left_behind_end_with_their_task(run, tmp_path):
    assert run("with_child_left_behind", str(tmp_path / "pids")) == 1
    _, child = (tmp_path / "pids").read_text().split()
    wait_until(lambda: not is_running(child))


def test_a_task_ends_when_its_caller_is_killed(run, tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from podium.workspace.processes import call;"
        "call('task_targets:with_child', sys.argv[2], timeout_s=60)"
    )
    file = tmp_path / "pids"
    caller = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(file)])
    wait_until(lambda: file.exists() and len(file.read_text().split()) == 2)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    pids = file.read_text().split()
    wait_until(lambda: not any(is_running(pid) for pid in pids))


def test_an_exit_is_reported_with_its_last_output(run):
    with pytest.raises(RunError, match="SystemExit: 1; it printed last: no credentials"):
        run("print_and_exit", "no credentials")
    with pytest.raises(RunError, match="exit code 7 without an answer; it printed last: bye"):
        run("exit_at_once", "bye")


def test_no_secret_is_quoted(run):
    env = {**os.environ, "KAGGLE_API_TOKEN": "s3cr3t-token"}
    text = "Authorization: Bearer abc.def-123 s3cr3t-token PUT https://up.load/x?upload_id=99"
    with pytest.raises(RunError) as caught:
        run("exit_at_once", text, env=env)
    for secret in ("abc.def-123", "s3cr3t-token", "upload_id"):
        assert secret not in str(caught.value)
    assert "https://up.load/x?***" in str(caught.value)


def test_a_short_value_is_not_taken_for_a_secret():
    assert redact("a key of 1", {"SORT_KEY": "1"}) == "a key of 1"


def test_the_environment_can_be_given_whole(run, monkeypatch):
    monkeypatch.setenv("VERBOSE", "1")
    assert run("look", ["VERBOSE"]) == {"VERBOSE": "1"}
    env = {"PATH": os.environ["PATH"], "EXTRA": "2"}
    assert run("look", ["VERBOSE", "EXTRA"], env=env) == {"VERBOSE": None, "EXTRA": "2"}


def test_a_task_that_reads_the_terminal_gets_nothing(run):
    assert run("read_stdin") == ""


@pytest.mark.parametrize(
    ("target", "expected"),
    [("not_json", "TypeError"), ("absent", "AttributeError"), ("absent.x", "AttributeError")],
)
def test_impossible_requests_are_reported(run, target, expected):
    with pytest.raises(RunError, match=expected):
        run(target)


def test_a_process_is_known_to_have_ended_on_its_own_machine_alone():
    with subprocess.Popen(["sleep", "60"]) as process:
        identity = processes._identity(process.pid)
        assert not process_has_ended(identity)
        assert process_has_ended([*identity[:3], "1"])  # another one has its number now
        process.kill()
        while not process_has_ended(identity):  # dead at once, before anybody has waited for it
            time.sleep(0.01)
    assert process_has_ended(identity)
    assert not process_has_ended(["another boot", *identity[1:]])
    assert not process_has_ended([identity[0], "another container", *identity[2:]])
    assert not process_has_ended(process_identity())
    assert not process_has_ended(None)

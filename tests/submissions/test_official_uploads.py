"""Uploads by the unmodified official client, in real processes that are stopped and killed."""

from __future__ import annotations

import json
import logging
import os
import signal
import stat
import textwrap
import threading
import time
from pathlib import Path

import pytest
from forked import ForkedScript
from submissions.faulty_host import IDS, TRUTH, Fault, Hold, Reply, serving, write_competition

from podium.competition.spec import load_competition
from podium.errors import HostError, PodiumError, RunError
from podium.submissions import Endpoint, submit_file
from podium.submissions.upload.receipt import read_receipts
from podium.workspace.layout import Workspace

COMMAND = textwrap.dedent("""
    import sys
    from podium.submissions.upload import submit
    submit.RECONCILE_S, submit.LOCK_WAIT_S = map(float, sys.argv[1:3])
    from podium.cli.app import main
    sys.argv[1:] = sys.argv[3:]
    main()
""")


@pytest.fixture
def host():
    with serving() as made:
        yield made


@pytest.fixture
def root(tmp_path, host):
    """A workspace whose competition is at the faulty host, with a right file."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "good.csv").write_text("id,label\n" + "".join(f"{i},{TRUTH[i]}\n" for i in IDS))
    write_competition(folder, host.url)
    return folder


@pytest.fixture
def submit(root, host, monkeypatch):
    """Return the public function, called in this process."""
    monkeypatch.setattr("podium.submissions.upload.submit.RECONCILE_S", 0.0)
    monkeypatch.setattr("podium.submissions.upload.submit.LOCK_WAIT_S", 0.0)
    endpoint = Endpoint(host.url, {"KAGGLE_API_TOKEN": host.token})

    def run(**options):
        return submit_file(
            Workspace(root),
            load_competition(root),
            root / "good.csv",
            endpoint=endpoint,
            **options,
        )

    return run


@pytest.fixture
def started(root, host, tmp_path):
    """Return a function that starts `podium …` with short waits and a TMPDIR of its own."""
    (tmp_path / "tmp").mkdir()
    running = []

    def start(*words, options=("--wait", "3s"), doubt_s=0.2, turn_s=60.0):
        env = {**os.environ, "KAGGLE_API_TOKEN": host.token, "TMPDIR": str(tmp_path / "tmp")}
        script = tmp_path / "command.py"
        script.write_text(COMMAND)
        about = [str(doubt_s), str(turn_s), *words, "-w", str(root)]
        submit = ["submit", str(root / "good.csv"), *options]
        process = ForkedScript(script, [*about, *submit], env=env, cwd=tmp_path)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def attempt_of(root):
    (file,) = (root / "submissions").glob("*/attempt.json")
    return json.loads(file.read_text())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "stage"),
    [
        pytest.param("StartSubmissionUpload", "uploading", marks=pytest.mark.slow),
        pytest.param("PUT", "uploading", marks=pytest.mark.slow),
        ("CreateSubmission", "creating"),
    ],
)
def test_each_stage_is_on_the_disk_when_the_host_hears_of_it(host, root, submit, call, stage):
    host.hold = hold = Hold(call, "upload", "before")
    failures = []

    def run():
        try:
            submit()
        except PodiumError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert hold.met.wait(120)
        assert attempt_of(root)["stage"] == stage
    finally:
        hold.release.set()
        thread.join()
    assert len(failures) == (call != "PUT")  # the client itself tries that again
    if failures:
        assert isinstance(failures[0], HostError)
        submit()
    assert [one.state for one in read_receipts(Workspace(root))] == ["complete"]
    assert attempt_of(root)["stage"] == "created"
    assert attempt_of(root)["ref"] == host.submissions[0].ref
    assert len(host.submissions) == 1


def children_of(pid):
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def state_of(path: Path) -> str:
    return path.read_text().rpartition(")")[2].split()[0]


def is_running(pid: int) -> bool:
    """Return whether the process is there; one that nobody has waited for yet is not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and state_of(stat) != "Z"


def stop(pid: int) -> None:
    """Stop a process and wait until each of its threads has stopped; the signal alone is a wish."""
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + 30
    while {state_of(one) for one in Path(f"/proc/{pid}/task").glob("*/stat")} != {"T"}:
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_client_that_outlives_its_killed_command_keeps_the_submission_lock(
    host, root, submit, started
):
    """Stopped, the client cannot die with its caller: nothing else may submit until it has."""
    host.hold = hold = Hold("PUT", "upload", "before")
    first = started()
    assert hold.met.wait(120)
    (client,) = children_of(first.pid)
    stop(client)
    first.kill()
    first.wait()
    try:
        with pytest.raises(RunError, match=f"process {first.pid}"):
            submit()
        assert host.log.count("upload StartSubmissionUpload") == 1
    finally:
        os.kill(client, signal.SIGCONT)
    second = started()
    _, printed = second.communicate(180)
    assert second.returncode == 0, printed
    assert not is_running(client)
    assert len(host.submissions) == 1
    assert [one.state for one in read_receipts(Workspace(root))] == ["complete"]


@pytest.mark.slow  # quickly: the kill of test_fault_matrix.py, and those of test_upload.py
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_command_killed_around_the_submission_is_put_right_by_the_next(host, root, started, when):
    """With `before`, the host acts two seconds after both processes are gone."""
    host.hold = hold = Hold("CreateSubmission", "upload", when, late_s=2.0)
    first = started()
    assert hold.met.wait(120)
    first.kill()
    first.wait()
    hold.release.set()
    second = started(options=("--json",), doubt_s=30)
    out, err = second.communicate(timeout=180)
    assert second.returncode == 0, err
    assert json.loads(out)["state"] == "complete"
    host.settle()
    assert len(host.submissions) == 1
    (receipt,) = read_receipts(Workspace(root))
    assert (receipt.state, receipt.ref) == ("complete", host.submissions[0].ref)


FAULTS = [Fault("CreateSubmission", "401", "upload")]
SLOW_FAULTS = [
    Fault("IntrospectToken", "500", "before", always=True),
    Fault("CreateSubmission", "cut", "upload"),
    Fault("ListSubmissions", "401", "poll", always=True),
]
LONG_FAULTS = [
    Fault("PUT", "500", "upload"),
    Fault("GetSubmissionLimits", "401", "before"),
    Fault("StartSubmissionUpload", "404", "upload"),
    Fault("CreateSubmission", "500", "upload"),
]


@pytest.mark.parametrize(
    "fault",
    [
        *FAULTS,
        *(pytest.param(one, marks=pytest.mark.slow) for one in SLOW_FAULTS),
        *(pytest.param(one, marks=(pytest.mark.slow, pytest.mark.long)) for one in LONG_FAULTS),
    ],
    ids=lambda one: f"{one.call} {one.kind}",
)
def test_no_secret_reaches_a_screen_a_log_or_a_file(
    host, root, started, submit, fault, tmp_path, caplog, capfd
):
    """The host says its secrets in every refusal; `--debug` adds tracebacks alone."""
    caplog.set_level(logging.DEBUG)
    host.faults = [fault]
    command = started("--debug")
    shown = "".join(command.communicate(timeout=180))
    host.next_run()
    host.faults = [fault]
    try:
        submit(wait_s=0)
    except PodiumError as error:
        shown += f"{error!r} {error}"
    captured = capfd.readouterr()
    shown += captured.out + captured.err + caplog.text
    assert any(line.endswith(f"{fault.call} ! {fault.kind}") for line in host.log)
    for secret in host.secrets():
        assert secret not in shown
        for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
            assert secret.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_what_the_client_keeps_while_it_uploads_is_for_this_user_alone(host, started, tmp_path):
    host.hold = hold = Hold("PUT", "upload", "before")
    command = started()
    assert hold.met.wait(120)
    kept = list((tmp_path / "tmp").iterdir())
    # The folder of locks is everyone's: no secret is in it.
    modes = {
        path.name.split(".")[1]: stat.S_IMODE(path.stat().st_mode)
        for path in kept
        if path.name != "podium-locks"
    }
    hold.release.set()
    command.communicate(timeout=180)
    assert modes == {"podium-task": 0o700, "podium-client": 0o700}
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["podium-locks"]


@pytest.mark.slow  # quickly, with a host in memory: test_upload.py
@pytest.mark.parametrize("kind", ["429", "500"])
def test_upload_succeeds_where_its_score_cannot_be_fetched(host, root, started, kind):
    host.faults = [Fault("ListSubmissions", kind, "poll", always=True)]
    command = started(options=("--wait", "1s"))
    _, err = command.communicate(timeout=180)
    assert command.returncode == 0, err
    assert "it is submitted, as the host's number" in err
    assert "and not scored yet" in err
    assert read_receipts(Workspace(root))[0].state == "submitted"
    assert len(host.submissions) == 1


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize(
    ("call", "content", "media"),
    [
        ("ListSubmissions", b"[]", "text/plain"),
        *(
            pytest.param(call, content, "application/json", marks=[pytest.mark.slow, *more])
            for call, content, *more in (
                ("ListSubmissions", b'{"submissions": [null]}'),
                ("GetSubmissionLimits", b'{"numToday": "x"}'),
                ("CreateSubmission", b"null"),
                ("ListSubmissions", b"[]", pytest.mark.long),
                ("ListSubmissions", b"null", pytest.mark.long),
                ("ListSubmissions", b'{"submissions": null}', pytest.mark.long),
                ("ListSubmissions", b'{"submissions": [[]]}', pytest.mark.long),
                ("ListSubmissions", b'{"submissions": [{"ref": 1, "status": "ODD"}]}'),
                ("GetSubmissionLimits", b"null", pytest.mark.long),
            )
        ),
    ],
)
def test_a_response_of_another_form_is_reported_and_ignored(
    host, submit, root, call, content, media, monkeypatch
):
    monkeypatch.setattr("podium.submissions.upload.submit.UNLISTED_S", 0.0)
    real = host._act
    host._act = lambda of, *rest: Reply(200, content, media) if of == call else real(of, *rest)
    with pytest.raises(HostError, match=r"not the form of|not JSON, or no object") as caught:
        submit(wait_s=0)
    assert "Error" not in caught.value.message
    assert caught.value.fix
    host._act = real
    assert submit(wait_s=0).state in ("submitted", "complete")
    assert len(host.submissions) == 1

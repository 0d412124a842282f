"""What the receipt, the note of the attempt and the disk leave behind, and what follows from it."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podium.errors import HostError, QuotaError, RunError, SubmissionError
from podium.submissions import Endpoint, submit_file
from podium.submissions.upload.attempt import ATTEMPT_FILE, note_attempt
from podium.submissions.upload.receipt import read_receipts
from podium.workspace import atomic
from podium.workspace.atomic import write_text
from podium.workspace.layout import Workspace

ENDPOINT = Endpoint("http://127.0.0.1:9", {"KAGGLE_API_TOKEN": "a-token"}, place="in-memory")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr("podium.submissions.upload.submit.RECONCILE_S", 0.0)
    monkeypatch.setattr("podium.submissions.upload.submit.UNLISTED_S", 0.0)
    monkeypatch.setattr("podium.submissions.upload.submit.LOCK_WAIT_S", 0.0)


class RecordedProgress(list):
    """Progress that keeps what was said."""

    say = list.append

    @property
    def text(self):
        return "\n".join(self)


@pytest.fixture
def told():
    return RecordedProgress()


@pytest.fixture
def submit(workspace, competition_of, good_file, host, told):
    competition = competition_of()

    def run(**options):
        return submit_file(
            workspace,
            competition,
            good_file,
            endpoint=ENDPOINT,
            client=host,
            progress=told,
            **options,
        )

    return run


def receipt_file(workspace):
    (path,) = workspace.submissions.glob("*/receipt.json")
    return path


def breaking(host, stage, *, arrives=False, ref=None, error=None):
    """Let the next upload end at `stage`, as the client's process notes it."""
    real = type(host).submit

    def submit(file, description):
        if arrives:
            real(host, file, description)
        if stage is not None:
            note_attempt(file.with_name(ATTEMPT_FILE), stage, ref)
        host.__dict__.pop("submit")
        raise error or HostError("it broke")

    host.submit = submit


@pytest.mark.parametrize("stage", ["started", "uploading", "refused"])
def test_an_upload_that_requested_no_submission_is_certainly_not_at_the_host(
    submit, workspace, host, stage
):
    breaking(host, stage)
    with pytest.raises(HostError, match=r"^it broke$"):
        submit()
    assert host.calls == ["look"]  # no second look: there is nothing to look for
    assert read_receipts(workspace)[0].state == "failed"
    assert submit().state == "complete"
    assert len(host.submissions) == 1


@pytest.mark.parametrize("stage", [None, "called", "creating"])
def test_an_upload_that_may_have_requested_a_submission_is_searched_at_the_host(
    submit, host, stage
):
    breaking(host, stage, arrives=True)
    assert submit().state == "complete"
    assert len(host.submissions) == 1


@pytest.mark.parametrize("listed", [True, False])
def test_submission_is_identified_by_the_number_in_the_response(submit, workspace, host, listed):
    """The answer came, and the process ended before it could hand it on."""
    breaking(host, "created", arrives=True, ref=1)
    host.look, real = (lambda marker: replace(real(marker), found=None)), host.look
    host.wait = lambda marker, wait_s: host.submissions[0] if listed else None
    receipt = submit()
    assert (receipt.state, receipt.ref) == ("submitted", 1)
    assert submit().ref == 1  # and the second command sends nothing either
    assert len(host.submissions) == 1


def test_a_submission_that_the_host_does_not_list_is_not_sent_again(submit, workspace, host):
    host.wait = lambda marker, wait_s: None
    assert submit().state == "submitted"
    kept, host.submissions = host.submissions, []
    assert submit().state == "submitted"
    assert host.submissions == []
    assert len(kept) == 1


def test_a_command_killed_with_the_number_in_its_hands_needs_no_listing(submit, workspace, host):
    host.wait = lambda marker, wait_s: None
    submit()
    (folder,) = {path.parent for path in workspace.submissions.glob("*/receipt.json")}
    note_attempt(folder / ATTEMPT_FILE, "created", 1)
    interrupted(workspace)
    host.look = lambda marker: pytest.fail("not asked")
    receipt = submit()
    assert (receipt.state, receipt.ref) == ("submitted", 1)
    assert len(host.submissions) == 1


def test_again_continues_an_unfinished_upload(submit, host, told):
    real, host.wait = host.wait, lambda marker, wait_s: None
    first = submit()
    host.wait = real
    assert submit(again=True).id == first.id
    assert "not finished: it is continued first" in told.text
    assert len(host.submissions) == 1
    assert submit(again=True).id != first.id
    assert len(host.submissions) == 2


def interrupted(workspace, **changes):
    """Make the receipt what a killed command left: the upload had begun."""
    path = receipt_file(workspace)
    content = json.loads(path.read_text())
    write_text(path, json.dumps({**content, "state": "uploading", "ref": None, **changes}))


def test_interrupted_upload_is_searched_until_its_window_ends(
    submit, workspace, host, monkeypatch, told
):
    waited = []
    monkeypatch.setattr("podium.submissions.upload.submit.RECONCILE_S", 60.0)
    monkeypatch.setattr("podium.submissions.upload.submit.time.sleep", waited.append)
    submit()
    moment = datetime.now(UTC).isoformat()
    interrupted(workspace, attempted=moment)
    real, looks = host.look, []

    def slow_look(marker):
        looks.append(marker)
        return real(marker) if len(looks) > 3 else replace(real(marker), found=None)

    host.look = slow_look
    assert submit().state == "complete"
    assert waited == [1, 2, 4]
    assert "looking for it for 60 s more" in told.text
    assert len(host.submissions) == 1


def test_an_interrupted_upload_that_had_sent_nothing_is_sent_without_a_wait(
    submit, workspace, host, monkeypatch
):
    monkeypatch.setattr("podium.submissions.upload.submit.RECONCILE_S", 3600.0)
    breaking(host, "uploading")
    with contextlib.suppress(HostError):
        submit()
    interrupted(workspace, attempted=datetime.now(UTC).isoformat())
    assert submit().state == "complete"
    assert len(host.submissions) == 1


def test_a_record_of_an_earlier_attempt_does_not_affect_the_next(submit, workspace, host):
    breaking(host, "uploading")
    with contextlib.suppress(HostError):
        submit()
    breaking(host, None, arrives=True)  # this one arrives, and its process notes nothing
    assert submit().state == "complete"
    assert len(host.submissions) == 1


def test_quota_that_ends_between_check_and_upload_loses_nothing(submit, workspace, host):
    """Midnight is the host's: it refuses late, and the next day the same command sends it."""
    breaking(host, "refused", error=QuotaError("your allowance is used", fix="wait"))
    with pytest.raises(QuotaError, match="allowance"):
        submit()
    receipt = read_receipts(workspace)[0]
    assert (receipt.state, receipt.error) == ("failed", "your allowance is used")
    assert submit(message="next day").state == "complete"
    assert [one.description for one in host.submissions] == [f"[podium-{receipt.id}] next day"]


def test_a_team_mates_submission_is_found_without_a_receipt_and_reported(
    submit, workspace, host, told
):
    first = submit()
    shutil.rmtree(workspace.submissions / first.id)
    shutil.rmtree(workspace.root / ".podium", ignore_errors=True)
    found = submit()
    assert (found.id, found.ref, found.state) == (first.id, first.ref, "complete")
    assert "the host has it already: number 1" in told.text
    assert "another copy of this workspace" in told.text
    assert len(host.submissions) == 1


def test_again_counts_on_where_receipts_are_missing(submit, workspace, host):
    """The id of a repetition is its number's: a missing receipt must not make two of one id."""
    submit()
    second, third = submit(again=True), submit(again=True)
    assert len(host.submissions) == 3
    shutil.rmtree(workspace.submissions / second.id)
    assert submit(again=True).id == second.id  # found at the host, not sent
    assert len(host.submissions) == 3
    fourth = submit(again=True)
    assert len(host.submissions) == 4
    assert len({second.id, third.id, fourth.id}) == 3


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"schema_version": 2}'])
def test_a_receipt_that_cannot_be_read_is_named_kept_and_nothing_is_sent(
    submit, workspace, host, content
):
    submit()
    path = receipt_file(workspace)
    path.write_bytes(content)
    host.calls.clear()
    for options in ({}, {"again": True}):
        with pytest.raises(SubmissionError, match="cannot be read") as caught:
            submit(**options)
        assert caught.value.where == str(path)
        assert path.read_bytes() == content
    assert host.calls == []
    path.rename(path.with_name("receipt.json.broken"))
    assert submit().state == "complete"
    assert len(host.submissions) == 1


def test_an_unreadable_receipt_of_other_content_blocks_no_upload(submit, workspace, host):
    broken = workspace.submissions / "0123abcd" / "receipt.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    assert submit().state == "complete"


@pytest.mark.parametrize("place", range(1, 6))
def test_a_disk_that_is_full_at_any_write_doubles_and_loses_nothing(
    submit, workspace, host, monkeypatch, place
):
    """Writes in order: copy, `uploading`, [upload], `submitted`, scored."""
    real, writes = atomic.replacing, []

    def full(path, **options):
        writes.append(path)
        if len(writes) == place:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return real(path, **options)

    monkeypatch.setattr(atomic, "replacing", full)
    if place == 5:
        assert submit().state == "complete"
        assert len(writes) == 4
        return
    with pytest.raises((OSError, RunError)) as caught:
        submit()
    sent = place > 2
    assert len(host.submissions) == sent
    if sent:
        assert "the host has the submission (number 1)" in str(caught.value)
        assert "repeat the command" in caught.value.fix
    monkeypatch.setattr(atomic, "replacing", real)
    assert submit().state == "complete"
    assert len(host.submissions) == 1


@pytest.mark.parametrize("error", [HostError("the host refused (429)"), RunError("cut")])
def test_submission_is_kept_where_its_score_cannot_be_fetched(submit, workspace, host, told, error):
    def wait(marker, wait_s):
        raise error

    host.wait = wait
    receipt = submit()
    assert (receipt.state, receipt.ref) == ("submitted", 1)
    assert read_receipts(workspace) == [receipt]
    assert error.message in told.text
    assert "it is submitted, as the host's number 1, and not scored yet" in told.text
    assert "`podium board`" in told.text
    del host.wait
    assert submit().public_score == 0.75
    assert len(host.submissions) == 1


def test_a_score_that_is_blank_is_complete(submit, host):
    host.wait = lambda marker, wait_s: replace(host.submissions[0], status="COMPLETE")
    receipt = submit()
    assert (receipt.state, receipt.public_score) == ("complete", None)


def test_the_remaining_quota_is_printed_after_a_submission_and_a_rehearsal(submit, host, told):
    submit(dry_run=True)
    assert "submissions left today: 5; the quota resets at 00:00 UTC, in " in told.text
    submit()
    assert "submissions left today: 4;" in told.text


def test_refused_content_costs_no_quota(submit, host, told):
    host.verdict = "ERROR"
    with pytest.raises(SubmissionError):
        submit()
    assert "submissions left today: 5;" in told.text
    assert "left today: 4" not in told.text


def test_a_file_that_changes_while_it_is_checked_is_not_sent(
    submit, host, good_file: Path, monkeypatch
):
    from podium.submissions.upload import submit as upload

    real = upload.check

    def slow_check(file, competition):
        problems = real(file, competition)
        good_file.write_text("id,label\na.png,cow\n")
        return problems

    monkeypatch.setattr(upload, "check", slow_check)
    with pytest.raises(SubmissionError, match="changed while it was checked"):
        submit()
    assert "submit" not in host.calls


@pytest.fixture
def two_shells(workspace, competition_of, good_file, tmp_path, monkeypatch):
    """Return a function that submits two files from two workspaces at once; it returns outcomes."""
    monkeypatch.setattr("podium.submissions.upload.submit.LOCK_WAIT_S", 30.0)
    competition = competition_of()
    other = tmp_path / "other.csv"
    other.write_text(good_file.read_text().replace("eel", "cat"))
    uploading = threading.Event()

    def run(host, told, places=("one host", "one host")):
        real, waited = host.submit, threading.Event()
        told.on_say = lambda printed: waited.set() if "waiting up to" in printed else None

        began = []

        def slow(file, description):
            began.append(file)
            uploading.set()
            if len(began) == 2:  # nobody was made to wait
                waited.set()
            assert waited.wait(60)  # until the other shell is there, too
            return real(file, description)

        host.submit = slow
        outcomes = [None, None]

        def shell(number, file):
            try:
                outcomes[number] = submit_file(
                    Workspace(tmp_path / f"shell-{number}"),
                    competition,
                    file,
                    endpoint=replace(ENDPOINT, place=places[number]),
                    client=host,
                    progress=told,
                ).state
            except QuotaError as error:
                outcomes[number] = error.message

        threads = [threading.Thread(target=shell, args=(0, good_file))]
        threads[0].start()
        assert uploading.wait(60)
        threads.append(threading.Thread(target=shell, args=(1, other)))
        threads[1].start()
        for thread in threads:
            thread.join()
        return outcomes

    return run


class Heard(RecordedProgress):
    def say(self, message):
        self.append(message)
        self.on_say(message)


def test_two_workspaces_do_not_spend_the_same_quota(host, two_shells):
    host.daily_limit = 2
    told = Heard()
    first, second = two_shells(host, told)
    assert first == "complete"
    assert "last submission of today" in second
    assert len(host.submissions) == 1
    assert f"process {os.getpid()}" in told.text


def test_shells_with_temporary_folders_of_their_own_wait_for_each_other(
    host, two_shells, monkeypatch, tmp_path
):
    """Batch systems and containers give each job its own TMPDIR."""
    files = (tmp_path / f"tmp-{n}" / "x.lock" for n in itertools.count())
    monkeypatch.setattr(
        "podium.submissions.upload.submit.machine_lock_file", lambda name: next(files)
    )
    host.daily_limit = 2
    outcomes = two_shells(host, Heard())
    assert "last submission of today" in outcomes[1]
    assert len(host.submissions) == 1


def test_submissions_to_different_hosts_do_not_wait_for_each_other(host, two_shells):
    told = Heard()
    assert two_shells(host, told, ("here", "there")) == ["complete", "complete"]
    assert "waiting up to" not in told.text


def test_a_host_that_counts_what_it_does_not_list_is_sent_nothing_more(
    submit, workspace, host, told
):
    breaking(host, "creating", arrives=True)
    host.is_behind = True
    for _ in range(3):
        with pytest.raises(HostError, match="counts 1 more submission"):
            submit()
        assert read_receipts(workspace)[0].state == "uploading"
    assert "nothing was submitted" not in told.text
    host.is_behind = False
    assert submit().state == "complete"
    assert len(host.submissions) == 1


def test_a_submission_that_was_taken_for_failed_is_not_sent_again_while_it_is_counted(
    submit, workspace, host
):
    breaking(host, "creating")
    with pytest.raises(HostError, match=r"^it broke$"):
        submit()
    (failed,) = read_receipts(workspace)
    assert failed.state == "failed"
    host.submit(workspace.submissions / failed.id / "submission.csv", failed.description)  # late
    host.is_behind = True
    with pytest.raises(HostError, match="counts 1 more submission"):
        submit()
    assert read_receipts(workspace)[0].state == "uploading"
    host.is_behind = False
    assert submit().state == "complete"
    assert len(host.submissions) == 1

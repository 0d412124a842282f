from __future__ import annotations

import contextlib
import json
import os
import signal
import textwrap
from datetime import UTC, datetime

import pytest
from forked import ForkedScript

from podium.competition.spec import load_competition
from podium.errors import HostError, QuotaError, RunError, SubmissionError, UsageError
from podium.submissions import Endpoint, submit_file
from podium.submissions.upload.client import Limits, ListedSubmission
from podium.submissions.upload.endpoint import slug_of
from podium.submissions.upload.receipt import Receipt, read_receipts, updated_receipt
from podium.workspace.locks import wait_and_hold

SECRET = "KGAT_0123456789abcdef0123456789abcdef"
ENDPOINT = Endpoint("http://127.0.0.1:9", {"KAGGLE_API_TOKEN": SECRET})


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """Waiting between two looks at the host adds nothing here."""
    monkeypatch.setattr("podium.submissions.upload.submit.RECONCILE_S", 0.0)
    monkeypatch.setattr("podium.submissions.upload.submit.LOCK_WAIT_S", 0.0)


@pytest.fixture
def submit(workspace, competition_of, good_file, host):
    """Return the command: submit the good file to the host in memory."""
    competition = competition_of()

    def run(**options):
        return submit_file(
            workspace, competition, good_file, endpoint=ENDPOINT, client=host, **options
        )

    return run


def test_a_submission_ends_with_its_score_and_a_receipt(submit, workspace, host):
    receipt = submit(message="two networks", provenance=["blend-0a1b2c3d"], honest=0.7)
    assert (receipt.state, receipt.public_score, receipt.ref) == ("complete", 0.75, 1)
    assert read_receipts(workspace) == [receipt]
    assert host.submissions[0].description == f"[podium-{receipt.id}] two networks"
    assert (workspace.submissions / receipt.id / "submission.csv").read_bytes() == (
        workspace.root / "good.csv"
    ).read_bytes()
    assert receipt.file == "good.csv"


def test_the_receipt_is_on_the_disk_before_the_host_can_know(submit, workspace, host):
    host.fail = {"submit": "before", "look": ""}
    seen = []
    real = host.submit

    def spying(file, description):
        seen.extend(read_receipts(workspace))
        return real(file, description)

    host.submit = spying
    with pytest.raises(HostError):
        submit()
    assert [one.state for one in seen] == ["uploading"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", ["look", "submit", "wait"])
def test_whatever_call_breaks_the_same_command_ends_with_exactly_one_submission(
    submit, workspace, host, call, when
):
    host.fail = {call: when}
    with contextlib.suppress(HostError):
        submit()
    assert len(host.submissions) <= 1
    host.fail = {}
    try:
        final = submit()
    except SubmissionError:  # it had been scored in spite of the fault
        final = read_receipts(workspace)[0]
    assert len(host.submissions) == 1
    assert final.state == "complete"
    assert len(read_receipts(workspace)) == 1


def test_upload_is_not_repeated_after_a_lost_answer(submit, host):
    host.fail = {"submit": "after"}
    assert submit().state == "complete"
    assert len(host.submissions) == 1


def test_an_uncertain_upload_is_reported_and_stays_uncertain(submit, workspace, host):
    real = host.submit

    def breaks(file, description):
        host.fail = {"submit": "after", "look": "before"}
        return real(file, description)

    host.submit = breaks
    with pytest.raises(HostError, match="not known whether") as caught:
        submit()
    assert "repeat the command" in caught.value.fix
    assert read_receipts(workspace)[0].state == "uploading"


def test_a_refused_upload_leaves_a_failed_receipt_with_the_reason(submit, workspace, host):
    host.fail = {"submit": "before"}
    with pytest.raises(HostError, match="connection broke"):
        submit()
    receipt = read_receipts(workspace)[0]
    assert (receipt.state, receipt.error) == ("failed", "the connection broke")


def test_no_quota_is_an_error_before_the_upload(submit, host):
    host.limits = Limits(today=2, total=9, left=0)
    with pytest.raises(QuotaError, match="nothing was uploaded") as caught:
        submit(yes=True)
    assert "00:00 UTC" in caught.value.fix
    assert caught.value.exit_code == 1
    assert "submit" not in host.calls


def test_no_quota_on_a_day_without_a_submission_is_not_called_used_up(submit, host):
    host.limits = Limits(today=0, total=9, left=0)
    with pytest.raises(QuotaError, match="none was sent today") as caught:
        submit()
    assert "deadline" in caught.value.fix


def test_warnings_about_the_file_are_printed(workspace, competition_of, host, tmp_path):
    file = tmp_path / "odd.csv"
    file.write_text("id,label\nb.png,cat\na.png,cat\nc.png,cat\n")
    progress = RecordedProgress()
    submit_file(
        workspace, competition_of(), file, endpoint=ENDPOINT, client=host, progress=progress
    )
    assert any("not in the order of sample.csv" in message for message in progress.messages)


class RecordedProgress:
    """Progress that keeps what was said."""

    def __init__(self):
        self.messages = []

    def say(self, message):
        self.messages.append(message)


def test_code_competition_is_refused_before_any_request(workspace, competition_of, good_file, host):
    made = competition_of()
    code = made.model_copy(update={"kaggle": made.kaggle.model_copy(update={"kind": "code"})})
    with pytest.raises(UsageError, match="takes a notebook"):
        submit_file(workspace, code, good_file, endpoint=Endpoint(), client=host)
    rehearsed = submit_file(workspace, code, good_file, endpoint=Endpoint(), dry_run=True)
    assert rehearsed.state == "dry_run"
    good_file.write_text(good_file.read_text() + "nobody,1\n")
    with pytest.raises(SubmissionError):
        submit_file(workspace, code, good_file, endpoint=Endpoint(), dry_run=True)
    assert host.calls == []


def test_a_code_competition_of_a_host_of_ones_own_takes_files(
    workspace, competition_of, good_file, host
):
    made = competition_of()
    code = made.model_copy(update={"kaggle": made.kaggle.model_copy(update={"kind": "code"})})
    assert submit_file(workspace, code, good_file, endpoint=ENDPOINT, client=host).ref == 1


def test_the_last_submission_of_the_day_needs_yes(submit, host):
    host.limits = Limits(today=1, total=1, left=1)
    with pytest.raises(QuotaError, match="last submission of today"):
        submit()
    assert host.submissions == []
    assert submit(yes=True).state == "complete"


def test_the_quota_is_never_exceeded_however_often_the_command_runs(
    workspace, competition_of, host, tmp_path
):
    host.daily_limit = 3
    competition = competition_of()
    refused = 0
    for label in ["cat", "dog", "eel", "cat\n", "dog\n"]:
        file = tmp_path / f"{len(host.submissions)}-{refused}.csv"
        file.write_text(f"id,label\na.png,{label}\nb.png,cat\nc.png,cat\n")
        try:
            submit_file(workspace, competition, file, endpoint=ENDPOINT, client=host, yes=True)
        except QuotaError:
            refused += 1
    assert len(host.submissions) == 3  # the host in memory itself asserts that no fourth came
    assert refused == 2


def test_a_new_user_without_a_team_may_submit(submit, host):
    assert Limits(0, 0, 0).unknown
    assert not Limits(1, 1, 0).unknown
    host.limits = Limits(0, 0, 0)
    assert submit().state == "complete"


def test_repeated_content_is_refused_unless_forced(submit, workspace, host, good_file):
    first = submit()
    with pytest.raises(SubmissionError, match=first.id) as caught:
        submit()
    assert "0.75" in caught.value.message
    assert "--again" in caught.value.fix
    with pytest.raises(SubmissionError):
        submit(yes=True)
    second = submit(again=True)
    assert second.id != first.id
    assert len(host.submissions) == 2
    assert len(read_receipts(workspace)) == 2


def test_a_rehearsal_does_not_stand_in_the_way_of_kaggle(
    submit, workspace, competition_of, good_file, host
):
    submit()
    competition = competition_of()
    real = submit_file(workspace, competition, good_file, endpoint=Endpoint(), client=type(host)())
    assert real.target == "kaggle"


def test_dry_run_fetches_the_limits_and_writes_nothing(submit, workspace, host):
    assert submit(dry_run=True).state == "dry_run"
    assert host.calls == ["look"]
    assert read_receipts(workspace) == []


def test_a_bad_file_never_reaches_the_host(workspace, competition_of, host, tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text("id,label\na.png,cow\nb.png,cat\n")
    with pytest.raises(SubmissionError, match="cow") as caught:
        submit_file(workspace, competition_of(), file, endpoint=ENDPOINT, client=host)
    assert "c.png" in str(caught.value)
    assert host.calls == []


def test_a_file_that_the_host_refuses_is_an_error_with_its_reason(submit, workspace, host):
    host.verdict = "ERROR"
    with pytest.raises(SubmissionError, match="row 3 is odd"):
        submit()
    assert read_receipts(workspace)[0].state == "error"


def test_a_score_that_takes_long_is_left_to_the_board(submit, host):
    host.wait = lambda marker, wait_s: host.submissions[0]
    assert submit(wait_s=0).state == "submitted"


def test_a_competition_without_a_slug_cannot_submit(workspace, competition_of, good_file, host):
    file = workspace.root / "competition.yaml"
    competition_of()
    file.write_text(file.read_text().replace("slug: pets, ", ""))
    from podium.competition.spec import load_competition

    with pytest.raises(UsageError, match="no slug and no host") as caught:
        submit_file(workspace, load_competition(file), good_file, endpoint=ENDPOINT, client=host)
    assert caught.value.message.endswith(f"the file is there: {good_file.name}")
    assert "kaggle.slug" in str(caught.value.fix)
    assert "kaggle.host" in str(caught.value.fix)


def test_a_second_shell_reports_the_process_that_submits(submit, workspace, host):
    lock = workspace.submissions / ".lock"
    with wait_and_hold(lock, what="the upload"), pytest.raises(RunError) as error:
        submit()
    assert str(os.getpid()) in str(error.value)
    assert host.calls == []


def test_no_secret_stands_in_any_file_or_text(submit, workspace, host):
    receipt = submit()
    assert SECRET not in repr(ENDPOINT) + str(ENDPOINT) + repr(receipt)
    for path in workspace.root.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


STEPS = ["look", "submit-before", "submit-after", "wait"]


@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_between_any_two_steps_leaves_one_submission_after_the_next_run(
    workspace, competition_of, good_file, host, step
):
    """The host in this process's place is a JSON file, so that it outlives the killed command."""
    competition_of()
    script = textwrap.dedent(f"""
        import json, os, signal
        from pathlib import Path
        from podium.competition.spec import load_competition
        from podium.submissions import Endpoint, submit_file
        from podium.submissions.upload.client import Limits, ListedSubmission, SubmissionLookup
        from podium.workspace.layout import Workspace

        from podium.submissions.upload import submit
        submit.RECONCILE_S = 0.1
        root, step = Path({str(workspace.root)!r}), os.environ["STEP"]
        memory = root / "host.json"
        def known(): return json.loads(memory.read_text()) if memory.exists() else []
        def die(at):
            if at == step: os.kill(os.getpid(), signal.SIGKILL)
        def entry(i, text): return ListedSubmission(i, None, text, "f", "COMPLETE", "", 0.5, None)
        def find(marker):
            return next((entry(i, d) for i, d in enumerate(known(), 1) if marker in d), None)
        class Host:
            def look(self, marker):
                die("look"); return SubmissionLookup(Limits(1, 1, 5), find(marker))
            def submit(self, file, description):
                die("submit-before")
                memory.write_text(json.dumps([*known(), description]))
                die("submit-after")
                return len(known())
            def wait(self, marker, wait_s): die("wait"); return find(marker)
        submit_file(Workspace(root), load_competition(root), root / "good.csv",
                    endpoint=Endpoint("http://127.0.0.1:9"), client=Host())
    """)
    file = workspace.root / "command.py"
    file.write_text(script)
    for at, status in ((step, -signal.SIGKILL), ("", 0)):
        env = {**os.environ, "STEP": at}
        process = ForkedScript(file, [], env=env, cwd=workspace.root)
        _, printed = process.communicate(timeout=60)
        assert process.returncode == status, printed
    assert len(json.loads((workspace.root / "host.json").read_text())) == 1
    assert [one.state for one in read_receipts(workspace)] == ["complete"]


def test_a_dry_run_needs_no_host_and_no_slug(submit, workspace, competition_of, good_file, host):
    host.fail = {"look": "before"}
    assert submit(dry_run=True).state == "dry_run"
    competition_of()
    spec = workspace.competition_file
    spec.write_text(spec.read_text().replace("slug: pets, ", ""))
    nameless = load_competition(workspace.root)
    alone = submit_file(workspace, nameless, good_file, endpoint=Endpoint(), dry_run=True)
    assert alone.state == "dry_run"
    assert read_receipts(workspace) == []


def test_a_dry_run_of_a_code_competition_calls_no_host(workspace, competition_of, good_file, host):
    made = competition_of()
    code = made.model_copy(update={"kaggle": made.kaggle.model_copy(update={"kind": "code"})})
    why = []
    for competition in (made, code):
        progress = RecordedProgress()
        submit_file(
            workspace, competition, good_file, endpoint=Endpoint(), client=host, dry_run=True,
            progress=progress,
        )  # fmt: skip
        why.append([one for one in progress.messages if "no host was asked" in one])
    assert why[0] == []
    assert "takes a notebook" in why[1][0]


@pytest.mark.parametrize(
    ("slug", "host", "name"),
    [
        ("cats", None, "cats"),
        ("cats", "http://127.0.0.1:9", "cats"),
        (None, "http://127.0.0.1:9", "pets"),
        (None, None, None),
    ],
)
def test_a_host_of_ones_own_names_a_competition_without_a_slug_after_its_title(
    competition_of, slug, host, name
):
    made = competition_of()
    kaggle = made.kaggle.model_copy(update={"slug": slug, "host": host})
    made = made.model_copy(update={"kaggle": kaggle})
    if name is None:
        with pytest.raises(UsageError, match="no slug"):
            slug_of(made)
    else:
        assert slug_of(made) == name


def test_the_moment_of_a_submission_is_the_first_that_is_known():
    then, later = datetime(2024, 5, 1, 12, tzinfo=UTC), "2024-05-02T12:00:00"
    receipt = Receipt(
        id="0" * 8, description_id="x", created=then, slug="pets", target="kaggle", file="a.csv",
        file_sha256="0", bytes=1,
    )  # fmt: skip

    def moment(submitted, date):
        entry = ListedSubmission(1, date, "x", "a.csv", "COMPLETE", "", 0.5, None)
        return updated_receipt(receipt.model_copy(update={"submitted": submitted}), entry).submitted

    assert moment(then, later) == moment(then, None) == then
    assert moment(None, later) == datetime(2024, 5, 2, 12, tzinfo=UTC)
    assert moment(None, None) > then


def test_a_receipt_that_cannot_be_opened_is_skipped_with_the_reason_of_the_system(
    workspace, caplog
):
    (workspace.submissions / "00000000" / "receipt.json").mkdir(parents=True)
    assert read_receipts(workspace) == []
    assert "is not a receipt: Is a directory" in caplog.text

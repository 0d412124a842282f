"""Every call of a notebook's way broken, and the command killed between any two of them."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from podium.errors import HostError, PodiumError, SubmissionError
from podium.submissions.upload.receipt import read_receipts
from tests.submissions.kaggle_stand_in import CREATING, READING
from tests.submissions.notebooks.packages import ADDRESS, count, pack_of


class Killed(BaseException):
    """What no step can catch, as little as a SIGKILL."""


# What a command and its repetition make: dataset versions and notebook versions beyond the first.
CASES = [
    *((call, kind) for call in CREATING if call != "CreateDatasetVersion" for kind in
      ("before", "after", "500", "error")),
    *((call, kind) for call in READING for kind in ("before", "500")),
    ("StartBlobUpload", "before"), ("StartBlobUpload", "500"),
    ("PUT", "before"), ("PUT", "after"), ("PUT", "500"), ("GET", "before"), ("GET", "500"),
]  # fmt: skip
SLICE = {
    ("CreateDataset", "after"), ("SaveKernel", "after"), ("CreateCodeSubmission", "after"),
    ("CreateCodeSubmission", "before"), ("SaveKernel", "error"),
}  # fmt: skip


@pytest.mark.other_cases("long", every=3)
@pytest.mark.parametrize(
    ("call", "kind"),
    [pytest.param(*one, marks=() if one in SLICE else pytest.mark.slow) for one in CASES],
)
def test_one_fault_and_the_same_command_again_leave_one_of_each(send, host, workspace, call, kind):
    host.faults = {call: kind}
    with contextlib.suppress(PodiumError):
        send()
    assert not host.faults, "the fault was never met"
    is_done = bool(host.submissions)
    (receipt,) = read_receipts(workspace) or [None]
    if receipt is None or receipt.state != "complete":
        receipt = send()
    assert count(host) == (1, 1, 1)
    assert (receipt.state, receipt.ref) == ("complete", 1)
    assert is_done or kind != "after" or call != "CreateCodeSubmission"


VERSION_CASES = ["before", "after", "500", "error", "lacks"]


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("hides_notes", [False, True])
@pytest.mark.parametrize("kind", VERSION_CASES)
def test_one_fault_of_a_new_version_and_the_same_command_again(
    send, host, tmp_path, kind, hides_notes
):
    """The one version too many is the one that lacks a file: it is there, and of no use."""
    host.hides_notes = hides_notes
    send()
    other = pack_of(tmp_path / "other", b"better weights")
    host.faults = {"CreateDatasetVersion": kind}
    try:
        receipt = send(other)
    except PodiumError:
        assert len(host.submissions) == 1
        receipt = send(other)
    assert not host.faults
    assert count(host) == (3 if kind == "lacks" else 2, 2, 2)
    assert (receipt.state, receipt.ref) == ("complete", 2)
    assert host.datasets[ADDRESS][-1].files["weights-r-fold-0.safetensors"] == b"better weights"


N_CALLS = 12  # of one command: user, limits, dataset, its upload, dataset, notebook, push …


@pytest.mark.other_cases("long", every=3)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "n",
    [pytest.param(n, marks=() if n in (3, 6, 10) else pytest.mark.slow) for n in range(N_CALLS)],
)
def test_killed_around_any_call_the_same_command_goes_on(
    send, host, workspace, monkeypatch, n, when
):
    from podium.submissions import notebooks as code_client
    from podium.submissions.upload import client

    inner, seen = code_client.call_official, []

    def call(*args, **options):
        seen.append(args[1])
        if len(seen) == n + 1 and when == "before":
            raise Killed
        answer = inner(*args, **options)
        if len(seen) == n + 1:
            raise Killed
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(code_client, "call_official", call)
        patch.setattr(client, "call_official", call)
        with pytest.raises(Killed):
            send()
    receipt = send()
    assert count(host) == (1, 1, 1)
    assert (receipt.state, receipt.ref) == ("complete", 1)
    assert read_receipts(workspace) == [receipt]


def test_a_command_makes_as_many_calls_as_the_kills_above_cover(send, monkeypatch):
    from podium.submissions import notebooks as code_client
    from podium.submissions.upload import client

    inner, seen = code_client.call_official, []

    def call(*args, **options):
        seen.append(args[1])
        return inner(*args, **options)

    monkeypatch.setattr(code_client, "call_official", call)
    monkeypatch.setattr(client, "call_official", call)
    send()
    assert len(seen) == N_CALLS, seen


def test_a_notebook_that_still_runs_is_waited_for_by_the_next_command(send, host):
    host.runs_for = 2
    with pytest.raises(HostError, match=r"has not ended \(running\); nothing is submitted yet"):
        send(wait_s=0)
    assert count(host) == (1, 1, 0)
    assert send().state == "complete"
    assert count(host) == (1, 1, 1)


def test_under_another_name_the_notebook_runs_anew_before_it_is_submitted(send, host):
    """Its version 1 is another one than that which ran under the first name."""
    host.faults = {"CreateCodeSubmission": "before"}
    with pytest.raises(HostError):
        send(name="small")
    host.runs_for = 2
    with pytest.raises(HostError, match="has not ended"):
        send(name="large", wait_s=0)
    assert count(host) == (2, 2, 0)


def test_an_interrupted_submission_under_another_name_goes_on_with_its_own_notebook(
    send, host, monkeypatch
):
    from podium.submissions import notebooks as code_client

    inner = code_client.call_official

    def call(endpoint, target, *rest, **options):
        if target == "notebooks:submit":
            raise Killed
        return inner(endpoint, target, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(code_client, "call_official", call)
        with pytest.raises(Killed):
            send(name="small")
    assert send(name="large").state == "complete"
    (sent,) = host.submissions
    assert sent["kernelSlug"] == f"{ADDRESS.partition('/')[2].removesuffix('-podium')}-small-podium"


def test_a_reply_without_a_number_leaves_the_submission_uncertain_and_sends_no_second_one(
    send, host
):
    host.faults = {"CreateCodeSubmission": "nameless"}
    receipt = send()
    assert (receipt.state, receipt.ref) == ("complete", 1)
    assert count(host) == (1, 1, 1)


@pytest.mark.slow
def test_two_shells_with_one_package_submit_once(send, host, in_processes):
    def shell(_):
        try:
            return send().ref
        except SubmissionError as error:
            return error.message

    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(shell, range(2)))
    assert 1 in codes
    assert all(one == 1 or "same content" in one for one in codes)
    assert count(host) == (1, 1, 1)

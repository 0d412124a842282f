"""`submit_code` through the unmodified official client against a stand-in on loopback."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest

from podium.competition.spec import load_competition
from podium.errors import HostError, PodiumError, QuotaError, SubmissionError, UsageError
from podium.submissions.code_parcel import lacking, place_of, read_parcel, title_of
from podium.submissions.code_upload import submit_code
from podium.submissions.endpoint import Endpoint, environment
from podium.submissions.packages import PackedFile, PackRecord
from podium.submissions.receipt import read_receipts
from tests.submissions.kaggle_stand_in import CREATING, READING, SLUG, KaggleStandIn, serving

GOOD = "id,label\na.png,cat\nb.png,dog\nc.png,eel\n"
ADDRESS = f"ann/{SLUG}-podium"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr("podium.submissions.doubt.DOUBT_S", 0.0)
    monkeypatch.setattr("podium.submissions.code_client.STALE_S", 0.0)


@pytest.fixture(autouse=True)
def in_this_process(request, monkeypatch, tmp_path_factory):
    """Call the official client here, logged in anew each time: a process takes a third of a second.

    Not for tests that ask for `in_processes`.
    """
    if "in_processes" in request.fixturenames:
        return
    private = tmp_path_factory.mktemp("client")

    def call(endpoint, target, argument, *, timeout_s):
        variables = environment(endpoint, private, ours=os.environ)
        mask = os.umask(0o077)
        with mock.patch.dict(os.environ, variables, clear=True), mock.patch.object(sys, "argv"):
            try:
                import kaggle
                from kaggle.api.kaggle_api_extended import KaggleApi

                kaggle.api = KaggleApi()
                kaggle.api.authenticate()
                module, _, function = target.partition(":")
                official = importlib.import_module(f"podium.submissions.official.{module}")
                return json.loads(json.dumps(getattr(official, function)(argument)))
            finally:
                os.umask(mask)

    monkeypatch.setattr("podium.submissions.client.call_official", call)
    monkeypatch.setattr("podium.submissions.code_client.call_official", call)


class Killed(BaseException):
    """What no step can catch, as little as a SIGKILL."""


@pytest.fixture
def in_processes():
    """Each call in a process of its own, as at work."""


@pytest.fixture
def competition(competition_of, tmp_path):
    competition_of()
    spec = tmp_path / "competition.yaml"
    old = "kaggle: {slug: pets, daily_limit: 2}"
    spec.write_text(spec.read_text().replace(old, f"kaggle: {{slug: {SLUG}, kind: code}}"))
    return load_competition(tmp_path)


@pytest.fixture
def pack(tmp_path):
    return pack_of(tmp_path / "pack", b"weights")


def pack_of(folder, weights):
    folder.mkdir()
    files = {"weights-r-fold-0.safetensors": weights, "run-r.json": b"{}", "recipe-r.yaml": b"a: 1"}
    listed = {}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        listed[name] = PackedFile(bytes=len(content), sha256=digest)
    record = PackRecord(
        id=PackRecord.id_of(listed),
        title="stars",
        competition="pets",
        created="2026-01-02T03:04:05Z",
        podium="0",
        blend="blend-1",
        honest=0.5,
        runs=(),
        files=listed,
    )
    (folder / "pack.json").write_text(record.model_dump_json())
    return folder


def writes(text=GOOD):
    def hook(folder):
        (folder / "submission.csv").write_text(text)

    return hook


@pytest.fixture
def host():
    with serving(KaggleStandIn(writes())) as served:
        yield served


@pytest.fixture
def send(host, workspace, competition, pack):
    def run(folder=None, **options):
        options = {"wait_s": 5, **options}
        endpoint = Endpoint(host.url, {"KAGGLE_API_TOKEN": host.token})
        return submit_code(workspace, competition, folder or pack, endpoint=endpoint, **options)

    return run


def count(host):
    """Return how many dataset versions, notebook versions and submissions there are."""
    versions = sum(map(len, host.datasets.values()))
    return versions, sum(map(len, host.kernels.values())), len(host.submissions)


def test_a_package_becomes_a_dataset_a_notebook_and_one_scored_submission(
    send, host, workspace, pack, in_processes, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    receipt = send(message="hello", accelerator="NvidiaTeslaT4")
    assert (receipt.state, receipt.kind, receipt.ref) == ("complete", "code", 1)
    assert (receipt.public_score, receipt.honest) == (0.75, 0.5)
    assert count(host) == (1, 1, 1)
    (version,) = host.datasets[ADDRESS]
    stamp = f"podium-{read_parcel(pack).id}.txt"
    assert set(version.files) == {file.name for file in pack.iterdir()} | {stamp}
    for file in pack.iterdir():
        assert version.files[file.name] == file.read_bytes()
    (saved,) = host.kernels[ADDRESS]
    assert saved.asked["datasetDataSources"] == [ADDRESS]
    assert saved.asked["competitionDataSources"] == [SLUG]
    assert (saved.asked["enableGpu"], saved.asked["machineShape"]) == (True, "NvidiaTeslaT4")
    (sent,) = host.submissions
    assert (sent["kernelVersion"], sent["fileName"]) == (1, "submission.csv")
    assert sent["submissionDescription"] == f"[podium-{receipt.id}] hello"
    assert read_receipts(workspace) == [receipt]
    assert (receipt.code["dataset_version"], receipt.code["kernel_version"]) == (1, 1)
    shown = "".join(capfd.readouterr()) + caplog.text
    assert host.token not in shown
    assert "/upload/" not in shown
    for path in workspace.submissions.rglob("*"):
        if path.is_file():
            content = path.read_text()
            assert host.token not in content, path
            assert "/upload/" not in content, path
            assert not any(blob in content for blob in host.blobs), path


def test_the_same_package_again_is_refused_and_with_again_uses_the_dataset_that_is_there(
    send, host
):
    first = send()
    with pytest.raises(SubmissionError, match="same content"):
        send()
    second = send(again=True)
    assert count(host) == (1, 2, 2)
    assert first.id != second.id


def test_another_package_is_the_next_version_of_the_same_dataset(send, host, tmp_path):
    send()
    receipt = send(pack_of(tmp_path / "other", b"better weights"))
    assert count(host) == (2, 2, 2)
    assert receipt.code["dataset_version"] == receipt.code["kernel_version"] == 2
    assert host.submissions[1]["kernelVersion"] == 2
    assert host.datasets[ADDRESS][1].notes.startswith("[podium-")


def test_a_rehearsal_sends_nothing_and_says_what_would_be_sent(send, host, workspace):
    said = []

    class Told:
        def say(self, message):
            said.append(message)

    receipt = send(dry_run=True, progress=Told())
    assert receipt.state == "dry_run"
    assert not any(call in CREATING or call in ("PUT", "StartBlobUpload") for call in host.log)
    assert not read_receipts(workspace)
    text = "\n".join(said)
    assert "weights-r-fold-0.safetensors  7 bytes" in text
    assert ADDRESS in text
    assert "no internet" in text
    assert "left today: 5" in text


def test_limits_are_read_before_anything_is_uploaded(send, host):
    host.daily_limit = 1
    with pytest.raises(QuotaError, match="last submission"):
        send()
    assert count(host) == (0, 0, 0)
    assert not host.blobs
    send(yes=True)
    assert count(host) == (1, 1, 1)


def test_a_version_that_silently_lacks_a_file_is_made_once_more(send, host, tmp_path):
    send()
    host.faults = {"CreateDatasetVersion": "lacks"}
    receipt = send(pack_of(tmp_path / "other", b"better weights"))
    assert receipt.state == "complete"
    assert count(host) == (3, 2, 2)
    assert receipt.code["dataset_version"] == 3


def test_a_file_that_does_not_arrive_makes_no_version(send, host):
    host.faults = {"PUT": "400"}
    with pytest.raises(HostError, match="1 of 5 files did not arrive"):
        send()
    assert count(host) == (0, 0, 0)
    assert send().state == "complete"
    assert count(host) == (1, 1, 1)


def test_a_dataset_is_recognised_by_its_file_list_where_the_host_hides_notes(send, host, tmp_path):
    host.hides_notes = True
    send()
    host.faults = {"CreateDatasetVersion": "after"}
    send(pack_of(tmp_path / "other", b"better weights"))
    assert count(host) == (2, 2, 2)


def test_a_dataset_is_waited_for_until_it_is_ready(send, host):
    host.unready = 3
    assert send().state == "complete"
    assert count(host) == (1, 1, 1)


def test_a_notebook_that_fails_is_told_with_its_log_and_run_again_by_the_next_command(send, host):
    def fails(folder):
        sys.stdout.write("loading the weights\n")
        raise MemoryError("no room")

    host.hook = fails
    with pytest.raises(HostError, match="version 1 failed: MemoryError: no room") as caught:
        send()
    assert "loading the weights" in str(caught.value)
    host.hook = writes()
    assert send().state == "complete"
    assert count(host) == (1, 2, 1)
    assert host.submissions[0]["kernelVersion"] == 2


def test_an_output_with_errors_is_not_submitted(send, host):
    host.hook = writes(GOOD.replace("eel", "whale"))
    with pytest.raises(SubmissionError, match="whale"):
        send()
    assert count(host) == (1, 1, 0)


def test_a_notebook_without_a_submission_file_is_not_submitted(send, host):
    host.hook = lambda folder: None
    with pytest.raises(HostError, match=r"ended without a submission\.csv"):
        send()
    assert count(host) == (1, 1, 0)


def test_the_end_of_an_earlier_version_is_not_taken_for_that_of_ours(send, host, tmp_path):
    send()
    host.hook = writes(GOOD.replace("cat", "dog"))
    host.stale_statuses = 3
    receipt = send(pack_of(tmp_path / "other", b"better weights"), wait_s=20)
    file = tmp_path / "submissions" / receipt.id / "submission.csv"
    assert file.read_text() == GOOD.replace("cat", "dog")


def test_a_notebook_refuses_another_version_of_the_dataset_than_its_own(send, host):
    def last_minute_version(call):
        if call == "SaveKernel":
            version = host.datasets[ADDRESS][-1]
            version.files = {n: c for n, c in version.files.items() if not n.endswith(".txt")}

    host.on_call = last_minute_version
    with pytest.raises(HostError, match="is not the one of this notebook"):
        send()
    assert count(host) == (1, 1, 0)


def test_invalid_sources_in_a_200_are_an_error_and_that_version_is_never_submitted(send, host):
    host.faults = {"SaveKernel": "sources"}
    with pytest.raises(HostError, match="no valid dataset source"):
        send()
    receipt = send()
    assert (count(host), receipt.code["kernel_version"]) == ((1, 2, 1), 2)


def test_a_deleted_workspace_sends_nothing_twice(send, host, workspace):
    import shutil

    first = send()
    shutil.rmtree(workspace.submissions)
    second = send()
    assert (second.ref, second.state) == (first.ref, "complete")
    assert count(host) == (1, 1, 1)


def test_a_damaged_package_and_a_competition_of_files_are_refused_before_any_call(
    send, host, pack, workspace, competition_of
):
    (pack / "run-r.json").write_text("[]")
    with pytest.raises(PodiumError, match=r"run-r.json has other content"):
        send()
    with pytest.raises(UsageError, match="takes a file"):
        submit_code(workspace, competition_of(), pack, endpoint=Endpoint(host.url))
    assert host.log == []


@pytest.mark.parametrize(
    ("slug", "name", "address"),
    [
        ("stars", "", "stars-podium"),
        ("stars", "Two Nets!", "stars-two-nets-podium"),
        ("a" * 60, "", "a" * 43 + "-podium"),
        ("a" * 60, "second", "a" * 36 + "-second-podium"),
    ],
)
def test_addresses_keep_to_the_host_s_rules(pack, slug, name, address):
    place = place_of(read_parcel(pack), owner="ann", slug=slug, name=name, receipt_id="12345678")
    assert (place.dataset, place.kernel) == (address, address)
    assert len(address) <= 50
    from slugify import slugify

    assert slugify(title_of(address)) == address  # as the official client makes it


def test_files_are_compared_by_name_and_size_wherever_the_host_puts_them():
    listed = [("weights/a", 3), ("b", 2)]
    assert lacking({"a": 3, "b": 2}, listed) == []
    assert lacking({"a": 3, "b": 1, "c": 0}, listed) == ["b has 2 bytes, not 1", "c is missing"]


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


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "n",
    [pytest.param(n, marks=() if n in (3, 6, 10) else pytest.mark.slow) for n in range(N_CALLS)],
)
def test_killed_around_any_call_the_same_command_goes_on(
    send, host, workspace, monkeypatch, n, when
):
    from podium.submissions import client, code_client

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
    from podium.submissions import client, code_client

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


@pytest.mark.slow
def test_two_shells_with_one_package_submit_once(send, host, in_processes):
    def shell(_):
        try:
            return send().ref
        except SubmissionError as error:
            return error.message

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(shell, range(2)))
    assert 1 in said
    assert all(one == 1 or "same content" in one for one in said)
    assert count(host) == (1, 1, 1)


def test_json_of_the_notebook_is_one_that_the_format_knows(send, host):
    send()
    book = json.loads(host.kernels[ADDRESS][0].asked["text"])
    assert (book["nbformat"], len({cell["id"] for cell in book["cells"]})) == (
        4,
        len(book["cells"]),
    )

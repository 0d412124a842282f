"""`submit_code` through the unmodified official client against a stand-in on loopback."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from podium.errors import HostError, PodiumError, QuotaError, SubmissionError, UsageError
from podium.submissions.notebooks import (
    bundle_location,
    missing_files,
    notebook_title,
    read_bundle,
    submit_code,
)
from podium.submissions.upload.endpoint import Endpoint
from podium.submissions.upload.receipt import read_receipts
from tests.submissions.kaggle_stand_in import CREATING, SLUG
from tests.submissions.notebooks.packages import ADDRESS, GOOD, count, pack_of, writes


@pytest.mark.slow
def test_a_package_becomes_a_dataset_a_notebook_and_one_scored_submission(
    send, host, workspace, pack, in_processes, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    receipt = send(message="hello", accelerator="NvidiaTeslaT4")
    assert (receipt.state, receipt.kind, receipt.ref) == ("complete", "code", 1)
    assert (receipt.public_score, receipt.honest) == (0.75, 0.5)
    assert count(host) == (1, 1, 1)
    (version,) = host.datasets[ADDRESS]
    stamp = f"podium-{read_bundle(pack).id}.txt"
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


def test_a_rehearsal_sends_nothing_and_lists_what_would_be_sent(send, host, workspace):
    messages = []

    class RecordedProgress:
        def say(self, message):
            messages.append(message)

    receipt = send(dry_run=True, progress=RecordedProgress())
    assert receipt.state == "dry_run"
    assert not any(call in CREATING or call in ("PUT", "StartBlobUpload") for call in host.log)
    assert not read_receipts(workspace)
    text = "\n".join(messages)
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


def test_a_failed_notebook_is_reported_with_its_log_and_run_again_by_the_next_command(send, host):
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


@pytest.mark.slow
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
    place = bundle_location(
        read_bundle(pack), owner="ann", slug=slug, name=name, receipt_id="12345678"
    )
    assert (place.dataset, place.kernel) == (address, address)
    assert len(address) <= 50
    from slugify import slugify

    assert slugify(notebook_title(address)) == address  # as the official client makes it


def test_files_are_compared_by_name_and_size_wherever_the_host_puts_them():
    listed = [("weights/a", 3), ("b", 2)]
    assert missing_files({"a": 3, "b": 2}, listed) == []
    assert missing_files({"a": 3, "b": 1, "c": 0}, listed) == [
        "b has 2 bytes, not 1",
        "c is missing",
    ]


def test_json_of_the_notebook_is_one_that_the_format_knows(send, host):
    send()
    book = json.loads(host.kernels[ADDRESS][0].asked["text"])
    assert (book["nbformat"], len({cell["id"] for cell in book["cells"]})) == (
        4,
        len(book["cells"]),
    )

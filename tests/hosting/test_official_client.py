"""The unmodified official client and command line against a running host, over HTTP on loopback."""

from __future__ import annotations

import contextlib
import csv
import io
import logging
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from podium.cli.board import print_board
from podium.errors import HostError, QuotaError, SubmissionError
from podium.hosting import client_environment, running
from podium.hosting.spec import HostFolder, set_deadline
from podium.submissions import Endpoint, submit_file
from podium.submissions.board.view import board
from podium.submissions.upload.client import KaggleClient
from podium.submissions.upload.receipt import read_receipts
from podium.workflows.submission.submitting import open_endpoint
from podium.workspace.layout import Workspace

KAGGLE = Path(sys.executable).with_name("kaggle")


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr("podium.submissions.upload.submit.RECONCILE_S", 0.0)


@pytest.fixture
def file(tmp_path, answers):
    path = tmp_path / "mine.csv"
    path.write_text(answers.text(wrong=5))
    return path


def on_host(url, user="ann", timeout_s=60):
    """Return what the host itself lists for `user`, asked through the official client."""
    return KaggleClient(Endpoint(url, user), "shapes", timeout_s=timeout_s).listing().submissions


@pytest.mark.slow
def test_a_file_goes_up_through_the_official_client_and_comes_back_scored(
    host_of, competition, file, answers, tmp_path, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    folder = host_of(reveal_private=True)
    workspace = Workspace(tmp_path)
    with running(folder) as hosted:
        endpoint = hosted.endpoint("ann")
        receipt = submit_file(workspace, competition, file, message="hi", endpoint=endpoint)
        view = board(workspace, competition, endpoint)
    right = answers.decisions(5) == answers.truth
    assert receipt.state == "complete"
    assert receipt.public_score == pytest.approx(right[answers.public].mean(), abs=5e-6)
    assert receipt.private_score == pytest.approx(right[~answers.public].mean(), abs=5e-6)
    assert (view.quota_left, view.leaderboard[0]["team"]) == (1, "ann")

    secret = endpoint.env["KAGGLE_API_TOKEN"]
    shown = capfd.readouterr()
    assert secret not in shown.out + shown.err + caplog.text
    assert "/upload/" not in shown.out + shown.err + caplog.text
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "tokens.json":
            assert secret.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_a_file_after_the_end_is_refused_with_the_time_of_the_end(
    host_of, competition, file, answers, tmp_path, capsys
):
    folder, workspace = host_of(), Workspace(tmp_path)
    with running(folder) as hosted:
        ann, bob = hosted.endpoint("ann"), hosted.endpoint("bob")
        submit_file(workspace, competition, file, endpoint=ann)
        end = datetime.now(UTC) - timedelta(minutes=1)
        set_deadline(HostFolder(folder), end)
        for endpoint in (ann, bob):  # bob has sent nothing
            with pytest.raises(QuotaError) as caught:
                submit_file(workspace, competition, file, endpoint=endpoint, again=True)
            ended = f"the competition ended at {end:%Y-%m-%d %H:%M} UTC"
            assert caught.value.message == f"{ended}; nothing was uploaded"
        view = board(workspace, competition, ann)
        print_board(view)
    shown = capsys.readouterr().out
    assert f"{ended}: no submission is taken any more" in shown
    assert "left today" not in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        {"CreateSubmission": "after"},
        pytest.param({"CreateSubmission": "garbage"}, marks=pytest.mark.slow),
        # The fault matrix has these with a host of its own.
        pytest.param({"CreateSubmission": "before"}, marks=(pytest.mark.slow, pytest.mark.long)),
        pytest.param({"PUT": 500}, marks=(pytest.mark.slow, pytest.mark.long)),
        pytest.param({"CreateSubmission": 503}, marks=(pytest.mark.slow, pytest.mark.long)),
        pytest.param(
            {"StartSubmissionUpload": "after"}, marks=(pytest.mark.slow, pytest.mark.long)
        ),
        pytest.param({"PUT": 503}, marks=(pytest.mark.slow, pytest.mark.long)),
    ],
    ids=str,
)
def test_a_message_lost_on_the_way_leaves_exactly_one_submission_after_repeating(
    host_of, competition, file, tmp_path, faulty, fault
):
    workspace = Workspace(tmp_path)
    with running(host_of()) as hosted:
        env = hosted.endpoint("ann").env
        with faulty(hosted.url, fault) as url:
            with contextlib.suppress(HostError):
                submit_file(workspace, competition, file, endpoint=Endpoint(url, env))
            arrived = fault.get("CreateSubmission") in ("after", "garbage")
            (receipt,) = read_receipts(workspace)
            assert receipt.state == ("complete" if arrived else "failed")
            if not arrived:
                receipt = submit_file(workspace, competition, file, endpoint=Endpoint(url, env))
        entries = on_host(hosted.url, env)
    assert [entry.ref for entry in entries] == [receipt.ref]
    assert receipt.state == "complete"


@pytest.mark.slow
@pytest.mark.long
def test_a_failed_upload_that_the_client_returns_from_is_an_error(
    host_of, competition, file, tmp_path, faulty
):
    with running(host_of()) as hosted, faulty(hosted.url, {"PUT*": 500}) as url:
        endpoint = Endpoint(url, hosted.endpoint("ann").env)
        with pytest.raises(HostError, match="took no submission") as caught:
            submit_file(Workspace(tmp_path), competition, file, endpoint=endpoint, wait_s=2)
        assert "/upload/" not in str(caught.value)
        assert on_host(hosted.url, endpoint.env) == ()


@pytest.mark.slow
def test_the_quota_is_refused_before_a_byte_goes_up(host_of, competition, file, tmp_path, answers):
    workspace = Workspace(tmp_path)
    folder = host_of(daily_limit=1)
    with running(folder) as hosted:
        endpoint = hosted.endpoint("ann")
        with pytest.raises(QuotaError, match="last submission"):
            submit_file(workspace, competition, file, endpoint=endpoint)
        submit_file(workspace, competition, file, endpoint=endpoint, yes=True)
        other = tmp_path / "other.csv"
        other.write_text(answers.text(wrong=1))
        with pytest.raises(QuotaError, match="nothing was uploaded"):
            submit_file(workspace, competition, other, endpoint=endpoint, yes=True)
    assert len(list((folder / "uploads").iterdir())) == 1


@pytest.mark.slow
@pytest.mark.long
def test_the_host_s_own_refusal_of_the_quota_is_a_quota_error_too(host_of, file, answers):
    """Another shell may spend the last one between our look and our upload."""
    with running(host_of(daily_limit=1)) as hosted:
        client = KaggleClient(hosted.endpoint("ann"), "shapes", timeout_s=60)
        assert client.submit(file, "one") == 1
        with pytest.raises(QuotaError, match="allowance"):
            client.submit(file, "two")
        assert len(client.listing().submissions) == 1


def test_a_wrong_token_is_an_error_that_names_where_it_came_from(host_of):
    with running(host_of()) as hosted:
        bad = Endpoint(hosted.url, {"KAGGLE_API_TOKEN": "podium_not-the-right-one-at-all-000000"})
        with pytest.raises(HostError, match="KAGGLE_API_TOKEN is not valid") as caught:
            KaggleClient(bad, "shapes", timeout_s=60).look("[podium-1]")
    assert "not-the-right-one" not in str(caught.value)


def test_a_stale_token_that_goes_before_a_good_key_is_named(host_of):
    with running(host_of()) as hosted:
        key = hosted.endpoint("ann").env["KAGGLE_API_TOKEN"]
        by_name = {"KAGGLE_USERNAME": "ann", "KAGGLE_KEY": key}
        good = KaggleClient(Endpoint(hosted.url, by_name), "shapes", timeout_s=60)
        assert good.look("[podium-1]").limits.left == 2
        stale = {**by_name, "KAGGLE_API_TOKEN": "podium_stale-000000000000000000000000"}
        client = KaggleClient(Endpoint(hosted.url, stale), "shapes", timeout_s=60)
        with pytest.raises(HostError) as caught:
            client.look("[podium-1]")
    assert "logged in with the token in KAGGLE_API_TOKEN, which goes before" in str(caught.value)
    assert "KAGGLE_USERNAME and KAGGLE_KEY" in str(caught.value)
    assert "podium_stale" not in str(caught.value)
    assert key not in str(caught.value)


@pytest.mark.slow
def test_refused_content_gives_the_reason_and_costs_no_quota(host_of, competition, tmp_path, file):
    """Our own check is stricter than any host, so the file changes its meaning on the way."""
    folder = host_of()
    with running(folder) as hosted:
        client = KaggleClient(hosted.endpoint("ann"), "shapes", timeout_s=60)
        file.write_text("id,label\n000,z\n")
        client.submit(file, "[podium-x]")
        entry = client.wait("[podium-x]", 5)
        listing = client.listing()
    assert entry.status == "ERROR"
    assert "unknown classes: 'z' (line 2)" in entry.error
    assert listing.limits.left == 2


@pytest.mark.slow
def test_every_page_of_submissions_is_read(host_of, file, monkeypatch):
    with running(host_of(daily_limit=30)) as hosted:
        endpoint = hosted.endpoint("ann")
        import requests

        host = {"Authorization": f"Bearer {endpoint.env['KAGGLE_API_TOKEN']}"}
        for number in range(23):
            _submit_by_hand(requests, hosted.url, host, file.read_bytes(), f"number {number}")
        answer = requests.post(
            f"{hosted.url}/api/v1/competitions.CompetitionApiService/ListSubmissions",
            json={"competitionName": "shapes"},
            headers=host,
            timeout=60,
        ).json()
        assert (len(answer["submissions"]), answer["nextPageToken"]) == (20, "20")
        listed = KaggleClient(endpoint, "shapes", timeout_s=60).listing().submissions
    assert [entry.description for entry in listed] == [f"number {n}" for n in range(22, -1, -1)]


def _submit_by_hand(requests, url, headers, content, description):
    def call(method, body):
        address = f"{url}/api/v1/competitions.CompetitionApiService/{method}"
        reply = requests.post(address, json=body, headers=headers, timeout=60)
        assert reply.status_code == 200, reply.text
        return reply.json()

    about = {"competitionName": "shapes", "contentLength": len(content), "fileName": "f.csv"}
    started = call("StartSubmissionUpload", about)
    assert requests.put(started["createUrl"], data=content, timeout=60).status_code == 200
    about = {"competitionName": "shapes", "blobFileTokens": started["token"]}
    return call("CreateSubmission", {**about, "submissionDescription": description})


@pytest.fixture
def kaggle(host_of, tmp_path):
    """Return a function that runs the official command line as `bob`, in a home of its own."""
    public = tmp_path / "public"
    (public / "train").mkdir(parents=True)
    (public / "train" / "a.png").write_bytes(b"pixels")
    (public / "readme.txt").write_text("hello")
    folder = host_of(files=public)
    home = tmp_path / "home"
    home.mkdir()
    with running(folder) as hosted:
        env = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
        env |= client_environment(folder, "bob", hosted.url)

        def run(*arguments, **changes):
            return subprocess.run(
                [str(KAGGLE), "competitions", *map(str, arguments)],
                env=env | changes,
                cwd=home,
                capture_output=True,
                text=True,
                timeout=60,
            )

        yield run


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.slow
def test_the_official_command_line_submits_and_reads_scores_limits_and_leaderboard(kaggle, file):
    sent = kaggle("submit", "-c", "shapes", "-f", file, "-m", "by hand")
    assert sent.returncode == 0, sent.stderr
    assert "Successfully submitted" in sent.stdout
    assert "1 submissions remaining today" in sent.stdout
    (row,) = table(kaggle("submissions", "-c", "shapes", "-v").stdout)
    assert row["description"] == "by hand"
    assert row["status"].endswith("COMPLETE")
    assert row["publicScore"] == "0.60000"  # rows 0 and 4 of 0, 4, 8, 12, 16 are wrong
    assert row["privateScore"] == ""  # hidden until the deadline
    (row,) = table(kaggle("leaderboard", "-c", "shapes", "--show", "-v").stdout)
    assert (row["teamName"], row["score"]) == ("bob", "0.60000")


@pytest.mark.slow
@pytest.mark.long
def test_the_official_command_line_lists_and_downloads_files(kaggle, tmp_path):
    names = [row["name"] for row in table(kaggle("files", "-c", "shapes", "-v").stdout)]
    assert names == ["readme.txt", "train/a.png"]
    got = tmp_path / "got"
    assert kaggle("download", "-c", "shapes", "-p", got).returncode == 0
    with zipfile.ZipFile(got / "shapes.zip") as archive:
        assert archive.read("train/a.png") == b"pixels"
    assert kaggle("download", "-c", "shapes", "-f", "train/a.png", "-p", got).returncode == 0
    assert (got / "a.png").read_bytes() == b"pixels"
    assert kaggle("leaderboard", "-c", "shapes", "-d", "-p", got / "board").returncode == 0
    assert zipfile.ZipFile(got / "board" / "shapes.zip").namelist() == ["shapes-leaderboard.csv"]


@pytest.mark.slow
def test_the_official_command_line_is_refused_without_a_good_token(kaggle, file):
    refused = kaggle("submissions", "-c", "shapes", KAGGLE_API_TOKEN="podium_wrong")
    assert refused.returncode == 1
    unknown = kaggle("submissions", "-c", "elsewhere")
    assert unknown.returncode == 1
    assert "there is no competition 'elsewhere' here" in unknown.stderr


@pytest.mark.slow
@pytest.mark.long
def test_a_broken_file_is_explained_on_the_official_command_line(kaggle, tmp_path, answers):
    bad = tmp_path / "bad.csv"
    bad.write_text(answers.text().replace("003,", "3,"))
    sent = kaggle("submit", "-c", "shapes", "-f", bad, "-m", "oops")
    assert "Not scored, and not counted: line 5" in sent.stdout
    (row,) = table(kaggle("submissions", "-c", "shapes", "-v").stdout)
    assert row["status"].endswith("ERROR")


def test_downloading_through_podium_unpacks_the_host_s_files(host_of, tmp_path):
    from podium.submissions.download import download_competition

    with running(host_of()) as hosted:
        folder = download_competition("shapes", tmp_path / "data", endpoint=hosted.endpoint("ann"))
    assert [path.name for path in folder.iterdir()] == ["sample.csv"]


@pytest.mark.slow
def test_the_same_file_is_not_sent_twice(host_of, competition, file, tmp_path):
    with running(host_of()) as hosted:
        endpoint = hosted.endpoint("ann")
        submit_file(Workspace(tmp_path), competition, file, endpoint=endpoint)
        with pytest.raises(SubmissionError, match="same content"):
            submit_file(Workspace(tmp_path), competition, file, endpoint=endpoint)


def test_an_embedded_host_keeps_its_place_when_its_port_changes(host_of, competition):
    """By its place two shells know that they submit to one host."""
    folder = host_of()
    at_host = competition.kaggle.model_copy(update={"host": folder.name})
    served = competition.model_copy(update={"kaggle": at_host})
    with open_endpoint(served) as one, open_endpoint(served) as other:
        assert one.url != other.url
        assert one.place == other.place == str(folder.resolve())

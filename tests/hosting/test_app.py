"""The protocol over HTTP without the official client: what it would never send, and pages."""

from __future__ import annotations

import http.client
import json
import math
import os
import stat
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest
import requests

from podium.errors import DataError, HostError, UsageError
from podium.hosting import init_host, running
from podium.hosting.host import Host, RefusedError
from podium.hosting.protocol import respond
from podium.hosting.users import make_tokens

SERVICE = "competitions.CompetitionApiService"


@pytest.fixture
def served(host_of):
    folder = host_of()
    with running(folder) as hosted:
        yield Served(hosted)


class Served:
    """A running host, and calls on it as a user."""

    def __init__(self, hosted):
        self.hosted, self.url = hosted, hosted.url
        self.folder = hosted.folder

    def headers(self, user="ann"):
        token = self.hosted.endpoint(user).env["KAGGLE_API_TOKEN"]
        return {"Authorization": f"Bearer {token}"}

    def call(self, method, body=None, *, user="ann", headers=None):
        return requests.post(
            f"{self.url}/api/v1/{SERVICE}/{method}",
            json={"competitionName": "shapes", **(body or {})},
            headers=self.headers(user) if headers is None else headers,
            timeout=60,
        )

    def upload(self, content, *, announced=None, user="ann", name="f.csv"):
        size = len(content) if announced is None else announced
        started = self.call(
            "StartSubmissionUpload", {"contentLength": size, "fileName": name}, user=user
        ).json()
        put = requests.put(started["createUrl"], data=content, timeout=60)
        return started["token"], put

    def submit(self, content, *, user="ann", text="", name="f.csv"):
        token, put = self.upload(content, user=user, name=name)
        assert put.status_code == 200
        about = {"blobFileTokens": token, "submissionDescription": text}
        return self.call("CreateSubmission", about, user=user)


def test_without_a_good_token_every_call_but_the_token_check_is_401(served):
    wrong = {"Authorization": "Bearer podium_wrong"}
    for headers in ({}, wrong, {"Authorization": "Basic x"}, {"Authorization": "Basic YTpi"}):
        for method in ("ListSubmissions", "GetSubmissionLimits", "CreateSubmission"):
            reply = served.call(method, headers=headers)
            assert reply.status_code == 401
            assert reply.json()["code"] == 401
        assert requests.get(
            f"{served.url}/storage/files/sample.csv", headers=headers, timeout=60
        ).status_code in (401,)
    check = f"{served.url}/api/v1/security.OAuthService/IntrospectToken"
    assert requests.post(check, json={"token": "x"}, timeout=60).json() == {"active": False}


def test_user_and_key_are_taken_too_but_only_together(served):
    key = served.hosted.endpoint("ann").env["KAGGLE_API_TOKEN"]
    address = f"{served.url}/api/v1/{SERVICE}/ListSubmissions"
    assert requests.post(address, json={}, auth=("ann", key), timeout=60).status_code == 200
    assert requests.post(address, json={}, auth=("bob", key), timeout=60).status_code == 401


def test_one_user_sees_and_uses_nothing_of_another(served, answers):
    token, _ = served.upload(answers.text().encode(), user="ann")
    stolen = served.call("CreateSubmission", {"blobFileTokens": token}, user="bob")
    assert stolen.status_code == 400
    assert served.call("CreateSubmission", {"blobFileTokens": token}).json()["ref"] == 1
    assert served.call("ListSubmissions", user="bob").json()["submissions"] == []
    assert served.call("GetSubmission", {"ref": 1}, user="bob").status_code == 404


def test_the_same_upload_submitted_twice_is_one_submission(served, answers):
    token, _ = served.upload(answers.text().encode())
    refs = [
        served.call("CreateSubmission", {"blobFileTokens": token}).json()["ref"] for _ in range(3)
    ]
    assert refs == [1, 1, 1]
    assert served.call("GetSubmissionLimits").json()["numToday"] == 1


def test_an_upload_must_be_as_long_as_announced_and_not_too_long(served):
    assert served.upload(b"x" * 10, announced=5)[1].status_code == 413
    assert served.upload(b"x" * 5, announced=10)[1].status_code == 400
    token, _ = served.upload(b"x" * 10, announced=5)
    assert served.call("CreateSubmission", {"blobFileTokens": token}).status_code == 400
    for size in (1 << 40, -1, "many", None):
        reply = served.call("StartSubmissionUpload", {"contentLength": size})
        assert reply.status_code == 413, size
    assert list(served.folder.uploads.glob("*.part")) == []


@pytest.mark.parametrize(
    "name", ["../solution.csv", "../../etc/passwd", "/etc/passwd", "a\0b", "nowhere.csv", ""]
)
def test_no_file_name_leads_out_of_the_public_files(served, name):
    assert served.call("DownloadDataFile", {"fileName": name}).status_code == 404


def test_no_address_leads_out_of_the_public_files(served):
    for path in (
        "..%2fsolution.csv",
        "%2e%2e/solution.csv",
        "..%2f..%2fhost.yaml",
        "%2fetc%2fpasswd",
    ):
        connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
        connection.request("GET", f"/storage/files/{path}", headers=served.headers())
        assert connection.getresponse().status == 404, path
        connection.close()


def test_a_link_out_of_the_public_files_is_not_followed(served):
    (served.folder.files / "link.csv").symlink_to(served.folder.solution)
    assert served.call("DownloadDataFile", {"fileName": "link.csv"}).status_code == 404


def test_texts_of_participants_are_escaped(served, answers):
    served.submit(
        answers.text().encode(), text="<script>alert(1)</script>\0\n", name="../../x<b>.csv"
    )
    (entry,) = served.call("ListSubmissions").json()["submissions"]
    assert entry["fileName"] == "x<b>.csv"
    assert entry["description"] == "<script>alert(1)</script>"
    page = requests.get(served.url, timeout=60).text
    assert "Shapes &amp; co" in page
    assert "ann" in page
    assert "<script" not in page


def test_what_is_not_of_the_protocol_gets_a_clear_refusal(served):
    assert served.call("DropAllTables").status_code == 501
    assert served.call("ListSubmissions", {"competitionName": "other"}).status_code == 404
    address = f"{served.url}/api/v1/{SERVICE}/ListSubmissions"
    for content in (b"[1]", b"{", b"\xff"):
        reply = requests.post(address, data=content, headers=served.headers(), timeout=60)
        assert reply.status_code == 400
    long = b'"' + b"x" * (2 << 20) + b'"'
    assert (
        requests.post(address, data=long, headers=served.headers(), timeout=60).status_code == 413
    )
    assert requests.get(f"{served.url}/nowhere", timeout=60).json()["code"] == 404


def test_requests_sent_as_to_a_proxy_reach_the_same_calls(served):
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    connection.request(
        "POST",
        f"http://localhost/api/v1/{SERVICE}/StartSubmissionUpload",
        body=json.dumps({"competitionName": "shapes", "contentLength": 3}),
        headers={**served.headers(), "Host": "localhost"},
    )
    answer = json.loads(connection.getresponse().read())
    connection.close()
    assert answer["createUrl"].startswith("http://localhost/upload/")


def test_the_leaderboard_holds_each_user_s_best_and_the_earlier_first(served, answers):
    served.submit(answers.text(wrong=1).encode(), user="bob")
    served.submit(answers.text(wrong=9).encode(), user="bob")
    served.submit(answers.text(wrong=1).encode(), user="ann")
    rows = served.call("GetLeaderboard").json()["submissions"]
    assert [(row["teamName"], row["score"]) for row in rows] == [
        ("bob", "0.80000"),
        ("ann", "0.80000"),
    ]


def test_secrets_of_the_host_are_readable_by_its_owner_only(served):
    for path in (served.folder.tokens, served.folder.solution, served.folder.uploads):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_lower_score_leads_where_lower_is_better(host_of, answers):
    with running(host_of(value="prob", metric="log_loss")) as hosted:
        served = Served(hosted)
        for user, right in (("ann", 0.5), ("ann", 0.8), ("bob", 0.6)):
            cells = [
                [right if c == t else (1 - right) / 2 for c in range(3)] for t in answers.truth
            ]
            rows = (
                ",".join(map(str, [i, *row])) for i, row in zip(answers.ids, cells, strict=True)
            )
            served.submit("\n".join(["id,a,b,c", *rows, ""]).encode(), user=user)
        rows = served.call("GetLeaderboard").json()["submissions"]
    assert [(row["teamName"], row["score"]) for row in rows] == [
        ("ann", f"{-math.log(0.8):.5f}"),
        ("bob", f"{-math.log(0.6):.5f}"),
    ]


def test_the_file_that_was_scored_cannot_be_replaced(served, answers):
    token, _ = served.upload(answers.text(wrong=9).encode())
    again = requests.put(f"{served.url}/upload/{token}", data=answers.text(wrong=9), timeout=60)
    assert again.status_code == 200  # its answer may have been lost
    served.call("CreateSubmission", {"blobFileTokens": token})
    late = requests.put(f"{served.url}/upload/{token}", data=answers.text(wrong=9), timeout=60)
    assert late.status_code == 409


def test_the_page_shows_the_deadline_in_utc(host_of):
    east = timezone(timedelta(hours=2))
    with running(host_of(deadline=datetime(2099, 5, 2, 1, 30, tzinfo=east))) as hosted:
        assert "2099-05-01 23:30 UTC (in " in requests.get(hosted.url, timeout=60).text


def test_after_the_deadline_nothing_is_taken_and_private_scores_show(host_of, answers):
    end = datetime(2026, 1, 1, tzinfo=UTC)
    folder = host_of(deadline=end)
    host = Host(folder, clock=lambda: datetime(2025, 12, 31, tzinfo=UTC))
    start = f"{SERVICE}/StartSubmissionUpload"
    token = respond(host, start, "ann", {"contentLength": 3})["token"]
    number, _ = host.upload_of(token)
    host.upload_path(number).write_text(answers.text())
    host.finish_upload(number)
    respond(host, f"{SERVICE}/CreateSubmission", "ann", {"blobFileTokens": token})
    (entry,) = respond(host, f"{SERVICE}/ListSubmissions", "ann", {})["submissions"]
    assert (entry["publicScore"], entry["privateScore"]) == ("1.00000", "")
    host.close()
    late = Host(folder, clock=lambda: datetime(2026, 1, 2, tzinfo=UTC))
    (entry,) = respond(late, f"{SERVICE}/ListSubmissions", "ann", {})["submissions"]
    assert entry["privateScore"] == "1.00000"
    assert respond(late, f"{SERVICE}/GetSubmissionLimits", "ann", {})["numAllowedNow"] == 0
    with pytest.raises(RefusedError, match="deadline"):
        respond(late, start, "ann", {"contentLength": 3})
    late.close()


def test_a_host_stops_gracefully_and_starts_again_with_what_it_knew(host_of, answers):
    folder = host_of()
    with running(folder) as hosted:
        served = Served(hosted)
        served.submit(answers.text().encode())
        address = urlsplit(hosted.url).netloc
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(address, timeout=5).connect()
    with running(folder) as hosted:
        assert len(Served(hosted).call("ListSubmissions").json()["submissions"]) == 1


def test_a_taken_port_is_a_host_error(host_of):
    folder = host_of()
    with running(folder) as hosted:
        port = urlsplit(hosted.url).port
        with pytest.raises(HostError, match=str(port)), running(folder, port=port):
            pass


def test_a_folder_that_is_no_host_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"no host\.yaml"), running(tmp_path):
        pass


def test_a_host_is_made_whole_or_not_at_all(competition, tmp_path):
    target = tmp_path / "made"
    (tmp_path / "solution.csv").write_text("id,label\n000,a\n")
    with pytest.raises(DataError, match=r"19 rows of sample\.csv are not in the solution"):
        init_host(target, competition, tmp_path / "solution.csv", ["ann"])
    assert not target.exists()
    target.mkdir()
    (target / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="not empty"):
        init_host(target, competition, tmp_path / "solution.csv", ["ann"])
    assert os.listdir(target) == ["mine.txt"]  # noqa: PTH208


@pytest.mark.parametrize("users", [[], ["a", "a"], ["<b>"], ["a b"], ["../x"]])
def test_users_have_plain_different_names(tmp_path, users):
    with pytest.raises(UsageError, match="different names"):
        make_tokens(tmp_path / "tokens.json", users)

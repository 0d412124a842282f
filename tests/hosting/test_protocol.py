"""Calls of the protocol: what lists filter, names of files, what a disk and a day bound."""

from __future__ import annotations

import http.client
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests

from podium.hosting import host as host_module
from podium.hosting import running
from podium.hosting.host import Host, RefusedError
from podium.hosting.protocol import respond
from podium.hosting.spec import HostFolder, set_deadline
from tests.hosting.test_app import SERVICE, Served


@pytest.fixture
def folder(host_of):
    return host_of()


@pytest.fixture
def host(folder):
    made = Host(folder)
    yield made
    made.close()


def n_listed(host, **about):
    return len(respond(host, f"{SERVICE}/ListCompetitions", "ann", about)["competitions"])


def test_lists_of_competitions_follow_the_requested_filter(folder, answers):
    with running(folder) as hosted:
        Served(hosted).submit(answers.text().encode(), user="bob")
    host = Host(folder)
    try:
        tab, segment = "COMPETITION_LIST_TAB_", "HOST_SEGMENT_"
        for group, n in (("GENERAL", 1), ("ENTERED", 0), ("HOSTED", 0), ("EVERYTHING", 1)):
            assert n_listed(host, group=tab + group) == n, group
        entered = {"group": f"{tab}ENTERED"}
        assert (
            len(respond(host, f"{SERVICE}/ListCompetitions", "bob", entered)["competitions"]) == 1
        )
        for kind, n in (("UNSPECIFIED", 1), ("COMMUNITY", 1), ("FEATURED", 0)):
            assert n_listed(host, category=segment + kind) == n, kind
        assert [n_listed(host, search=text) for text in ("SHAPES", "& co", "dogs")] == [1, 1, 0]
        assert [n_listed(host, page=page) for page in (1, 2)] == [1, 0]
    finally:
        host.close()


@pytest.mark.parametrize("name", ["a#b.csv", "a?b.csv", "100%41.csv", "ü x+y&z=.csv"])
def test_a_file_of_any_name_comes_back_whole(folder, name):
    (folder / "files" / "deep").mkdir()
    (folder / "files" / "deep" / name).write_text(name)
    with running(folder) as hosted:
        served = Served(hosted)
        reply = served.call("DownloadDataFile", {"fileName": f"deep/{name}"})
        assert reply.status_code == 200
        assert reply.content.decode() == name


def test_a_host_closed_early_gives_a_deadline_in_the_past(folder):
    with running(folder) as hosted:
        served = Served(hosted)
        assert "deadline" not in served.call("GetCompetition").json()
        set_deadline(HostFolder(folder), datetime.now(UTC) - timedelta(seconds=1))
        answer = served.call("GetCompetition").json()["deadline"]
    assert datetime.fromisoformat(answer.replace("Z", "+00:00")) < datetime.now(UTC)


def test_a_team_uploads_so_many_bytes_a_day_and_no_more(host):
    largest = host.spec.max_upload_bytes
    most = 2 * host.spec.daily_limit + 5
    for _ in range(most):
        host.start_upload("ann", largest, "f.csv")
    with pytest.raises(RefusedError, match="bytes a day") as caught:
        host.start_upload("ann", 1, "f.csv")
    assert caught.value.status == 429
    host.start_upload("bob", largest, "f.csv")


def test_an_upload_that_would_fill_the_disk_is_stopped_on_its_way(folder, monkeypatch):
    free = [1 << 40]
    disk = SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=free[0]))
    monkeypatch.setattr(host_module, "shutil", disk)
    with running(folder) as hosted:
        served = Served(hosted)
        started = served.call("StartSubmissionUpload", {"contentLength": 32 << 20}).json()
        free[0] = 1 << 20
        put = requests.put(started["createUrl"], data=bytes(32 << 20), timeout=30)
        assert put.status_code == 507
        assert list(folder.joinpath("uploads").iterdir()) == []


def test_of_two_connections_that_send_one_upload_the_later_is_taken(folder, answers):
    content = answers.text(2).encode()
    with running(folder) as hosted:
        served = Served(hosted)
        started = served.call("StartSubmissionUpload", {"contentLength": len(content)}).json()
        about = urlsplit(started["createUrl"])
        later = http.client.HTTPConnection(about.netloc, timeout=60)

        def until(n_parts):
            deadline = time.monotonic() + 60
            while len(list(folder.glob("uploads/*.part"))) < n_parts:
                assert time.monotonic() < deadline
                time.sleep(0.02)

        def slowly():
            yield content[:10]
            until(1)
            later.putrequest("PUT", about.path)
            later.putheader("Content-Length", str(len(content)))
            later.endheaders(content[:20])
            until(2)
            yield content[10:]

        earlier = requests.put(started["createUrl"], data=slowly(), timeout=60)
        assert earlier.status_code == 409
        later.send(content[20:])
        assert later.getresponse().status == 200
        later.close()
        assert folder.joinpath("uploads", "1.csv").read_bytes() == content
        assert list(folder.glob("uploads/*.part")) == []

"""A student who speaks HTTP by hand: what is not theirs stays shut, what is odd is refused."""

from __future__ import annotations

import dataclasses
import http.client
import re
import socket
import time
from urllib.parse import unquote, urlsplit

import pytest
import requests

from podium.hosting import init_host
from podium.hosting.server import Hosted
from podium.hosting.spec import HostFolder
from podium.hosting.team_page import COOKIE, form_key, make_cookie
from podium.hosting.users import read_users
from tests.hosting import processes
from tests.hosting.conftest import make_competition
from tests.hosting.processes import log_of
from tests.hosting.test_app import SERVICE, Served

SECRET = b"the answers"


@pytest.fixture(scope="module")
def hosted(tmp_path_factory):
    """A host in a process of its own: what it says must hold no traceback."""
    root = tmp_path_factory.mktemp("class")
    public = root / "public"
    (public / "deep" / "er").mkdir(parents=True)
    (public / "deep" / "er" / "a b.txt").write_bytes(b"open")
    (public / "sample.csv").write_text("id,label\n")
    (root / "secret.txt").write_bytes(SECRET)
    made = make_competition(root, daily_limit=50)
    folder = root / "host"
    init_host(folder, made, root / "solution.csv", ("ann", "bob", "cho", "dee"), files=public)
    (folder / "files" / "link").symlink_to(root)
    (folder / "files" / "up").symlink_to("..")
    (folder / "files" / "loop").symlink_to("loop")
    with processes.served(folder) as (_, url):
        yield Hosted(url, HostFolder(folder))


@pytest.fixture
def served(hosted):
    """Calls on the host; afterwards it must not have said that anything failed."""
    log = log_of(hosted.folder.root)
    before = log.stat().st_size
    yield Served(hosted)
    printed = log.read_bytes()[before:].decode()
    assert "Traceback" not in printed
    assert "failed" not in printed


def raw(served, request, *, wait_s=60.0):
    """Return what comes back until the host hangs up; b"" where it says nothing."""
    netloc = urlsplit(served.url).netloc.split(":")
    with socket.create_connection((netloc[0], int(netloc[1])), timeout=wait_s) as connection:
        answer = b""
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(1 << 16):
                answer += part
        except (TimeoutError, ConnectionError):
            pass
        return answer


def statuses(answer):
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d+)", answer)]


def bearer(served, user="ann"):
    return f"Authorization: {served.headers(user)['Authorization']}\r\n".encode()


PATHS = [
    "../solution.csv",
    "..%2fsolution.csv",
    "%2e%2e/solution.csv",
    "%252e%252e%252fsolution.csv",
    "..%252fsolution.csv",
    "%25252e%25252e/solution.csv",
    "deep/../../solution.csv",
    "deep/%2e%2e/%2e%2e/tokens.json",
    "....//solution.csv",
    "..%5csolution.csv",
    "..\\solution.csv",
    "%c0%ae%c0%ae/solution.csv",
    "%uff0e%uff0e/solution.csv",
    "%ef%bc%8e%ef%bc%8e/solution.csv",
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "C:%5cWindows%5cwin.ini",
    "sample.csv%00.txt",
    "%00",
    "link/secret.txt",
    "link%2fsecret.txt",
    "up/solution.csv",
    "up/host.db",
    "up/tokens.json",
    "loop",
    "loop/x",
    "deep",
    ".",
    "",
    "%2e",
    "~/.bashrc",
    "a" * 300,
    "a/" * 2000,
    "sample.csv/..",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_address_of_a_file_leads_anywhere_but_to_a_public_file(served, path):
    plain = path.replace("\\", "%5c").encode()
    for target in (b"/storage/files/" + plain, b"http://localhost/storage/files/" + plain):
        answer = raw(
            served,
            b"GET "
            + target
            + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + bearer(served)
            + b"\r\n",
        )
        assert statuses(answer) in ([404], [400]), path
        assert SECRET not in answer
        assert b"Usage" not in answer
        assert str(served.folder.root).encode() not in answer


@pytest.mark.parametrize("path", [*PATHS, "sample.csv\0", "\ud800", "é" * 200, "‮vsc.elpmas"])
def test_no_name_of_a_file_leads_anywhere_but_to_a_public_file(served, path):
    for name in (path, unquote(path), unquote(unquote(path))):
        reply = served.call("DownloadDataFile", {"fileName": name})
        assert reply.status_code == 404, name
        assert reply.json()["message"] == "there is no such file"


def test_what_is_public_is_still_there_and_links_out_of_it_are_not_listed(served):
    names = [entry["name"] for entry in served.call("ListDataFiles").json()["files"]]
    assert names == ["deep/er/a b.txt", "sample.csv"]
    reply = requests.get(
        f"{served.url}/storage/files/deep/er/a%20b.txt", headers=served.headers(), timeout=60
    )
    assert reply.content == b"open"
    archive = requests.get(
        f"{served.url}/storage/archive/x.zip", headers=served.headers(), timeout=60
    ).content
    assert SECRET not in archive
    assert b"solution" not in archive


@pytest.mark.parametrize("place", ["archive", "files", "leaderboard.zip", "uploads", "cache"])
def test_stored_files_are_not_given_without_a_token(served, place):
    for path in (f"/storage/{place}", f"/storage/{place}/sample.csv", f"/storage/{place}/x.zip"):
        for way in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            reply = requests.request(way, served.url + path, timeout=60)
            assert reply.status_code in (401, 404, 405), (way, path)


ODD = {
    "two lengths": (b"POST", b"Content-Length: 2\r\nContent-Length: 40\r\n", b"{}"),
    "a length and chunks": (
        b"POST",
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"2\r\n{}\r\n0\r\n\r\n",
    ),
    "chunks and a length": (
        b"POST",
        b"Transfer-Encoding: chunked\r\nContent-Length: 40\r\n",
        b"2\r\n{}\r\n0\r\n\r\n",
    ),
    "two codings": (b"POST", b"Transfer-Encoding: gzip, chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
    "a coding with a tab": (b"POST", b"Transfer-Encoding:\tchunked, x\r\n", b"0\r\n\r\n"),
    "a space before the colon": (b"POST", b"Content-Length : 2\r\n", b"{}"),
    "a length below 0": (b"POST", b"Content-Length: -2\r\n", b"{}"),
    "a length with a sign": (b"POST", b"Content-Length: +2\r\n", b"{}"),
    "a length in hex": (b"POST", b"Content-Length: 0x2\r\n", b"{}"),
    "a length of many digits": (b"POST", b"Content-Length: " + b"9" * 5000 + b"\r\n", b"{}"),
    "two hosts": (b"POST", b"Host: evil\r\nContent-Length: 2\r\n", b"{}"),
    "a chunk below 0": (b"POST", b"Transfer-Encoding: chunked\r\n", b"-1\r\n{}\r\n0\r\n\r\n"),
    "a method of its own": (b"P(ST", b"Content-Length: 2\r\n", b"{}"),
    "no token at all": (b"\0\0", b"", b""),
}


@pytest.mark.parametrize("name", ODD)
def test_a_request_whose_end_is_not_clear_is_refused_and_what_follows_is_not_read(served, name):
    method, headers, body = ODD[name]
    target = f" /api/v1/{SERVICE}/ListSubmissions HTTP/1.1\r\nHost: localhost\r\n".encode()
    after = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = raw(served, method + target + bearer(served) + headers + b"\r\n" + body + after)
    first, *others = statuses(answer)
    assert first in (400, 501)
    # A length said twice ends where its chunks do, or not at all: nothing else may be answered
    # as if it had been asked by the token's owner.
    assert 200 not in others


@pytest.mark.parametrize(
    "target",
    [
        b"http://[/",
        b"http://\x7f/",
        b"*",
        b"//",
        b"http://",
        b"?",
    ],
)
def test_an_address_that_cannot_be_read_is_refused(served, target):
    answer = raw(
        served, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    (status,) = statuses(answer)
    assert status in (400, 404, 421)


@pytest.mark.parametrize(
    "host",
    [
        "[::1",
        "a b",
        "x<script>",
        "x';rm -rf ~;'",
        "x/y",
        "x@y",
        "x?",
        "a:b",
        "\xe9",
        "x" * 9 + "`id`",
    ],
)
def test_a_host_that_is_no_name_is_refused_and_never_shown(served, host):
    for path in (b"/", b"/competitions/shapes/help"):
        answer = raw(
            served,
            b"GET "
            + path
            + b" HTTP/1.1\r\nConnection: close\r\nHost: "
            + host.encode("latin-1")
            + b"\r\n\r\n",
        )
        assert statuses(answer) == [400]
        assert host.encode("latin-1") not in answer


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example:8123", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.nip.io", 421),
        ("127.1", 421),
        ("localhost:8123", 200),
        ("LOCALHOST", 200),
        ("10.0.0.7:8123", 200),
        ("[::1]:8123", 200),
        (socket.gethostname(), 200),
    ],
)
def test_a_page_elsewhere_cannot_have_a_browser_read_the_host_under_its_own_name(
    served, host, status
):
    assert requests.get(served.url, headers={"Host": host}, timeout=60).status_code == status


def test_a_host_has_the_names_that_its_settings_list(served):
    settings = served.folder.spec_file
    before = settings.read_text()
    found = []
    try:
        for text in (before, before.replace("names: []", "names: [board.school.example]")):
            settings.write_text(text)
            named = {"Host": "Board.school.example:443"}
            found.append(requests.get(served.url, headers=named, timeout=60).status_code)
    finally:
        settings.write_text(before)
    assert found == [421, 200]


@pytest.mark.parametrize(
    "value",
    [
        *[
            "Basic éé",
            "Basic ====",
            "Basic",
            "Basic Og==",
            "Bearer",
            "Bearer ÿ",
            "Bearer x",
            "Digest x",
            "",
        ],
        "Bearer " + "x" * 9000,
    ],
)
def test_credentials_that_cannot_be_read_are_401(served, value):
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    connection.request(
        "POST",
        f"/api/v1/{SERVICE}/ListSubmissions",
        body=b"{}",
        headers={"Authorization": value.encode("latin-1")},
    )
    assert connection.getresponse().status == 401
    connection.close()


def test_a_token_opens_nothing_that_belongs_to_another_team(served, answers):
    token, put = served.upload(answers.text().encode(), user="ann")
    assert put.status_code == 200
    for stolen in (token, token.upper(), f" {token}", f"{token}\0", token[:-1], "%", "*", "", None):
        reply = served.call("CreateSubmission", {"blobFileTokens": stolen}, user="bob")
        assert reply.status_code == 400
    ref = served.call("CreateSubmission", {"blobFileTokens": token}).json()["ref"]
    for one in (ref, str(ref), float(ref), True, [ref], {"ref": ref}, -1, 1 << 80, None):
        assert served.call("GetSubmission", {"ref": one}, user="bob").status_code == 404
    for more in ({"user": "ann"}, {"teamName": "ann"}, {"group": "all"}, {"page": -1}):
        assert served.call("ListSubmissions", more, user="bob").json()["submissions"] == []
    # The file that was scored stays what it was, whoever knows the address.
    again = requests.put(f"{served.url}/upload/{token}", data=answers.text().encode(), timeout=60)
    assert again.status_code == 409


def test_the_team_page_s_cookie_and_forms_are_good_for_one_team_alone(served, answers):
    users = read_users(served.folder.tokens)
    ref = served.submit(answers.text().encode(), user="cho", text="cho said this").json()["ref"]
    address = f"{served.url}/competitions/shapes/team"

    until = int(time.time()) + 100
    good = make_cookie(users["bob"], until)
    of_cho = make_cookie(dataclasses.replace(users["cho"], token=users["bob"].token), until)
    old = make_cookie(users["cho"], int(time.time()) - 1)
    for cookie in (of_cho, old, good.replace("Ym9i", "Y2hv"), good[:-1], "\xff..", "." * 500):
        text = requests.get(
            address, headers={"Cookie": f"{COOKIE}={cookie}".encode("latin-1")}, timeout=60
        ).text
        assert "Your token" in text
        assert "said this" not in text
    form = {"do": "choose", "key": form_key(users["bob"], good), "final": [str(ref)]}
    sent = {"cookies": {COOKIE: good}, "timeout": 10, "allow_redirects": False}
    assert requests.post(address, data=form, **sent).status_code == 400  # not bob's
    for final in ("9" * 5000, "-1", "1e3", "１", "", "18446744073709551617"):
        form["final"] = [final]
        assert requests.post(address, data=form, **sent).status_code in (303, 400), final
    for origin in ("null", "http://[", "http://evil", "https://localhost.evil", "://", ""):
        changed = requests.post(address, data=form, headers={"Origin": origin}, **sent)
        assert changed.status_code == 403, origin
    for key in ("", "é", form_key(users["cho"], good), form_key(users["bob"], "")):
        changed = requests.post(address, data=form | {"key": key}, **sent)
        assert changed.status_code == 403, key
    for content in (b"a=1&" * 300, b"\xff", b"x" * (1 << 17)):
        assert requests.post(address, data=content, **sent).status_code in (400, 413)
    (entry,) = served.call("ListSubmissions", user="cho").json()["submissions"]
    assert entry["description"] == "cho said this"


def test_a_page_is_never_a_way_to_change_something(served, answers):
    """What a browser sends by itself, from a link or an image of another page, changes nothing."""
    assert served.submit(answers.text().encode()).status_code == 200
    before = served.call("ListSubmissions").json()
    for way in ("GET", "HEAD"):
        for path in (
            "/competitions/shapes/team?do=choose&final=1&do=logout",
            f"/api/v1/{SERVICE}/CreateSubmission",
            "/upload/x",
        ):
            reply = requests.request(
                way, served.url + path, headers={"X-HTTP-Method-Override": "POST"}, timeout=60
            )
            assert reply.status_code in (200, 404, 405)
    assert served.call("ListSubmissions").json() == before

"""Every call with any JSON, bodies without end, floods of rows: refused, bounded, and quiet."""

from __future__ import annotations

import gzip
import io
import json
import re
import socket
import zipfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podium.hosting import init_host
from podium.hosting.server import Hosted
from podium.hosting.spec import HostFolder
from podium.hosting.users import read_users
from tests.hosting import processes
from tests.hosting.conftest import make_competition, submission_text
from tests.hosting.test_app import SERVICE, Served

MOST_BYTES = 8 << 20
METHODS = [
    "ListCompetitions",
    "GetCompetition",
    "ListDataFiles",
    "DownloadDataFile",
    "DownloadDataFiles",
    "StartSubmissionUpload",
    "CreateSubmission",
    "ListSubmissions",
    "GetSubmission",
    "GetSubmissionLimits",
    "GetLeaderboard",
    "DownloadLeaderboard",
]
KEYS = [
    "competitionName",
    "fileName",
    "contentLength",
    "blobFileTokens",
    "submissionDescription",
    "ref",
    "page",
    "pageSize",
    "pageToken",
    "search",
    "overridePublic",
    "sandbox",
    "lastModifiedEpochSeconds",
]


@pytest.fixture(scope="module")
def hosted(tmp_path_factory):
    """A host in a process of its own, in which ann has one submission with words of her own."""
    root = tmp_path_factory.mktemp("class")
    made = make_competition(root, daily_limit=1000)
    folder = root / "host"
    init_host(folder, made, root / "solution.csv", ("ann", "bob", "cho", "dee"))
    text = (folder / "host.yaml").read_text()
    text = re.sub("max_upload_bytes: .*", f"max_upload_bytes: {MOST_BYTES}", text)
    (folder / "host.yaml").write_text(text)
    with processes.served(folder) as (process, url):
        hosted = Hosted(url, HostFolder(folder))
        served = Served(hosted)
        assert served.submit(submission_text().encode(), text="only ann knows").status_code == 200
        yield hosted, process.pid


@pytest.fixture
def served(hosted):
    return Served(hosted[0])


def host_log(hosted):
    return processes.log_of(hosted[0].folder.root).read_text()


def memory(pid):
    """Return the most memory that the process and its children have had so far, in bytes."""
    every = [about.get("VmHWM", "0 kB") for _, about in family(pid)]
    return max((int(one.split()[0]) * 1024 for one in every), default=0)


def forget_memory(pid):
    """Let the most memory be what is held now: that of other tests hides what comes."""
    for process, _ in family(pid):
        with suppress(OSError):
            (process / "clear_refs").write_text("5")


def family(pid):
    """Return the folder in /proc of the process and of each of its children, and its status."""
    found = []
    for about in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = about.read_text().splitlines()
        except OSError:
            continue  # it ended meanwhile
        fields = dict(line.split(":", 1) for line in lines)
        if int(about.parent.name) == pid or fields.get("PPid", "").strip() == str(pid):
            found.append((about.parent, fields))
    return found


texts = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(exclude_categories=()), max_size=10),  # halves of pairs, too
    st.sampled_from(["shapes", "0", "1", "sample.csv", "../solution.csv", "'; DROP TABLE upload"]),
)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([0, 1, -1, 1 << 31, 1 << 63, 1 << 64, 10**400]),
        st.floats(),
        texts,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)
bodies = st.one_of(st.dictionaries(st.sampled_from(KEYS), values, max_size=6), values)


@pytest.mark.slow
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(method=st.sampled_from(METHODS), body=bodies)
def test_no_json_makes_a_call_fail_or_tell_of_others(hosted, method, body):
    root = hosted[0].folder.root
    token = hosted[0].endpoint("bob").env["KAGGLE_API_TOKEN"]
    reply = requests.post(
        f"{hosted[0].url}/api/v1/{SERVICE}/{method}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
        allow_redirects=False,
    )
    assert reply.status_code in (200, 302, 400, 404, 413, 429), reply.text
    assert "only ann knows" not in reply.text
    assert str(root) not in reply.text
    assert "Traceback" not in reply.text
    for user in read_users(root / "tokens.json").values():
        assert user.token not in reply.text


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=st.one_of(st.binary(max_size=60), bodies.map(lambda one: json.dumps(one).encode())))
def test_the_call_that_needs_no_token_tells_nothing(hosted, body):
    address = f"{hosted[0].url}/api/v1/security.OAuthService/IntrospectToken"
    reply = requests.post(address, data=body, timeout=60)
    assert reply.status_code in (200, 400, 413, 429)
    if reply.status_code == 200:
        assert reply.json() == {"active": False}


def test_nonsense_requests_leave_no_traceback_in_the_log(hosted):
    """Last of these in the file: nothing above made it fail within."""
    assert "Traceback" not in host_log(hosted)


CONTENTS = {
    "nothing": b"",
    "a NUL": b"id,label\n000,a\0\n",
    "a ZIP": None,
    "a gzip": gzip.compress(submission_text().encode()),
    "UTF-16": submission_text().encode("utf-16"),
    "no UTF-8": b"id,label\n000,\xff\xfe\n",
    "one line without an end": b"id,label\n" + b"a" * (3 << 20),
    "one header without an end": b"a," * (1 << 20),
    "a quote that never closes": b'id,label\n"' + b"000,a\n" * (1 << 18),
    "many commas": b"id,label\n000" + b"," * (1 << 18) + b"\n",
    "many blank lines": b"id,label\n" + b"\n" * (1 << 18),
    "many rows of others": None,
    "one row many times": b"id,label\n" + b"000,a\n" * (1 << 16),
    "a formula": b"id,label\n000,=cmd|' /C calc'!A0\n",
    "markup": b"id,label\n000,<script>alert(1)</script>\n",
    "a path": b"id,label\n../../solution.csv,a\n",
    "carriage returns": b"id,label\r000,a\r",
    "control characters": b"id,label\n000,\x1b[31m\x07\x08\n",
}


def content_of(name):
    if name == "a ZIP":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("submission.csv", b"0" * (1 << 28))  # a bomb of 256 MB
        return packed.getvalue()
    if name == "many rows of others":
        return b"id,label\n" + b"".join(b"x%06d,a\n" % n for n in range(1 << 17))
    return CONTENTS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_is_no_submission_is_explained_shortly_and_costs_no_quota(hosted, served, name):
    before = served.call("GetSubmissionLimits", user="cho").json()["numToday"]
    root = str(hosted[0].folder.root)
    reply = served.submit(content_of(name), user="cho", text=name)
    assert reply.status_code == 200, reply.text
    entry = served.call("GetSubmission", {"ref": reply.json()["ref"]}, user="cho").json()
    assert entry["status"] == "ERROR"
    assert 10 < len(entry["errorDescription"]) <= 2000
    assert root not in entry["errorDescription"]
    assert "Traceback" not in host_log(hosted)
    # Control characters of the file would run in the terminal of whoever reads the message.
    assert entry["errorDescription"].replace("\n", "").isprintable()
    assert served.call("GetSubmissionLimits", user="cho").json()["numToday"] == before


def test_no_file_takes_the_memory_of_the_machine(hosted):
    assert memory(hosted[1]) < 800 << 20


def send_without_end(url, head, part, most):
    """Return how many bytes the host took of a body that never ends, and what it said."""
    host, port = urlsplit(url).netloc.split(":")
    sent = 0
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head)
        try:
            while sent < most:
                connection.sendall(part)
                sent += len(part)
        except (TimeoutError, ConnectionError):
            pass
        try:
            answer = connection.recv(1 << 16)
        except (TimeoutError, ConnectionError):
            answer = b""
    return sent, answer


@pytest.mark.parametrize("how", ["announced", "chunked", "more than announced"])
@pytest.mark.parametrize("where", ["upload", "call", "form", "page", "without a token"])
def test_a_body_of_gigabytes_takes_neither_memory_nor_disk(hosted, served, how, where):
    started = served.call("StartSubmissionUpload", {"contentLength": 100}, user="dee").json()
    target = {
        "upload": f"PUT {urlsplit(started['createUrl']).path}",
        "call": f"POST /api/v1/{SERVICE}/ListSubmissions",
        "form": "POST /competitions/shapes/team",
        "page": "GET /",
        "without a token": f"POST /api/v1/{SERVICE}/ListSubmissions",
    }[where]
    length = {
        "announced": f"Content-Length: {2 << 30}",
        "chunked": "Transfer-Encoding: chunked",
        "more than announced": "Content-Length: 100",
    }[how]
    token = "" if where == "without a token" else served.headers("dee")["Authorization"]
    head = f"{target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n{length}\r\n\r\n"
    part = b"x" * (1 << 20)
    if how == "chunked":
        part = b"100000\r\n" + part + b"\r\n"
    forget_memory(hosted[1])
    before = memory(hosted[1])
    send_without_end(hosted[0].url, head.encode(), part, 32 << 20)
    assert memory(hosted[1]) - before < 24 << 20
    kept = sum(path.stat().st_size for path in hosted[0].folder.uploads.glob("*.part"))
    assert kept < 1 << 20
    assert served.call("GetSubmissionLimits").status_code == 200


def test_an_upload_larger_than_the_host_takes_is_refused_before_it_is_sent(served):
    for size in (MOST_BYTES + 1, 2 << 30, 1 << 62, 1 << 64, 10**30, -1, 1.5, "5", True, [1]):
        reply = served.call("StartSubmissionUpload", {"contentLength": size}, user="dee")
        assert reply.status_code == 413, size


def test_a_team_cannot_fill_the_disk_with_uploads_that_it_never_submits(hosted, served):
    """Each may be as large as a submission; all of a day together may not be without bound."""
    began = [
        served.call("StartSubmissionUpload", {"contentLength": 1}, user="dee").status_code
        for _ in range(40)
    ]
    assert set(began) <= {200, 429}

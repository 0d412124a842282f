"""Connections that are slow, idle or many, spoken to with bare sockets."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, closing, suppress
from urllib.parse import urlsplit

import pytest
import requests

from podium.hosting import connections, running
from tests.hosting.test_app import Served


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Limits of seconds are tenths of seconds, so that no test waits long."""
    monkeypatch.setattr(connections, "HEAD_S", 0.8)
    monkeypatch.setattr(connections, "BODY_WINDOW_S", 0.6)
    monkeypatch.setattr(connections, "STALLED_S", 0.8)
    monkeypatch.setattr(connections, "LOOK_EVERY_S", 0.1)


@pytest.fixture
def served(host_of):
    with running(host_of(daily_limit=20)) as hosted:
        yield Served(hosted)


def connect(served):
    about = urlsplit(served.url)
    return closing(socket.create_connection((about.hostname, about.port), timeout=10))


def ended_after(one, trickle=None):
    """Return after how many seconds the host hung up; sends `trickle` again and again."""
    began = time.monotonic()
    one.settimeout(0.1)
    while time.monotonic() - began < 10:
        try:
            if trickle:
                one.sendall(trickle)
            if one.recv(1 << 16) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\n", b"GET /"])
def test_headers_that_do_not_come_end_the_connection(served, sent):
    with connect(served) as one:
        one.sendall(sent)
        assert 0.5 < ended_after(one, trickle=b"" if not sent.endswith(b"\n") else b"a: b\r\n") < 5


def test_a_kept_connection_waits_for_its_next_headers_no_longer(served):
    with connect(served) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 200")
        assert ended_after(one, trickle=b"G") < 5


def test_a_body_that_trickles_ends_the_connection_and_leaves_no_part_of_it(served):
    started = served.call("StartSubmissionUpload", {"contentLength": 10_000_000}).json()
    path = urlsplit(started["createUrl"]).path
    with connect(served) as one:
        one.sendall(f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n".encode())
        assert 0.4 < ended_after(one, trickle=b"x") < 5
    deadline = time.monotonic() + 5
    while list(served.folder.uploads.glob("*.part")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(served.folder.uploads.glob("*.part")) == []


def test_a_body_that_comes_slowly_but_comes_is_taken(served, answers, monkeypatch):
    monkeypatch.setattr(connections, "BODY_LEAST_BYTES", 40)
    content = answers.text(3).encode()
    started = served.call("StartSubmissionUpload", {"contentLength": len(content)}).json()

    def slowly():
        for i in range(0, len(content), 10):
            time.sleep(0.08)
            yield content[i : i + 10]

    assert requests.put(started["createUrl"], data=slowly(), timeout=20).status_code == 200


def test_who_does_not_read_what_it_asked_for_is_cut_off(served):
    (served.folder.files / "large.bin").write_bytes(bytes(64 << 20))
    token = served.headers()["Authorization"]
    about = urlsplit(served.url)
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect((about.hostname, about.port))
        ask = f"GET /storage/files/large.bin HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
        one.sendall(ask.encode())
        time.sleep(2.5)
        one.settimeout(10)
        n_read = 0
        with suppress(ConnectionResetError):
            while chunk := one.recv(1 << 20):
                n_read += len(chunk)
        assert n_read < 64 << 20


def test_headers_beyond_16_kib_are_refused(served):
    with connect(served) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * (17 << 10))
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 400")


def test_many_idle_connections_make_room_for_who_has_something_to_say(served, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_S", 60.0)
    monkeypatch.setattr(connections, "MOST_OF_AN_ADDRESS", 20)
    with ExitStack() as stack:
        idle = [stack.enter_context(connect(served)) for _ in range(100)]
        for one in idle[::2]:
            one.sendall(b"GET / HT")
        for _ in range(3):
            assert requests.get(served.url, timeout=10).status_code == 200
        assert ended_after(idle[0]) < 1  # the one that waited longest
        idle[-1].settimeout(0.2)
        with pytest.raises(TimeoutError):
            idle[-1].recv(1)


def test_where_all_connections_are_at_work_a_new_one_is_told_so(served, monkeypatch):
    monkeypatch.setattr(connections, "BODY_WINDOW_S", 60.0)
    monkeypatch.setattr(connections, "MOST_OF_AN_ADDRESS", 3)
    started = served.call("StartSubmissionUpload", {"contentLength": 100}).json()
    path = urlsplit(started["createUrl"]).path
    with ExitStack() as stack:
        for _ in range(3):
            one = stack.enter_context(connect(served))
            one.sendall(f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx".encode())
        time.sleep(0.5)
        reply = requests.get(served.url, timeout=10)
        assert reply.status_code == 503
        assert "too many connections" in reply.json()["message"]
    deadline = time.monotonic() + 10
    while requests.get(served.url, timeout=10).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)

"""Connections that are slow, idle or many, spoken to with bare sockets."""

from __future__ import annotations

import socket
import sys
import threading
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import h11
import pytest
import requests

from podium.hosting import running, server
from tests.hosting import processes
from tests.hosting.test_app import Served

PATIENCE_S = 40.0  # of a test; less than what is no limit here


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Limits of seconds are tenths of seconds, so that no test waits long.

    But for headers: a test that is about something else may be slow to send them.
    """
    monkeypatch.setattr(server, "HEAD_S", 60.0)
    monkeypatch.setattr(server, "BODY_WINDOW_S", 0.6)
    monkeypatch.setattr(server, "STALLED_S", 0.8)
    monkeypatch.setattr(server, "POLL_EVERY_S", 0.1)


@pytest.fixture
def served(host_of):
    with running(host_of(daily_limit=20)) as hosted:
        yield Served(hosted)


def connect(served):
    about = urlsplit(served.url)
    return closing(socket.create_connection((about.hostname, about.port), timeout=60))


def wait_for(is_there):
    until = time.monotonic() + PATIENCE_S
    while not is_there():
        assert time.monotonic() < until
        time.sleep(0.01)


def ended_after(one, trickle=None, began=None):
    """Return after how many seconds the host hung up; sends `trickle` again and again."""
    began = time.monotonic() if began is None else began
    one.settimeout(0.1)
    while time.monotonic() - began < PATIENCE_S:
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


@pytest.mark.slow
@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\n", b"GET /"])
def test_headers_that_do_not_come_end_the_connection(served, sent, monkeypatch):
    monkeypatch.setattr(server, "HEAD_S", 0.8)
    began = time.monotonic()  # before the host's clock
    with connect(served) as one:
        with suppress(ConnectionError):  # this process was slow, and the host is done
            one.sendall(sent)
        trickle = b"" if not sent.endswith(b"\n") else b"a: b\r\n"
        assert 0.8 <= ended_after(one, trickle, began) < PATIENCE_S


@pytest.mark.slow
def test_a_kept_connection_waits_for_its_next_headers_no_longer(served, monkeypatch):
    with connect(served) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 200")
        monkeypatch.setattr(server, "HEAD_S", 0.8)
        assert ended_after(one, trickle=b"G") < PATIENCE_S


@pytest.mark.slow
def test_a_body_that_trickles_ends_the_connection_and_leaves_no_part_of_it(served):
    started = served.call("StartSubmissionUpload", {"contentLength": 10_000_000}).json()
    path = urlsplit(started["createUrl"]).path
    with connect(served) as one:
        began = time.monotonic()
        one.sendall(
            f"PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n".encode()
        )
        assert 0.6 <= ended_after(one, b"x", began) < PATIENCE_S
    wait_for(lambda: not list(served.folder.uploads.glob("*.part")))


class Clock:
    """The loop of a connection, whose time is `now` alone."""

    now = 0.0

    def __init__(self, loop):
        self._loop = loop

    def time(self):
        return Clock.now

    def __getattr__(self, name):
        return getattr(self._loop, name)


@pytest.fixture
def watched(monkeypatch):
    """Connections as the host makes them, on a clock that stands; the times at which it looked."""
    monkeypatch.setattr(Clock, "now", 0.0)
    made, looked = [], []
    begin = server.GuardedConnection.connection_made
    look = server.GuardedConnection._is_overdue

    def connection_made(self, transport):
        self.loop = Clock(self.loop)
        begin(self, transport)
        made.append(self)

    def is_overdue(self, now):
        found = look(self, now)
        looked.append((self, now))
        return found

    monkeypatch.setattr(server.GuardedConnection, "connection_made", connection_made)
    monkeypatch.setattr(server.GuardedConnection, "_is_overdue", is_overdue)
    return made, looked


def test_a_body_that_comes_slowly_but_comes_is_taken(served, answers, monkeypatch, watched):
    monkeypatch.setattr(server, "BODY_LEAST_BYTES", 40)
    content = answers.text(3).encode()
    started = served.call("StartSubmissionUpload", {"contentLength": len(content)}).json()
    made, looked = watched
    n_made = len(made)

    def slowly():
        yield content[:1]
        wait_for(lambda: len(made) > n_made)
        one = made[n_made]
        wait_for(lambda: one._was is h11.SEND_BODY)
        for i in range(1, len(content), 40):
            before = one._received
            yield content[i : i + 40]
            if len(content) - i >= 40:
                wait_for(lambda: one._received - before >= 40)  # noqa: B023 — used at once
                Clock.now += server.BODY_WINDOW_S + 0.01
                wait_for(lambda: (one, Clock.now) in looked)

    assert requests.put(started["createUrl"], data=slowly(), timeout=60).status_code == 200
    assert Clock.now > 2 * server.BODY_WINDOW_S


@pytest.mark.slow
def test_a_client_that_does_not_read_its_reply_is_disconnected(served, monkeypatch):
    (served.folder.files / "large.bin").write_bytes(bytes(64 << 20))
    token = served.headers()["Authorization"]
    about = urlsplit(served.url)
    is_lost = threading.Event()
    lose = server.GuardedConnection.connection_lost

    def connection_lost(self, error):
        lose(self, error)
        is_lost.set()

    monkeypatch.setattr(server.GuardedConnection, "connection_lost", connection_lost)
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect((about.hostname, about.port))
        head = f"Host: localhost\r\nAuthorization: {token}\r\n\r\n"
        one.sendall(f"GET /storage/files/large.bin HTTP/1.1\r\n{head}".encode())
        assert is_lost.wait(PATIENCE_S)
        one.settimeout(PATIENCE_S)
        n_read = 0
        with suppress(ConnectionResetError):
            while chunk := one.recv(1 << 20):
                n_read += len(chunk)
        assert n_read < 64 << 20


def test_headers_beyond_16_kib_are_refused(served):
    with connect(served) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * (17 << 10))
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 400")


def test_idle_connections_are_closed_for_active_ones(served, monkeypatch):
    monkeypatch.setattr(server, "MOST_OF_AN_ADDRESS", 20)
    with ExitStack() as stack:
        idle = [stack.enter_context(connect(served)) for _ in range(100)]
        for one in idle[::2]:
            one.sendall(b"GET / HT")
        for _ in range(3):
            assert requests.get(served.url, timeout=60).status_code == 200
        assert ended_after(idle[0]) < PATIENCE_S  # the one that waited longest
        idle[-1].settimeout(0.2)
        with pytest.raises(TimeoutError):
            idle[-1].recv(1)


def test_a_new_connection_gets_503_while_all_others_are_busy(served, monkeypatch):
    monkeypatch.setattr(server, "BODY_WINDOW_S", 60.0)
    monkeypatch.setattr(server, "MOST_OF_AN_ADDRESS", 3)
    started = served.call("StartSubmissionUpload", {"contentLength": 100}).json()
    path = urlsplit(started["createUrl"]).path
    with ExitStack() as stack:
        for _ in range(3):
            one = stack.enter_context(connect(served))
            one.sendall(
                f"PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx".encode()
            )
        wait_for(lambda: len(list(served.folder.uploads.glob("*.part"))) == 3)
        reply = requests.get(served.url, timeout=60)
        assert reply.status_code == 503
        assert "too many connections" in reply.json()["message"]
    wait_for(lambda: requests.get(served.url, timeout=60).status_code == 200)


def n_sockets(pid):
    """Return how many sockets a process has open, as the system counts them."""
    found = 0
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found += str(entry.readlink()).startswith("socket:")
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "n_addresses"),
    [
        (b"", 1),
        (b"GET / HTTP/1.1\r\n", 1),
        pytest.param(
            b"",
            250,
            marks=pytest.mark.skipif(
                sys.platform != "linux", reason="loopback has one address elsewhere"
            ),
        ),
    ],
)
def test_a_flood_of_connections_never_opens_more_than_the_host_promises(host_of, sent, n_addresses):
    most = 50
    with processes.served(host_of(), most=most) as (process, url), ExitStack() as stack:
        about = urlsplit(url)
        before, counts, is_over = n_sockets(process.pid), [], threading.Event()

        def watch():
            while not is_over.is_set():
                counts.append(n_sockets(process.pid) - before)
                time.sleep(0.002)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            for number in range(700):
                at = (f"127.0.0.{1 + number % n_addresses}", 0)
                to = (about.hostname, about.port)
                one = socket.create_connection(to, timeout=60, source_address=at)
                stack.enter_context(closing(one))
                with suppress(ConnectionError):
                    one.sendall(sent)
            assert requests.get(url, timeout=60).status_code == 200
        finally:
            is_over.set()
            watcher.join()
        # Those that the system hands over before the host has closed as many others.
        beyond = server._TURNS_TO_CLOSE * server._TAKEN_AT_ONCE
        assert most / 2 < max(counts) <= most + beyond
        assert server.MOST_IN_ALL + beyond <= server._MOST_CONNECTIONS
        wait_for(lambda: n_sockets(process.pid) - before <= most)


class Waiting:
    """As much of a connection as is needed to make room among others."""

    waits = True

    def __init__(self, address):
        self.address, self.transport = address, self

    def is_closing(self):
        return False


def test_room_is_made_by_the_longest_waiting_of_the_address_with_most(monkeypatch):
    monkeypatch.setattr(server, "MOST_IN_ALL", 4)
    monkeypatch.setattr(server, "MOST_OF_AN_ADDRESS", 3)
    every = server.OpenConnections()
    a, b, c, d, e = (Waiting(address) for address in "xxyxz")
    for one in (a, b, c, d):
        every.add(one)
        assert every.to_close(one) is None
    every.wait(a)  # it had a request meanwhile
    b.waits = False
    every.add(e)
    assert every.to_close(e) is d
    assert every.to_close(e) is None, "what is being closed makes room"
    f, g = Waiting("x"), Waiting("x")
    every.add(f)
    assert every.to_close(f) is a
    every.add(g)
    assert every.to_close(g) is f
    for one in (a, d, f, e, c):
        every.remove(one)
    assert every.to_close(g) is None
    h, i = Waiting("x"), Waiting("x")
    for one in (h, i):
        one.waits = False
        every.add(one)
    g.waits = False
    assert every.to_close(i) is i, "b, g and h are at work"


def test_idle_ones_of_other_addresses_make_room_where_those_of_the_fullest_are_at_work(monkeypatch):
    monkeypatch.setattr(server, "MOST_IN_ALL", 4)
    every = server.OpenConnections()
    at_work = [Waiting("class"), Waiting("class")]
    idle = [Waiting("y"), Waiting("z")]
    for one in (*at_work, *idle):
        every.add(one)
    for one in at_work:
        one.waits = False
    newest = [Waiting(address) for address in "abc"]
    for one in newest:
        every.add(one)
        one.closed = every.to_close(one)
    assert [one.closed for one in newest] == [*idle, newest[0]]
    newest[1].waits = newest[2].waits = False
    last = Waiting("d")
    every.add(last)
    assert every.to_close(last) is last, "all others are at work"

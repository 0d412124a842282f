"""kill -9 of a host at work, and a graceful end: what was acknowledged is there, whole and once."""

from __future__ import annotations

import http.client
import random
import signal
import socket
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

import pytest
import requests

from podium.hosting.spec import HostFolder
from podium.hosting.users import add_users, read_users
from tests.hosting.processes import Student, end, served, start

LIMIT = 100_000  # never reached, however fast the machine is
TEAMS, PAIR = 3, 2
PATIENCE_S = 120.0


@pytest.fixture
def folder(host_of):
    root = host_of(daily_limit=LIMIT)
    pairs = [(f"s{n}", f"team {n // PAIR}") for n in range(TEAMS * PAIR)]
    add_users(HostFolder(root), pairs)
    return root


class Load:
    """Students who submit without end, repeat what broke, and note what was acknowledged."""

    def __init__(self, url, users, answers):
        self.acknowledged: dict[int, str] = {}
        self.sent: list[str] = []
        self.strange: list[str] = []
        self._contents = [answers.text(wrong).encode() for wrong in range(10)]
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, args=(url, user), name=user.name) for user in users
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def until(self, is_there):
        """Wait for what the students do, however slow the machine is."""
        wait_for(is_there, lambda: f"{len(self.acknowledged)} acknowledged, {self.strange}")

    def until_more(self, n):
        """Wait until so many more submissions than now were acknowledged."""
        wanted = len(self.acknowledged) + n
        self.until(lambda: len(self.acknowledged) >= wanted)

    def _work(self, url, user):
        number = 0
        student = Student(url, user.token)
        while not self._stop.is_set():
            wrong = number % len(self._contents)
            try:
                self._submit(student, f"{user.team}|{user.name}|{number}|{wrong}", wrong)
            except requests.RequestException:
                student.close()
                student = Student(url, user.token)
                time.sleep(0.05)
            number += 1
        student.close()

    def _submit(self, student, text, wrong):
        content = self._contents[wrong]
        began = student.call("StartSubmissionUpload", {"contentLength": len(content)}).json()
        student.put(began["createUrl"], content)
        about = {"blobFileTokens": began["token"], "submissionDescription": text}
        with self._lock:
            self.sent.append(text)
        # A lost answer is asked for again: the same token, as a client that repeats would.
        while True:
            try:
                reply = student.call("CreateSubmission", about)
                break
            except requests.RequestException:
                if self._stop.is_set():
                    return
                time.sleep(0.05)
        with self._lock:
            if reply.status_code == 200:
                self.acknowledged[reply.json()["ref"]] = text
            else:
                self.strange.append(f"{reply.status_code} {reply.text}")


def wait_for(is_there, describe=lambda: "it never came"):
    deadline = time.monotonic() + PATIENCE_S
    while not is_there():
        assert time.monotonic() < deadline, describe()
        time.sleep(0.01)


@pytest.mark.parametrize(
    "n_kills", [1, pytest.param(12, marks=[pytest.mark.slow, pytest.mark.alone])]
)
def test_what_was_acknowledged_is_there_with_its_score_after_kill_9_under_load(
    folder, answers, n_kills
):
    draw = random.Random(n_kills)
    users = [user for user in read_users(folder / "tokens.json").values() if "|" not in user.team]
    users = [user for user in users if user.team.startswith("team ")]
    process, url = start(folder)
    port = urlsplit(url).port
    try:
        with Load(url, users, answers) as load:
            for _ in range(n_kills):
                load.until_more(len(users))
                time.sleep(draw.uniform(0, 0.2))  # at any moment of their work
                process.send_signal(signal.SIGKILL)
                assert process.wait(30) == -signal.SIGKILL
                end(process)
                process, _ = start(folder, port=port)
            load.until_more(len(users) + 1)
        found = {}
        for user in users:
            student = Student(url, user.token)
            mine = {entry["ref"]: entry for entry in student.submissions()}
            student.close()
            assert found.setdefault(user.team, mine) == mine
        limits = Student(url, users[0].token)
        today = limits.call("GetSubmissionLimits").json()["numToday"]
        limits.close()
    finally:
        end(process)
    every = {ref: entry for mine in found.values() for ref, entry in mine.items()}
    assert load.strange == []
    assert len(load.acknowledged) > n_kills * len(users)  # there was load
    for ref, text in load.acknowledged.items():
        assert every[ref]["description"] == text
    counts = Counter(entry["description"] for entry in every.values())
    assert max(counts.values()) == 1
    assert set(counts) <= set(load.sent)
    for team, mine in found.items():
        assert len(mine) <= LIMIT
        for entry in mine.values():
            # Whatever is listed is whole: scored as the content that its description names.
            assert entry["description"].startswith(f"{team}|")
            wrong = int(entry["description"].rpartition("|")[2])
            right = answers.decisions(wrong) == answers.truth
            assert entry["status"] == "COMPLETE"
            assert entry["publicScore"] == f"{right[answers.public].mean():.5f}"
    assert today == len(found[users[0].team])
    folder = HostFolder(folder)
    assert not [path for path in folder.uploads.glob("*.csv") if path.stat().st_size == 0]


@pytest.mark.slow
@pytest.mark.alone
def test_a_quota_holds_over_kill_9(host_of, answers):
    """The last places of a day are fought for while the host dies and comes back."""
    folder = host_of(daily_limit=12)
    add_users(HostFolder(folder), [(f"s{n}", "one team") for n in range(6)])
    users = [u for u in read_users(folder / "tokens.json").values() if u.team == "one team"]
    process, url = start(folder)
    port = urlsplit(url).port
    try:
        with Load(url, users, answers) as load:
            for n_taken in (2, 6):
                load.until(lambda n=n_taken: len(load.acknowledged) >= n)
                end(process)
                process, _ = start(folder, port=port)
            load.until(lambda: load.strange)
        student = Student(url, users[0].token)
        entries = student.submissions()
        student.close()
    finally:
        end(process)
    assert len(entries) == 12
    assert set(load.acknowledged) <= {entry["ref"] for entry in entries}
    assert all("daily submission allowance" in one for one in load.strange)


def is_refused(address):
    """Return whether nobody listens: a host that is told to end takes no connection more."""
    try:
        socket.create_connection((address.hostname, address.port), timeout=60).close()
    except ConnectionRefusedError:
        return True
    except ConnectionError:  # taken, and dropped as the host ends
        return False
    return False


@pytest.mark.slow
def test_open_requests_are_completed_after_sigterm_and_then_the_host_ends(folder, answers):
    content = answers.text(wrong=5).encode()
    user = read_users(folder / "tokens.json")["s0"]
    uploads = HostFolder(folder).uploads
    with served(folder, stop_s=PATIENCE_S) as (process, url):
        student = Student(url, user.token)
        began = student.call("StartSubmissionUpload", {"contentLength": len(content)}).json()
        student.close()
        address = urlsplit(began["createUrl"])
        slow = http.client.HTTPConnection(address.netloc, timeout=60)
        slow.putrequest("PUT", address.path)
        slow.putheader("Content-Length", str(len(content)))
        slow.endheaders(content[:20])
        wait_for(lambda: list(uploads.glob("*.part")))
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: is_refused(address))
        time.sleep(0.5)  # a host that does not wait would end meanwhile
        slow.send(content[20:])
        assert slow.getresponse().status == 200
        slow.close()
        assert process.wait(60) == 0
    # It was taken: the restarted host scores it.
    with served(folder) as (_, url):
        student = Student(url, user.token)
        reply = student.call("CreateSubmission", {"blobFileTokens": began["token"]})
        assert reply.status_code == 200
        (entry,) = student.submissions()
        student.close()
    assert entry["publicScore"] == "0.60000"


@pytest.mark.slow
def test_sigterm_under_load_loses_nothing_that_was_acknowledged(folder, answers):
    users = [u for u in read_users(folder / "tokens.json").values() if u.team == "team 0"]
    process, url = start(folder)
    try:
        with Load(url, users, answers) as load:
            load.until_more(2 * len(users))
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            load._stop.set()
        end(process)
        process, url = start(folder)
        student = Student(url, users[0].token)
        entries = {entry["ref"]: entry for entry in student.submissions()}
        student.close()
    finally:
        end(process)
    # What came on a connection from before is told to come again.
    assert all(
        printed.startswith("503 ") and "being stopped" in printed for printed in load.strange
    )
    for ref, text in load.acknowledged.items():
        assert entries[ref]["description"] == text
        assert entries[ref]["status"] == "COMPLETE"

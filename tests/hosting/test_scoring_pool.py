"""Scoring beside the host: what is slow, large or deadly costs its own submission and no other."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
import requests

from podium.hosting import running
from podium.hosting.host import Host
from podium.hosting.scoring import pool
from podium.hosting.scoring.pool import HostStoppedError, ScoringPool, SolutionChangedError
from podium.hosting.scoring.score import score_file
from tests.hosting.test_app import Served

METRIC = """
import os, time
from pathlib import Path
from podium.competition.metrics import Metric

def share(truth, decisions):
    wrong = int((truth != decisions).sum())
    if wrong == 6:
        (Path(__file__).parent / "slow").write_text("began")
        while not (Path(__file__).parent / "enough").exists():
            time.sleep(0.02)
    if wrong == 7:
        time.sleep(600)
    if wrong == 8:
        os.kill(os.getpid(), 9)
    if wrong == 9:
        bytearray(1 << 42)
    if wrong == 10:
        print("noise between the answers")
    return 1 - wrong / len(truth)

METRIC = Metric("share", "decisions", True, frozenset({"multiclass"}), share)
"""


@pytest.fixture
def folder(host_of, tmp_path):
    """A host whose metric waits, sleeps, dies or eats at 6, 7, 8 or 9 wrong rows, all public."""
    made = host_of(daily_limit=20)
    text = (made / "host.yaml").read_text()
    (made / "odd.py").write_text(METRIC)
    assert "name: accuracy" in text
    text = text.replace("name: accuracy", "name: odd:METRIC")
    text = re.sub(r"max_score_s: .*", "max_score_s: 120", text)
    (made / "host.yaml").write_text(text)
    solution = (made / "solution.csv").read_text()
    (made / "solution.csv").write_text(solution.replace("Private", "Public"))
    return made


@pytest.fixture
def host(folder):
    made = Host(folder)
    yield made
    made.close()


def score(host, answers, tmp_path, wrong, **changed):
    file = tmp_path / f"{wrong}.csv"
    file.write_text(answers.text(wrong))
    return host._pool.score(file, host.spec.model_copy(update=changed), host._answers)


@pytest.mark.slow
def test_another_process_scores_as_this_one_does(host_of, answers, tmp_path, monkeypatch):
    host = Host(host_of())
    try:
        here = score(host, answers, tmp_path, 3)
        monkeypatch.setattr(pool, "LIGHT_BYTES", 0)
        assert score(host, answers, tmp_path, 3) == here
        assert host._pool._idle
        bad = tmp_path / "bad.csv"
        bad.write_text("id,label\n000,z\n")
        refusal = host._pool.score(bad, host.spec, host._answers)
        with pytest.raises(Exception, match="line 2") as caught:
            score_file(bad, host.spec, host._solution)
        assert refusal == caught.value.message
    finally:
        host.close()


@pytest.mark.slow
def test_what_is_slow_deadly_or_greedy_is_an_error_and_the_next_is_scored(host, answers, tmp_path):
    assert "longer than 0.5 s" in score(host, answers, tmp_path, 7, max_score_s=0.5)
    assert "ended its process twice" in score(host, answers, tmp_path, 8)
    assert "more memory" in score(host, answers, tmp_path, 9)
    assert score(host, answers, tmp_path, 10).public == pytest.approx(0.5)


@pytest.mark.slow
def test_a_process_that_was_killed_from_outside_is_replaced(host, answers, tmp_path):
    score(host, answers, tmp_path, 1)
    (worker,) = host._pool._idle
    os.kill(worker._process.pid, signal.SIGKILL)
    assert score(host, answers, tmp_path, 1).public == pytest.approx(0.95)


@pytest.mark.slow
def test_a_solution_that_changed_under_the_process_is_noticed(host, answers, tmp_path):
    with host.folder.solution.open("a") as file:
        file.write("\n")
    with pytest.raises(SolutionChangedError):
        score(host, answers, tmp_path, 1)


def test_nothing_begins_after_a_stop(answers, tmp_path, host):
    assert host.stop() is False
    with pytest.raises(HostStoppedError):
        score(host, answers, tmp_path, 1)


def test_memory_of_a_process_is_bounded_and_scoring_goes_on_within(host, answers, tmp_path):
    host._pool.close()
    host._pool = ScoringPool(places=1, memory_bytes=1 << 30)
    assert score(host, answers, tmp_path, 2).public == pytest.approx(0.9)
    (worker,) = host._pool._idle
    with open(f"/proc/{worker._process.pid}/limits") as file:  # noqa: PTH123
        (line,) = [one for one in file if one.startswith("Max data size")]
    assert str(1 << 30) in line


@pytest.mark.slow
def test_slow_scoring_of_one_team_stops_no_other_call_and_a_stop_lets_it_end(
    folder, answers, monkeypatch
):
    stop = Host.stop

    def stop_and_go_on(host):
        is_scoring = stop(host)
        (folder / "enough").touch()
        return is_scoring

    monkeypatch.setattr(Host, "stop", stop_and_go_on)
    replies = []
    with running(folder) as hosted:
        served = Served(hosted)
        token, _ = served.upload(answers.text(6).encode())

        def submit():
            reply = served.call("CreateSubmission", {"blobFileTokens": token})
            replies.append(reply.status_code)

        thread = threading.Thread(target=submit)
        thread.start()
        deadline = time.monotonic() + 60
        while not (folder / "slow").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert requests.get(served.url, timeout=60).status_code == 200
        assert served.call("ListSubmissions", user="bob").json()["submissions"] == []
        assert replies == []
    thread.join(60)
    assert replies == [200]
    with running(folder) as hosted:
        (entry,) = Served(hosted).call("ListSubmissions").json()["submissions"]
    assert (entry["status"], entry["publicScore"]) == ("COMPLETE", "0.70000")


@pytest.mark.slow
def test_scoring_that_takes_too_long_is_an_error_of_the_submission(folder, answers):
    file = folder / "host.yaml"
    file.write_text(file.read_text().replace("max_score_s: 120", "max_score_s: 0.5"))
    with running(folder) as hosted:
        served = Served(hosted)
        assert served.submit(answers.text(7).encode()).status_code == 200
        (entry,) = served.call("ListSubmissions").json()["submissions"]
    assert entry["status"] == "ERROR"
    assert "longer than 0.5 s" in entry["errorDescription"]


@pytest.mark.slow
def test_a_worker_whose_host_was_killed_ends_without_a_word(folder):
    """It was scoring: there is nobody left to reply to."""
    worker = subprocess.Popen(
        [sys.executable, "-c", pool._MAIN, json.dumps(sys.path), "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    worker.stdout.close()
    worker.stdin.write('{"file": "gone", "limit_s": 5}\n')
    worker.stdin.close()
    assert (worker.stderr.read(), worker.wait(60)) == ("", 0)
    worker.stderr.close()
